"""A gradebook on a server of PostgreSQL's, real, is that which a file of SQLite's would be."""

import multiprocessing
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from nbgrader import api
from nbgrader.plugins import LateSubmissionPlugin

from grader.basics.errors import UserError
from grader.course.directory import Course, put_tools_on_path
from grader.gradebook.manual import ManualGradeChange
from grader.gradebook.recorder import Recorder
from tests.courses import COURSE, copy_of, filled_in, hand_in, run_course
from tests.gradebook.recording import COURSE_ID, DUE, HOMEWORK, add_assignment, outcome, url
from tests.gradebook.rows import TABLES
from tests.gradebook.test_scale import READERS
from tests.postgresql import Server, program, server

_STUDENTS, _ROUNDS = 4, 5


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture(scope="module")
def template(running: Server) -> str:
    """The name of a gradebook that knows an assignment of two notebooks, and no student."""
    put_tools_on_path()
    made = running.new_database()
    with api.Gradebook(made, COURSE_ID) as gradebook:
        add_assignment(gradebook)
    return str(sa.make_url(made).database)


@pytest.fixture
def db_url(running: Server, template: str) -> str:
    """A copy of that gradebook."""
    return running.new_database(template)


@pytest.fixture
def empty_database(running: Server) -> str:
    """A database without any table."""
    put_tools_on_path()
    return running.new_database()


def rows(db_url: str, tables: tuple[str, ...] = tuple(TABLES)) -> dict[str, list[Any]]:
    """What nbgrader keeps of submissions, by table."""
    engine = sa.create_engine(db_url)
    with engine.connect() as connection:
        found = {
            name: sorted(
                (tuple(row) for row in connection.execute(sa.text(TABLES[name]))), key=repr
            )
            for name in tables
        }
    engine.dispose()
    return found


def class_of(recorder: Recorder) -> None:
    """Graded, graded again, late, missing and unreadable work, and points of a person's."""
    for number in range(3):
        recorder.record(outcome(student=f"s{number}", content="own"))
    recorder.record(outcome(2, student="s1", reason="a\0b", timestamp=DUE.replace(day=2)))
    recorder.record(outcome(status="missing", scores=(), student="s2", notebook="second"))

    def three(there: list[Any]) -> list[ManualGradeChange]:
        mine = [each for each in there if each.student in ("s0", "s1")]
        return [ManualGradeChange(each, "read", points=3, comment="Well done.") for each in mine]

    recorder.update_manual_grades(HOMEWORK, three)
    recorder.record(outcome(student="s0", content="own"))
    recorder.record(outcome(status="unreadable", scores=(), student="s1", content="gone"))


def test_rows_and_what_is_read_are_those_of_sqlite(db_url: str, path: Path) -> None:
    late = LateSubmissionPlugin(penalty_method="zero")
    found = []
    for where in (db_url, url(path)):
        with closing(Recorder(where, COURSE_ID, late)) as recorder:
            class_of(recorder)
            with api.Gradebook(where, COURSE_ID) as gradebook:
                seen = {name: read(recorder, gradebook.db) for name, read in READERS.items()}
        for standing in seen["answers for a person"]:  # type: ignore[attr-defined]
            vars(standing).update(grade_id="", comment_id="")
        seen["points to export"] = sorted(seen["points to export"], key=str)  # type: ignore[call-overload]
        tables = ("grade", "comment", "submitted_notebook", "student", "course")
        found.append(
            (
                seen,
                [[tuple(map(plain, row)) for row in own] for own in rows(where, tables).values()],
            )
        )
    assert found[0] == found[1]


def plain(value: Any) -> Any:
    """A truth value as SQLite keeps it."""
    return int(value) if isinstance(value, bool) else value


def test_cells_are_found_in_the_order_of_the_layout(db_url: str) -> None:
    with closing(Recorder(db_url, COURSE_ID)) as recorder:
        assert [cell.name for cell in recorder.source(HOMEWORK, "first").cells] == ["test"]


def test_a_student_who_leaves_is_removed_as_the_page_says(db_url: str) -> None:
    with closing(Recorder(db_url, COURSE_ID)) as recorder:
        class_of(recorder)
        recorder.write_attempt(HOMEWORK, "s1", DUE, "own", 1)
    page = (COURSE.root / "docs" / "scale.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"^psql grades .*<<'END'\n(.*?)^END$", page, re.MULTILINE | re.DOTALL)
    place = sa.make_url(db_url)
    where = [f"--host={place.query['host']}", f"--username={place.username}"]
    command = [program("psql"), *where, str(place.database), "-v", "student=s1"]
    subprocess.run(command, input=said, text=True, check=True)
    engine = sa.create_engine(db_url)
    with engine.connect() as connection:
        for table, known in (("course_run", 3), ("course_attempt", 0), ("course_made", 2)):
            left = connection.execute(sa.text(f"SELECT * FROM {table}")).all()
            assert len(left) == known
            assert "s1" not in str(left)
    engine.dispose()


# Two at once


def _begin(db_url: str, ready: Barrier) -> None:
    ready.wait()
    Recorder(db_url, COURSE_ID).close()


def _record(db_url: str, ready: Barrier, number: int) -> None:
    with closing(Recorder(db_url, COURSE_ID)) as recorder:
        ready.wait()
        for points in range(_ROUNDS):
            for student in range(_STUDENTS):
                for notebook in ("first", "second"):
                    own = f"{number}-{points}"
                    recorder.record(
                        outcome(points, student=f"s{student}", notebook=notebook, fingerprint=own)
                    )


def _give(db_url: str, ready: Barrier) -> None:
    """What the formgrader does meanwhile."""
    engine = sa.create_engine(db_url)
    ready.wait()
    for points in range(3 * _ROUNDS):
        with engine.begin() as connection:
            give = sa.update(api.Grade.__table__).values(manual_score=points)
            connection.execute(give.where(api.Grade.__table__.c.auto_score.is_(None)))
    engine.dispose()


def together(*work: tuple[Any, ...]) -> list[int | None]:
    """Do all of it at the same time, each in a process; returns the exit codes."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(len(work))
    started = [context.Process(target=each[0], args=(each[1], ready, *each[2:])) for each in work]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
        process.kill()
    return [process.exitcode for process in started]


def test_two_make_one_gradebook_at_the_same_time(empty_database: str) -> None:
    assert together((_begin, empty_database), (_begin, empty_database)) == [0, 0]
    engine = sa.create_engine(empty_database)
    with engine.connect() as connection:
        version = connection.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar()
    engine.dispose()
    assert version == 1


def test_a_version_that_is_missing_is_noted(db_url: str) -> None:
    engine = sa.create_engine(db_url)
    with engine.begin() as connection:
        there = connection.execute(sa.text("SELECT version_num FROM alembic_version")).all()
        connection.execute(sa.text("DROP TABLE alembic_version"))
    Recorder(db_url, COURSE_ID).close()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).all() == there
    engine.dispose()


def test_two_grade_the_same_class_while_a_person_gives_points(db_url: str) -> None:
    work = ((_record, db_url, 0), (_record, db_url, 1), (_give, db_url))
    assert together(*work) == [0, 0, 0]
    with closing(Recorder(db_url, COURSE_ID)) as recorder:
        runs = recorder.runs(HOMEWORK)
    assert len(runs) == 2 * _STUDENTS
    found = rows(db_url)
    assert len(found["student"]) == len(found["submitted_assignment"]) == _STUDENTS
    assert len(found["submitted_notebook"]) == 2 * _STUDENTS
    tests = [row for row in found["grade"] if row[2] == "test"]
    assert len(tests) == 2 * _STUDENTS
    for student, notebook, _, auto, *_ in tests:  # of the run that the row says
        assert runs[student, notebook].fingerprint.endswith(f"-{auto:g}")


# Errors


def test_a_lock_that_stays_is_told(db_url: str) -> None:
    engine = sa.create_engine(db_url)
    with closing(Recorder(db_url, COURSE_ID, patience=0.2)) as recorder:
        with engine.begin() as other:
            other.execute(sa.text("LOCK TABLE grade"))
            with pytest.raises(UserError, match="in use by another program"):
                recorder.record(outcome())
        assert recorder.runs(HOMEWORK) == {}
        recorder.record(outcome())
        assert len(recorder.runs(HOMEWORK)) == 1
    engine.dispose()


def test_what_a_person_must_mend_is_told(db_url: str) -> None:
    too_long = pytest.raises(UserError, match=r"so long a name.*Rename the student's folder")
    with closing(Recorder(db_url, COURSE_ID)) as recorder, too_long:
        recorder.record(outcome(student="s" * 200))
    gone = db_url.replace("/grades", "/no-grades")
    with pytest.raises(UserError, match="cannot be reached: look whether its server runs"):
        Recorder(gone, COURSE_ID)
    read_only = f"{db_url}&options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(UserError, match="cannot be written"):
        Recorder(read_only, COURSE_ID)


# The commands


def test_a_class_is_graded_and_shown(released: Course, empty_database: str, tmp_path: Path) -> None:
    course = copy_of(released, tmp_path / "course")
    with course.config.open("a", encoding="utf-8") as file:
        file.write(f"\nc.CourseDirectory.db_url = {empty_database!r}\n")
    name = "1-complexity"
    hand_in(course, "all-right", name, filled_in(course, name))
    hand_in(course, "broken", name, "no notebook")
    done = run_course(course, "grade", "--jobs", "1")
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 1  # for the broken one
    for step in ("explanations", "report"):
        done = run_course(course, step)
        assert done.returncode == 0, done.stdout + done.stderr
    table = course.root / "explanations.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    at = next(n for n, line in enumerate(lines) if "all-right" in line)
    cells = lines[at].split(",")
    lines[at] = ",".join([*cells[:4], "5", "Good", *cells[6:]])
    table.write_text("\n".join(lines), encoding="utf-8")
    done = run_course(course, "explanations", "--apply", "explanations.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    grades = {row[:3]: row[3:5] for row in rows(empty_database)["grade"]}
    assert grades["all-right", name, "explain-complexity"] == (None, 5)
    done = run_course(course, "grade", "--jobs", "1")
    assert "2 unchanged" in done.stdout
    page = course.feedback / "all-right" / "deep-learning-3" / f"{name}.html"
    assert "Good" in page.read_text(encoding="utf-8")
    said = " ".join(run_course(course, "doctor", LC_ALL="C.UTF-8").stdout.split())
    assert "every row can be read and written, 2 submissions; backups are up to that" in said
    assert not course.gradebook.exists()
