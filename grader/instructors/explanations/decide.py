"""What a filled-in table decides: each row checked, then set against what the gradebook holds."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.basics.words import counted
from grader.gradebook.manual import ManualGrade, ManualGradeChange
from grader.instructors.explanations.answers import Answer
from grader.instructors.explanations.sheet import Row

Key = tuple[str, str, str]  # notebook, cell, student


@dataclass(frozen=True)
class Decision:
    """What a person decided, in a line of the table, on the answer with this fingerprint."""

    line: int
    standing: ManualGrade
    fingerprint: str
    points: float | None
    comment: str


@dataclass
class Decided:
    """What a table decides, and by line what is wrong with it.

    `outdated` are the decisions on an answer that is not there any more: its student has handed
    in another since. They are no mistake of the person's, so they do not hold up the others.
    """

    decisions: list[Decision] = field(default_factory=list)
    outdated: list[Decision] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What is to be written, and what is left, with the reason.

    `kept` is left, for a person gave other; `outdated`, for the answer is another now.
    """

    gifts: list[ManualGradeChange] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    same: int = 0

    @property
    def leaves_some(self) -> bool:
        """Whether a person has to look at something that was left."""
        return bool(self.kept or self.outdated)


def decisions(
    rows: Sequence[Row], answers: Mapping[Key, Answer], standings: Mapping[Key, ManualGrade]
) -> Decided:
    """What the rows decide; nothing if something is wrong with one of them."""
    rows = list(_with_zeros(rows, standings))
    of_groups, problems = _checked(rows, standings)
    made = Decided(problems=problems)
    if problems:
        return made
    for row in rows:
        if not row.student:
            continue
        group_row = of_groups.get((row.notebook, row.exercise, row.group))
        points = row.points or (group_row.points if group_row else "")
        comment = row.comment or (group_row.comment if group_row else "")
        if not points and not comment:
            continue
        standing = standings[_key(row)]
        number, _ = _points(points, standing.most)
        decision = Decision(row.line, standing, row.fingerprint, number, comment)
        answer = answers.get(standing.key)
        is_same = answer is not None and answer.fingerprint == row.fingerprint
        (made.decisions if is_same else made.outdated).append(decision)
    return made


def _checked(
    rows: Sequence[Row], standings: Mapping[Key, ManualGrade]
) -> tuple[dict[Key, Row], list[str]]:
    """The rows of the groups, and what is wrong with any row, by line."""
    problems: list[str] = []
    exercises = {key[:2]: standing.most for key, standing in standings.items()}
    of_groups: dict[Key, Row] = {}
    members = [row for row in rows if row.student]
    seen = Counter(_key(row) for row in members)
    filled = {(row.notebook, row.exercise, row.group) for row in members}
    for row in rows:
        group = (row.notebook, row.exercise, row.group)
        if (row.notebook, row.exercise) not in exercises:
            _tell(problems, row, f"there is no exercise {row.exercise} in {row.notebook}")
            continue
        _, problem = _points(row.points, exercises[row.notebook, row.exercise])
        if problem:
            _tell(problems, row, problem)
        if row.student:
            if _key(row) not in standings:
                _tell(problems, row, f"there is no student {row.student}")
            elif seen[_key(row)] > 1:
                _tell(problems, row, f"{row.student} is there {seen[_key(row)]} times")
        elif not row.group:
            _tell(problems, row, "it names neither a student nor a group")
        elif group in of_groups:
            _tell(problems, row, f"the group {row.group} is there twice")
        elif row.decides and group not in filled:
            _tell(problems, row, f"no row has a student of the group {row.group}")
        else:
            of_groups[group] = row
    return of_groups, problems


def _key(row: Row) -> Key:
    return row.notebook, row.exercise, row.student


def _with_zeros(rows: Iterable[Row], standings: Iterable[Key]) -> Iterator[Row]:
    """The rows, with the names that a spreadsheet took for numbers: 007 comes back as 7."""
    full: dict[Key, list[str]] = defaultdict(list)
    for notebook, cell, student in standings:
        full[notebook, cell, student.lstrip("0")].append(student)
    for row in rows:
        names = full[row.notebook, row.exercise, row.student]
        if row.student.isdecimal() and len(names) == 1:
            yield replace(row, student=names[0])
        else:
            yield row


def _tell(problems: list[str], row: Row, what: str) -> None:
    problems.append(f"line {row.line}: {what}")


def _points(text: str, most: float) -> tuple[float | None, str]:
    """The points that a person wrote, and what is wrong with them."""
    if not text:
        return None, ""
    try:
        points = math.nan if "_" in text else float(text.replace(",", "."))  # to float, 1_0 is 10
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        return None, f"{text!r} is no number of points"
    if not 0 <= points <= most:
        return None, f"{points:g} points are not between 0 and {most:g}"
    return points, ""


def plan(decided: Decided, *, replace: bool) -> Plan:
    """What to write. What a person gave stays, unless `replace`."""
    made = Plan(outdated=[_outdated(decision) for decision in decided.outdated])
    for decision in decided.decisions:
        standing = decision.standing
        who = f"{standing.student}, {standing.cell}"
        points, comment = decision.points, decision.comment or None
        if points is not None and standing.points not in (None, points) and not replace:
            made.kept.append(f"{who}: has {standing.points:g} points, not {points:g}")
            continue
        if comment is not None and standing.comment not in ("", comment) and not replace:
            made.kept.append(f"{who}: has the comment {short(standing.comment)}")
            comment = None
        if points == standing.points and not standing.waits:
            points = None
        if comment == standing.comment:
            comment = None
        if points is None and comment is None:
            made.same += 1
        else:
            made.gifts.append(ManualGradeChange(standing, decision.fingerprint, points, comment))
    return made


def _outdated(decision: Decision) -> str:
    standing = decision.standing
    said = [] if decision.points is None else [counted(decision.points, "point")]
    said += [f"comment {short(decision.comment)}"] if decision.comment else []
    return f"line {decision.line}: {standing.student}, {standing.cell}: {', '.join(said)}"


def is_given(decision: Decision) -> bool:
    """Whether the gradebook holds all that was decided, and has it from this answer.

    The points alone do not tell: a person who reads the answer of a second hand-in can decide on
    as many as the first had.
    """
    standing = decision.standing
    is_settled = not standing.waits or standing.answer == decision.fingerprint
    points = decision.points is None or (decision.points == standing.points and is_settled)
    return points and decision.comment in ("", standing.comment)


def confirmed(answers: Mapping[Key, Answer], standings: Mapping[Key, ManualGrade]) -> Plan:
    """Points that need no second look: graded again since, but for the same answer."""
    made = Plan()
    for key, standing in standings.items():
        if standing.points is None or not standing.waits:
            continue
        if key in answers and answers[key].fingerprint == standing.answer:
            made.gifts.append(ManualGradeChange(standing, standing.answer, points=standing.points))
        else:
            made.kept.append(f"{standing.student}, {standing.cell}: may be another answer now")
    return made


def short(text: str) -> str:
    """The beginning of a text on one line, in quotes."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:60]}…")
