"""What a person has to do: look, grade by hand, ask for work; and how long grading took."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median

from grader.gradebook.class_view import Facts
from grader.instructors.report.tables import NOTEBOOK, Column, Table, Value
from grader.scoring import first_error

_SHOWN = 20
_STUDENT = Column("student", code=True)


def to_look_at(facts: Facts, problems: Sequence[tuple[str, str, str]]) -> Table:
    """Notebooks that need attention, with the reason; `problems`: of reading what was graded."""
    rows: list[list[Value]] = []
    for student in facts.students:
        for notebook in facts.notebooks:
            run = facts.runs.get((student, notebook))
            if run is not None and (run.attention or run.reason):
                reasons = [run.reason, *(f"{cell}: {why}" for cell, why in run.details.items())]
                text = "\n".join(filter(None, reasons)) or "see grading.log"
                rows.append([student, notebook, run.status, text])
            elif facts.states[student, notebook] == "not yet" and student in facts.hand_ins:
                rows.append([student, notebook, "not yet", "not graded so far: course grade"])
    rows += [[student, notebook, "graded", reason] for student, notebook, reason in problems]
    columns = [_STUDENT, NOTEBOOK, Column("status"), Column("reason")]
    return Table("attention", "To look at", columns, rows, "No submission.", _SHOWN, True)


def stopped(facts: Facts) -> Table:
    """The errors by what differs on the machine that grades, and which notebooks they stopped."""
    found: dict[str, list[str]] = defaultdict(list)
    for (student, notebook), run in sorted(facts.runs.items()):
        if student in facts.students and (error := first_error.cause_in(run.reason)):
            found[error].append(f"{student}: {notebook}")
    rows: list[list[Value]] = [
        [error, len(where), ", ".join(where)]
        for error, where in sorted(found.items(), key=lambda item: -len(item[1]))
    ]
    columns = [Column("error"), Column("notebooks", "d"), Column("whose")]
    title = "Stopped by what differs where they are graded"
    return Table("stopped", title, columns, rows, "No notebook.", _SHOWN, True)


def waiting(facts: Facts) -> Table:
    """The cells that wait for a person, and how many of each are graded by hand."""
    rows: list[list[Value]] = []
    for cell in facts.cells:
        marks = [facts.marks[s, cell.notebook, cell.name] for s in facts.graded(cell.notebook)]
        waits = sum(mark.waits for mark in marks)
        if not cell.is_test:
            done = [mark.points for mark in marks if not mark.waits]
            mean = sum(done) / len(done) if done else None
            rows.append([cell.notebook, cell.name, cell.possible, waits, len(done), mean])
        elif waits:
            rows.append([cell.notebook, cell.name, cell.possible, waits, None, None])
    columns = [
        NOTEBOOK,
        Column("cell", code=True),
        Column("points", "g"),
        Column("wait", "d"),
        Column("have points", "d"),
        Column("mean of these", ".2f"),
    ]
    return Table("waiting", "Waits for a person", columns, rows, "Nothing.")


def waiting_answers(facts: Facts) -> Table:
    """Each answer that waits for a person."""
    rows = [
        [student, cell.notebook, cell.name]
        for cell in facts.cells
        for student in facts.graded(cell.notebook)
        if facts.marks[student, cell.notebook, cell.name].waits
    ]
    columns = [_STUDENT, NOTEBOOK, Column("cell", code=True)]
    return Table("waiting-answers", "Each answer that waits", columns, rows, "None.", 0, True)


def hand_ins(facts: Facts) -> Table:
    """Who handed in nothing, not all, or late."""
    rows: list[list[Value]] = []
    for student in facts.students:
        missing = [n for n in facts.notebooks if facts.states[student, n] == "missing"]
        there = [
            n for n in facts.notebooks if facts.states[student, n] not in ("missing", "not yet")
        ]
        hand_in = facts.hand_ins.get(student)
        late = hand_in.seconds_late if hand_in else 0.0
        what = []
        if not there and (missing or hand_in is None):
            what, missing = ["nothing handed in"], []
        elif missing:
            what.append("not all")
        if late:
            what.append("late")
        if what:
            when = hand_in.timestamp if hand_in else None
            rows.append(
                [
                    student,
                    ", ".join(what),
                    ", ".join(missing),
                    f"{when:%Y-%m-%d %H:%M}" if when else None,
                    _duration(late) if late else None,
                    hand_in.penalty if hand_in and late else None,
                ]
            )
    columns = [
        _STUDENT,
        Column("what"),
        Column("missing"),
        Column("handed in (UTC)"),
        Column("late by"),
        Column("penalty", "g"),
    ]
    return Table("hand-ins", "Missing and late", columns, rows, "Nobody.", _SHOWN, True)


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def times(facts: Facts) -> Table:
    """How long each notebook took, by the sandbox it ran in."""
    rows: list[list[Value]] = []
    for notebook in facts.notebooks:
        own = [run for run in facts.runs.values() if run.notebook == notebook and run.seconds]
        for tier in sorted({run.tier for run in own}):
            spent = sorted((run.seconds, run.student) for run in own if run.tier == tier)
            seconds = [each for each, _ in spent]
            rows.append(
                [
                    notebook,
                    tier or "not noted",
                    len(spent),
                    median(seconds),
                    *spent[-1],
                    sum(seconds),
                ]
            )
    columns = [
        NOTEBOOK,
        Column("sandbox"),
        Column("graded", "d"),
        Column("median (s)", ".1f"),
        Column("longest (s)", ".1f"),
        Column("whose", code=True),
        Column("together (s)", ".0f"),
    ]
    return Table(
        "times", "Time", columns, rows, "Not noted: these notebooks were not graded by `course`."
    )
