"""What the suite runs against, and the requests it makes."""

from orchestrator.contracts.claim import ClaimRequest
from orchestrator.contracts.guard import GuardQuestion
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.redis_store import RedisStore
from orchestrator.state.sqlite_store import SqliteStore

AnyStore = MemoryStore | SqliteStore | RedisStore


def question(**changes: object) -> GuardQuestion:
    values: dict[str, object] = {
        "channel": "email", "message_class": "marketing", "topic": "offers", "rules": ("open_service_issue",), "not_after": None,
        "quiet_from": None, "address_kind": None, "now": 1000,
    }  # fmt: skip
    return GuardQuestion(**{**values, **changes})  # type: ignore[arg-type]  # fields of the question


def request_of(intent: str = "a" * 32, sender: str = "s", **changes: object) -> ClaimRequest:
    return ClaimRequest(intent, "ada", sender, 1, question(**changes), "h1")
