"""The steps of a class whose gradebook is on a server, a real one: as with a file, restarts or not.

tests/gradebook/test_postgresql.py tests what is recorded.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from grader.basics.errors import UserError
from grader.course.directory import Course, put_tools_on_path
from grader.gradebook.recorder import Recorder
from grader.instructors.doctor import files
from tests.courses import ASSIGNMENT, copy_of, hand_in, run_course
from tests.gradebook.rows import TABLES, give, of_nbgrader
from tests.gradebook.test_postgresql import plain
from tests.gradebook.test_postgresql import rows as rows_of
from tests.instructors.test_regrade import (
    EXPLAIN,
    NAME,
    TEST,
    accept_three,
    exponent,
    flat,
    mend,
)
from tests.instructors.watch.watching import COURSE_ID, configure, page, submit, watching
from tests.jupyter_server import fetch, serve
from tests.postgresql import Server, server
from tests.running import Grading, autograded, eventually, stopped, temporary_directory

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@dataclass(frozen=True)
class OnServer:
    """A course, and the address of its gradebook."""

    course: Course
    db_url: str
    running: Server

    def copy(self, root: Path) -> "OnServer":
        """Both once more."""
        db_url = self.running.new_database(str(sa.make_url(self.db_url).database))
        course = copy_of(self.course, root)
        configure(course, f"c.CourseDirectory.db_url = {db_url!r}")
        return OnServer(course, db_url, self.running)

    @property
    def rows(self) -> dict[str, list[Any]]:
        """What the gradebook keeps of submissions."""
        return rows_of(self.db_url)

    def ask(self, sql: str) -> Any:
        """The one value that a query gives, or nothing, of what it changes."""
        engine = sa.create_engine(self.db_url)
        with engine.begin() as connection:
            done = connection.execute(sa.text(sql))
            found = done.scalar() if done.returns_rows else None
        engine.dispose()
        return found


def without_times(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Rows as SQLite keeps them; nothing in this class says when work was handed in."""
    return {name: [tuple(map(plain, row)) for row in rows[name]] for name in TABLES}


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    put_tools_on_path()
    with server() as found:
        yield found


@pytest.fixture(scope="module")
def handed_in(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class that is not graded."""
    course = copy_of(released, tmp_path_factory.mktemp("handed-in") / "course")
    for student, value in (("two", 2), ("three", 3), ("by-hand", 2)):
        hand_in(course, student, NAME, exponent(course, value))
    return course


@pytest.fixture(scope="module")
def by_machine(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The class with a gradebook that is a file, graded by machine."""
    course = copy_of(handed_in, tmp_path_factory.mktemp("file") / "course")
    assert run_course(course, "grade").returncode == 0
    return course


@pytest.fixture(scope="module")
def by_file(by_machine: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same, graded by hand, too."""
    course = copy_of(by_machine, tmp_path_factory.mktemp("file") / "course")
    give(course, "by-hand", TEST, manual_score=1.5, needs_manual_grade=False)
    give(course, "two", EXPLAIN, manual_score=5.0, needs_manual_grade=False, extra_credit=0.5)
    give(course, "two", EXPLAIN, manual_comment="Well explained.")
    return course


@dataclass
class Formgrader:
    """nbgrader's formgrader on a server of Jupyter's, as its pages speak with it."""

    url: str

    def ask(self, what: str) -> Any:
        return json.loads(fetch(f"{self.url}/formgrader/api/{what}"))

    def points(self, student: str) -> dict[str, Any]:
        """What it shows of a student's cells, by name."""
        return {each["name"]: each for each in self._of("grades", student)}

    def give(self, student: str, cell: str, **values: object) -> None:
        """As a person who types points does."""
        row = self.points(student)[cell]["id"]
        fetch(f"{self.url}/formgrader/api/grade/{row}", values, "PUT")

    def comment(self, student: str, cell: str, text: str) -> None:
        (row,) = (each["id"] for each in self._of("comments", student) if each["name"] == cell)
        fetch(f"{self.url}/formgrader/api/comment/{row}", {"manual_comment": text}, "PUT")

    def _of(self, what: str, student: str) -> list[Any]:
        found = self.ask(f"submitted_notebooks/{ASSIGNMENT}/{NAME}")
        (own,) = (each["id"] for each in found if each["student"] == student)
        return list(self.ask(f"{what}?submission_id={own}"))


@dataclass
class GradedOnServer:
    """The class, graded while a person gave points in the formgrader, and what was seen then."""

    on_server: OnServer
    points_waited: bool
    shown_of_three: dict[str, Any]
    after_a_restart: dict[str, Any]


@pytest.fixture(scope="module")
def graded(
    handed_in: Course, running: Server, tmp_path_factory: pytest.TempPathFactory
) -> GradedOnServer:
    course = copy_of(handed_in, tmp_path_factory.mktemp("server") / "course")
    db_url = running.new_database()
    configure(course, f"c.CourseDirectory.db_url = {db_url!r}")
    class_ = OnServer(course, db_url, running)
    first = run_course(course, "grade", "--student", "two", "--student", "by-hand")
    assert first.returncode == 0, first.stdout + first.stderr
    home = tmp_path_factory.mktemp("home")
    with (
        temporary_directory() as temporary,
        serve(course, home) as url,
        ThreadPoolExecutor() as threads,
    ):
        formgrader = Formgrader(url)
        formgrader.comment("two", EXPLAIN, "Well explained.")
        grading = Grading.start(course, temporary, stop_at="record-written")
        recording = grading.stopped("grader")
        given = threads.submit(formgrader.give, "two", EXPLAIN, manual_score=5, extra_credit=0.5)
        eventually("the formgrader waits", lambda: class_.ask(WAITING) or given.done())
        waited = not given.done()
        recording.resume()
        given.result()
        assert grading.finish() == 0, grading.errors
        formgrader.give("by-hand", TEST, manual_score=1.5)
        shown = formgrader.points("three")
        with running.away():
            pass
        after = formgrader.points("two")
    done = run_course(course, "grade")  # the pages
    assert "3 unchanged" in done.stdout
    return GradedOnServer(class_, waited, shown, after)


@pytest.fixture
def on_server(graded: GradedOnServer, tmp_path: Path) -> OnServer:
    """A copy of the class."""
    return graded.on_server.copy(tmp_path / "on-server")


# The formgrader


def test_points_in_the_formgrader_wait_while_a_notebook_is_recorded(graded: GradedOnServer) -> None:
    assert graded.points_waited


def test_the_formgrader_shows_what_was_graded_since_it_was_started(graded: GradedOnServer) -> None:
    assert graded.shown_of_three[TEST]["auto_score"] == 0
    assert graded.shown_of_three[EXPLAIN]["needs_manual_grade"]


def test_the_formgrader_goes_on_after_a_restart_of_the_server(graded: GradedOnServer) -> None:
    assert graded.after_a_restart[EXPLAIN]["manual_score"] == 5


def test_grades_are_those_of_a_file(by_file: Course, graded: GradedOnServer) -> None:
    there = without_times(graded.on_server.rows)
    assert there == without_times(of_nbgrader(by_file.gradebook))
    comments = {row[:3]: row[4] for row in there["comment"]}
    assert comments["two", NAME, EXPLAIN] == "Well explained."


# Two at once


def test_two_that_grade_at_once_make_the_gradebook_of_one(
    handed_in: Course, by_machine: Course, running: Server, tmp_path: Path
) -> None:
    """Each is stopped in the midst of a recording, until the other one waits for it."""
    db_url = running.new_database()
    courses = [copy_of(handed_in, tmp_path / name) for name in ("first", "second")]
    for course, others in zip(courses, (["three"], ["two", "by-hand"]), strict=True):
        configure(course, f"c.CourseDirectory.db_url = {db_url!r}")
        for student in others:
            shutil.rmtree(course.submitted / student)
    class_ = OnServer(courses[0], db_url, running)
    with temporary_directory() as one, temporary_directory() as other:
        gradings = [
            Grading.start(course, place, "--no-feedback", stop_at="record-written")
            for course, place in zip(courses, (one, other), strict=True)
        ]
        for _ in gradings:
            (recording,) = eventually("a recording", lambda: stopped_of(gradings))
            eventually(
                "the other one waits",
                lambda: class_.ask(WAITING) or any(each.is_over for each in gradings),
            )
            recording.resume()
        for grading in gradings:
            assert grading.finish() == 0, grading.errors
    assert [grading.count for grading in gradings] == [2, 1]
    assert without_times(class_.rows) == without_times(of_nbgrader(by_machine.gradebook))


def stopped_of(gradings: list[Grading]) -> list[psutil.Process]:
    """The graders that have stopped."""
    under_way = [each for each in gradings if not each.is_over]
    return stopped([psutil.Process(each.process.pid) for each in under_way])


# The exporters

CANVAS = (
    f"Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (77)\n"
    "    Points Possible,,,,,15\n"
    "Two,21,1,two,A,{two}\nThree,22,2,three,A,\n"
)
MOODLE = (
    "Identifier,Full name,Username,Grade,Maximum Grade\n"
    "Participant 1,Two,two,{two},15\nParticipant 2,Three,three,,15\n"
)


def export(course: Course, *words: str) -> list[str]:
    """What the program `nbgrader export` writes, by line."""
    program = Path(sys.executable).parent / "nbgrader"
    done = subprocess.run(
        [str(program), "export", "--to=out.csv", *words],
        cwd=course.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (course.root / "out.csv").read_text(encoding="utf-8").splitlines()


def test_nbgrader_exports_all_points(graded: GradedOnServer) -> None:
    lines = export(graded.on_server.course)
    points = {line.split(",")[3]: line.split(",")[-4:] for line in lines[1:]}
    assert points == {
        "two": ["14.5", "0.0", "14.5", "15.0"],
        "three": ["7.0", "0.0", "7.0", "15.0"],
        "by-hand": ["8.5", "0.0", "8.5", "15.0"],
    }


@pytest.mark.parametrize(("platform", "template"), [("Canvas", CANVAS), ("Moodle", MOODLE)])
def test_final_points_are_exported_for_a_platform(
    platform: str, template: str, graded: GradedOnServer
) -> None:
    """An answer of the other student's waits for a person."""
    course, exporter = graded.on_server.course, f"{platform}Exporter"
    (course.root / "template.csv").write_text(template.replace("{two}", ""))
    words = (f"--exporter=grader.exporters.{exporter}", f"--{exporter}.template=template.csv")
    lines = export(course, *words)
    (line,) = (line for line in template.splitlines() if "{two}" in line)
    assert line.replace("{two}", "14.5") in lines
    assert not [line for line in lines if "three" in line and "7" in line]


# The doctor


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """nbgrader changes the directory, and its configuration the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SVHN_DIR", "")


@pytest.mark.usefixtures("here")
def test_doctor_says_whether_the_gradebook_is_whole(on_server: OnServer) -> None:
    finding = files.gradebook(on_server.course)
    assert finding.state == "ok"
    assert "has all tables, and every row can be read and written, 3 submissions" in finding.found
    on_server.ask("ALTER TABLE grade DROP CONSTRAINT grade_notebook_id_fkey")
    on_server.ask("UPDATE grade SET notebook_id = 'lost' || substr(notebook_id, 5)")
    finding = files.gradebook(on_server.course)
    assert finding.state == "wrong"
    assert "holds 12 rows of the table grade without those that they refer to" in finding.found
    on_server.ask("DROP TABLE grade CASCADE")
    assert "lacks the table grade" in files.gradebook(on_server.course).found


@pytest.mark.usefixtures("here")
def test_doctor_says_that_the_gradebook_is_damaged(on_server: OnServer, running: Server) -> None:
    table = on_server.ask("SELECT pg_relation_filepath('grade')")
    on_server.ask("CHECKPOINT")  # or the server would mend the file when it starts
    with running.away():
        (running.place / "data" / table).write_bytes(b"no page of a table" * 1000)
    finding = files.gradebook(on_server.course)
    assert finding.state == "wrong"
    assert "is damaged (invalid page in block 0" in finding.found


@pytest.mark.usefixtures("here")
def test_doctor_says_why_the_gradebook_cannot_be_written(on_server: OnServer) -> None:
    engine = sa.create_engine(on_server.db_url)
    with engine.begin() as other:
        other.execute(sa.text("LOCK TABLE grade IN SHARE MODE"))
        finding = files.gradebook(on_server.course)
    engine.dispose()
    assert (finding.state, "in use by another program" in finding.found) == ("warning", True)
    read_only = f"{on_server.db_url}&options=-c%20default_transaction_read_only%3Don"
    configure(on_server.course, f"c.CourseDirectory.db_url = {read_only!r}")
    finding = files.gradebook(on_server.course)
    assert (finding.state, "cannot be written" in finding.found) == ("wrong", True)


# A regrade


def test_a_regrade_is_that_of_a_file(by_file: Course, on_server: OnServer, tmp_path: Path) -> None:
    of_file, course = copy_of(by_file, tmp_path / "of-file"), on_server.course
    source = course.source / f"{NAME}.ipynb"
    as_it_was, before, notebooks = source.read_bytes(), on_server.rows, autograded(course)
    runs = "SELECT string_agg(fingerprint, ' ' ORDER BY student) FROM course_run"
    runs_before = on_server.ask(runs)
    for each in (of_file, course):
        mend(each, accept_three)
    shown = run_course(course, "regrade")
    assert shown.returncode == 1, shown.stderr
    assert f"three {NAME} {TEST} 0 → 2 7 → 9" in flat(shown.stdout)
    assert (on_server.rows, autograded(course)) == (before, notebooks)
    assert on_server.ask(runs) == runs_before

    told = []
    for each in (of_file, course):
        done = run_course(each, "regrade", "--write")
        assert done.returncode == 0, done.stdout + done.stderr
        told.append(done.stdout.partition("What changed")[2].partition("The gradebook as")[0])
    assert told[0] == told[1]
    assert without_times(on_server.rows) == without_times(of_nbgrader(of_file.gradebook))
    assert on_server.rows != before
    assert "<strong>12.5</strong> of 15 points" in page(course, "two").read_text(encoding="utf-8")

    # The way back that is told.
    assert "put source/ back as it was, and: course regrade --write" in done.stdout
    (copy,) = course.backups.iterdir()
    assert without_times(of_nbgrader(copy)) == without_times(before)
    assert copy.stat().st_mode & 0o777 == 0o600
    source.write_bytes(as_it_was)
    assert run_course(course, "regrade", "--write", "--no-feedback").returncode == 0
    assert on_server.rows == before


def test_a_regrade_adds_and_removes_cells(on_server: OnServer) -> None:
    def change(some: list[Any]) -> None:
        (cell,) = (each for each in some if each.id == "test-parameter-count")
        cell.id = cell.metadata.nbgrader.grade_id = "test-count"

    mend(on_server.course, change)
    words = ("regrade", "--student", "two", "--write", "--no-feedback")
    done = run_course(on_server.course, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    grades = {(row[0], row[2]): row for row in on_server.rows["grade"]}
    assert ("two", "test-parameter-count") not in grades
    assert grades["two", "test-count"][3] == 3
    assert grades["two", EXPLAIN][4:6] == (5.0, 0.5)
    assert grades["three", "test-count"][3:7] == (None, None, None, True)  # waits for its points


def test_nothing_graded_is_told(released: Course, running: Server, tmp_path: Path) -> None:
    course = copy_of(released, tmp_path / "course")
    hand_in(course, "someone", NAME, "{}")
    configure(course, f"c.CourseDirectory.db_url = {running.new_database()!r}")
    done = run_course(course, "regrade")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing was graded yet. Grade first: course grade" in " ".join(done.stderr.split())


# A server that is restarted


def test_its_end_loses_nothing_that_was_written_just_before(
    running: Server, tmp_path: Path
) -> None:
    """All tests here rest on it. It is shown by a table, written when the end comes."""
    empty = OnServer(Course(tmp_path, ASSIGNMENT), running.new_database(), running)
    empty.ask("CREATE TABLE written (number INTEGER)")
    empty.ask("INSERT INTO written VALUES (1)")
    with running.away():
        pass
    assert empty.ask("SELECT number FROM written") == 1


def test_a_run_goes_on_when_the_server_is_there_again(
    on_server: OnServer, running: Server, temporary: Path
) -> None:
    before = on_server.rows
    grading = Grading.start(
        on_server.course, temporary, "--force", "--no-feedback", stop_at="record-written"
    )
    recording = grading.stopped("grader")
    with running.away():
        recording.resume()
        log = on_server.course.root / "grading.log"
        eventually("it waits", lambda: "the gradebook's server is away" in log.read_text())
    assert grading.finish() == 0, grading.errors
    assert grading.count == 3
    assert on_server.rows == before


@pytest.mark.slow("kills")
def test_a_run_that_is_ended_then_is_finished_by_the_next(
    on_server: OnServer, running: Server, temporary: Path
) -> None:
    course, before = on_server.course, on_server.rows
    on_server.ask("UPDATE course_run SET fingerprint = ''")
    on_server.ask("UPDATE grade SET auto_score = 0 WHERE auto_score IS NOT NULL")
    grading = Grading.start(course, temporary, "--no-feedback", stop_at="recorded")
    first = grading.stopped("grader")
    grading.stop_at("record-written")
    first.resume()
    second = grading.stopped("grader")
    with running.away():
        second.resume()
        log = course.root / "grading.log"
        eventually("it waits", lambda: "the gradebook's server is away" in log.read_text())
        told = run_course(course, "report")
        assert told.returncode == 2
        grading.process.terminate()
        assert grading.finish() == 128 + 15
    again = run_course(course, "grade", "--no-feedback")
    assert "1 unchanged" in again.stdout and "[2/2" in again.stdout, again.stdout
    assert on_server.rows == before


def test_a_server_that_stays_away_is_told(on_server: OnServer, running: Server) -> None:
    with closing(Recorder(on_server.db_url, COURSE_ID, restart=0.1)) as recorder:
        known = recorder.runs(ASSIGNMENT)
        with running.away():
            with pytest.raises(UserError, match="cannot be reached: look whether its server runs"):
                recorder.runs(ASSIGNMENT)
            with pytest.raises(UserError, match="cannot be reached"):
                Recorder(on_server.db_url, COURSE_ID)  # at once
        assert recorder.runs(ASSIGNMENT) == known


# Work that arrives


@pytest.mark.slow("kills")
def test_work_that_arrives_is_graded_whatever_becomes_of_the_server(
    released: Course, running: Server, temporary: Path, tmp_path: Path
) -> None:
    course = copy_of(released, tmp_path / "course")
    configure(course, f"c.CourseDirectory.db_url = {running.new_database()!r}")

    def graded(student: str) -> None:
        eventually(f"the page of {student}", page(course, student).is_file)

    with watching(course, temporary) as process:
        submit(course, "ada")
        graded("ada")
        process.sleeps()
        with running.away():
            submit(course, "bob")
            process.has_trouble("cannot be reached: look whether its server runs")
        graded("bob")
        process.has_no_trouble()
        process.sleeps()
    again = run_course(course, "grade")
    assert "2 unchanged" in again.stdout
