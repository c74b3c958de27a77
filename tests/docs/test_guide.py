"""The example class that the guide for instructors shows is the one that is made and graded."""

import io

import pytest
from rich.console import Console

from grader.authors.bank import answers
from grader.authors.exercises import example_class
from grader.basics import terminal
from grader.instructors.grading import table
from grader.instructors.grading.table import Row
from tests.contract import CONTRACT
from tests.courses import COURSE

GUIDE = (COURSE.root / "docs" / "instructor-guide.md").read_text(encoding="utf-8")


def rows() -> list[Row]:
    """What `course grade` shows of the class, by the scores that its answers must get."""
    scores = {answer.id: answer.scores for answer in answers.read_all(COURSE)}
    made = []
    for student, chosen in sorted(example_class.read_plan(COURSE).items()):
        row = Row(student)
        for notebook, answer in chosen.items():
            if answer is None:
                row.shown[notebook] = "missing"
                continue
            points = sum(scores[answer.id].values())
            row.shown[notebook] = f"{points:g}"
            row.total += points
            if answer.name != "untouched":
                row.waiting += sum(cell.kind == "manual" for cell in CONTRACT[notebook])
        made.append(row)
    return made


def test_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=100, highlight=False)
    monkeypatch.setattr(terminal, "console", lambda: console)
    table.show(COURSE, rows(), gradebook="gradebook.db")
    shown = printed.getvalue().split("Where to look next")[0]
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    there = [line.strip() for line in GUIDE.splitlines()]
    assert [line for line in lines if line not in there] == []
