"""The reputation guard: levels, windows, what it counts, whom it stops."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.active import ActiveVersion
from orchestrator.content.check import check_message
from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.engine.batch import Outcome
from orchestrator.errors import ServiceUnavailable
from orchestrator.journey_tests.world import NoLinks
from orchestrator.policies.reputation import BUCKET, Counted, Figures, bucket_of, in_window, reached
from orchestrator.reputation_watch import ReputationWatch
from orchestrator.runtime.clock import SettableClock
from orchestrator.workspace.guard import BUILT_IN, WINDOWS, Guard, Measure, Window, strictest
from orchestrator.workspace.load import load_files
from tests.one_journey import POLICIES, files, play, workspace
from tests.worlds import DAY, HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: mail, send: hello, channels: [email]}
"""
GUARDED = JOURNEY.replace("steps:", "guard: {complaints: {1h: 0.4%}, bounces: {24h: 2%}}\nsteps:")


def over(measure: Measure, window: Window, sends: int, events: int, guard: Guard | None = None) -> list[bool]:
    """Of the one line that counts: does it pause?"""
    figures = Figures(sends, **{measure: events})
    return [one.over for one in reached({window: figures}, guard or {})]


@pytest.mark.parametrize(("measure", "window"), BUILT_IN)
def test_it_pauses_at_the_level_and_warns_at_half_of_it(measure: Measure, window: Window) -> None:
    level = BUILT_IN[measure, window]
    sends = max(level.sends, round(level.events / level.share))
    at = round(sends * level.share)
    assert over(measure, window, sends, at) == [True]
    assert over(measure, window, sends, at - 1) == [False], "a warning"
    assert over(measure, window, sends, (at + 1) // 2) == [False]
    assert over(measure, window, sends, at // 2 - 1) == []


@pytest.mark.parametrize(("measure", "window"), BUILT_IN)
def test_few_say_nothing(measure: Measure, window: Window) -> None:
    level = BUILT_IN[measure, window]
    assert over(measure, window, level.sends - 1, level.sends - 1) == []
    assert over(measure, window, level.sends, level.events - 1, {(measure, window): 0.0001}) == [False], "so few only warn"
    assert over(measure, window, level.sends, level.events, {(measure, window): 0.0001}) == [True]


def test_the_worst_line_comes_first() -> None:
    figures = {"1h": Figures(1000, complaints=9, bounces=0), "24h": Figures(2000, complaints=9, bounces=200)}
    assert [(one.measure, one.window, one.over) for one in reached(figures, {})] == [  # type: ignore[arg-type]  # names of windows
        ("bounces", "24h", True),
        ("complaints", "24h", True),
        ("complaints", "1h", False),
    ] or [(one.measure, one.window) for one in reached(figures, {}) if one.over] == [("bounces", "24h")]  # type: ignore[arg-type]  # names of windows


shares = st.dictionaries(st.sampled_from(list(BUILT_IN)), st.floats(0, 1))


@given(shares, shares)
def test_two_guards_are_never_looser_than_one(one: Guard, other: Guard) -> None:
    both = strictest(one, other)
    assert all(both[line] <= share for guard in (one, other) for line, share in guard.items())
    assert both.keys() == one.keys() | other.keys()


@given(st.lists(st.tuples(st.integers(0, 2 * DAY), st.integers(0, 5)), max_size=40), st.integers(0, 2 * DAY))
def test_a_window_holds_all_of_its_time_and_at_most_five_minutes_more(counted: list[tuple[int, int]], ago: int) -> None:
    now, buckets = T0 + 2 * DAY, dict[int, Figures]()
    for at, number in counted:
        start = bucket_of(T0 + at)
        buckets[start] = buckets.get(start, Figures()).plus(Figures(number))
    since = now - ago
    for window, long in WINDOWS.items():
        exactly = sum(number for at, number in counted if T0 + at > now - long)
        more = sum(number for at, number in counted if T0 + at > now - long - BUCKET)
        assert exactly <= in_window(buckets, window, now).sends <= more
        assert in_window(buckets, window, now, since).sends <= sum(number for at, number in counted if T0 + at >= since), (
            "nothing from before"
        )


def test_what_is_counted() -> None:
    engine = Engine(workspace({"try_it": JOURNEY}))
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0, "Basket Changed", basket="b1")])
    intent, counted = engine.messages[0].intent, Counter[str]()

    def tell(number: int, status: str, **more: object) -> None:
        body = Receipt(id=f"r{number}", customer="ada", status=status, at=T0 + number, channel="email", intent=intent, **more)  # type: ignore[arg-type]  # fields of a receipt
        outcome = engine.apply([engine.record("ada", T0 + number, encode_receipt(body), DELIVERY_RECEIPTS)])
        counted.update({labels[2]: n for labels, n in outcome.counts.items() if labels[:2] == ("reputation", "try_it")})

    tell(1, "accepted")
    tell(2, "delivered")
    assert counted == {"sends": 1}
    tell(3, "complained")
    tell(4, "complained")
    assert counted == {"sends": 1, "complaints": 1}, "once a message"
    tell(5, "bounced")
    assert counted == {"sends": 1, "complaints": 1}, "the address lives"
    other = Engine(workspace({"try_it": JOURNEY}))
    other.apply([other.identify("ada", T0, email="ada@example.com"), other.event("ada", T0, "Basket Changed", basket="b1")])
    engine, intent = other, other.messages[0].intent
    tell(6, "bounced", address_dead=True)
    tell(7, "accepted")
    assert counted == {"sends": 2, "complaints": 1, "bounces": 1}, "webhooks come in any order"


@dataclass
class MemoryLedger:
    """What all have counted, in memory."""

    counted: dict[str, dict[int, Figures]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    paused: list[str] = field(default_factory=list)
    away: bool = False

    async def add(self, counted: Counted) -> None:
        if self.away:
            raise ServiceUnavailable("away")
        for journey, buckets in counted.items():
            mine = self.counted.setdefault(journey, {})
            for start, figures in buckets.items():
                mine[start] = mine.get(start, Figures()).plus(figures)

    async def read(self) -> tuple[Counted, Mapping[str, int]]:
        return self.counted, self.since

    async def forget(self, before: int) -> None:
        for buckets in self.counted.values():
            for start in [one for one in buckets if one < before]:
                del buckets[start]

    async def pause(self, journey: str, at: int) -> bool:
        assert at > 0
        self.paused.append(journey)
        return self.paused.count(journey) == 1


def watch(text: str = JOURNEY) -> tuple[ReputationWatch, MemoryLedger, SettableClock, list[str]]:
    ledger, clock, changed = MemoryLedger(), SettableClock(T0), list[str]()
    return (
        ReputationWatch(ledger, ActiveVersion(workspace({"try_it": text}), NoLinks()), clock, lambda: changed.append("changed")),
        ledger,
        clock,
        changed,
    )


def batch(**numbers: int) -> Outcome:
    return Outcome(counts=Counter({("reputation", "try_it", name): number for name, number in numbers.items()}))


async def test_a_journey_is_paused_once_by_what_all_have_counted() -> None:
    one, ledger, clock, changed = watch()
    other = ReputationWatch(ledger, ActiveVersion(workspace({"try_it": JOURNEY}), NoLinks()), clock, lambda: changed.append("changed"))
    one.batch(batch(sends=300, complaints=3))
    other.batch(batch(sends=100, complaints=2))
    await one.keep()
    await one.judge()
    assert (ledger.paused, one.ratios()) == ([], [(("try_it", "complaints", "1h"), 1.0)]), "a share alone is too little"
    await other.keep()
    for each in (one, other):
        await each.judge()
    assert (ledger.paused, changed) == (["try_it", "try_it"], ["changed"])


async def test_what_could_not_be_kept_is_kept_later_and_what_is_old_goes() -> None:
    one, ledger, clock, _changed = watch()
    ledger.away = True
    one.batch(batch(sends=3))
    with pytest.raises(ServiceUnavailable):
        await one.keep()
    one.batch(batch(sends=4))
    ledger.away = False
    await one.keep()
    assert ledger.counted == {"try_it": {bucket_of(T0): Figures(7)}}
    clock.set(T0 + 3 * DAY)
    await one.judge()
    assert ledger.counted == {"try_it": {}}


@pytest.mark.parametrize("away", [False, True])
async def test_a_stop_keeps_what_was_counted_last_or_goes_on_without_it(away: bool) -> None:
    one, ledger, _clock, _changed = watch()
    running = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    ledger.away = away
    one.batch(batch(sends=3))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ledger.counted == ({} if away else {"try_it": {bucket_of(T0): Figures(3)}})


async def test_after_a_resume_only_what_comes_then_counts() -> None:
    one, ledger, clock, changed = watch()
    one.batch(batch(sends=300, complaints=50))
    await one.keep()
    ledger.since["try_it"] = T0 + 1
    clock.set(T0 + HOUR // 2)
    await one.judge()
    assert (ledger.paused, changed) == ([], [])


@pytest.mark.parametrize("text", [JOURNEY.replace("steps:", "status: paused\nsteps:"), JOURNEY.replace("steps:", "status: draft\nsteps:")])
async def test_who_stands_still_is_not_judged(text: str) -> None:
    one, ledger, _clock, _changed = watch(text)
    one.batch(batch(sends=300, complaints=50))
    await one.keep()
    await one.judge()
    assert ledger.paused == []


async def test_what_everybody_must_get_is_warned_about_only(caplog: pytest.LogCaptureFixture) -> None:
    ledger, space = MemoryLedger(), workspace({"try_it": JOURNEY})
    space = replace(space, journeys={"try_it": replace(space.journeys["try_it"], transactional=True)})
    one = ReputationWatch(ledger, ActiveVersion(space, NoLinks()), SettableClock(T0), lambda: None)
    one.batch(batch(sends=300, complaints=50))
    await one.keep()
    for _ in range(3):
        await one.judge()
    assert ledger.paused == []
    assert [record.message for record in caplog.records] == ["try_it: 50 complaints of 300 sent in 1h, 16.67%; it is paused at 1.00%"], (
        "said once"
    )


STATED = "{at: 1h, stats: {within: 1h, sends: 400, complaints: 5}}"
LATER = "{at: 2h, event: Basket Changed, with: {basket: b2}}"


def test_in_a_journey_test() -> None:
    head = "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, " + STATED
    refused = "sends: [{at: 0h}], skips: [{at: 2h, reason: journey_paused, explain: {values: {cause: guard}}}]"
    assert play(JOURNEY, f"{head}, {LATER}]\nthen: {{{refused}, paused: [try_it]}}") == []
    resumed = "sends: [{at: 0h}, {at: 4h}], skips: [{at: 2h, reason: journey_paused}], paused: []"
    assert (
        play(
            JOURNEY,
            f"{head}, {LATER}, {{at: 3h, resume: true}}, {{at: 4h, event: Basket Changed, with: {{basket: b3}}}}]\nthen: {{{resumed}}}",
        )
        == []
    )
    fewer = head.replace("complaints: 5", "complaints: 3")
    assert play(JOURNEY, f"{fewer}, {LATER}]\nthen: {{sends: [{{at: 0h}}, {{at: 2h}}]}}") == []
    day = head.replace("within: 1h, sends: 400, complaints: 5", "within: 24h, sends: 2000, bounces: 100")
    assert play(JOURNEY, f"{day}, {LATER}]\nthen: {{{refused}}}") == []
    assert play(GUARDED, f"{day.replace('bounces: 100', 'bounces: 50')}, {LATER}]\nthen: {{{refused}}}") == []


def test_real_complaints_in_a_journey_test() -> None:
    many = (
        "given: {population: 400}\nwhen: [{at: 0h, event: Basket Changed, with: {basket: b1}, customer: '*'}, COMPLAINTS,"
        " {at: 2h, event: Basket Changed, with: {basket: b2}, customer: p9}]\nthen: {first: [], counts: {sends: SENDS}, paused: PAUSED}"
    )
    few = ", ".join(f"{{at: 1h, customer: p{n}, receipt: {{step: mail, status: complained}}}}" for n in range(1, 4))
    assert play(JOURNEY, many.replace("COMPLAINTS", few).replace("SENDS", "401").replace("PAUSED", "[]")) == []
    all_of_them = "{at: 1h, customer: '*', receipt: {step: mail, status: complained}}"
    assert (
        play(
            JOURNEY,
            many.replace("COMPLAINTS", all_of_them)
            .replace("SENDS", "400")
            .replace("PAUSED", "[try_it], skips: [{at: 2h, reason: journey_paused}]"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("journey", "policies", "codes"),
    [
        (GUARDED, "", []), (GUARDED, "guard: {complaints: {1h: 0.3%}}\n", ["J044"]), (GUARDED, "guard: {complaints: {1h: 0.5%, 24h: 0.1%}}\n", []),
        (GUARDED.replace("0.4%", "1.5%"), "", ["J044"]), (JOURNEY, "guard: {complaints: {1h: 2%}, bounces: {24h: 5%}}\n", ["P012"]),
        (JOURNEY, "guard: {complaints: {2h: 1%}}\n", ["Y002"]), (JOURNEY, "guard: {complaints: {1h: 5}}\n", ["Y004"]), (JOURNEY, "guard: [complaints]\n", ["Y004"]),
    ],
)  # fmt: skip
def test_lint(journey: str, policies: str, codes: list[str]) -> None:
    found = load_files(files({"try_it": journey}, policies=POLICIES + policies), {}, check_message, tests=False)
    assert [one.code for one in found.findings if one.severity == "error"] == codes


def test_a_journeys_levels_are_the_stricter_of_both() -> None:
    space = workspace({"try_it": GUARDED}, policies=POLICIES + "guard: {complaints: {1h: 0.5%, 24h: 0.1%}}\n")
    assert space.journeys["try_it"].guard == {("complaints", "1h"): 0.004, ("complaints", "24h"): 0.001, ("bounces", "24h"): 0.02}
