"""The commonest messages of failed tests; those that differ only in numbers are counted as one."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.gradebook.class_view import Cell, Facts
from grader.instructors.report.tables import NOTEBOOK, Column, Table, Value
from grader.instructors.report.work import Work

_LONGEST = 600
_SHOWN = 12
_STOPPED = "Your code stopped with"
_VARIES = "\0"  # in a template, the mark of what may vary
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?j?|[-+]?\b(?:nan|inf)\b"
# What may vary: the learner's own line, arrays, shapes and numbers, but not the 32 of float32.
_VARYING = re.compile(
    r"(?<=at the line: ).*|\[[-+\d\s.,enaif]*\]|\(\d+(?:, ?\d+)*,?\)"
    rf"|(?<![\w.])(?:{_NUMBER})",
)
# In the message of an error that Python raised, the names of the learner's, too.
_VARYING_IN_ERROR = re.compile(rf"'[^'\n]*'|{_VARYING.pattern}")


@dataclass(frozen=True)
class Said:
    """A message of a test; where it varied there is "…". `students` are those who got it."""

    notebook: str
    test: str
    text: str
    students: Sequence[str]


def common(facts: Facts, work: Mapping[tuple[str, str], Work]) -> list[Said]:
    """Every message, the commonest first.

    One that several parts of a test give to one student is counted once.
    """
    groups: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for cell in facts.cells:
        if cell.is_test:
            for student in facts.graded(cell.notebook):
                for text in set(_texts(facts, work, student, cell)):
                    key = (cell.notebook, cell.name, _template(text))
                    groups[key].append((student, text))
    found = [
        Said(notebook, test, merged([text for _, text in said]), sorted({s for s, _ in said}))
        for (notebook, test, _), said in groups.items()
    ]
    order = {cell.name: number for number, cell in enumerate(facts.cells)}
    return sorted(found, key=lambda s: (-len(s.students), s.notebook, order[s.test], s.text))


def _texts(
    facts: Facts, work: Mapping[tuple[str, str], Work], student: str, cell: Cell
) -> Iterator[str]:
    """What a test said to a student who has not all of its points."""
    if facts.marks[student, cell.notebook, cell.name].points >= cell.possible:
        return
    run = facts.runs.get((student, cell.notebook))
    if run is not None and cell.name in run.details:
        yield _cut(run.details[cell.name])
        return
    if own := work.get((student, cell.notebook)):
        yield from map(_cut, own.said.get(cell.name, ()))


def _cut(text: str) -> str:
    text = text.replace(_VARIES, "\ufffd")  # of the student's own
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _pattern(text: str) -> re.Pattern[str]:
    return _VARYING_IN_ERROR if text.startswith(_STOPPED) else _VARYING


def _template(text: str) -> str:
    return _pattern(text).sub(_VARIES, text)


def merged(texts: Sequence[str]) -> str:
    """One text for texts of the same template: "…" stands where not all have the same."""
    pattern = _pattern(texts[0])
    varying = zip(*(pattern.findall(text) for text in texts), strict=True)
    values = iter([seen[0] if len(set(seen)) == 1 else "…" for seen in varying])
    return pattern.sub(lambda _: next(values), texts[0])


def table(found: Sequence[Said]) -> Table:
    """The messages with counts."""
    columns = [
        Column("submissions", "d"),
        NOTEBOOK,
        Column("test", code=True),
        Column("message"),
        Column("for example", code=True),
    ]
    rows: list[list[Value]] = [
        [len(s.students), s.notebook, s.test, s.text, s.students[0]] for s in found
    ]
    return Table(
        "messages", "Messages", columns, rows, "No test of a graded notebook failed.", _SHOWN, True
    )
