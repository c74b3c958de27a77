"""The pictures of the guides show what students and instructors see now; no browser is needed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from grader.course.directory import Course
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE
from tests.docs import pictures

DIRECTORY = COURSE.root / "docs" / "pictures"
RELEASED = "release/deep-learning-3"


def test_they_are_of_what_people_see_now() -> None:
    old = pictures.stale(COURSE, DIRECTORY)
    assert not old, f"Make the pictures {', '.join(old)} anew and look at them: {pictures.MAKE}"


def test_there_are_no_others() -> None:
    assert {path.stem for path in DIRECTORY.glob("*.png")} == set(pictures.SHOWS)


def test_each_is_in_a_guide() -> None:
    guides = "".join(path.read_text() for path in (COURSE.root / "docs").glob("*.md"))
    assert [name for name in pictures.SHOWS if f"pictures/{name}.png" not in guides] == []


@pytest.fixture
def shown(tmp_path: Path) -> Course:
    """A course with all that pictures show, and with pictures just made of it."""
    course = Course(tmp_path / "course", ASSIGNMENT)
    for name in {name for names in pictures.SHOWS.values() for name in names}:
        source, target = COURSE.root / name, course.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for name in pictures.SHOWS:
        pictures.picture(course.root, name).write_bytes(name.encode())
    pictures.note(course, course.root, pictures.SHOWS)
    assert pictures.stale(course, course.root) == []
    return course


def add(name: str) -> Callable[[Course], None]:
    def change(course: Course) -> None:
        path = course.root / name
        path.write_text(path.read_text() + "\n# another word\n")

    return change


def another_word(course: Course) -> None:
    path = course.root / RELEASED / f"{pictures.NOTEBOOK}.ipynb"
    notebook = cells.read_notebook(path)
    notebook.cells[0].source += " More."
    nbformat.write(notebook, path)


def only_the_form(course: Course) -> None:
    path = course.root / RELEASED / f"{pictures.NOTEBOOK}.ipynb"
    notebook = cells.read_notebook(path)
    notebook.metadata["kernelspec"]["display_name"] = "Another"
    nbformat.write(notebook, path)


STUDENTS = ["not-filled-in", "validate", "check-failed", "check-passed"]


@pytest.mark.parametrize(
    ("change", "old"),
    [
        (add(f"{RELEASED}/checks.py"), STUDENTS),
        (another_word, STUDENTS),
        (only_the_form, []),
        (add("answers/deep-learning-3/1-complexity/wrong/forgets-the-biases.py"), ["check-failed"]),
        (add("grader/instructors/report/page.html"), ["report"]),
        (
            add("grader/instructors/feedback/templates/course-feedback/summary.html.j2"),
            ["feedback"],
        ),
        (lambda course: (course.root / "report.png").unlink(), ["report"]),
        (lambda course: (course.root / "report.png").write_bytes(b"of another day"), ["report"]),
        (lambda course: (course.root / pictures.MANIFEST).unlink(), list(pictures.SHOWS)),
    ],
)
def test_those_of_what_changed_are_old(
    change: Callable[[Course], None], old: list[str], shown: Course
) -> None:
    change(shown)
    assert pictures.stale(shown, shown.root) == old
    left = [name for name in old if pictures.picture(shown.root, name).exists()]
    pictures.note(shown, shown.root, left)
    assert set(pictures.stale(shown, shown.root)) == set(old) - set(left)
