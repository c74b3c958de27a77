"""What collecting did: the table on the screen, and collected/report.csv with every file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from grader.basics import csv_files, terminal
from grader.basics.words import listed
from grader.course.directory import Course
from grader.instructors.collect.archives import printable

REPORT = "report.csv"
SHOWN, OF_ONE = 40, 6  # problems on the screen, and those of one student; the file has all
STATES = ("new", "newer", "unchanged", "older", "no notebook")
What = Literal["collected", "kept", "left", "note"]
COLUMNS = ("what", "student", "name in the source", "notebook", "handed in", "late", "remark")


@dataclass(frozen=True)
class Line:
    """A file, or something about a student.

    `what` is "left" for what was not taken and is untouched in the source, "note" for what was
    kept, but somebody should look at, "kept" for what was expected or is there twice.
    """

    what: What
    student: str = ""
    name: str = ""
    notebook: str = ""
    remark: str = ""
    told_before: bool = False
    of: str = ""  # of a file whose student is not plain: the name that the platform gives

    @property
    def is_problem(self) -> bool:
        """Whether a person should look at it."""
        return self.what == "left" or (self.what == "note" and not self.told_before)


@dataclass
class Handed:
    """What was found of one student: the row of the table."""

    student: str
    state: str  # one of STATES
    notebooks: tuple[str, ...] = ()
    submitted: datetime | None = None
    late: str = ""


@dataclass
class Report:
    """All that there is to tell."""

    handed: list[Handed] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)  # of the roster
    # Of the roster: whose a file that was left may be.
    unclear: set[str] = field(default_factory=set)
    # The first parts of the names, in the source, of files that were left for what the roster says.
    by_roster: set[str] = field(default_factory=set)
    has_strangers: bool = False  # whether files were left that may be anybody's
    hint: str = ""
    is_written: bool = False  # into collected/

    def add(self, what: What, student: str, name: str, remark: str, notebook: str = "") -> None:
        """Add a line."""
        self.lines.append(Line(what, student, name, notebook, remark))

    @property
    def problems(self) -> list[Line]:
        """What a person should look at."""
        return [line for line in self.lines if line.is_problem]


def show(course: Course, report: Report, zone: tzinfo, *, dry: bool) -> None:
    """Print the table, what needs attention, and where to look next."""
    out = terminal.console()
    changed = [row for row in report.handed if row.state != "unchanged"]
    if changed:
        out.print()
        out.print(_table(course, changed, zone))
    if problems := report.problems:
        out.print("[bold]What needs attention[/]")
        for text in _shown(problems):
            terminal.print_item(out, printable(text))
    if report.absent:
        names = listed(report.absent, 20)
        out.print(f"[bold]Handed in nothing[/] ({len(report.absent)} of the roster)")
        terminal.print_item(out, names)
        if report.has_strangers:
            terminal.print_item(out, "but files of unknown owners were left: they may be theirs")
    counts = Counter(row.state for row in report.handed)
    said = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    if report.hint:
        out.print("[bold]Times[/]")
        terminal.print_item(out, report.hint)
    if dry:
        out.print(f"[bold]Nothing was written.[/] It would be: {said or 'no submission'}")
        return
    out.print(f"[bold]Collected[/]: {said or 'no submission'}")
    if report.is_written:
        where = course.show(course.collected / REPORT)
        terminal.print_item(out, f"{where}: every file, and what was done")
    terminal.print_item(out, f"{course.show(course.collected)}/STUDENT/: every version as it came")
    if counts["new"] or counts["newer"]:
        terminal.print_item(out, "next: course grade")


def _shown(problems: Sequence[Line]) -> list[str]:
    """What is said of the problems: not too much of one student, and not too much in all."""
    texts: list[str] = []
    counts: Counter[str] = Counter()
    files = Counter(line.of for line in problems)
    told = 0
    for line in problems:
        whose = line.of or line.student
        counts[whose] += 1
        if line.of and counts[whose] > 1:
            continue  # all have the same remark
        if counts[whose] <= OF_ONE or not whose:
            more = files[line.of] - 1 if line.of else 0
            if len(texts) < SHOWN:
                texts.append(sentence(line, more))
                told += 1 + more
    hidden = len(problems) - told
    return [*texts, f"and {hidden} more, in the report"] if hidden else texts


def sentence(line: Line, more: int = 0) -> str:
    """A line of the report as a sentence; `more` files have the same remark."""
    where = f"{line.student}: " if line.student else ""
    others = f" and {more} more" if more else ""
    name = f'"{line.name}"{others}: ' if line.name else ""
    left = " (left in the source)" if line.what == "left" else ""
    return f"{where}{name}{line.remark}{left}"


def write(course: Course, report: Report, zone: tzinfo) -> None:
    """Write collected/report.csv."""
    course.collected.mkdir(parents=True, exist_ok=True)
    rows: list[Sequence[str]] = [COLUMNS]
    about = {row.student: row for row in report.handed}
    for line in report.lines:
        row = about.get(line.student)
        rows.append(
            (
                line.what,
                line.student,
                line.name,
                line.notebook,
                _when(row.submitted, zone) if row else "",
                row.late if row else "",
                line.remark,
            )
        )
    absent = "in the roster"
    if report.has_strangers:
        absent += ", but files of unknown owners were left"
    rows.extend(("absent", student, "", "", "", "", absent) for student in report.absent)
    safe = ([csv_files.harmless(printable(cell)) for cell in row] for row in rows)
    csv_files.write(course.collected / REPORT, safe)
    report.is_written = True


def _table(course: Course, rows: Sequence[Handed], zone: tzinfo) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", overflow="fold")
    names = course.names()
    for name in names:
        table.add_column(name.replace("-", "\n", 1), justify="center")
    table.add_column("handed in", no_wrap=True)
    table.add_column("late", no_wrap=True)
    table.add_column("")
    for row in rows:
        marks = ("yes" if name in row.notebooks else "-" for name in names)
        when = _when(row.submitted, zone)
        table.add_row(escape(printable(row.student)), *marks, when, row.late, row.state)
    return table


def _when(time: datetime | None, zone: tzinfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M}" if time else ""
