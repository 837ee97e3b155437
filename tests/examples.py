"""How many examples a property test looks at: its own number in `make test`, a share of it in the quick profile of `make check`."""

from hypothesis import settings

WHOLE = 100
"""Examples of Hypothesis's default profile."""


def examples(number: int) -> int:
    """Of the profile that is loaded when the test's module is."""
    loaded = settings.default
    return number if loaded is None else max(number * loaded.max_examples // WHOLE, 3)
