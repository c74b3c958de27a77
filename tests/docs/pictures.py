"""What the pictures of the guides show, and which of them are older than that."""

import json
from collections.abc import Iterable
from pathlib import Path

from grader.basics import atomic
from grader.course import fingerprint
from grader.course.directory import Course
from grader.notebooks import cells

NOTEBOOK = "1-complexity"  # the one that is in all pictures
WRONG = "forgets-the-biases"  # the answer whose check fails in one
MANIFEST = "pictures.json"
MAKE = ".venv/bin/python -m tests.browser.screenshots"

# By picture: the files of the course that its words and its look are from. Left out is what
# changes often and moves no word in it: the engine, other notebooks, versions of packages.
_STUDENTS = (f"release/deep-learning-3/{NOTEBOOK}.ipynb", "release/deep-learning-3/checks.py")
_CLASS = ("answers/deep-learning-3/class.toml",)
_PAGE = (f"source/deep-learning-3/{NOTEBOOK}.ipynb", "source/deep-learning-3/checks.py", *_CLASS)
SHOWS: dict[str, tuple[str, ...]] = {
    "not-filled-in": _STUDENTS,
    "validate": _STUDENTS,
    "check-failed": (*_STUDENTS, f"answers/deep-learning-3/{NOTEBOOK}/wrong/{WRONG}.py"),
    "check-passed": _STUDENTS,
    "formgrader": _CLASS,
    "manual-grading": (f"source/deep-learning-3/{NOTEBOOK}.ipynb", *_CLASS),
    "feedback": (
        *_PAGE,
        "grader/instructors/feedback/templates/course-feedback",
        "grader/instructors/feedback/summary.py",
    ),
    "report": (*_CLASS, "grader/instructors/report/page.html", "grader/instructors/report/page.py"),
    "explanations": (
        *_PAGE,
        "grader/instructors/explanations/page.html.j2",
        "grader/instructors/explanations/page.css",
    ),
}


def stale(course: Course, directory: Path) -> list[str]:
    """The pictures in `directory` that are missing, or not of what the course shows now."""
    path = directory / MANIFEST
    made = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [
        name
        for name in SHOWS
        if not picture(directory, name).is_file()
        or made.get(name) != state(course, directory, name)
    ]


def note(course: Course, directory: Path, names: Iterable[str]) -> None:
    """Write down what these pictures, which were just made, show."""
    path = directory / MANIFEST
    made = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    made |= {name: state(course, directory, name) for name in names}
    known = {name: made[name] for name in sorted(made) if name in SHOWS}
    atomic.write_text(path, json.dumps(known, indent=1) + "\n")


def picture(directory: Path, name: str) -> Path:
    """Where a picture is."""
    return directory / f"{name}.png"


def state(course: Course, directory: Path, name: str) -> str:
    """A fingerprint of what a picture must show, and of the picture itself."""
    parts: list[str | bytes] = [picture(directory, name).read_bytes()]
    for where in SHOWS[name]:
        parts += [text for path in _files(course.root / where) for text in _texts(path)]
    return fingerprint.of_texts(*parts)[:16]


def _files(path: Path) -> list[Path]:
    """The file, or those in the directory; raises FileNotFoundError if there is none."""
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file())


def _texts(path: Path) -> list[bytes]:
    if path.suffix != ".ipynb":
        return [path.read_bytes()]
    return [cell.source.encode() for cell in cells.read_notebook(path).cells]
