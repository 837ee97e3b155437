"""What came of a fault run."""

from dataclasses import asdict, dataclass, field


@dataclass
class Ledger:
    """`violations` is empty when every promise held. `unconfirmed`: intents of which nobody knows whether the provider has them."""

    name: str
    seed: int
    faults: int = 0
    accepted: int = 0
    messages: int = 0
    provider_calls: int = 0
    lost: int = 0
    duplicated: int = 0
    unconfirmed: int = 0
    poison: int = 0
    """Records sent that cannot be read."""
    dead_letters: int = 0
    ownerless: int = 0
    """Webhooks of messages whose claims went with a store's lost writes: kept as dead letters, since nobody knows whose they are."""
    unsettled: int = 0
    """Claims whose settlement went with a store's lost writes: that they were accepted stands in the receipts."""
    leaders_moved: int = 0
    """Partitions that another broker came to lead."""
    restarts: int = 0
    """Processes that ended by themselves and were started again, as a supervisor would."""
    last_lines: list[str] = field(default_factory=list)
    """What those said last."""
    state_equal: bool = False
    recovery_s_max: float = 0.0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)
