"""Text from outside is shown and cannot act: on the terminal, in the logs, in tables and pages."""

import ast
import csv
import re
from pathlib import Path

import pytest

from grader.basics import terminal
from grader.basics.words import meant, one_line, valid, visible
from grader.course.directory import Course
from tests.courses import ASSIGNMENT, hand_in, run_course

GRADER = Path(terminal.__file__).parent.parent
NAME = "1-complexity"
HARMFUL = [
    *("\x1b", "\x07", "\x08", "\r", "\0", "\x7f", "\x9b", "\x9d"),
    *("\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c"),
    *("\u200b", "\ufeff", "\u2060", "\u2028", "\u2029", "\xad", "\u3164", "\u200d"),
    *("\ud800", "\udfff", "\U000e0001", "\U000e0041", "\U000e0100"),
]


@pytest.mark.parametrize("sign", HARMFUL, ids=ascii)
def test_what_could_act_is_shown_as_an_escape(sign: str) -> None:
    shown = one_line(f"a{sign}b")
    assert sign not in shown and re.fullmatch(r"a\\[xuU][0-9a-f]{2,8}b", shown)
    assert meant(shown) == f"a{sign}b"


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert valid("a\ud83d b\udc00 \N{DEER} \x1b") == "a? b? \N{DEER} \x1b"


@pytest.mark.parametrize(
    "text",
    [
        "김민준 한글",
        "e\u0301 ä ñ",
        "👩\u200d👩\u200d👧 👍🏽 ❤\ufe0f",
        "שלום مرحبا",
        "x\ty\nz",
        "C:\\new\\x",
        "日本",
    ],
)
def test_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == meant(text) == text


def test_a_name_stands_in_one_line() -> None:
    assert one_line("a\nb\tc") == "a\\x0ab\\x09c"


def test_nothing_is_printed_but_through_the_screen() -> None:
    """But for code that runs in a kernel, whose output is read by a program."""
    # The others run in a kernel: what they print is an output of the notebook.
    names = ("basics/terminal.py", "authors/proof/margins/probe.py", "engine/kernels/kernel.py")
    own = {GRADER / name for name in names}
    found = [
        f"{path.relative_to(GRADER)}:{node.lineno}"
        for path in sorted(GRADER.rglob("*.py"))
        if path not in own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in ("print", "Console", "rich.print", "sys.stdout.write", "sys.stderr.write")
    ]
    assert found == []


HOSTILE = "esc\x1b]0;owned\x07\x1b[2J-\u202etxt\u200b"


def test_a_folder_with_such_a_name_acts_nowhere(small_course: Course) -> None:
    hand_in(small_course, HOSTILE, NAME, "{")
    hand_in(small_course, "line\nend", NAME, "{")
    (small_course.submitted / "stray\x1b[31m").mkdir()
    done = run_course(small_course, "grade", PYTHONIOENCODING="utf-8")
    assert done.returncode == 1, done.stderr
    run_course(small_course, "report")
    said = done.stdout + done.stderr
    assert "\\x1b]0;owned\\x07" in said and "\\u202etxt" in said
    assert "line\\x0aend" in said
    texts = [said]
    for pattern in ("*.log", ".nbgrader.log", "report/*", f"feedback/*/{ASSIGNMENT}/*.html"):
        texts += [path.read_text(encoding="utf-8") for path in small_course.root.glob(pattern)]
    assert len(texts) > 6
    for text in texts:
        assert not re.search("[\x1b\x07\u202e\u200b]", text)
    with (small_course.root / "report" / "attention.csv").open(encoding="utf-8-sig") as file:
        assert any(visible(HOSTILE) in row for row in csv.reader(file))
