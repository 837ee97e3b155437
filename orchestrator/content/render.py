"""One message on one channel: content of the person's locale, through the channel's rules and its layout."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Protocol

from jinja2 import Template, TemplateError
from markupsafe import Markup

from orchestrator.content.links import tagged, url_part
from orchestrator.content.locale_chain import localised, pick_locale
from orchestrator.content.markdown import Target, to_channel
from orchestrator.content.printing import Values, clean, one_line
from orchestrator.content.segments import count_segments, fold
from orchestrator.contracts.message import Content, EmailContent, TemplateContent, TextContent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.expressions.environment import BoundExceeded, MissingValue, TemplateEnvironment, render_template
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.value import ValueTemplate, compile_value
from orchestrator.expressions.values import canonical_text
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.frame import Frame
from orchestrator.workspace.message import LocaleContent, Message
from orchestrator.workspace.workspace import Workspace

OPEN = Vocabulary(dict.fromkeys(("customer", "entry", "event", "run", "steps", "waited", "journey", "now", "message", "vars", "brand", "locale", "action")))  # fmt: skip
_UNSAFE_HREF = re.compile(r'<a href="(?!https://|http://|mailto:|tel:)[^"]*"')


class LinkMaker(Protocol):
    """Addresses of the pages behind a message."""

    def unsubscribe(self, customer: str, topic: str, channel: Channel) -> str: ...

    def preferences(self, customer: str, topic: str, channel: Channel) -> str: ...


@dataclass(frozen=True, slots=True)
class Unrendered:
    """Content refused; `place` is the file and line."""

    reason: Reason
    place: str
    detail: str = ""


class Renderer:
    """Content of one workspace. Templates are compiled when first used and kept."""

    def __init__(self, workspace: Workspace, links: LinkMaker) -> None:
        self._workspace = workspace
        self._links = links
        self._environment = TemplateEnvironment()
        self._templates: dict[str, Template] = {}
        self._expressions: dict[str, Expression] = {}
        self._brands: dict[str, object] = {}
        self._values: dict[str, ValueTemplate] = {}

    def has_template(self, message: Message, frame: Frame) -> bool:
        """An approved template for the locale the person would get."""
        locale = pick_locale(frame.locale, message.content, self._workspace.locale)
        return locale is not None and locale in message.whatsapp.content_sid

    def render(
        self, message: Message, channel: Channel, frame: Frame, names: dict[str, object], *, window_open: bool, message_class: str
    ) -> tuple[Content, str] | Unrendered:
        """The content and its locale, or why there is none."""
        locale = pick_locale(frame.locale, message.content, self._workspace.locale)
        if locale is None:
            return Unrendered(Reason.LOCALE_MISSING, message.file, f"no content for {frame.locale}")
        one = _Render(self, message, channel, locale, frame, names, message_class)
        try:
            return one.content(window_open=window_open), locale
        except MissingValue as missing:
            return Unrendered(Reason.MISSING_VALUE, f"{message.file}:{locale}.{one.part}:{missing.line}", missing.expression)
        except _TooLong as long:
            return Unrendered(Reason.MESSAGE_TOO_LONG, message.file, str(long))
        except (TemplateError, BoundExceeded, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            return Unrendered(Reason.TEMPLATE_ERROR, f"{message.file}:{locale}.{one.part}", f"{type(error).__name__}: {error}"[:300])

    def brand(self, locale: str) -> object:
        """The brand as one locale reads it."""
        if locale not in self._brands:
            self._brands[locale] = localised(self._workspace.brand.values, locale, self._workspace.locale)
        return self._brands[locale]

    def template(self, text: str) -> Template:
        """Compiled."""
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = self._environment.from_string(text)
        return found

    def value(self, text: str) -> ValueTemplate:
        """Compiled: a short text with values in it, cheaper than a template."""
        found = self._values.get(text)
        if found is None:
            found = self._values[text] = compile_value(text, OPEN)
        return found

    def expression(self, text: str) -> Expression:
        """Compiled."""
        found = self._expressions.get(text)
        if found is None:
            found = self._expressions[text] = compile_expression(text, OPEN)
        return found


class _TooLong(Exception):  # noqa: N818  (an answer, not a fault)
    pass


class _Render:
    def __init__(
        self,
        renderer: Renderer,
        message: Message,
        channel: Channel,
        locale: str,
        frame: Frame,
        names: dict[str, object],
        message_class: str,
    ) -> None:
        self._renderer = renderer
        self._workspace = renderer._workspace  # noqa: SLF001  (one render of it)
        self._message = message
        self._channel = channel
        self._source: LocaleContent = message.content[locale]
        self.part = "body"
        self._rendered: tuple[str, str, Values] | None = None
        about = names.get("message")
        about = (
            {**about, "channel": channel} if isinstance(about, dict) else {"name": message.name, "class": message_class, "channel": channel}
        )
        brand = renderer.brand(locale)
        scope = frame.scope({**names, "message": about, "brand": brand, "locale": locale})
        self._scope = scope.with_names(scope.names, locale)
        self._class = message_class
        customer = frame.customer.id
        leaves = message.topic is not None and message_class != "transactional"
        self._pages: dict[str, object] = {
            "unsubscribe_url": renderer._links.unsubscribe(customer, message.topic or "", channel) if leaves else None,  # noqa: SLF001  (as above)
            "preferences_url": renderer._links.preferences(customer, message.topic or "", channel) if leaves else None,  # noqa: SLF001  (as above)
            "why_url": None,
        }
        self._action = self._make_action()

    def _plain(self, text: str, part: str, printer: Callable[[str], str] = one_line) -> str:
        self.part = part
        if "{" not in text:
            return text
        return render_template(
            self._renderer.template(text),
            self._scope,
            lambda value: printer(clean(canonical_text(value))),
            {"action": getattr(self, "_action", None)},
        )

    def _make_action(self) -> dict[str, object] | None:
        action = self._source.action
        if action is None:
            return None
        self.part = "utm"
        utm = {name: canonical_text(self._renderer.value(text).evaluate(self._scope)) for name, text in self._workspace.links.utm.items()}
        url = tagged(self._plain(action.url, "action.url", url_part), self._workspace.links.hosts, utm)
        return {"label": one_line(self._plain(action.label, "action.label")), "url": url}

    def content(self, *, window_open: bool) -> Content:
        if self._channel == "email":
            return self._email()
        if self._channel == "sms":
            return self._sms()
        if window_open:
            return TextContent(body=self._text("whatsapp", self._message.whatsapp.body, self._message.whatsapp.layout))
        return self._template()

    def _override(self, texts: Mapping[str, str]) -> str | None:
        return texts.get(str(self._scope.names["locale"]))

    def _body(self, text: str, target: Target) -> str:
        self.part = "body"
        if self._rendered is None or self._rendered[0] != text:
            values = Values()
            skeleton = render_template(self._renderer.template(text), self._scope, values, {"action": self._action})
            self._rendered = (text, skeleton, values)
        _text, skeleton, values = self._rendered
        shaped = to_channel(skeleton, target)
        if target != "html":
            return values.put_in(shaped)
        return _UNSAFE_HREF.sub('<a href="#"', values.put_in(shaped, escape))

    def _email(self) -> EmailContent:
        options = self._message.email
        subject = one_line(self._plain(self._override(options.subject) or self._source.subject or "", "subject"))
        preheader = one_line(self._plain(self._source.preheader, "preheader")) if self._source.preheader else ""
        override = self._override(options.body)
        source = override or self._source.body
        text = self._body(source, "text")
        if self._action is not None and override is None:
            text = f"{text}\n\n{self._action['label']}: {self._action['url']}"
        headers: dict[str, str] = {}
        unsubscribe = self._pages["unsubscribe_url"]
        if isinstance(unsubscribe, str):
            # RFC 2369 and RFC 8058: one https URI, and a POST to it is enough
            headers = {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return EmailContent(
            subject=subject, preheader=preheader, headers=headers,
            html=self._layout(f"{options.layout}.email.html", Markup(self._body(source, "html")), subject, preheader, html=True),  # noqa: S704  (made of escaped values and our own Markdown)
            text=self._layout(f"{options.layout}.email.txt", text, subject, preheader),
        )  # fmt: skip

    def _text(self, target: Target, overrides: Mapping[str, str], layout: str) -> str:
        override = self._override(overrides)
        body = self._body(override or self._source.body, target)
        if self._action is not None and override is None:
            body = f"{body}\n{self._action['label']}: {self._action['url']}"
        return self._layout(f"{layout}.{self._channel}.txt", body, "", "").strip()

    def _sms(self) -> TextContent:
        options = self._message.sms
        body = self._text("sms", options.body, options.layout)
        if options.encoding == "gsm7":
            body = fold(body)
        segments = count_segments(body)
        if segments.count > options.max_segments and options.over == "next_channel":
            raise _TooLong(f"{segments.count} segments, at most {options.max_segments}")
        return TextContent(body=body, segments=segments.count, encoding=segments.encoding)

    def _template(self) -> TemplateContent:
        locale = str(self._scope.names["locale"])
        options = self._message.whatsapp
        scope = self._scope.with_names({**self._scope.names, "action": self._action})
        variables: dict[str, str] = {}
        for number, text in options.variables.items():
            self.part = f"whatsapp.variables.{number}"
            found = canonical_text(self._renderer.expression(text).evaluate(scope))
            if not found.strip():
                raise MissingValue(text, 1)
            variables[str(number)] = one_line(clean(found))
        preview = self._text("whatsapp", options.body, options.layout)
        return TemplateContent(content_sid=options.content_sid[locale], variables=variables, preview=preview)

    def _layout(self, name: str, content: str, subject: str, preheader: str, *, html: bool = False) -> str:
        self.part = f"layouts/{name}"
        source = self._workspace.layouts.get(name, "{{ content }}")

        def printer(value: object) -> str:
            if isinstance(value, Markup):
                return str(value)
            text = clean(canonical_text(value))
            return escape(text) if html else text

        names = {
            "content": content, "subject": subject, "preheader": preheader or None, "action": self._action, "offer": None, "image": None,
            "sender": self._message.sender, **self._pages,
        }  # fmt: skip
        return render_template(self._renderer.template(source), self._scope, printer, names)
