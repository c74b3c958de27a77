"""The tables of docs/teaching.md are counted from the bank, and every wrong answer counts once."""

import shutil
from pathlib import Path

import pytest

from grader.authors.bank import answers
from grader.authors.exercises import slips
from grader.basics.errors import UserError
from grader.course.directory import Course
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT, COURSE, run_course

PAGE = slips.page_of(COURSE).read_text(encoding="utf-8")


@pytest.fixture
def copied(tmp_path: Path) -> Course:
    """The bank and the page in a course that a test may change."""
    for name in ("answers", "docs", "source"):
        shutil.copytree(COURSE.root / name, tmp_path / name)
    shutil.copy(COURSE.config, tmp_path)
    return Course(tmp_path, ASSIGNMENT)


def change(course: Course, old: str, new: str) -> None:
    path = course.answers / "slips.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_page_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert slips.run(COURSE, check=True) == 0, capsys.readouterr().out


def test_every_wrong_answer_counts_once() -> None:
    counted = [
        answer.id for kinds in slips.read(COURSE).values() for k in kinds for answer in k.answers
    ]
    wrong = [answer.id for answer in answers.read_all(COURSE) if answer.kind == "wrong"]
    assert sorted(counted) == sorted(wrong)


@pytest.mark.parametrize(
    ("notebook", "cell"),
    [(name, cell.grade_id) for name, cells in CONTRACT.items() for cell in cells],
)
def test_every_graded_cell_has_its_place(notebook: str, cell: str) -> None:
    """A table for every cell in which a slip is made or caught; a section for what people grade."""
    kind = next(each.kind for each in CONTRACT[notebook] if each.grade_id == cell)
    if kind == "solution":
        assert f"<!-- slips: {notebook}/{cell} -->" in PAGE
    elif kind == "test":
        assert f"| `{notebook}` | `{cell}` |" in PAGE
    else:
        number = {"explain-complexity": "1.4", "explain-backprop": "3.3"}[cell]
        assert f"### {number} Explain it (graded by a person)" in PAGE


def test_a_new_answer_changes_the_counts(copied: Course) -> None:
    text = (copied.answers / "2-tanh/wrong/rounded.py").read_text(encoding="utf-8")
    (copied.answers / "2-tanh/wrong/rounded-to-five.py").write_text(
        text.replace("four digits", "five digits"), encoding="utf-8"
    )
    done = run_course(copied, "slips")
    assert done.returncode == 2
    assert "has no kind for 2-tanh/wrong/rounded-to-five" in done.stderr

    change(
        copied,
        '    "clipped-at-ten", "rounded", ',
        '    "clipped-at-ten", "rounded", "rounded-to-five", ',
    )
    assert slips.run(copied, check=True) == 1
    assert slips.page_of(copied).read_text(encoding="utf-8") == PAGE  # a check writes nothing
    assert slips.run(copied, check=False) == 0
    new = slips.page_of(copied).read_text(encoding="utf-8")
    row = next(line for line in new.splitlines() if line.startswith("| Values are cut off or"))
    assert "| 6 of 84 |" in row
    assert slips.run(copied, check=True) == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["epochs-as-float"]', '["five-epochs"]', "five-epochs is in another kind already"),
        (
            '["epochs-as-float"]',
            '["no-such-slip"]',
            "there is no answers/deep-learning-3/4-svhn/wrong/no-such-slip",
        ),
        ('["epochs-as-float"]', '["raw-pixels"]', "raw-pixels does not fill in epochs"),
        ('answers = ["epochs-as-float"]', "", "a kind has exactly these lines"),
        (
            '[["4-svhn/epochs"]]\nslip = "Another',
            '[["4-svhn/epoch"]]\nslip = "Another',
            "no such cell",
        ),
        ('slip = "A number with a point"', "slip =", "is no TOML"),
    ],
)
def test_what_is_not_right_is_said(copied: Course, old: str, new: str, said: str) -> None:
    change(copied, old, new)
    with pytest.raises(UserError, match=said):
        slips.read(copied)


@pytest.mark.parametrize(
    "mark", ["<!-- slips: 2-tanh/training-loop -->\n", "<!-- slips: all -->\n"]
)
def test_a_table_without_a_place_is_said(copied: Course, mark: str) -> None:
    path = slips.page_of(copied)
    path.write_text(PAGE.replace(mark, ""), encoding="utf-8")
    with pytest.raises(UserError, match="there are 0"):
        slips.run(copied, check=False)
