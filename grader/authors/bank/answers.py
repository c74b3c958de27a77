"""The bank of answers: read the files, fill them in, and compare the scores they get."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from nbformat import NotebookNode

from grader.authors.bank import bench
from grader.authors.bank.graded import Graded
from grader.basics.errors import UserError
from grader.course import assignment
from grader.course.directory import Course
from grader.notebooks import cells

BUILT_IN = ("reference", "untouched")
_CELL = re.compile(r"# %%(?P<markdown> \[markdown\])? (?P<name>\S+)\s*")
_SCORE = re.compile(r"(?P<name>[\w-]+) (?P<points>\d+(\.\d+)?)")


@dataclass(frozen=True)
class Answer:
    """What a learner wrote in the cells of one notebook, and the scores that it must get.

    `cells` maps a solution cell to its source; the others hold the reference solution, or,
    for the answer `untouched`, the release. `scores` maps every test cell to its points.
    """

    notebook: str
    kind: str  # "right", "wrong", or "built-in"
    name: str
    shows: str
    cells: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """How a person names it: 2-tanh/wrong/relu-derivative."""
        return "/".join(
            part for part in (self.notebook, self.kind, self.name) if part != "built-in"
        )


@dataclass(frozen=True)
class Mismatch:
    """A test cell that gave another score than the answer says."""

    answer: str
    cell: str
    expected: float | None
    got: float | None
    output: str

    def __str__(self) -> str:
        expected, got = score_text(self.expected), score_text(self.got)
        head = f"{self.answer}, {self.cell}: expected {expected}, got {got}"
        lines = [line for line in self.output.splitlines() if line.strip()][:8]
        return "\n".join([head, *(f"    {line[:160]}" for line in lines)])


def matches(answer: Answer, patterns: list[str]) -> bool:
    """Whether one of the patterns (or none given) is the answer's id, or starts it."""
    return not patterns or any(
        fnmatch(answer.id, pattern)
        or answer.id.startswith(pattern.rstrip("/") + "/")
        or answer.name == pattern
        for pattern in patterns
    )


def compare(answers: list[Answer], graded: dict[str, Graded]) -> list[Mismatch]:
    """Every test cell whose score is not the expected one."""
    found = []
    for answer in answers:
        result = graded[answer.id]
        if result.error:
            found.append(Mismatch(answer.id, "(the whole notebook)", None, None, result.error))
            continue
        for cell, expected in answer.scores.items():
            got = result.scores.get(cell)
            if got is None or abs(got - expected) > 1e-9:
                found.append(Mismatch(answer.id, cell, expected, got, result.outputs.get(cell, "")))
    return found


def score_text(score: float | None) -> str:
    """How a score is shown to a person."""
    return "no score" if score is None else f"{score:g}"


# Reading


def matching(course: Course, patterns: Sequence[str]) -> list[Answer]:
    """The answers that match one of the patterns (all, if there are none), or UserError."""
    found = [answer for answer in read_all(course) if matches(answer, list(patterns))]
    if not found:
        raise UserError(
            f"No answer matches {' '.join(patterns)}. See the files in "
            f"{course.show(course.answers)}/."
        )
    return found


def read_all(course: Course) -> list[Answer]:
    """Every answer of the bank, those built in first; raises UserError for a bad file."""
    found = []
    for notebook in course.names():
        full = full_scores(course, notebook)
        found.append(Answer(notebook, "built-in", "reference", "The teacher's solution.", {}, full))
        nothing = dict.fromkeys(full, 0.0)
        found.append(
            Answer(notebook, "built-in", "untouched", "The release as it is.", {}, nothing)
        )
        for kind in ("right", "wrong"):
            for path in sorted((course.answers / notebook / kind).glob("*.py")):
                found.append(read(course, path))
    known = {answer.id for answer in found}
    for path in sorted(course.answers.rglob("*.py")):
        if path.relative_to(course.answers).with_suffix("").as_posix() not in known:
            shown = course.show(course.answers)
            raise UserError(
                f"{course.show(path)} is in no place for answers: "
                f"they are {shown}/NOTEBOOK/right/NAME.py or {shown}/NOTEBOOK/wrong/NAME.py."
            )
    return found


def full_scores(course: Course, notebook: str) -> dict[str, float]:
    """The points of every test cell of the notebook."""
    own = assignment.cells_of(course, notebook)
    return {cell.grade_id: float(cell.points) for cell in own if cell.kind == "test"}


def read(course: Course, path: Path) -> Answer:
    """The answer in one file; raises UserError that names file and line if it is not right."""

    def wrong(number: int, message: str) -> UserError:
        return UserError(f"{course.show(path)}, line {number}: {message}")

    notebook, kind, name = path.parts[-3], path.parts[-2], path.stem
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].count(b"\n")
        raise wrong(before + 1, "this is not in UTF-8. Save the file in UTF-8.") from None
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("# %%")]
    if not starts:
        raise wrong(1, "there is no cell. Begin one with a line like: # %% tanh-class")
    head = lines[: starts[0] - 1]
    full = full_scores(course, notebook)
    shows, lowered = _read_head(head, kind, full, wrong)
    own = assignment.cells_of(course, notebook)
    answerable = {cell.grade_id: cell.kind for cell in own if cell.kind in ("solution", "manual")}
    found: dict[str, str] = {}
    for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        match = _CELL.fullmatch(lines[start - 1])
        if match is None:
            raise wrong(start, "this is no cell. Write: # %% NAME, or: # %% [markdown] NAME")
        cell = match["name"]
        if cell not in answerable:
            raise wrong(
                start, f"{notebook} has no cell {cell} to fill in. It has: {', '.join(answerable)}."
            )
        if cell in found:
            raise wrong(start, f"the cell {cell} is there twice.")
        is_text = answerable[cell] == "manual"
        if is_text != bool(match["markdown"]):
            how = f"text: write # %% [markdown] {cell}" if is_text else f"code: write # %% {cell}"
            raise wrong(start, f"the cell {cell} is {how}")
        body = lines[start : end - 1]
        found[cell] = _text_of(body, start + 1, wrong) if is_text else "\n".join(body).strip("\n")
        if not found[cell].strip():
            raise wrong(start, f"the cell {cell} is empty.")
    return Answer(notebook, kind, name, shows, found, {**full, **lowered})


Wrong = Callable[[int, str], UserError]


def _read_head(
    head: list[str], kind: str, full: dict[str, float], wrong: Wrong
) -> tuple[str, dict[str, float]]:
    """The sentence at the top of the file, and the scores below it."""
    sentence: list[str] = []
    scores: dict[str, float] = {}
    scores_line = 0
    for number, line in enumerate(head, 1):
        if not line.strip():
            continue
        if not line.startswith("#"):
            raise wrong(number, "code stands above the first # %% line. Put it into a cell.")
        text = line.lstrip("#").strip()
        if text.startswith("scores:"):
            scores_line, text = number, text.removeprefix("scores:").strip()
        if not scores_line:
            sentence.append(text)
            continue
        for item in filter(None, (part.strip() for part in text.rstrip(",").split(","))):
            match = _SCORE.fullmatch(item)
            if match is None:
                raise wrong(
                    number, f"{item!r} is no score. Write: # scores: test-steps 4, test-metrics 0"
                )
            cell, points = match["name"], float(match["points"])
            if cell not in full:
                raise wrong(number, f"there is no test cell {cell}. There are: {', '.join(full)}.")
            if points > full[cell]:
                raise wrong(number, f"{cell} is worth {full[cell]:g} points, not {points:g}.")
            scores[cell] = points
    if not any(sentence):
        raise wrong(1, "begin with a comment: one sentence on what this answer shows.")
    if kind == "right" and scores_line:
        raise wrong(scores_line, "a right answer gets full points: remove the scores line.")
    if kind == "wrong" and not any(points < full[cell] for cell, points in scores.items()):
        raise wrong(
            scores_line or len(head) or 1,
            "a wrong answer loses points somewhere: add a line like # scores: test-steps 4",
        )
    return " ".join(sentence), scores


def _text_of(body: list[str], first: int, wrong: Wrong) -> str:
    for number, line in enumerate(body, first):
        if line.strip() and not line.startswith("#"):
            raise wrong(number, "in a text cell every line begins with '# '.")
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in body).strip("\n")


# Filling in


def filler(course: Course, answer: Answer) -> bench.Filler:
    """What makes the answer's notebook from the released one."""
    if answer.kind == "built-in" and answer.name == "untouched":
        return lambda released: released
    return lambda released: fill_in(course, released, answer.notebook, answer.cells)


def fill_in(
    course: Course, released: NotebookNode, name: str, given: dict[str, str]
) -> NotebookNode:
    """Put `given` into the solution cells, and the reference solution into the others.

    Whole cells are replaced, as a student would. Changes and returns `released`.
    """
    source = course.source / f"{name}.ipynb"
    reference = cells.by_grade_id(cells.read_notebook(source))
    there = cells.by_grade_id(released)
    for cell in assignment.cells_of(course, name):
        if cell.kind not in ("solution", "manual"):
            continue
        if cell.grade_id not in reference or cell.grade_id not in there:
            raise UserError(f"{name} has no cell {cell.grade_id}. Check it with: course form")
        solution = cells.reference(reference[cell.grade_id])
        there[cell.grade_id].source = given.get(cell.grade_id, solution)
    return released


def find(course: Course, notebook: str, name: str) -> Answer:
    """The answer that a file like class.toml names: reference, untouched, or wrong/NAME."""
    if name in BUILT_IN:
        return Answer(notebook, "built-in", name, "")
    path = course.answers / notebook / f"{name}.py"
    if not path.is_file():
        raise UserError(f"There is no {course.show(path)}.")
    return read(course, path)
