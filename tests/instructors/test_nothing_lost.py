"""What a person gave stays, and where grading cannot go on it says why and leaves nothing half."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.course.directory import Course
from grader.engine.execution.bundle import Result
from grader.instructors.endings import FAULT
from grader.instructors.grading import command
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in
from tests.gradebook.rows import give, query, rows
from tests.lacking import lacks
from tests.running import PROGRAM, Grading, autograded, eventually, temporary_directory

NAME = "1-complexity"


@pytest.fixture(scope="module")
def class_(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A right and a wrong answer, and a gradebook that knows the assignment only."""
    course = copy_of(released, tmp_path_factory.mktemp("nothing-lost") / "class")
    (course.submitted / "sent-nothing" / ASSIGNMENT).mkdir(parents=True)
    with temporary_directory() as temporary:
        assert Grading.start(course, temporary).finish() == 0
    hand_in(course, "right", NAME, filled_in(course, NAME))
    wrong = {"growth-exponent": "growth_exponent = 3"}
    hand_in(course, "wrong", NAME, filled_in(course, NAME, **wrong))
    return course


@pytest.fixture(scope="module")
def graded_class(class_: Course) -> Course:
    """The same, graded."""
    course = copy_of(class_, class_.root.with_name("graded"))
    with temporary_directory() as temporary:
        assert Grading.start(course, temporary, "--no-feedback").finish() == 0
    return course


@pytest.fixture
def course(class_: Course, tmp_path: Path) -> Course:
    return copy_of(class_, tmp_path / "course")


@pytest.fixture
def graded(graded_class: Course, tmp_path: Path) -> Course:
    return copy_of(graded_class, tmp_path / "graded")


def graded_well(course: Course, temporary: Path, like: Course) -> None:
    """The next run finishes, and the gradebook is as it should be."""
    again = Grading.start(course, temporary, "--no-feedback")
    assert again.finish() == 0, again.errors
    assert rows(course) == rows(like)
    assert autograded(course) == autograded(like)
    again.leaves_no_process()
    assert not list(temporary.iterdir())


def refused(grading: Grading, other: Grading | None = None) -> str:
    """The sentence with which it gave up, beside another that goes on."""
    assert grading.finish() == 2, (grading.lines, grading.errors)
    said = "".join(grading.errors)
    assert said.startswith("course grade: ") and "Traceback" not in said
    if other is None:
        grading.leaves_no_process()
    return said


def is_whole(course: Course) -> None:
    """The gradebook is sound, and nothing half-written lies about."""
    assert query(course.gradebook, "PRAGMA integrity_check") == [("ok",)]
    made = rows(course)
    scored = {row[:2] for row in made["grade"] if row[3] is not None}
    assert scored <= {row[:2] for row in made["course_run"]}  # the row says what a score is for
    autograded(course)  # each is JSON


# What a person gave


def give_points_and_a_comment(course: Course, student: str) -> None:
    give(course, student, "explain-complexity", manual_score=4.5)
    give(course, student, "explain-complexity", manual_comment="Well explained.")


def given(course: Course, student: str) -> list[Any]:
    made = rows(course)
    points = [row[4] for row in made["grade"] if row[0] == student and row[4] is not None]
    return points + [row[4] for row in made["comment"] if row[0] == student and row[4] is not None]


def test_points_and_comments_of_a_person_stay(graded: Course, temporary: Path) -> None:
    give_points_and_a_comment(graded, "right")
    assert given(graded, "right") == [4.5, "Well explained."]
    assert Grading.start(graded, temporary, "--force", "--no-feedback").finish() == 0
    assert given(graded, "right") == [4.5, "Well explained."]
    changed = {"growth-exponent": "growth_exponent = 3"}
    hand_in(graded, "right", NAME, filled_in(graded, NAME, **changed))
    assert Grading.start(graded, temporary, "--no-feedback").finish() == 0
    assert given(graded, "right") == [4.5, "Well explained."]
    scores = {row[2]: row[3] for row in rows(graded)["grade"] if row[0] == "right"}
    assert scores["test-growth-exponent"] == 0  # so it was graded anew


# Another program


def test_a_second_grader_gives_up_and_the_first_goes_on(
    course: Course, graded_class: Course, temporary: Path
) -> None:
    first = Grading.start(course, temporary, "--no-feedback", stop_at="work-handed-back")
    stopped = first.stopped("grader")
    assert "Another run is grading this course" in refused(Grading.start(course, temporary), first)
    stopped.resume()
    assert first.finish() == 0, first.errors
    assert rows(course) == rows(graded_class)


@pytest.mark.turns("kills", of=2)
@pytest.mark.parametrize("point", ["", "recorded"])
def test_a_gradebook_that_stays_locked_is_told(
    point: str, course: Course, graded_class: Course, temporary: Path
) -> None:
    """From the beginning, or when one of the two notebooks is recorded."""
    with closing(sqlite3.connect(course.gradebook, timeout=60, isolation_level=None)) as other:
        if point:
            grading = Grading.start(course, temporary, "--no-feedback", stop_at=point)
            stopped = grading.stopped("grader")
            other.execute("BEGIN EXCLUSIVE")
            stopped.resume()
        else:
            other.execute("BEGIN EXCLUSIVE")
            grading = Grading.start(course, temporary, "--no-feedback")
        said = refused(grading)
        assert "gradebook" in said and "program" in said
        other.execute("ROLLBACK")
    is_whole(course)
    assert sum(row[3] == "graded" for row in rows(course)["course_run"]) == bool(point)
    graded_well(course, temporary, graded_class)


def test_a_gradebook_that_is_locked_for_a_moment_is_no_error(
    course: Course, graded_class: Course, temporary: Path
) -> None:
    with closing(sqlite3.connect(course.gradebook, timeout=60, isolation_level=None)) as other:
        grading = Grading.start(course, temporary, "--no-feedback", stop_at="work-handed-back")
        stopped = grading.stopped("grader")
        other.execute("BEGIN EXCLUSIVE")
        stopped.resume()
        # Before it records it writes the executed notebook; then it waits for the lock.
        eventually("an executed notebook", lambda: autograded(course))
        time.sleep(0.5)  # decides nothing, but the lock shall not be gone before it is asked for
        other.execute("ROLLBACK")
    assert grading.finish() == 0, grading.errors
    assert rows(course) == rows(graded_class)


# The disk


def test_a_gradebook_that_cannot_be_written_is_told(
    course: Course, graded_class: Course, temporary: Path
) -> None:
    before = rows(course)
    if os.geteuid() == 0:  # permissions do not bind root; a mount does
        words = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
        wrapped = ("unshare", "--mount", "sh", "-c", words, str(course.root))
        said = refused(Grading.start(course, temporary, "--no-feedback", before=wrapped))
    else:
        course.gradebook.chmod(0o444)
        course.root.chmod(0o555)
        try:
            said = refused(Grading.start(course, temporary, "--no-feedback"))
        finally:
            course.root.chmod(0o755)
            course.gradebook.chmod(0o644)
    assert "gradebook" in said
    assert rows(course) == before
    graded_well(course, temporary, graded_class)


# The course is on a disk of its own, filled up but for so many KiB; after the first run, there is
# room again. What the disk holds in the end, and said in the meantime, is copied back.
FULL_DISK = """
set -e
course=$1 free=$2 out=$3
mount -t tmpfs -o size=64m none /mnt
cp -a "$course/." /mnt/
cd /mnt
head -c 64m /dev/zero > filler 2> /dev/null || true
truncate -s -"${free}K" filler
code=0
"$4" grade --jobs 2 --no-feedback > "$out/printed" 2> "$out/said" || code=$?
rm filler
cp -a /mnt "$out/after"
exit $code
"""


@pytest.mark.turns("kills", of=3)
@pytest.mark.parametrize("free", [0, 40, 100])
def test_a_full_disk_is_told(
    free: int, course: Course, graded_class: Course, temporary: Path, tmp_path: Path
) -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        lacks("root", "a disk of one's own needs mounts")
    out = tmp_path / "out"
    out.mkdir()
    words = [course.root, free, out, PROGRAM]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL_DISK, "sh", *map(str, words)],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (out / "said").read_text()
    assert (done.returncode, "Traceback" in said) == (3, False), said
    assert "full" in said.lower() or "No space left" in said
    after = Course(out / "after", ASSIGNMENT)
    is_whole(after)
    assert not list(after.root.rglob("*.new"))
    assert not list(temporary.iterdir())
    graded_well(after, temporary, graded_class)


# Faults of the machine


def test_a_fork_server_that_cannot_start_is_no_zero(
    course: Course, graded_class: Course, temporary: Path
) -> None:
    config = course.config.read_text()
    # A module without a name cannot be imported, and that ends the fork server.
    course.config.write_text(f'{config}\nc.SandboxProvisioner.warm = [""]\n')
    grading = Grading.start(course, temporary, "--no-feedback")
    assert grading.finish() == 3
    assert "the machine failed" in " ".join("".join(grading.lines).split())
    grading.leaves_no_process()
    made = rows(course)
    status = {row[0]: row[3] for row in made["course_run"]}
    assert status == {"right": "failed", "sent-nothing": "missing", "wrong": "failed"}
    scores = {row[3] for row in made["grade"] if row[0] != "sent-nothing"}
    assert scores == {None}
    assert not autograded(course)
    course.config.write_text(config)
    graded_well(course, temporary, graded_class)


def test_a_grade_stays_when_the_machine_fails_to_give_it_again(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        is_ready = True

        def __init__(self, *_: Any) -> None:
            pass

        def start(self) -> None:
            pass

        def run(self, work: Any) -> Iterator[tuple[Any, Result]]:
            for key, _ in work:
                yield key, Result(fault="the power failed")

        def close(self) -> None:
            pass

    before = rows(graded), autograded(graded)
    monkeypatch.chdir(graded.root)
    monkeypatch.setattr(command, "Pool", Failing)
    code = command.run(graded, command.Options(force=True, jobs=1, feedback=False))
    assert code == FAULT
    assert (rows(graded), autograded(graded)) == before


def test_a_worker_that_dies_while_it_hands_over_a_result_stops_nobody(
    course: Course, graded_class: Course, temporary: Path
) -> None:
    # Larger than a pipe holds, so that the worker waits until the grader reads it.
    much = {"growth-exponent": "print('x' * 500_000)\ngrowth_exponent = 2"}
    for student in ("right", "wrong"):
        hand_in(course, student, NAME, filled_in(course, NAME, **much))
    grading = Grading.start(course, temporary, "--no-feedback")
    eventually("a notebook in hand", lambda: grading.executes or grading.is_over)
    grading.process.send_signal(signal.SIGSTOP)

    def waiting() -> list[psutil.Process]:
        return [worker for worker in grading.of_kind("worker") if _is_writing(worker)]

    eventually("a worker that waits for the grader", waiting)[0].kill()
    grading.process.send_signal(signal.SIGCONT)
    assert grading.finish() == 0, grading.errors
    grading.leaves_no_process()
    assert not list(temporary.iterdir())
    assert rows(course)["grade"] != rows(graded_class)["grade"]  # "wrong" is right here
    assert {row[3] for row in rows(course)["course_run"]} == {"graded", "missing"}


def _is_writing(process: psutil.Process) -> bool:
    """Whether one of its threads waits to write into a pipe."""
    with suppress(OSError, psutil.Error):
        threads = Path(f"/proc/{process.pid}/task").iterdir()
        return any("pipe_write" in (thread / "wchan").read_text() for thread in threads)
    return False
