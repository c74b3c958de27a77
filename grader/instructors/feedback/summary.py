"""The summary that leads a page of feedback, from the gradebook and what the tests reported."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from nbformat import NotebookNode
from nbgrader import api
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_task

from grader.basics.errors import UserError
from grader.course.directory import Course, Places
from grader.gradebook import attempts, student_view
from grader.gradebook.attempts import Attempt
from grader.gradebook.student_view import CellGrade, NotebookFacts
from grader.instructors.explanations.answers import GradedWork
from grader.instructors.feedback.policy import SHOWS
from grader.instructors.feedback.speech import Speech
from grader.nbgrader_app.offers import Course as Offers
from grader.notebooks import cells, skipped
from grader.scoring import check_report, first_error, verdict
from grader.translation import catalogue
from grader.translation.catalogue import ENGLISH, Language

# In the resources of a page: what is Known of its student. Where it is not there, it is read.
KNOWN = "known"
_HEADING = re.compile(r"(#{1,6})\s+(\S.*)")
_LONGEST_HEADING = 300  # characters
_POINTS = re.compile(r"\s*\(\d+(\.\d+)? ?(?:points?|점)\)$")


@dataclass(frozen=True)
class Status:
    """How a graded cell stands: in words, and as a sign that says the same without colour."""

    key: str
    sign: str
    words: str


PASSED = Status("passed", "✓", "Passed")
PARTLY = Status("partly", "◐", "Partly passed")
FAILED = Status("failed", "✗", "Not passed")
WAITS = Status("waits", "…", "Waits for a person")
AGAIN = Status("waits", "…", "Graded by a person before, and waits for one again")
READ = Status("read", "✎", "Graded by a person")
EMPTY = Status("failed", "–", "No answer")
# Before the due date, where only visible checks are shown.
VISIBLE = Status("passed", "✓", "Visible checks passed")
NOT_VISIBLE = Status("failed", "✗", "Visible checks not passed")
LATER = Status("later", "…", "Shown after the due date")


@dataclass(frozen=True)
class Comment:
    """What the person who graded wrote about a cell; `anchor` is where that stands in the page."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Item:
    """One graded cell; `title` is the heading before it, `above` the one over that.

    `why` tells what other than the test decided its points; `error` what ended it.
    """

    name: str
    title: str
    above: str
    anchor: str
    status: Status
    grade: CellGrade
    is_test: bool
    parts: Sequence[tuple[check_report.Part, bool]] = ()  # each with whether it is of a hidden test
    why: str = ""
    error: str = ""
    comments: Sequence[Comment] = ()

    @property
    def is_from_before(self) -> bool:
        """Whether what a person gave may be for an earlier answer than the one on the page."""
        return self.status == AGAIN  # nbconvert copies it

    @property
    def may_be_from_before(self) -> bool:
        """Whether that holds of the comments if their student handed in again; who knows?

        A comment without points leaves its answer waiting, and so does a new answer after it.
        """
        return self.status == WAITS

    @property
    def failed(self) -> dict[str, list[tuple[check_report.Part, bool]]]:
        """The parts that failed, by message: one mistake often fails many."""
        found: dict[str, list[tuple[check_report.Part, bool]]] = {}
        for part, is_hidden in self.parts:
            if not part.passed:
                found.setdefault(part.message, []).append((part, is_hidden))
        return found

    @property
    def passed(self) -> list[tuple[check_report.Part, bool]]:
        """The parts that passed."""
        return [each for each in self.parts if each[0].passed]

    @property
    def to_look_at(self) -> bool:
        """Whether there is something to learn from it."""
        lacks = self.grade.points < self.grade.max_points
        return self.status in (PARTLY, FAILED, EMPTY, NOT_VISIBLE) or (
            self.is_test and self.grade.by_person and lacks
        )


class Known(NamedTuple):
    """What the gradebook says of a student: of each notebook, and of the last attempt if known."""

    facts: Mapping[str, NotebookFacts]
    attempt: Attempt | None

    def __deepcopy__(self, _memo: Any) -> "Known":
        return self  # nbconvert copies all resources, and nobody changes this


def read(gradebook: Any, assignment: str, student: str) -> Known:
    """Read it once for all pages of a student."""
    facts = student_view.read(gradebook, assignment, student)
    last = attempts.read_last(gradebook.db.connection(), assignment, student)
    return Known(facts, last.get(student))


class FeedbackSummary(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts the summary into the resources of the page, and its items into the cells."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook and the resources with all that the template needs."""
        about = resources["nbgrader"]
        shows = resources[SHOWS]
        all_facts, attempt = resources.get(KNOWN) or self._read(about)
        own = all_facts.get(about["notebook"])
        if own is None:
            raise api.MissingEntry(
                f"The gradebook knows no notebook {about['notebook']} of {about['student']}."
            )
        speech = resources["speech"] = Speech(self._language(nb))
        told = _take_notes(nb) if own.noted or not own.status else ""
        names = _name_cells(nb)
        items = _items(nb, own, names)
        if shows == "visible":
            items = [_only_visible(nb, item) for item in items]
        stopped = first_error.first(nb) if any(each.to_look_at for each in items) else None
        resources["feedback"] = {
            "facts": own,
            "all": list(all_facts.values()),
            "items": items,
            "notes": told,
            "has_text_elsewhere": self._has_text_elsewhere(nb, items, about),
            "stopped": stopped.told_student if stopped and shows != "visible" else "",
            "shows": shows,
            "hides_points": shows in ("nothing", "visible"),
            "attempt": attempt,
            "next_attempt": speech.time(attempt.next) if attempt else "",
            "title": _title(nb) or about["notebook"],
        }
        if shows == "nothing":
            nb.cells = []
        by_name = {item.name: item for item in items}
        commented = {comment.anchor: item for item in items for comment in item.comments}
        for cell in nb.cells:
            name = _name(cell)
            item = by_name.get(name)
            is_skipped = skipped.is_given_code(cell) and skipped.has_tag(cell)
            cell.metadata["feedback"] = {"item": item, "is_skipped": is_skipped}
            if item is not None and item.is_test:  # its result is the points, told above it
                cell.outputs = [each for each in cell.outputs if not _is_number(each)]
            if name in own.comments:
                cell.metadata["feedback"]["comment"] = own.comments[name]
                cell.metadata["feedback"]["of"] = commented.get(cell.metadata["anchor"])
        return nb, resources

    def _read(self, about: Mapping[str, str]) -> Known:
        course_id = CourseDirectory(parent=self).course_id
        with api.Gradebook(about["db_url"], course_id) as gradebook:
            return read(gradebook, about["assignment"], about["student"])

    def _has_text_elsewhere(
        self, nb: NotebookNode, items: Sequence[Item], about: Mapping[str, str]
    ) -> bool:
        """Whether an answer is missing and text stands in a cell of the student's own: the page of
        the explanations tells the teacher so.
        """
        if not any(item.status == EMPTY for item in items):
            return False
        coursedir = CourseDirectory(parent=self)
        places = Places(source=coursedir.source_directory)
        course = Course(Path(coursedir.root), about["assignment"], places)
        return bool(GradedWork(course).own_texts(nb, about["notebook"]))

    def _language(self, nb: NotebookNode) -> Language:
        """That of the page: what the course says for all, or what grading found of this notebook.

        A catalogue that is gone since then, or broken, is no reason to give no feedback.
        """
        root = Path(CourseDirectory(parent=self).root)
        code = Offers(parent=self).language or nb.metadata.get("course", {}).get("language", "")
        try:
            is_english = code in ("", ENGLISH.code)
            return ENGLISH if is_english else catalogue.language(root, code)
        except UserError as error:
            self.log.warning("The page is in English: %s", error)
            return ENGLISH


def _is_number(output: NotebookNode) -> bool:
    """Whether an output is a result that gives points."""
    if output.output_type != "execute_result":
        return False
    try:
        float(output.data.get("text/plain", ""))
    except (TypeError, ValueError):
        return False
    return True


def _name(cell: NotebookNode) -> str:
    """The name by which the gradebook knows a cell; "" if it knows it not."""
    return (cells.grade_id(cell) or "") if cells.kind(cell) or is_task(cell) else ""


def _take_notes(nb: NotebookNode) -> str:
    """Take the cell out in which the engine told what it did; returns its text."""
    if nb.cells and verdict.is_notes(nb.cells[0]):
        return str(nb.cells.pop(0).source).partition("\n")[2].strip()
    return ""


def _name_cells(nb: NotebookNode) -> dict[str, str]:
    """Give each cell the anchor by which the summary leads to it; returns those of known cells."""
    names: dict[str, str] = {}
    for number, cell in enumerate(nb.cells, start=1):
        name = _name(cell)
        anchor = f"cell-{number}"
        if name and name not in names:
            anchor = f"cell-{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}"
            if anchor in names.values():
                anchor = f"{anchor}-{number}"
            names[name] = anchor
        cell.metadata["anchor"] = anchor
    return names


def _items(nb: NotebookNode, own: NotebookFacts, names: Mapping[str, str]) -> list[Item]:
    """The graded cells in their order, those that the notebook lacks last."""
    items: list[Item] = []
    comments: list[Comment] = []
    path: dict[int, str] = {}  # the headings that a cell stands under, by level
    previous: list[str] = []
    for cell in nb.cells:
        for level, heading in _headings(cell):
            path = {over: known for over, known in path.items() if over < level}
            path[level] = heading
        name = _name(cell)
        if not name or cell.metadata["anchor"] != names[name]:
            continue
        if name in own.comments:
            comments.append(Comment(names[name], own.comments[name]))
        if name in own.grades:
            titles = list(path.values()) or [name]
            above = titles[-2] if len(titles) > 2 else ""  # the first is the notebook's own
            title = titles[-1] if titles != previous else f"{titles[-1]}: {name}"
            items.append(_item(cell, title, above, own, comments))
            comments, previous = [], titles
    if comments and items:  # on code after the last test
        last = items.pop()
        items.append(replace(last, comments=[*last.comments, *comments]))
    there = {item.name for item in items}
    lacking = (each for each in own.grades.items() if each[0] not in there)
    return [
        *items,
        *(
            Item(name, name, "", "", _status(grade, False, False), grade, False)
            for name, grade in lacking
        ),
    ]


def _item(
    cell: NotebookNode, title: str, above: str, own: NotebookFacts, comments: list[Comment]
) -> Item:
    name = _name(cell)
    grade = own.grades[name]
    is_test = cells.is_test(cell)
    status = _status(grade, is_test, name in own.unanswered)
    visible = cell.metadata.get("visible_parts", [])
    parts = (
        [(part, part.head not in visible) for part in check_report.parts(cell)] if is_test else []
    )
    why = own.why.get(name, "")
    error = check_report.error(cell) if is_test and not parts and not why else ""
    return Item(
        name=name,
        title=title,
        above=above,
        anchor=cell.metadata["anchor"],
        status=status,
        grade=grade,
        is_test=is_test,
        parts=parts,
        why=why,
        error=error,
        comments=tuple(comments),
    )


def _only_visible(nb: NotebookNode, item: Item) -> Item:
    """What of a cell is shown where hidden tests, and so points, are not."""
    cell = next((each for each in nb.cells if each.metadata["anchor"] == item.anchor), None)
    if not item.is_test or cell is None or not cell.metadata.get("has_hidden"):
        return item
    if not item.parts:
        return replace(item, status=LATER, why="", error="")
    is_passed = all(part.passed for part, _ in item.parts)
    return replace(item, status=VISIBLE if is_passed else NOT_VISIBLE, why="", error="")


def _status(grade: CellGrade, is_test: bool, is_unanswered: bool) -> Status:
    if is_test and not grade.by_person:
        if grade.points >= grade.max_points:
            return PASSED
        return PARTLY if grade.points > 0 else FAILED
    if grade.by_person:
        return AGAIN if grade.waits else READ
    if grade.waits:
        return WAITS
    return EMPTY if is_unanswered or not grade.points else READ


def _headings(cell: NotebookNode) -> list[tuple[int, str]]:
    """The headings of a text cell with their levels, without the points that stand in them."""
    if cell.cell_type != "markdown":
        return []
    # Line by line: one expression for all would take the square of the length of a text.
    lines = (line[:_LONGEST_HEADING].rstrip() for line in cell.source.split("\n"))
    found = (_HEADING.fullmatch(line) for line in lines if line.startswith("#"))
    return [(len(each[1]), _POINTS.sub("", each[2].rstrip("#").rstrip())) for each in found if each]


def _title(nb: NotebookNode) -> str:
    """The first heading of the notebook."""
    return next((heading for cell in nb.cells for _, heading in _headings(cell)), "")
