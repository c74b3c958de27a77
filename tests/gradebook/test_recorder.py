"""The gradebook after outcomes were recorded: as nbgrader writes it, and always whole."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
import sqlalchemy as sa
from nbformat import NotebookNode, v4
from nbgrader import api
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy.orm import Session

from grader.basics.errors import GraderError, ResourceError, UserError
from grader.course.directory import Course
from grader.gradebook import class_view, runs, totals
from grader.gradebook.manual import ManualGradeChange
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.nbgrader_app import commands
from grader.notebooks import cells
from grader.notebooks.source import Layout
from grader.scoring import score
from grader.scoring.score import CellScore
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in
from tests.gradebook import recording as endless
from tests.gradebook.recording import COURSE_ID, DUE, HOMEWORK, outcome, recording, url
from tests.gradebook.rows import of_nbgrader, query
from tests.running import eventually, stopped


def grades(path: Path, notebook: str = "first") -> dict[str, tuple[Any, ...]]:
    """auto_score, manual_score, extra_credit, needs_manual_grade by cell."""
    return {row[2]: row[3:7] for row in of_nbgrader(path)["grade"] if row[1] == notebook}


# The same as nbgrader


def extra_notebook() -> NotebookNode:
    """A teacher's notebook with the kinds of cells that the course does without."""

    def cell(name: str, source: str, **flags: Any) -> NotebookNode:
        kind = flags.pop("cell_type", "code")
        make = v4.new_code_cell if kind == "code" else v4.new_markdown_cell
        known = {"grade": False, "solution": False, "locked": False, "task": False}
        nbgrader = {**known, "schema_version": 3, "grade_id": name, **flags}
        return make(source, id=name, metadata={"nbgrader": nbgrader})

    text = {"cell_type": "markdown"}

    solution = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
    graded = {"grade": True, "points": 3}
    return v4.new_notebook(
        cells=[
            cell("code", solution, solution=True),
            cell("partial", "x * 0.5", locked=True, **graded),
            cell("raises", "assert x == 1", locked=True, **graded),
            cell("code-answer", solution, solution=True, **graded),
            cell("text-answer", "Say why.", solution=True, **graded, **text),
            cell("draw", "Draw it.", locked=True, task=True, points=2, **text),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )


@pytest.fixture(scope="module")
def by_nbgrader(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Path]:
    """A class graded by nbgrader, and its gradebook from before, which knows no student."""
    course = copy_of(released, tmp_path_factory.mktemp("class") / "course")
    nbformat.write(extra_notebook(), course.source / "extra.ipynb")
    with course.config.open("a", encoding="utf-8") as config:
        config.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    commands.nbgrader(course, "generate_assignment", ASSIGNMENT, "--force")
    with api.Gradebook(url(course.gradebook), COURSE_ID) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    before = Path(shutil.copy(course.gradebook, course.root / "before.db"))

    name = "1-complexity"
    answered = cells.read_notebook(course.release / "extra.ipynb")
    for cell in answered.cells:
        if cell.id in ("code", "code-answer", "text-answer"):
            cell.source = "x = 2"
    untouched = cells.read_notebook(course.release / "extra.ipynb")
    hand_in(course, "right-but-late", name, filled_in(course, name))
    hand_in(course, "right-but-late", "extra", answered)
    late = course.submitted / "right-but-late" / ASSIGNMENT / "timestamp.txt"
    late.write_text("2030-01-02 00:00:00 UTC\n", encoding="utf-8")
    hand_in(course, "untouched-extra", "extra", untouched)
    commands.nbgrader(course, "autograde", ASSIGNMENT)
    return course, before


def test_the_rows_are_those_of_nbgrader(by_nbgrader: tuple[Course, Path]) -> None:
    course, path = by_nbgrader
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        for student in ("right-but-late", "untouched-extra"):
            for name in ("1-complexity", "extra"):
                graded = course.autograded / student / ASSIGNMENT / f"{name}.ipynb"
                one = Outcome(student, ASSIGNMENT, name, "fingerprint", "missing")
                if graded.is_file():
                    notebook = nbformat.read(graded, as_version=4)
                    source = recorder.source(ASSIGNMENT, name)
                    one = replace(
                        one,
                        status="graded",
                        timestamp=datetime(2030, 1, 2) if "late" in student else None,
                        scores=score.score(notebook, source),
                        comments=score.comments(notebook, source),
                    )
                recorder.record(one)
    rows = of_nbgrader(path)
    assert rows == of_nbgrader(course.gradebook)
    # The class has what makes the comparison worth while.
    assert {row[3] for row in rows["grade"]} == {None, 0, 1, 2, 3, 4}
    assert {row[3] for row in rows["comment"]} == {None, "No response."}
    assert {row[3] for row in rows["submitted_notebook"]} == {None, 1, 9}


# What is kept and what is replaced


def test_a_submission_has_rows_for_all_its_notebooks(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome())
    assert grades(path, "first") == {
        "test": (4, None, None, 0),
        "answer": (None, None, None, 1),
        "task": (None, None, None, 1),
    }
    assert set(grades(path, "second").values()) == {(None, None, None, 1)}


def test_a_notebook_that_the_teacher_added_later_gets_its_rows(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome())
        with api.Gradebook(url(path), COURSE_ID) as gradebook:
            gradebook.add_notebook("third", HOMEWORK)
            gradebook.add_grade_cell("test", "third", HOMEWORK, max_score=5, cell_type="code")
        recorder.record(outcome(notebook="third", scores=(CellScore("test", 1, 5),)))
    assert grades(path, "third") == {"test": (1, None, None, 0)}


def test_what_a_person_gave_stays_and_is_to_be_looked_at_again(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome())
        with api.Gradebook(url(path), COURSE_ID) as gradebook:
            found = gradebook.find_grade("answer", "first", HOMEWORK, "right")
            found.manual_score, found.extra_credit, found.needs_manual_grade = 3, 1, False
            comment = gradebook.find_comment("code", "first", HOMEWORK, "right")
            comment.manual_comment = "Well done."
            gradebook.db.commit()
        recorder.record(outcome(2, comments={}))
    assert grades(path)["answer"] == (None, 3, 1, 1)
    assert grades(path)["test"] == (2, None, None, 0)
    comments = [row[3:5] for row in of_nbgrader(path)["comment"] if row[1:3] == ("first", "code")]
    assert comments == [(None, "Well done.")]


def test_a_person_is_not_asked_again_about_the_same_work(path: Path) -> None:
    with recording(path) as recorder:
        for work, waits in (("a", True), ("a", False), ("b", True), ("b", False), ("", True)):
            recorder.record(outcome(work=work))
            if not waits:  # a person gave points for it before
                assert grades(path)["answer"] == (None, 3, None, 0)
            else:
                assert grades(path)["answer"][3] == 1
            query(
                path,
                "UPDATE grade SET manual_score = 3, needs_manual_grade = 0 WHERE cell_id IN"
                " (SELECT id FROM base_cell WHERE name = 'answer')",
            )


def by_hand(path: Path, cell: str = "answer", points: float = 3) -> None:
    """A person gives points, or confirms them."""
    query(
        path,
        "UPDATE grade SET manual_score = ?, needs_manual_grade = 0 WHERE cell_id IN"
        " (SELECT id FROM base_cell WHERE name = ? AND type = 'GradeCell')",
        points,
        cell,
    )


def test_a_person_is_not_asked_again_where_other_files_or_the_time_changed(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome(work="a", content="own"))
        by_hand(path)
        recorder.record(outcome(work="b", content="own"))
        assert grades(path)["answer"] == (None, 3, None, 0)
        recorder.record(outcome(work="c", content="own, changed"))
        assert grades(path)["answer"] == (None, 3, None, 1)


def test_a_gradebook_that_does_not_know_the_content_goes_by_the_whole_work(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome(work="a"))
        by_hand(path)
        recorder.record(outcome(work="a", content="own"))
        assert grades(path)["answer"] == (None, 3, None, 0)


def gone(status: str, content: str = "") -> Outcome:
    return outcome(status=status, scores=(), comments={}, content=content or status)


@pytest.mark.parametrize("status", ["missing", "unreadable"])
@pytest.mark.parametrize("cell", ["answer", "test"])
def test_what_a_person_gave_for_work_that_is_gone_waits_until_a_person_confirms_it(
    path: Path, status: str, cell: str
) -> None:
    auto = 0 if status == "missing" else None
    with recording(path) as recorder:
        recorder.record(outcome(content="own"))
        by_hand(path, cell)
        recorder.record(gone(status))
        assert grades(path)[cell] == (auto, 3, None, 1)
        recorder.record(gone(status))
        assert grades(path)[cell] == (auto, 3, None, 1)
        (lost,) = [
            each
            for each in recorder.standings(HOMEWORK)
            if each.notebook == "first" and each.points
        ]
        assert (lost.cell, lost.points, lost.waits) == (cell, 3, True)
        recorder.update_manual_grades(
            HOMEWORK, lambda there: [ManualGradeChange(lost, "gone", points=0, comment="Gone.")]
        )
        recorder.record(gone(status))
        assert grades(path)[cell] == (auto, 0, None, 0)
        recorder.record(gone(status, "gone in another way"))
        assert grades(path)[cell] == (auto, 0, None, 1)


def test_points_that_were_final_for_missing_work_in_an_older_gradebook_wait_again(
    path: Path,
) -> None:
    with recording(path) as recorder:
        recorder.record(outcome(status="missing", scores=(), work="a"))
        by_hand(path)
        recorder.record(outcome(status="missing", scores=(), work="a", content="nothing"))
    assert grades(path)["answer"] == (0, 3, None, 1)


def test_a_failure_of_the_machine_asks_nobody_again(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome(content="own"))
        by_hand(path)
        recorder.record(gone("failed", "own"))
        recorder.record(outcome(content="own"))
    assert grades(path)["answer"] == (None, 3, None, 0)


def test_a_test_with_points_by_hand_is_no_answer_while_its_work_is_there(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome(content="own"))
        by_hand(path, "test")
        assert {each.cell for each in recorder.standings(HOMEWORK)} == {"answer"}


@pytest.mark.parametrize(
    ("status", "left"),
    [
        ("missing", (0, None, None, 0)),
        ("unreadable", (None, None, None, 1)),
        ("failed", (None, None, None, 1)),
    ],
)
def test_nothing_of_the_old_work_stays_where_the_new_has_no_score(
    path: Path, status: str, left: tuple[Any, ...]
) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        assert (4,) in query(path, "SELECT late_submission_penalty FROM submitted_notebook")
        recorder.record(
            outcome(status=status, scores=(), comments={}, fingerprint="new", reason="Why.")
        )
        run = recorder.runs(HOMEWORK)["right", "first"]
    assert set(grades(path).values()) == {left}
    assert {row[3] for row in of_nbgrader(path)["comment"]} == {None}
    assert {row[3] for row in of_nbgrader(path)["submitted_notebook"]} == {None}
    assert (run.fingerprint, run.status, run.reason) == ("new", status, "Why.")
    assert run.attention == (status != "missing")
    assert run.is_final == (status != "failed")


def test_a_cell_without_a_new_score_loses_the_old_one(path: Path) -> None:
    with recording(path) as recorder:
        recorder.record(outcome())
        recorder.record(outcome(scores=()))
    assert grades(path)["test"] == (None, None, None, 1)


@pytest.mark.parametrize(("asked", "given"), [(None, None), (-1, 0), (1.5, 1.5), (100, 4)])
def test_a_late_penalty_lies_between_nothing_and_the_score(
    path: Path, asked: float | None, given: float | None
) -> None:
    class Plugin(LateSubmissionPlugin):  # type: ignore[misc]
        def late_submission_penalty(self, *known: object) -> float | None:
            assert known == ("right", 4, 24 * 3600)
            return asked

    with recording(path, late_penalty=Plugin()) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        assert (given,) in query(
            path,
            "SELECT late_submission_penalty FROM submitted_notebook s "
            "JOIN notebook n ON n.id = s.notebook_id WHERE n.name = 'first'",
        )
        # In time after an extension.
        with api.Gradebook(url(path), COURSE_ID) as gradebook:
            gradebook.grant_extension(HOMEWORK, "right", days=1)
        recorder.record(outcome())
    assert {row[3] for row in of_nbgrader(path)["submitted_notebook"]} == {None}


def test_an_extension_without_a_due_date_is_no_lateness(path: Path) -> None:
    with recording(path, late_penalty=LateSubmissionPlugin(penalty_method="zero")) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        with api.Gradebook(url(path), COURSE_ID) as gradebook:
            gradebook.grant_extension(HOMEWORK, "right", days=1)
            gradebook.find_assignment(HOMEWORK).duedate = None
            gradebook.db.commit()
        recorder.record(outcome())
    assert {row[3] for row in of_nbgrader(path)["submitted_notebook"]} == {None}


def lost(path: Path) -> Any:
    """What the gradebook says that the first notebook of the student `right` loses."""
    rows = of_nbgrader(path)["submitted_notebook"]
    return next(row[3] for row in rows if row[:2] == ("right", "first"))


def test_late_work_loses_points_that_a_person_gives_after_it_was_graded(path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        recorder.record(outcome(student="in-time", timestamp=datetime(2029, 1, 1)))
        assert lost(path) == 4
        recorder.update_manual_grades(
            HOMEWORK,
            lambda there: [
                ManualGradeChange(each, "own", points=3)
                for each in there
                if each.key == ("first", "answer", "right")
            ],
        )
        assert lost(path) == 7


@pytest.mark.parametrize("points", [0, 3])
def test_late_work_loses_what_a_person_made_of_its_points_in_the_formgrader(
    path: Path, points: float
) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        by_hand(path, "test", points)
        runs = recorder.runs(HOMEWORK)
        shown = recorder.student_facts(HOMEWORK, "right", runs)["first"]
        assert (shown.penalty, shown.points) == (points, 0)  # never below 0
        recorder.renew_penalties(HOMEWORK, "another")
        assert lost(path) == 4
        recorder.renew_penalties(HOMEWORK, "right")
        assert lost(path) == points
        by_hand(path, "answer", 5)
        with Session(recorder._engine) as session:
            (row, _) = sorted(
                totals.submitted_points(session, HOMEWORK, late), key=lambda one: one.notebook
            )
        assert (row.points, row.penalty) == (points + 5, points + 5)
        recorder.renew_penalties(HOMEWORK)
        assert lost(path) == points + 5


def test_an_extension_that_is_granted_after_grading_gives_the_points_back(path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        with api.Gradebook(url(path), COURSE_ID) as gradebook:
            gradebook.grant_extension(HOMEWORK, "right", days=1)
        recorder.renew_penalties(HOMEWORK)
    assert not lost(path)


def test_a_late_penalty_is_asked_for_once_for_each_notebook_and_only_where_there_are_points(
    path: Path,
) -> None:
    asked = []

    class Plugin(LateSubmissionPlugin):  # type: ignore[misc]
        def late_submission_penalty(self, *known: object) -> float:
            asked.append(known)
            return 1.5

    with recording(path) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        recorder.record(outcome(student="in-time", timestamp=datetime(2029, 1, 1)))
    with recording(path, late_penalty=Plugin()) as recorder:
        recorder.renew_penalties(HOMEWORK)
    assert asked == [("right", 4, 24 * 3600)]
    assert lost(path) == 1.5


def test_points_that_a_person_confirms_for_late_work_that_is_gone_are_late_too(path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        recorder.record(outcome(timestamp=datetime(2030, 1, 2)))
        by_hand(path)
        recorder.record(outcome(status="missing", scores=(), work="gone", content="gone"))
        assert lost(path) == 3


# This engine's own row


def test_a_run_comes_back_as_it_was_recorded(path: Path) -> None:
    told = CellScore("test", 0, 5, "The kernel died.", needs_attention=True)
    with recording(path) as recorder:
        recorder.record(outcome())
        assert not recorder.runs(HOMEWORK)["right", "first"].attention
        recorder.record(
            outcome(
                scores=(told,), notes=["é", "\ud800"], reason="\ud800", tier="full", seconds=1.5
            )
        )
        ((key, run),) = recorder.runs(HOMEWORK).items()
    assert key == ("right", "first")
    assert (run.notes, run.reason, run.tier) == (("é", "\ud800"), "?", "full")
    assert (run.details, run.attention) == ({"test": "The kernel died."}, True)
    assert (run.seconds, run.is_final) == (1.5, True)


def test_an_older_table_is_upgraded_and_keeps_its_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE course_run (student VARCHAR(128) NOT NULL,"
            " notebook VARCHAR(128) NOT NULL, fingerprint VARCHAR(64) NOT NULL,"
            " status VARCHAR(16) NOT NULL, reason TEXT NOT NULL,"
            " seconds FLOAT NOT NULL, PRIMARY KEY (student, notebook))"
        )
        database.execute("INSERT INTO course_run VALUES ('old', 'first', 'f', 'started', 'r', 2)")
    for _ in range(2):  # once more finds nothing to do
        with recording(path) as recorder:
            run = recorder.runs(HOMEWORK)["old", "first"]
            recorder.record(outcome())
            assert len(recorder.runs(HOMEWORK)) == 2
    assert (run.fingerprint, run.status, run.reason, run.seconds) == ("f", "started", "r", 2)
    assert (run.tier, run.notes, run.details, run.attention) == ("", (), {}, False)
    assert not run.is_final


@pytest.fixture
def of_one_assignment(path: Path) -> Path:
    """A gradebook with the tables that this engine made when it knew one assignment only."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE course_run (student VARCHAR(128) NOT NULL,"
            " notebook VARCHAR(128) NOT NULL, fingerprint VARCHAR(64) NOT NULL,"
            " status VARCHAR(16) NOT NULL, reason TEXT NOT NULL, seconds FLOAT NOT NULL,"
            " tier TEXT DEFAULT '' NOT NULL, notes TEXT DEFAULT '[]' NOT NULL,"
            " PRIMARY KEY (student, notebook))"
        )
        database.execute(
            "CREATE TABLE course_made (what VARCHAR(256) NOT NULL,"
            " fingerprint VARCHAR(64) NOT NULL, PRIMARY KEY (what))"
        )
        database.execute(
            "CREATE TABLE course_attempt (student VARCHAR(128) NOT NULL, at FLOAT NOT NULL,"
            " work VARCHAR(64) NOT NULL, most INTEGER NOT NULL, PRIMARY KEY (student, at))"
        )
        for student in ("one", "two"):
            database.execute("INSERT INTO course_attempt VALUES (?, 9.5, 'w', 4)", (student,))
            values = (student, "first", f"of {student}", "graded", "", 2.5, "full", '["noted"]')
            database.execute("INSERT INTO course_run VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        made = {"assignment": "a", "feedback/one": "b", "explanation/first/test/one": "c"}
        database.executemany("INSERT INTO course_made VALUES (?, ?)", made.items())
    return path


def test_the_rows_of_an_older_gradebook_are_those_of_its_assignment(
    of_one_assignment: Path,
) -> None:
    for _ in range(2):  # once more finds nothing to do
        with recording(of_one_assignment) as recorder:
            runs = recorder.runs(HOMEWORK)
            assert recorder.runs("another") == {}
            assert recorder.made_like(HOMEWORK, "explanation/") == {
                "explanation/first/test/one": "c"
            }
            assert recorder.made("another", "feedback/one") is None
            assert recorder.attempts("another") == {}
    assert {key: run.fingerprint for key, run in runs.items()} == {
        ("one", "first"): "of one",
        ("two", "first"): "of two",
    }
    run = runs["one", "first"]
    assert (run.seconds, run.tier, run.notes, run.work) == (2.5, "full", ("noted",), "")


@pytest.mark.parametrize("lacks", ["assignment", "content"])
def test_who_only_reads_an_older_table_has_its_rows_and_leaves_it_as_it_is(
    lacks: str, of_one_assignment: Path
) -> None:
    if lacks == "content":
        with recording(of_one_assignment):  # brings it up to date
            pass
        with closing(sqlite3.connect(of_one_assignment)) as database, database:
            database.execute("ALTER TABLE course_run DROP COLUMN content")
    before = of_one_assignment.read_bytes()
    engine = sa.create_engine(f"sqlite:///file:{of_one_assignment}?mode=ro&uri=true")
    with engine.connect() as connection:
        known = runs.read_runs(connection, HOMEWORK)
        assert known.keys() == {("one", "first"), ("two", "first")}
        run = known["one", "first"]
        assert (run.fingerprint, run.notes, run.details) == ("of one", ("noted",), {})
        assert (run.attention, run.content) == (False, "")
        assert runs.read_runs_of(connection, HOMEWORK, "one") == {"first": run}
        assert runs.read_runs(connection, "another") == {}
    engine.dispose()
    assert of_one_assignment.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("167914646830", "is of an older nbgrader. Back it up, .*: nbgrader db upgrade$"),
        ("later", "is of an nbgrader that the one installed here does not know"),
    ],
)
def test_a_gradebook_of_another_nbgrader_is_told_before_anything_is_written(
    version: str, said: str, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        if version != "later":
            database.execute("ALTER TABLE student DROP COLUMN lms_user_id")
    before = path.read_bytes()
    with pytest.raises(UserError, match=f"The gradebook {path.name} {said}"):
        Recorder(url(path), COURSE_ID)
    with pytest.raises(UserError, match=f"The gradebook {path.name} {said}"):
        class_view.read(Course(path.parent, HOMEWORK), url(path))
    assert path.read_bytes() == before


def test_a_row_of_a_notebook_that_two_assignments_have_is_of_the_one_handed_in(
    of_one_assignment: Path,
) -> None:
    with api.Gradebook(url(of_one_assignment), COURSE_ID) as book:
        book.add_assignment("again")
        book.add_notebook("first", "again")
        for student, assignment in (("one", HOMEWORK), ("two", "again")):
            book.add_student(student)
            book.add_submission(assignment, student)
    with recording(of_one_assignment) as recorder:
        assert recorder.runs("again").keys() == {("two", "first")}
        assert len(recorder.runs("again")) + len(recorder.runs(HOMEWORK)) == 2
        assert recorder.attempts("again").keys() == {"two"}
        assert recorder.attempts(HOMEWORK).keys() == {"one"}


def test_a_gradebook_keeps_the_same_notebook_of_two_assignments_apart(path: Path) -> None:
    with api.Gradebook(url(path), COURSE_ID) as book:
        book.add_assignment("again")
        book.add_notebook("first", "again")
        book.add_grade_cell("test", "first", "again", max_score=5, cell_type="code")
        book.add_source_cell("test", "first", "again", cell_type="code", source="")
    with recording(path) as recorder:
        recorder.record(outcome())
        scores = [CellScore("test", 1, 5)]
        recorder.record(outcome(assignment="again", fingerprint="other", scores=scores))
        assert recorder.runs(HOMEWORK)["right", "first"].fingerprint != "other"
        assert recorder.runs("again")["right", "first"].fingerprint == "other"


def test_a_new_gradebook_is_made_by_nbgrader(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with recording(path) as recorder:
        assert recorder.runs(HOMEWORK) == {}
    assert len(query(path, "SELECT * FROM alembic_version")) == 1
    assert [row[0] for row in query(path, "SELECT id FROM course")] == [COURSE_ID]


def test_the_source_is_asked_once(path: Path) -> None:
    with recording(path) as recorder:
        first = recorder.source(HOMEWORK, "first", Layout(("test",)))
        assert [cell.source for cell in first.cells] == ["check()"]
        assert recorder.source(HOMEWORK, "first", Layout(("test",))) is first
        with pytest.raises(GraderError, match="lacks the notebook third of homework"):
            recorder.source(HOMEWORK, "third")


# Errors


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assignment": "other"}, "lacks the assignment other"),
        ({"notebook": "other"}, "lacks the notebook other of homework"),
        ({"scores": [CellScore("other", 1, 1)]}, "lacks the cells other of first"),
    ],
)
def test_what_the_gradebook_does_not_know_is_told_and_nothing_is_written(
    path: Path, changes: dict[str, Any], said: str
) -> None:
    with recording(path) as recorder:
        with pytest.raises(GraderError, match=said):
            recorder.record(outcome(**changes))
        assert recorder.runs(HOMEWORK) == {}
    assert query(path, "SELECT * FROM student") == []


def test_a_fault_at_the_end_leaves_all_as_it_was(path: Path) -> None:
    class Broken(LateSubmissionPlugin):  # type: ignore[misc]
        def late_submission_penalty(self, *_: object) -> float:
            raise ZeroDivisionError

    with recording(path) as recorder:
        recorder.record(outcome())
    before = of_nbgrader(path)
    with recording(path, late_penalty=Broken()) as recorder:
        with pytest.raises(ZeroDivisionError):
            recorder.record(outcome(1, timestamp=datetime(2030, 1, 2)))
        assert of_nbgrader(path) == before
        assert recorder.runs(HOMEWORK)["right", "first"].fingerprint == "of 4"
        recorder.record(outcome(2))
    assert grades(path)["test"][0] == 2


@contextmanager
def tried() -> Iterator[set[int]]:
    """How many milliseconds the connections of SQLAlchemy wait for a lock."""
    found: set[int] = set()

    def ask(connection: sa.Connection, cursor: sqlite3.Cursor, statement: str, *_: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            found.add(cursor.connection.execute("PRAGMA busy_timeout").fetchone()[0])

    sa.event.listen(sa.Engine, "before_cursor_execute", ask)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", ask)


def test_a_lock_that_stays_is_told(path: Path) -> None:
    with recording(path, patience=0.2) as recorder, tried() as waits:
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(GraderError, match="in use by another program"):
                recorder.record(outcome())
            other.rollback()
            other.execute("SELECT * FROM student").fetchall()
            other.execute("BEGIN")
            other.execute("SELECT * FROM student").fetchall()  # a reader bars the commit, too
            with pytest.raises(GraderError, match="in use by another program"):
                recorder.record(outcome())
        assert waits == {200}
        assert query(path, "SELECT * FROM student") == []
        recorder.record(outcome())
    assert grades(path)["test"][0] == 4


def test_nobody_else_writes_between_reading_and_writing(path: Path) -> None:
    locked = []

    def write(_1: object, _2: object, statement: str, *_: object) -> None:
        if "FROM grade" in statement:
            with closing(sqlite3.connect(path, timeout=0)) as other:
                with pytest.raises(sqlite3.OperationalError, match="locked"):
                    other.execute("UPDATE grade SET manual_score = 3")
                locked.append(statement)

    with recording(path) as recorder:
        recorder.record(outcome())
        sa.event.listen(sa.Engine, "after_cursor_execute", write)
        try:
            recorder.record(outcome())
        finally:
            sa.event.remove(sa.Engine, "after_cursor_execute", write)
    assert locked


def test_a_lock_that_is_held_briefly_is_waited_for(path: Path) -> None:
    other = sqlite3.connect(path, check_same_thread=False)
    asked = []

    def give_back_soon(_1: object, _2: object, statement: str, *_: object) -> None:
        if statement == "BEGIN IMMEDIATE":
            asked.append(other.in_transaction)
            threading.Timer(0.5, other.rollback).start()

    with recording(path) as recorder, closing(other):
        other.execute("BEGIN IMMEDIATE")
        sa.event.listen(sa.Engine, "before_cursor_execute", give_back_soon)
        try:
            recorder.record(outcome())
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", give_back_soon)
        assert asked == [True]  # it asked while the other had the lock
    assert grades(path)["test"][0] == 4


def test_a_gradebook_that_cannot_be_written_is_told(path: Path) -> None:
    # Not by the file's mode, which does not bind root.
    with pytest.raises(GraderError, match="gradebook.db.* cannot be written"):
        Recorder(f"sqlite:///file:{path}?mode=ro&uri=true", COURSE_ID)


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be written"):
        Recorder(url(tmp_path / "not there" / "gradebook.db"), COURSE_ID)


@pytest.mark.parametrize("from_", [0, 4096])
def test_a_damaged_gradebook_is_told(path: Path, from_: int) -> None:
    with path.open("r+b") as file:
        file.seek(from_)
        file.write(b"damaged " * 40_000)
    with pytest.raises(GraderError, match="is damaged: put back a copy"):
        Recorder(url(path), COURSE_ID).record(outcome())


def test_a_full_disk_is_told_and_nothing_is_half_written(path: Path) -> None:
    def fill(connection: sqlite3.Connection, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    with recording(path) as recorder:
        recorder.record(outcome())
    sa.event.listen(sa.Engine, "connect", fill)
    try:
        with recording(path) as recorder:
            with pytest.raises(GraderError, match="the disk is full") as caught:
                recorder.record(outcome(student="writes-much", notes=["much" * 10_000]))
            assert caught.type is ResourceError
            assert recorder.runs(HOMEWORK).keys() == {("right", "first")}
    finally:
        sa.event.remove(sa.Engine, "connect", fill)
    assert_whole(path)


# Killed


def assert_whole(path: Path) -> None:
    """Every submitted notebook has its run and all scores and comments of it, or none at all."""
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    own = "SELECT student, notebook, fingerprint FROM course_run"
    runs = {row[:2]: row[2] for row in query(path, own)}
    found: dict[tuple[str, str], set[Any]] = {}
    for student, notebook, _, auto, *_ in of_nbgrader(path)["grade"]:
        found.setdefault((student, notebook), set()).add(auto)
    assert runs.keys() <= found.keys()
    assert {row[0] for row in query(path, "SELECT id FROM student")} == {s for s, _ in runs}
    for key, points in found.items():
        if runs.get(key, "none").isdigit():
            assert points == {float(runs[key])}
        elif key not in runs:
            assert points == {None}


@contextmanager
def endless_recorder(path: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that records without end, as long as the context lasts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gradebook.recording", str(path)],
        cwd=COURSE.root,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("point", "kept"), [("record-begun", 1), ("record-written", 1), ("recorded", 2)]
)
@pytest.mark.parametrize("before", [0, 7])  # a new student, and one whose points are replaced
def test_a_recorder_that_is_killed_at_a_point_leaves_the_old_or_the_new(
    point: str, kept: int, before: int, path: Path, tmp_path: Path
) -> None:
    stops = tmp_path / "stops"
    stops.mkdir()
    (stops / "recorded").touch()
    with endless_recorder(path, COURSE_STOP_AT=str(stops)) as process:
        recorder = psutil.Process(process.pid)
        for number in range(before + 1):
            eventually("a record", partial(stopped, [recorder]))
            last = number == before
            (stops / (point if last else "recorded")).touch()
            recorder.resume()
        eventually("the point", lambda: not any(stops.iterdir()) and stopped([recorder]))
        process.kill()
        assert process.wait() == -9
    assert_whole(path)
    done = {"": 0, **Counter(row[0] for row in query(path, "SELECT fingerprint FROM course_run"))}
    rounds = divmod(before + kept, endless.COUNT)
    assert sum(done.values()) == min(before + kept, endless.COUNT)
    assert done.get(str(rounds[0] + 1), 0) == rounds[1]


@pytest.mark.slow("kills")
def test_a_recorder_that_is_killed_at_any_moment_leaves_each_submission_whole(path: Path) -> None:
    """Also in the middle of what SQLite does; a run is not the same twice."""
    chance = random.Random(20)
    for number in range(10):
        with endless_recorder(path) as process:
            eventually("rows", lambda: of_nbgrader(path)["student"])
            if number == 9:
                runs = partial(query, path, "SELECT * FROM course_run")
                eventually("a whole round", lambda: len(runs()) == endless.COUNT)  # noqa: B023
            time.sleep(chance.uniform(0, 0.4))
        assert process.returncode == -9
        assert_whole(path)
    with recording(path) as recorder:
        assert len(recorder.runs(HOMEWORK)) == endless.COUNT
