"""All profiles of a database, page by page, also while it is written to."""

from collections.abc import Iterator

from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.store import customers_only

PAGE = 500


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
