"""Calls of the language's functions to Python source: arguments checked, literals read, history that must be kept noted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jinja2 import nodes

from orchestrator.expressions.durations import LONGEST, no_duration, read_duration, write_duration
from orchestrator.expressions.filters import FILTERS
from orchestrator.expressions.problems import Problem, near, nearest
from orchestrator.expressions.since_check import judge_since
from orchestrator.expressions.vocabulary import CLASSES, FUNCTIONS, HISTORY, LITERAL, Vocabulary

_UNKNOWN = {"topic": "P002", "message": "P002", "journey": "P002", "class": "Y005", "name": "J007"}
DAYS = ("days_since", "days_until")
MESSAGES = "\0messages"
"""Stands among the events for the messages a customer got, so that they are kept as long as somebody asks for them."""


@dataclass(frozen=True, slots=True)
class HistoryNeed:
    """History an expression asks for: `within` in milliseconds (None: all that is kept), `where` as text."""

    event: str
    within: int | None
    where: str | None
    total_only: bool


CompileWhere = Callable[[str, str], tuple[str, list[Problem], frozenset[str]]]
"""Of a `where` and the event it is about: its source, its problems, the names it reads."""


class Writer(Protocol):
    """The generator, as calls see it."""

    text: str
    vocabulary: Vocabulary
    problems: list[Problem]
    needs: set[HistoryNeed]
    audiences: set[str]
    compared: bool
    calls: bool

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "") -> str: ...

    def untracked(self, word: str) -> None: ...

    def compile_where(self, inner: str, event: str, /) -> tuple[str, list[Problem], frozenset[str]]: ...

    def write(self, node: nodes.Node) -> str: ...


def write_call(g: Writer, node: nodes.Call) -> str:
    if not isinstance(node.node, nodes.Name):
        method = node.node.attr if isinstance(node.node, nodes.Getattr) and node.node.attr in FILTERS else "upper"
        return g.problem("E007", "methods of data cannot be called", "data is only read", f"use a filter: `x | {method}`", "(")
    name = node.node.name
    if name not in FUNCTIONS:
        filter_ = near(name, FILTERS, closely=True) if near(name, FUNCTIONS) is None else None
        fix = (
            f"write `x | {filter_}`"
            if filter_ is not None
            else "write it without brackets"
            if name in g.vocabulary.names
            else nearest(name, FUNCTIONS, "functions")
        )
        return g.problem("E005", f"no function '{name}'", "functions are a closed list", fix, name)
    if g.vocabulary.functions is not None and name not in g.vocabulary.functions:
        why = "a record is read before anybody asks whose it is, and the same record always gives the same event"
        return g.problem("E005", f"{name} cannot be asked here", why, nearest(name, g.vocabulary.functions, "functions here"), name)
    required, optional = FUNCTIONS[name]
    order = (*required, *optional)
    given: dict[str, nodes.Expr] = dict(zip(order, node.args, strict=False))
    given.update({pair.key: pair.value for pair in node.kwargs})
    unknown = [key for key in given if key not in order]
    missing = [key for key in required if key not in given]
    if unknown or missing or len(node.args) > len(order) or node.dyn_args or node.dyn_kwargs:
        return g.problem(
            "E006",
            f"wrong arguments of {name}",
            f"{'missing ' + missing[0] if missing else 'unknown ' + str(unknown[:1] or '')}",
            f"{name}({', '.join([*required, *(key + '=' for key in optional)])})",
            name,
        )
    literals: dict[str, object] = {}
    for key, value in given.items():
        if key in LITERAL:
            if not isinstance(value, nodes.Const) or not isinstance(value.value, str):
                return g.problem(
                    "E011",
                    f"'{key}' of {name} must be written out",
                    "the engine keeps only history that is asked for, and must know it beforehand",
                    f"{key}='…'",
                    name,
                )
            literals[key] = value.value
    return _function(g, name, given, literals)


def _function(g: Writer, name: str, given: dict[str, nodes.Expr], literals: dict[str, object]) -> str:
    g.calls = True
    within: int | None = None
    if "within" in literals:
        within = read_duration(str(literals["within"]))
        if within is None:
            what, why, fix = no_duration(str(literals["within"]), "4h", g.vocabulary.retention or LONGEST)
            return g.problem("Y014", what, why, f"within='{fix}'", str(literals["within"]))
        if g.vocabulary.retention is not None and within > g.vocabulary.retention:
            g.problem(
                "E012",
                f"{literals['within']} is longer than events are kept",
                "retention.events in profile.yaml",
                f"within='{write_duration(g.vocabulary.retention)}', or raise retention.events",
                str(literals["within"]),
            )
    if name in HISTORY:
        return _history(g, name, given, literals, within)
    _known(g, literals)
    match name:
        case "in_audience":
            g.audiences.add(str(literals["name"]))
            return f"fn.in_audience(s, {literals['name']!r})"
        case "has_consent" | "reachable":
            if "topic" not in literals and not g.vocabulary.own_topic and "message" not in g.vocabulary.names:
                example = f"{name}('{literals['channel']}', topic='offers')"
                return g.problem("E006", f"{name} needs a topic here", "no message is at hand whose topic could be meant", example, name)
            topic = repr(literals["topic"]) if "topic" in literals else "fn.own_topic(s)"
            return f"s.facts.{name}({literals['channel']!r}, {topic})"
        case "engaged":
            g.needs.add(HistoryNeed(MESSAGES, within or 30 * 86_400_000, None, total_only=False))
            return f"fn.engaged(s, {literals.get('channel')!r}, {within}, {literals.get('message')!r})"
        case "messages_sent":
            g.needs.add(HistoryNeed(MESSAGES, within, None, total_only=False))
            chosen = {key: value for key, value in literals.items() if key != "within"}
            return f"fn.messages_sent(s, {within}, {chosen!r})"
        case "open_issues":
            return f"s.facts.open_issues({literals.get('kind')!r})"
        case "today":
            if g.vocabulary.tracked:
                g.untracked("today")
            return "fn.today(s)"
        case "duration":
            if read_duration(str(literals["text"]), signed=True) is None:
                what, why, fix = no_duration(str(literals["text"]), "90m")
                return g.problem("Y014", what, why, f"duration('{fix}')", "duration")
            return f"fn.duration(s, {literals['text']!r})"
        case _:
            if name in DAYS and g.vocabulary.tracked and not g.compared:
                g.untracked(name)
            g.compared = False  # what it is asked of is no side of the comparison
            return f"fn.{name}(s, {g.write(given['x'])})"


def _known(g: Writer, literals: dict[str, object]) -> None:
    for key, words in (
        ("topic", g.vocabulary.topics),
        ("kind", g.vocabulary.kinds),
        ("name", g.vocabulary.audiences),
        ("channel", frozenset(("email", "sms", "whatsapp"))),
        ("class", CLASSES),
        ("message", g.vocabulary.messages),
        ("journey", g.vocabulary.journeys),
    ):
        value = literals.get(key)
        if value is not None and words is not None and value not in words:
            g.problem(
                _UNKNOWN.get(key, "E004"),
                f"no {'audience' if key == 'name' else key} '{value}'",
                "these are the classes" if key == "class" else "it is declared nowhere",
                nearest(str(value), words),
                str(value),
            )


def _history(g: Writer, name: str, given: dict[str, nodes.Expr], literals: dict[str, object], within: int | None) -> str:
    event = str(literals["event"])
    if g.vocabulary.events is not None and event not in g.vocabulary.events:
        g.problem("E010", f"no event '{event}'", "no source declares it", nearest(event, g.vocabulary.events), event)
    where = literals.get("where")
    inner, reads = "None", frozenset[str]()
    if where is not None:
        source, problems, reads = g.compile_where(str(where), event)
        offset = max(g.text.find(str(where)), 0)
        g.problems.extend(Problem(p.code, p.what, p.why, p.fix, offset + p.column) for p in problems)
        inner = f"(lambda s: {source.replace('N.get', 's.names.get')})"
    if name in ("last_of", "first_of"):
        g.needs.add(HistoryNeed(event, None, None, total_only=False))
        return f"fn.{name}(s, {event!r}, {inner})"
    since = given.get("since")
    if since is not None and within is not None:
        return g.problem("E016", "`within` and `since` together", "both bound the time; only one can", "keep one of them", "since")
    if since is not None and not judge_since(g, since):
        return "None"
    total = within is None and since is None
    g.needs.add(HistoryNeed(event, within, str(where) if where is not None and total else None, total_only=total))
    if total and where is not None and not reads <= {"event"}:
        return g.problem(
            "E016",
            "`where` over all time reads more than `event`",
            "what is counted for ever cannot depend on what changes",
            "add within=",
            str(where),
        )
    if total and where is not None:
        source = f"fn.count_where(s, {event!r}, {str(where)!r}, {inner})"
        return f"({source} > 0)" if name == "seen" else source
    source = f"fn.count_of(s, {event!r}, {within}, {g.write(since) if since is not None else None}, {inner})"
    return f"({source} > 0)" if name == "seen" else source
