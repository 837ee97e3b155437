"""One render: the texts of one locale on one channel, in the order in which they need each other."""

from collections.abc import Callable, Mapping
from html import escape

from markupsafe import Markup

from orchestrator.content.compiled import Compiled
from orchestrator.content.links import safe, tagged, url_part
from orchestrator.content.markdown import Target, to_channel
from orchestrator.content.offer import Carried, OfferText, beside, says_it_itself
from orchestrator.content.picture import names_in, picture
from orchestrator.content.printing import Passage, Values, clean, one_line
from orchestrator.content.segments import count_segments, fold, plain_blanks
from orchestrator.content.whatsapp_marks import unmarked
from orchestrator.contracts.message import Content, EmailContent, TemplateContent, TextContent
from orchestrator.contracts.topics import Channel
from orchestrator.expressions.environment import MissingValue
from orchestrator.expressions.scope import Scope
from orchestrator.expressions.values import canonical_text
from orchestrator.frame import Frame
from orchestrator.workspace.message import LocaleContent, Message, Variant

TARGETS: dict[Channel, Target] = {"email": "text", "sms": "sms", "whatsapp": "whatsapp"}
MAX_TEXT = 1_600
"""Characters of one SMS or WhatsApp text that Twilio takes (its error 21617)."""


class TooLong(Exception):  # noqa: N818  (an answer, not a fault)
    """The text is longer than the channel takes."""


class NothingToSay(Exception):  # noqa: N818  (an answer, not a fault)
    """A text came out empty: a message is never sent blank."""


class Rendering:
    """`part` is what is being rendered, for the place of a refusal."""

    def __init__(
        self,
        compiled: Compiled,
        message: Message,
        channel: Channel,
        locale: str,
        pages: Mapping[str, object],
        variant: Variant | None = None,
        carried: Carried | None = None,
    ) -> None:
        self.part = "body"
        self.fallbacks: list[str] = []
        """Blocks that printed their fallback."""
        self._variant = variant
        self._compiled = compiled
        self._workspace = compiled.workspace
        self._message = message
        self._channel = channel
        self._locale = locale
        self._pages = pages
        self._source: LocaleContent = (message.content if variant is None else variant.content)[locale]
        self._carried = carried
        self._offer: OfferText | None = None
        self._action: dict[str, object] | None = None
        self._image: dict[str, object] | None = None
        self._utm: dict[str, str] = {}
        self._known_subject: str | None = None
        self._rendered: tuple[str, str, Values] | None = None
        self._scope: Scope

    def content(self, frame: Frame, names: Mapping[str, object], message_class: str, *, window_open: bool) -> Content:
        """Raises MissingValue, TooLong, NothingToSay, and what a broken template raises."""
        about = names.get("message")
        known = about if isinstance(about, dict) else {"name": self._message.name, "class": message_class}
        variant = {} if self._variant is None else {"variant": self._variant.name}
        scope = frame.scope({
            **names, "offer": None, "message": {**known, "channel": self._channel, **variant}, "brand": self._compiled.brand(self._locale), "locale": self._locale,
        })  # fmt: skip
        scope.place = (self._message.file, self._locale)
        self._scope = scope.with_names(scope.names, self._locale)
        self._prepare()
        if self._channel == "email":
            return self._email()
        if self._channel == "sms":
            return self._sms()
        return self._free_text() if window_open else self._template()

    def _prepare(self) -> None:
        """What all texts share: campaign parameters, the action, the picture."""
        self.part = "links.utm"
        self._utm = self._compiled.utm(self._scope)
        action, image = self._source.action, self._source.image
        if action is not None:
            url = self._tagged(self._plain(action.url, "action.url", url_part))
            self._action = {"label": self._plain(action.label, "action.label"), "url": url}
            self._scope = self._scope.with_names({**self._scope.names, "action": self._action})
        if image is not None:
            url = self._plain(image.url, "image.url", url_part)
            self._image = {"url": url, "alt": self._plain(image.alt, "image.alt")}
        if self._carried is not None:
            self._offer = self._offer_text(self._carried)
            offer = self._offer.names(self._shaped(self._offer.body, self._offer.values, TARGETS[self._channel]), TARGETS[self._channel])
            self._scope = self._scope.with_names({**self._scope.names, "offer": offer})

    def _offer_text(self, carried: Carried) -> OfferText:
        """What it says in the message's locale. Raises NothingToSay."""
        content, part, values = carried.content, f"offer.{carried.offer.name}", Values()
        action: dict[str, object] | None = None
        if content.action is not None:
            url = self._tagged(self._plain(content.action.url, f"{part}.action.url", url_part))
            action = {"label": self._plain(content.action.label, f"{part}.action.label"), "url": url}
        title = self._plain(content.title, f"{part}.title")
        self.part = f"{part}.body"
        body = self._compiled.render(self._compiled.expanded(content.body, self._locale), self._scope, values)
        if not title or not body.strip():
            raise NothingToSay("the offer is empty")
        return OfferText(carried.offer, carried.slot, title, action, body, values)

    def _with_offer(self, content: str, source: str, layout: str, target: Target) -> str:
        """At its slot, where neither the text nor the layout has a place for it."""
        offer = self._offer
        if offer is None or says_it_itself(source) or says_it_itself(self._workspace.layouts.get(layout, "")):
            return content
        return beside(content, offer.passage(self._shaped(offer.body, offer.values, target), target), offer.slot, target)

    def _plain(self, text: str, part: str, printer: Callable[[str], str] = one_line) -> str:
        """A text of one line without markup."""
        self.part = part
        if "{" not in text:
            return one_line(text)
        return one_line(self._compiled.render(text, self._scope, lambda value: printer(clean(canonical_text(value)))))

    def _body(self, text: str, target: Target) -> str:
        """Markdown to the channel; the same text is rendered once for all targets of it. Raises NothingToSay."""
        if self._rendered is None or self._rendered[0] != text:
            values = Values()
            scope = self._with_blocks(text, values)
            self.part = "body"
            skeleton = self._compiled.render(self._compiled.expanded(text, self._locale), scope, values)
            self._rendered = (text, skeleton, values)
        _text, skeleton, values = self._rendered
        found = self._shaped(skeleton, values, target)
        if not found.strip():
            raise NothingToSay("the text is empty")
        return found

    def _shaped(self, skeleton: str, values: Values, target: Target) -> str:
        """Markdown to the channel, with its values."""
        shaped = to_channel(skeleton, target)
        if target == "html":
            return values.put_in(shaped, escape, lambda url: escape(self._href(url)))
        return values.put_in(shaped, unmarked if target == "whatsapp" else str, self._tagged)

    def _with_blocks(self, text: str, values: Values) -> Scope:
        """The scope with the passages the text names; one that meets a missing value is its fallback instead."""
        if "blocks" not in text:
            return self._scope
        passages: dict[str, object] = {}
        for name, block in self._source.blocks.items():
            self.part = f"blocks.{name}"
            try:
                passages[name] = self._passage(block.body, values)
            except MissingValue:
                if block.fallback is None:
                    raise
                passages[name] = self._passage(block.fallback, values)
                if name not in self.fallbacks:
                    self.fallbacks.append(name)
        return self._scope.with_names({**self._scope.names, "blocks": passages}, self._locale)

    def _passage(self, text: str, values: Values) -> Passage:
        return Passage(self._compiled.render(self._compiled.expanded(text, self._locale), self._scope, values).strip("\n"))

    def _tagged(self, url: str) -> str:
        return tagged(url, self._workspace.links.hosts, self._utm)

    def _href(self, url: str) -> str:
        return self._tagged(url) if safe(url) else "#"

    def _email(self) -> EmailContent:
        options = self._message.email
        subject = self._subject()
        if not subject:
            raise NothingToSay("the subject is empty")
        preheader = self._preheader() or ""
        override = options.body.get(self._locale)
        source = override or self._source.body
        text, html = self._body(source, "text"), self._body(source, "html")
        if self._action is not None and override is None:
            text = f"{text}\n\n{self._action['label']}: {self._action['url']}"
        headers: dict[str, str] = {}
        unsubscribe = self._pages["unsubscribe_url"]
        if isinstance(unsubscribe, str):
            # RFC 2369 and RFC 8058: one https URI, and a POST to it is enough
            headers = {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        pretty, plain = f"{options.layout}.email.html", f"{options.layout}.email.txt"
        return EmailContent(
            subject=subject, preheader=preheader, headers=headers,
            html=self._layout(pretty, self._with_offer(html, source, pretty, "html"), html=True),
            text=self._layout(plain, self._with_offer(text, source, plain, "text")),
        )  # fmt: skip

    def _text(self, target: Target, overrides: Mapping[str, str], layout: str) -> str:
        """Of SMS and WhatsApp. Text of our own says the action itself; derived text gets it on a line of its own."""
        override = overrides.get(self._locale)
        source, name = override or self._source.body, f"{layout}.{self._channel}.txt"
        body = self._body(source, target)
        if self._action is not None and override is None:
            body = f"{body}\n{self._action['label']}: {self._action['url']}"
        return self._layout(name, self._with_offer(body, source, name, target)).strip()

    def _sms(self) -> TextContent:
        options = self._message.sms
        body = plain_blanks(self._text("sms", options.body, options.layout))
        if options.encoding == "gsm7":
            body = fold(body)
        segments = count_segments(body)
        if segments.count > options.max_segments and options.over == "next_channel":
            raise TooLong(f"{segments.count} segments, at most {options.max_segments}")
        return TextContent(body=_short(body), segments=segments.count, encoding=segments.encoding)

    def _free_text(self) -> TextContent:
        options = self._message.whatsapp
        media = (str(self._image["url"]),) if self._image is not None else ()
        return TextContent(body=_short(self._text("whatsapp", options.body, options.layout)), media=media)

    def _template(self) -> TemplateContent:
        """Variables can hold neither line breaks nor runs of blanks, and none may be empty. The preview may fail: nobody is sent it."""
        options = self._message.whatsapp
        variables: dict[str, str] = {}
        for number, text in options.variables.items():
            self.part = f"whatsapp.variables.{number}"
            found = unmarked(one_line(clean(canonical_text(self._compiled.expression(text).evaluate(self._scope)))))
            if not found:
                raise MissingValue(text, 1)
            variables[str(number)] = found
        try:
            preview = self._text("whatsapp", options.body, options.layout)
        except (MissingValue, NothingToSay):
            preview = ""
        return TemplateContent(content_sid=options.content_sid[self._locale], variables=variables, preview=preview)

    def _subject(self) -> str | None:
        if self._known_subject is not None:
            return self._known_subject
        text = self._message.email.subject.get(self._locale) or self._source.subject
        self._known_subject = self._plain(text, "subject") if text else None
        return self._known_subject

    def _preheader(self) -> str | None:
        return self._plain(self._source.preheader, "preheader") or None if self._source.preheader else None

    def _layout(self, name: str, content: str, *, html: bool = False) -> str:
        source = self._workspace.layouts.get(name, "{{ content }}")
        wanted = names_in(source)
        heads = {
            "subject": self._subject() if "subject" in wanted else None,
            "preheader": self._preheader() if "preheader" in wanted else None,
        }
        self.part = f"layouts/{name}"
        if html and self._image is not None and "image" not in wanted:
            content = picture(self._image) + content
        scope = self._scope.with_names({
            **self._scope.names, **self._offer_names(html=html), "content": Markup(content) if html else content,  # noqa: S704  (made of escaped values and our own Markdown)
            **heads, "action": self._action, "image": self._image,
            "sender": self._sender() if "sender" in wanted else None, **self._pages,
        }, self._locale)  # fmt: skip
        return self._compiled.render_layout(source, scope, _in_html if html else _in_text)

    def _offer_names(self, *, html: bool) -> dict[str, object]:
        """The offer as HTML, where a layout wants that; its scope has it as text already."""
        if self._offer is None or not html:
            return {}
        return {"offer": self._offer.names(self._shaped(self._offer.body, self._offer.values, "html"), "html")}

    def _sender(self) -> dict[str, str]:
        """As concierge.yaml has it: `name address reply_to` of email, `from` of texts."""
        one = self._workspace.senders.get(self._message.sender, {}).get(self._channel)
        if one is None:
            return {}
        given = {"name": one.name, "address": one.address, "reply_to": one.reply_to} if self._channel == "email" else {"from": one.address}
        return {name: value for name, value in given.items() if value}


def _in_text(value: object) -> str:
    return clean(canonical_text(value))


def _in_html(value: object) -> str:
    return str(value) if isinstance(value, Markup) else escape(clean(canonical_text(value)))


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TooLong(f"{len(text)} characters, at most {MAX_TEXT}")
    return text
