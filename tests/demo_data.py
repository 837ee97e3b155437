"""Makes config/fixtures/demo: customers of a CRM export and a few days of events. Seeded: the same bytes every time.

    python -m tests.demo_data

Times are written as `@-3600000`: milliseconds before the moment the demo is played, so that it is always fresh.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "config" / "fixtures" / "demo"
FIRST = [
    "Ada",
    "Ben",
    "Cleo",
    "Dara",
    "Eli",
    "Finn",
    "Gwen",
    "Hugo",
    "Iris",
    "Jan",
    "Kit",
    "Lena",
    "Mo",
    "Nora",
    "Omar",
    "Pia",
    "Quin",
    "Rosa",
    "Sam",
    "Tess",
    "Uma",
    "Vic",
    "Wren",
    "Yara",
    "Zoe",
]
LAST = [
    "Archer",
    "Baker",
    "Carter",
    "Dyer",
    "Ellis",
    "Fisher",
    "Gardner",
    "Hunter",
    "Irwin",
    "Jones",
    "Keller",
    "Lang",
    "Mason",
    "Naylor",
    "Osei",
    "Porter",
    "Quill",
    "Reed",
    "Shaw",
    "Tailor",
]
TECHNICIANS = ["Bob", "Mira", "Lars", "Joan", "Tariq"]
PACKAGES = (("Fibre 100", 19.9), ("Fibre 500", 29.9), ("Fibre 1000", 44.9), ("TV Family", 12.0))
HOUR, DAY = 3_600_000, 86_400_000
CUSTOMERS = 1_200


def at(milliseconds: int) -> str:
    return f"@-{milliseconds}"


def customers(rng: random.Random) -> Iterator[dict[str, object]]:
    """The CRM export, as identify events two weeks old; then what people said of consent."""
    for number in range(1, CUSTOMERS + 1):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        traits: dict[str, object] = {
            "first_name": first, "last_name": last, "country": "GB", "locale": "de" if rng.random() < 0.15 else "en",
            "packages": rng.sample(["line", "tv", "mobile"], rng.randint(1, 2)), "tenure_months": rng.randint(0, 90),
            "line_speed": rng.choice([12, 48, 96, 480]),
        }  # fmt: skip
        if rng.random() < 0.93:
            traits["email"] = f"{first}.{last}.{number}@example.com".lower()
        if rng.random() < 0.85:
            traits["phone"] = f"+447911{number:06d}"
        yield {"type": "identify", "userId": f"c{number}", "messageId": f"crm-{number}", "timestamp": at(14 * DAY), "traits": traits}
        if rng.random() < 0.7:
            channels = [c for c in ("email", "sms", "whatsapp") if rng.random() < {"email": 0.9, "sms": 0.5, "whatsapp": 0.3}[c]]
            choices = [{"channel": c, "topic": "offers", "on": True} for c in channels]
            if choices:
                yield {
                    "type": "track", "userId": f"c{number}", "messageId": f"consent-{number}", "event": "Preferences Saved", "timestamp": at(13 * DAY),
                    "properties": {"choices": choices, "wording_id": "w3", "page": "sign-up"},
                }  # fmt: skip
        elif rng.random() < 0.1:
            yield {
                "type": "track",
                "userId": f"c{number}",
                "messageId": f"out-{number}",
                "event": "Marketing Opted Out",
                "timestamp": at(12 * DAY),
                "properties": {},
            }


def track(user: str, event: str, when: int, number: int, **properties: object) -> dict[str, object]:
    return {"type": "track", "userId": user, "messageId": f"e-{number}", "event": event, "timestamp": at(when), "properties": properties}


def days(rng: random.Random) -> list[dict[str, object]]:
    """Three days of visits, orders, faults, offers and browsing, in order of time."""
    found: list[tuple[int, dict[str, object]]] = []
    number = 0

    def add(user: str, event: str, when: int, **properties: object) -> None:
        nonlocal number
        number += 1
        found.append((when, track(user, event, when, number, **properties)))

    for index in range(1, CUSTOMERS + 1):
        user = f"c{index}"
        case = rng.random()
        if case < 0.12:  # a case that is still open
            add(user, "Fault Reported", rng.randint(30, 70) * HOUR, case_id=f"case-{index}", severity=rng.choice(["high", "low"]))
        elif case < 0.22:  # one that was closed
            opened = rng.randint(40, 70) * HOUR
            add(user, "Fault Reported", opened, case_id=f"case-{index}", severity="high")
            add(user, "Fault Cleared", opened - rng.randint(4, 30) * HOUR, case_id=f"case-{index}", cause="a cable")
        if rng.random() < 0.35:
            when = rng.randint(1, 46) * HOUR + rng.randint(0, HOUR)
            add(
                user,
                "Visit Completed",
                when,
                visit_id=f"v-{index}",
                technician=rng.choice(TECHNICIANS),
                visited_at=at(when + HOUR),
                cancelled=rng.random() < 0.05,
            )
            if rng.random() < 0.4:
                add(user, "Survey Answered", max(when - rng.randint(1, 20) * HOUR, 60_000), visit_id=f"v-{index}", score=rng.randint(1, 10))
        if rng.random() < 0.3:
            package, price = rng.choice(PACKAGES)
            add(
                user,
                "Order Placed",
                rng.randint(1, 23) * HOUR,
                order_id=f"A{index:05d}",
                package=package,
                price=price,
                installed_on="2027-01-15",
            )
        if rng.random() < 0.6:
            package, price = rng.choice(PACKAGES)
            add(
                user,
                "Offer Prepared",
                rng.randint(2, 60) * HOUR,
                offer_id=f"o-{index}",
                package=package,
                monthly_price=round(price * 0.8, 2),
                ends_on="2027-02-28",
            )
            if rng.random() < 0.2:
                add(user, "Product Viewed", HOUR, product=package)
    for index in range(1, 121):  # people who look around before we know them
        anonymous = f"anon-{index}"
        for _ in range(rng.randint(1, 6)):
            number += 1
            when = rng.randint(3, 40) * HOUR
            found.append(
                (
                    when,
                    {
                        "type": "page",
                        "anonymousId": anonymous,
                        "messageId": f"e-{number}",
                        "name": rng.choice(["Pricing", "Help", "TV"]),
                        "timestamp": at(when),
                        "properties": {},
                    },
                )
            )
        if index <= 60:
            number += 1
            found.append((2 * HOUR, {
                "type": "identify", "userId": f"new-{index}", "anonymousId": anonymous, "messageId": f"e-{number}", "timestamp": at(2 * HOUR),
                "traits": {"first_name": rng.choice(FIRST), "email": f"new.{index}@example.com", "country": "GB"},
            }))  # fmt: skip
            package, price = rng.choice(PACKAGES)
            add(f"new-{index}", "Order Placed", HOUR, order_id=f"N{index:05d}", package=package, price=price, installed_on="2027-01-20")
    return [event for _when, event in sorted(found, key=lambda one: -one[0])]


def write(folder: Path) -> int:
    """Both files; returns how many events."""
    rng = random.Random(20260302)
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for name, events in (("1_crm_export.jsonl", list(customers(rng))), ("2_days.jsonl", days(rng))):
        lines = [json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events]
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
        total += len(lines)
    return total


if __name__ == "__main__":
    print(write(FOLDER), "events")
