"""All profiles of a database, page by page, also while it is written to."""

from collections.abc import Iterator

from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.store import customers_only

PAGE = 500


def customers_behind(database: SqliteDatabase, partition: int, after: str, limit: int) -> tuple[list[str], str | None]:
    """Ids of a partition in their order, and the last of them where there may be more."""
    rows = database.read("SELECT id FROM profile WHERE p=? AND id>? ORDER BY id LIMIT ?", (partition, after, limit))
    return [row[0] for row in rows if not row[0].startswith("\0")], rows[-1][0] if len(rows) == limit else None


def pages(database: SqliteDatabase) -> Iterator[dict[str, bytes]]:
    """By partition, then id; each page is read as it then stands."""
    after = (-1, "")
    while True:
        rows = database.read("SELECT p,id,v FROM profile WHERE (p,id)>(?,?) ORDER BY p,id LIMIT ?", (*after, PAGE))
        if rows:
            yield customers_only({row[1]: row[2] for row in rows})
        if len(rows) < PAGE:
            return
        after = (rows[-1][0], rows[-1][1])
