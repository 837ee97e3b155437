"""One message on one channel: content of the person's locale, through the channel's rules and its layout."""

from dataclasses import dataclass
from typing import Protocol

from jinja2 import TemplateError

from orchestrator.content.compiled import Compiled
from orchestrator.content.locale_chain import pick_locale
from orchestrator.content.offer import Carried
from orchestrator.content.rendering import NothingToSay, Rendering, TooLong
from orchestrator.content.variants import draw
from orchestrator.contracts.message import Content
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.expressions.environment import BoundExceeded, MissingValue
from orchestrator.frame import Frame
from orchestrator.workspace.message import Message
from orchestrator.workspace.workspace import Workspace


class LinkMaker(Protocol):
    """Addresses of the pages behind a message."""

    def unsubscribe(self, customer: str, topic: str, channel: Channel) -> str: ...

    def preferences(self, customer: str, topic: str, channel: Channel) -> str: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes out. `fallback_blocks` are the blocks that printed their fallback."""

    content: Content
    locale: str
    variant: str | None = None
    fallback_blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unrendered:
    """Content refused; `place` is the file and line."""

    reason: Reason
    place: str
    detail: str = ""


class Renderer:
    """Content of one workspace."""

    def __init__(self, workspace: Workspace, links: LinkMaker) -> None:
        self._workspace = workspace
        self._links = links
        self._compiled = Compiled(workspace)

    def has_template(self, message: Message, frame: Frame) -> bool:
        """An approved WhatsApp template for the locale chain of the person."""
        return self._locale(message, frame, templated=True) is not None

    def render(
        self,
        message: Message,
        channel: Channel,
        frame: Frame,
        names: dict[str, object],
        *,
        window_open: bool,
        message_class: str,
        carried: Carried | None = None,
    ) -> Rendered | Unrendered:
        """The content with its locale, or why there is none. `names` are those of the run; `window_open` matters to WhatsApp alone;
        `carried` is the offer that stands in it."""
        locale = self._locale(message, frame, templated=channel == "whatsapp" and not window_open)
        if locale is None:
            return Unrendered(Reason.LOCALE_MISSING, message.file, f"no content for {frame.locale}")
        variant = draw(message, self._workspace.name, frame.customer.id)
        pages = self._pages(message, channel, frame, message_class, None if carried is None else carried.offer.topic)
        one = Rendering(self._compiled, message, channel, locale, pages, variant, carried)
        try:
            content = one.content(frame, names, message_class, window_open=window_open)
            return Rendered(content, locale, None if variant is None else variant.name, tuple(one.fallbacks))
        except MissingValue as missing:
            return Unrendered(Reason.MISSING_VALUE, f"{message.file}:{locale}.{one.part}:{missing.line}", missing.expression)
        except TooLong as long:
            return Unrendered(Reason.MESSAGE_TOO_LONG, message.file, str(long))
        except (
            NothingToSay, TemplateError, BoundExceeded, TypeError, ValueError, ArithmeticError, LookupError, RecursionError,
        ) as error:  # fmt: skip
            return Unrendered(Reason.TEMPLATE_ERROR, f"{message.file}:{locale}.{one.part}", f"{type(error).__name__}: {error}"[:300])

    def _locale(self, message: Message, frame: Frame, *, templated: bool) -> str | None:
        """The whole message uses one locale; outside the WhatsApp window it is one that has a template."""
        there = [one for one in message.content if one in message.whatsapp.content_sid] if templated else message.content
        return pick_locale(frame.locale, there, self._workspace.locale)

    def _pages(self, message: Message, channel: Channel, frame: Frame, message_class: str, offered: str | None) -> dict[str, object]:
        """Of topics that can be left: nobody leaves what is transactional, but for the offer in it."""
        topic = offered if message_class == "transactional" else message.topic or offered
        if topic is None:
            return {"unsubscribe_url": None, "preferences_url": None, "why_url": None}
        customer = frame.customer.id
        preferences = self._links.preferences(customer, topic, channel)
        return {
            "unsubscribe_url": self._links.unsubscribe(customer, topic, channel),
            "preferences_url": preferences,
            "why_url": f"{preferences}#why",
        }
