"""Reading a data folder while `up` runs, or after it stopped: profiles, history, the version in force. Never writes."""

from collections.abc import Iterator
from pathlib import Path

from orchestrator.contracts.decision import Decision
from orchestrator.contracts.partition import partition_of
from orchestrator.embedded.pauses import read_pauses
from orchestrator.embedded.versions import Versions
from orchestrator.errors import ConfigurationError
from orchestrator.model.customer import Customer
from orchestrator.partition_state import PARTITION_STATE, decode_partition_state
from orchestrator.state.history import unseal
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_everybody import pages
from orchestrator.state.stored_customer import customer_of
from orchestrator.state.value import decode_sections
from orchestrator.workspace.pauses import Pauses


class StoreReader:
    """Close it after use. Raises ConfigurationError when there is no data there."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "concierge.db").exists():
            raise ConfigurationError(f"no data in {folder}: run `concierge up` first, or name the folder with --data")
        self._database = SqliteDatabase(folder, read_only=True)
        self._partitions = int(self._database.read("SELECT partitions FROM setup")[0][0])

    def customer(self, customer_id: str) -> Customer | None:
        """The profile; an absorbed id's signpost is followed. None when nobody is called so."""
        for _ in range(5):
            p = partition_of(customer_id.encode(), self._partitions)
            rows = self._database.read("SELECT v FROM profile WHERE p=? AND id=?", (p, customer_id))
            if not rows:
                return None
            customer = Customer(customer_id, decode_sections(rows[0][0]))
            if customer.identity.moved is None:
                return customer
            customer_id = customer.identity.moved
        return None

    def customers(self) -> Iterator[Customer]:
        """Everybody, each once; signposts and the erased among them."""
        for page in pages(self._database):
            yield from (customer_of(key, value) for key, value in page.items())

    def decisions(self, customer: Customer) -> list[Decision]:
        """Newest first: the profile's tail and the sealed blocks before it."""
        p = partition_of(customer.id.encode(), self._partitions)
        blocks = self._database.read("SELECT e FROM history WHERE p=? AND id=? ORDER BY seq", (p, customer.id))
        found = [decision for block in blocks for decision in unseal(block[0])] + customer.decisions()
        return list(reversed(found))

    def version(self) -> tuple[str, dict[str, bytes]] | None:
        """The version in force."""
        return Versions.read_last(self._database)

    def pauses(self) -> Pauses:
        """Journeys that are paused by command or by the reputation guard."""
        return read_pauses(self._database)

    def running(self, journey: str) -> int:
        """Runs of a journey, as its partitions have counted them."""
        rows = self._database.read("SELECT v FROM profile WHERE id=?", (PARTITION_STATE,))
        return sum(decode_partition_state(row[0]).running.get(journey, 0) for row in rows)

    def close(self) -> None:
        self._database.close()
