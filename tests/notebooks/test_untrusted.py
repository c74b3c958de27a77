"""What is read from files that students hand in, and what is refused."""

import contextlib
import copy
import gc
import json
import os
import random
import socket
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from grader.notebooks import causes
from grader.notebooks.untrusted import Unreadable, read

HONEST: dict[str, Any] = {
    "cells": [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": ["# Title\n", "α"]},
        {
            "cell_type": "code",
            "id": "solution",
            "metadata": {
                "nbgrader": {"grade_id": "solution", "schema_version": 3, "points": 2.5},
                "tags": ["skip-execution"],
            },
            "source": ["x = 1\n", "y = 2"],
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}],
            "execution_count": 3,
        },
        {"cell_type": "raw", "id": "note", "metadata": {}, "source": "raw"},
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.0"},
        "widgets": {"state": {}},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
TEXT = json.dumps(HONEST, ensure_ascii=False)


PAGE = b"<!DOCTYPE html>\n<html><head><title>%s</title></head><body>%s</body></html>"
# Files that are no notebooks, and the beginning of what is said of them.
NO_NOTEBOOKS: dict[bytes, str] = {
    b"\0" * 5000: "The file holds nothing but zeros",
    b'{"cells": [\n<<<<<<< HEAD\n{}\n=======\n>>>>>>> b\n]}': "Git left a conflict in the file",
    b'{"cells": [\r\n<<<<<<< HEAD\r\n]}': "Git left a conflict in the file",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12345\n": (
        "The file is only a pointer of Git LFS"
    ),
    PAGE % (b"2-tanh", b'<div class="jp-Cell jp-CodeCell">'): (
        "The file is a notebook that was exported as a web page"
    ),
    PAGE % (b"2-tanh", b'<input type="password">'): "The file is a web page that asks for a passw",
    PAGE % (b"course/2-tanh.ipynb at main", b"Sign in"): "The file is a web page (HTML)",
    b'{"url": "https://docs.google.com/open?id=1"}': "The file is only a link to a document",
    b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml": "The file is a document of Word",
    b"PK\x03\x04\x14\0\0\0\x08\x00\xb5\xff2-tanh.ipynb\xff\xfe": "The file is a zip archive",
    b"\x1f\x8b\x08\0\xff\xfe": "The file is compressed with gzip",
    b"7z\xbc\xaf\x27\x1c\xff": "The file is a 7z archive",
    b"Rar!\x1a\x07\x01\0": "The file is an archive (rar,",
    b"%PDF-1.7\n%\xe2\xe3": "The file is a PDF",
    b"{\\rtf1\\ansi\\deff0": "The file is a document of Word",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "The file is a document of Word",
    b"\x89PNG\r\n\x1a\n\0\0": "The file is a picture",
    b"\xff\xd8\xff\xe0\0\x10JFIF": "The file is a picture",
    b"# Tanh\n\nimport numpy as np\nclass Tanh:\n    pass\n": "The file is Python code",
}


def changed(**entries: Any) -> dict[str, Any]:
    return {**HONEST, **entries}


def with_cell(**entries: Any) -> dict[str, Any]:
    return changed(cells=[{"cell_type": "code", "source": "", **entries}])


def heading(level: int) -> dict[str, Any]:
    """A notebook in format 3 with one heading."""
    cell = {"cell_type": "heading", "level": level, "source": "Title", "metadata": {}}
    return {"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [cell]}]}


def read_data(root: Path, data: Any) -> NotebookNode:
    """Read a file of these bytes, this text, or this JSON."""
    path = root / "notebook.ipynb"
    if not isinstance(data, (bytes, str)):
        data = json.dumps(data)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    notebook = read(path, root)
    as_read = copy.deepcopy(notebook)
    nbformat.validate(notebook)
    assert notebook == as_read  # nbformat would mend ids that are there twice
    json.dumps(notebook, allow_nan=False, ensure_ascii=False).encode()
    return notebook


def test_honest(tmp_path: Path) -> None:
    notebook = read_data(tmp_path, HONEST)
    assert [cell.source for cell in notebook.cells] == ["# Title\nα", "x = 1\ny = 2", "raw"]
    assert [cell.id for cell in notebook.cells] == ["title", "solution", "note"]
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "raw"]
    assert notebook.cells[1].metadata.nbgrader.grade_id == "solution"
    assert notebook.cells[1].outputs == []
    assert notebook.metadata.kernelspec == HONEST["metadata"]["kernelspec"]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        json.dumps(HONEST, indent=1).replace("\n", "\r\n").encode(),
        TEXT.replace(r"\n", r"\r\n").encode(),
        TEXT.replace('"nbformat_minor": 5', '"nbformat_minor": 99, "new": {}').encode(),
        TEXT.replace('"nbformat": 4, ', "").encode(),
    ],
    ids=[
        "byte-order-mark",
        "utf-16",
        "utf-16-without-mark",
        "utf-32",
        "windows-line-ends-in-the-file",
        "windows-line-ends-in-the-cells",
        "newer-minor-version",
        "no-version",
    ],
)
def test_read_as_the_honest_one(tmp_path: Path, data: bytes) -> None:
    assert read_data(tmp_path, data) == read_data(tmp_path, HONEST)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (TEXT[:-1], "broken off"),
        (TEXT[:200], "broken off"),
        (TEXT.replace('"nbformat": 4', '"nbformat": ' + 5000 * "4"), "broken off or damaged"),
        ("print('no notebook')", "something else"),
        ("<!DOCTYPE html><title>Sign in</title>", "asks for a password"),
        (TEXT[: TEXT.index("outputs")], "broken off: its end is missing"),
        (TEXT.encode("utf-16")[:-1], "not in UTF-8"),
        (TEXT.replace("α", "我的答案是这样的").encode("gbk"), "not in UTF-8"),
        (TEXT.replace("α", "こたえは").encode("cp932"), "not in UTF-8"),
        (TEXT.replace("α", "Ответ").encode("cp1251"), "not in UTF-8"),
        ("[1, 2]", "something else"),
        ("null", "something else"),
        ("[" * 100_000, "nested too deeply"),
        (TEXT.replace("α", "\x8a").encode("latin-1"), "not in UTF-8"),  # of a Mac, ä
        ({}, "no cells"),
        (changed(cells={}), "no cells"),
        (changed(nbformat=5), "format 5"),
        (changed(nbformat=2), "format 2"),
        (changed(cells=[None]), "Cell 1 "),
        (changed(cells=[*HONEST["cells"], {"cell_type": "quiz"}]), "Cell 4 "),
        (with_cell(cell_type=["code"]), "Cell 1 "),
        (with_cell(source=5), "text of cell 1 "),
        (with_cell(source=["x", 5]), "text of cell 1 "),
        (changed(cells=[{"cell_type": "raw"}] * 5001), "more than 5000 cells"),
        ({"nbformat": 3, "worksheets": [{"cells": [{}]}]}, "damaged"),
        (heading(10**9), "damaged"),
        ('{"nbformat": 3, "worksheets": ' + "[" * 400 + "]" * 400 + "}", "damaged"),
    ],
)
def test_refused(tmp_path: Path, data: Any, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_data(tmp_path, data)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(("content", "said"), NO_NOTEBOOKS.items())
def test_what_is_no_notebook_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_data(tmp_path, content)
    assert str(refused.value).startswith(said)
    assert "; ask the student to " in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("filler", ["\n", "# x\n", "<!-- ", "(", " ", "PK", "\r\n "])
def test_no_cause_takes_the_square_of_the_length(filler: str) -> None:
    for start in (b"", b"<html>", b"PK", b"{"):
        before = time.process_time()
        causes.of(start + filler.encode() * (causes.HEAD // len(filler)))
        assert time.process_time() - before < 2


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp949", "쌍곡 탄젠트 클래스"),
        ("cp1252", "Größe, naïve “quotes” – déjà vu"),
        ("latin-1", "für"),
    ],
)
def test_another_encoding_is_read_where_it_is_certain(
    tmp_path: Path, encoding: str, text: str
) -> None:
    notebook = read_data(tmp_path, TEXT.replace("α", text).encode(encoding))
    assert notebook.cells[0].source == f"# Title\n{text}"
    assert notebook.metadata["read_as"] == {"latin-1": "cp1252"}.get(encoding, encoding)


@pytest.mark.parametrize(
    "entries",
    [
        {"source": None},
        {"metadata": None},
        {"metadata": [1]},
        {"metadata": {"tags": "skip-execution", "collapsed": "yes"}},
        {"metadata": {"nbgrader": [1]}},
        {"outputs": "none", "execution_count": "many"},
        {"new_in_a_later_format": {}},
        {"cell_type": "markdown", "attachments": {"a.png": {"image/png": 5}, "b.png": None}},
        {"cell_type": "markdown", "attachments": [1]},
    ],
)
def test_mended(tmp_path: Path, entries: dict[str, Any]) -> None:
    (cell,) = read_data(tmp_path, with_cell(**entries)).cells
    assert cell.source == ""


def test_pictures_in_text_stay(tmp_path: Path) -> None:
    data = with_cell(cell_type="markdown", attachments={"a.png": {"image/png": ["aGE", "="]}})
    (cell,) = read_data(tmp_path, data).cells
    assert cell.attachments == {"a.png": {"image/png": "aGE="}}


def test_numbers_and_text_that_json_cannot_hold(tmp_path: Path) -> None:
    text = TEXT.replace("2.5", "[NaN, Infinity, -Infinity, 1e999]").replace("α", r"\ud800")
    assert read_data(tmp_path, text).cells[0].source == "# Title\n?"


def test_ids(tmp_path: Path) -> None:
    given = [None, "good", "good", "no good", 5, "x" * 65, "cell-1", "", "ümlaut", "good\n"]
    cells: list[dict[str, Any]] = [{"cell_type": "raw", "id": id_} for id_ in given]
    cells.append({"cell_type": "raw", "source": "", "metadata": {"id": "from-colab"}})
    ids = [cell.id for cell in read_data(tmp_path, changed(cells=cells, nbformat_minor=0)).cells]
    assert ids[:3] == ["cell-1x", "good", "cell-3"]
    assert ids[6] == "cell-1"
    assert ids[-1] == "from-colab"
    assert len(set(ids)) == len(ids)


def test_format_3(tmp_path: Path) -> None:
    given = [
        {"cell_type": "heading", "level": 2, "source": ["Title"], "metadata": {}},
        {
            "cell_type": "code",
            "input": ["x = 1\n", "x"],
            "language": "python",
            "metadata": {},
            "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": ["1"]}],
            "prompt_number": 1,
        },
    ]
    data = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": given, "metadata": {}}],
    }
    notebook = read_data(tmp_path, data)
    assert [cell.source for cell in notebook.cells] == ["## Title", "x = 1\nx"]
    assert notebook == read_data(tmp_path, data)  # the ids too


# The file


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_text(TEXT)
    assert read(path, tmp_path, most_bytes=len(TEXT.encode()))
    with pytest.raises(Unreadable, match="larger than"):
        read(path, tmp_path, most_bytes=len(TEXT.encode()) - 1)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A good notebook outside the submission."""
    path = tmp_path / "elsewhere" / "notebook.ipynb"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "submitted"
    path.mkdir()
    return path


def test_symbolic_link(root: Path, secret: Path) -> None:
    (root / "notebook.ipynb").symlink_to(secret)
    with pytest.raises(Unreadable, match="symbolic link"):
        read(root / "notebook.ipynb", root)


def test_directory_is_a_symbolic_link(root: Path, secret: Path) -> None:
    (root / "student").symlink_to(secret.parent)
    with pytest.raises(Unreadable, match="symbolic link"):
        read(root / "student" / "notebook.ipynb", root)


def test_root_may_be_a_symbolic_link(tmp_path: Path, secret: Path) -> None:
    (tmp_path / "link").symlink_to(secret.parent)
    assert read(tmp_path / "link" / "notebook.ipynb", tmp_path / "link")


def test_outside_of_the_root(root: Path, secret: Path) -> None:
    for path in (secret, root / ".." / "elsewhere" / "notebook.ipynb", root):
        with pytest.raises(Unreadable, match="outside"):
            read(path, root)


def test_pipe_does_not_block(root: Path) -> None:
    os.mkfifo(root / "notebook.ipynb")
    with pytest.raises(Unreadable, match="not a plain file"):
        read(root / "notebook.ipynb", root)


def test_socket(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("notebook.ipynb")
        with pytest.raises(Unreadable, match="not a plain file"):
            read(root / "notebook.ipynb", root)


def test_device() -> None:
    with pytest.raises(Unreadable, match="not a plain file"):
        read(Path("/dev/zero"), Path("/dev"))


def test_directory(root: Path) -> None:
    (root / "notebook.ipynb").mkdir()
    with pytest.raises(Unreadable, match="not a plain file"):
        read(root / "notebook.ipynb", root)


def test_file_in_place_of_a_directory(root: Path) -> None:
    (root / "student").write_text(TEXT)
    with pytest.raises(Unreadable, match="not a plain file"):
        read(root / "student" / "notebook.ipynb", root)


def test_missing(root: Path) -> None:
    with pytest.raises(Unreadable, match="missing"):
        read(root / "student" / "notebook.ipynb", root)


@pytest.mark.parametrize("what", ["notebook.ipynb", "student"])
def test_exchanged_for_a_link_between_look_and_open(
    root: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (root / "student").mkdir()
    (root / "student" / "notebook.ipynb").write_text("{}")
    look = os.lstat

    def look_and_exchange(path: str, dir_fd: int) -> os.stat_result:
        seen = look(path, dir_fd=dir_fd)
        if path == what:
            (root / "student").rename(root / "away")
            if what == "student":
                (root / "student").symlink_to(secret.parent)
            else:
                (root / "away" / what).unlink()
                (root / "away" / what).symlink_to(secret)
        return seen

    monkeypatch.setattr(os, "lstat", look_and_exchange)
    with pytest.raises(Unreadable, match="not a plain file"):
        read(root / "student" / "notebook.ipynb", root)


def test_no_descriptor_stays_open(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    gc.collect()  # what other tests have left must not close a file meanwhile
    before = len(os.listdir("/proc/self/fd"))
    for name in ("a", "missing", "a/b/missing"):
        with pytest.raises(Unreadable):
            read(root / name, root)
    assert len(os.listdir("/proc/self/fd")) == before


# Anything


JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "code",
    "\ud800",
    [],
    [[]],
    ["x", 1],
    {},
    {"a": {}},
]


def mutate(value: Any, chance: random.Random) -> Any:
    """The value with something in it dropped, doubled or exchanged for junk."""
    if chance.random() < 0.1 or not isinstance(value, (dict, list)) or not value:
        return chance.choice(JUNK)
    if isinstance(value, list):
        number = chance.randrange(len(value))
        action = chance.choice(["drop", "double", "change", "change"])
        middle = {"drop": [], "double": [value[number]] * 2}.get(
            action, [mutate(value[number], chance)]
        )
        return [*value[:number], *middle, *value[number + 1 :]]
    key = chance.choice(sorted(value))
    rest = {other: value[other] for other in value if other != key}
    if chance.random() < 0.25:
        return rest
    return {**rest, key: mutate(value[key], chance)}


FORMAT_3 = {
    "metadata": {},
    "nbformat": 3,
    "nbformat_minor": 0,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "code", "input": "x", "outputs": [], "metadata": {}},
                {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {}},
            ]
        }
    ],
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("start", [HONEST, FORMAT_3], ids=["format-4", "format-3"])
def test_any_json_is_read_or_refused(tmp_path: Path, seed: int, start: Any) -> None:
    chance = random.Random(seed)
    read_ones = 0
    for _ in range(75):
        data = start
        for _ in range(chance.randint(1, 4)):
            data = mutate(data, chance)
        try:
            read_data(tmp_path, json.dumps(data))
            read_ones += 1
        except Unreadable:
            pass
    assert 0 < read_ones < 75


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_are_read_or_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = json.dumps(HONEST).encode()
    for _ in range(75):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            piece = chance.choice([b"", chance.randbytes(3), b'"', b"{", b"\\ud800", b"1e999"])
            data[at : at + chance.randint(0, 4)] = piece
        with contextlib.suppress(Unreadable):
            read_data(tmp_path, bytes(data))
