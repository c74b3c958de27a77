"""What a person is told of how long a class takes."""

import pytest

from grader.gradebook.runs import Outcome
from grader.instructors.grading.autograde import Done
from grader.instructors.grading.progress import Progress
from tests.courses import ASSIGNMENT
from tests.instructors.test_order import task


def done(student: str, notebook: str, seconds: float) -> Done:
    outcome = Outcome(student, ASSIGNMENT, notebook, "", "graded", seconds=seconds)
    return Done(task(student, notebook), outcome)


def test_the_rest_is_told_by_how_long_the_same_notebooks_took(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("grader.instructors.grading.progress.time.monotonic", lambda: now[0])
    shown = Progress([*["quick"] * 4, *["slow"] * 3], 0, jobs=2)
    with shown:
        for over in (done("a", "quick", 1), done("b", "quick", 3), done("a", "slow", 20)):
            now[0] += over.outcome.seconds / 2  # two at a time
            shown.advance(over)
        now[0] += 10
        shown.advance(done("b", "slow", 20))
    assert [line.partition("]")[0] for line in capsys.readouterr().out.splitlines()] == [
        "[1/7",  # of the slow ones nobody knows
        "[2/7",
        "[3/7, about 22 s left",  # two quick ones and two slow ones, two at a time
        "[4/7, about 12 s left",
    ]


def test_where_nothing_took_time_nothing_is_foretold(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Progress(["missing", "missing"], 0, jobs=1)
    with shown:
        shown.advance(done("a", "missing", 0))
    shown.show_summary(0)
    said = capsys.readouterr().out
    assert said.startswith("[1/2] ")
    assert "1 graded, 0 unchanged" in said
