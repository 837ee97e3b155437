"""`entry.context`, `entry.source`: what the envelope said is there for the whole run, where somebody reads it."""

import json

from tests.one_journey import workspace
from tests.worlds import DAY, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed}
steps:
  - {id: rest, delay: 1d}
  - branch:
      - when: %s
        then: [{id: mail, send: hello, channels: [email]}]
"""


def played(condition: str, context: object) -> Engine:
    engine = Engine(workspace({"try_it": JOURNEY % condition}))
    body = {"type": "track", "userId": "ada", "event": "Basket Changed", "properties": {"basket": "b"}, "context": context}
    engine.apply([engine.identify("ada", T0, email="a@example.com"), engine.record("ada", T0 + 1, json.dumps(body).encode())], until=T0 + 1)
    return engine


def mails(engine: Engine) -> int:
    engine.apply([], until=T0 + 2 * DAY)
    return len(engine.messages)


def test_a_run_reads_the_context_of_its_entry_a_day_later() -> None:
    context = {"campaign": {"name": "spring"}}
    assert mails(played("entry.context.campaign.name == 'spring'", context)) == 1
    assert mails(played("entry.envelope.context.campaign.name == 'spring'", context)) == 1
    assert mails(played("entry.context.campaign.name == 'autumn'", context)) == 0
    assert mails(played("entry.context.campaign.name is defined", {})) == 0


def test_where_nobody_reads_it_no_run_keeps_it() -> None:
    engine = played("customer.context is defined", {"page": {"url": "https://example.com/"}})
    assert engine.customers["ada"].runs[0].entry.context == {}
    assert played("entry.context is defined", {"page": {}}).customers["ada"].runs[0].entry.context == {"page": {}}
