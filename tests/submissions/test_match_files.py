"""Which file is which notebook; the self-check of students (handin.py) says the same."""

import importlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from grader.notebooks import cells, untrusted
from grader.notebooks.untrusted import Unreadable
from grader.submissions import match_files, submission
from tests.courses import COURSE
from tests.student_kit.editors import pasted_into_a_new_notebook, through_colab_as_its_own

handin: Any = importlib.import_module("handin")  # a handout
NAMES = COURSE.names()
MARKS = submission.marks(COURSE)
WANTED = handin.notebooks_of(COURSE.source / "handin.json")

BY_NAME = {
    "Copy of 2-tanh.ipynb": "2-tanh",
    "Copy of Copy of 2-tanh.ipynb": "2-tanh",
    "2-tanh (1).ipynb": "2-tanh",
    "2-tanh-Copy1.ipynb": "2-tanh",
    "2_tanh.ipynb": "2-tanh",
    "2 tanh.ipynb": "2-tanh",
    "2-TANH.IPYNB": "2-tanh",
    "2-tanh.ipynb.txt": "2-tanh",
    "2-tanh.ipynb.json": "2-tanh",
    "2-tanh의 사본.ipynb": "2-tanh",
    "Copia de 2-tanh.ipynb": "2-tanh",
    "Copie de 2-tanh.ipynb": "2-tanh",
    "Kopie von 2-tanh.ipynb": "2-tanh",
    "Cópia de 2-tanh.ipynb": "2-tanh",
    "2-tanh.ipynb의 사본": "2-tanh",
    unicodedata.normalize("NFD", "2-tanh.ipynb의 사본"): "2-tanh",
    unicodedata.normalize("NFD", "홍길동2-tanh의 사본.ipynb"): "2-tanh",
    "“2-tanh.ipynb”的副本": "2-tanh",
    "「2-tanh.ipynb」的副本": "2-tanh",
    "2-tanh.ipynb のコピー": "2-tanh",
    "2-tanh.ipynb (1)": "2-tanh",
    "2-tanh.ipynb.txt (1)": "2-tanh",
    "2-tanh.ipynb (1).txt": "2-tanh",
    "2-tanh.ipynb - Copy": "2-tanh",
    "2-tanh.ipynb의 사본의 사본": "2-tanh",
    "２-tanh.ipynb": "2-tanh",
    "student_12_2-tanh_final.ipynb": "2-tanh",
    "deep-learning-3-4-svhn.ipynb": "4-svhn",
    "12-tanh.ipynb": None,
    "2-tanhs.ipynb": None,
    "Untitled.ipynb": None,
    "1-complexity and 2-tanh.ipynb": None,
}


def released(name: str) -> NotebookNode:
    return cells.read_notebook(COURSE.release / f"{name}.ipynb")


def find(files: Mapping[str, NotebookNode | bytes | None]) -> match_files.Found:
    """What is found among files; None is one that cannot be read."""

    def read(file: str) -> bytes:
        content = files[file]
        if content is None:
            raise Unreadable("It is a link.")
        return content if isinstance(content, bytes) else json.dumps(content).encode()

    return match_files.find(sorted(files), MARKS, read)


@pytest.mark.parametrize(("file", "name"), BY_NAME.items())
def test_by_name(file: str, name: str | None, tmp_path: Path) -> None:
    assert match_files.is_notebook(file)
    assert match_files.by_name(file, NAMES) == name
    (tmp_path / file).write_text("broken off")  # so that the name alone speaks
    assert handin.name_of(tmp_path / file, WANTED) == name


@pytest.mark.parametrize(
    "file",
    [
        "2-tanh.ipynb.part",
        "2-tanh.ipynb.crdownload",
        "2-tanh.ipynb.html",
        "2-tanh.ipynb.zip",
        "2-tanh.ipynbx",
        "2-tanh.html",
    ],
)
def test_another_end_is_no_notebook(file: str) -> None:
    assert not match_files.may_be_notebook(file, NAMES)
    assert not handin.is_notebook(file)


def test_the_longer_of_two_names_is_meant() -> None:
    names = ["tanh", "2-tanh", "과제"]
    assert match_files.by_name("2-tanh (1).ipynb", names) == "2-tanh"
    assert match_files.by_name("my tanh.ipynb", names) == "tanh"
    assert match_files.by_name("과제의 사본.ipynb", names) == "과제"


def test_a_file_that_lost_its_end_is_taken_if_its_cells_agree() -> None:
    for file in ("2-tanh", "2-tanh.json", "2-tanh (1).txt"):
        assert find({file: released("2-tanh")}) == match_files.Found({"2-tanh": file})
        assert find({file: b"what I think of it"}).files == {}
        assert find({file: released("3-backprop")}).files == {}
    assert find({"notes.txt": released("2-tanh")}).files == {}


def test_a_damaged_file_is_known_by_the_names_of_its_cells() -> None:
    broken_off = json.dumps(released("3-backprop")).encode()[:-40]
    assert match_files.match("work.ipynb", broken_off, MARKS).name == "3-backprop"
    look = match_files.match("2-tanh.ipynb", broken_off, MARKS)
    assert look.name is None
    assert look.doubt == '"2-tanh.ipynb" is named after 2-tanh, but holds the cells of 3-backprop'


@pytest.mark.parametrize("name", NAMES)
def test_by_content(name: str, tmp_path: Path) -> None:
    data = json.loads((COURSE.release / f"{name}.ipynb").read_bytes())
    for editor in (dict, through_colab_as_its_own, pasted_into_a_new_notebook):
        notebook = untrusted.parse(json.dumps(editor(data)).encode())
        assert match_files.by_content(notebook, MARKS) == name
    path = tmp_path / "Untitled3.ipynb"
    path.write_text(json.dumps(through_colab_as_its_own(data)))
    assert handin.name_of(path, WANTED) == name


def test_cells_copied_from_another_notebook_do_not_count_as_that() -> None:
    notebook = released("3-backprop")
    notebook.cells += [cell for cell in released("2-tanh").cells if "tanh" in cell.id][:3]
    assert match_files.by_content(notebook, MARKS) == "3-backprop"
    notebook.cells = released("2-tanh").cells + released("3-backprop").cells
    assert match_files.by_content(notebook, MARKS) is None
    notebook.cells = []
    assert match_files.by_content(notebook, MARKS) is None


def test_own_names_are_taken_as_they_are() -> None:
    files = {f"{name}.ipynb": None for name in NAMES}
    assert find(files) == match_files.Found({name: f"{name}.ipynb" for name in NAMES})
    assert find({**files, "2-tanh (1).ipynb": released("2-tanh")}).files["2-tanh"] == "2-tanh.ipynb"


def test_a_renamed_file_is_taken() -> None:
    for file in ("2-tanh (1).ipynb", "my work.ipynb"):
        assert find({file: released("2-tanh")}) == match_files.Found({"2-tanh": file})


def test_a_broken_file_is_taken_by_its_name_so_that_its_fault_is_told() -> None:
    assert find({"Copy of 2-tanh.ipynb": None}).files == {"2-tanh": "Copy of 2-tanh.ipynb"}
    assert find({"my work.ipynb": None}).files == {}


def test_two_equal_files_are_one() -> None:
    found = find({"2-tanh (1).ipynb": released("2-tanh"), "2-tanh (2).ipynb": released("2-tanh")})
    assert found == match_files.Found({"2-tanh": "2-tanh (1).ipynb"})


def test_two_different_files_are_a_doubt() -> None:
    other = released("2-tanh")
    other.cells[-1].source = "changed"
    found = find({"2-tanh (1).ipynb": released("2-tanh"), "2-tanh (2).ipynb": other})
    assert found.files == {}
    said = found.doubts["2-tanh"]
    assert said.startswith('There are "2-tanh (1).ipynb" and "2-tanh (2).ipynb", which differ;')
    assert said.endswith("name the right file 2-tanh.ipynb.")


def test_a_name_and_cells_that_disagree_are_a_doubt() -> None:
    found = find({"Copy of 2-tanh.ipynb": released("3-backprop")})
    assert found.files == {}
    assert set(found.doubts) == {"2-tanh", "3-backprop"}
    found = find({"Copy of 2-tanh.ipynb": released("3-backprop"), "2-tanh.ipynb": None})
    assert found.files == {"2-tanh": "2-tanh.ipynb"}
    assert set(found.doubts) == {"3-backprop"}


def test_a_notebook_of_something_else_is_a_doubt() -> None:
    empty = released("2-tanh")
    empty.cells = []
    found = find({"2-tanh notes.ipynb": empty})
    assert found.files == {}
    assert '"2-tanh notes.ipynb" holds no cell of 2-tanh' in found.doubts["2-tanh"]


def test_what_is_none_does_not_keep_the_right_one_out() -> None:
    empty = released("2-tanh")
    empty.cells = []
    right = {"Copy of 2-tanh.ipynb": released("2-tanh")}
    for other in (empty, released("3-backprop")):
        found = find({**right, "2-tanh notes.ipynb": other, "3-backprop.ipynb": None})
        assert found.files["2-tanh"] == "Copy of 2-tanh.ipynb"
        assert found.doubts == {}
    found = find({**right, "3-backprop (1).ipynb": released("2-tanh")})  # which one is it?
    assert found.files == {}
    assert set(found.doubts) == {"2-tanh", "3-backprop"}


def test_a_name_is_shown_on_one_line() -> None:
    assert match_files.shown("2-tanh\n\x1b[31m<b>`.ipynb") == '"2-tanh??[31m?b??.ipynb"'.replace(
        "[", "?"
    )
    assert len(match_files.shown("x" * 300)) == 82


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    course = replace(COURSE, root=tmp_path)
    directory = course.submitted / "links" / "deep-learning-3"
    directory.mkdir(parents=True)
    (directory / "my work.ipynb").symlink_to(COURSE.release / "2-tanh.ipynb")
    assert submission.find_submission(course, "links", MARKS).found.files == {}
