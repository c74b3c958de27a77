"""No text of a student's holds up a step: time grows with its length, or ends at a limit."""

import time
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode

import checks
from grader.basics import safe_html
from grader.basics.limited import Limit, TooLong
from grader.basics.words import one_line
from grader.instructors.explanations import differences, text
from grader.instructors.feedback import exporter, markup
from grader.notebooks import hidden
from grader.scoring import check_report
from tests.instructors.feedback.test_template import made as page_with

PIECES = [
    *(
        "\n",
        " ",
        "\t",
        "|",
        "`",
        "[",
        "]",
        "*",
        "_",
        "<",
        ">",
        "$",
        "\\",
        "&",
        "1",
        "a ",
        "(",
        "\r",
    ),
    *(
        "\r",
        "![",
        "<!--",
        "> ",
        "- ",
        "\n>",
        " \n",
        "1,",
        "1 * ",
        "a\u0301\u0323",
        "\u0301\u0323",
        "$$ ",
    ),
    *("a", "a.", "{{", "<locals>"),
    *("[ 1 ", "FAILED (1 point): a\n", "passed (1 point): a\n", "----> 1 ", "&#", "<a ", "\x1b["),
]
SECRET = "secret_values = [3, 5, 8]"


def many(length: int, piece: str) -> str:
    return "x" + piece * (length // len(piece)) + "y"


def seconds(function: Callable[[str], object], given: str) -> float:
    """Of the processor; the best of two, for the first may load something."""
    found = []
    for _ in range(2):
        start = time.process_time()
        function(given)
        found.append(time.process_time() - start)
    return min(found)


def with_traceback(given: str) -> NotebookNode:
    """A notebook with a hidden test, and with a text as a traceback."""
    test = nbformat.v4.new_code_cell(f"### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS")
    test.metadata.nbgrader = {"grade": True, "solution": False, "grade_id": "test"}
    header = "Cell In[3], line 1\n----> 1 x\n\nFile /a/b.py:3, in f(x)\n"
    error = nbformat.v4.new_output("error", ename="E", evalue="", traceback=[header + given])
    return nbformat.v4.new_notebook(cells=[test, nbformat.v4.new_code_cell("", outputs=[error])])


READERS: dict[str, Callable[[str], object]] = {
    "compared": lambda given: text.signs(text.plain(given)),
    "without the stub": lambda given: text.without_stub(given, "*YOUR ANSWER HERE*"),
    "says something": text.says_something,
    "differences": lambda given: differences.pieces(given, f"z{given}"),
    "shown as text": markup.plain,
    "language": markup.language,
    "report": lambda given: check_report.parts_of(given, 30),
    "hidden": lambda given: hidden._without(given, [SECRET], is_markup=True),
    "frames": lambda given: hidden.remove(with_traceback(given), [SECRET]),
    "on the page": lambda given: hidden.shown_in(given, [SECRET]),
    "on a screen": one_line,
    "error of a check": checks._gist,
}


@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_length(reader: str) -> None:
    slow = {}
    for piece in PIECES:
        short = seconds(READERS[reader], many(4_000, piece))
        long = seconds(READERS[reader], many(32_000, piece))
        # Eight times the length; the square would be 64 times the time.
        if long > 20 * max(short, 0.004):
            slow[piece] = (short, long)
    assert slow == {}


@pytest.mark.parametrize("piece", ["\n", "\u0301\u0323", "|", " "], ids=ascii)
def test_a_megabyte_is_compared_in_seconds(piece: str) -> None:
    """The square of this length would be hours."""
    given = many(1_000_000, piece)
    start = time.process_time()
    said, _ = text.without_stub(given, "a stub")
    text.signs(text.plain(said))
    assert time.process_time() - start < 30


def test_what_takes_longer_than_its_time_is_ended() -> None:
    limit = Limit(1)

    def busy() -> str:
        while True:
            sum(range(1000))

    start = time.process_time()
    with pytest.raises(TooLong):
        limit.call(busy)
    with pytest.raises(TooLong):  # nothing is left
        limit.call(lambda: "quick")
    assert time.process_time() - start < 1  # of this process


def test_what_ends_in_time_is_returned() -> None:
    assert Limit(5).call(lambda: ("a", 3)) == ("a", 3)
    with pytest.raises(TooLong):
        Limit(5).call(lambda: [][1])


@pytest.mark.parametrize("piece", ["|", "a|", " ", "*a ", "[", "> ", "- \n", "<a ", "&"], ids=ascii)
def test_a_page_is_made_whatever_its_text(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_SECONDS", 1)
    given = many(48_000, piece)
    start = time.process_time()
    page = page_with(cells=[nbformat.v4.new_markdown_cell(f"{given} the end", id="own")])
    assert time.process_time() - start < 30
    assert "the end" in page


def test_a_page_says_that_a_text_is_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> str:
        while True:
            pass

    monkeypatch.setattr(exporter, "_SECONDS", 1)
    monkeypatch.setattr(markup, "from_markdown", never)
    monkeypatch.setattr(safe_html, "_rendered", never)
    monkeypatch.setattr(safe_html, "_SECONDS", 1)
    given = "**a** & b " * 400
    cell = nbformat.v4.new_markdown_cell(given, id="own")
    monkeypatch.setattr(markup, "inline", markup.plain)
    page = page_with(cells=[cell])
    assert safe_html.AS_WRITTEN in page and "**a** &amp; b" in page
    assert safe_html.AS_WRITTEN in safe_html.inert_markdown({}, given)
