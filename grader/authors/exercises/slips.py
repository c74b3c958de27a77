"""The mistakes that the bank of answers shows, by kind: the tables of docs/teaching.md."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.authors.bank import answers
from grader.authors.bank.answers import Answer
from grader.basics import atomic, toml_files
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course import assignment
from grader.course.directory import Course

_TABLE = re.compile(
    r"(?P<begin><!-- slips: (?P<name>\S+) -->\n).*?(?P<end><!-- end of slips -->)", re.DOTALL
)
_ALL = "all"  # the table of all test cells
_KEYS = ("slip", "say", "answers")


@dataclass(frozen=True)
class Kind:
    """A kind of mistake: what is wrong, what to say, and the wrong answers that show it."""

    slip: str
    say: str
    answers: tuple[Answer, ...]


def run(course: Course, *, check: bool) -> int:
    """Write the tables into docs/teaching.md, or with `check` only say whether they are current.

    Returns 0, or 1 if `check` finds that they are not. Raises UserError if slips.toml
    or the page is not right.
    """
    path = page_of(course)
    kinds = read(course)
    count = sum(len(each) for each in kinds.values())
    wrong = sum(len(kind.answers) for each in kinds.values() for kind in each)
    try:
        old = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{course.show(path)} is missing.") from None
    new = fill_in(course, old, kinds)
    if new == old:
        say(f"slips: {course.show(path)} is current: {wrong} wrong answers, {count} kinds")
    elif check:
        say(f"slips: {course.show(path)} is not what answers/ makes. Make it anew: course slips")
    else:
        atomic.write_text(path, new)
        say(f"slips: {course.show(path)} written: {wrong} wrong answers, {count} kinds")
    return 1 if check and new != old else 0


def page_of(course: Course) -> Path:
    """The page that holds the tables."""
    return course.root / "docs" / "teaching.md"


def read(course: Course) -> dict[str, list[Kind]]:
    """The kinds of slips.toml by exercise; raises UserError if one is not right.

    Every wrong answer of the bank stands in exactly one.
    """
    path = course.answers / "slips.toml"
    tables = toml_files.read(path, course.show(path))
    bank = {each.id: each for each in answers.read_all(course) if each.kind == "wrong"}
    seen: dict[str, str] = {}
    kinds: dict[str, list[Kind]] = {}
    for exercise, entries in tables.items():
        where = f"{course.show(path)}, {exercise}"
        notebook, _, cell = exercise.partition("/")
        if cell not in {each.grade_id for each in assignment.cells_of(course, notebook)}:
            raise UserError(f"{where}: there is no such cell. Write NOTEBOOK/CELL.")
        kinds[exercise] = [
            _kind(course, entry, notebook, cell, bank, seen, where) for entry in entries
        ]
    missing = sorted(set(bank) - set(seen))
    if missing:
        raise UserError(
            f"{course.show(path)} has no kind for {', '.join(missing)}. Add each to the kind of "
            "mistake that it shows, or add a new kind."
        )
    return kinds


def _kind(
    course: Course,
    entry: Mapping[str, Any],
    notebook: str,
    cell: str,
    bank: Mapping[str, Answer],
    seen: dict[str, str],
    where: str,
) -> Kind:
    if not isinstance(entry, dict) or set(entry) != set(_KEYS) or not all(entry.values()):
        raise UserError(f"{where}: a kind has exactly these lines: {', '.join(_KEYS)}.")
    where = f"{where}, {entry['slip']!r}"
    shown = []
    for name in entry["answers"]:
        id_ = f"{notebook}/wrong/{name}"
        if id_ not in bank:
            raise UserError(f"{where}: there is no {course.show(course.answers / id_)}.py.")
        if id_ in seen:
            raise UserError(f"{where}: {name} is in another kind already, {seen[id_]!r}.")
        answer = bank[id_]
        if cell not in answer.cells and cell not in lost(course, answer):
            raise UserError(f"{where}: {name} does not fill in {cell}, nor lose points there.")
        seen[id_] = entry["slip"]
        shown.append(answer)
    return Kind(entry["slip"], entry["say"], tuple(shown))


def lost(course: Course, answer: Answer) -> list[str]:
    """The test cells in which an answer loses points, in the order of the notebook."""
    full = answers.full_scores(course, answer.notebook)
    return [cell for cell, points in answer.scores.items() if points < full[cell]]


# The tables


def fill_in(course: Course, page: str, kinds: Mapping[str, Sequence[Kind]]) -> str:
    """The page with its tables made anew; raises UserError if one is missing or twice there."""
    there = [match["name"] for match in _TABLE.finditer(page)]
    wanted = [_ALL, *kinds]
    for name in {*there, *wanted}:
        if there.count(name) != 1 or name not in wanted:
            raise UserError(
                f"{course.show(page_of(course))}: there must be one table for each exercise of "
                f"slips.toml, and for {name} there are {there.count(name)}. A table "
                f"stands between <!-- slips: {name} --> and <!-- end of slips -->."
            )

    def table(match: re.Match[str]) -> str:
        name = match["name"]
        lines = _all_tests(course, kinds) if name == _ALL else _exercise(course, kinds[name])
        return match["begin"] + "\n".join(["", *lines, "", match["end"]])

    return _TABLE.sub(table, page)


def _all_tests(course: Course, kinds: Mapping[str, Sequence[Kind]]) -> list[str]:
    """How many wrong answers there are to each notebook, and in which tests they lose points."""
    bank = [answer for each in kinds.values() for kind in each for answer in kind.answers]
    lines = ["| notebook | test cell | points | wrong answers that lose points there |"]
    lines.append("|---|---|---|---|")
    for notebook, cells in assignment.read(course).items():
        of_it = [answer for answer in bank if answer.notebook == notebook]
        for cell in cells:
            if cell.kind == "test":
                caught = sum(cell.grade_id in lost(course, answer) for answer in of_it)
                lines.append(
                    f"| `{notebook}` | `{cell.grade_id}` | {cell.points:g} "
                    f"| {caught} of {len(of_it)} |"
                )
    return lines


def _exercise(course: Course, kinds: Sequence[Kind]) -> list[str]:
    """The kinds of mistake in one exercise, the commonest first."""
    total = sum(len(kind.answers) for kind in kinds)
    lines = ["| mistake | in our bank | loses points in | what to say |", "|---|---|---|---|"]
    for kind in sorted(kinds, key=lambda kind: -len(kind.answers)):
        own = assignment.cells_of(course, kind.answers[0].notebook)
        order = [cell.grade_id for cell in own]
        tests = sorted(
            {cell for answer in kind.answers for cell in lost(course, answer)}, key=order.index
        )
        lines.append(
            f"| {_link(course, kind)} | {len(kind.answers)} of {total} "
            f"| {', '.join(f'`{test}`' for test in tests)} | {_escape(kind.say)} |"
        )
    return lines


def _link(course: Course, kind: Kind) -> str:
    """The mistake, and a link to an answer that shows it."""
    path = course.show(course.answers / f"{kind.answers[0].id}.py")
    return f"{_escape(kind.slip)} ([for example](../{path}))"


def _escape(text: str) -> str:
    """Text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")
