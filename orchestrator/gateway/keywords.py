"""Does a text say stop, start or help? Providers know single words; law (47 CFR 64.1200(a)(10)) counts any reasonable wording."""

import re
from typing import Literal

Keyword = Literal["stop", "start", "help"]
_STOP = frozenset(
    (
        "stop",
        "stopall",
        "unsubscribe",
        "end",
        "quit",
        "cancel",
        "revoke",
        "optout",
        "opt out",
        "stopp",
        "abmelden",
        "abbestellen",
        "beenden",
        "arret",
        "arrêt",
        "parar",
        "baja",
    )
)
_START = frozenset(("start", "unstop", "yes start", "anmelden", "ja start"))
_HELP = frozenset(("help", "info", "hilfe", "aide"))
_SENTENCES = tuple(re.compile(pattern) for pattern in (
    r"(please |pls |can you |could you )?(stop|quit|cease) (texting|messaging|contacting|writing|sending|bothering|these|all|the)\b.*",
    r"(please |pls )?(take|remove) me (off|from)\b.*",
    r"(please |pls )?unsubscribe( me)?( from .*)?( please)?",
    r"(i )?(want to |would like to )?opt(-| )?out( of .*)?( please)?",
    r"(please |pls )?(do not|don'?t|no more) (text|message|contact|write|send|texts|messages)\b.*",
    r"stop( it| this| that| now| please| pls| all| messages| texts| sms| whatsapp)+",
    r"(bitte )?(keine|nicht mehr) (weiteren |mehr )?(nachrichten|sms|werbung|schreiben|texte)\b.*",
    r"(bitte )?(abmelden|abbestellen|austragen)( bitte)?",
    r"(bitte )?(hört|hören sie|hör) (bitte )?auf\b.*",
    r"lass(t|en sie)? mich in ruhe.*",
))  # fmt: skip


def keyword_of(text: str) -> Keyword | None:
    """A word alone, or a sentence that asks for it; a sentence that merely has the word in it (`the bus stop`) does not."""
    said = " ".join(re.sub(r"[^\w\s'-]", " ", text.lower()).split())
    if said in _STOP:
        return "stop"
    if said in _START:
        return "start"
    if said in _HELP:
        return "help"
    if any(pattern.fullmatch(said) for pattern in _SENTENCES):
        return "stop"
    return None
