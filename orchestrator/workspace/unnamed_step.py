"""What a step without an id runs under: its word and the step before it in the file (`#branch.asked`), a jump's and where it leads to
(`#jump.remind`), numbered from the second on (`#jump.remind.2`). Lines that are added or moved elsewhere change nothing of it."""


def unnamed(word: str, about: str) -> str:
    """Of the first such step. `about` is empty at the beginning of a journey."""
    return f"#{word}.{about}"


def speaks_of(name: str) -> str:
    """The id in it; empty for the name of a step that has one itself."""
    return name.split(".")[1] if name.startswith("#") else ""


def about_another(name: str, other: str) -> str:
    """The same, of another id."""
    word, _about, *number = name.split(".")
    return ".".join((word, other, *number))


def in_words(name: str) -> str:
    """`step 'asked'`, `the branch behind 'asked'`."""
    if not name.startswith("#"):
        return f"step '{name}'"
    word, about, *number = name[1:].split(".")
    nth = f", number {number[0]}" if number else ""
    return f"the {word} {'to' if word == 'jump' else 'behind'} '{about}'{nth}" if about else f"the {word} at the beginning{nth}"
