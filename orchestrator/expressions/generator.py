"""From a parsed expression to Python source. Every construct of the language has one line here; all else is refused."""

from dataclasses import dataclass, field
from math import isfinite

from jinja2 import nodes

from orchestrator.expressions.arithmetic_check import judge_arithmetic
from orchestrator.expressions.calls import DAYS, CompileWhere, HistoryNeed, write_call
from orchestrator.expressions.compared_with_none import is_foreign, of_other_languages
from orchestrator.expressions.comparison_check import judge_comparison
from orchestrator.expressions.filter_calls import write_filter, write_test
from orchestrator.expressions.normal_form import dotted, past_field
from orchestrator.expressions.problems import Form, Problem, nearest, place_of
from orchestrator.expressions.vocabulary import FUNCTIONS, Vocabulary

MAX_NODES = 200
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_ARITHMETIC = {nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*", nodes.Div: "/", nodes.FloorDiv: "//", nodes.Mod: "%"}


_ELSEWHERE = frozenset(("event", "message", "item", "steps", "unsubscribe_url", "preferences_url", "confirm_url"))
"""Names of other places: nobody means these as text."""


@dataclass(slots=True)
class Generator:
    """Collects all problems, what is read and what history is needed, while it writes the source."""

    text: str
    vocabulary: Vocabulary
    compile_where: CompileWhere
    problems: list[Problem] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    needs: set[HistoryNeed] = field(default_factory=set)
    audiences: set[str] = field(default_factory=set)
    warnings: list[Problem] = field(default_factory=list)
    _count: int = 0
    compared: bool = False
    calls: bool = False

    def problem(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "") -> str:
        """Note a problem at the first place where `word` stands as a name, a field, a filter or a text; the source stands for missing."""
        self.problems.append(Problem(code, what, why, fix, place_of(self.text, word, form)))
        return "None"

    def warn(self, code: str, what: str, why: str, fix: str, word: str = "", form: Form = "", at: int | None = None) -> None:
        """Note something that is allowed and most likely not meant; `at` is its place where it is known."""
        self.warnings.append(Problem(code, what, why, fix, place_of(self.text, word, form) if at is None else at))

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
                return write_filter(self, node)
            case nodes.Test():
                return write_test(self, node)
            case nodes.Call():
                return write_call(self, node)
            case nodes.Pow():
                return self.problem("E007", "`**` is not part of the language", "powers can grow without bound", "write the product", "**")
            case nodes.BinExpr(left=left, right=right):
                judge_arithmetic(self, node, _ARITHMETIC[type(node)])
                return f"calc({_ARITHMETIC[type(node)]!r}, {self.write(left)}, {self.write(right)}, s)"
            case nodes.Slice():
                fix = "`x[0]`, `x | first` or `x | last` of a list, `x | truncate(20)` of a text"
                return self.problem("E007", "a slice is not part of the language", "parts are taken by filters", fix, "[")
            case _:
                kind = type(node).__name__
                return self.problem("E007", f"{kind} is not part of the language", "slices and the like are not evaluated", "use a filter")

    def _constant(self, value: object) -> str:
        if isinstance(value, float):
            if not isfinite(value):
                return self.problem("E008", "a number without end", "numbers have at most 308 digits", "write a smaller number")
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
                _meant(name, self.vocabulary),
                name,
                "name",
            )
        self.reads.add(name)
        self.paths.add((name,))
        if name == "now" and self.vocabulary.tracked and not self.compared:
            self.untracked("now")
        return "s.now" if name == "now" else f"N.get({name!r})"

    def untracked(self, word: str) -> None:
        self.problem(
            "E013",
            f"`{word}` in a form whose next change cannot be computed",
            "this condition must come true or end by itself, at an instant the engine can know beforehand",
            "compare: now > x, days_since(x) >= 30, days_until(x) < 3",
            word,
        )

    def _path(self, node: nodes.Getattr | nodes.Getitem) -> str:
        key: object = node.attr if isinstance(node, nodes.Getattr) else None
        if isinstance(node, nodes.Getitem):
            if not isinstance(node.arg, nodes.Const):
                return f"lookup({self.write(node.node)}, {self.write(node.arg)})"
            key = node.arg.value
        source = self.write(node.node)
        if isinstance(key, str) and key.startswith("_"):
            return self.problem("E007", f"'{key}' cannot be read", "names that start with _ are not data", "read a field", key)
        self._judge_past(node)
        path = dotted(node)
        if path is not None:
            self.paths.add(path)
            fields = self.vocabulary.names.get(path[0])
            if len(path) == 2 and fields is not None and path[1] not in fields and path[0] in self.vocabulary.names:
                fix = nearest(path[1], fields, "it has") if fields or path[0] != "vars" else f"write `with: {{{path[1]}: …}}` at the send"
                self.problem("E004", f"{path[0]} has no '{path[1]}'", "it is declared nowhere", fix, path[1])
        return f"lookup({source}, {key!r})"

    def _judge_past(self, node: nodes.Node) -> None:
        """A field of an event that is looked up."""
        found = past_field(node)
        past = None if found is None else self.vocabulary.past.get(found[0])
        if found is not None and past is not None and past.fields is not None and found[1] not in past.fields:
            fix = nearest(found[1], past.fields, "it has")
            self.problem(
                "E004", f"'{found[0]}' has no '{found[1]}'", "it is declared nowhere, and not kept of what is past", fix, found[1], "field"
            )

    def _compare(self, node: nodes.Compare) -> str:
        if len(node.ops) > 1:
            return self.problem(
                "E007", "a chain of comparisons", "`a < b < c` reads differently to different people", "write `a < b and b < c`"
            )
        operand = node.ops[0]
        judge_comparison(self, node.expr, operand.op, operand.expr)
        ranked = operand.op not in ("in", "notin")
        left, right = self._side(node.expr, operand.expr, ranked), self._side(operand.expr, node.expr, ranked)
        now = any(isinstance(side, nodes.Name) and side.name == "now" for side in (node.expr, operand.expr))
        equals = "eq_now" if now else "eq"
        match operand.op:
            case "eq":
                return f"{equals}({left}, {right}, s)"
            case "ne":
                return f"(not {equals}({left}, {right}, s))"
            case "in":
                return f"contains({left}, {right}, s)"
            case "notin":
                return f"(not contains({left}, {right}, s))"
            case op:
                return f"{'ordered_now' if now else 'ordered'}({_ORDER[op]!r}, {left}, {right}, s)"

    def _side(self, side: nodes.Expr, other: nodes.Expr, ranked: bool) -> str:
        """One side of a comparison: alone there, `now` (not in a list) and whole days are tracked, if the other side is free of time."""
        if is_foreign(side, self.vocabulary):
            return "None"  # said of the comparison
        timed = (ranked and isinstance(side, nodes.Name)) or (
            isinstance(side, nodes.Call) and isinstance(side.node, nodes.Name) and side.node.name in DAYS
        )
        before, self.compared = self.compared, timed and not _reads_now(other)
        source = self.write(side)
        self.compared = before
        return source


def _reads_now(node: nodes.Node) -> bool:
    """Time itself, in any form."""
    names = [node] if isinstance(node, nodes.Name) else list(node.find_all(nodes.Name))
    return any(name.name in ("now", "today", *DAYS) for name in names)


def _meant(name: str, vocabulary: Vocabulary) -> str:
    """The fix of a name there is not: one that has it as a field, a near one, or quotes around a text."""
    fields = vocabulary.names
    holder = next((one for one in ("event", "entry", "customer") if name in (fields.get(one) or ())), None)
    if holder is not None and name not in _ELSEWHERE:
        return f"write `{holder}.{name}`"
    fix = of_other_languages(name) or nearest(name, fields, "names here")
    return fix if not fix.startswith("names here") or name in _ELSEWHERE else f"{fix}; text stands in quotes: '{name}'"
