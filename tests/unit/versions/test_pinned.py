"""`in_flight: {content: pinned}`: what a run has not sent yet goes out in the text that was in force when it began."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.content.render import Renderer
from orchestrator.contracts.message import EmailContent, OutboundMessage, TemplateContent
from orchestrator.engine.ask_now import ask_now
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.plan.people import where_people_stand
from orchestrator.plan.plan import Plan, make_plan
from orchestrator.policies.pace import Pace
from orchestrator.workspace.earlier import Wanted, carried, own, packed_in
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import MESSAGE, files, play
from tests.worlds import DAY, HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket, reentry: {on_repeat: restart}}
exit_on: [{event: Order Placed, same: basket, then: [{id: bye, send: hello, channels: [email]}]}]
in_flight: {content: pinned}
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: rest, delay: 2d}
  - {id: second, send: hello, channels: [email, sms], fallback: {on: [undeliverable, unseen], after: 4h}}
"""
LATEST = JOURNEY.replace("in_flight: {content: pinned}\n", "")
CONTINUED = JOURNEY.replace("{content: pinned}", "{content: pinned, runs: continue}")
APPLY = "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 1d, apply: fixtures/next.yaml}"
NEXT = MESSAGE.format(name="hello", text="Another text")


def load(given: dict[str, bytes]) -> Workspace:
    found = load_files(given, {}, check_message, tests=False)
    assert found.workspace is not None, found.findings
    return found.workspace


@dataclass
class Deployment:
    """An engine, and the files in force: each apply is planned and carried as `concierge apply` does it, and read again from these."""

    files: dict[str, bytes]
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(load(self.files))

    def apply(self, at: int, text: str, journey: str = JOURNEY) -> Plan:
        before = load(self.files)
        own_files = files({"try_it": journey}, {"hello": text})
        after, people = load(own_files), where_people_stand(self.engine.customers.values())
        made = make_plan((before, own(self.files)), (after, own_files), people)
        self.files = carried((before, self.files), after, own_files, Wanted(people.may_be_in, people.may_be_sent))
        self.engine.switch(load(self.files), at)
        return made

    def enter(self, at: int, who: str, basket: str = "b1") -> None:
        records = [] if who in self.engine.customers else [self.engine.identify(who, at, email=f"{who}@example.com", phone="+447911123456")]
        self.engine.apply([*records, self.engine.event(who, at, "Basket Changed", basket=basket)])

    def sent(self, who: str) -> list[tuple[str, str, str]]:
        """Step, channel and text."""
        return [
            (one.step, one.channel, said(one)) for one in self.engine.messages if one.customer == who
        ]  # fmt: skip


def said(message: OutboundMessage) -> str:
    """A subject, or a text."""
    content = message.content
    assert not isinstance(content, TemplateContent)
    return content.subject if isinstance(content, EmailContent) else content.body


def deployment(text: str = "One", journey: str = JOURNEY) -> Deployment:
    return Deployment(files({"try_it": journey}, {"hello": text}))


def test_a_run_goes_on_with_the_text_it_began_with_and_a_later_one_with_the_new() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.apply(T0 + DAY, "Two")
    made.enter(T0 + DAY, "ben")
    made.engine.apply([], until=T0 + 3 * DAY)
    assert made.sent("ada")[:2] == [("first", "email", "One"), ("second", "email", "One")]
    assert made.sent("ben")[:2] == [("first", "email", "Two"), ("second", "email", "Two")]


def test_the_channel_after_it_says_the_same_also_when_the_run_is_over() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.engine.apply([], until=T0 + 2 * DAY)
    assert not made.engine.customers["ada"].runs
    made.apply(T0 + 2 * DAY + HOUR, "Two")
    made.engine.apply([], until=T0 + 3 * DAY)
    [_first, _second, (step, channel, text)] = made.sent("ada")
    assert (step, channel) == ("second", "sms")
    assert text.startswith("One")


def test_a_farewell_and_a_restart() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.enter(T0, "ben")
    made.apply(T0 + DAY, "Two")
    made.engine.apply([made.engine.event("ada", T0 + DAY + 1, "Order Placed", basket="b1")])
    made.enter(T0 + DAY + 1, "ben")
    assert made.sent("ada") == [("first", "email", "One"), ("bye", "email", "One")]
    assert made.sent("ben") == [("first", "email", "One"), ("first", "email", "Two")], "a run that is started again is a new one"


def test_who_began_before_the_journey_said_so_keeps_what_was_in_force_until_then() -> None:
    made = deployment(journey=LATEST)
    made.enter(T0, "ada")
    made.apply(T0 + HOUR, "Two", LATEST)
    made.apply(T0 + DAY, "Three")
    made.apply(T0 + DAY + HOUR, "Four")
    made.engine.apply([], until=T0 + 2 * DAY)
    assert made.sent("ada") == [("first", "email", "One"), ("second", "email", "Two")]


def test_latest_again_is_latest_for_everybody() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.apply(T0 + DAY, "Two")
    made.apply(T0 + DAY + HOUR, "Two", LATEST)
    assert not packed_in(made.files), "nobody needs them any more"
    made.engine.apply([], until=T0 + 2 * DAY)
    assert made.sent("ada")[1] == ("second", "email", "Two")


def test_texts_travel_along_while_somebody_needs_them() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.apply(T0 + HOUR, "Two")
    made.apply(T0 + 2 * HOUR, "Three")
    assert len(packed_in(made.files)) == 2, "Ada's, and of those in force nobody knows who may need them yet"
    made.apply(T0 + 3 * HOUR, "Four")
    assert {one.content for one in packed_in(made.files).values()} == {
        load(files({"try_it": JOURNEY}, {"hello": text})).content for text in ("One", "Three")
    }
    made.apply(T0 + 4 * HOUR, "One")
    assert len(packed_in(made.files)) == 1, "what is in force needs no copy"
    made.engine.customers.clear()
    made.engine.due.clear()
    made.apply(T0 + 10 * DAY, "Five")
    made.apply(T0 + 10 * DAY, "Six")
    assert [one.content for one in packed_in(made.files).values()] == [load(files({"try_it": JOURNEY}, {"hello": "Five"})).content]


def test_it_goes_with_runs_that_continue() -> None:
    made = deployment(journey=CONTINUED)
    made.enter(T0, "ada")
    made.apply(T0 + DAY, "Two", CONTINUED.replace("delay: 2d", "delay: 1h").replace("pinned", "latest"))
    made.engine.apply([], until=T0 + 2 * DAY)
    assert made.sent("ada") == [("first", "email", "One"), ("second", "email", "One")], "the header they began with counts"


def test_in_a_journey_test() -> None:
    then = "]\nthen: {{sends: [{{at: 0h, contains: [Hello]}}, {{at: 2d, step: second, subject: {text}}}, {{at: 52h, channel: sms, contains: [{text}]}}], skips: [{{at: 52h, reason: unseen}}]}}"
    assert play(JOURNEY, APPLY + then.format(text="Hello"), then=NEXT) == []
    assert play(LATEST, APPLY + then.format(text="Another text"), then=NEXT) == []


GERMAN = """message: hello
class: service
topic: news
content:
  en: {subject: "x", preheader: "x", body: "Basket {{ entry.basket }}", facts: [entry.basket]}
  de: {subject: "x", preheader: "x", body: "Korb {{ entry.basket }}", facts: [entry.basket]}
"""


def test_the_facts_of_a_journey_test_are_those_of_the_text_it_went_out_in() -> None:
    """The next text has neither the locale nor the fact."""
    test = (
        "given: {{customer: {{locale: de}}}}\n"
        + APPLY.replace("{", "{{").replace("}", "}}")
        + "]\nthen: {{sends: [{{at: 0h, contains: [Korb b1]}}, {{at: 2d, contains: [{text}]}}], facts: equal}}"
    )
    one = JOURNEY.replace(", sms], fallback: {on: [undeliverable, unseen], after: 4h}", "]")
    assert play(one, test.format(text="Korb b1"), {"hello": GERMAN}, then=NEXT) == []
    assert play(one.replace("pinned", "latest"), test.format(text="Another text"), {"hello": GERMAN}, then=NEXT) == []


def test_policies_are_asked_about_the_text_that_would_go_out() -> None:
    made = deployment()
    made.enter(T0, "ada")
    made.enter(T0 + HOUR, "ben")
    made.apply(T0 + 2 * HOUR, "Two")
    made.enter(T0 + DAY, "cleo")
    workspace = made.engine.workspace
    around = Surroundings(workspace, Renderer(workspace, NoLinks()), 0, 1, T0 + DAY, Pace())
    for who, text in (("ada", "One"), ("ben", "One"), ("cleo", "Two")):
        question = ask_now(made.engine.customers[who].copy(), workspace.journeys["try_it"], "second", around)
        assert question.message.content["en"].subject == text


def test_a_text_held_while_a_journey_becomes_pinned_stays_what_it_was_when_its_run_is_over() -> None:
    """The next channel follows when nobody is inside any more."""
    held = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\nquiet_hours: [{rule: all, from: '09:00', to: '12:00', classes: [service]}]\n"
    short = JOURNEY.replace("  - {id: first, send: hello, channels: [email]}\n  - {id: rest, delay: 2d}\n", "")
    latest = short.replace("in_flight: {content: pinned}\n", "")
    given = files({"try_it": latest}, {"hello": "One"}, policies=held)
    engine = Engine(load(given))
    engine.apply(
        [engine.identify("ada", T0, email="ada@example.com", phone="+447911123456"), engine.event("ada", T0, "Basket Changed", basket="b1")]
    )
    assert not engine.messages
    for at, text in ((T0 + 60_000, "Two"), (T0 + 120_000, "Three")):
        after = files({"try_it": short}, {"hello": text}, policies=held)
        people = where_people_stand(engine.customers.values())
        given = carried((load(given), given), load(after), after, Wanted(people.may_be_in, people.may_be_sent))
        engine.switch(load(given), at)
    engine.apply([], until=T0 + DAY)
    assert not engine.customers["ada"].runs
    assert [(one.channel, said(one)[:3]) for one in engine.messages] == [("email", "One"), ("sms", "One")]


def test_the_past_that_an_earlier_text_asks_for_is_kept() -> None:
    made = deployment("{{ count_of('Ping', within='7d') }} pings")
    made.enter(T0, "ada")
    made.apply(T0 + HOUR, "Two")
    made.engine.apply([made.engine.event("ada", T0 + n * HOUR, "Ping", n=n) for n in (2, 3)])
    made.engine.apply([], until=T0 + 2 * DAY)
    assert made.sent("ada") == [("first", "email", "0 pings"), ("second", "email", "2 pings")]
    test = (
        APPLY
        + ", {at: 26h, event: Ping, with: {n: 1}}]\nthen: {sends: [{at: 0h}, {at: 2d, contains: [1 pings]}, {at: 52h}], skips: [{at: 52h, reason: unseen}]}"
    )
    assert play(JOURNEY, test, {"hello": "{{ count_of('Ping', within='7d') }} pings"}, then=NEXT) == []


def test_runs_of_other_journeys_take_no_more_space() -> None:
    made = deployment(journey=LATEST)
    made.enter(T0, "ada")
    [run] = made.engine.customers["ada"].runs
    assert run.content == ""


STORY = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.sampled_from(["One", "Two", "Three"])),
        st.tuples(st.just("enter"), st.sampled_from(["ada", "ben", "cleo"])),
        st.tuples(st.just("wait"), st.sampled_from(["1", "30", "60"])),
    ),
    max_size=14,
)


@settings(max_examples=40)
@given(STORY)
def test_every_message_is_in_the_text_that_was_in_force_when_its_run_began(story: list[tuple[str, str]]) -> None:
    journey = JOURNEY.replace("reentry: {on_repeat: restart}", "reentry: always")
    made, text, at, began = deployment(journey=journey), "One", T0, {}
    for number, (what, value) in enumerate(story):
        at += 1000
        if what == "apply":
            text = value
            made.apply(at, text, journey)
        elif what == "enter":
            began[value, f"b{number}"] = text
            made.enter(at, value, f"b{number}")
        else:
            at += int(value) * HOUR
            made.engine.apply([], until=at)
    made.engine.apply([], until=at + 5 * DAY)
    assert len(made.engine.messages) == 3 * len(began)
    for one in made.engine.messages:
        assert said(one).startswith(began[one.customer, one.key]), (one.step, one.key)
