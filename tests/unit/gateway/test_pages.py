"""Our pages: what is put in is text, colours can be read, every language says everything."""

from dataclasses import astuple, replace

import pytest

from orchestrator.contracts.link_token import LinkToken
from orchestrator.contracts.topics import Channel
from orchestrator.gateway.page_texts import ENGLISH, FRENCH, GERMAN, SPANISH, Texts, texts_in
from orchestrator.gateway.pages import page, preferences_page, unsubscribe_page, unsubscribed_page
from orchestrator.gateway.publisher import Choice, Person

EVIL = '"><script>alert(1)</script>{0}{{7*7}}'
GRANTED: dict[Channel, bool] = {"email": True, "sms": False, "whatsapp": False}
PERSON = Person("en", "Europe/London", "Tarn", "#0B5FFF", [Choice("offers", "Offers", GRANTED, {})])


def test_nothing_that_is_put_in_is_markup() -> None:
    person = replace(PERSON, brand=EVIL, colour="red}</style>", choices=[replace(PERSON.choices[0], title=EVIL)], timezone="../../etc")
    for made in (
        unsubscribe_page(person, LinkToken("ada", "email", "offers")),
        unsubscribe_page(person, LinkToken("ada", "email", EVIL)),
        unsubscribed_page(person, LinkToken("ada", "email", "offers"), EVIL),
        preferences_page(
            replace(person, choices=[replace(person.choices[0], since={"email": 5})]), LinkToken("ada", "email", "offers"), saved=True
        ),
        page(EVIL, "", language="en"),
    ):
        text = made.text or ""
        assert "<script" not in text
        assert "</style>" not in text.replace("</style></head>", "", 1)


@pytest.mark.parametrize(("colour", "on"), [("#0B5FFF", "#ffffff"), ("#ffe066", "#1b2230"), ("#000000", "#ffffff"), ("#ffffff", "#1b2230")])
def test_buttons_can_be_read(colour: str, on: str) -> None:
    assert f"--on-brand:{on}" in (page("x", "", colour=colour).text or "")


@pytest.mark.parametrize("texts", [GERMAN, FRENCH, SPANISH], ids=lambda texts: texts.language)
def test_every_language_says_everything(texts: Texts) -> None:
    assert all(astuple(texts))
    assert [text.count("{}") for text in astuple(texts)] == [text.count("{}") for text in astuple(ENGLISH)]


def test_another_language_reads_english() -> None:
    assert [texts_in(one).language for one in ("de-AT", "DE", "cy", "")] == ["de", "de", "en", "en"]
