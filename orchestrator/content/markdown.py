"""Markdown to channels: HTML for email, plain text, SMS, WhatsApp. Parsed once per distinct text, with placeholders for values."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchestrator.content.printing import LINK, LINK_END, OPEN

Target = Literal["html", "text", "sms", "whatsapp"]
_OFF = ("html_block", "html_inline", "code", "fence", "backticks", "image")
"""Not in this language (lint: M016). Here they are plain text, so that nothing a template says can get lost."""
BARE = re.compile(r"https?://[^\s<>()\[\]\"'*`]+(?<![.,;:!?])")
_WORD = re.compile(r"\S+")
_SAFE = ("https://", "http://", "mailto:", "tel:", OPEN)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(list(_OFF))
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # placeholders stay as they are; URLs are escaped when they are written
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]  # as above
    parser.validateLink = lambda url: url.startswith(_SAFE)  # type: ignore[method-assign]  # nothing that a click could run
    return parser


@lru_cache(maxsize=2048)
def to_channel(source: str, target: Target) -> str:
    """The text of one channel: placeholders untouched, addresses of links between `LINK` and `LINK_END`."""
    return _Writer(target).write(_parser().parse(source))


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int
    begun: bool = False
    """The item at hand has a paragraph already."""


class _Writer:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._html = target == "html"
        self._out: list[str] = []
        self._lists: list[_List] = []
        self._heading = False

    def write(self, tokens: list[Token]) -> str:
        for token in tokens:
            self._block(token)
        text = "".join(self._out)
        if self._html:
            return text.strip()
        lines = [line.rstrip() for line in text.strip().splitlines()]
        return "\n".join(line for index, line in enumerate(lines) if line or index == 0 or lines[index - 1])

    def _block(self, token: Token) -> None:
        html, whatsapp = self._html, self._target == "whatsapp"
        match token.type:
            case "paragraph_open":
                self._out.append(self._begin())
            case "paragraph_close":
                self._out.append(("" if self._lists else "</p>\n") if html else ("\n" if self._lists else "\n\n"))
            case "heading_open":
                self._heading = True
                self._out.append('<h2 style="margin:0 0 12px;font-size:20px">' if html else "*" if whatsapp else "")
            case "heading_close":
                self._heading = False
                self._out.append("</h2>\n" if html else "*\n\n" if whatsapp else "\n\n")
            case "bullet_list_open" | "ordered_list_open":
                ordered = token.type.startswith("ordered")
                self._lists.append(_List(ordered, int(token.attrGet("start") or 1)))
                self._out.append(("<ol>" if ordered else "<ul>") if html else "")
            case "bullet_list_close" | "ordered_list_close":
                ordered = self._lists.pop().ordered
                self._out.append(("</ol>\n" if ordered else "</ul>\n") if html else "" if self._lists else "\n")
            case "list_item_open":
                self._out.append(self._item())
            case "list_item_close":
                self._out.append("</li>\n" if html else "")
            case "inline":
                self._out.append(self._inline(token.children or []))
            case "hr":
                self._out.append("<hr>\n" if html else "\n")
            case _:
                pass

    def _begin(self) -> str:
        """A further paragraph of a list's item stands on a line of its own."""
        if not self._lists:
            return '<p style="margin:0 0 16px">' if self._html else ""
        held = self._lists[-1]
        begun, held.begun = held.begun, True
        return "" if not begun else "<br>" if self._html else "  " * len(self._lists)

    def _item(self) -> str:
        held = self._lists[-1]
        held.begun = False
        if self._html:
            return "<li>"
        held.number += 1
        return "  " * (len(self._lists) - 1) + (f"{held.number - 1}. " if held.ordered else "- ")

    def _inline(self, tokens: list[Token]) -> str:
        html = self._html
        bold = "*" if self._target == "whatsapp" and not self._heading else ""
        out: list[str] = []
        links: list[tuple[str, int]] = []
        for token in tokens:
            match token.type:
                case "text":
                    out.append(self._text(token.content, linked=bool(links)))
                case "softbreak":
                    out.append("\n" if html else " ")
                case "hardbreak":
                    out.append("<br>\n" if html else "\n")
                case "strong_open" | "strong_close":
                    out.append(f"<{'/' if token.nesting < 0 else ''}strong>" if html else bold)
                case "em_open" | "em_close":
                    out.append(f"<{'/' if token.nesting < 0 else ''}em>" if html else "_" if self._target == "whatsapp" else "")
                case "link_open":
                    url = str(token.attrGet("href") or "")
                    links.append((url, len(out)))
                    out.append(f'<a href="{LINK}{url}{LINK_END}">' if html else "")
                case "link_close":
                    url, start = links.pop()
                    if html:
                        out.append("</a>")
                    else:
                        label = "".join(out[start:])
                        out[start:] = [f"{LINK}{url}{LINK_END}" if label.lower() == url.lower() else f"{label}: {LINK}{url}{LINK_END}"]
                case _:
                    out.append(escape(token.content, quote=False) if html else token.content)
        return "".join(out)

    def _text(self, text: str, *, linked: bool) -> str:
        """An address that stands in the text is a link too; capitals of a heading are for its words."""
        parts: list[str] = []
        start = 0
        for found in () if linked else BARE.finditer(text):
            parts += [self._words(text[start : found.start()]), self._bare(found[0])]
            start = found.end()
        return "".join([*parts, self._words(text[start:])])

    def _bare(self, url: str) -> str:
        marked = f"{LINK}{url}{LINK_END}"
        return f'<a href="{marked}">{escape(url, quote=False)}</a>' if self._html else marked

    def _words(self, text: str) -> str:
        if self._html:
            return escape(text, quote=False)
        return _WORD.sub(lambda word: word[0] if "://" in word[0] else word[0].upper(), text) if self._shouted else text

    @property
    def _shouted(self) -> bool:
        return self._heading and self._target == "text"
