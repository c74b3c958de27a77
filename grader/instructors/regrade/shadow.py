"""A course whose grading leaves no trace in the real one, and copies of its gradebook."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.course.gradebook_file import check_version, opened
from grader.gradebook.copy_to_file import copy_rows, has_submissions_table
from grader.gradebook.database_errors import plain_errors
from grader.nbgrader_app.session import NbgraderSession


@dataclass(frozen=True)
class Shadow(Course):
    """The course, but all that grading writes goes to the directory `own`."""

    own: Path = field(kw_only=True)

    @property
    def autograded(self) -> Path:
        """Students' work after the tests have run in the preview."""
        return self.own / "autograded"

    @property
    def feedback(self) -> Path:
        """No page is made in a preview."""
        return self.own / "feedback"

    @property
    def gradebook(self) -> Path:
        """A copy of nbgrader's database."""
        return self.own / "after.db"

    @property
    def logs(self) -> Path:
        """Where the logs of the preview are written."""
        return self.own


def check_is_there(stock: NbgraderSession) -> None:
    """Raise UserError if there is no gradebook yet, or none of this nbgrader."""
    path, shown = stock.gradebook_file, stock.gradebook_shown
    if path is not None and not path.is_file():
        raise _no_gradebook(shown)
    if path is None:
        with _opened(stock) as engine:
            with engine.connect() as connection:
                if not has_submissions_table(connection):
                    raise _no_gradebook(shown)
            check_version(engine, shown)


def _no_gradebook(shown: str) -> UserError:
    return UserError(
        f"There is no gradebook {shown}: nothing was graded yet. Grade first: course grade"
    )


def copy_gradebook(stock: NbgraderSession, copy: Path) -> None:
    """Copy a gradebook as it is at one moment, also while another program writes to it.

    The copy is a file of SQLite's, whatever database the gradebook is in. Only its owner can read
    it: it holds grades.
    """
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if stock.gradebook_file is not None:
            _copy_file(stock.gradebook_file, copy)
        else:
            with _opened(stock) as engine:
                copy_rows(engine, copy)
    except BaseException:
        copy.unlink()
        raise


@contextmanager
def _opened(stock: NbgraderSession) -> Iterator[sa.Engine]:
    """The way to a gradebook on a server."""
    url = sa.make_url(stock.db_url)
    with opened(url) as engine, plain_errors(f"The gradebook {stock.gradebook_shown}"):
        yield engine


def _copy_file(path: Path, copy: Path) -> None:
    source = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True, timeout=10)) as database,
            closing(sqlite3.connect(copy)) as into,
        ):
            database.backup(into)
            into.execute("SELECT name FROM sqlite_master")  # what is no database fails here
    except sqlite3.Error as error:
        raise UserError(
            f"{path.name} cannot be copied ({error}). If another program has it open, close that; "
            "if it is damaged, put back a copy of it."
        ) from None


def back_up(course: Course, stock: NbgraderSession) -> Path:
    """Keep a copy of the gradebook in backups/; returns where."""
    course.backups.mkdir(exist_ok=True, mode=0o700)
    stem = f"gradebook-{datetime.now():%Y-%m-%d-%H%M%S}"
    number = 1
    while (copy := course.backups / f"{stem}{f'-{number}' if number > 1 else ''}.db").exists():
        number += 1
    copy_gradebook(stock, copy)
    return copy
