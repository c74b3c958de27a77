"""A mended test: what changes is shown before anything is written; what a person gave stays."""

import csv
import hashlib
import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from rich.console import Console

from grader.course.directory import Course
from grader.engine.execution.bundle import Result
from grader.instructors.endings import FAULT
from grader.instructors.grading import command
from grader.instructors.regrade import command as regrade_module
from grader.instructors.regrade import show
from grader.instructors.regrade.compare import Book
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in, run_course
from tests.gradebook.rows import give, query, rows
from tests.running import PROGRAM

NAME = "1-complexity"
TEST = "test-growth-exponent"
EXPLAIN = "explain-complexity"


def exponent(course: Course, value: int) -> nbformat.NotebookNode:
    return filled_in(course, NAME, **{"growth-exponent": f"growth_exponent = {value}"})


def mend(course: Course, change: Callable[[list[Any]], object]) -> None:
    """Change the cells of the teacher's notebook."""
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    change(notebook.cells)
    nbformat.write(notebook, path)


def find(some: list[Any], name: str) -> Any:
    return next(cell for cell in some if cells.grade_id(cell) == name)


def accept_three(some: list[Any]) -> None:
    """Now 3 is right and 2 is wrong, and who wrote another number reads another sentence."""
    cell = find(some, TEST)
    for old, new in (("power == 2", "power == 3"), ("would mean", "says")):
        assert cell.source.count(old) == 1
        cell.source = cell.source.replace(old, new)


def tree(course: Course) -> dict[str, str]:
    """Every file of the course, with the time of its last change."""
    return {
        path.relative_to(course.root).as_posix(): (
            f"{hashlib.sha256(path.read_bytes()).hexdigest()} {path.stat().st_mtime_ns}"
        )
        for path in course.root.rglob("*")
        if path.is_file()
    }


def flat(printed: str) -> str:
    """The text with spaces evened out."""
    return "\n".join(" ".join(line.split()) for line in printed.splitlines())


def grades(course: Course, student: str) -> dict[str, tuple[Any, ...]]:
    """auto_score, manual_score, extra_credit, needs_manual_grade by cell."""
    return {row[2]: row[3:7] for row in rows(course)["grade"] if row[0] == student}


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class that was graded by machine and by hand; tests change copies of it."""
    course = copy_of(released, tmp_path_factory.mktemp("regrade") / "course")
    for student, value in (("two", 2), ("three", 3), ("four", 4), ("by-hand", 2)):
        hand_in(course, student, NAME, exponent(course, value))
    hand_in(course, "handed-in-again", NAME, '{"cells": [')
    assert run_course(course, "grade").returncode == 1
    give(course, "by-hand", TEST, manual_score=1.5, needs_manual_grade=False)
    give(course, "two", EXPLAIN, manual_score=5.0, needs_manual_grade=False, extra_credit=0.5)
    give(course, "two", EXPLAIN, manual_comment="Well explained.")
    return course


@pytest.fixture(scope="module")
def mended(graded: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The class after a test was mended and one student handed in again."""
    course = copy_of(graded, tmp_path_factory.mktemp("mended") / "course")
    mend(course, accept_three)
    hand_in(course, "handed-in-again", NAME, exponent(course, 3))
    return course


@dataclass
class Regrade:
    """A regrade at a terminal where the answer was yes, and what was there before."""

    course: Course
    before: dict[str, Any]
    files: dict[str, str]
    files_when_asked: dict[str, str]
    printed: str
    code: int


def meanwhile(course: Course) -> None:
    """What may happen before the question is answered."""
    give(course, "three", EXPLAIN, manual_score=4.0, needs_manual_grade=False)
    hand_in(course, "four", NAME, exponent(course, 5))


@pytest.fixture(scope="module")
def regrade(mended: Course, tmp_path_factory: pytest.TempPathFactory) -> Regrade:
    course = copy_of(mended, tmp_path_factory.mktemp("written") / "course")
    before: dict[str, Any] = {}
    files = tree(course)
    asked: dict[str, str] = {}
    ours, theirs = pty.openpty()
    with closing(os.fdopen(ours, "rb+", buffering=0)) as terminal:
        process = subprocess.Popen(
            [PROGRAM, "regrade", "--csv", str(course.root.parent / "changes.csv")],
            cwd=course.root,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "COLUMNS": "100", "TERM": "dumb"},
        )
        os.close(theirs)
        printed = b""
        try:
            while piece := terminal.read(1 << 16):
                printed += piece
                if not asked and b"[y/N] " in printed:
                    asked = tree(course)
                    meanwhile(course)
                    before = rows(course)
                    terminal.write(b"y\n")
        except OSError:  # the terminal's way of saying that nobody has its other end
            pass
    return Regrade(course, before, files, asked, flat(printed.decode()), process.wait())


# What is shown


def test_nothing_is_written_before_the_answer(regrade: Regrade) -> None:
    assert regrade.files_when_asked == regrade.files


def test_without_a_terminal_nothing_is_written(mended: Course) -> None:
    before = tree(mended)
    done = run_course(mended, "regrade", "--student", "three", "--jobs", "1")
    assert done.returncode == 1, done.stderr
    assert f"three {NAME} {TEST} 0 → 2 7 → 9" in flat(done.stdout)
    assert "Nothing is written" in done.stdout
    assert tree(mended) == before


def test_says_what_changed_in_the_tests(regrade: Regrade) -> None:
    assert f"What changed in source/\n{NAME}, {TEST}: the text\n" in regrade.printed


def test_shows_whose_points_rise_and_whose_fall(regrade: Regrade) -> None:
    falls, rises = regrade.printed.split("Points that fall")[1].split("Points that rise")
    assert f"two {NAME} {TEST} 2 → 0 14.5 → 12.5" in falls
    assert f"three {NAME} {TEST} 0 → 2 7 → 9" in rises
    for line in falls.splitlines():
        assert not line.startswith(("three", "four", "by-hand"))
    assert "4 notebooks graded again: of the points of a cell, 1 rises and 1 falls, for 2" in rises


def test_shows_points_by_hand_that_the_test_now_contradicts(regrade: Regrade) -> None:
    assert f"by-hand, {NAME}, {TEST}: 2 → 0 by the test, 1.5 by hand" in regrade.printed


def test_shows_whose_message_alone_changes(regrade: Regrade) -> None:
    assert f"another message in the feedback\n{NAME}, {TEST}: four\n" in regrade.printed


def test_new_work_is_no_regrade(regrade: Regrade) -> None:
    assert f"1 notebook handed in again since: handed-in-again, {NAME}." in regrade.printed


def test_the_csv_has_every_change(regrade: Regrade) -> None:
    path = regrade.course.root.parent / "changes.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = {line["student"]: line for line in csv.DictReader(file)}
    assert lines.keys() == {"two", "three", "four", "by-hand"}
    points = ("old points", "new points", "old total", "new total", "points by hand")
    assert [lines["two"][name] for name in points] == ["2.0", "0.0", "14.5", "12.5", "no"]
    assert [lines["by-hand"][name] for name in points] == ["1.5", "1.5", "8.5", "8.5", "yes"]
    assert "growth_exponent = 4 says" in lines["four"]["what the student will read"]


def test_a_change_of_another_notebook_is_told() -> None:
    out = Console(record=True, width=100)
    before = Book(tests={("1-complexity", "a"): ("x", 1.0), ("2-tanh", "b"): ("x", 1.0)})
    after = Book(tests={("1-complexity", "a"): ("y", 1.0), ("2-tanh", "c"): ("x", 1.0)})
    show.show_tests(out, before, after, ["1-complexity"])
    said = out.export_text()
    assert "1-complexity, a: the text" in said
    assert said.count("2-tanh changed, too") == 1 and "course regrade 2-tanh" in said


# What is written


def test_yes_at_a_terminal_writes_what_was_shown(regrade: Regrade) -> None:
    assert "Write this to the gradebook? [y/N]" in regrade.printed
    assert "Written: 2 changes of points in 3 notebooks." in regrade.printed
    autos = {name: grades(regrade.course, name)[TEST][0] for name in ("two", "three", "four")}
    assert autos == {"two": 0, "three": 2, "four": 0}


def test_what_a_person_gave_stays_and_needs_no_second_look(regrade: Regrade) -> None:
    assert grades(regrade.course, "two")[EXPLAIN] == (None, 5.0, 0.5, 0)
    assert grades(regrade.course, "by-hand")[TEST] == (0.0, 1.5, None, 0)
    comments = {row[:3]: row[4] for row in rows(regrade.course)["comment"]}
    assert comments["two", NAME, EXPLAIN] == "Well explained."


def test_what_came_meanwhile_is_kept_and_told(regrade: Regrade) -> None:
    assert f"three, {NAME}, {EXPLAIN}: a person gave points meanwhile; they stay (4)" in (
        regrade.printed
    )
    assert f"four, {NAME}: handed in again meanwhile; left to: course grade" in regrade.printed
    assert regrade.code == 1
    assert grades(regrade.course, "three")[EXPLAIN] == (None, 4.0, None, 0)


def test_the_pages_tell_of_the_new_points(regrade: Regrade) -> None:
    page = regrade.course.feedback / "three" / ASSIGNMENT / f"{NAME}.html"
    assert "<strong>13</strong> of 15 points" in page.read_text(encoding="utf-8")
    executed = regrade.course.autograded / "two" / ASSIGNMENT / f"{NAME}.ipynb"
    assert "growth_exponent = 2 says" in executed.read_text(encoding="utf-8")


def test_new_work_is_left_to_grade(regrade: Regrade) -> None:
    for student in ("handed-in-again", "four"):
        now, then = (
            [row for row in state["course_run"] if row[0] == student]
            for state in (rows(regrade.course), regrade.before)
        )
        assert now == then


def test_the_gradebook_is_kept_as_it_was(regrade: Regrade) -> None:
    (copy,) = regrade.course.backups.iterdir()
    assert f"The gradebook as it was: backups/{copy.name}." in regrade.printed
    assert copy.stat().st_mode & 0o777 == 0o600
    kept = copy_of(regrade.course, regrade.course.root.parent / "kept")
    shutil.copy(copy, kept.gradebook)
    assert rows(kept) == regrade.before


def test_afterwards_there_is_nothing_to_do(regrade: Regrade) -> None:
    done = run_course(regrade.course, "regrade")
    assert "Nothing to grade again" in done.stdout
    assert done.returncode == 0
    assert "graded (" not in done.stdout


# Cells and points that change


def test_cells_can_come_go_and_weigh_more(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")

    def change(some: list[Any]) -> None:
        test = find(some, TEST)
        test.id = test.metadata.nbgrader.grade_id = "test-exponent"
        test.source = test.source.replace("Check(points=2)", "Check(points=3)")
        test.source = test.source.replace("part(0, ", "part(1, ")
        test.metadata.nbgrader.points = 3

    give(course, "by-hand", TEST, manual_score=None)
    mend(course, change)
    assert "course regrade" in run_course(course, "grade").stderr
    chosen = ("--student", "two", "--student", "three")
    printed = flat(run_course(course, "regrade", NAME, *chosen, "--write", "--no-feedback").stdout)
    assert f"{NAME}, test-exponent: new" in printed
    assert f"{NAME}, {TEST}: gone" in printed
    assert f"two {NAME} test-exponent none → 3 of 3 14.5 → 15.5" in printed
    assert f"two {NAME} {TEST} 2 of 2 → none 14.5 → 15.5" in printed
    assert f"three {NAME} test-exponent none → 1 of 3 7 → 8" in printed
    assert grades(course, "two").keys() >= {"test-exponent", EXPLAIN}
    assert TEST not in grades(course, "two")
    assert grades(course, "two")[EXPLAIN] == (None, 5.0, 0.5, 0)
    assert query(course.gradebook, "PRAGMA foreign_key_check") == []
    # Others have the new cell as well, for nbgrader's own commands; it waits for its points.
    assert grades(course, "four")["test-exponent"] == (None, None, None, 1)


def test_a_cell_with_points_by_hand_is_never_removed(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    mend(course, lambda some: some.remove(find(some, EXPLAIN)))
    before = tree(course)
    done = run_course(course, "regrade", "--write")
    assert done.returncode == 2
    assert f"{NAME}, {EXPLAIN} is no longer in source/, but a person gave points" in done.stderr
    assert tree(course) == before


# Errors that a person can mend


def test_nothing_graded_is_an_error(small_course: Course) -> None:
    hand_in(small_course, "someone", NAME, "{}")
    done = run_course(small_course, "regrade")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no gradebook" in done.stderr
    assert not small_course.gradebook.exists()


def test_a_damaged_gradebook_is_an_error(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    course.gradebook.write_bytes(b"no database" * 1000)
    done = run_course(course, "regrade")
    assert done.returncode == 2
    assert "gradebook.db cannot be copied" in done.stderr
    assert "Traceback" not in done.stderr


class _NoMachine:
    """A pool in which nothing can be run."""

    is_ready = True

    def __init__(self, *arguments: object) -> None:
        pass

    def run(self, work: Iterator[tuple[Any, bytes]]) -> Iterator[tuple[Any, Result]]:
        for key, _ in work:
            yield key, Result(fault="the power failed")

    def start(self) -> None:
        pass

    close = kill = start


def test_a_fault_of_the_machine_changes_nothing(
    mended: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "Pool", _NoMachine)
    monkeypatch.chdir(mended.root)  # nbgrader changes the directory, its configuration the rest
    monkeypatch.setenv("SVHN_DIR", os.environ.get("SVHN_DIR", ""))
    before = tree(mended)
    assert regrade_module.run(mended, regrade_module.Options(write=True)) == FAULT
    assert "two, 1-complexity: not graded, for the machine failed (the power failed)" in (
        capsys.readouterr().out
    )
    assert tree(mended) == before
