"""`fail: {provider}`: one of a channel's providers fails, and the next takes over where it would."""

import pytest

from orchestrator.journey_tests.provider import Failure, Providers, read_failure
from tests.one_journey import play
from tests.unit.steps.fallen import BASKET, journey

TWO = {"email": ["main", "spare"], "sms": ["texts"]}


def failing(*failures: tuple[str, str], channel: str = "email") -> str | None:
    """How a channel with two providers fails while these do."""
    providers = Providers(names=TWO)
    providers.failures += [read_failure({"provider": name, "how": how}, 0, 10, ("email", "sms"), TWO) for name, how in failures]
    assert providers.failing(channel, 10) is None, "it is over"
    found = providers.failing(channel, 9)
    return None if found is None else found.how


@pytest.mark.parametrize("how", ["down", "rate_limited"])
def test_the_next_takes_over(how: str) -> None:
    assert failing(("main", how)) is None
    assert failing(("main", how), ("spare", "rejected")) == "rejected"
    assert failing(("main", how), ("spare", "down")) == "down"
    assert failing(("spare", how)) is None
    assert failing(("main", how), channel="sms") is None
    assert failing(("texts", how), channel="sms") == how


@pytest.mark.parametrize("how", ["rejected", "undeliverable", "withheld", "timeout", "queued"])
def test_what_it_has_answered_stands(how: str) -> None:
    assert failing(("main", how)) == how


def test_a_channel_that_fails_has_no_other() -> None:
    providers = Providers(names=TWO, failures=[Failure("main", "down", 0, None, provider=True), Failure("email", "rejected", 0, None)])
    found = providers.failing("email", 1)
    assert found is not None
    assert found.how == "rejected"


def test_in_a_test() -> None:
    down = "{at: 0h, fail: {provider: NAME, how: rejected, for: 1h}}"
    test = f"when: [{down}, {BASKET}]\nthen: {{skips: [{{channel: email, reason: provider_rejected}}, {{channel: sms, reason: provider_rejected}}]}}"
    assert play(journey(), test.replace("NAME", "sandbox")) == [], "without settings there is one for all"
    assert play(journey(), test.replace("NAME", "main")) == [
        "the test cannot be run: fail.provider: no provider 'main' in concierge.toml; there are: sandbox"
    ]
