"""What a class costs the gradebook does not grow with it: queries are counted, not seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from nbgrader import api
from nbgrader.plugins import LateSubmissionPlugin
from sqlalchemy.orm import Session

from grader.gradebook import student_view, totals
from grader.gradebook.recorder import Recorder
from tests.gradebook.recording import COURSE_ID, DUE, HOMEWORK, outcome, recording, url

# Tables with rows for each student. To read all of one for one student takes the square of a class.
OF_CLASS = (
    *("student", "submitted_assignment", "submitted_notebook", "grade", "comment"),
    *("course_run", "course_made"),
)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """The queries that SQLAlchemy sends meanwhile, with their values."""
    found: list[tuple[str, Any]] = []

    def note(_1: object, _2: object, statement: str, values: Any, _3: object, many: bool) -> None:
        found.append((statement, values[0] if many else values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def grade(recorder: Recorder, numbers: range) -> None:
    """Record both notebooks of some students, who were late."""
    for number in numbers:
        for name in ("first", "second"):
            recorder.record(
                outcome(student=f"s{number}", notebook=name, timestamp=DUE.replace(day=2))
            )


READERS: dict[str, Callable[[Recorder, Session], object]] = {
    "all runs": lambda recorder, _: recorder.runs(HOMEWORK),
    "what pages were made from": lambda recorder, _: recorder.made_like(HOMEWORK, "feedback/"),
    "what pages tell": lambda recorder, _: list(
        recorder.class_facts(HOMEWORK, recorder.runs(HOMEWORK))
    ),
    "what late work loses": lambda recorder, _: recorder.renew_penalties(HOMEWORK),
    "answers for a person": lambda recorder, _: recorder.standings(HOMEWORK),
    "points to export": lambda _, session: list(
        totals.submitted_points(session, HOMEWORK, LateSubmissionPlugin(penalty_method="zero"))
    ),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_is_read_of_a_class_takes_as_many_queries_whatever_its_size(
    reader: str, path: Path
) -> None:
    counts, sizes = [], []
    late = LateSubmissionPlugin(penalty_method="zero")
    opened = recording(path, late_penalty=late)
    with opened as recorder, api.Gradebook(url(path), COURSE_ID) as gradebook:
        for students in (range(3), range(3, 6)):
            grade(recorder, students)
            with asked() as queries:
                READERS[reader](recorder, gradebook.db)
            counts.append(len(queries))
            sizes.append(len({key[0] for key in recorder.runs(HOMEWORK)}))
    assert sizes == [3, 6]
    assert counts[0] == counts[1] > 0


def test_a_notebook_is_recorded_with_as_many_queries_whatever_the_class(path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    counts = []
    with recording(path, late_penalty=late) as recorder:
        for students in (range(3), range(3, 6), range(6)):
            with asked() as queries:
                grade(recorder, students)
            counts.append(len(queries) / len(students))
    new, more, again = counts
    assert new == more > again
    assert again <= 2 * 16  # two notebooks


def test_nothing_of_one_student_is_looked_for_in_the_rows_of_all(path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    with recording(path, late_penalty=late) as recorder:
        grade(recorder, range(3))
        with asked() as queries, api.Gradebook(url(path), COURSE_ID) as gradebook:
            grade(recorder, range(2, 4))
            opened = len(queries)
            student_view.read(gradebook, HOMEWORK, "s2")
            recorder.renew_penalties(HOMEWORK, "s2")
            assert len(queries) > opened
        with recorder._engine.connect() as connection:
            scanned = {
                (step[3], statement)
                for statement, values in queries
                if statement.startswith(("SELECT", "UPDATE", "DELETE"))
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                if step[3].removeprefix("SCAN ").split()[0] in OF_CLASS
            }
    assert scanned == set()
