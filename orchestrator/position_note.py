"""What is noted beside a position of the customer stream's group: the store it was applied to, and up to which instant everything was."""


def note(store: str, through: int) -> str:
    """`through` in milliseconds since 1970."""
    return f"{store} {through}"


def read_note(text: str) -> tuple[str, int]:
    """(store, instant). What says nothing of them is ("", 0); a store alone was noted by earlier versions."""
    store, _space, through = text.partition(" ")
    return store, int(through) if through.isascii() and through.isdigit() else 0
