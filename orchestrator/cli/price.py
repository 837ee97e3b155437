"""What a text costs: the provider's price for a segment to the country of the number, from concierge.toml."""

from collections.abc import Sequence

from orchestrator.cli.sample import Sample
from orchestrator.profiles.address import address_of
from workers.settings import ProviderSettings


class Prices:
    """Of the first provider of SMS, for the person of a sample."""

    def __init__(self, providers: Sequence[ProviderSettings], sample: Sample) -> None:
        self._price = providers[0].price if providers else {}
        found = address_of(sample.customer, "sms", sample.workspace)
        self._country = found.country if found is not None else None

    def of(self, segments: int) -> str | None:
        """None where no price is given."""
        price = self._price.get(self._country or "", self._price.get("default"))
        if price is None:
            return None
        return f"{price * segments:.4f} ({segments} × {price:g}, {self._country or 'country unknown'})"
