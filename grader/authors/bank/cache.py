"""Keeps what was graded, by all it depends on, so that an interrupted or repeated run goes on."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from grader.authors.bank.graded import Graded
from grader.basics.errors import UserError
from grader.course.directory import Course


class Cache:
    """Graded notebooks in a file; each is kept as soon as it is there.

    The keys (see bench.key_of) hold everything that a score depends on: the cells that are run, the
    handouts, the engine, the pinned packages. So nothing in it ever goes stale.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._connection.execute("CREATE TABLE IF NOT EXISTS graded (key TEXT PRIMARY KEY, value)")

    def get(self, key: str) -> Graded | None:
        """What was graded under `key`."""
        query = "SELECT value FROM graded WHERE key = ?"
        row = self._connection.execute(query, (key,)).fetchone()
        return None if row is None else Graded(**json.loads(row[0]))

    def put(self, key: str, graded: Graded) -> None:
        """Keep it."""
        row = key, json.dumps(asdict(graded))
        self._connection.execute("INSERT OR REPLACE INTO graded VALUES (?, ?)", row)


@contextmanager
def opened(course: Course, *, afresh: bool = False) -> Iterator[Cache]:
    """The cache of a course, in .cache/; `afresh` empties it first."""
    path = course.root / ".cache" / "graded.sqlite"
    path.parent.mkdir(exist_ok=True)
    if afresh:
        path.unlink(missing_ok=True)
    try:
        with closing(_connect(path)) as connection:
            yield Cache(connection)
    except sqlite3.DatabaseError as error:
        raise UserError(f"{course.show(path)} cannot be used ({error}). Delete it.") from None


def _connect(path: Path) -> sqlite3.Connection:
    # Each statement is a transaction of its own.
    return sqlite3.connect(path, isolation_level=None, timeout=60)
