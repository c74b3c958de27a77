"""Which cell is which, where a notebook has lost what nbgrader wrote; and that none is forged."""

import json
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader.notebooks import cells, untrusted
from grader.notebooks.source import Layout, SourceCell, SourceNotebook
from grader.submissions import prepare as sanitise
from grader.submissions import prose
from grader.submissions.prepare import Prepared

TEST = "check()\n### BEGIN HIDDEN TESTS\nhidden()\n### END HIDDEN TESTS\nresult()"
STUB = 'def f(x):\n    raise NotImplementedError("Replace this line by your code.")'


def _cell(name: str, source: str, kind: str = "code", **about: Any) -> SourceCell:
    flags = {"locked": False, "grade": False, "solution": False, "task": False, **about}
    return SourceCell(name, kind, source, checksum=None, points=2.0, **flags)


SOURCE = SourceNotebook(
    "exercise",
    (
        _cell("given", "import numpy", locked=True),
        _cell("function", STUB, solution=True),
        _cell("test-function", TEST, locked=True, grade=True),
        _cell("number", "# YOUR CODE HERE", solution=True),
        _cell("test-number", TEST.replace("check", "look"), locked=True, grade=True),
        _cell("text", "YOUR ANSWER HERE", "markdown", grade=True, solution=True),
        _cell("plot", "plot()", locked=True),
    ),
    None,
    Layout(prose=frozenset({"Explain it.", "What follows is a plot."})),
)
# What a student has of it, by name; None: prose.
TEXTS = {
    "given": "import numpy",
    "function": "def f(x):\n    return x",
    "test-function": "check()\nresult()",
    "number": "n = 3",
    "test-number": "look()\nresult()",
    "task": "Explain it.",
    "text": "Because it is so.",
    "next": "What follows is a plot.",
    "plot": "plot()",
}
PROSE = ("task", "next", "title")


def bare(*texts: str | tuple[str, str]) -> NotebookNode:
    """A notebook of cells without any metadata; a name stands for the text of that cell."""
    made = []
    for number, text in enumerate(texts):
        kind, text = text if isinstance(text, tuple) else (_kind(text), TEXTS.get(text, text))
        made.append({"cell_type": kind, "id": f"c{number}", "metadata": {}, "source": text})
    return untrusted.parse(json.dumps({"cells": made, "nbformat": 4, "metadata": {}}).encode())


def _kind(name: str) -> str:
    return "markdown" if name in ("text", *PROSE) else "code"


def prepare(notebook: NotebookNode) -> tuple[Prepared, dict[str, str]]:
    """What is prepared, and the texts of the known cells."""
    prepared = sanitise.prepare(notebook, SOURCE)
    nbformat.validate(prepared.notebook)
    texts = {name: cell.source for name, cell in cells.by_grade_id(prepared.notebook).items()}
    assert texts["test-function"] == TEST  # whatever was handed in
    assert texts["test-number"] == TEST.replace("check", "look")
    assert texts["given"] == "import numpy" and texts["plot"] == "plot()"
    return prepared, texts


def test_texts_alone_are_enough() -> None:
    prepared, texts = prepare(bare(*TEXTS))
    assert texts["function"] == TEXTS["function"]
    assert texts["number"] == TEXTS["number"]
    assert texts["text"] == TEXTS["text"]
    assert prepared.notes == (
        "4 cells had lost their nbgrader metadata; they were recognised and count.",
        "The solution cell function had lost its nbgrader metadata; "
        "what stands in its place counts.",
        "The solution cell number had lost its nbgrader metadata; what stands in its place counts.",
        "The answer text had lost its nbgrader metadata; what stands in its place counts.",
    )
    assert prepared.doubts == ()
    assert len(prepared.notebook.cells) == len(TEXTS)


def test_a_helper_beside_a_solution_is_no_solution() -> None:
    for helpers in (["def g(x):\n    return x", "function"], ["function", "print(f(1))"]):
        _, texts = prepare(bare("given", *helpers, "test-function", "number", "test-number"))
        assert texts["function"] == TEXTS["function"]


def test_a_solution_that_only_names_what_is_asked_for() -> None:
    _, texts = prepare(bare("given", "f = abs", "test-function", "number", "test-number"))
    assert texts["function"] == "f = abs"


@pytest.mark.parametrize(
    "between",
    [("a = 1", "b = 2"), ("def f(x):\n    return 1", "def f(x):\n    return 2")],
    ids=["no-definition", "two-definitions"],
)
def test_what_is_not_sure_is_not_guessed(between: tuple[str, str]) -> None:
    prepared, texts = prepare(bare("given", *between, "test-function", "number", "test-number"))
    assert texts["function"].startswith("# def f(x):")
    ran = [cell.source for cell in prepared.notebook.cells if not cells.grade_id(cell)]
    assert ran == list(between)  # they stay where they stood
    assert "The solution cell function was missing" in " ".join(prepared.notes)


def test_two_solutions_with_no_known_cell_between_them() -> None:
    _, texts = prepare(bare("given", "function", "number", "test-number", "text", "plot"))
    assert texts["function"] == TEXTS["function"]
    assert texts["number"] == TEXTS["number"]  # the only one that is left


def test_a_place_needs_a_known_neighbour() -> None:
    _, texts = prepare(bare("function", "number"))
    assert texts["function"].startswith("# ")


def test_a_notebook_without_any_cell_to_fill_in_may_be_another_one() -> None:
    prepared, _ = prepare(bare("given", ("markdown", "Of another notebook."), "h = 1", "h = 2"))
    assert "None of the code cells to fill in was found" in " ".join(prepared.doubts)
    assert prepare(bare("given", "function", "test-function"))[0].doubts == ()


# Answers that a person reads: a text that is taken for one, or left out, changes points.


def test_two_texts_in_the_place_of_an_answer_are_a_doubt() -> None:
    prepared, texts = prepare(bare(*list(TEXTS)[:7], ("markdown", "And more."), "plot"))
    assert texts["text"] == "YOUR ANSWER HERE"
    assert len(prepared.doubts) == 1
    assert "The answer text was not found, but 2 texts" in prepared.doubts[0]


@pytest.mark.parametrize(
    ("first", "is_doubt"),
    [("It is", True), ("so.", False), ("", False), ("YOUR ANSWER HERE", False)],
)
def test_an_answer_that_was_split_is_a_doubt(first: str, is_doubt: bool) -> None:
    given = bare(*list(TEXTS)[:6], ("markdown", first), ("markdown", "so."), "next", "plot")
    for answer in given.cells[6:8]:
        answer.metadata.nbgrader = {"grade_id": "text"}
    prepared, texts = prepare(given)
    assert texts["text"] == "so."
    assert ("The answer text is there 2 times" in " ".join(prepared.doubts)) == is_doubt


def test_an_answer_written_beside_its_cell_is_a_doubt() -> None:
    names = list(TEXTS)
    for unfilled in ("YOUR ANSWER HERE", ""):
        cell = ("markdown", unfilled)
        given = bare(*names[:6], cell, ("markdown", "It is so."), "plot")
        given.cells[6].metadata["nbgrader"] = {"grade_id": "text"}
        prepared, texts = prepare(given)
        assert texts["text"] == unfilled
        assert "The answer text is not filled in, but text stands" in prepared.doubts[0]


def test_an_answer_that_is_filled_in_is_no_doubt() -> None:
    given = bare(*list(TEXTS)[:7], ("markdown", "A note of mine."), "plot")
    given.cells[6].metadata["nbgrader"] = {"grade_id": "text"}
    assert prepare(given)[0].doubts == ()


def test_a_deleted_answer_is_no_doubt() -> None:
    prepared, texts = prepare(bare(*[name for name in TEXTS if name != "text"]))
    assert texts["text"] == "YOUR ANSWER HERE"
    assert prepared.doubts == ()


def test_where_the_prose_is_not_known_no_text_is_taken_for_an_answer() -> None:
    without = SourceNotebook("exercise", SOURCE.cells, None)
    prepared = sanitise.prepare(bare(*TEXTS), without)
    answer = cells.by_grade_id(prepared.notebook)["text"]
    assert answer.source == "YOUR ANSWER HERE"
    assert prepared.doubts == ()


# Forged cells: `prepare` above asserts that the tests are the source's


@pytest.mark.parametrize(
    "forged",
    [
        {"id": "test-function"},
        {"metadata": {"id": "test-function"}},
        {"metadata": {"nbgrader": {"grade_id": "test-function", "points": 100}}},
        {},
    ],
    ids=["id", "id-of-colab", "metadata", "place"],
)
def test_a_forged_test_never_runs_as_the_test(forged: dict[str, Any]) -> None:
    names = [name for name in TEXTS if name != "test-function"]
    given = bare(*names)
    cell = nbformat.from_dict({"cell_type": "code", "source": "2.0", "id": "z", "metadata": {}})
    cell.update(nbformat.from_dict({**forged, "outputs": [], "execution_count": None}))
    given.cells.insert(2, cell)
    prepared, _ = prepare(given)
    named = cells.by_grade_id(prepared.notebook)
    assert all(each.source != "2.0" for each in named.values())
    assert named["test-function"].metadata.nbgrader.points == 2


def test_a_solution_named_after_a_test_is_not_run_as_one() -> None:
    given = bare(*TEXTS)
    given.cells[1].metadata["nbgrader"] = {"grade_id": "test-function"}
    prepared, texts = prepare(given)
    (note,) = (note for note in prepared.notes if "The test cell test-function" in note)
    assert "had code in it that was not given" in note
    assert texts["function"].startswith("# def f(x):")


# Ids


def test_the_id_that_colab_keeps_counts_beside_a_new_one() -> None:
    data = {"cell_type": "code", "id": "8f3a2b1c", "metadata": {"id": "function"}, "source": "f=1"}
    given = untrusted.parse(json.dumps({"cells": [data], "nbformat": 4}).encode())
    assert given.cells[0].id == "8f3a2b1c"
    assert prepare(given)[1]["function"] == "f=1"


@pytest.mark.parametrize("id_", [5, None, [], "", "no id", "x" * 65])
def test_an_id_of_colab_that_is_none_is_not_kept(id_: Any) -> None:
    data = {"cell_type": "code", "id": "own", "metadata": {"id": id_}, "source": "f=1"}
    given = untrusted.parse(json.dumps({"cells": [data], "nbformat": 4}).encode())
    assert given.cells[0].metadata == {}


# An answer in another cell than its own


SAID = "There are twice as many parameters, and each pass gets twice as long."
UNANSWERED = {**TEXTS, "text": "YOUR ANSWER HERE"}


def with_own(kind: str, text: str, after: str) -> NotebookNode:
    """A notebook whose answer is not filled in, with a cell of the student's own."""
    cells_: list[tuple[str, str]] = []
    for name, given in UNANSWERED.items():
        cells_.append((_kind(name), given))
        if name == after:
            cells_.append((kind, text))
    notebook = bare(*cells_)
    for cell in notebook.cells:
        name = next((name for name, given in UNANSWERED.items() if given == cell.source), "")
        if name and name not in PROSE:
            cell.metadata["nbgrader"] = {"grade_id": name}
    return notebook


@pytest.mark.parametrize("kind", ["code", "raw", "markdown"])
@pytest.mark.parametrize(("after", "where"), [("text", "beside it"), ("plot", "in another place")])
def test_an_answer_in_a_cell_of_their_own_is_told(kind: str, after: str, where: str) -> None:
    prepared, _ = prepare(with_own(kind, f"# {SAID}" if kind == "code" else SAID, after))
    (doubt,) = prepared.doubts
    assert doubt == (
        "The answer text is not filled in, but text stands in a cell of the student's own "
        f"{where}: it may be the answer. Grade it by hand."
    )


@pytest.mark.parametrize("after", ["given", "text", "plot"])
def test_a_calculation_of_their_own_is_no_answer(after: str) -> None:
    code = "# the first of them\nn = 3\nprint(f(n), f(n + 1))"
    assert prepare(with_own("code", code, after))[0].doubts == ()


@pytest.mark.parametrize("given", ["given", "test-number", "plot"])
def test_text_added_to_a_given_cell_is_kept_below_it(given: str) -> None:
    notebook = with_own("raw", "", "plot")
    (cell,) = (c for c in notebook.cells if cells.grade_id(c) == given)
    cell.source += f"\n# {SAID}"
    prepared, _ = prepare(notebook)
    (doubt,) = prepared.doubts
    assert f"The answer text is not filled in, but text was added to {given}," in doubt
    assert any("You wrote into the" in note and given in note for note in prepared.notes)
    names = [cells.grade_id(each) for each in prepared.notebook.cells]
    assert prepared.notebook.cells[names.index(given) + 1].source.endswith(SAID)


def test_a_check_that_a_program_formatted_holds_no_text_of_the_students() -> None:
    told = '"Is the count right? If not, mend it first. "\n       "Then look at the passes."'
    formatted = "'Is the count right? If not, mend it first. '\n    'Then look at the passes.'"
    known = f"expect(count > 2, {told})"
    added = prose.added(f"expect(\n    count > 2,\n    {formatted},\n)\n# {SAID}", known)
    assert prose.words(prose.in_code(added)) == prose.words(SAID)


def test_code_changed_in_a_given_cell_is_not_kept() -> None:
    notebook = with_own("raw", "", "plot")
    (cell,) = (c for c in notebook.cells if cells.grade_id(c) == "plot")
    cell.source = "plot(n=3)  # wider"
    assert prepare(notebook)[0].doubts == ()


def test_text_in_a_given_cell_needs_no_attention_if_the_answer_is_there() -> None:
    notebook = bare(*TEXTS)
    notebook.cells[0].source += f"\n# {SAID}"
    notebook.cells[0].metadata["nbgrader"] = {"grade_id": "given"}
    assert prepare(notebook)[0].doubts == ()


def with_code_in(name: str, code: str, **texts: str) -> Prepared:
    """What is prepared of a notebook with code above that of a given or test cell.

    `texts` are those of other cells.
    """
    filled = {**TEXTS, **texts}
    filled[name] = f"{code}\n{filled[name]}"
    made = bare(*((_kind(each), text) for each, text in filled.items()))
    for cell, known in zip(made.cells, filled, strict=True):
        if known not in PROSE:
            cell.metadata["nbgrader"] = {"grade_id": known}
    return prepare(made)[0]


@pytest.mark.parametrize(
    ("name", "code", "texts", "lacks"),
    [
        ("given", "import math", {"function": "def f(x):\n    return math.tanh(x)"}, "math"),
        ("plot", "def helper(x):\n    return x", {"number": "n = helper(3)"}, "helper"),
        ("test-function", "def f(x):\n    return x", {"function": STUB}, "f"),
        ("given", "import math", {}, ""),
        ("given", "import math", {"number": "import math\nn = math.pi"}, ""),
        ("test-function", "print(f(2))", {}, ""),
    ],
)
def test_code_added_to_a_given_cell_is_told(
    name: str, code: str, texts: dict[str, str], lacks: str
) -> None:
    prepared = with_code_in(name, code, **texts)
    (note,) = prepared.notes
    assert f" {name} had code in it that was not given; it was put back as it was," in note
    if lacks:
        (doubt,) = prepared.doubts
        assert doubt.startswith(f"The work needs {lacks}, which only code that was added to the ")
        assert f" {name} makes." in doubt
    else:
        assert prepared.doubts == ()


@pytest.mark.parametrize("text", ["plot(  )  # wider", "plot(n=3)", "", "plot(", "(" * 5000])
def test_what_adds_no_code_to_a_given_cell_is_not_told(text: str) -> None:
    prepared = with_code_in("given", "", plot=text)
    assert prepared.notes == () and prepared.doubts == ()
