"""Words for the days around today, which the locale data reads only as durations."""

_WORDS = {
    "bg": ("вчера", "днес", "утре"), "ca": ("ahir", "avui", "demà"), "cs": ("včera", "dnes", "zítra"), "cy": ("ddoe", "heddiw", "yfory"),
    "da": ("i går", "i dag", "i morgen"), "de": ("gestern", "heute", "morgen"), "el": ("χθες", "σήμερα", "αύριο"),
    "en": ("yesterday", "today", "tomorrow"), "es": ("ayer", "hoy", "mañana"), "et": ("eile", "täna", "homme"), "eu": ("atzo", "gaur", "bihar"),
    "fi": ("eilen", "tänään", "huomenna"), "fr": ("hier", "aujourd’hui", "demain"), "ga": ("inné", "inniu", "amárach"), "hr": ("jučer", "danas", "sutra"),
    "hu": ("tegnap", "ma", "holnap"), "it": ("ieri", "oggi", "domani"), "ja": ("昨日", "今日", "明日"), "ko": ("어제", "오늘", "내일"),
    "lt": ("vakar", "šiandien", "rytoj"), "lv": ("vakar", "šodien", "rīt"), "nb": ("i går", "i dag", "i morgen"), "nl": ("gisteren", "vandaag", "morgen"),
    "nn": ("i går", "i dag", "i morgon"), "no": ("i går", "i dag", "i morgen"), "pl": ("wczoraj", "dzisiaj", "jutro"), "pt": ("ontem", "hoje", "amanhã"),
    "ro": ("ieri", "azi", "mâine"), "ru": ("вчера", "сегодня", "завтра"), "sk": ("včera", "dnes", "zajtra"), "sl": ("včeraj", "danes", "jutri"),
    "sv": ("i går", "i dag", "i morgon"), "tr": ("dün", "bugün", "yarın"), "uk": ("учора", "сьогодні", "завтра"), "zh": ("昨天", "今天", "明天"),
}  # fmt: skip


def near_day(days: int, language: str) -> str | None:
    """The word for a day so many days from today; None where the language, or the locale data, says it otherwise."""
    words = _WORDS.get(language)
    return words[days + 1] if words is not None and days in (-1, 0, 1) else None
