"""Pass on the files by which nbgrader's exchange leads a page to its student.

`nbgrader submit` puts them beside the work, and `nbgrader release_feedback` wants them beside the
pages. On the way they lie in autograded/, where `nbgrader generate_feedback` takes them from.
"""

from contextlib import suppress
from pathlib import Path

from grader.basics import atomic
from grader.course.directory import Course
from grader.notebooks import untrusted

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"
NAMES = (TIMESTAMP, SECRET)
_MOST_BYTES = 10_000


def pass_on(course: Course, student: str, directory: Path) -> None:
    """Put a student's files into `directory`, which has the student's executed notebooks."""
    for name, content in _given(course, student).items():
        _put(directory / name, content)


def is_passed_on(course: Course, student: str) -> bool:
    """Whether a student's files are beside the pages, as they were handed in."""
    directory = course.pages(student)
    return all(
        (directory / name).is_file() and (directory / name).read_bytes() == content
        for name, content in _given(course, student).items()
    )


def _given(course: Course, student: str) -> dict[str, bytes]:
    """The files that were handed in; a link is not followed."""
    found = {}
    for name in NAMES:
        path = course.submission(student) / name
        with suppress(untrusted.Unreadable, OSError):
            found[name] = untrusted.read_bytes(path, course.submitted, _MOST_BYTES)
    return found


def _put(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        atomic.write(path, content, read_only=True)
