"""What an error of the gradebook's database means, in one sentence: SQLite's or PostgreSQL's."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from grader.basics.errors import GraderError, ResourceError, UserError

# What an error means, by how SQLite and PostgreSQL begin to call it.
_KINDS = {
    "busy": ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40P01"),
    "closed": ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
    "denied": ("25006", "42501"),
    "full": ("SQLITE_FULL", "53100"),
    "damaged": ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002"),
    "away": ("08", "28", "3D000", "57P"),
    "long": ("22001",),
    "machine": ("SQLITE_IOERR", "SQLITE_NOMEM", "53", "58"),
}


@contextmanager
def plain_errors(name: str) -> Iterator[None]:
    """Raise an error of the database as the GraderError that says what it means.

    `name` is what the message calls the gradebook, such as "The gradebook gradebook.db".
    """
    try:
        yield
    except sa.exc.DatabaseError as error:
        raise as_grader_error(name, error) from error


def as_grader_error(name: str, error: sa.exc.DatabaseError) -> GraderError:
    """The GraderError that says what an error of the database means."""
    kind = kind_of(error.orig)
    sentences = {
        "busy": f"{name} is in use by another program: close that and run this again.",
        "closed": f"{name} cannot be written: allow writing to the file and to its directory.",
        "denied": f"{name} cannot be written: let that user of the database write to it.",
        "full": f"{name} cannot grow, for the disk is full: make room and run this again.",
        "damaged": f"{name} is damaged: put back a copy of it, or move it away, and everything "
        "will be graded anew; points that a person gave are then lost.",
        "away": f"{name} cannot be reached: look whether its server runs, and at "
        "c.CourseDirectory.db_url, and run this again.",
        "long": f"{name} cannot hold so long a name: nbgrader's tables have room for 128 "
        "characters. Rename the student's folder.",
    }
    said = " ".join(str(error.orig).split())
    of_machine = kind in ("full", "machine")
    return (ResourceError if of_machine else UserError)(
        sentences.get(kind, f"{name} cannot be used ({said}): mend that and run this again.")
    )


def kind_of(error: BaseException | None) -> str:
    """What an error of a database means, such as "busy"; "" where nothing more is known of it."""
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
    if not code and type(error).__module__.startswith("psycopg"):
        return "away" if type(error).__name__ == "OperationalError" else ""
    return next((kind for kind, starts in _KINDS.items() if code.startswith(starts)), "")
