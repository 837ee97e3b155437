"""What conditions compare with is found beside the field, whatever stands around it."""

from orchestrator.expressions.literals import fields_compared, literals_in


def test_constants_by_the_field_beside_them() -> None:
    assert literals_in("event.severity in ['high', 'low'] and entry.score >= 7") == {
        ("severity", "high"),
        ("severity", "low"),
        ("score", 7),
    }
    assert literals_in("'gold' == customer.tier") == {("tier", "gold")}
    assert literals_in("1 < event.a.b < 2.5") == {("b", 1), ("b", 2.5)}


def test_filters_and_conditions_in_quotes_are_looked_through() -> None:
    assert literals_in("event.severity | lower == 'info'") == {("severity", "info")}
    assert literals_in("not seen('X', where=\"event.plan == 'tv'\")") == {("plan", "tv")}


def test_fields_that_are_compared_with_each_other() -> None:
    assert fields_compared("event.product == entry.package or event.id == 3") == {("package", "product")}
    assert fields_compared("event.id == entry.id") == frozenset()


def test_what_is_no_expression_has_none() -> None:
    assert literals_in("event.x == ") == frozenset()
    assert literals_in("") == fields_compared("((") == frozenset()
