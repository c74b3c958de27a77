"""Cases that are rare in a class, and what makes all pages out of date."""

import html
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from traitlets.config import Config, LoggingConfigurable

from grader.gradebook.student_view import CellGrade, NotebookFacts
from grader.instructors.feedback.exporter import FeedbackExporter
from grader.instructors.feedback.made_with import style_fingerprint
from grader.instructors.feedback.summary import (
    AGAIN,
    FAILED,
    READ,
    WAITS,
    Comment,
    Item,
    Status,
    _headings,
)
from tests.instructors.feedback.test_pages import section, text_of

GRADE = CellGrade(points=0, max_points=4, extra=0, by_person=False, waits=False, scored=True)


def made(
    *others: NotebookFacts,
    config: Config | None = None,
    notes: str = "",
    cells: Sequence[NotebookNode] = (),
    **item: Any,
) -> str:
    """A page with one test, which failed, and other cells."""
    cell = nbformat.v4.new_code_cell("check.result()", id="test")
    failed = Item("test", "The test", "", "cell-test", FAILED, GRADE, True, **item)
    cell.metadata.update(anchor="cell-test", feedback={"item": failed})
    own = NotebookFacts("2-tanh", "graded", grades={"test": GRADE})
    feedback = {"facts": own, "all": [own, *others], "items": [failed]}
    resources = {
        "nbgrader": {"assignment": "deep-learning-3", "notebook": "2-tanh", "student": "fails"},
        "feedback": {**feedback, "notes": notes, "title": "A title"},
    }
    exporter = FeedbackExporter(config=config or Config())
    for number, other in enumerate(cells):
        other.metadata.update(anchor=f"cell-{number}", feedback={"item": None})
    notebook = nbformat.v4.new_notebook(cells=[cell, *cells])
    page, _ = exporter.from_notebook_node(notebook, resources)
    return str(page)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            NotebookFacts("4-svhn", "missing", 'There is "4 (1).ipynb" in its place.'),
            'Not handed in. There is "4 (1).ipynb" in its place.',
        ),
        (
            NotebookFacts("4-svhn", "unreadable", "The file is <empty>."),
            "It could not be read. The file is <empty>.",
        ),
        (NotebookFacts("4-svhn", "failed", "The machine failed."), "Not graded yet"),
        (NotebookFacts("4-svhn"), "Not graded yet"),
        (
            NotebookFacts("4-svhn", "", grades={"a": CellGrade(0, 1, 0, False, True, True)}),
            "Graded; 1 point waits for a person",
        ),
    ],
)
def test_the_other_notebooks(other: NotebookFacts, told: str) -> None:
    assert f"4-svhn {told} 0 / " in section(made(other), "all")


@pytest.mark.parametrize("status", ["missing", "unreadable"])
def test_points_for_work_that_is_gone(status: str) -> None:
    given = CellGrade(3, 6, 0, by_person=True, waits=True, scored=True)
    other = NotebookFacts("1-complexity", status, "Why.", grades={"a": given})
    said = section(made(other), "all")
    assert "Why. The points are for what you handed in before" in said
    assert "3 / 6" in said


def test_why_a_test_did_not_count_is_told_first() -> None:
    said = section(made(why="This cell ran longer than 300 seconds and was stopped."), "look")
    assert said == (
        "What to look at The test This cell ran longer than 300 seconds and was stopped."
    )


def test_an_error_that_ended_a_test() -> None:
    assert "ValueError: <b>" in section(made(error="ValueError: <b>"), "look")


def test_a_test_that_says_nothing() -> None:
    assert "try cases of your own" in section(made(), "look")


@pytest.mark.parametrize(("points", "to_look_at"), [(2, True), (4, False)])
def test_a_test_that_a_person_graded_is_not_said_to_have_passed(
    points: float, to_look_at: bool
) -> None:
    grade = replace(GRADE, points=points, by_person=True)
    assert Item("test", "The test", "", "", READ, grade, True).to_look_at == to_look_at


@pytest.mark.parametrize(
    "source",
    ["x" + "\t\n" * 50_000, "a." * 50_000, "x = 1\n" * 50_000],
    ids=["blank-lines", "dots", "long"],
)
def test_code_that_would_take_minutes_is_not_coloured(source: str) -> None:
    cells = [nbformat.v4.new_code_cell(text) for text in ("y = <1>", source, *["z = 2\n"] * 3)]
    page = made(cells=cells)
    assert html.escape(source) in page
    assert '<span class="o">&lt;</span>' in page


def test_a_page_with_much_text_is_not_all_markdown() -> None:
    page = made(cells=[nbformat.v4.new_markdown_cell("ab c" * 10_000) for _ in range(12)])
    assert page.count('<pre class="fb-out">ab c') == 12 - 400_000 // 40_000
    assert page.count("<p>ab c") == 400_000 // 40_000


def test_a_page_with_much_code_is_not_all_coloured() -> None:
    page = made(cells=[nbformat.v4.new_code_cell("x = 1\n" * 3000) for _ in range(30)])
    assert page.count('<div class="highlight"><pre>x = 1\n') == 30 - 200_000 // 18_000


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# 1. A title", [(1, "1. A title")]),
        (
            "text\n## Exercise 1.1: `f` (3 points)  \n#no\n ## no\n### b ##",
            [(2, "Exercise 1.1: `f`"), (3, "b")],
        ),
        ("# a" + " " * 1_000_000 + "(1 point", [(1, "a")]),
        ("#" + " " * 1_000_000 + "a\n####### b", []),
    ],
    ids=["title", "more", "long", "empty"],
)
def test_headings(source: str, found: list[tuple[int, str]]) -> None:
    assert _headings(nbformat.v4.new_markdown_cell(source)) == found


def test_notes_come_before_what_to_look_at() -> None:
    page = made(notes="- The cell was **put back**.")
    assert "The cell was put back" in section(page, "notes")
    assert page.index('id="notes"') < page.index('id="look"')


def own_template(directory: Path, text: str) -> Config:
    """An instructor's template, which builds on the course's."""
    (directory / "mine").mkdir(exist_ok=True)
    conf = {"base_template": "course-feedback", "mimetypes": {"text/html": True}}
    (directory / "mine" / "conf.json").write_text(json.dumps(conf))
    (directory / "mine" / "page.css").write_text(f"/* {text} */")
    exporter = {"template_name": "mine", "extra_template_basedirs": [str(directory)]}
    return Config({"FeedbackExporter": exporter})


def test_an_instructor_can_have_a_look_of_their_own(tmp_path: Path) -> None:
    config = own_template(tmp_path, "my own style")
    page = made(config=config)
    assert "/* my own style */" in page
    assert "A title" in text_of(page)


def test_what_makes_all_pages_out_of_date(tmp_path: Path) -> None:
    def of(config: Config) -> str:
        return style_fingerprint(LoggingConfigurable(config=config))

    before = of(Config())
    assert of(Config()) == before
    assert of(Config({"FeedbackPolicy": {"hidden_tests": "nothing"}})) != before
    assert of(Config({"FeedbackPolicy": {"traceback": True}})) != before
    first = of(own_template(tmp_path, "first"))
    assert of(own_template(tmp_path, "second")) not in (first, before)


BEFORE = "before your work was graded again"
IF_AGAIN = "If you have handed in again since, this may be about your earlier answer."


def commented(status: Status) -> str:
    """A page with an answer that a person gave a comment, and points if it does not wait first."""
    grade = replace(GRADE, points=3, by_person=status is not WAITS, waits=status is not READ)
    comment = Comment("cell-text", "Well explained.")
    item = Item("text", "Explain", "", "cell-text", status, grade, False, comments=(comment,))
    cell = nbformat.v4.new_markdown_cell("Something else.", id="text")
    told = {"item": item, "comment": comment.text, "of": item}
    cell.metadata.update(anchor=comment.anchor, feedback=told)
    own = NotebookFacts("2-tanh", "graded", grades={"text": grade})
    about = {"assignment": "deep-learning-3", "notebook": "2-tanh", "student": "explains"}
    feedback = {"facts": own, "all": [own], "items": [item], "notes": "", "title": "A title"}
    page, _ = FeedbackExporter().from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell]), {"nbgrader": about, "feedback": feedback}
    )
    return str(page)


def test_what_a_person_gave_for_an_earlier_answer_says_so() -> None:
    page = commented(AGAIN)
    assert f"written {BEFORE}" in section(page, "comments")
    assert f"gave these points {BEFORE}" in section(page, "waits")
    assert "Graded by a person before, and waits for one again" in section(page, "points")
    in_notebook = text_of(page[page.index('id="notebook"') :])
    assert f"3 of 4 points Back to the points A person gave these points {BEFORE}" in in_notebook
    assert f"Well explained. This was written {BEFORE}" in in_notebook
    assert in_notebook.count("A person will look at it again.") == 2


def test_a_comment_without_points_says_that_it_may_be_about_an_earlier_answer() -> None:
    page = commented(WAITS)
    assert text_of(page).count(IF_AGAIN) == 2 and BEFORE not in page


def test_what_a_person_gave_for_the_answer_on_the_page_stands_as_it_is() -> None:
    page = commented(READ)
    assert "Well explained." in page and BEFORE not in page and IF_AGAIN not in page
