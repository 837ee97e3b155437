"""Places for values as other tools write them: here they would be read by the customer as they are."""

import re
from collections.abc import Collection, Iterator

from orchestrator.content.static_text import without_code
from orchestrator.workspace.content_problem import ContentProblem

_BRACED = re.compile(r"(?<![{$])\{ *((?:customer|entry|event|steps|vars|digest|brand|message|run)\.[\w.]+|\w+)([^{}\n]*)\}(?!\})")
_MERGE_TAG = re.compile(r"\*\|([A-Z][A-Z0-9_:]*)\|\*")


def check_unprinted(text: str, path: tuple[str | int, ...], traits: Collection[str]) -> Iterator[ContentProblem]:
    """E001 for `{customer.first_name}`, `{first_name}` where that is a trait, and `*|FNAME|*`."""
    written = without_code(text)
    why = "the customer would read it as it stands here"
    for found in _BRACED.finditer(written):
        name = found[1] if "." in found[1] else f"customer.{found[1]}" if found[1] in traits else None
        if name is not None:
            fix = f"two braces on each side: {{{{ {name}{found[2].rstrip()} }}}}"
            yield ContentProblem("E001", path, f"`{found[0]}` prints no value", why, fix, near=found[0])
    for found in _MERGE_TAG.finditer(written):
        fix = 'values are printed like {{ customer.first_name | default("there") }}'
        yield ContentProblem("E001", path, f"`{found[0]}` prints no value", why, fix, near=found[0])
