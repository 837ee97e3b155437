"""Markdown to channels: HTML for email, plain text, SMS, WhatsApp. Parsed once per distinct text, with placeholders for values."""

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Target = Literal["html", "text", "sms", "whatsapp"]
REFUSED = {
    "table_open": "a table",
    "html_block": "raw HTML",
    "html_inline": "raw HTML",
    "fence": "code",
    "code_block": "code",
    "code_inline": "code",
    "image": "an image",
}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(["html_block", "html_inline"])
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # placeholders stay as they are; URLs are escaped when they are written
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]  # as above
    parser.validateLink = lambda url: url.startswith(("https://", "http://", "mailto:", "tel:", "\ue000"))  # type: ignore[method-assign]  # nothing that a click could run
    return parser


def refused_parts(source: str) -> list[tuple[int, str]]:
    """(0-based line, what) of Markdown that no channel but HTML could show."""
    found: list[tuple[int, str]] = []
    for token in _parser().parse(source):
        found += [((token.map or [0])[0], REFUSED[one.type]) for one in (token, *(token.children or ())) if one.type in REFUSED]
    return found


@lru_cache(maxsize=2048)
def to_channel(source: str, target: Target) -> str:
    """The text of one channel, placeholders untouched."""
    return _Writer(target).write(_parser().parse(source))


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int


class _Writer:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._out: list[str] = []
        self._lists: list[_List] = []
        self._heading = False

    def write(self, tokens: list[Token]) -> str:
        for token in tokens:
            self._block(token)
        text = "".join(self._out)
        if self._target == "html":
            return text.strip()
        lines = [line.rstrip() for line in text.strip().splitlines()]
        return "\n".join(line for index, line in enumerate(lines) if line or index == 0 or lines[index - 1])

    def _block(self, token: Token) -> None:
        html = self._target == "html"
        match token.type:
            case "paragraph_open":
                if html and not self._lists:
                    self._out.append('<p style="margin:0 0 16px">')
            case "paragraph_close":
                self._out.append(("" if self._lists else "</p>\n") if html else ("\n" if self._lists else "\n\n"))
            case "heading_open":
                self._out.append('<h2 style="margin:0 0 12px;font-size:20px">' if html else "*" if self._target == "whatsapp" else "")
            case "heading_close":
                self._out.append("</h2>\n" if html else "*\n\n" if self._target == "whatsapp" else "\n\n")
            case "bullet_list_open" | "ordered_list_open":
                ordered = token.type.startswith("ordered")
                self._lists.append(_List(ordered, int(token.attrGet("start") or 1)))
                if html:
                    self._out.append("<ol>" if ordered else "<ul>")
            case "bullet_list_close" | "ordered_list_close":
                ordered = self._lists.pop().ordered
                self._out.append(("</ol>\n" if ordered else "</ul>\n") if html else "\n")
            case "list_item_open":
                if html:
                    self._out.append("<li>")
                else:
                    held = self._lists[-1]
                    self._out.append("  " * (len(self._lists) - 1) + (f"{held.number}. " if held.ordered else "- "))
                    held.number += 1
            case "list_item_close":
                self._out.append("</li>\n" if html else "")
            case "inline":
                upper = self._target == "text" and self._heading
                text = self._inline(token.children or [])
                self._out.append(_upper(text) if upper else text)
            case "hr":
                self._out.append("<hr>\n" if html else "\n")
            case _:
                pass
        self._heading = token.type == "heading_open"

    def _inline(self, tokens: list[Token]) -> str:
        html, whatsapp = self._target == "html", self._target == "whatsapp"
        out: list[str] = []
        links: list[tuple[str, int]] = []
        for token in tokens:
            match token.type:
                case "text":
                    out.append(escape(token.content, quote=False) if html else token.content)
                case "softbreak":
                    out.append("\n" if html else " ")
                case "hardbreak":
                    out.append("<br>\n" if html else "\n")
                case "strong_open" | "strong_close":
                    out.append(f"<{'/' if token.nesting < 0 else ''}strong>" if html else "*" if whatsapp else "")
                case "em_open" | "em_close":
                    out.append(f"<{'/' if token.nesting < 0 else ''}em>" if html else "_" if whatsapp else "")
                case "link_open":
                    url = str(token.attrGet("href") or "")
                    links.append((url, len(out)))
                    if html:
                        out.append(f'<a href="{escape(url)}">')
                case "link_close":
                    url, start = links.pop()
                    if html:
                        out.append("</a>")
                    else:
                        label = "".join(out[start:])
                        out[start:] = [url if label == url else f"{label}: {url}"]
                case _:
                    out.append(token.content)
        return "".join(out)


def _upper(text: str) -> str:
    """Capitals, but for placeholders, which have none."""
    return text.upper()
