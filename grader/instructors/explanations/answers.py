"""Read the answers that a person grades: exercises from source/, texts from autograded/.

The texts are those that the formgrader shows: of the work that `course grade` graded last.
"""

import base64
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from grader.basics import words
from grader.basics.errors import GraderError, UserError
from grader.basics.words import counted
from grader.course import assignment
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.gradebook.manual import ManualGrade
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import GONE, Run
from grader.instructors.explanations import text
from grader.notebooks import cells, untrusted
from grader.scoring import verdict
from grader.submissions import prose, submission
from grader.submissions.submission import Submission

# What an answer is. All but the first are set apart; a person decides on each of them, too.
ANSWER, PICTURE, LONG, ELSEWHERE = "answer", "picture", "long", "elsewhere"
EMPTY, UNCHANGED, DELETED = "empty", "unchanged", "deleted"
LOST = "lost"  # a person gave points for it, and it is not there any more
_MOST = 5  # files that are named, and pictures that are shown, of one answer
_MOST_BYTES = 2_000_000  # of a picture that is shown
_PICTURE = re.compile(
    r"""!\[[^\[\]\n]{0,300}\]\(\s*([^()\s]{1,300})|<img\b[^<>]{0,300}?\bsrc\s*=\s*["']?([^"'<>\s]{1,300})""",
    re.IGNORECASE,
)
STUB_LEFT = "left the line of the release standing"


@dataclass(frozen=True)
class Exercise:
    """A cell that a person grades. `rubric` and `model` are Markdown, "" where there are none.

    `stub` is what the release has in the cell; `given` are the sentences around it, as
    `text.sentences` makes them, the longest first: one may be a part of another. `missing` says
    why there is no rubric.
    """

    notebook: str
    cell: str
    points: float
    stub: str
    given: tuple[str, ...] = ()
    model: str = ""
    rubric: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Answer:
    """One student's answer. `said` is its text without the release's lines.

    `elsewhere` are the student's own cells with text in the same notebook, for somebody may have
    answered there. `pictures` are those that can be shown, as data URIs.
    """

    standing: ManualGrade
    kind: str
    said: str
    fingerprint: str
    notes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.standing.student

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is the answer to, and whose."""
        return self.standing.key


@dataclass(frozen=True)
class Answers:
    """All answers to one exercise, by student; `without` handed in nothing that was graded."""

    exercise: Exercise
    answers: tuple[Answer, ...]
    without: tuple[str, ...]


def read(course: Course, recorder: Recorder) -> list[Answers]:
    """The exercises that a person grades, with the answers of the class.

    Raises UserError if nothing has been graded yet.
    """
    by_exercise: dict[tuple[str, str], list[ManualGrade]] = defaultdict(list)
    for standing in recorder.standings(course.assignment):
        by_exercise[standing.notebook, standing.cell].append(standing)
    if not by_exercise:
        kinds = {cell.kind for own in assignment.read(course).values() for cell in own}
        if "manual" in kinds:
            raise UserError("No answers have been graded yet. Grade the class first: course grade")
        raise UserError(f"{course.assignment} has no answer that a person grades.")
    runs = recorder.runs(course.assignment)
    graded, beside = GradedWork(course), _Beside(course)
    found = []
    for (notebook, _), standings in sorted(by_exercise.items()):
        exercise = _exercise(course, recorder, standings[0], graded.given(notebook))
        answers, without = [], []
        for standing in standings:
            there = graded.notebook(standing.student, notebook)
            run = runs.get((standing.student, notebook))
            if run is not None and run.status in GONE and standing.points is not None:
                answers.append(_lost(standing, run))
            elif there is None or (run is not None and run.status != "graded"):
                without.append(standing.student)
            else:
                own = graded.own_texts(there, notebook)
                answer = _answer(exercise, standing, there, run, own)
                answers.append(beside.with_files(answer, there))
        found.append(Answers(exercise, tuple(answers), tuple(without)))
    return found


def by_key(all_answers: Iterable[Answers]) -> dict[tuple[str, str, str], Answer]:
    """Every answer, by what it is the answer to and whose."""
    return {answer.key: answer for each in all_answers for answer in each.answers}


class GradedWork:
    """The notebooks in autograded/, and what in them is the student's own."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._prose: dict[str, list[str]] = {}
        self._plain: dict[str, set[str]] = {}

    def notebook(self, student: str, name: str) -> NotebookNode | None:
        """A student's notebook after its tests have run; None if it is not there."""
        try:
            return cells.read_notebook(self._course.executed(student, name))
        except GraderError:
            return None

    def own_texts(self, notebook: NotebookNode, name: str) -> tuple[str, ...]:
        """The cells with text that are not the release's, code cells with prose among them."""
        if name not in self._plain:  # the same for each student
            self._plain[name] = {text.plain(each) for each in self.given(name)}
        given = self._plain[name]
        if not given:  # without the source, nothing tells whose a cell is
            return ()
        texts = (
            words.valid(cell.source)
            for cell in notebook.cells
            if cells.grade_id(cell) is None
            and not verdict.is_notes(cell)
            and (cell.cell_type == "markdown" or prose.of_cell(cell, near=True))
        )
        return tuple(t for t in texts if text.says_something(t) and text.plain(t) not in given)

    def given(self, name: str) -> Sequence[str]:
        """The cells with text that the release has, in all languages; none without the source."""
        if name not in self._prose:
            self._prose[name] = self._read_given(name)
        return self._prose[name]

    def _read_given(self, name: str) -> list[str]:
        try:
            notebook = cells.read_notebook(self._course.source / f"{name}.ipynb")
        except GraderError:
            return []
        texts = [
            cell.source
            for cell in notebook.cells
            if cell.cell_type == "markdown" and not is_solution(cell)
        ]
        return [*Editions(self._course).in_all(texts)]


class _Beside:
    """What was handed in beside the notebooks, and where the pictures of an answer are."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._known = submission.marks(course)
        self._handouts = [p.relative_to(course.source).as_posix() for p in course.handouts()]
        self._submissions: dict[str, Submission] = {}

    def with_files(self, answer: Answer, notebook: NotebookNode) -> Answer:
        """The answer with notes on files that may belong to it, and with its pictures."""
        standing = answer.standing
        if (handed_in := self._submissions.get(standing.student)) is None:
            handed_in = submission.find_submission(self._course, standing.student, self._known)
            self._submissions[standing.student] = handed_in
        files = handed_in.documents(standing.notebook, self._handouts)
        cell = cells.by_grade_id(notebook).get(standing.cell, NotebookNode())
        attached: Mapping[str, Any] = cell.get("attachments") or {}
        notes = [
            f"handed in beside the notebook: {file}{self._about(file)}" for file in files[:_MOST]
        ]
        notes += [f"and {len(files) - _MOST} more files" for _ in files[_MOST : _MOST + 1]]
        notes += _missing_pictures(answer.said, attached, files)
        shown = [*map(_attached_picture, attached.values()), *map(self._picture, files)]
        pictures = tuple(filter(None, shown))[:_MOST]
        return replace(answer, notes=(*answer.notes, *notes), pictures=pictures)

    def _about(self, file: str) -> str:
        is_link = (self._course.root / file).is_symlink()
        return " (a link, which is not followed: ask for the file)" if is_link else ""

    def _picture(self, file: str) -> str:
        try:
            path = self._course.root / file
            return _data_uri(untrusted.read_bytes(path, self._course.submitted, _MOST_BYTES))
        except (untrusted.Unreadable, OSError):
            return ""


def _attached_picture(kinds: object) -> str:
    """A picture that a cell holds itself, as far as it can be shown."""
    for data in kinds.values() if isinstance(kinds, dict) else ():
        with suppress(ValueError):
            if isinstance(data, str) and len(data) < 2 * _MOST_BYTES:
                return _data_uri(base64.b64decode("".join(data.split()), validate=True))
    return ""


def _data_uri(content: bytes) -> str:
    """An ordinary picture as a data URI; "" for anything else, which a browser may run."""
    kinds = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
    kind = next((kind for start, kind in kinds.items() if content.startswith(start)), "")
    if not kind or len(content) > _MOST_BYTES:
        return ""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _missing_pictures(
    said: str, attached: Mapping[str, Any], files: Sequence[str]
) -> Iterator[str]:
    """What to say of pictures that an answer names and that are not where it says."""
    names = {file.rpartition("/")[2] for file in files}
    for found in dict.fromkeys(_PICTURE.findall(said[: text.TOO_LONG])):
        link = unquote(found[0] or found[1])
        if link.startswith("attachment:"):
            if link.removeprefix("attachment:") not in attached:
                yield f"its picture {link} is not in the notebook: ask for it"
        elif "://" in link:
            yield f"it shows a picture from the web, which may change: {link}"
        elif not link.startswith("data:") and link.rpartition("/")[2] not in names:
            yield f"its picture {link} was not handed in: ask for it"


def _exercise(
    course: Course, recorder: Recorder, standing: ManualGrade, given: Iterable[str]
) -> Exercise:
    notebook, cell = standing.notebook, standing.cell
    saved = recorder.source(course.assignment, notebook).cells
    stub = next((each.source for each in saved if each.name == cell), "")
    stub = "\n".join(sorted(Editions(course).in_all([stub])))  # a line of it in any language
    found = {sentence for each in given for sentence in text.sentences(each)}
    sentences = tuple(sorted(found, key=lambda each: (-len(each), each)))
    exercise = Exercise(notebook, cell, standing.most, stub, sentences)
    try:
        model, rubric = cells.model_and_rubric(course.source / f"{notebook}.ipynb", cell)
    except GraderError as error:
        return replace(exercise, missing=str(error))
    return replace(exercise, model=model, rubric=rubric)


def _answer(
    exercise: Exercise,
    standing: ManualGrade,
    notebook: NotebookNode,
    run: Run | None,
    own: tuple[str, ...],
) -> Answer:
    cell = cells.by_grade_id(notebook).get(exercise.cell, NotebookNode(source=""))
    source = words.valid(cell.source)
    pictures: Mapping[str, object] = cell.get("attachments") or {}
    said, stub_left = text.without_stub(source, exercise.stub)
    kind, notes = ANSWER, [STUB_LEFT] if stub_left else []
    if pictures or text.has_picture(said):
        kind = PICTURE
    elif not text.says_something(said):
        kind, notes = UNCHANGED if stub_left else EMPTY, []
        if run is not None and any(_tells_deletion(note, exercise.cell) for note in run.notes):
            kind = DELETED
    elif len(said) > text.TOO_LONG:
        kind = LONG
    elsewhere = own if kind in (EMPTY, UNCHANGED, DELETED) else ()
    if elsewhere:
        kind, notes = ELSEWHERE, [f"the cell is {kind}", *notes]
    fingerprint = _fingerprint(source, pictures)
    if standing.points is not None and standing.waits:
        same = standing.answer == fingerprint
        notes.append(
            "graded again since the points were given; the answer is the same"
            if same
            else "graded again since the points were given; they may be for another answer"
        )
    return Answer(standing, kind, said, fingerprint, tuple(notes), elsewhere)


def _lost(standing: ManualGrade, run: Run) -> Answer:
    """What stands for an answer that is gone, so that a person can confirm its points, or not."""
    assert standing.points is not None
    given = counted(standing.points, "point")
    notes = (f"the notebook {run.how_gone}, but a person gave {given}",)
    return Answer(standing, LOST, "", _fingerprint(f"{run.status} {run.content}", {}), notes)


def _tells_deletion(note: str, cell: str) -> bool:
    """Whether this is what prepare.py tells of an answer that was put back."""
    return note.startswith(f"The answer {cell} was missing")


def _fingerprint(source: str, pictures: Mapping[str, object]) -> str:
    """Changes with the answer. The letters in front keep spreadsheets from reading a number."""
    whole = json.dumps([source, pictures], sort_keys=True)
    return "is-" + hashlib.sha256(whole.encode()).hexdigest()[:16]
