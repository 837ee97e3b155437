"""A damaged workspace: lint says where, inside the file, and never falls over."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.unit.workspace.test_lint import FILES, load

WRITTEN = sorted(name for name in FILES if name.endswith(".yaml") and "fixtures" not in name)
SCALARS = [
    "",
    "~",
    "yes",
    "007",
    "1.5h",
    "{{ x }}",
    "customer.plam == 'x'",
    "now >",
    "'",
    '"a\\tb" == c',
    "[a",
    "{a: b ? c}",
    "a: b: c",
    "*x",
    "|",
    ">-",
    "\u00e9\U0001f600 ==",
    "-1",
    "1e999",
]
KEYS = ["id", "when", "steps", "entry", "send", "delay", "x_mine", "nope", "<<", "'{{ a }}'", "then"]

EXPRESSION = re.compile(r"\b(when|match|key|until|only_if): [^,}\n]*")
WRONG = ["customer.plam == 'x'", "(event.a", "a.b() == 1", "1 < 2 < 3", "'evnt.a'", "\"seem('x', 'y')\""]


def _rows(content: bytes) -> list[str]:
    return content.decode().split("\n")


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, bytes]:
    """One file of the worked example after one to five edits: lines deleted, doubled or replaced, keys and values swapped for others."""
    name = draw(st.sampled_from(WRITTEN))
    rows = _rows(FILES[name])
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(len(rows) - 1, 0)))
        row = rows[at] if rows else ""
        indent = row[: len(row) - len(row.lstrip())]
        key, colon, _value = row.lstrip().partition(":")
        scalar = draw(st.sampled_from(SCALARS))
        match draw(st.sampled_from(["delete", "double", "value", "key", "line", "expression", "expression"])):
            case "expression":
                wrong = draw(st.sampled_from(WRONG))
                places = [index for index, one in enumerate(rows) if EXPRESSION.search(one)]
                if places:
                    chosen = draw(st.sampled_from(places))
                    rows[chosen] = EXPRESSION.sub(rf"\1: {wrong}", rows[chosen], count=1)
            case "delete":
                del rows[at : at + 1]
            case "double":
                rows[at:at] = [row]
            case "value":
                rows[at : at + 1] = [f"{indent}{key}{colon or ':'} {scalar}"]
            case "key":
                rows[at : at + 1] = [f"{indent}{draw(st.sampled_from(KEYS))}: {scalar}"]
            case _:
                rows[at : at + 1] = [draw(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))]
    return name, "\n".join(rows).encode()


@given(damage())
@settings(max_examples=examples(60))
def test_every_finding_stands_inside_its_file(damaged: tuple[str, bytes]) -> None:
    loaded = load(dict([damaged]))
    for finding in loaded.findings:
        assert finding.file, finding
        rows = _rows(loaded.files.get(finding.file, b""))
        assert 1 <= finding.line <= len(rows), finding
        assert 1 <= finding.column <= len(rows[finding.line - 1].lstrip("\ufeff")) + 1, finding
