"""From a parsed expression to Python source. Every construct of the language has one line here; all else is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field

from jinja2 import nodes

from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.filters import FILTERS
from orchestrator.expressions.normal_form import dotted
from orchestrator.expressions.problems import Problem, nearest
from orchestrator.expressions.vocabulary import FUNCTIONS, HISTORY, LITERAL, TESTS, Vocabulary

MAX_NODES = 200
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%"}


@dataclass(frozen=True, slots=True)
class HistoryNeed:
    """History an expression asks for: `within` in milliseconds (None: all that is kept), `where` as text."""

    event: str
    within: int | None
    where: str | None
    total_only: bool


@dataclass(slots=True)
class Generator:
    """Collects all problems, what is read and what history is needed, while it writes the source."""

    text: str
    vocabulary: Vocabulary
    compile_where: Callable[[str], tuple[str, list[Problem]]]
    problems: list[Problem] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    needs: set[HistoryNeed] = field(default_factory=set)
    wheres: list[str] = field(default_factory=list)
    _count: int = 0

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "") -> str:
        """Note a problem at the first place of `word`; the source stands for missing."""
        column = max(self.text.find(word), 0) if word else 0
        self.problems.append(Problem(code, what, why, fix, column))
        return "None"

    def write(self, node: nodes.Node) -> str:
        """Python source of one node."""
        self._count += 1
        if self._count == MAX_NODES + 1:
            self.problem(
                "E008", f"more than {MAX_NODES} parts", "an expression has at most 200 parts", "split it: several conditions, or a branch"
            )
        if self._count > MAX_NODES:
            return "None"
        match node:
            case nodes.Const(value=value):
                return self._constant(value)
            case nodes.TemplateData(data=data):
                return repr(data)
            case nodes.Name(name=name):
                return self._name(name)
            case nodes.Getattr() | nodes.Getitem():
                return self._path(node)
            case nodes.And(left=left, right=right):
                return f"({self.write(left)} and {self.write(right)})"
            case nodes.Or(left=left, right=right):
                return f"({self.write(left)} or {self.write(right)})"
            case nodes.Not(node=inner):
                return f"(not {self.write(inner)})"
            case nodes.CondExpr(test=test, expr1=then, expr2=otherwise):
                return f"({self.write(then)} if {self.write(test)} else {self.write(otherwise) if otherwise else 'None'})"
            case nodes.Compare():
                return self._compare(node)
            case nodes.Neg(node=inner):
                return f"neg({self.write(inner)}, s)"
            case nodes.Pos(node=inner):
                return self.write(inner)
            case nodes.Concat(nodes=parts):
                return f"joined([{', '.join(self.write(part) for part in parts)}])"
            case nodes.List(items=items) | nodes.Tuple(items=items):
                return f"[{', '.join(self.write(item) for item in items)}]"
            case nodes.Dict(items=items):
                return "{" + ", ".join(f"text({self.write(pair.key)}): {self.write(pair.value)}" for pair in items) + "}"
            case nodes.Filter():
                return self._filter(node)
            case nodes.Test():
                return self._test(node)
            case nodes.Call():
                return self._call(node)
            case nodes.Pow():
                return self.problem("E007", "`**` is not part of the language", "powers can grow without bound", "write the product", "**")
            case nodes.BinExpr(left=left, right=right):
                return f"calc({_ARITHMETIC[type(node)]!r}, {self.write(left)}, {self.write(right)}, s)"
            case _:
                kind = type(node).__name__
                return self.problem("E007", f"{kind} is not part of the language", "slices and the like are not evaluated", "use a filter")

    def _constant(self, value: object) -> str:
        if isinstance(value, float):
            return f"D({repr(value)!r})"
        return repr(value)

    def _name(self, name: str) -> str:
        if name not in self.vocabulary.names:
            if name in FUNCTIONS:
                return self.problem("E006", f"{name} is a function", "a function is called with brackets", f"{name}(…)", name)
            return self.problem(
                "E003",
                f"no name '{name}' here",
                "only some names are in scope at each place",
                nearest(name, self.vocabulary.names, "names here"),
                name,
            )
        self.reads.add(name)
        self.paths.add((name,))
        return "s.now" if name == "now" else f"N.get({name!r})"

    def _path(self, node: nodes.Getattr | nodes.Getitem) -> str:
        key: object = node.attr if isinstance(node, nodes.Getattr) else None
        if isinstance(node, nodes.Getitem):
            if not isinstance(node.arg, nodes.Const):
                return f"lookup({self.write(node.node)}, {self.write(node.arg)})"
            key = node.arg.value
        source = self.write(node.node)
        if isinstance(key, str) and key.startswith("_"):
            return self.problem("E007", f"'{key}' cannot be read", "names that start with _ are not data", "read a field", key)
        path = dotted(node)
        if path is not None:
            self.paths.add(path)
            fields = self.vocabulary.names.get(path[0])
            if len(path) == 2 and fields is not None and path[1] not in fields and path[0] in self.vocabulary.names:
                self.problem("E004", f"{path[0]} has no '{path[1]}'", "it is declared nowhere", nearest(path[1], fields, "it has"), path[1])
        return f"lookup({source}, {key!r})"

    def _compare(self, node: nodes.Compare) -> str:
        if len(node.ops) > 1:
            return self.problem(
                "E007", "a chain of comparisons", "`a < b < c` reads differently to different people", "write `a < b and b < c`"
            )
        operand = node.ops[0]
        left, right = self.write(node.expr), self.write(operand.expr)
        match operand.op:
            case "eq":
                return f"eq({left}, {right}, s)"
            case "ne":
                return f"(not eq({left}, {right}, s))"
            case "in":
                return f"contains({left}, {right}, s)"
            case "notin":
                return f"(not contains({left}, {right}, s))"
            case op:
                now = any(isinstance(side, nodes.Name) and side.name == "now" for side in (node.expr, operand.expr))
                return f"{'ordered_now' if now else 'ordered'}({_ORDER[op]!r}, {left}, {right}, s)"

    def _filter(self, node: nodes.Filter) -> str:
        if node.name not in FILTERS:
            return self.problem(
                "E005", f"no filter '{node.name}'", "filters are a closed list", nearest(node.name, FILTERS, "filters"), node.name
            )
        value = self.write(node.node) if node.node is not None else "None"
        args = ", ".join(self.write(arg) for arg in node.args)
        named = ", ".join(f"{pair.key!r}: {self.write(pair.value)}" for pair in node.kwargs)
        return f"filt(s, {node.name!r}, {value}, [{args}], {{{named}}})"

    def _test(self, node: nodes.Test) -> str:
        if node.name not in TESTS:
            return self.problem("E005", f"no test '{node.name}'", "tests are a closed list", nearest(node.name, TESTS, "tests"), node.name)
        if node.name in ("like", "in") and len(node.args) != 1:
            return self.problem(
                "E006", f"`is {node.name}` takes one argument", "it compares with something", f"x is {node.name}(…)", node.name
            )
        args = ", ".join(self.write(arg) for arg in node.args)
        return f"test(s, {node.name!r}, {self.write(node.node)}, [{args}])"

    def _call(self, node: nodes.Call) -> str:
        if not isinstance(node.node, nodes.Name):
            return self.problem("E007", "methods of data cannot be called", "data is only read", "use a filter: `x | upper`", "(")
        name = node.node.name
        if name not in FUNCTIONS:
            return self.problem("E005", f"no function '{name}'", "functions are a closed list", nearest(name, FUNCTIONS, "functions"), name)
        required, optional = FUNCTIONS[name]
        order = (*required, *optional)
        given: dict[str, nodes.Expr] = dict(zip(order, node.args, strict=False))
        given.update({pair.key: pair.value for pair in node.kwargs})
        unknown = [key for key in given if key not in order]
        missing = [key for key in required if key not in given]
        if unknown or missing or len(node.args) > len(order) or node.dyn_args or node.dyn_kwargs:
            return self.problem(
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
                    return self.problem(
                        "E011",
                        f"'{key}' of {name} must be written out",
                        "the engine keeps only history that is asked for, and must know it beforehand",
                        f"{key}='…'",
                        name,
                    )
                literals[key] = value.value
        return self._function(name, given, literals)

    def _function(self, name: str, given: dict[str, nodes.Expr], literals: dict[str, object]) -> str:
        within: int | None = None
        if "within" in literals:
            within = read_duration(str(literals["within"]))
            if within is None:
                return self.problem(
                    "Y014",
                    f"'{literals['within']}' is not a duration",
                    "whole numbers with s m h d w",
                    "within='4h'",
                    str(literals["within"]),
                )
            if self.vocabulary.retention is not None and within > self.vocabulary.retention:
                self.problem(
                    "E012",
                    f"{literals['within']} is longer than events are kept",
                    "retention.events in profile.yaml",
                    "shorten it, or raise retention.events",
                    str(literals["within"]),
                )
        if name in HISTORY:
            return self._history(name, given, literals, within)
        self._known(literals)
        match name:
            case "in_audience":
                return f"s.facts.in_audience({literals['name']!r})"
            case "has_consent" | "reachable":
                return f"s.facts.{name}({literals['channel']!r}, {literals.get('topic')!r})"
            case "engaged":
                return f"fn.engaged(s, {literals.get('channel')!r}, {within}, {literals.get('message')!r})"
            case "messages_sent":
                chosen = {key: value for key, value in literals.items() if key != "within"}
                return f"fn.messages_sent(s, {within}, {chosen!r})"
            case "open_issues":
                return f"s.facts.open_issues({literals.get('kind')!r})"
            case "today":
                return "fn.today(s)"
            case "duration":
                if read_duration(str(literals["text"]), signed=True) is None:
                    return self.problem(
                        "Y014", f"'{literals['text']}' is not a duration", "whole numbers with s m h d w", "duration('90m')", "duration"
                    )
                return f"fn.duration(s, {literals['text']!r})"
            case _:
                return f"fn.{name}(s, {self.write(given['x'])})"

    def _known(self, literals: dict[str, object]) -> None:
        for key, words in (
            ("topic", self.vocabulary.topics),
            ("kind", self.vocabulary.kinds),
            ("channel", frozenset(("email", "sms", "whatsapp"))),
        ):
            value = literals.get(key)
            if value is not None and words is not None and value not in words:
                self.problem(
                    "P002" if key == "topic" else "E004",
                    f"no {key} '{value}'",
                    "it is declared nowhere",
                    nearest(str(value), words),
                    str(value),
                )

    def _history(self, name: str, given: dict[str, nodes.Expr], literals: dict[str, object], within: int | None) -> str:
        event = str(literals["event"])
        if self.vocabulary.events is not None and event not in self.vocabulary.events:
            self.problem("E010", f"no event '{event}'", "no source declares it", nearest(event, self.vocabulary.events), event)
        where = literals.get("where")
        inner = "None"
        if where is not None:
            source, problems = self.compile_where(str(where))
            offset = max(self.text.find(str(where)), 0)
            self.problems.extend(Problem(p.code, p.what, p.why, p.fix, offset + p.column) for p in problems)
            inner = f"(lambda s: {source.replace('N.get', 's.names.get')})"
        if name in ("last_of", "first_of"):
            self.needs.add(HistoryNeed(event, None, None, total_only=False))
            return f"fn.{name}(s, {event!r}, {inner})"
        since = given.get("since")
        if since is not None and within is not None:
            return self.problem("E016", "`within` and `since` together", "both bound the time; only one can", "keep one of them", "since")
        total = within is None and since is None
        self.needs.add(HistoryNeed(event, within, str(where) if where is not None and total else None, total_only=total))
        if total and where is not None:
            self.wheres.append(str(where))
        source = f"fn.count_of(s, {event!r}, {within}, {self.write(since) if since is not None else None}, {inner})"
        return f"({source} > 0)" if name == "seen" else source
