"""What earlier texts and versions need of files that are about to go."""

from collections.abc import Iterable, Mapping

import pytest

from orchestrator.content.check import check_message
from orchestrator.plan.people import where_people_stand
from orchestrator.plan.refusal import Refusal, still_sent
from orchestrator.plan.still_needed import still_needed
from orchestrator.workspace.earlier import Wanted, carried
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import CONCIERGE, MESSAGE, POLICIES, PROFILE, files
from tests.worlds import HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, reentry: always}
in_flight: {content: pinned}
steps:
  - {id: rest, delay: 2d}
  - {id: second, send: hello, channels: [email]}
"""
CONTINUED = JOURNEY.replace("content: pinned", "runs: continue")
NEWS = "  news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}\n"
OLD = MESSAGE.format(name="hello", text="Old")
NEW = MESSAGE.format(name="hello", text="New")


def workspace(journey: str, message: str, more: Mapping[str, str | None] | None = None, **config: str) -> dict[str, bytes]:
    """`more`: other files by path, None where it is not there."""
    found = files({"try_it": journey}, {"hello": message}, **config)
    for path, text in (more or {}).items():
        if text is None:
            del found[path]
        else:
            found[path] = text.encode()
    return found


def load(given: Mapping[str, bytes]) -> Workspace:
    loaded = load_files(given, {}, check_message, tests=False)
    assert loaded.workspace is not None, loaded.findings
    return loaded.workspace


def read(given: Mapping[str, bytes]) -> Iterable[Finding]:
    return load_files(given, {}, check_message, tests=False).findings


class Deployment:
    """One person inside, and the files in force with all that travels along."""

    def __init__(self, given: dict[str, bytes]) -> None:
        self.files, self.engine = given, Engine(load(given))
        self.enter("ada")

    def enter(self, who: str) -> None:
        at = T0 + HOUR
        self.engine.apply(
            [self.engine.identify(who, T0, email=f"{who}@example.com"), self.engine.event(who, at, "Basket Changed", basket="b1")]
        )

    def plan(self, given: dict[str, bytes]) -> list[Refusal]:
        people = where_people_stand(self.engine.customers.values())
        return still_needed((load(self.files), self.files), (load(given), given), people, read)

    def apply(self, given: dict[str, bytes]) -> None:
        assert not self.plan(given)
        people = where_people_stand(self.engine.customers.values())
        self.files = carried((load(self.files), self.files), load(given), given, Wanted(people.may_be_in, people.may_be_sent))
        self.engine.switch(load(self.files), T0 + 2 * HOUR)


def text(body: str, **more: str) -> str:
    lines = {"class": "service", "topic": "news", **more}
    head = "\n".join(f"{key}: {value}" for key, value in lines.items())
    return f'message: hello\n{head}\ncontent:\n  en: {{subject: "Old", preheader: "x", body: "{body}"}}\n'


SNIPPET = {"templates/snippets/foot.md": "With love"}
SIGNED = text("{% include 'foot.md' %}")
OTHER_SENDER = CONCIERGE.replace("senders: {", "senders: {other: {email: {name: Other, address: other@example.com}}, ")
LAYOUT: dict[str, str | None] = {
    f"templates/layouts/plain.email.{kind}": "{{ content }} {{ brand.postal_address }} {{ unsubscribe_url | default('') }}" for kind in ("html", "txt")
}  # fmt: skip
TRAIT = PROFILE + "  pet: {type: text}\n"
GONE = {
    "snippet": (workspace(JOURNEY, SIGNED, SNIPPET), workspace(JOURNEY, NEW), "M015", "foot"),
    "topic": (
        workspace(JOURNEY, text("Old", topic="care"), policies=POLICIES + NEWS.replace("news", "care")),
        workspace(JOURNEY, NEW), "M004", "care",
    ),
    "sender": (workspace(JOURNEY, text("Old", sender="other"), concierge=OTHER_SENDER), workspace(JOURNEY, NEW), "M015", "other"),
    "layout": (
        workspace(JOURNEY, text("Old", channels="{email: {layout: plain}}"), LAYOUT), workspace(JOURNEY, NEW), "M015", "plain.email",
    ),
    "trait": (
        workspace(JOURNEY, text("{{ customer.pet | default('x') }}"), profile=TRAIT), workspace(JOURNEY, NEW), "E004", "pet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", GONE)
def test_what_an_earlier_text_needs_is_not_taken_from_people_who_are_still_sent_it(what: str) -> None:
    before, after, code, name = GONE[what]
    [refused, *_more] = Deployment(before).plan(after)
    assert refused.code == "J049"
    assert "1 person may still be sent an earlier text of 'hello'" in refused.what
    assert code in refused.what
    assert name in refused.what
    latest = {**after, "config/journeys/try_it.yaml": JOURNEY.replace("pinned", "latest").encode()}
    assert Deployment(before).plan(latest) == [], "then nobody is sent it any more"
    nobody = Deployment(before)
    nobody.engine.customers.clear()
    assert nobody.plan(after) == []


@pytest.mark.parametrize("what", GONE)
def test_nor_later_while_the_text_travels_along(what: str) -> None:
    before, after, code, _name = GONE[what]
    made = Deployment(before)
    kept = {**before, "templates/messages/hello.yaml": NEW.encode()}
    made.apply(kept)
    made.apply({**kept, "templates/messages/hello.yaml": MESSAGE.format(name="hello", text="Newer").encode()})
    [refused, *_more] = made.plan(after)
    assert (refused.code, code in refused.what) == ("J049", True)


def test_what_was_wrong_until_now_is_no_reason() -> None:
    """Somebody took the snippet away in spite of all (an older program, a file by hand): no apply is refused for ever."""
    before, after, _code, _name = GONE["snippet"]
    made = Deployment(before)
    people = where_people_stand(made.engine.customers.values())
    made.files = carried((load(before), before), load(after), after, Wanted(people.may_be_in, people.may_be_sent))
    assert made.plan(workspace(JOURNEY, MESSAGE.format(name="hello", text="Newer"))) == []


@pytest.mark.parametrize(
    "after",
    [
        workspace(JOURNEY.replace("Basket Changed", "Order Placed"), MESSAGE.format(name="hello", text="New {{ entry.order | default('') }}")),
        workspace(JOURNEY, NEW, concierge=CONCIERGE.replace("locale: en\n", "locale: en\nlocales: [en, de]\n")),
        workspace(JOURNEY, NEW, {"templates/messages/more.yaml": MESSAGE.format(name="more", text="More")}),
        workspace(JOURNEY.replace("send: hello", "send: more"), NEW, {"templates/messages/more.yaml": MESSAGE.format(name="more", text="More")}),
    ],
    ids=["another entry", "another locale", "another message", "sends another"],
)  # fmt: skip
def test_other_changes_go_through(after: dict[str, bytes]) -> None:
    assert Deployment(workspace(JOURNEY, text("{{ entry.basket }}"))).plan(after) == []


def test_a_channel_that_may_still_follow_counts_when_its_run_is_over() -> None:
    journey = JOURNEY.replace("channels: [email]", "channels: [email, sms], fallback: {on: [unseen], after: 4h}")
    made = Deployment(workspace(journey, SIGNED, SNIPPET))
    made.engine.apply([], until=T0 + 50 * HOUR)
    assert not made.engine.customers["ada"].runs
    [refused, *_more] = made.plan(workspace(journey, NEW))
    assert "1 person may still be sent an earlier text of 'hello'" in refused.what


ASKING = CONTINUED.replace("channels: [email]", "channels: [email], only_if: \"customer.pet == 'cat'\"")


def test_what_an_earlier_version_of_a_journey_needs() -> None:
    made = Deployment(workspace(ASKING, OLD, profile=TRAIT))
    [refused] = made.plan(workspace(CONTINUED, OLD))
    assert refused.code == "J049"
    assert refused.what.startswith("1 person in an earlier version of try_it")
    assert "E004" in refused.what
    made.apply(workspace(CONTINUED, OLD, profile=TRAIT))
    assert len(made.plan(workspace(CONTINUED.replace("2d", "3d"), OLD))) == 1, "it still travels along"
    assert made.plan(workspace(CONTINUED.replace("runs: continue", "runs: migrate"), OLD)) == []


@pytest.mark.parametrize(("trait", "refused"), [(PROFILE, 1), (TRAIT, 0)])
def test_in_another_folder_a_journey_is_the_same(trait: str, refused: int) -> None:
    made = Deployment(workspace(ASKING, OLD, profile=TRAIT))
    given = workspace(CONTINUED, OLD, profile=trait)
    given["config/journeys/a/try_it.yaml"] = given.pop("config/journeys/try_it.yaml")
    assert len(made.plan(given)) == refused


def test_a_message_that_only_an_earlier_version_sends() -> None:
    """The version in force no longer does: who goes on in the one before would be sent nothing."""
    more: dict[str, str | None] = {"templates/messages/more.yaml": MESSAGE.format(name="more", text="More")}
    made = Deployment(workspace(CONTINUED.replace("send: hello", "send: more"), OLD, more))
    made.apply(workspace(CONTINUED, OLD, more))
    people, after = where_people_stand(made.engine.customers.values()), load(workspace(CONTINUED, OLD))
    assert [one.what for one in still_sent(load(made.files), after, people)] == [
        "message 'more' is removed, and 1 person goes on in a version of try_it that sends it"
    ]
