"""Twilio's error codes and what follows from them. Source: Twilio's error and warning dictionary. Data, with a default."""

from dataclasses import dataclass
from typing import Literal

Follow = Literal["rejected", "retry", "channel", "unknown"]


@dataclass(frozen=True, slots=True)
class TwilioCode:
    """`dead`: the address cannot get messages on this channel; `opted_out`: the person said stop to this sender."""

    follow: Follow
    dead: bool = False
    opted_out: bool = False


_DEAD = (21211, 21214, 21217, 21614, 21635, 21421, 30005, 30006, 63003, 63024)
_REJECTED = (
    21212, 21408, 21602, 21603, 21604, 21606, 21609, 21617, 21620, 21623, 21624, 21654, 21655, 21656, 21705, 21612, 30004, 30007, 30010,
    63013, 63015, 63016, 63021, 63027, 63028, 63030, 63032, 63040, 63041, 63042, 63049,
)  # fmt: skip
_RETRY = (20429, 21611, 30001, 30003, 30008, 30017, 30022, 30023, 30027, 30047, 30610, 63017, 63018, 63038)
_CHANNEL = (20003, 30002, 21703, 21704, 30032, 30033, 30034, 30035, 63007, 63020, 63051)
_UNKNOWN = (30410, 63009, 63010, 63012)

CODES: dict[int, TwilioCode] = {
    **{code: TwilioCode("rejected", dead=True) for code in _DEAD},
    **{code: TwilioCode("rejected") for code in _REJECTED},
    **{code: TwilioCode("retry") for code in _RETRY},
    **{code: TwilioCode("channel") for code in _CHANNEL},
    **{code: TwilioCode("unknown") for code in _UNKNOWN},
    21610: TwilioCode("rejected", opted_out=True),
}
DEFAULT = TwilioCode("rejected")
