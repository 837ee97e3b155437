"""Reason codes: the closed list of why something was sent, held, dropped, refused or tried again.

Codes are never renamed; dashboards, tests and people rely on them. `effect` letters: S sent, E entry refused, D dropped,
H held, R tried again, F delivery failed, i a note on a part. `who` can act on it; nobody needs to where it is empty.
"""

from enum import StrEnum
from typing import NamedTuple


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
    Reason.ALLOWED: ReasonText("passed every line and was committed", "S", ()),
    Reason.FELL_BACK: ReasonText("sent on this channel because the one before failed or went unseen", "S", ()),
    Reason.ENTRY_FILTER: ReasonText("the journey's when was false", "E", ("author",)),
    Reason.ENTRY_EXPIRED: ReasonText("the event was older than expires on arrival", "E", ("backend",)),
    Reason.ENTRY_KEY_MISSING: ReasonText("key gave nothing", "E", ("backend",)),
    Reason.ALREADY_RUNNING: ReasonText("a run with this key is active, on_repeat: ignore", "E", ("author",)),
    Reason.REENTRY_NEVER: ReasonText("this key has entered before", "E", ("author",)),
    Reason.REENTRY_TOO_SOON: ReasonText("within after of the last entry", "E", ("author",)),
    Reason.REENTRY_MAX: ReasonText("lifetime entries used up", "E", ("author",)),
    Reason.TOO_MANY_RUNS: ReasonText("100 runs of this customer in this journey", "E", ("author",)),
    Reason.JOURNEY_NOT_ACTIVE: ReasonText("draining, or outside active", "E", ("author",)),
    Reason.JOURNEY_PAUSED: ReasonText("paused by file, command or guard", "EH", ("author", "ops")),
    Reason.JOURNEY_LIMIT: ReasonText("a daily limit of the journey", "EHD", ("author",)),
    Reason.HELD_OUT: ReasonText("in the journey's control group", "E", ()),
    Reason.HELD_OUT_GLOBAL: ReasonText("in the workspace's control group", "ED", ("policy",)),
    Reason.ONLY_IF_FALSE: ReasonText("the step's only_if was false at plan or release", "D", ("author",)),
    Reason.DUPLICATE_MESSAGE: ReasonText("the same message within dedupe", "D", ("author",)),
    Reason.ALREADY_SENT: ReasonText("this run, or one merged into it, has sent this step", "D", ()),
    Reason.JOURNEY_EXITED: ReasonText("the run ended (goal, exit_on, restart, version, merge) before it left", "D", ()),
    Reason.STATE_REBUILDING: ReasonText("the customer's state is being rebuilt; transactional goes", "H", ("ops",)),
    Reason.ERASED: ReasonText("the person was erased", "D", ()),
    Reason.DO_NOT_CONTACT: ReasonText("flagged do-not-contact", "D", ("customer",)),
    Reason.ADDRESS_MISSING: ReasonText("no address for the channel", "D", ("backend",)),
    Reason.ADDRESS_SUPPRESSED: ReasonText("hard bounce, complaint or invalid address", "D", ("customer", "ops")),
    Reason.CHANNEL_STOPPED: ReasonText("STOP on this channel", "D", ("customer",)),
    Reason.CONSENT_REVOKED: ReasonText("left this topic on this channel", "D", ("customer",)),
    Reason.CONSENT_PENDING: ReasonText("double opt-in not confirmed", "D", ("customer",)),
    Reason.CONSENT_MISSING: ReasonText("opt-in topic, never granted", "D", ("customer",)),
    Reason.OPEN_SERVICE_ISSUE: ReasonText("a case is open; its id is given", "DH", ("backend", "policy")),
    Reason.SUPPRESSION_RULE: ReasonText("another suppression rule; its name is given", "DH", ("policy",)),
    Reason.HOLD_LIMIT: ReasonText("held longer than the rule's max_hold", "D", ("policy",)),
    Reason.EXPIRED: ReasonText("past expires when first judged, or before a further try or channel", "D", ("author",)),
    Reason.EXPIRED_WHILE_HELD: ReasonText("expires passed during a hold", "D", ("author", "policy")),
    Reason.QUIET_HOURS: ReasonText("quiet for this customer now", "HD", ("policy",)),
    Reason.SEND_TIME: ReasonText("waits for the customer's best hour", "H", ("author",)),
    Reason.FREQUENCY_CAP: ReasonText("the cap's window is full", "DH", ("policy",)),
    Reason.ARBITRATION: ReasonText("waits for its window to close", "H", ("policy",)),
    Reason.LOST_ARBITRATION: ReasonText("another message won; its name is given", "D", ("author",)),
    Reason.NO_REACHABLE_CHANNEL: ReasonText("every channel dropped, for different reasons", "D", ("customer", "backend")),
    Reason.COUNTRY_NOT_ALLOWED: ReasonText("address outside the channel's countries", "D", ("policy",)),
    Reason.CHANNEL_NOT_CONFIGURED: ReasonText("no sender or provider for the channel", "D", ("ops",)),
    Reason.CHANNEL_LIMIT: ReasonText("the channel's daily limit", "H", ("policy",)),
    Reason.RELEASE_PACED: ReasonText("waits its turn in a smoothed release", "H", ("policy",)),
    Reason.WHATSAPP_WINDOW_CLOSED: ReasonText("outside 24 h and no template for the locale", "D", ("author",)),
    Reason.WHATSAPP_TEMPLATE_NOT_APPROVED: ReasonText("the template is pending, rejected or paused", "D", ("author", "provider")),
    Reason.LOCALE_MISSING: ReasonText("no content in the locale chain", "D", ("author",)),
    Reason.MISSING_VALUE: ReasonText("a printed value was missing", "D", ("author", "backend")),
    Reason.TEMPLATE_ERROR: ReasonText("the template failed or went over a bound", "D", ("author",)),
    Reason.MESSAGE_TOO_LONG: ReasonText("over max_segments or the channel's size", "D", ("author",)),
    Reason.LOOKUP_FAILED: ReasonText("a look-up without fallback failed", "D", ("author", "ops")),
    Reason.NO_ELIGIBLE_OFFER: ReasonText("the slot stayed empty", "i", ("author",)),
    Reason.FALLBACK_BLOCK: ReasonText("a block printed its fallback", "i", ("author", "ops")),
    Reason.PROVIDER_REJECTED: ReasonText("refused for good (request or recipient)", "F", ("author", "ops")),
    Reason.PROVIDER_WITHHELD: ReasonText(
        "accepted, then withheld by provider or network; not tried again on this channel", "F", ("provider",)
    ),
    Reason.UNDELIVERABLE: ReasonText("bounced, failed or unreachable", "F", ("customer",)),
    Reason.UNSEEN: ReasonText("not delivered or seen within fallback.after; next channel", "F", ()),
    Reason.RATE_LIMITED: ReasonText("provider's or our own rate; goes later", "R", ("ops",)),
    Reason.PROVIDER_DOWN: ReasonText("provider or circuit open; goes later or over the second provider", "R", ("ops",)),
    Reason.RETRIES_EXHAUSTED: ReasonText("not processed after the last try", "F", ("ops",)),
    Reason.OUTCOME_UNKNOWN: ReasonText(
        "the provider may have it: resolved from its records; if not, transactional is tried again, others are not", "RF", ("ops",)
    ),
}
