"""Campaign parameters are worked out once where that makes no difference."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from orchestrator.content.compiled import Compiled
from orchestrator.expressions.scope import EmptyFacts, Scope
from orchestrator.workspace.workspace import Workspace


def scope(journey: str, customer: str) -> Scope:
    names = {"message": {"journey": journey, "channel": "email"}, "customer": {"id": customer}, "locale": "en"}
    return Scope(names, EmptyFacts(), datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC"))


def compiled(workspace: Workspace, **texts: str) -> Compiled:
    return Compiled(replace(workspace, links=replace(workspace.links, utm=texts)))


def test_each_journey_its_own(example: Workspace) -> None:
    content = compiled(example, source="c", campaign="{{ message.journey }}")
    assert [content.utm(scope(journey, "ada"))["campaign"] for journey in ("a", "b", "a")] == ["a", "b", "a"]


def test_each_customer_their_own(example: Workspace) -> None:
    content = compiled(example, campaign="{{ message.journey }}", term="{{ customer.id }}")
    assert [content.utm(scope("a", who))["term"] for who in ("ada", "bob")] == ["ada", "bob"]
