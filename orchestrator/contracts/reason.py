"""Reason codes: the closed list of why something was sent, held, dropped, refused or tried again.

Codes are never renamed; dashboards, tests and people rely on them. `effect` letters: S sent, E entry refused, D dropped,
H held, R tried again, F delivery failed, i a note on a part. `who` can act on it; nobody needs to where it is empty.
"""

from enum import StrEnum
from typing import NamedTuple

EFFECTS = {"S": "sent", "H": "held", "D": "not sent", "E": "entry refused", "R": "tried again", "F": "failed", "i": "note"}
"""Effect letters in words, in the order people want to see them."""


class Reason(StrEnum):
    """One member a code; the value is the code."""

    ALLOWED = "allowed"
    FELL_BACK = "fell_back"
    ENTRY_FILTER = "entry_filter"
    ENTRY_EXPIRED = "entry_expired"
    ENTRY_KEY_MISSING = "entry_key_missing"
    ALREADY_RUNNING = "already_running"
    REENTRY_NEVER = "reentry_never"
    REENTRY_TOO_SOON = "reentry_too_soon"
    REENTRY_MAX = "reentry_max"
    TOO_MANY_RUNS = "too_many_runs"
    JOURNEY_NOT_ACTIVE = "journey_not_active"
    JOURNEY_PAUSED = "journey_paused"
    JOURNEY_LIMIT = "journey_limit"
    HELD_OUT = "held_out"
    HELD_OUT_GLOBAL = "held_out_global"
    ONLY_IF_FALSE = "only_if_false"
    DUPLICATE_MESSAGE = "duplicate_message"
    ALREADY_SENT = "already_sent"
    JOURNEY_EXITED = "journey_exited"
    STATE_REBUILDING = "state_rebuilding"
    ERASED = "erased"
    DO_NOT_CONTACT = "do_not_contact"
    ADDRESS_MISSING = "address_missing"
    ADDRESS_SUPPRESSED = "address_suppressed"
    CHANNEL_STOPPED = "channel_stopped"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_PENDING = "consent_pending"
    CONSENT_MISSING = "consent_missing"
    OPEN_SERVICE_ISSUE = "open_service_issue"
    SUPPRESSION_RULE = "suppression_rule"
    HOLD_LIMIT = "hold_limit"
    EXPIRED = "expired"
    EXPIRED_WHILE_HELD = "expired_while_held"
    QUIET_HOURS = "quiet_hours"
    SEND_TIME = "send_time"
    FREQUENCY_CAP = "frequency_cap"
    ARBITRATION = "arbitration"
    LOST_ARBITRATION = "lost_arbitration"
    NO_REACHABLE_CHANNEL = "no_reachable_channel"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    CHANNEL_NOT_CONFIGURED = "channel_not_configured"
    CHANNEL_LIMIT = "channel_limit"
    RELEASE_PACED = "release_paced"
    WHATSAPP_WINDOW_CLOSED = "whatsapp_window_closed"
    WHATSAPP_TEMPLATE_NOT_APPROVED = "whatsapp_template_not_approved"
    LOCALE_MISSING = "locale_missing"
    MISSING_VALUE = "missing_value"
    TEMPLATE_ERROR = "template_error"
    MESSAGE_TOO_LONG = "message_too_long"
    LOOKUP_FAILED = "lookup_failed"
    NO_ELIGIBLE_OFFER = "no_eligible_offer"
    FALLBACK_BLOCK = "fallback_block"
    PROVIDER_REJECTED = "provider_rejected"
    PROVIDER_WITHHELD = "provider_withheld"
    UNDELIVERABLE = "undeliverable"
    UNSEEN = "unseen"
    RATE_LIMITED = "rate_limited"
    PROVIDER_DOWN = "provider_down"
    RETRIES_EXHAUSTED = "retries_exhausted"
    OUTCOME_UNKNOWN = "outcome_unknown"


class ReasonText(NamedTuple):
    """For people: what it means, the effects it can have, who can act."""

    means: str
    effects: str
    who: tuple[str, ...]


REASONS: dict[Reason, ReasonText] = {
    Reason.ALLOWED: ReasonText("Nothing stood against it: it was handed to a sender", "S", ()),
    Reason.FELL_BACK: ReasonText("Sent here because the channel before it did not get through", "S", ()),
    Reason.ENTRY_FILTER: ReasonText("The event did not meet the journey's `when`", "E", ("author",)),
    Reason.ENTRY_EXPIRED: ReasonText("The event was too old when it came in", "E", ("backend",)),
    Reason.ENTRY_KEY_MISSING: ReasonText("The event gave the journey's `key` no value", "E", ("backend",)),
    Reason.ALREADY_RUNNING: ReasonText("This person is already on this journey with the same key", "E", ("author",)),
    Reason.REENTRY_NEVER: ReasonText("This journey is walked once, and this person has walked it", "E", ("author",)),
    Reason.REENTRY_TOO_SOON: ReasonText("This person was on this journey too short a time ago", "E", ("author",)),
    Reason.REENTRY_MAX: ReasonText("This person has used up all entries of this journey", "E", ("author",)),
    Reason.TOO_MANY_RUNS: ReasonText("A hundred runs of this person in this journey are under way", "E", ("author",)),
    Reason.JOURNEY_NOT_ACTIVE: ReasonText("The journey takes nobody in at present", "E", ("author",)),
    Reason.JOURNEY_PAUSED: ReasonText("The journey is paused", "EH", ("author", "ops")),
    Reason.JOURNEY_LIMIT: ReasonText("The journey has reached its limit for the day", "EHD", ("author",)),
    Reason.HELD_OUT: ReasonText("This person is in the journey's control group and gets nothing from it", "E", ()),
    Reason.HELD_OUT_GLOBAL: ReasonText("This person is in the control group of all marketing", "ED", ("policy",)),
    Reason.ONLY_IF_FALSE: ReasonText("The step's `only_if` did not hold", "D", ("author",)),
    Reason.DUPLICATE_MESSAGE: ReasonText("The same message went to this person a short time ago", "D", ("author",)),
    Reason.ALREADY_SENT: ReasonText("This step of this run has sent its message before", "D", ()),
    Reason.JOURNEY_EXITED: ReasonText("The run ended, or its step was taken out of the journey, before the message had left", "D", ()),
    Reason.STATE_REBUILDING: ReasonText("What we know of this person is being restored; only transactional messages go", "H", ("ops",)),
    Reason.ERASED: ReasonText("This person asked to be forgotten", "D", ()),
    Reason.DO_NOT_CONTACT: ReasonText("This person is not to be contacted", "D", ("customer",)),
    Reason.ADDRESS_MISSING: ReasonText("There is no usable address for the channel", "D", ("backend",)),
    Reason.ADDRESS_SUPPRESSED: ReasonText("Mail to this address bounced for good, or its owner complained", "D", ("customer", "ops")),
    Reason.CHANNEL_STOPPED: ReasonText("This person said STOP on this channel", "D", ("customer",)),
    Reason.CONSENT_REVOKED: ReasonText("This person has left the topic on this channel", "D", ("customer",)),
    Reason.CONSENT_PENDING: ReasonText("This person has not confirmed yet", "D", ("customer",)),
    Reason.CONSENT_MISSING: ReasonText("The topic needs a yes on this channel, and there is none", "D", ("customer",)),
    Reason.OPEN_SERVICE_ISSUE: ReasonText("Something of theirs is broken at the moment", "DH", ("backend", "policy")),
    Reason.SUPPRESSION_RULE: ReasonText("A rule of the workspace says not now", "DH", ("policy",)),
    Reason.HOLD_LIMIT: ReasonText("It was held as long as the rule allows", "D", ("policy",)),
    Reason.EXPIRED: ReasonText("It was no longer worth sending when it came due", "D", ("author",)),
    Reason.EXPIRED_WHILE_HELD: ReasonText("It was held until it was no longer worth sending", "D", ("author", "policy")),
    Reason.QUIET_HOURS: ReasonText("It is quiet time where this person is", "HD", ("policy",)),
    Reason.SEND_TIME: ReasonText("It waits for the hour this person reads at", "H", ("author",)),
    Reason.FREQUENCY_CAP: ReasonText("This person has had enough messages of this kind lately", "DH", ("policy",)),
    Reason.ARBITRATION: ReasonText("It waits to see whether a more important message comes due", "H", ("policy",)),
    Reason.LOST_ARBITRATION: ReasonText("A more important message went instead", "D", ("author",)),
    Reason.NO_REACHABLE_CHANNEL: ReasonText("No channel could be used, each for a reason of its own", "D", ("customer", "backend")),
    Reason.COUNTRY_NOT_ALLOWED: ReasonText("The channel is not used for addresses in that country", "D", ("policy",)),
    Reason.CHANNEL_NOT_CONFIGURED: ReasonText("The workspace names no sender for the channel", "D", ("ops",)),
    Reason.CHANNEL_LIMIT: ReasonText("The channel has reached its limit for the day", "H", ("policy",)),
    Reason.RELEASE_PACED: ReasonText("Held messages leave one after another; its turn comes", "H", ("policy",)),
    Reason.WHATSAPP_WINDOW_CLOSED: ReasonText(
        "The person has not written within a day, and there is no approved template", "DRF", ("author",)
    ),
    Reason.WHATSAPP_TEMPLATE_NOT_APPROVED: ReasonText(
        "WhatsApp has not approved the template, or has taken the approval back", "DF", ("author", "provider")
    ),
    Reason.LOCALE_MISSING: ReasonText("The message is not written in a language this person reads", "D", ("author",)),
    Reason.MISSING_VALUE: ReasonText("A value the text prints is not known; nothing is sent blank", "D", ("author", "backend")),
    Reason.TEMPLATE_ERROR: ReasonText("The text could not be made", "D", ("author",)),
    Reason.MESSAGE_TOO_LONG: ReasonText("The text is longer than the channel takes", "D", ("author",)),
    Reason.LOOKUP_FAILED: ReasonText("Data the text needs could not be fetched", "D", ("author", "ops")),
    Reason.NO_ELIGIBLE_OFFER: ReasonText("No offer fitted; the message went without one", "i", ("author",)),
    Reason.FALLBACK_BLOCK: ReasonText("A passage was replaced by its fallback", "i", ("author", "ops")),
    Reason.PROVIDER_REJECTED: ReasonText("The provider refused it for good", "F", ("author", "ops")),
    Reason.PROVIDER_WITHHELD: ReasonText("The provider took it and then did not pass it on", "F", ("provider",)),
    Reason.UNDELIVERABLE: ReasonText("It bounced, failed, or nobody could be reached there", "RF", ("customer",)),
    Reason.UNSEEN: ReasonText("It was not seen in time; the next channel is tried", "F", ()),
    Reason.RATE_LIMITED: ReasonText("The provider takes no more just now; it goes later", "R", ("ops",)),
    Reason.PROVIDER_DOWN: ReasonText("The provider does not answer; it goes later or through another", "R", ("ops",)),
    Reason.RETRIES_EXHAUSTED: ReasonText("It was tried as often as is sensible", "F", ("ops",)),
    Reason.OUTCOME_UNKNOWN: ReasonText("Nobody can say whether the provider has it", "RF", ("ops",)),
}
