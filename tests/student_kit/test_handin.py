"""handin.py tells students what is missing before they hand in, and runs nothing of theirs."""

import copy
import getpass
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.authors.exercises import form, handin_table
from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.notebooks import colab, untrusted
from tests.contract import CONTRACT, POINTS
from tests.courses import ASSIGNMENT, COURSE, filled_in
from tests.lacking import lacks
from tests.notebooks.test_untrusted import NO_NOTEBOOKS
from tests.student_kit import editors

handout: Any = importlib.import_module("handin")
of_cells: Any = importlib.import_module("handin_cells")
Data = dict[str, Any]
NAME = "2-tanh"  # the notebook that is changed; one with an answer:
ANSWERED = "1-complexity"
UNFILLED = 'raise NotImplementedError("Replace this line by your code.")'


def run_all(data: Data) -> Data:
    """As after Restart and Run All."""
    code = [c for c in data["cells"] if c["cell_type"] == "code" and "".join(c["source"]).strip()]
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
    return data


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's folder in which all is well."""
    folder = tmp_path_factory.mktemp("complete") / "work"
    shutil.copytree(COURSE.release, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in CONTRACT:
        data = run_all(json.loads(json.dumps(filled_in(COURSE, name))))
        (folder / f"{name}.ipynb").write_text(json.dumps(data), encoding="utf-8")
    return folder


@pytest.fixture
def folder(complete: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(complete, tmp_path / "work"))


def run(folder: Path, *arguments: str, python: str = sys.executable) -> tuple[int, str]:
    """Run the command with the standard library alone."""
    done = subprocess.run(
        [python, "-S", "handin.py", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def look(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[bool, str]:
    """The same in this process."""
    ready = handout.is_ready(folder, zip=False)
    return ready, capsys.readouterr().out


def change(folder: Path, name: str, edit: Callable[[Data], object]) -> None:
    path = folder / f"{name}.ipynb"
    data = json.loads(path.read_bytes())
    path.write_text(json.dumps(edit(data) or data), encoding="utf-8")


def cell(data: Data, name: str) -> Data:
    found = next(each for each in data["cells"] if each["id"] == name)
    assert isinstance(found, dict)
    return found


def part_of(printed: str, name: str) -> str:
    """What is said of one notebook."""
    (part,) = [part for part in printed.split("\n\n") if part.startswith(f"{name}.ipynb, ")]
    return part


def without_ages(printed: str) -> str:
    """What was printed, without how long ago each notebook was saved: that changes by itself."""
    return re.sub(r" \([^()]* ago\)", "", printed)


def test_a_complete_folder_is_ready(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, printed = run(folder)
    assert code == 0
    assert printed.endswith("\nReady to hand in: 4 of 4 notebooks are complete.\n")
    assert "  NO  " not in printed and "  look  " not in printed
    for name, points in POINTS.items():
        assert f"{name}.ipynb, {points} points, saved " in printed
    assert "test-growth-exponent 2, explain-complexity 6 (by a person)" in printed
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_release_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    ready, printed = look(COURSE.release, capsys)
    assert not ready
    assert printed.endswith("Not yet ready to hand in: 0 of 4 notebooks are complete.\n")
    for name, contract in CONTRACT.items():
        part = part_of(printed, name)
        for each in contract:
            said = "your answer is missing" if each.kind == "manual" else "not filled in yet"
            assert (f"  NO    {each.grade_id}: {said}" in part) == (each.kind != "test")
        assert "You changed or deleted" not in part
    assert "tanh-class: not filled in yet (22 points depend on it)." in printed
    assert "epochs: not filled in yet (1 point depends on it)." in printed
    lines = printed.splitlines()
    at_stake = [int(points) for line in lines for points in re.findall(r"\((\d+) point", line)]
    assert sum(at_stake) == 100


# One thing that is wrong: what is said of it, and whether the notebook is ready nevertheless


def _source(name: str, text: str) -> Callable[[Data], Data]:
    def edit(data: Data) -> Data:
        cell(data, name)["source"] = text
        return run_all(data)

    return edit


def _without(name: str) -> Callable[[Data], Data]:
    def edit(data: Data) -> Data:
        data["cells"].remove(cell(data, name))
        return run_all(data)

    return edit


def _twice(name: str, text: str | None = None) -> Callable[[Data], Data]:
    """The cell once more at the end, with another text."""

    def edit(data: Data) -> Data:
        twin = {**copy.deepcopy(cell(data, name)), "id": "new"}
        data["cells"].append(twin if text is None else {**twin, "source": text})
        return run_all(data)

    return edit


def _add(text: str) -> Callable[[Data], Data]:
    def edit(data: Data) -> Data:
        new = {"cell_type": "code", "id": "new", "metadata": {}, "outputs": [], "source": text}
        data["cells"].append(new)
        return run_all(data)

    return edit


def _counts(**counts: Any) -> Callable[[Data], None]:
    def edit(data: Data) -> None:
        for name, count in counts.items():
            cell(data, name.replace("_", "-"))["execution_count"] = count

    return edit


def _not_run(data: Data) -> None:
    for each in data["cells"]:
        each.pop("execution_count", None)


def _failed(data: Data) -> None:
    error = {"output_type": "error", "ename": "AssertionError", "evalue": "", "traceback": []}
    cell(data, "test-tanh-forward")["outputs"] = [error]


def _stub_and_above(name: str, text: str, more: str = "") -> Callable[[Data], object]:
    """The cell as it was handed out, but for more of the student's, and a cell of theirs above."""

    def change(data: Data) -> None:
        released = json.loads((COURSE.release / f"{NAME}.ipynb").read_text(encoding="utf-8"))
        cell(data, name)["source"] = "".join(cell(released, name)["source"]) + more
        own: Data = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        place = data["cells"].index(cell(data, name))
        data["cells"].insert(place, {**own, "id": "own", "source": text})
        run_all(data)

    return change


def _stub_and_below(name: str, text: str) -> Callable[[Data], object]:
    """The cell as it was handed out, and below it a cell of the student's own."""

    def change(data: Data) -> None:
        unfilled = f"def train(n):\n    # YOUR CODE HERE\n    {UNFILLED}"
        cell(data, name)["source"] = unfilled
        place = data["cells"].index(cell(data, name)) + 1
        own: Data = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
        data["cells"].insert(place, {**own, "id": "own", "source": text})
        run_all(data)

    return change


CHANGES: dict[str, tuple[str, Callable[[Data], object], str, bool]] = {
    "unfilled": (
        NAME,
        _source("tanh-class", f"class Tanh:\n    def grad(self):\n        {UNFILLED}"),
        "NO    tanh-class: not filled in yet (22 points depend on it).",
        False,
    ),
    "code above the line": (
        NAME,
        _source("training-loop", f"def train(n):\n    return [n]\n    {UNFILLED}"),
        "look  training-loop: the line raise NotImplementedError is still there, below your code.",
        True,
    ),
    "code above the line in both branches": (
        NAME,
        _source(
            "training-loop",
            "def train(n):\n    if n:\n        return []\n    else:\n        return [n]\n"
            f"    {UNFILLED}",
        ),
        "look  training-loop: the line raise NotImplementedError is still there, below your code.",
        True,
    ),
    "code above the line in each way of a try": (
        NAME,
        _source(
            "training-loop",
            "def train(n):\n    try:\n        return [n]\n    except ValueError:\n"
            f"        return []\n    {UNFILLED}",
        ),
        "look  training-loop: the line raise NotImplementedError is still there, below your code.",
        True,
    ),
    "code above the line in one way of a try": (
        NAME,
        _source(
            "training-loop",
            "def train(n):\n    try:\n        return [n]\n    except ValueError:\n"
            f"        n = 1\n    {UNFILLED}",
        ),
        "NO    training-loop: the line raise NotImplementedError is still there, and your code "
        "ends there with an error (8 points depend on it).",
        False,
    ),
    "code that does not return above the line": (
        NAME,
        _source("training-loop", f"def train(n):\n    losses = [n]\n    {UNFILLED}"),
        "NO    training-loop: the line raise NotImplementedError is still there, and your code "
        "ends there with an error (8 points depend on it).",
        False,
    ),
    "code below the line": (
        NAME,
        _source("training-loop", f'def train(n):\n    """It."""\n    {UNFILLED}\n    return [n]'),
        "NO    training-loop: the line raise NotImplementedError is still there, above your code, "
        "so your code never runs (8 points depend on it).",
        False,
    ),
    "code in a cell of its own below": (
        NAME,
        _stub_and_below("training-loop", "def train(n):\n    return [n]"),
        "look  training-loop: the line raise NotImplementedError is still there, and your code "
        "stands in a cell below. Put it where that line is.",
        True,
    ),
    "code that is not the function in a cell below": (
        NAME,
        _stub_and_below("training-loop", "def trained(n):\n    return [n]"),
        "NO    training-loop: not filled in yet (8 points depend on it).",
        False,
    ),
    "the same unfilled function in a cell below": (
        NAME,
        _stub_and_below("training-loop", f"def train(n):\n    {UNFILLED}"),
        "NO    training-loop: not filled in yet (8 points depend on it).",
        False,
    ),
    "code in a cell of its own above": (
        NAME,
        _stub_and_above("training-loop", "def train(n):\n    return [n]"),
        "look  training-loop: the line raise NotImplementedError is still there, and your code "
        "stands in a cell above. Put it where that line is.",
        True,
    ),
    "code in a cell above one that is not as it was handed out": (
        NAME,
        _stub_and_above("training-loop", "def train(n):\n    return [n]", "\n# It is above."),
        "NO    training-loop: not filled in yet (8 points depend on it).",
        False,
    ),
    "code that is not the function in a cell above": (
        NAME,
        _stub_and_above("training-loop", "def trained(n):\n    return [n]"),
        "NO    training-loop: not filled in yet (8 points depend on it).",
        False,
    ),
    "the line below a value": (
        "4-svhn",
        _source("epochs", f"EPOCHS = 3\n# YOUR CODE HERE\n{UNFILLED}"),
        "look  epochs: the line raise NotImplementedError is still there, below your code.",
        True,
    ),
    "the line above a value": (
        "4-svhn",
        _source("epochs", f"# YOUR CODE HERE\n{UNFILLED}\nEPOCHS = 3"),
        "NO    epochs: the line raise NotImplementedError is still there, above your code",
        False,
    ),
    "a method with the line": (
        NAME,
        _source(
            "tanh-class",
            "class Tanh:\n    def f(self):\n        return 1\n"
            f"    def grad(self):\n        {UNFILLED}",
        ),
        "NO    tanh-class: not filled in yet",
        False,
    ),
    "empty": (
        NAME,
        _source("training-loop", " \n"),
        "NO    training-loop: the cell is empty (8 points depend on it).",
        False,
    ),
    "deleted": (NAME, _without("tanh-class"), "NO    tanh-class: the cell is gone", False),
    "deleted answer": (
        ANSWERED,
        _without("explain-complexity"),
        "NO    explain-complexity: the cell is gone, or has lost its name (6 points depend on it)",
        False,
    ),
    "unchanged answer": (
        ANSWERED,
        _source("explain-complexity", "*YOUR ANSWER HERE: replace this line.*"),
        "NO    explain-complexity: your answer is missing (6 points depend on it).",
        False,
    ),
    "empty answer": (
        ANSWERED,
        _source("explain-complexity", ""),
        "NO    explain-complexity: your answer is missing",
        False,
    ),
    "line left in the answer": (
        ANSWERED,
        _source("explain-complexity", "*YOUR ANSWER HERE: replace this line.*\n\nIt is so."),
        "look  explain-complexity: the line 'YOUR ANSWER HERE: replace this line.' is still there",
        True,
    ),
    "deleted test": (
        NAME,
        _without("test-tanh-forward"),
        "look  You changed or deleted test-tanh-forward.",
        True,
    ),
    "changed test": (
        NAME,
        _source("test-tanh-forward", "6"),
        "look  You changed or deleted test-tanh-forward.",
        True,
    ),
    "copied test": (
        NAME,
        _twice("test-tanh-forward"),
        "look  test-tanh-forward: the cell is there 2 times. Only the first is kept.",
        True,
    ),
    "copied solution": (
        NAME,
        _twice("tanh-class"),
        "look  tanh-class: the cell is there 2 times. All of them run",
        True,
    ),
    "copied answer": (
        ANSWERED,
        _twice("explain-complexity"),
        "look  explain-complexity: the cell is there 2 times. Only the last with an answer",
        True,
    ),
    "copied answer whose copy is empty": (
        ANSWERED,
        _twice("explain-complexity", ""),
        "look  explain-complexity: the cell is there 2 times. Only the last with an answer",
        True,
    ),
    "copied answer whose copy is not filled in": (
        ANSWERED,
        _twice("explain-complexity", "*YOUR ANSWER HERE: replace this line.*"),
        "look  explain-complexity: the cell is there 2 times. Only the last with an answer",
        True,
    ),
    "syntax error": (
        NAME,
        _source("tanh-class", "class Tanh\n    pass"),
        "NO    tanh-class: Python cannot read it: expected ':', line 1.",
        False,
    ),
    "syntax error in an own cell": (
        NAME,
        _add("x = (1,"),
        "NO    the code cell number 14, your own: Python cannot read it: '(' was never closed",
        False,
    ),
    "null byte": (NAME, _add("x = '\0'"), "your own: Python cannot read it: ", False),
    "not run": (
        NAME,
        _not_run,
        "look  It was not run, or its outputs were cleared. Restart the kernel, run all cells",
        True,
    ),
    "run again": (
        NAME,
        _counts(tanh_class=40),
        "look  Its cells were not run once each, from top to bottom.",
        True,
    ),
    "one not run": (
        NAME,
        _counts(test_training_loop=None),
        "look  Its cells were not run once each, from top to bottom.",
        True,
    ),
    "failed check": (
        NAME,
        _failed,
        "look  test-tanh-forward: this check failed when you last ran it.",
        True,
    ),
    "given cell that is no Python": (
        NAME,
        _source("plot-tanh", "x = ("),
        "look  You changed or deleted plot-tanh.",
        True,
    ),
    "too many cells": (
        NAME,
        lambda data: data["cells"].extend([data["cells"][0]] * 5_000),
        "NO    The notebook has 5025 cells; 5000 are the most.",
        False,
    ),
    "of format 3": (
        NAME,
        lambda data: data.update(nbformat=3),
        "NO    The file is not a notebook that can be read.",
        False,
    ),
    "a damaged cell": (
        NAME,
        lambda data: data["cells"].append("cell"),
        "NO    The file is not a notebook that can be read.",
        False,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_said(what: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, edit, said, still_ready = CHANGES[what]
    change(folder, name, edit)
    ready, printed = look(folder, capsys)
    part = part_of(printed, name)
    assert said in part
    assert len(part.splitlines()) - 1 - still_ready == 1  # it is the one thing that is said
    assert ready == still_ready
    assert f"in: {3 + still_ready} of 4 notebooks" in printed


@pytest.mark.parametrize("count", [None, 14, 15])
def test_a_cell_that_calls_it_need_not_have_run_in_order(
    count: int | None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, NAME, _add("import handin\nhandin.check()"))
    change(folder, NAME, lambda data: data["cells"][-1].update(execution_count=count))
    ready, printed = look(folder, capsys)
    assert ready and "  look  " not in part_of(printed, NAME)


@pytest.mark.parametrize("outputs", [None, 5, "x", ["x"], [None]])
def test_outputs_that_are_none(
    outputs: Any, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, NAME, lambda data: cell(data, "test-tanh-forward").update(outputs=outputs))
    assert look(folder, capsys)[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b'{"cells": [{"cell_type": "co', "The file is cut off or damaged"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "Git left a conflict in the file"),
        (b"[" * 100_000, "The file is cut off or damaged"),
        (b"[1]", "The file is cut off or damaged"),
        (b"\xff\xfe\x00", "The file is not in UTF-8"),
        ('{"a": "쌍곡"'.encode("cp949"), "The file is not in UTF-8"),
        (b"\0" * 99, "The file holds nothing but zeros"),
        (b"PK\x03\x04" + b"x" * 99, "The file is a zip archive: unpack it"),
        (b" " * (untrusted.MOST_BYTES + 1), "The file has 20 MB; more than 20 MB are not graded."),
    ],
    ids=[
        "empty",
        "broken-off",
        "conflict",
        "nested",
        "list",
        "bytes",
        "cp949",
        "zeros",
        "zip",
        "large",
    ],
)
def test_a_file_that_cannot_be_read(
    content: bytes, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / f"{NAME}.ipynb").write_bytes(content)
    ready, printed = look(folder, capsys)
    assert not ready
    assert f"  NO    {said}" in part_of(printed, NAME)
    assert "3 of 4 notebooks" in printed


@pytest.mark.parametrize("lines", ["%matplotlib inline", "!ls", "files = !ls", "np?", "await f()"])
def test_what_ipython_reads_is_no_syntax_error(lines: str) -> None:
    assert of_cells.syntax_error(f"import numpy as np\n{lines}\nx = 1") == ""
    assert of_cells.syntax_error(f"{lines}\nx = (") != ""


def test_a_pasted_example_is_read_without_its_prompts() -> None:
    assert of_cells.syntax_error(">>> for x in [1]:\n...     print(x)\n...\n>>> x = 1") == ""
    assert of_cells.syntax_error("x = 1\n>>> x = 2") != ""


def test_an_answer_in_words_may_stand_in_a_code_cell(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a slip of the hand; it is made a text cell again where it is graded."""

    def edit(data: Data) -> None:
        answer = cell(data, "explain-complexity")
        answer.update(cell_type="code", outputs=[], execution_count=None)
        answer["source"] = "It takes 4 times as long: twice the passes, each twice as long."

    change(folder, "1-complexity", edit)
    assert "  NO  " not in part_of(look(folder, capsys)[1], "1-complexity")


def test_a_line_that_only_looks_like_a_magic() -> None:
    assert of_cells.syntax_error('x = ("%s"\n%y)') == ""
    assert of_cells.syntax_error("%%bash\nls |") == ""


# What works for a student and not where the notebook is graded


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import pandas as pd", "pandas is not there when it is graded"),
        ("from torch import nn", "torch is not there when it is graded"),
        ("def f():\n    import seaborn.objects", "seaborn is not there when it is graded"),
        ("from google.colab import drive\nx = 1", "google.colab is only in Colab"),
        ("from google import colab\nx = 1", "google.colab is only in Colab"),
        ("%tensorflow_version 2.x\nx = 1", "%tensorflow_version is not known when it"),
        ("%%cu\nint main() {}", "%cu is not known when it"),
        ("%matplotlib tk", "no screen when it is graded: write %matplotlib inline"),
        ("import matplotlib\nmatplotlib.use('TkAgg')", "no screen when it is graded"),
        ("n = int(input('How many? '))", "input() gets no answer"),
        ("!pip install numpy", "no network when it is graded, so `!pip install numpy`"),
        ("%pip install -q numpy\nx = 1", "no network when it is graded"),
        ("  !apt-get install x", "no network when it is graded"),
        ("!wget https://example.org/x\nx = 1", "no network when it is graded"),
        ("f = open('/content/drive/MyDrive/x.npy')", "there is no '/content/drive/MyDrive/x.npy'"),
        ("# by google\nopen('/content/drive/x.npy')", "there is no '/content/drive/x.npy'"),
        (r"p = r'C:\Users\me\x.csv'", "there is no"),
        ("%cd /content/drive/MyDrive\nx = 1", "there is no folder /content/drive/MyDrive"),
        ("%%time\nimport pandas", "pandas is not there when it is graded"),
    ],
)
def test_what_is_not_there_when_it_is_graded_is_told(
    source: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, NAME, _add(source))
    ready, printed = look(folder, capsys)
    assert ready
    assert f"look  the code cell number 14, your own: {said}" in part_of(printed, NAME)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy, scipy.stats, tensorflow.keras, keras, sklearn, PIL, tqdm, json, pathlib",
        "from matplotlib import pyplot\nfrom backprop_example_code import DNN\nimport handin",
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
        "import sys\nif 'google.colab' in sys.modules:\n    from google.colab import drive",
        "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive/MyDrive",
        "from google.protobuf import text_format",
        "%matplotlib inline\n%time x = 1\n%config InlineBackend.figure_format = 'svg'",
        "%%bash\npip --version",
        "%load_ext autoreload",
        "%cd data\n!ls",
        "x = (7\n%5)",
        "def input(text):\n    return 1\ninput('how many')",
        "print('/ 3', '~', 'a/b', 'C: 5')",
        "from . import x",
    ],
)
def test_of_what_works_when_it_is_graded_nothing_is_said(source: str) -> None:
    assert of_cells.differences(source, is_own=True) == []


# Syntax that the student's Python knows, and the one that grades does not

OLDER = "needs a newer Python than 3.11, which grades it and cannot read the cell"


@cache
def newer_python() -> str:
    """A Python that reads f-strings as 3.12 does, also one that lies beside this one, as pyenv has
    them.
    """
    beside = Path(sys.base_prefix).parent
    found = [sys.executable, *(shutil.which(f"python3.{minor}") for minor in range(12, 20))]
    ask = "import sys; sys.exit(sys.version_info < (3, 12))"
    for each in [*found, *sorted(beside.glob("*3.1[2-9]*/bin/python3"))]:
        if each and not subprocess.run([each, "-c", ask], capture_output=True).returncode:
            break
    else:
        lacks("newer-python", "no Python from 3.12 on is here")
    return str(each)


def graded_by(folder: Path, python: str) -> None:
    """Say in a folder which Python grades; "" for a course that does not say."""
    path = folder / handin_table.NAME
    table = json.loads(path.read_bytes())
    table["grading"]["python"] = python
    path.write_text(json.dumps(table), encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ('x = 1\nf"{h["loss"]}"', 2, 'the quotes "'),
        ("f'{f\"{h['a']}\"}'", 1, "the quotes '"),
        ('f"""{x + """a"""}"""', 1, 'the quotes """'),
        ('f"{x:>{h["width"]}}"', 1, 'the quotes "'),
        ("f\"{'\\n'.join(h)}\"", 1, "a backslash"),
        ('f"""{\nx  # why\n}"""', 2, "a comment"),
        ('f"{\nx}"', 1, "a new line"),
        ('한글 = "가나다"\nf"한글 {h["손실"]}, {h}\\n"', 2, 'the quotes "'),
        ('%matplotlib inline\n!ls\nnp?\nf"{h["loss"]}"', 4, 'the quotes "'),
        ('%%time\n%config x = 1\nf"{h["loss"]}"', 3, 'the quotes "'),
        ('y = await g()\nf"{h["loss"]}"', 2, 'the quotes "'),
        ("x = 1\ntype Row = list", 2, "Type statement is only supported in Python 3.12"),
        ("def first[T](x: T): pass", 1, "Type parameter lists are only supported in Python 3.12"),
    ],
)
def test_what_only_a_newer_python_reads_is_told(
    source: str, line: int, said: str, folder: Path
) -> None:
    change(folder, NAME, _source("tanh-class", source))
    python = newer_python()
    code, printed = run(folder, python=python)
    part = part_of(printed, NAME)
    assert code == 1
    assert f"  NO    tanh-class: line {line} {OLDER}: {said}" in part
    assert part.count(OLDER) == 1
    for grades in ("", "3.99"):
        graded_by(folder, grades)
        assert "newer Python" not in run(folder, python=python)[1]


ALIKE = r'''
x = y = z = width = 1
h = {"loss": 1, "a": 2}
a = f"{h['loss']:>{width}}\n" f'{h["loss"]!r}' f'\'{x}' f"{x=}" "{h["
b = f"""{h["loss"]} '{h['a']}' {
x
} "" # no comment {x:\t}
"""
c = rf"\d{x}" f"\N{BULLET} {x:%H:%M\t}" f"{x:{y}.{z}}"  # f"{h["loss"]}"
d = f"가 \
 나 {h} \"{x}\""
e = """
f"{h["loss"]}"
"""
'''


def test_what_both_read_is_not_told(folder: Path) -> None:
    """The whole assignment with all solutions, and what looks alike in f-strings."""
    compile(ALIKE, "cell", "exec")
    for source in (ALIKE, f"%matplotlib inline{ALIKE}", '!echo f"{h["loss"]}"', '%%bash\n"{x["a"'):
        change(folder, NAME, _add(source))
    code, printed = run(folder, python=newer_python())
    assert (code, "newer Python" in printed, "  NO  " in printed) == (0, False, False)


def test_the_cells_that_are_put_back_are_not_looked_at(folder: Path) -> None:
    change(folder, NAME, _source("test-tanh-forward", 'f"{h["loss"]}"'))
    assert "newer Python" not in run(folder, python=newer_python())[1]


def test_syntax_is_compared_with_that_of_the_python_that_grades(folder: Path) -> None:
    """Also by a Python that reads f-strings as before."""
    change(folder, NAME, _add("try:\n    x = 1\nexcept* ValueError:\n    pass"))
    assert "newer Python" not in run(folder)[1]
    graded_by(folder, "3.10")
    said = r"NO    the code cell number 14, your own: line \d needs a newer Python than 3\.10"
    assert re.search(said, part_of(run(folder)[1], NAME))


def test_what_python_warns_of_is_not_printed(folder: Path) -> None:
    change(folder, NAME, _add("print('\\d', 1 is 1)"))
    assert run(folder, python=newer_python())[0] == 0  # `run` wants no other output


def test_a_course_says_in_its_configuration_which_python_grades(tmp_path: Path) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    assert "python" not in json.loads(handin_table.table(course))["grading"]
    course.config.write_text("c = get_config()\nc.Course.python = '3.12'\n")
    assert json.loads(handin_table.table(course))["grading"]["python"] == "3.12"
    for value in ("3.12", "'3.12.1'", "'python3'"):
        course.config.write_text(f"c = get_config()\nc.Course.python = {value}\n")
        with pytest.raises(UserError, match=r"nbgrader_config\.py: .*python"):
            handin_table.table(course)


# Files under other names


def test_a_missing_notebook(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / f"{NAME}.ipynb").unlink()
    ready, printed = look(folder, capsys)
    assert not ready
    assert f"NO    It is not here. Put it into this folder under the name {NAME}.ipynb." in printed


@pytest.mark.parametrize(
    "file",
    [
        f"Copy of {NAME}.ipynb",
        f"{NAME} (1).ipynb",
        f"{NAME}.ipynb의 사본",
        f"“{NAME}.ipynb”的副本",
        NAME,
        "Untitled.ipynb",
    ],
)
def test_a_renamed_notebook(file: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / f"{NAME}.ipynb").rename(folder / file)
    ready, printed = look(folder, capsys)
    assert ready
    assert f"look  It is called '{file}'. Name it {NAME}.ipynb." in part_of(printed, NAME)


def test_two_copies_and_none_under_its_own_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(folder / f"{NAME}.ipynb", folder / f"{NAME} (1).ipynb")
    (folder / f"{NAME}.ipynb").rename(folder / f"{NAME} (2).ipynb")
    ready, printed = look(folder, capsys)
    assert not ready
    assert f"Is it '{NAME} (1).ipynb' or '{NAME} (2).ipynb'?" in part_of(printed, NAME)


def test_a_newer_copy_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(folder / f"{NAME}.ipynb", folder / f"{NAME} (1).ipynb")
    os.utime(folder / f"{NAME}.ipynb", (time.time() - 3600,) * 2)
    ready, printed = look(folder, capsys)
    assert ready
    said = f"look  '{NAME} (1).ipynb' is there, too, and newer. Only {NAME}.ipynb counts."
    assert said in part_of(printed, NAME)
    assert "(60 min ago)" in part_of(printed, NAME)


# From other programs


@pytest.mark.parametrize("editor", editors.PROGRAMS, ids=lambda editor: editor.__name__)
def test_notebooks_from_other_programs_are_ready(
    editor: editors.Editor, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in CONTRACT:
        change(folder, name, editor)
    ready, printed = look(folder, capsys)
    assert ready, printed
    assert "You changed or deleted" not in printed


def test_what_was_pasted_into_a_new_notebook_is_not_all_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, NAME, editors.pasted_into_a_new_notebook)
    ready, printed = look(folder, capsys)
    assert not ready
    part = part_of(printed, NAME)
    assert "NO    tanh-class: the cell is gone, or has lost its name" in part
    assert "You changed or deleted" not in part  # their texts are known


# How it is called


def test_zip(folder: Path) -> None:
    shutil.move(folder / f"{NAME}.ipynb", folder / f"Copy of {NAME}.ipynb")
    (folder / "4-svhn.ipynb").unlink()
    code, printed = run(folder, "--zip")
    assert code == 1  # one is missing, but what is there is in the file
    assert "Wrote deep-learning-3.zip (3 notebooks, " in printed
    with zipfile.ZipFile(folder / "deep-learning-3.zip") as archive:
        assert archive.namelist() == ["1-complexity.ipynb", "2-tanh.ipynb", "3-backprop.ipynb"]
        assert archive.read("2-tanh.ipynb") == (folder / f"Copy of {NAME}.ipynb").read_bytes()
    assert not list(folder.glob("*.new"))


def test_zip_of_nothing(folder: Path) -> None:
    for path in folder.glob("*.ipynb"):
        path.unlink()
    code, printed = run(folder, "--zip")
    assert code == 1
    assert "No zip file was written" in printed and not list(folder.glob("*.zip*"))


def test_zip_of_a_file_older_than_zip_files_know(folder: Path) -> None:
    os.utime(folder / f"{NAME}.ipynb", (0, 0))
    assert run(folder, "--zip")[0] == 0


def offer(where: Path, **way: str) -> None:
    """Let the course offer a way to hand in."""
    table = json.loads((where / "handin.json").read_text())
    (where / "handin.json").write_text(json.dumps({**table, "submit": way}))


def test_where_the_course_offers_no_way_nothing_is_handed_in(folder: Path) -> None:
    code, printed = run(folder, "--submit")
    assert code == 1
    assert "Not handed in: your course does not offer it here." in printed


def test_handing_in_to_a_folder_of_ones_own(folder: Path, tmp_path: Path) -> None:
    offer(folder, folder=str(tmp_path / "hand-in"))
    own = tmp_path / "hand-in" / getpass.getuser()
    code, printed = run(folder, "--submit")
    assert code == 1 and f"Not handed in: there is no folder {own}." in printed
    own.mkdir(parents=True)
    shutil.move(folder / f"{NAME}.ipynb", folder / f"Copy of {NAME}.ipynb")
    code, printed = run(folder, "--submit")
    assert code == 0 and f"4 notebooks, to {own}." in printed
    assert (own / f"{NAME}.ipynb").read_bytes() == (folder / f"Copy of {NAME}.ipynb").read_bytes()
    assert len(list(own.iterdir())) == 4  # all under their own names, and nothing else


def test_what_is_not_ready_is_handed_in_only_when_that_is_said(
    folder: Path, tmp_path: Path
) -> None:
    offer(folder, folder=str(tmp_path))
    own = tmp_path / getpass.getuser()
    own.mkdir()
    (folder / "4-svhn.ipynb").unlink()
    code, printed = run(folder, "--submit")
    assert code == 1 and "--submit --anyway" in printed and not list(own.iterdir())
    code, printed = run(folder, "--submit", "--anyway")
    assert code == 0 and "3 notebooks" in printed and len(list(own.iterdir())) == 3


def test_handing_in_by_the_exchange(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = tmp_path / "exchange" / "deep-learning"
    for name in ("inbound", "outbound/deep-learning-3"):
        (exchange / name).mkdir(parents=True)
    for place in (exchange.parent, exchange / "inbound"):
        place.chmod(0o777)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    config = tmp_path / "nbgrader_config.py"
    config.write_text(f"c = get_config()\nc.Exchange.root = {str(exchange.parent)!r}\n")
    offer(folder, course="deep-learning")
    code, printed = run(folder, "--submit")
    assert code == 0 and "4 notebooks, to the course's exchange." in printed
    (submitted,) = (exchange / "inbound").iterdir()
    assert (submitted / "submission_secret.txt").is_file()
    assert len(list(submitted.glob("*.ipynb"))) == 4
    (exchange / "inbound").rename(exchange / "away")
    code, printed = run(folder, "--submit")
    assert code == 1 and "Not handed in: nbgrader says: " in printed


def test_the_course_says_in_its_configuration_how_to_hand_in(tmp_path: Path) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    course.source.mkdir(parents=True)
    shutil.copy(COURSE.source / f"{NAME}.ipynb", course.source)
    lines = 'c.CourseDirectory.course_id = "dl"\nc.Course.hand_in = {!r}\n'
    for way, said in (
        ("", None),
        ("exchange", {"course": "dl"}),
        ("/srv/hand-in", {"folder": "/srv/hand-in"}),
    ):
        course.config.write_text(lines.format(way))
        assert json.loads(handin_table.table(course)).get("submit") == said


def test_the_course_is_named_where_all_accounts_read_it_and_handing_in_in_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course(tmp_path / "course", ASSIGNMENT)
    course.source.mkdir(parents=True)
    shutil.copy(COURSE.source / f"{NAME}.ipynb", course.source)
    course.config.write_text("load_subconfig('more.py')\n")
    (course.root / "more.py").write_text('c.Course.hand_in = "exchange"\n')
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "nbgrader_config.py").write_text('c.CourseDirectory.course_id = "dl"\n')
    assert json.loads(handin_table.table(course))["submit"] == {"course": "dl"}


def test_another_folder(folder: Path, tmp_path: Path) -> None:
    assert run(folder, str(folder))[0] == 0
    code, printed = run(folder, str(tmp_path / "none"))
    assert code == 1
    assert printed.startswith(f"handin: there is no {tmp_path / 'none'}. ")


def test_it_says_when_its_table_is_not_there(folder: Path) -> None:
    (folder / "handin.json").unlink()
    code, printed = run(folder)
    assert code == 1
    assert "handin.json. Copy what is missing" in printed


def test_in_a_notebook(folder: Path) -> None:
    lines = "import handin\nhandin.check()\n%run handin.py\nprint('still', 'here')"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", lines],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "IPYTHONDIR": str(folder / ".ipython")},
    )
    assert done.stdout.count("Ready to hand in: 4 of 4") == 2
    assert done.stdout.endswith("still here\n")
    assert "SystemExit" not in done.stdout + done.stderr


def test_a_cell_that_was_left_says_nothing_of_the_grading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    handout.check()
    assert capsys.readouterr().out == ("handin: nothing to check while the notebook is graded\n")


def test_it_runs_nothing(folder: Path) -> None:
    mark = folder / "ran"
    change(folder, NAME, _add(f"open({str(mark)!r}, 'w')"))
    assert run(folder, "--zip")[0] == 0
    assert not mark.exists()


# What it must know


def test_its_numbers_are_those_of_the_engine() -> None:
    assert of_cells.MOST_BYTES == untrusted.MOST_BYTES
    assert of_cells.MOST_CELLS == untrusted.MOST_CELLS
    assert colab.FIRST_LINE.startswith(of_cells.GET_FILES)


def test_it_knows_the_stubs_of_the_course(tmp_path: Path) -> None:
    table = json.loads((COURSE.source / handin_table.NAME).read_bytes())
    assert table["to_fill_in"] == UNFILLED
    assert table["to_answer"] == "YOUR ANSWER HERE: replace this line."
    plain = json.loads(handin_table.table(Course(tmp_path, ASSIGNMENT)))  # nbgrader's own
    assert plain["to_fill_in"] == "raise NotImplementedError()"
    assert plain["to_answer"] == "YOUR ANSWER HERE"


def test_without_pinned_packages_no_import_is_called_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, NAME, _add("import pandas"))
    assert "pandas is not there when it is graded" in run(folder)[1]
    path = folder / handin_table.NAME
    table = json.loads(path.read_bytes())
    unknown = {**table["grading"], "modules": []}
    path.write_text(json.dumps({**table, "grading": unknown}), encoding="utf-8")
    assert "pandas" not in run(folder)[1]


def test_an_assignment_of_one_notebook(folder: Path) -> None:
    path = folder / handin_table.NAME
    table = json.loads(path.read_bytes())
    only = {"2-tanh": table["notebooks"]["2-tanh"]}
    path.write_text(json.dumps({**table, "notebooks": only, "assignment": "one"}))
    for name in ("1-complexity", "3-backprop", "4-svhn"):
        (folder / f"{name}.ipynb").unlink()
    (folder / "2-tanh.ipynb").rename(folder / "mine.ipynb")  # told by its cells
    code, printed = run(folder, "--zip")
    assert (code, "It is called 'mine.ipynb'. Name it 2-tanh.ipynb." in printed) == (0, True)
    assert zipfile.ZipFile(folder / "one.zip").namelist() == ["2-tanh.ipynb"]


def test_the_cell_for_colab_is_none_of_a_students(folder: Path) -> None:
    before = without_ages(run(folder)[1])
    notebook = nbformat.read(folder / f"{NAME}.ipynb", 4)
    colab.add(notebook, NAME, "https://github.com/you/dl/blob/main", {"checks.py": "0"})
    time = (folder / f"{NAME}.ipynb").stat()
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    os.utime(folder / f"{NAME}.ipynb", ns=(time.st_atime_ns, time.st_mtime_ns))
    assert without_ages(run(folder)[1]) == before


def test_its_table_is_checked_and_mended_with_the_form(tmp_path: Path) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    shutil.copytree(COURSE.source, course.source)
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, course.root)
    assert [finding for finding in form.check(course) if not finding.warning] == []
    table = course.source / handin_table.NAME
    for stale in ("{}\n", None):
        if stale is None:
            table.unlink()
        else:
            table.write_text(stale)
        (finding,) = [finding for finding in form.check(course) if not finding.warning]
        assert str(finding).startswith("handin.json: is not what the notebooks make. mend it with")
        assert form.run(course, [], fix=True) == 0
        assert table.read_bytes() == (COURSE.source / handin_table.NAME).read_bytes()


def test_its_table_has_the_points_of_the_contract() -> None:
    table = json.loads((COURSE.source / handin_table.NAME).read_bytes())
    for name, contract in CONTRACT.items():
        wanted = [(c.grade_id, c.kind, c.points) for c in contract]
        there = [
            (row["id"], row["kind"], row.get("points", 0))
            for row in table["notebooks"][name]
            if row["kind"] != "given"
        ]
        assert there == wanted


# The guide


def test_what_the_guide_says_works(folder: Path, tmp_path: Path) -> None:
    offer(folder, folder=str(tmp_path))
    (tmp_path / getpass.getuser()).mkdir()
    guide = (COURSE.root / "docs" / "student-guide.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"python handin\.py(?: --\w+)?", guide))
    options = ("", " --zip", " --submit")
    assert commands == {f"python handin.py{option}" for option in options}
    for command in commands:
        assert run(folder, *command.split()[2:])[0] == 0
    calls = set(re.findall(r"handin\.check\(.*?\)", guide))
    assert len(calls) == 2
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-S", "-c", f"import handin\n{call}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Ready to hand in" in done.stdout
    for said in ("not filled in yet (8 points depend on it).", "notebooks are complete."):
        assert said in guide
    for constant in (of_cells.RUN_ALL, "Not yet ready to hand in"):
        assert constant in guide


def test_it_says_what_the_grader_says_of_a_file_that_is_no_notebook(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in NO_NOTEBOOKS:
        (folder / f"{NAME}.ipynb").write_bytes(content)
        _, printed = look(folder, capsys)
        with pytest.raises(untrusted.Unreadable) as refused:
            untrusted.parse(content)
        said = str(refused.value).replace("; ask the student to ", ": ")
        assert f"NO    {said}" in printed


def test_it_knows_the_modules_of_the_grading_environment() -> None:
    modules = json.loads((COURSE.source / handin_table.NAME).read_text())["grading"]["modules"]
    assert {"numpy", "tensorflow", "matplotlib", "scipy", "backprop_example_code"} <= {*modules}
    assert not {"pandas", "torch", "pytest", "playwright"} & {*modules}
