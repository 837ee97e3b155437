"""Blocks with their safety net, shared snippets, variants that stay, loops that end."""

from collections import Counter
from dataclasses import replace

import pytest

from orchestrator.content.check import check_message
from orchestrator.content.render import Rendered, Renderer, Unrendered
from orchestrator.content.snippets import SnippetError, expand
from orchestrator.content.variants import draw
from orchestrator.contracts.message import EmailContent, TextContent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.expressions.environment import MAX_TURNS
from orchestrator.journey_tests.world import NoLinks
from orchestrator.journeys.names import run_names
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.sections import Stamped
from orchestrator.policies.pace import Pace
from orchestrator.workspace.load import load_files
from orchestrator.workspace.message import Block, LocaleContent, Message, Variant
from orchestrator.workspace.workspace import Workspace
from tests.unit.workspace.test_lint import FILES, MESSAGE
from tests.worlds import T0, Engine


def message(body: str, **blocks: Block) -> Message:
    return Message(
        name="m", version="1", content={"en": LocaleContent(body=body, subject="s", blocks=blocks)}, topic="feedback", file="m.yaml"
    )


def render(
    workspace: Workspace, one: Message, channel: Channel = "sms", traits: dict[str, object] | None = None, **entry: object
) -> Rendered | Unrendered:
    customer = Customer("ada")
    for name, value in (traits or {}).items():
        customer.traits[name] = Stamped(value, 0)
    renderer = Renderer(workspace, NoLinks())
    frame = frame_for(customer, Surroundings(workspace, renderer, 0, 1, T0, Pace()), T0)
    journey = workspace.journeys["visit_survey"]
    snapshot = EventSnapshot(name="e", type="track", timestamp=T0, arrival=T0, sequence=0, properties=dict(entry))
    names = run_names(Run(journey=journey.name, key="", number=1, version="", started_at=T0, sequence=0, entry=snapshot), journey, frame)
    return renderer.render(one, channel, frame, names, window_open=True, message_class="service")


def text(found: Rendered | Unrendered) -> str:
    assert isinstance(found, Rendered), found
    assert isinstance(found.content, TextContent)
    return found.content.body


def test_a_block_says_its_own_or_its_fallback(example: Workspace) -> None:
    one = message("Hello.\n\n{{ blocks.router }}\n\nBye.", router=Block("Your **{{ entry.device }}** goes.", "We look at it."))
    told = render(example, one, device="A*B*<b>")
    assert "Your A*B*<b> goes." in text(told)
    assert isinstance(told, Rendered)
    assert told.fallback_blocks == ()
    missing = render(example, one)
    assert isinstance(missing, Rendered)
    assert ("We look at it." in text(missing), missing.fallback_blocks) == (True, ("router",))
    mail = render(example, one, "email", device="A*B*<b>")
    assert isinstance(mail, Rendered)
    assert isinstance(mail.content, EmailContent)
    assert "Your <strong>A*B*&lt;b&gt;</strong> goes." in mail.content.html


def test_a_block_without_fallback_refuses_the_message(example: Workspace) -> None:
    refused = render(example, message("{{ blocks.router }}", router=Block("{{ entry.device }}")))
    assert isinstance(refused, Unrendered)
    assert (refused.reason, "blocks.router" in refused.place) == (Reason.MISSING_VALUE, True)


def test_a_block_nobody_prints_is_not_rendered(example: Workspace) -> None:
    assert "Plain" in text(render(example, message("Plain.", router=Block("{{ entry.device }}"))))


def test_the_decision_names_the_fallback(example: Workspace) -> None:
    survey = example.messages["visit_survey"]
    body = replace(
        survey.content["en"], body=survey.content["en"].body + "\n\n{{ blocks.extra }}", blocks={"extra": Block("{{ customer.plan }}", "")}
    )
    changed = replace(survey, content={**survey.content, "en": body})
    engine = Engine(replace(example, messages={**example.messages, "visit_survey": changed}))
    outcome = engine.apply([
        engine.identify("ada", T0, email="ada@example.com"),
        engine.event("ada", T0 + 1, "Visit Completed", visit_id="v1", technician="Bob", visited_at="2026-03-02T09:00:00Z"),
    ])  # fmt: skip
    assert [d.values for d in outcome.decisions if d.effect == "S"] == [{"fallback_blocks": ["extra"]}]


SNIPPETS = {
    "hours.md": "We open at {{ entry.at }}.\n",
    "more/hours.de.md": "Wir öffnen um {{ entry.at }}.",
    "deep.md": "{% include 'hours.md' %} Come!",
    "loop.md": '{% include "loop.md" %}',
}


def test_snippets_stand_in_the_text_with_its_names_and_locale(example: Workspace) -> None:
    workspace = replace(example, snippets=SNIPPETS)
    assert "We open at 9. Come!" in text(render(workspace, message('{% include "deep.md" %}'), at="9"))
    assert expand('{% include "hours.md" %}', SNIPPETS, "de-AT", "en") == "Wir öffnen um {{ entry.at }}."
    with pytest.raises(SnippetError, match="hold each other"):
        expand('{% include "loop.md" %}', SNIPPETS, "en", "en")
    with pytest.raises(SnippetError, match=r"no snippet 'gone\.md'"):
        expand('{%- include "gone.md" -%}', SNIPPETS, "en", "en")


def test_a_variant_is_drawn_once_and_for_ever(example: Workspace) -> None:
    base = message("Hello.")
    short, long = (
        Variant(name, weight, {"en": LocaleContent(body=f"{name}.", subject="s")}) for name, weight in (("short", 30), ("long", 70))
    )
    one = replace(base, variants=(short, long))
    drawn = Counter(draw(one, "tarn", f"c{n}").name for n in range(4000))  # type: ignore[union-attr]  # there are variants
    assert 0.27 < drawn["short"] / 4000 < 0.33
    found = render(example, one)
    assert isinstance(found, Rendered)
    assert found.variant == draw(one, example.name, "ada").name  # type: ignore[union-attr]  # there are variants
    assert f"{found.variant}." in text(found)
    assert draw(base, "tarn", "ada") is None


@pytest.mark.parametrize(("body", "fine"), [
    ("{% for a in entry.items %}x{% endfor %}", True), ("{% for a in entry.items %}{% for b in entry.items %}x{% endfor %}{% endfor %}", False),
])  # fmt: skip
def test_loops_have_so_many_turns_in_all(example: Workspace, body: str, fine: bool) -> None:
    found = render(example, message(body), items=list(range(100)))
    if fine:
        assert "x" * 100 in text(found)
        return
    assert isinstance(found, Unrendered)
    assert (found.reason, str(MAX_TURNS) in found.detail) == (Reason.TEMPLATE_ERROR, True)


VARIANTS = """variants:
  - {name: short, weight: 50, content: {en: {subject: "Well?"}}}
  - name: long
    weight: 50
    content:
      de: {body: "{{ entry.technician }} war am {{ entry.visited_at | date }} da."}
"""


def found(new: str, **snippets: str) -> list[tuple[str, int]]:
    extra = {f"templates/snippets/{name}.md": value.encode() for name, value in snippets.items()}
    loaded = load_files({**FILES, **extra, MESSAGE: FILES[MESSAGE] + new.encode()}, {}, check_message)
    return [(f.code, f.line) for f in loaded.findings]


def test_lint_of_variants() -> None:
    assert found(VARIANTS) == []
    assert found(VARIANTS.replace("weight: 50", "weight: 60", 1)) == [("M019", 35)]
    assert found(VARIANTS.replace("name: long", "name: short")) == [("M019", 36)]
    assert found(VARIANTS.replace("| date", "")) == [("M006", 39)]

    assert "M019" in {code for code, _line in found(VARIANTS.replace('{subject: "Well?"}', "{facts: [entry.visit_id]}"))}
    assert found(VARIANTS.replace("{en: {subject", "{fr: {subject")) == [("M019", 35)]


def edited(old: str, new: str, **snippets: str) -> list[tuple[str, int]]:
    extra = {f"templates/snippets/{name}.md": value.encode() for name, value in snippets.items()}
    text = FILES[MESSAGE].decode()
    assert old in text
    loaded = load_files({**FILES, **extra, MESSAGE: text.replace(old, new, 1).encode()}, {}, check_message)
    return [(f.code, f.line) for f in loaded.findings]


def test_lint_of_blocks_and_snippets() -> None:
    action = "    action: {label: Answer in one minute,"
    block = '    blocks: {extra: {body: "{{ customer.plan }}", fallback: ""}}\n' + action
    assert edited(action, block) == []
    assert edited(action, block.replace(', fallback: ""', "")) == [("M017", 14)]
    assert edited(action, block.replace('fallback: ""', 'fallback: "{{ customer.plan }}"')) == [("M005", 14)]
    assert edited(action, block.replace("customer.plan", "customer.plam")) == [("E004", 14)]
    assert "E004" in {code for code, _line in edited("How was it?\n    facts", "How was it? {{ blocks.gone }}\n    facts")}
    assert edited("How was it?\n    facts", 'How was it? {% include "hours.md" %}\n    facts', hours="Open at nine.") == []
    assert edited("How was it?\n    facts", 'How was it? {% include "hour.md" %}\n    facts', hours="Open at nine.") == [("M015", 12)]
    assert edited("How was it?\n    facts", "How was it? {% include entry.visit_id %}\n    facts") == [("E007", 12)]
    # a fact may stand in a snippet
    assert (
        edited("**{{ entry.technician }}** visited you on", '{% include "who.md" %} visited you on', who="**{{ entry.technician }}**") == []
    )


def test_what_a_variant_takes_over_is_said_once_and_what_it_writes_itself_is_said_there() -> None:
    action = "    action: {label: Answer in one minute,"
    block = '    blocks: {extra: {body: "{{ customer.plam }}", fallback: ""}}\n'

    def lint(variants: str, body: str = "How was it?") -> list[tuple[str, int]]:
        written = FILES[MESSAGE].decode().replace(action, block + action, 1).replace("How was it?\n    facts", f"{body}\n    facts", 1)
        loaded = load_files({**FILES, MESSAGE: (written + variants).encode()}, {}, check_message)
        return [(f.code, f.line) for f in loaded.findings if f.file == MESSAGE]

    assert lint(VARIANTS) == [("E004", 14)]
    assert lint(VARIANTS, "How was it? {{ entry.visit }}") == [("E004", 12), ("E004", 14)]
    own = VARIANTS.replace('{subject: "Well?"}', '{subject: "Well?", blocks: {extra: {body: "{{ customer.plam }}", fallback: "x"}}}')
    assert lint(own) == [("E004", 14), ("E004", 36)]
