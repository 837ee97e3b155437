"""What the documentation tells receivers to do with a signature takes ours, and nothing else."""

import hashlib
import hmac
import re
from pathlib import Path

from workers.calls.signing import signature

PAGE = (Path(__file__).parents[4] / "docs" / "backend.md").read_text("utf-8")
NOW = 1_772_445_600


def is_ours(header: str, body: bytes, secret: bytes, now: int) -> bool:
    (code,) = re.findall(r"```python\n(def is_ours.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {"hmac": hmac, "hashlib": hashlib}
    exec(code, names)
    return bool(names["is_ours"](header, body, secret, now))  # type: ignore[operator]  # the page's function


def test_the_documented_check() -> None:
    header = signature("s3cret", NOW * 1000 + 999, b'{"a":1}')
    assert is_ours(header, b'{"a":1}', b"s3cret", NOW + 300)
    assert not is_ours(header, b'{"a":2}', b"s3cret", NOW)
    assert not is_ours(header, b'{"a":1}', b"other", NOW)
    assert not is_ours(header, b'{"a":1}', b"s3cret", NOW + 301), "old"
    assert not is_ours(header.replace(str(NOW), str(NOW + 1)), b'{"a":1}', b"s3cret", NOW)
    assert is_ours(signature("s3cret", NOW * 1000, b""), b"", b"s3cret", NOW)
