"""The table of a class: students by notebooks, what waits for a person, what went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.basics import terminal
from grader.basics.words import counted, one_line
from grader.course import assignment
from grader.course.directory import Course
from grader.gradebook.runs import Run

if TYPE_CHECKING:
    from grader.gradebook.totals import Score


@dataclass
class Row:
    """One student: what each notebook shows, the total, and what there is to do."""

    student: str
    shown: dict[str, str] = field(default_factory=dict)
    total: float = 0.0
    waiting: int = 0
    problems: list[str] = field(default_factory=list)


def rows(
    students: Sequence[str],
    notebooks: Sequence[str],
    runs: Mapping[tuple[str, str], Run],
    scores: Mapping[tuple[str, str], "Score"],
) -> list[Row]:
    """What the table says of each student."""
    made = []
    for student in students:
        row = Row(student)
        for notebook in notebooks:
            run, score = runs.get((student, notebook)), scores.get((student, notebook))
            row.shown[notebook] = _shown(run, score)
            if run is None:
                continue
            if score is not None:
                row.total += score.points
                # Of what could not be graded, only what a person gave is for a person.
                row.waiting += score.waiting if run.status == "graded" else score.kept_waiting
            details = "; ".join(f"{cell}: {why}" for cell, why in run.details.items())
            if said := run.reason or (details if run.attention else ""):
                row.problems.append(f"{student}, {notebook}: {said}")
            if run.how_gone and score is not None and score.kept_waiting:
                row.problems.append(f"{student}, {notebook}: {_kept(run, score)}")
        made.append(row)
    return made


def _shown(run: Run | None, score: "Score | None") -> str:
    if run is None:
        return "not yet"
    if run.status == "graded" and score is not None:
        return f"{score.points:g}"
    return run.status if run.status in ("missing", "failed") else "no score"


def _kept(run: Run, score: "Score") -> str:
    """What to do about points by hand, where what they were given for is gone."""
    return (
        f"{run.how_gone}, but a person gave {counted(score.kept, 'point')} for it, which wait to "
        "be confirmed or taken back: run `course explanations`, write the points to keep (0 for "
        "none) beside the student in explanations.csv, then `course explanations --apply "
        "explanations.csv --replace`. The formgrader cannot show this notebook."
    )


def show(
    course: Course, rows: Sequence[Row], more_problems: Sequence[str] = (), *, gradebook: str
) -> None:
    """Print the table, what went wrong, and where to look next; `gradebook` is where it is."""
    out = terminal.console()
    out.print()
    out.print(_table(course, rows))
    problems = [*more_problems, *(problem for row in rows for problem in row.problems)]
    if problems:
        out.print("[bold]What went wrong[/]")
        for problem in problems:
            terminal.print_item(out, problem)
    _where_next(course, out, rows, gradebook)


def _table(course: Course, rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", overflow="fold")
    points = assignment.points(course)
    for notebook, most in points.items():
        table.add_column(f"{notebook}\n/ {most:g}", justify="right")
    table.add_column(f"total\n/ {sum(points.values()):g}", justify="right")
    table.add_column("waits for\na person", justify="right")
    for row in rows:
        waiting = counted(row.waiting, "cell") if row.waiting else ""
        shown = (row.shown[notebook] for notebook in points)
        table.add_row(escape(one_line(row.student)), *shown, f"{row.total:g}", waiting)
    return table


def _where_next(course: Course, out: Console, rows: Sequence[Row], gradebook: str) -> None:
    waiting = sum(row.waiting for row in rows)
    out.print("[bold]Where to look next[/]")
    pages = course.show(course.feedback)
    terminal.print_item(
        out, f"{pages}/STUDENT/{course.assignment}/: the pages to give back to the students"
    )
    if waiting:
        answers = f"{counted(waiting, 'answer')} {'waits' if waiting == 1 else 'wait'}"
        terminal.print_item(
            out,
            f"{answers} for a person: `course explanations` shows those together that are nearly "
            "alike; or grade them one by one in JupyterLab, Nbgrader > Formgrader; then "
            "`course grade` makes the pages anew",
        )
    terminal.print_item(
        out, f"{gradebook}: all points; `nbgrader export` writes them to grades.csv"
    )
