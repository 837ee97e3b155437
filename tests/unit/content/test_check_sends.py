"""What lint asks of a message for the journeys that send it, its locales, and its place in the files."""

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.load import load_files
from tests.unit.workspace.test_lint import CONCIERGE, FILES, JOURNEY, MESSAGE

SMS_EN = '      en: "{{ entry.technician }} visited you on'
UTM = 'medium: "{{ message.channel }}"'


def found(*changes: tuple[str, str, str]) -> list[Finding]:
    files = {**FILES}
    for file, old, new in changes:
        text = files[file].decode()
        assert old in text, f"{old!r} is not in {file}"
        files[file] = text.replace(old, new, 1).encode()
    return list(load_files(files, {}, check_message).findings)


@pytest.mark.parametrize(("change", "code", "file", "line", "what"), [
    ((MESSAGE, SMS_EN, '      fr: "x"\n' + SMS_EN), "M002", MESSAGE, 28, "no content in fr"),
    ((MESSAGE, "content_sid: {en:", "content_sid: {cy: HX0123456789abcdef0123456789abcdef, en:"), "M002", MESSAGE, 32, "no content in cy"),
    ((MESSAGE, "channels:\n  sms:\n", 'channels:\n  email:\n    subject: {en: "Well?"}\n  sms:\n'), "M021", MESSAGE, 26, "not in de"),
    ((MESSAGE, "    body: |\n      Hi", '    body: ""\n    x_old: |\n      Hi'), "Y012", MESSAGE, 9, "an empty text"),
    ((MESSAGE, "class: service\n", ""), "M012", MESSAGE, 30, "category utility on a marketing message"),
    ((CONCIERGE, UTM, 'medium: "{{ message.chanel }}"'), "E004", CONCIERGE, 0, "chanel"),
    ((CONCIERGE, UTM, 'medium: "{{ message.channel "'), "E001", CONCIERGE, 0, ""),
], ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "")  # fmt: skip
def test_a_mistake_and_its_place(change: tuple[str, str, str], code: str, file: str, line: int, what: str) -> None:
    changes = [change]
    if code == "M012":  # the class comes from the journey alone
        changes.append((JOURNEY, "class: service", "class: marketing"))
    mine = [one for one in found(*changes) if one.code == code]
    assert mine, found(*changes)
    assert what in mine[0].what
    assert mine[0].file == file
    assert mine[0].line == (line or next(n for n, text in enumerate(FILES[file].decode().splitlines(), 1) if "medium:" in text))


def test_an_unknown_locale() -> None:
    mine = [one for one in found((MESSAGE, "  de:\n    subject", "  zz:\n    subject")) if one.code == "Y013"]
    assert [(one.file, "zz" in one.what) for one in mine] == [(MESSAGE, True)]


def test_variables_belong_to_a_template() -> None:
    line = next(line for line in FILES[MESSAGE].decode().splitlines() if "content_sid:" in line)
    mine = [one for one in found((MESSAGE, line + "\n", "")) if one.code == "Y012"]
    assert [one.what for one in mine] == ["variables without `content_sid`"]


def test_marketing_on_whatsapp_alone_does_not_reach_all() -> None:
    marketing = (
        (MESSAGE, "class: service\n", "class: marketing\n"), (MESSAGE, "category: utility", "category: marketing"),
        (JOURNEY, "class: service", "class: marketing"),
    )  # fmt: skip
    alone = ((JOURNEY, "channels: [email, sms]", "channels: [whatsapp]"),)
    assert [one for one in found(*marketing) if one.code == "M012"] == []
    mine = [one for one in found(*marketing, *alone) if one.code == "M012"]
    assert [(one.severity, "visit_survey" in one.what, "+1" in one.why) for one in mine] == [("warning", True, True)]


def test_characters_are_asked_of_derived_texts_that_go_out_as_sms() -> None:
    text = FILES[MESSAGE].decode()
    derived = (MESSAGE, text[text.index("  sms:\n") : text.index("  whatsapp:\n")], "")
    dots = (MESSAGE, "Hi {{", "Hi\u2026 {{")
    assert [(one.code, one.line, one.column) for one in found(derived, dots)] == [("M009", 10, 9)]
    mail = (
        (JOURNEY, "channels: [email, sms]", "channels: [email]"),
        (JOURNEY, "channels: [sms, whatsapp, email]", "channels: [whatsapp, email]"),
    )
    assert [one for one in found(derived, dots, *mail) if one.file == MESSAGE] == [], "the tests of the journey say that it sends otherwise"
