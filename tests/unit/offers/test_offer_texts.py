"""How an offer reads on each channel: at its slot, as data and never as markup, in the message's own language."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.content.offer import Carried, says_it_itself
from orchestrator.content.render import Renderer, Unrendered
from orchestrator.contracts.message import EmailContent, TextContent
from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Stamped
from orchestrator.policies.pace import Pace
from orchestrator.workspace.load import load_files
from orchestrator.workspace.message import Slot
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import files, loaded
from tests.unit.offers.shop import OFFERS, SERVICE
from tests.worlds import T0

LINK = "https://example.com/twice?for=ada"
HELLO = """message: hello
topic: news
content:
  en: {subject: s, preheader: p, body: "Hello **you**", action: {label: Look, url: "https://example.com/a"}}
"""


def space(message: str = HELLO, offers: str = OFFERS, **layouts: str) -> Workspace:
    texts = files({"try_it": SERVICE}, {"hello": message}, offers=offers)
    for name, text in layouts.items():
        texts[f"templates/layouts/default.{name.replace('_', '.')}"] = text.encode()
    found = load_files(texts, {}).workspace
    assert found is not None, load_files(texts, {}).findings
    return found


def render(
    workspace: Workspace, channel: Channel, slot: Slot | None = "after_body", renderer: Renderer | None = None, **traits: object
) -> EmailContent | TextContent:  # fmt: skip
    customer = Customer("ada")
    for name, value in traits.items():
        customer.traits[name] = Stamped(value, 0)
    renderer, offer = renderer or Renderer(workspace, NoLinks()), workspace.offers["twice"]
    frame = frame_for(customer, Surroundings(workspace, renderer, 0, 1, T0, Pace()), T0)
    names: dict[str, object] = {"message": {"name": "hello", "class": "service"}}
    carried = None if slot is None else Carried(offer, offer.content["en"], slot)
    found = renderer.render(workspace.messages["hello"], channel, frame, names, window_open=True, message_class="service", carried=carried)
    assert not isinstance(found, Unrendered), found
    assert isinstance(found.content, EmailContent | TextContent)
    return found.content


def test_in_a_mail() -> None:
    mail = render(space(), "email")
    assert isinstance(mail, EmailContent)
    assert "Hello you\n\nLook: https://example.com/a\n\nTWICE THE *SPEED*\nFor £5.00 more, you.\nSee it: " + LINK in mail.text
    assert mail.html.index("Hello <strong>you</strong>") < mail.html.index("Twice the *speed*") < mail.html.index(f'<a href="{LINK}"')
    assert "For <strong>£5.00</strong> more" in mail.html
    before = render(space(), "email", "before_body")
    assert isinstance(before, EmailContent)
    assert before.text.index("TWICE") < before.text.index("Hello you") < before.text.index("Look:")
    assert before.html.index("Twice") < before.html.index("Hello")


def test_in_a_text() -> None:
    text = render(space(), "sms")
    assert isinstance(text, TextContent)
    assert text.body == f"Hello you\nLook: https://example.com/a\nTwice the *speed*\nFor £5.00 more, you.\nSee it: {LINK}"
    assert text.segments == 1
    before = render(space(), "sms", "before_body")
    assert isinstance(before, TextContent)
    assert before.body.startswith("Twice the *speed*\nFor £5.00 more, you.")


def test_in_a_chat() -> None:
    chat = render(space(), "whatsapp")
    assert isinstance(chat, TextContent)
    assert chat.body.endswith(f"\n\n*Twice the \u2217speed\u2217*\nFor *£5.00* more, you.\nSee it: {LINK}")


def test_an_offer_without_an_action() -> None:
    bare = OFFERS.replace('        action: {label: See it, url: "https://example.com/twice?for={{ customer.id }}"}\n', "")
    text = render(space(offers=bare), "sms")
    assert isinstance(text, TextContent)
    assert text.body.endswith("For £5.00 more, you.")
    mail = render(space(offers=bare), "email")
    assert isinstance(mail, EmailContent)
    assert "Twice the *speed*</p>" in mail.html


@pytest.mark.parametrize("channel", ["email", "sms", "whatsapp"])
def test_without_it_the_text_is_what_it_was(channel: Channel) -> None:
    assert render(space(), channel, None) == render(space(offers=OFFERS.replace("Twice", "Thrice")), channel, None)


def test_a_layout_that_has_a_place_for_it() -> None:
    """Then it stands there, and nowhere else; asking whether there is one is no place."""
    layout = "{{ content }}{% if offer %} {{ offer.title }}: {{ offer.action.url }}{% endif %}"
    with_place = space(sms_txt=layout)
    text = render(with_place, "sms")
    assert isinstance(text, TextContent)
    assert text.body == f"Hello you\nLook: https://example.com/a Twice the *speed*: {LINK}"
    without = render(with_place, "sms", None)
    assert isinstance(without, TextContent)
    assert without.body == "Hello you\nLook: https://example.com/a"
    asking = render(space(sms_txt="{{ content }}{% if offer %} Reply STOP{% endif %}"), "sms")
    assert isinstance(asking, TextContent)
    assert asking.body.endswith(f"{LINK} Reply STOP")


def test_a_layout_is_remembered_with_and_without() -> None:
    workspace = space(sms_txt="{{ content }}{% if offer.slot == 'after_body' %} + {{ offer.title }}{% elif not offer %} -{% endif %}")
    one = Renderer(workspace, NoLinks())
    slots: list[Slot | None] = [None, "after_body", "before_body", None, "after_body"]
    ends = [render(workspace, "sms", slot, one) for slot in slots]
    assert [text.body.removeprefix("Hello you\nLook: https://example.com/a") for text in ends if isinstance(text, TextContent)] == [
        " -", " + Twice the *speed*", "", " -", " + Twice the *speed*",
    ]  # fmt: skip


def test_a_layout_may_print_all_of_it() -> None:
    layout = "<p>{{ brand.postal_address }}{{ unsubscribe_url }}</p>{{ content }}<hr>{% if offer.slot == 'after_body' %}{{ offer.content }}{% endif %}"
    mail = render(space(email_html=layout), "email")
    assert isinstance(mail, EmailContent)
    assert mail.html.count("Twice the *speed*") == 1
    assert mail.html.index("<hr>") < mail.html.index("For <strong>£5.00</strong> more")


def test_a_text_that_has_a_place_for_it() -> None:
    message = (
        HELLO
        + 'channels: {sms: {body: {en: "Hi{% if offer %} - {{ offer.title }} {{ offer.action.url }}{% endif %}. {{ action.url }}"}}}\n'
    )
    text = render(space(message), "sms")
    assert isinstance(text, TextContent)
    assert text.body == f"Hi - Twice the *speed* {LINK}. https://example.com/a"
    without = render(space(message), "sms", None)
    assert isinstance(without, TextContent)
    assert without.body == "Hi. https://example.com/a"
    assert "M005" not in [f.code for f in loaded({"try_it": SERVICE}, {"hello": message}, offers=OFFERS).findings]
    bold = message.replace("{% if offer %}", "").replace("{% endif %}", "")
    assert "M005" in [f.code for f in loaded({"try_it": SERVICE}, {"hello": bold}, offers=OFFERS).findings]


def test_a_field_that_no_offer_has() -> None:
    message = HELLO.replace("Hello **you**", "Hello{% if offer %}{{ offer.price }}{% endif %}")
    assert "E004" in [f.code for f in loaded({"try_it": SERVICE}, {"hello": message}, offers=OFFERS).findings]


def test_an_action_that_not_every_offer_has() -> None:
    """Lint of a layout knows which offers there are."""
    layout = b"{{ content }}{% if offer %} {{ offer.title }}: {{ offer.action.url }}{% endif %}"
    bare = OFFERS.replace('        action: {label: See it, url: "https://example.com/twice?for={{ customer.id }}"}\n', "")
    for offers, codes in ((OFFERS, []), (bare, ["M005"])):
        texts = files({"try_it": SERVICE.replace("[email]", "[email, sms]")}, offers=offers)
        texts["templates/layouts/default.sms.txt"] = layout
        assert [f.code for f in load_files(texts, {}, check_message).findings if f.severity == "error"] == codes


@pytest.mark.parametrize(
    ("source", "itself"),
    [
        ("{{ offer.title }}", True), ("{% if offer %}{{ offer.body | upper }}{% endif %}", True), ("{{ offer.title ~ '!' }}", True),
        ("{% if offer %}x{% endif %}", False), ("{% if offer.slot == 'after_body' %}x{% endif %}", False), ("offer.title", False), ("{{ offers.x }}", False), ("{{ x", False),
    ],
)  # fmt: skip
def test_what_counts_as_a_place(source: str, itself: bool) -> None:
    assert says_it_itself(source) is itself


@given(st.text(max_size=30))
def test_values_in_it_are_data(name: str) -> None:
    """Never markup, whatever stands in them."""
    workspace = space()
    mail = render(workspace, "email", first_name=name)
    assert isinstance(mail, EmailContent)
    start = mail.html.index("more, ") + len("more, ")
    printed = mail.html[start : mail.html.index("</p>", start)].removesuffix(".")
    assert "<" not in printed.replace("<br>", "")
    if name.isalnum() and name.isascii():
        assert printed == escape(name)
