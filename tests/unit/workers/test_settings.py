"""Providers in concierge.toml: each mistake is named with its place; secrets are named, never shown."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import ConfigurationError
from workers.settings import read_providers

SID = "AC" + "0" * 32
ENVIRONMENT = {"KEY": "SG.secret\n", "BAD": "a\nb", "EMPTY": " "}


def email(**table: Any) -> dict[str, Any]:
    return {"email": [{"provider": "sendgrid", "api_key": "env:KEY", **table}]}


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"email": {"provider": "sendgrid"}}, "must be [[email]]"),
        ({"email": ["sendgrid"]}, "number 1: a table is wanted"),
        ({"email": [{"provider": "pigeon"}]}, "'pigeon' is not in this version"),
        ({"email": [{"provider": ["sendgrid"]}]}, "is not in this version"),
        ({"email": [{"provider": "twilio"}]}, "twilio does not send email"),
        ({"email": [{"provider": "sendgrid"}]}, "api_key is missing"),
        (email(api_key="SG.written-out"), "a secret is named, never written out"),
        (email(api_key="env:NONE"), "environment variable NONE is not set"),
        (email(api_key="env:BAD"), "control characters"),
        (email(api_key="env:EMPTY"), "is empty"),
        (email(api_key="file:/no/such/file"), "cannot read /no/such/file"),
        (email(colour="red"), "unknown key 'colour'"),
        (email(rate="fast"), "is not a rate"),
        (email(rate=300), 'write rate = "300/s"'),
        (email(base_url=7), 'write base_url = "…"'),
        (email(timeout=0), "more than 0 and up to 120"),
        (email(timeout=True), "more than 0 and up to 120"),
        (email(price=3), "an amount for each country"),
        (email(price={"US": "cheap"}), "an amount for each country"),
        ({"email": [*email()["email"], *email()["email"]]}, "number 2: another provider of email is named 'sendgrid'"),
    ],
)
def test_a_mistake_is_named_with_its_place(tables: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_providers(tables, ENVIRONMENT)
    assert says in str(caught.value)
    assert "concierge.toml: [" in str(caught.value)
    assert "written-out" not in str(caught.value)


def test_what_is_right_is_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0ken\n", "utf-8")
    tables = email(name="main", rate="300/m", price={"US": 1})
    tables["sms"] = [{"provider": "twilio", "account_sid": SID, "auth_token": f"file:{tmp_path}/token"}]
    found = read_providers(tables, ENVIRONMENT)
    (main,), (text,) = found["email"], found["sms"]
    assert (main.name, main.rate, main.price, main.secrets["api_key"]) == ("main", 5.0, {"US": 1.0}, "SG.secret")
    assert (text.account_sid, text.secrets["auth_token"]) == (SID, "t0ken")
    assert found["whatsapp"] == []
    assert "secret" not in repr(main).replace("secrets", "")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["provider", "name", "api_key", "rate", "price", "timeout", "base_url", "account_sid", "auth_token"])
tables = st.fixed_dictionaries({"provider": st.sampled_from(["sendgrid", "twilio", "sandbox"])}) | st.dictionaries(keys, values)


@given(st.dictionaries(st.sampled_from(["email", "sms", "whatsapp"]), st.lists(tables | values, max_size=2) | values, max_size=3))
def test_anything_is_read_or_refused(toml: dict[str, Any]) -> None:
    with contextlib.suppress(ConfigurationError):
        read_providers(toml, {})
