"""A notebook that went through another program, or lost what nbgrader wrote, is graded the same."""

import json
from collections.abc import Iterator
from functools import cache, partial

import pytest
from nbformat import NotebookNode

from grader.authors.bank import answers
from grader.authors.bank import bench as bank
from grader.authors.bank.graded import notebook_of
from grader.notebooks import cells, untrusted
from grader.submissions import prepare
from grader.submissions.prepare import Prepared
from tests.courses import COURSE
from tests.student_kit import editors
from tests.student_kit.editors import LOSSES, PROGRAMS, Editor

NOTEBOOKS = ("1-complexity", "2-tanh", "3-backprop")
# Run, too: after these, not all that runs is as it was. After the others it is, as shown below.
GRADED = (
    editors.through_colab_from_drive,
    editors.through_vscode,
    editors.pasted_without_prose,
)


@cache
def right() -> list[answers.Answer]:
    return [
        answer
        for answer in answers.read_all(COURSE)
        if answer.notebook in NOTEBOOKS and (answer.kind == "right" or answer.name == "reference")
    ]


@pytest.fixture(scope="module")
def bench() -> Iterator[bank.Bench]:
    with bank.Bench(COURSE, NOTEBOOKS, 1) as bench:
        yield bench


def filled_in(answer: answers.Answer, released: NotebookNode | None = None) -> NotebookNode:
    path = COURSE.release / f"{answer.notebook}.ipynb"
    return answers.filler(COURSE, answer)(released or cells.read_notebook(path))


def read_after(editor: Editor, notebook: NotebookNode) -> NotebookNode:
    """What the grader reads of a notebook that went through `editor`."""
    return untrusted.parse(json.dumps(editor(json.loads(json.dumps(notebook)))).encode())


def handed_in(editor: Editor, answer: answers.Answer, released: NotebookNode) -> NotebookNode:
    return read_after(editor, filled_in(answer, released))


def known_cells(prepared: Prepared) -> list[tuple[str, str, str]]:
    named = cells.by_grade_id(prepared.notebook)
    return [(name, cell.cell_type, cell.source) for name, cell in named.items()]


def own_code(prepared: Prepared) -> list[str]:
    return [
        cell.source
        for cell in prepared.notebook.cells
        if cell.cell_type == "code" and cells.grade_id(cell) is None and cell.source
    ]


@pytest.mark.parametrize("editor", [*PROGRAMS, *LOSSES], ids=lambda editor: editor.__name__)
def test_every_right_answer_runs_as_if_untouched(bench: bank.Bench, editor: Editor) -> None:
    for answer in right():
        source = bench.source(answer.notebook)
        untouched = prepare.prepare(filled_in(answer), source)
        prepared = prepare.prepare(read_after(editor, filled_in(answer)), source)
        assert known_cells(prepared) == known_cells(untouched), answer.id
        drive = ["google.colab" in text for text in own_code(prepared)]
        assert drive == [True] * (editor is editors.through_colab_from_drive), answer.id
        assert prepared.doubts == ()
        told = " ".join(prepared.notes)
        assert ("lost their nbgrader metadata" in told) == (editor in LOSSES), answer.id
        assert "missing" not in told and "moved" not in told, answer.id


def test_the_scores_are_the_same(bench: bank.Bench) -> None:
    references = [answer for answer in right() if answer.name == "reference"]
    fillers = {
        f"{answer.id}/{editor.__name__}": partial(handed_in, editor, answer)
        for editor in GRADED
        for answer in references
    }
    graded = bench.grade(fillers)
    for id_, each in graded.items():
        assert each.error == ""
        assert each.scores == answers.full_scores(COURSE, notebook_of(id_)), id_


def test_there_are_answers_to_compare() -> None:
    assert len(right()) > 40
    assert {answer.notebook for answer in right()} == set(NOTEBOOKS)
