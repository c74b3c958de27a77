"""The scores that are read off executed notebooks, beside what nbgrader reads."""

import math
from typing import Any

import pytest
from nbformat import NotebookNode, v4
from nbgrader.utils import compute_checksum, determine_grade

from grader.notebooks.source import SourceCell, SourceNotebook
from grader.scoring.score import NO_RESPONSE, CellScore, comments, score

MOST = 3.0


def source_cell(
    name: str = "test", *, cell_type: str = "code", source: str = "check()", **flags: Any
) -> SourceCell:
    """A cell of the teacher's; a test of 3 points if nothing else is said."""
    known = {"locked": True, "grade": True, "solution": False, "task": False, **flags}
    cell = SourceCell(
        name=name, cell_type=cell_type, source=source, checksum=None, points=MOST, **known
    )
    made = executed_cell(cell)
    return SourceCell(**{**vars(cell), "checksum": compute_checksum(made)})


def executed_cell(
    cell: SourceCell, *outputs: NotebookNode, source: str | None = None, **course: Any
) -> NotebookNode:
    """The same cell after it ran, with the metadata that sanitising gives."""
    make = v4.new_code_cell if cell.cell_type == "code" else v4.new_markdown_cell
    made = make(cell.source if source is None else source)
    names = ("grade", "solution", "task", "locked", "points", "checksum", "cell_type")
    made.metadata["nbgrader"] = {name: getattr(cell, name) for name in names}
    made.metadata["nbgrader"].update({"grade_id": cell.name, "schema_version": 3})
    if cell.cell_type == "code":
        made.metadata["course"] = {"status": "ok", "why": "", **course}
        made.execution_count, made.outputs = 1, list(outputs)
    return made


def scores(cells: list[NotebookNode], *source: SourceCell) -> list[CellScore]:
    # Not v4.new_notebook, which refuses what a kernel can send.
    return score(NotebookNode(cells=cells), SourceNotebook("notebook", source, None))


def score_of_test(*outputs: NotebookNode, **course: Any) -> CellScore:
    cell = source_cell()
    (found,) = scores([executed_cell(cell, *outputs, **course)], cell)
    return found


def result(shown: Any) -> NotebookNode:
    return v4.new_output("execute_result", {"text/plain": shown}, execution_count=1)


def printed(text: str, stream: str = "stdout") -> NotebookNode:
    return v4.new_output("stream", name=stream, text=text)


def error() -> NotebookNode:
    return v4.new_output("error", ename="AssertionError", evalue="no", traceback=["no"])


AS_NBGRADER = {
    "nothing": [],
    "printed": [printed("2")],
    "shown": [v4.new_output("display_data", {"text/plain": "1"})],
    "all": [result("3")],
    "none": [result("0")],
    "part": [result("1.5")],
    "spaces": [result(" 2 ")],
    "list": [result(["2"])],
    "error": [printed("before"), error()],
}


@pytest.mark.parametrize("outputs", AS_NBGRADER.values(), ids=AS_NBGRADER.keys())
def test_ordinary_outputs_score_as_nbgrader_scores_them(outputs: list[NotebookNode]) -> None:
    cell = source_cell()
    points, most = determine_grade(executed_cell(cell, *outputs))
    assert score_of_test(*outputs) == CellScore("test", points, most)


NO_NUMBER = {
    "true": "True",
    "text": "'text'",
    "quoted number": "'1'",
    "NumPy text": "np.str_('1')",
    "NumPy bool": "np.False_",
    "array": "array(1.)",
    "lines": ["a\n", "b"],
    "money": "$3.00",
}


@pytest.mark.parametrize("shown", NO_NUMBER.values(), ids=NO_NUMBER.keys())
def test_a_result_that_is_shown_as_no_number_gives_nothing_and_is_told(shown: Any) -> None:
    """nbgrader gives full points."""
    found = score_of_test(result(shown))
    assert found.points == 0
    assert found.needs_attention
    assert "no number" in found.why


def verdict(value: str | None = None, kind: str | None = None, *, passed: bool = True) -> Any:
    """What the engine says of a test that ran."""
    return {"passed": passed, "value": value, "kind": kind}


@pytest.mark.parametrize("outputs", [[], [result("3")], [result("'text'")], [error()]])
@pytest.mark.parametrize(
    ("said", "points"),
    [
        (verdict(), 3),
        (verdict("1.5"), 1.5),
        (verdict("0.0"), 0),
        (verdict(passed=False), 0),
        (verdict("3.0", passed=False), 0),
    ],
)
def test_the_engines_verdict_decides_whatever_is_shown(
    outputs: list[NotebookNode], said: Any, points: float
) -> None:
    assert score_of_test(*outputs, test=said) == CellScore("test", points, MOST)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (verdict(kind="str"), "no number (str)"),
        (verdict(kind="bool"), "no number (bool)"),
        (verdict(kind="\x1b[31m" * 100), "no number (??"),
        (verdict(kind={"forged": 1}), "no number"),  # type: ignore[arg-type]
        (verdict("text"), "no number"),
        (verdict([3]), "no number"),  # type: ignore[arg-type]
        (verdict("nan"), "cannot be"),
        (verdict("3.5"), "cannot be"),
        (verdict("-1"), "cannot be"),
    ],
)
def test_a_verdict_that_is_no_score_gives_nothing_and_is_told(said: Any, told: str) -> None:
    found = score_of_test(result("3"), test=said)
    assert found.points == 0
    assert found.needs_attention
    assert told in found.why
    assert found.why.isprintable()
    assert len(found.why) < 300


def test_text_on_standard_error_costs_nothing() -> None:
    assert score_of_test(printed("UserWarning", "stderr")).points == MOST
    assert score_of_test(printed("UserWarning", "stderr"), result("1")).points == 1


def test_an_error_gives_nothing_also_after_a_result() -> None:
    assert score_of_test(result("3"), error()) == CellScore("test", 0, MOST)
    assert score_of_test(error(), result("3")) == CellScore("test", 0, MOST)


def test_the_last_of_several_results_counts() -> None:
    assert score_of_test(result("3"), result("1")).points == 1
    assert score_of_test(result("'text'"), result("2")).points == 2


@pytest.mark.parametrize("shown", ["nan", "inf", "-inf", "-1", "3.5", "1e400", "np.float64(nan)"])
def test_a_number_that_cannot_be_a_score_gives_nothing_and_is_told(shown: str) -> None:
    found = score_of_test(result(shown))
    assert found.points == 0
    assert found.needs_attention
    assert "cannot be" in found.why


@pytest.mark.parametrize("data", [{}, {"text/plain": ""}, {"text/plain": {"3": 3}}])
def test_a_result_without_text_gives_nothing_and_is_told(data: dict[str, Any]) -> None:
    forged = result("3")
    forged.data = NotebookNode(data)
    found = score_of_test(forged)
    assert found.points == 0
    assert found.needs_attention
    assert "no number" in found.why


@pytest.mark.parametrize(
    "shown",
    [
        "np.float64(2.0)",
        "np.float32(2.0)",
        "np.int64(2)",
        "np.uint8(2)",
        "np.longlong(2)",
        "np.longdouble('2.0')",
    ],
)
def test_a_number_of_numpy_is_read_as_a_number(shown: str) -> None:
    assert score_of_test(result(shown)) == CellScore("test", 2, MOST)


@pytest.mark.parametrize(
    ("status", "attention"), [("not-run", False), ("timeout", False), ("no-verdict", True)]
)
def test_a_test_that_did_not_end_gives_nothing_and_says_why(status: str, attention: bool) -> None:
    found = score_of_test(result("3"), status=status, why="It did not end.")
    assert found == CellScore("test", 0, MOST, "It did not end.", attention)


def test_a_test_that_another_program_skipped_gives_nothing() -> None:
    cell = source_cell()
    skipped = executed_cell(cell)
    skipped.execution_count = None
    del skipped.metadata["course"]
    (found,) = scores([skipped], cell)
    assert (found.points, found.why) == (0, "The test did not run.")


def test_a_test_that_is_not_there_gives_nothing_and_is_told() -> None:
    (found,) = scores([v4.new_code_cell("check()")], source_cell())
    assert found.points == 0
    assert found.needs_attention
    assert "missing" in found.why


def test_points_and_kind_are_the_source_s() -> None:
    cell = source_cell()
    forged = executed_cell(cell, error())
    forged.metadata["nbgrader"].update({"points": math.nan, "grade": False, "solution": True})
    assert scores([forged], cell) == [CellScore("test", 0, MOST)]


def test_scores_come_in_the_order_of_the_source_and_the_first_copy_counts() -> None:
    first, second = source_cell("first"), source_cell("second")
    cells = [
        executed_cell(second, result("2")),
        executed_cell(first, result("1")),
        executed_cell(second, result("3")),
    ]
    found = scores(cells, first, second, source_cell("handout", grade=False))
    assert [(one.name, one.points) for one in found] == [("first", 1), ("second", 2)]


@pytest.mark.parametrize("cell_type", ["code", "markdown"])
@pytest.mark.parametrize("written", [None, "Because.", "half a pair: \ud800"])
def test_an_answer_for_a_person_waits_unless_it_is_unchanged(
    cell_type: str, written: str | None
) -> None:
    cell = source_cell("answer", cell_type=cell_type, source="YOUR ANSWER", solution=True)
    (found,) = scores([executed_cell(cell, source=written)], cell)
    assert found == CellScore("answer", 0 if written is None else None, MOST)


def test_an_answer_for_a_person_that_is_not_there_waits_and_is_told() -> None:
    (found,) = scores([], source_cell("answer", cell_type="markdown", solution=True))
    assert found.points is None
    assert found.needs_attention


def test_a_task_and_a_graded_text_wait_for_a_person() -> None:
    task = source_cell("task", cell_type="markdown", grade=False, task=True)
    text = source_cell("text", cell_type="markdown")
    found = scores([executed_cell(task), executed_cell(text)], task, text)
    assert [one.points for one in found] == [None, None]


def test_comments_name_the_solution_cells_that_were_left_as_they_are() -> None:
    left = source_cell("left", source="pass", grade=False, solution=True, locked=False)
    done = source_cell("done", source="pass", grade=False, solution=True, locked=False)
    test = source_cell()
    gone = source_cell("gone", grade=False, solution=True)
    notebook = v4.new_notebook(
        cells=[executed_cell(left), executed_cell(done, source="1"), executed_cell(test)]
    )
    source = SourceNotebook("notebook", (left, done, test, gone), None)
    assert comments(notebook, source) == {"left": NO_RESPONSE}
