import pytest

from orchestrator.content.locale_chain import chain, localised, pick_locale


@pytest.mark.parametrize(
    ("locale", "there", "found"),
    [
        ("fr-CA", ["fr-CA", "fr", "en"], "fr-CA"), ("fr-CA", ["fr", "en"], "fr"), ("fr-CA", ["en"], "en"), ("fr-CA", ["de"], None),
        ("zh-Hant-TW", ["zh-Hant", "en"], "zh-Hant"), ("en", ["en-GB"], None), ("", ["en"], "en"),
    ],
)  # fmt: skip
def test_the_chain(locale: str, there: list[str], found: str | None) -> None:
    assert pick_locale(locale, there, "en") == found


def test_the_default_stands_once() -> None:
    assert chain("en-GB", "en") == ("en-GB", "en")


def test_mappings_by_locale() -> None:
    brand = {"voice": {"sign_off": {"en": "Yours", "de": "Ihr"}}, "colours": {"text": "#000"}, "tel": "1"}
    known = ["en", "de", "fr"]
    assert localised(brand, "de-AT", "en", known) == {"voice": {"sign_off": "Ihr"}, "colours": {"text": "#000"}, "tel": "1"}
    assert localised(brand, "fr", "en", known) == {"voice": {"sign_off": "Yours"}, "colours": {"text": "#000"}, "tel": "1"}


def test_only_known_locales_make_a_mapping_one_of_locales() -> None:
    """`tel` and `fax` have the form of locales; so has `de` beside `en`."""
    brand = {"phones": {"tel": "1", "fax": "2"}, "mixed": {"en": "a", "Slogan": "b"}}
    assert localised(brand, "en", "en", ["en"]) == brand
    assert localised({"greeting": {"de": "Hallo"}}, "en", "en", ["en", "de"]) == {"greeting": None}
