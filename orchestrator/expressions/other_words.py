"""Words of other tools and languages, and ours for the same."""

from collections.abc import Iterable, Mapping

_OURS: Mapping[str, str] = {
    "send": "email mail sms text whatsapp message push notify", "delay": "wait sleep pause", "branch": "if condition decision switch case",
    "split": "experiment ab_test random test", "jump": "goto go_to loop repeat", "exit": "end stop finish", "update_profile": "set update set_trait tag",
    "webhook": "http call request", "emit": "track event", "time_window": "window hours", "throttle": "rate_limit",
    "hold": "delay wait defer", "drop": "block skip suppress discard deny", "live": "active on enabled published", "paused": "off disabled stopped",
    "marketing": "promotional promo commercial", "never": "once no false", "always": "yes true",
    "when": "if condition filter where", "otherwise": "else default", "then": "expect expected goto", "entry": "trigger enter start event", "from": "start begin after", "to": "end stop", "goal": "conversion target",
    "exit_on": "cancel_on stop_on", "with": "properties props data", "rrule": "cron", "on_timeout": "else", "holdout": "control control_group",
    "integer": "int long", "number": "float decimal double", "text": "string str varchar", "boolean": "bool", "instant": "datetime timestamp",
    "list": "array", "object": "map dict json", "choice": "enum", "customer": "user person contact profile subscriber recipient member",
    "opt_in": "yes true", "opt_out": "no false", "granted": "opt_in yes true", "revoked": "opt_out no false", "weekdays": "mon-fri monday-friday workdays weekday",
    "blank": "empty", "money": "currency price", "length": "len size count", "upper": "uppercase upcase", "lower": "lowercase downcase",
    "count_of": "count", "weekend": "sat-sun saturday-sunday weekends",
}  # fmt: skip
"""Our word to theirs."""
_THEIRS: Mapping[str, tuple[str, ...]] = {
    word: tuple(ours for ours, theirs in _OURS.items() if word in theirs.split()) for words in _OURS.values() for word in words.split()
}


def ours(word: str, words: Iterable[str]) -> str | None:
    """That of `words` which says what another tool calls `word`; None where there is none."""
    known = set(words)
    return next((one for one in _THEIRS.get(word.casefold().replace(" ", ""), ()) if one in known), None)
