"""Journeys, written at random: every entry and every step with its options, and edits of them. YAML takes JSON as it is."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

Step = dict[str, object]

HEADERS: dict[str, tuple[object, ...]] = {
    "goal": ({"event": "Order Placed"}, {"event": "Pong", "within": "2d", "exit": False}),
    "exit_on": ([{"event": "Order Placed", "match": "customer.score < 4", "then": [{"id": "bye", "send": "paid", "channels": ["email", "sms"]}]}], [{"event": "Pong", "then": [{"id": "tell", "emit": "Ping"}]}]),
    "limits": ({"messages_per_day": 2}, {"messages_per_day": 1, "over": "drop"}, {"entries_per_day": 2}),
    "quiet_hours": ({"from": "12:00", "to": "13:00", "classes": ["service"]},),
    "active": ({"from": "2026-03-01", "until": "2026-03-06", "after": "exit"},),
    "max_age": ("6d", "30d"),
    "holdout": ("30%",),
}  # fmt: skip
ENTRIES: tuple[dict[str, object], ...] = (
    {"event": "Basket Changed", "key": "event.basket", "reentry": {"on_repeat": "restart"}},
    {"event": ["Basket Changed", "Ping"], "reentry": {"on_repeat": "ignore", "after": "1h"}},
    {"event": "Basket Changed", "reentry": {"on_repeat": "parallel", "max": 4}},
    {"event": "Basket Changed", "reentry": {"on_repeat": "restart"}},
    {"audience": "hot", "reentry": {"on_repeat": "parallel"}},
    {"audience": "lately", "change": "leaves"},
    {"schedule": {"rrule": "FREQ=DAILY", "at": "09:00", "timezone": "customer", "spread": "2h"}},
    {"schedule": {"once": "2026-03-04T02:15", "timezone": "customer", "audience": "hot"}},
)  # fmt: skip
WAITING: dict[str, tuple[object, ...]] = {
    "delay": ("10m", "40m", "7h", "1d", {"at": "13:00"}, {"for": "2h", "at": "09:30", "days": "weekdays"}, {"until": "customer.due_on", "past": "next", "missing": "next"}),
    "time_window": ({"from": "11:00", "to": "12:30"}, {"from": "22:00", "to": "03:00"}),
    "digest": ({"window": "30m"}, {"window": "3h", "max": 2}, {"at": "18:00"}),
    "throttle": ({"max": 1, "per": "90m"}, {"max": 1, "per": "90m", "key": "run.key"}, {"max": 1, "per": "90m", "scope": "journey"}, {"max": 1, "per": "90m", "over": "exit"}),
}  # fmt: skip
STEPS: tuple[Step, ...] = (
    *({word: text} for word, texts in WAITING.items() for text in texts),
    {"wait_until": {"event": "Ping", "timeout": "50m"}},
    {"wait_until": {"event": "Message Delivered", "timeout": "7h", "since": "step"}, "on_timeout": "exit"},
    {"wait_until": {"when": "customer.score > 2", "timeout": "1d"}},
    {"wait_until": {"when": "not seen('Ping', within='2h')", "timeout": "40m"}},
    {"wait_until": {"any": [{"event": "Ping", "as": "ping"}, {"when": "in_audience('lately')", "as": "lately", "then": "exit"}], "timeout": "3h"}},
    {"update_profile": {"increment": {"score": 1}}}, {"update_profile": {"set": {"vip": True}}}, {"emit": "Pong"},
    {"webhook": {"url": "https://api.example.com/score", "save": {"risk": "response.body.risk"}}, "on_error": "exit"},
)  # fmt: skip
SENDS: tuple[Step, ...] = (
    {"channels": ["email"]}, {"channels": ["sms", "email"], "choose": "all"}, {"channels": ["email", "sms"], "choose": "best", "if_held": "next"},
    {"channels": ["email", "sms"], "fallback": {"on": ["unseen"], "after": "1h"}}, {"channels": ["sms", "email"], "fallback": {"on": ["undeliverable", "expired"], "after": "10m"}},
    {"channels": ["email"], "dedupe": "1d", "expires": "20h"}, {"channels": ["sms"], "send_time": {"best": True, "otherwise": "18:00"}},
    {"channels": ["email"], "only_if": "customer.score < 4"}, {"channels": ["sms"], "expires": "10m", "priority": 90},
)  # fmt: skip
OTHER_TEXTS: Step = {"delay": "3h", "throttle": {"max": 1, "per": "1d"}, "time_window": {"from": "15:00", "to": "16:00"}}
POLICIES: dict[str, tuple[object, ...]] = {
    "suppression": ([{"rule": "busy", "when": "seen('Ping', within='6h')", "classes": ["service"], "then": "hold", "max_hold": "1d"}], [{"rule": "hot", "when": "customer.score > 2", "classes": ["service"], "then": "hold"}]),
    "quiet_hours": ([{"rule": "nights", "from": "20:30", "to": "08:30", "classes": ["service"]}],),
    "limits": ({"channels": {"email": {"rate": "6/h"}}},),
}  # fmt: skip


@dataclass(slots=True)
class Author:
    """Writes with `random`; ids are numbered."""

    random: Random
    number: int = 0

    def id(self) -> str:
        self.number += 1
        return f"s{self.number}"

    def some(self, choices: dict[str, tuple[object, ...]], chance: float) -> dict[str, object]:
        """Of each key a value, or (mostly) none."""
        return {key: copy.deepcopy(self.random.choice(values)) for key, values in choices.items() if self.random.random() < chance}

    def policies(self) -> str:
        topics = {"news": {"title": "News", "consent": dict.fromkeys(("email", "sms", "whatsapp"), "opt_out")}}
        return json.dumps({"topics": topics, **self.some(POLICIES, 0.35)})

    def journey(self, name: str) -> dict[str, object]:
        found = {"journey": name, "class": "service", "entry": copy.deepcopy(self.random.choice(ENTRIES)), **self.some(HEADERS, 0.2)}
        if "holdout" in found:
            found.pop("exit_on", None)  # its message is transactional
        return {**found, "steps": self.steps(0)}

    def steps(self, depth: int) -> list[Step]:
        found: list[Step] = []
        for _ in range(self.random.choice((1, 2, 3) if depth else (2, 3, 4, 5))):
            kind = self.random.random()
            if kind < 0.1 and depth < 2:
                arms = [{"name": "a", "weight": 50}, {"name": "b", "weight": 50, "then": self.steps(depth + 1)}]
                found.append({"id": self.id(), "split": arms})
            elif kind < 0.2 and depth < 2:
                found.append({"branch": [{"when": "customer.score > 1", "then": self.steps(depth + 1)}]})
            elif kind < 0.3:
                again = self.step()
                found += [again, {"id": self.id(), "delay": "25m"}, {"jump": again["id"], "max": 2}]
            else:
                found.append(self.step())
        return found

    def step(self) -> Step:
        if self.random.random() < 0.4:
            return {"id": self.id(), "send": self.random.choice(("hello", "other")), **copy.deepcopy(self.random.choice(SENDS))}
        return {"id": self.id(), **copy.deepcopy(self.random.choice(STEPS))}

    def edited(self, journey: dict[str, object]) -> dict[str, object]:
        """Another version of it: a step more, less, renamed or with another text."""
        found = copy.deepcopy(journey)
        flight: dict[str, object] = {
            "runs": self.random.choice(("continue", "migrate", "migrate", "exit")),
            "content": self.random.choice(("latest", "pinned")),
        }
        if flight["runs"] == "migrate":
            flight["waits"] = self.random.choice(("keep", "reschedule"))
        found["in_flight"] = flight
        steps = self.random.choice(list(_lists(found["steps"])))
        with_id = [one for one in steps if "id" in one and "was" not in one]
        match self.random.choice(("more", "less", "name", "text")):
            case "less" if len(steps) > 1 and with_id:
                steps.remove(gone := self.random.choice(with_id))
                flight["removed"] = {gone["id"]: "exit"}
            case "name" if with_id:
                one = self.random.choice(with_id)
                one["was"], one["id"] = [one["id"]], self.id()
            case "text":
                for step in steps:
                    step.update({key: value for key, value in OTHER_TEXTS.items() if key in step})
            case _:
                steps.insert(self.random.randrange(len(steps) + 1), self.step())
        return found


def _lists(steps: object) -> Iterator[list[Step]]:
    assert isinstance(steps, list)
    yield steps
    for step in steps:
        for arm in (*step.get("split", ()), *step.get("branch", ())):
            if "then" in arm:
                yield from _lists(arm["then"])
