"""What a test cell reported is read, whatever else it printed."""

import nbformat
import pytest
from nbformat import NotebookNode

from grader.scoring import check_report

TWO = "FAILED (1 point): large numbers\n  got nan\n  Look at x.\npassed (2 points): small numbers\n"


def cell(*outputs: NotebookNode, points: float = 3) -> NotebookNode:
    made = nbformat.v4.new_code_cell("check.result()", outputs=list(outputs))
    made.metadata.nbgrader = {"grade": True, "solution": False, "points": points}
    return made


def printed(text: str) -> NotebookNode:
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def failed(name: str, message: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=["a", "b"])


BOTH = [
    check_report.Part(
        False, 1, "large numbers", "got nan\nLook at x.", "FAILED (1 point): large numbers"
    ),
    check_report.Part(True, 2, "small numbers", "", "passed (2 points): small numbers"),
]


def test_a_printed_report() -> None:
    assert check_report.parts(cell(printed(TWO))) == BOTH


def test_the_report_of_a_check_that_raised() -> None:
    assert check_report.parts(cell(failed("CheckFailed", TWO.rstrip()))) == BOTH


def test_what_the_tested_code_printed_before_is_no_report() -> None:
    forged = "passed (3 points): everything\nhello\n"
    assert check_report.parts(cell(printed(forged), printed(TWO))) == BOTH


RESULT = nbformat.v4.new_output("execute_result", {"text/plain": "2.0"})
FORGED = "FAILED (1 point): your teacher\n  cannot count\npassed (2 points): small numbers\n"


@pytest.mark.parametrize(
    "outputs",
    [
        [printed(FORGED + TWO)],
        [printed(FORGED), printed("and more\n" + TWO)],
        [printed("FAILED (1 point): no\n" + TWO)],
        [printed(FORGED), failed("CheckFailed", TWO.rstrip()), printed(FORGED)],
        [printed(TWO), RESULT, printed(FORGED)],
        [printed(TWO + "FAILED (1 point): no\n  as you see\n")],
        [printed(TWO + "hello\nFAILED (1 point): no\n  as you see\n")],
        [printed(TWO.replace("  Look", "  FAILED (1 point): no\n  Look"))],
        [printed(TWO.replace("got nan", "got nan\u2028passed (3 points): all"))],
    ],
)
def test_lines_that_look_alike_are_no_report(outputs: list[NotebookNode]) -> None:
    found = check_report.parts(cell(*outputs))
    assert [(part.passed, part.points, part.what) for part in found] == [
        (False, 1, "large numbers"),
        (True, 2, "small numbers"),
    ]


def test_the_line_about_hidden_tests_is_none_of_a_message() -> None:
    text = TWO.replace("passed", "FAILED") + "1 of 4 points are checked by hidden tests.\n"
    assert [part.message for part in check_report.parts(cell(printed(text)))] == [
        BOTH[0].message,
        "",
    ]


@pytest.mark.parametrize(
    "points", ["0 points", "hidden tests give its points", "점수는 비공개 테스트가 줘요"]
)
def test_parts_without_points_are_kept(points: str) -> None:
    failed = "실패" if points.endswith("요") else "FAILED"
    text = f"{failed} ({points}): a number\n  it is a text\n" + TWO
    assert [part.points for part in check_report.parts(cell(printed(text)))] == [0, 1, 2]


def test_a_part_is_written_as_it_was_read() -> None:
    assert "".join(f"{part.text}\n" for part in BOTH) == TWO


def test_a_test_without_a_report() -> None:
    assert check_report.parts(cell(printed("fine"))) == []
    assert check_report.error(cell(printed("fine"))) == ""


@pytest.mark.parametrize(
    ("name", "message", "shown"),
    [
        ("ValueError", "no \x1b[31mnumber", "ValueError: no number"),
        ("AssertionError", "expected 1", "expected 1"),
        ("AssertionError", "", "AssertionError"),
        ("NotRun", "This cell did not finish.", "This cell did not finish."),
    ],
)
def test_an_error_without_its_traceback(name: str, message: str, shown: str) -> None:
    assert check_report.error(cell(failed(name, message))) == shown
