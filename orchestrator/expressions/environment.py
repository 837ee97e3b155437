"""Templates: Jinja2 in a sandbox, with the language's own reading of names, comparison, arithmetic, filters and functions.

A printed value is handed to the render's printer and never becomes part of the template's own text; a missing one refuses.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import SandboxedEnvironment

from orchestrator.expressions import functions
from orchestrator.expressions.arithmetic import calculate, joined, lookup, negate
from orchestrator.expressions.comparison import contains, equal, ordered
from orchestrator.expressions.durations import read_duration
from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.filters import FILTERS, apply_filter, apply_test
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.vocabulary import FUNCTIONS, TESTS, Vocabulary

MAX_TURNS = 1_000
MAX_OUTPUT = 256 * 1024
_TURNS = "_turns"
LOOP = frozenset(("index", "index0", "revindex", "revindex0", "first", "last", "length"))
"""What `loop` has inside a loop: which turn it is, from 1, from 0 and from the end, and of how many."""
_ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
Printer = Callable[[object], str]


class MissingValue(Exception):  # noqa: N818  (an answer, not a fault)
    """A printed value is missing: the message is not sent blank."""

    def __init__(self, expression: str, line: int) -> None:
        super().__init__(f"{expression} is missing (line {line})")
        self.expression = expression
        self.line = line


class BoundExceeded(Exception):  # noqa: N818  (an answer, not a fault)
    """A template went over a bound."""


def _plain(value: object) -> object:
    return None if isinstance(value, Undefined) else value


def _field(of: object, key: object) -> object:
    if isinstance(of, LoopContext):
        return getattr(of, str(key)) if key in LOOP else None
    return lookup(_plain(of), key)


class _Generator(CodeGenerator):
    """Comparisons, printing and loops go through the environment; all else is Jinja2's."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802  (Jinja2's name)
        operand = node.ops[0]
        if len(node.ops) > 1:
            raise TemplateSyntaxError("a chain of comparisons: write `a < b and b < c`", node.lineno)
        self.write(f"environment.compare(context, {operand.op!r}, ")
        self.visit(node.expr, frame)
        self.write(", ")
        self.visit(operand.expr, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  (Jinja2's name)
        self.write("environment.tilde([")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("])")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002  (Jinja2's signature)
        self.write(f"environment.printed(context, {node.lineno}, {_text_of(node)!r}, ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002  (Jinja2's signature)
        self.write(")")

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:  # noqa: ARG002  (Jinja2's signature)
        if isinstance(node, nodes.TemplateData):
            return node.data
        raise nodes.Impossible  # a printed constant goes through the printer like everything else


def _text_of(node: nodes.Expr) -> str:
    from orchestrator.expressions.normal_form import canonical

    return canonical(node)


class TemplateEnvironment(SandboxedEnvironment):
    """`loader` serves snippets; nothing else can be included."""

    code_generator_class = _Generator
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))
    intercepted_unops = frozenset(("-", "+"))

    def __init__(self, **options: Any) -> None:
        super().__init__(autoescape=False, optimized=False, **options)  # constants are reckoned by the language too
        self.filters = {**{name: _FilterCall(name) for name in FILTERS}, _TURNS: _Turns(_TURNS)}
        self.tests = {name: _TestCall(name) for name in TESTS}  # type: ignore[misc]  # Jinja2 types its table by functions
        self.globals = {}

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False) -> str:
        """Every list that is repeated over is counted first: a template has MAX_TURNS turns in all."""
        for loop in source.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _TURNS, [], [], None, None)
        return super()._generate(source, name, filename, defer_init)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return _field(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return _field(obj, _plain(argument))

    def call(self, _context: Context, _obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(_obj, _Function):
            raise TypeError("only the language's functions can be called")
        return _obj(_context["_scope"], *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return calculate(operator, _plain(left), _plain(right), context["_scope"]) if operator != "**" else None

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        return negate(_plain(arg), context["_scope"]) if operator == "-" else _plain(arg)

    def compare(self, context: Context, operator: str, left: Any, right: Any) -> bool:
        """One comparison by the language's rules."""
        a, b, scope = _plain(left), _plain(right), context["_scope"]
        match operator:
            case "eq":
                return equal(a, b, scope)
            case "ne":
                return not equal(a, b, scope)
            case "in":
                return contains(a, b, scope)
            case "notin":
                return not contains(a, b, scope)
            case _:
                return ordered(_ORDER[operator], a, b, scope)  # type: ignore[arg-type]  # the four orders

    def tilde(self, parts: list[Any]) -> Any:
        """`~`."""
        return joined([_plain(part) for part in parts])

    def printed(self, context: Context, line: int, expression: str, value: Any) -> str:
        """Hand a value to the render's printer. Raises MissingValue."""
        found = _plain(value)
        if found is None:
            raise MissingValue(expression, line)
        printer: Printer = context["_print"]
        return printer(found)


class _FilterCall:
    """A filter of the language, as Jinja2 calls it: with the context first."""

    jinja_pass_arg = None

    def __init__(self, name: str) -> None:
        from jinja2.utils import _PassArg

        self.name = name
        self.jinja_pass_arg = _PassArg.context

    def __call__(self, context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        return apply_filter(
            context["_scope"], self.name, _plain(value), [_plain(a) for a in args], {k: _plain(v) for k, v in kwargs.items()}
        )


class _Turns(_FilterCall):
    """The list of a loop, counted. Raises BoundExceeded."""

    def __call__(self, context: Context, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        found = _plain(value)
        if found is None:
            return []
        if not isinstance(found, list | tuple | Mapping):
            raise TypeError("a loop goes over a list")
        spent: list[int] = context["_turns"]
        spent[0] += len(found)
        if spent[0] > MAX_TURNS:
            raise BoundExceeded(f"more than {MAX_TURNS} turns of loops")
        return found


class _TestCall(_FilterCall):
    def __call__(self, context: Context, value: Any, *args: Any, **_kwargs: Any) -> Any:
        return apply_test(context["_scope"], self.name, _plain(value), [_plain(a) for a in args])


class _Function:
    """A function of the language in a template; checked by lint with the same rules as in expressions."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, scope: Scope, *args: Any, **kwargs: Any) -> Any:
        required, optional = FUNCTIONS[self.name]
        given = {**dict(zip((*required, *optional), args, strict=False)), **kwargs}
        match self.name:
            case "open_issues":
                return scope.facts.open_issues(given.get("kind"))
            case "in_audience":
                return functions.in_audience(scope, given["name"])
            case "has_consent":
                return scope.facts.has_consent(given["channel"], given["topic"] if "topic" in given else functions.own_topic(scope))
            case "reachable":
                return scope.facts.reachable(given["channel"], given["topic"] if "topic" in given else functions.own_topic(scope))
            case "today":
                return functions.today(scope)
            case "seen" | "count_of":
                within, since, where = (given.get(key) for key in ("within", "since", "where"))
                number = functions.count_of(scope, given["event"], _length(within), since, _where(where) if where else None)
                return number > 0 if self.name == "seen" else number
            case "last_of" | "first_of":
                chosen = functions.last_of if self.name == "last_of" else functions.first_of
                return chosen(scope, given["event"], _where(given["where"]) if given.get("where") else None)
            case "engaged":
                return functions.engaged(scope, given.get("channel"), _length(given.get("within")), given.get("message"))
            case "messages_sent":
                return functions.messages_sent(scope, _length(given.get("within")), {k: v for k, v in given.items() if k != "within"})
            case name:
                return getattr(functions, name)(scope, *[_plain(given[key]) for key in required])


FUNCTION_NAMES: Mapping[str, _Function] = {name: _Function(name) for name in FUNCTIONS}
"""Lint has checked their arguments as it checks those of expressions."""
_WHERE = Vocabulary(
    dict.fromkeys(
        ("customer", "entry", "event", "run", "steps", "waited", "digest", "journey", "now", "message", "vars", "brand", "locale")
    )
)


def _length(within: str | None) -> int | None:
    return read_duration(within) if within else None


@lru_cache(maxsize=1024)
def _where(text: str) -> functions.Where:
    return compile_expression(text, _WHERE).function


def render_template(template: Any, scope: Scope, printer: Printer, names: Mapping[str, object]) -> str:
    """Raises MissingValue, BoundExceeded, jinja2.TemplateError, and whatever a broken filter call raises."""
    context = {**FUNCTION_NAMES, **scope.names, **names, "now": scope.now, "_scope": scope, "_print": printer, "_turns": [0]}
    size = 0
    parts = []
    before = scope.warnings
    for part in template.generate(context):
        size += len(part)
        if size > MAX_OUTPUT:
            raise BoundExceeded(f"more than {MAX_OUTPUT} characters")
        parts.append(part)
    if scope.warnings != before:
        scope.warn(None, scope.warnings - before)
    return "".join(parts)
