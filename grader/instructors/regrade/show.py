"""What a person sees of a regrade: what changed in the tests, whose points change, and a CSV."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.basics import csv_files
from grader.basics.words import counted, one_line, visible
from grader.instructors.regrade.compare import Book, Change, Points

_NAMES = 4  # as many are named in a line; the CSV has all

COLUMNS = (
    "student",
    "notebook",
    "cell",
    "old points",
    "new points",
    "old maximum",
    "new maximum",
    "old total",
    "new total",
    "points by hand",
    "what the student will read",
)


def show_tests(out: Console, before: Book, after: Book, notebooks: Sequence[str]) -> None:
    """Print which cells of the teacher's changed."""
    lines, others = [], set()
    for key in sorted(before.tests.keys() | after.tests.keys()):
        then, now = before.tests.get(key), after.tests.get(key)
        if then != now and key[0] not in notebooks:
            others.add(key[0])
        elif then != now:
            lines.append(f"  {', '.join(key)}: {_what_changed(then, now)}")
    out.print("[bold]What changed in source/[/]")
    out.print(
        escape("\n".join(lines))
        or "  No cell that is graded, given or filled in. The rest of the notebook changed, or the "
        "handouts, the configuration, the packages or the engine.",
    )
    for notebook in sorted(others):
        out.print(
            f"  {notebook} changed, too, and is not graded again here. Tests that are gone or new "
            f"there change its points as soon as this is written. Then: course regrade {notebook}",
            soft_wrap=True,
        )


def _what_changed(then: tuple[str, float] | None, now: tuple[str, float] | None) -> str:
    if then is None:
        return "new"
    if now is None:
        return "gone"
    said = ["the text"] if then[0] != now[0] else []
    if then[1] != now[1]:
        said.append(f"{then[1]:g} points → {now[1]:g} points")
    return ", ".join(said)


def show_changes(out: Console, changes: Sequence[Change], count: int) -> None:
    """Print whose points change; `count` is the number of notebooks that were graded again."""
    falls = [change for change in changes if change.difference < 0]
    rises = [change for change in changes if change.difference > 0]
    out.print()
    for title, some in (("Points that fall", falls), ("Points that rise", rises)):
        if some:
            out.print(f"[bold]{title}[/]")
            out.print(_table(some))
    _show_overruled(out, [change for change in changes if change.is_overruled])
    others = [c for c in changes if not c.difference and not c.is_overruled]
    _show_messages(out, [change for change in others if change.message is not None])
    students = {change.student for change in (*falls, *rises)}
    notebooks = f"{counted(count, 'notebook')} graded again"
    if not students:
        out.print(f"{notebooks}: no points change.")
        return
    said = [f"{len(rises)} {'rises' if len(rises) == 1 else 'rise'}"] if rises else []
    if falls:
        said.append(f"{len(falls)} {'falls' if len(falls) == 1 else 'fall'}")
    whom = counted(len(students), "student")
    out.print(f"{notebooks}: of the points of a cell, {' and '.join(said)}, for {whom}.")


def _table(changes: Sequence[Change]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", overflow="fold")
    table.add_column("notebook")
    table.add_column("cell", overflow="fold")
    table.add_column("points", justify="right")
    table.add_column("total", justify="right")
    for change in changes:
        with_most = change.old is None or change.new is None or change.old.most != change.new.most
        table.add_row(
            escape(one_line(change.student)),
            change.notebook,
            change.cell,
            f"{_points(change.old, with_most)} → {_points(change.new, with_most)}",
            f"{change.totals[0]:g} → {change.totals[1]:g}",
        )
    return table


def _points(cell: Points | None, with_most: bool) -> str:
    if cell is None:
        return "none"
    return f"{cell.points:g} of {cell.most:g}" if with_most else f"{cell.points:g}"


def _show_overruled(out: Console, changes: Sequence[Change]) -> None:
    if not changes:
        return
    out.print("[bold]Points by hand, which stay, though the test now says otherwise[/]")
    for change in changes:
        assert change.old is not None
        assert change.new is not None
        tests = f"{_auto(change.old)} → {_auto(change.new)} by the test"
        _print(
            out,
            f"{change.student}, {change.notebook}, {change.cell}: {tests}, "
            f"{change.new.points:g} by hand",
        )


def _auto(cell: Points) -> str:
    return "none" if cell.auto is None else f"{cell.auto:g}"


def _show_messages(out: Console, changes: Sequence[Change]) -> None:
    if not changes:
        return
    by_cell: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        by_cell[change.notebook, change.cell].append(change.student)
    out.print("[bold]The same points, but another message in the feedback[/]")
    for (notebook, cell), students in by_cell.items():
        _print(out, f"{notebook}, {cell}: {names(students)}")


def show_penalties(out: Console, before: Book, after: Book) -> None:
    """Print which penalties for late work change."""
    changed = [
        (key, before.penalties.get(key, 0.0), penalty)
        for key, penalty in sorted(after.penalties.items())
        if penalty != before.penalties.get(key, 0.0)
    ]
    if changed:
        out.print("[bold]Penalties for lateness that change (the totals include them)[/]")
        for (student, notebook), then, now in changed:
            _print(out, f"{student}, {notebook}: {then:g} → {now:g}")


def names(some: Sequence[str], separator: str = ", ") -> str:
    """The first of some names, and how many more there are."""
    more = len(some) - _NAMES
    return separator.join([*some[:_NAMES], *([f"{more} more"] if more > 0 else [])])


def _print(out: Console, text: str) -> None:
    out.print(f"  {escape(one_line(text))}", soft_wrap=True)


def write_csv(path: Path, changes: Sequence[Change]) -> None:
    """Write all changes to a file, a line for each cell of each student."""
    csv_files.write(path, [COLUMNS, *map(_line, changes)], marked=True)


def _line(change: Change) -> list[object]:
    cells: Mapping[str, Points | None] = {"old": change.old, "new": change.new}
    by_hand = change.new is not None and change.new.manual is not None
    return [
        csv_files.harmless(visible(change.student)),
        change.notebook,
        change.cell,
        *(cell.points if cell else "" for cell in cells.values()),
        *(cell.most if cell else "" for cell in cells.values()),
        *change.totals,
        "yes" if by_hand else "no",
        csv_files.harmless(visible(change.message or "")),  # a student may have printed a formula
    ]
