import pytest
from jinja2 import Environment, nodes

from orchestrator.content.presence import Known, may_miss, present_if
from orchestrator.expressions.syntax import parse

REQUIRED = frozenset((("entry", "sure"),))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("customer.a", "customer.a"), ("customer['a']", "customer.a"), ("entry.sure", None), ("locale", None), ("customer.a | upper", "customer.a"),
        ("customer.a | default('x') | upper", None), ("customer.a | upper | default('x')", None), ("customer.a | default(customer.b)", "customer.b"),
        ("customer.a if customer.a else 'x'", None), ("customer.a if customer.b else 'x'", "customer.a"), ("customer.a if customer.a", "the `else` of `customer.a if …`"),
        ("'x' if customer.a is none else customer.a", None), ("customer.a or 'x'", None), ("customer.a or customer.b", "customer.b"), ("customer.a and 'x'", "customer.a"),
        ("customer.a ~ 'x'", "customer.a"), ("customer.a + 1", "customer.a"), ("-customer.a", "customer.a"), ("entry.sure * 2", None), ("item.name", None),
        ("entry.list[0].name", "entry.list[0].name"), ("last_of('X').name", "last_of(…).name"), ("'x'", None), ("customer.a == 1", None), ("brand.name", "brand.name"),
    ],
)  # fmt: skip
def test_what_may_be_missing(text: str, path: str | None) -> None:
    assert may_miss(parse(text), Known(REQUIRED, {}, local=frozenset(("item",)))) == path


@pytest.mark.parametrize(
    ("test", "then", "otherwise"),
    [
        ("a.x", {"a.x"}, set()), ("not a.x", set(), {"a.x"}), ("a.x and b.y", {"a.x", "b.y"}, set()), ("a.x or b.y", set(), set()), ("not (a.x or b.y)", set(), set()),
        ("not a.x or not b.y", set(), {"a.x", "b.y"}), ("a.x == 1", {"a.x"}, set()), ("a.x != 1", set(), {"a.x"}), ("a.x > b.y", {"a.x", "b.y"}, set()),
        ("a.x is defined", {"a.x"}, set()), ("a.x is none", set(), {"a.x"}), ("a.x is blank", set(), {"a.x"}), ("a.x is like('b*')", {"a.x"}, set()),
        ("a.x in ['b']", {"a.x"}, set()), ("a.x not in ['b']", set(), {"a.x"}), ("a.x | length", {"a.x", "a.x|length()"}, set()), ("a.x | default(1)", {"a.x|default(1)"}, set()),
    ],
)  # fmt: skip
def test_what_a_condition_proves(test: str, then: set[str], otherwise: set[str]) -> None:
    tree = parse(test)
    assert present_if(tree, True) == then
    assert present_if(tree, False) == otherwise


def test_names_that_come_together() -> None:
    group = frozenset(("action", "action.url"))
    known = Known(frozenset((("action", "url"),)), {("action", "url"): group, ("action",): group})
    branch = Environment().parse("{% if action %}{{ action.url }}{% endif %}").body[0]
    assert isinstance(branch, nodes.If)
    assert may_miss(parse("action.url"), known) == "action.url"
    assert may_miss(parse("action.url"), known.given(branch.test, True)) is None
