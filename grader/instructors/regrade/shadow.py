"""A course whose grading leaves no trace in the real one, and copies of its gradebook."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.basics.errors import UserError
from grader.course.directory import Course
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


def gradebook_file(stock: NbgraderSession) -> Path:
    """The file of the gradebook; raises UserError if it is none, or not there."""
    path = stock.gradebook_file
    if path is None:
        raise UserError(
            "A regrade is tried out on a copy of the gradebook, which needs a file of SQLite's. "
            f"This gradebook is {stock.gradebook_shown} (c.CourseDirectory.db_url in "
            "nbgrader_config.py). Back it up with that database's own tools; then `course grade` "
            "grades again what changed, without showing it first."
        )
    if not path.is_file():
        raise UserError(
            f"There is no gradebook {stock.gradebook_shown}: nothing was graded yet. "
            "Grade first: course grade"
        )
    return path


def copy_gradebook(path: Path, copy: Path) -> None:
    """Copy a gradebook as it is at one moment, also while another program writes to it.

    Only its owner can read the copy: it holds grades.
    """
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(source, uri=True, timeout=10)) as database,
            closing(sqlite3.connect(copy)) as into,
        ):
            database.backup(into)
            into.execute("SELECT name FROM sqlite_master")  # what is no database fails here
    except sqlite3.Error as error:
        copy.unlink()
        raise UserError(
            f"{path.name} cannot be copied ({error}). If another program has it open, close that; "
            "if it is damaged, put back a copy of it."
        ) from None


def back_up(course: Course, path: Path) -> Path:
    """Keep a copy of the gradebook in backups/; returns where."""
    course.backups.mkdir(exist_ok=True, mode=0o700)
    stem = f"gradebook-{datetime.now():%Y-%m-%d-%H%M%S}"
    number = 1
    while (copy := course.backups / f"{stem}{f'-{number}' if number > 1 else ''}.db").exists():
        number += 1
    copy_gradebook(path, copy)
    return copy
