"""Work that is not as asked for is graded, shown to the person who grades, or told of.

By the commands, on one class: unusual names and files, answers in other cells, other machines.
"""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from grader.course.directory import Course
from grader.course.editions import Editions
from grader.instructors.grading.autograde import read_task
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in, run_course

NAME = "1-complexity"
ANSWER = "explain-complexity"
UNFILLED = "*YOUR ANSWER HERE: replace this line.*"
SAID = "There are twice as many parameters, and each pass through the network gets twice as long."
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def folder(course: Course, student: str) -> Path:
    path = course.submitted / student / ASSIGNMENT
    path.mkdir(parents=True, exist_ok=True)
    return path


def answered_in(course: Course, cell: NotebookNode, at_the_end: bool = False) -> NotebookNode:
    """A notebook whose answer stands in another cell."""
    notebook = filled_in(course, NAME, **{ANSWER: UNFILLED})
    place = [cells.grade_id(each) for each in notebook.cells].index(ANSWER)
    notebook.cells.insert(len(notebook.cells) if at_the_end else place + 1, cell)
    return notebook


def with_first_line(course: Course, line: str) -> NotebookNode:
    """A notebook with a line above its first solution."""
    notebook = filled_in(course, NAME)
    solution = cells.by_grade_id(notebook)["parameter-count"]
    solution.source = f"{line}\n{solution.source}"
    return notebook


@pytest.fixture(scope="module")
def class_(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = copy_of(released, tmp_path_factory.mktemp("unusual") / "course")
    right = json.dumps(filled_in(course, NAME))
    (folder(course, "copied-in-korean") / f"{NAME}.ipynb의 사본").write_text(right)
    (folder(course, "archive-alone") / "work.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    (folder(course, "half-a-download") / f"{NAME}.ipynb.crdownload").write_text(right[:99])
    hand_in(course, "page-for-a-notebook", NAME, "<!DOCTYPE html><title>at main</title>")
    (folder(course, "saved-as-cp949") / f"{NAME}.ipynb").write_bytes(
        json.dumps(
            filled_in(course, NAME, **{ANSWER: "네 배로 늘어납니다"}), ensure_ascii=False
        ).encode("euc-kr", "ignore")
    )
    code = nbformat.v4.new_code_cell(f'"""{SAID}"""')
    hand_in(course, "answer-in-code", NAME, answered_in(course, code))
    comment = nbformat.v4.new_code_cell(f"# {SAID}")
    hand_in(course, "answer-at-the-end", NAME, answered_in(course, comment, at_the_end=True))
    raw = nbformat.v4.new_raw_cell(SAID)
    hand_in(course, "answer-in-raw", NAME, answered_in(course, raw))
    scratch = nbformat.v4.new_code_cell("# depth 10\nn = parameter_count(10, 32, 10, 2)\nprint(n)")
    hand_in(course, "scratch-beside", NAME, answered_in(course, scratch))
    lost = filled_in(course, NAME, **{ANSWER: UNFILLED})
    cells.by_grade_id(lost)["see-the-growth"].source += f"\n# {SAID}"
    hand_in(course, "answer-in-a-given-cell", NAME, lost)
    for student in ("needs-a-package", "needs-it-too"):
        hand_in(course, student, NAME, with_first_line(course, "import pandas as pd"))
    hand_in(course, "asks", NAME, with_first_line(course, "n = input('How many?')"))
    hand_in(course, "unknown-magic", NAME, with_first_line(course, "%tensorflow_version 2.x"))
    hand_in(course, "own-error", NAME, with_first_line(course, "undefined_name"))
    photo = filled_in(course, NAME, **{ANSWER: "![](IMG_2041.png) ![](lost.png)"})
    hand_in(course, "photo-beside", NAME, photo)
    (folder(course, "photo-beside") / "IMG_2041.png").write_bytes(PNG)
    hand_in(course, "pasted-in-cocalc", NAME, filled_in(course, NAME))
    upload = folder(course, "pasted-in-cocalc") / f".{NAME}.ipynb.upload"
    upload.mkdir()
    (upload / "paste-0.8213").write_bytes(PNG)
    hand_in(course, "came-yesterday", NAME, filled_in(course, NAME))
    (folder(course, "came-yesterday") / "timestamp.txt").write_text("yesterday")
    released_one = (course.release / f"{NAME}.ipynb").read_text(encoding="utf-8")
    half = json.dumps(filled_in(course, NAME, **{ANSWER: UNFILLED}))
    for student, graded, beside in (
        ("worked-in-a-copy", released_one, right),
        ("finished-in-a-copy", half, right),
        ("download-left-beside", right, released_one),
        ("older-state-beside", right, half),
        ("same-work-twice", right, right.replace("\\n", "\\n\\n")),
    ):
        hand_in(course, student, NAME, graded)
        (folder(course, student) / f"Copy of {NAME}.ipynb").write_text(beside, encoding="utf-8")
    (course.submitted / ".hidden-student" / ASSIGNMENT).mkdir(parents=True)
    (course.submitted / ".ipynb_checkpoints").mkdir()
    done = run_course(course, "grade")
    assert done.returncode == 1, done.stderr
    (course.root / "printed.txt").write_text(" ".join(done.stdout.split()), encoding="utf-8")
    return course


@pytest.fixture
def printed(class_: Course) -> str:
    return (class_.root / "printed.txt").read_text(encoding="utf-8")


def page_of(course: Course, student: str) -> str:
    return (course.feedback / student / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("student", ["copied-in-korean", "saved-as-cp949"])
def test_work_in_an_unusual_form_is_graded(student: str, printed: str) -> None:
    assert f"{student} 9 9 1 cell" in printed


@pytest.mark.parametrize(
    "said",
    [
        f'archive-alone, {NAME}: There is no {NAME}.ipynb, but "work.7z", which is no notebook',
        f'half-a-download, {NAME}: There is no {NAME}.ipynb, but "{NAME}.ipynb.crdownload"',
        f"page-for-a-notebook, {NAME}: The file is a web page (HTML)",
        f"answer-in-code, {NAME}: The answer {ANSWER} is not filled in, but text stands in a cell "
        "of the student's own beside it",
        f"answer-in-raw, {NAME}: The answer {ANSWER} is not filled in, but text stands in a cell",
        f"answer-at-the-end, {NAME}: The answer {ANSWER} is not filled in, but text stands in",
        f"answer-in-a-given-cell, {NAME}: The answer {ANSWER} is not filled in, but text was added "
        "to see-the-growth",
        f"needs-a-package, {NAME}: The cell parameter-count stopped with ModuleNotFoundError: No "
        "module named 'pandas'",
        f"asks, {NAME}: The cell parameter-count stopped with StdinNotImplementedError",
        f"unknown-magic, {NAME}: The cell parameter-count stopped with UsageError: Line magic",
        f"photo-beside, {NAME}: Handed in beside the notebook, and perhaps part of an answer: "
        f'"submitted/photo-beside/{ASSIGNMENT}/IMG_2041.png"',
        f"/.{NAME}.ipynb.upload/paste-0.8213",
        f'came-yesterday, {NAME}: timestamp.txt: "yesterday" is no plain time. Write it so: '
        "2026-11-20 23:59. Until then the work does not count as late.",
        f'worked-in-a-copy, {NAME}: "Copy of {NAME}.ipynb" is not graded, but it is {NAME}, too, '
        f'and has answers: "{NAME}.ipynb", which is graded, is as it was released there.',
        f'finished-in-a-copy, {NAME}: "Copy of {NAME}.ipynb" is not graded, but it is {NAME}, too, '
        f'and has answers: "{NAME}.ipynb", which is graded, has other ones.',
        "submitted/.hidden-student begins with a dot, so nothing in it is graded.",
    ],
)
def test_it_is_told(said: str, printed: str) -> None:
    assert said in printed


@pytest.mark.parametrize(
    "student",
    [
        *("scratch-beside", "own-error", "copied-in-korean"),
        *("download-left-beside", "older-state-beside", "same-work-twice"),
    ],
)
def test_an_ordinary_notebook_needs_no_attention(student: str, printed: str) -> None:
    assert f"{student}, {NAME}:" not in printed.split("What went wrong")[1]


def test_another_copy_is_another_work(class_: Course, tmp_path: Path) -> None:
    course = copy_of(class_, tmp_path / "course")
    before, same = (
        read_task(course, "", "worked-in-a-copy", NAME, Editions(course)) for _ in range(2)
    )
    assert before.fingerprint == same.fingerprint
    copy = folder(course, "worked-in-a-copy") / f"Copy of {NAME}.ipynb"
    copy.write_bytes(copy.read_bytes() + b" ")
    after = read_task(course, "", "worked-in-a-copy", NAME, Editions(course))
    assert before.fingerprint != after.fingerprint


def test_litter_is_not_told_of(printed: str) -> None:
    assert ".ipynb_checkpoints" not in printed


def test_the_page_leads_with_what_stopped_the_notebook(class_: Course) -> None:
    for student, error, why in (
        ("needs-a-package", "ModuleNotFoundError: No module named", "is not there where it is"),
        ("own-error", "NameError: name", "may have failed because of that"),
    ):
        page = page_of(class_, student)
        look = page[page.index("What to look at") :]
        assert "The cell parameter-count stopped with" in look
        assert look.index(error) < look.index("Not passed")
        assert why in look
    assert "may have run for you" not in page_of(class_, "own-error")


def test_the_page_of_a_file_that_is_no_notebook_says_what_to_do(class_: Course) -> None:
    page = page_of(class_, "page-for-a-notebook")
    assert "download the notebook itself" in page
    assert "If it opens and holds your work" not in page


def test_the_explanations_show_what_stands_elsewhere_and_beside(class_: Course) -> None:
    done = run_course(class_, "explanations")
    assert done.returncode == 0, done.stderr
    page = (class_.root / "explanations.html").read_text(encoding="utf-8")
    table = (class_.root / "explanations.csv").read_text(encoding="utf-8-sig")
    for student in ("answer-in-code", "answer-in-raw", "answer-at-the-end"):
        assert any("elsewhere-" in line and student in line for line in table.splitlines())
    assert not any("elsewhere-" in line and "scratch" in line for line in table.splitlines())
    assert page.count(SAID) >= 4  # that of the given cell, too
    assert f"submitted/photo-beside/{ASSIGNMENT}/IMG_2041.png" in page
    assert "its picture lost.png was not handed in" in page
    assert "data:image/png;base64,iVBOR" in page
    assert f".{NAME}.ipynb.upload/paste-0.8213" in page


def test_the_page_says_that_the_teacher_knows_of_text_in_another_cell(class_: Course) -> None:
    told = "Text stands in another cell; your teacher has been told."
    assert told in page_of(class_, "answer-in-code")
    assert told not in page_of(class_, "scratch-beside")


def test_as_many_need_attention_as_are_told_of(class_: Course, tmp_path: Path) -> None:
    course = copy_of(class_, tmp_path / "course")
    shutil.rmtree(course.submitted / "asks")
    done = run_course(course, "grade")
    listed = done.stdout.split("What went wrong")[1].split("Where to look next")[0]
    lines = [line for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert f", {len(lines)} in need of attention" in done.stdout
    assert not any(line.startswith("  asks,") for line in lines)


def test_the_report_counts_those_that_stopped_for_one_reason(class_: Course) -> None:
    done = run_course(class_, "report")
    assert done.returncode == 0, done.stderr
    (path,) = (class_.root / "report").glob("stopped.csv")
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert any("pandas" in row and ",2," in row for row in rows)
