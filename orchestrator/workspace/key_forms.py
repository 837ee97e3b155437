"""How the value of a key may look where its shape alone does not say: shown in fixes."""

from collections.abc import Mapping

FORMS: Mapping[str, str] = {
    "address": "hello@example.com",
    "branch": "[{when: customer.tier == 'gold', then: exit}, {otherwise: next}]",
    "channel": "email",
    "concierge": "1",
    "country": "GB",
    "currency": "GBP",
    "delay": "2d",
    "entry": "{event: Order Placed}",
    "event": "Order Placed",
    "exit": "true",
    "from": "Acme",
    "jump": "first_mail",
    "rrule": 'FREQ=DAILY, at: "09:00"',
    "key": "event.order_id",
    "level": "all",
    "locale": "en",
    "split": "{a: 50, b: 50}",
    "state": "granted",
    "step": "first_mail",
    "steps": "[{id: pause, delay: 2d}]",
    "timezone": "Europe/London",
    "topic": "offers",
    "type": "text",
    "url": '"https://example.com/"',
    "wait_until": "{event: Order Placed, timeout: 2d}",
    "weight": "50",
}
"""By the key's name."""
PLAIN = frozenset(('"some text"', "…", "", "3", "a_name", "customer.tier == 'gold'"))
"""Examples of shapes that say nothing about this key."""
_NAMES = {"content": "en", "senders": "default"}
"""What a mapping with free keys begins with."""


def form_of(name: str, example: str) -> str:
    """The value to show for a key of this name; `example` is its shape's."""
    if name in _NAMES:
        return example.replace("a_name", _NAMES[name], 1)
    return FORMS.get(name, example) if example in PLAIN or example[:1] in ("{", "[") else example
