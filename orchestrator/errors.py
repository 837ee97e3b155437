"""The error hierarchy. What is expected is a value (a verdict, an outcome); these are for what is not."""


class ConciergeError(Exception):
    """Root of what the running system raises."""


class Conflict(ConciergeError):  # noqa: N818  (the field's word for a lost compare-and-set)
    """Another owner has taken the partition over, or the version moved: drop all memory of it and take over again."""


class StoreRefused(ConciergeError):  # noqa: N818  (a refusal with a sentence that says what to do)
    """The store is foreign, torn, newer than this program or behind its log; the message says what to do."""


class TornPartition(StoreRefused):
    """A commit of one partition broke off in the middle: it must stand still, others need not."""


class TooManyDeadLetters(ConciergeError):  # noqa: N818  (says what happened)
    """Nothing but records that cannot be read: somebody has to look."""


class ServiceUnavailable(ConciergeError):  # noqa: N818  (maps to exit code 3)
    """A service that was asked for cannot be reached."""


class ConfigurationError(Exception):
    """Settings or workspace are wrong. Outside the tree above, so that no retry swallows it. Maps to exit code 2."""
