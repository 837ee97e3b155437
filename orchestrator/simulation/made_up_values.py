"""Made-up values of declared types."""

from datetime import UTC, datetime
from random import Random

from orchestrator.expressions.literals import Literal
from orchestrator.simulation.crowd import DAY

FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gita", "Hugo", "Ines", "Jon", "Kim", "Lena", "Mo", "Nora", "Omar", "Pia")
LIKELY = 0.75
"""How often a text is one of those that some condition asks for."""


def text_of(at: int) -> str:
    """An instant in milliseconds, as RFC 3339."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_value(rng: Random, name: str, kind: str, at: int, literals: tuple[Literal, ...]) -> object:
    """One value of a property or trait of the declared type `kind` at instant `at`. Texts are often one that a condition compares with,
    numbers lie around those; times lie between yesterday and a week ahead."""
    match kind:
        case "number" | "integer":
            return _number(rng, kind, literals)
        case "boolean":
            return rng.random() < 0.15
        case "date":
            return text_of(at + rng.randrange(-1, 8) * DAY)[:10]
        case "instant":
            return text_of(at + rng.randrange(-DAY, 7 * DAY))
        case "list":
            return [value for value in literals if rng.random() < 0.5]
        case "object":
            return {}
        case _:
            texts = [value for value in literals if isinstance(value, str)]
            if texts and rng.random() < LIKELY:
                return rng.choice(texts)
            if "name" in name:
                return rng.choice(FIRST_NAMES)
            return f"{name.replace('_', ' ').title()} {rng.randrange(1, 6)}"


def _number(rng: Random, kind: str, literals: tuple[Literal, ...]) -> int | float:
    """Below, at and above what conditions ask for."""
    asked = [value for value in literals if isinstance(value, int | float) and not isinstance(value, bool)]
    base = rng.choice(asked) if asked else 50
    spread = max(abs(base), 1)
    value = base if asked and rng.random() < 0.2 else base + rng.uniform(-spread, spread)
    return round(value) if kind == "integer" else round(value, 2)
