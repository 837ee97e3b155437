"""How many parts a text is billed as. Source: 3GPP TS 23.038 (GSM-7) and Twilio's segment calculator."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """At least 1. An escape pair or a surrogate pair is never split over two parts."""
    if all(one in BASIC or one in ESCAPED for one in text):
        sizes = [2 if one in ESCAPED else 1 for one in text]
        alone, part = 160, 153
    else:
        sizes = [2 if ord(one) > 0xFFFF else 1 for one in text]
        alone, part = 70, 67
    if sum(sizes) <= alone:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
