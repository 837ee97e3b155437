"""Twilio's error codes and what follows from them, in an answer or reported later. Data, with a default.

Source: Twilio's error and warning dictionary, https://www.twilio.com/docs/api/errors. Two codes say less than they seem to:
21212 is about our own `From`, so it marks no address; 63013 (channel policy violation) is about one message's content (blanks in
a variable, unsupported media), so it does not stop the channel.
"""

from dataclasses import dataclass
from typing import Literal

from orchestrator.contracts.reason import Reason

Follow = Literal["rejected", "retry", "channel", "unknown"]
MINUTE, HOUR = 60_000, 3_600_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class TwilioCode:
    """`follow`: what an answer with this code means. `reason`: why a message failed, where it is not simply rejected or undeliverable.

    `dead`: the address cannot get messages on this channel; `opted_out`: the person said stop to this sender. `again`: waits in
    milliseconds after which a message that was accepted and then failed is worth another try, the first failure's first.
    `resets`: the limit is lifted at midnight in this time zone, which is then the first wait.
    """

    follow: Follow = "rejected"
    reason: Reason | None = None
    dead: bool = False
    opted_out: bool = False
    again: tuple[int, ...] = ()
    resets: str = ""


def _all(codes: tuple[int, ...], rule: TwilioCode) -> dict[int, TwilioCode]:
    return dict.fromkeys(codes, rule)


_LIMITED = Reason.RATE_LIMITED
CODES: dict[int, TwilioCode] = {
    **_all((21211, 21214, 21217, 21421, 21614, 21635, 30005, 30006, 63003, 63024), TwilioCode(dead=True)),
    **_all(
        (21212, 21408, 21602, 21603, 21604, 21606, 21609, 21612, 21617, 21620, 21623, 21624, 21654, 21655, 21656, 21705, 30010,
         63015, 63021, 63027, 63028, 63030),
        TwilioCode(),
    ),
    **_all((30004, 30007, 63013, 63032, 63049), TwilioCode(reason=Reason.PROVIDER_WITHHELD)),
    **_all((63040, 63041, 63042), TwilioCode(reason=Reason.WHATSAPP_TEMPLATE_NOT_APPROVED)),
    21610: TwilioCode(reason=Reason.CHANNEL_STOPPED, opted_out=True),
    63016: TwilioCode(reason=Reason.WHATSAPP_WINDOW_CLOSED, again=(0,)),  # it comes back at once, as a template
    30003: TwilioCode("retry", Reason.UNDELIVERABLE, again=(30 * MINUTE, 2 * HOUR, 8 * HOUR)),  # the handset is off or abroad
    30008: TwilioCode("retry", Reason.UNDELIVERABLE, again=(30 * MINUTE,)),
    **_all((20429, 21611, 30001), TwilioCode("retry", _LIMITED, again=(15 * MINUTE, HOUR, 4 * HOUR))),
    30017: TwilioCode("retry", _LIMITED, again=(5 * MINUTE, 30 * MINUTE, 2 * HOUR)),
    **_all((30022, 63017), TwilioCode("retry", _LIMITED, again=(10 * MINUTE, HOUR, 6 * HOUR))),
    **_all((30023, 30027), TwilioCode("retry", _LIMITED, again=(24 * HOUR, 24 * HOUR), resets="America/Los_Angeles")),
    **_all((30047, 30610), TwilioCode("retry", _LIMITED, again=(4 * HOUR, 8 * HOUR, 12 * HOUR))),  # Twilio's own quiet hours
    **_all((63018, 63038), TwilioCode("retry", _LIMITED, again=(6 * HOUR, 12 * HOUR, 24 * HOUR))),
    **_all(
        (20003, 21703, 21704, 30002, 30032, 30033, 30034, 30035, 63007, 63020, 63051),
        TwilioCode("channel", Reason.PROVIDER_DOWN, again=(HOUR, 6 * HOUR, 24 * HOUR)),
    ),
    **_all((30410, 63009, 63010, 63012), TwilioCode("unknown", Reason.OUTCOME_UNKNOWN, again=(10 * MINUTE,))),
}  # fmt: skip
DEFAULT = TwilioCode()
MARKETING_CAP = 63049
"""Meta chose not to deliver. To +1 that is for good; elsewhere it is a cap per person, worth another try."""
CAP_AGAIN = (6 * HOUR, 24 * HOUR, 48 * HOUR)
BLOCKED = 30004
"""From a toll-free number this is how the network says that the person has texted STOP."""
