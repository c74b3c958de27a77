"""`course report`: makes the page and the CSV files from what is graded."""

from datetime import datetime
from pathlib import Path
from typing import Any

from grader.basics import atomic
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import Course
from grader.course.lock import warn_if_locked
from grader.gradebook import class_view
from grader.instructors.report import page, work
from grader.nbgrader_app.session import NbgraderSession


def run(course: Course, output: Path | None) -> int:
    """Write the report into a directory, report/ of the course by default. Returns 0.

    Reads the gradebook and autograded/, and changes nothing there.
    """
    directory = (output or course.made("report")).absolute()
    warn_if_locked(course)
    stock = NbgraderSession(course, new_log=False)  # which goes to the directory of the course
    made = make(course, stock.db_url, stock.late_penalty())
    try:
        write(page.files(course.assignment, made, datetime.now()), directory)
    except OSError as error:
        raise UserError(
            f"{course.show(directory)} cannot be written ({error.strerror}). Mend that, or choose "
            "another directory: course report --output DIRECTORY"
        ) from None
    say(f"report: {course.show(directory / page.PAGE)}, and its tables as CSV files beside it")
    return 0


def make(course: Course, db_url: str, late_penalty: Any = None) -> page.Report:
    """The report on what is graded; raises UserError if nothing is.

    `late_penalty` is nbgrader's plugin for late submissions; without it, nobody loses any.
    """
    known = class_view.read(course, db_url, late_penalty)
    found, problems = work.read_all(course, known)
    templates = {notebook: work.template(course, notebook) for notebook in known.notebooks}
    return page.report(known, found, templates, problems)


def write(texts: dict[str, str], directory: Path) -> None:
    """Write the files, each whole or not at all."""
    for name, text in texts.items():
        # Spreadsheets take a CSV file for UTF-8 only if it begins with this mark.
        encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
        atomic.write(directory / name, text.encode(encoding))
