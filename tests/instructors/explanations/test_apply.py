"""What a person decided is written whole or not at all, and nothing of theirs is lost."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader import api

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.course.lock import alone, is_taken
from grader.gradebook.manual import ManualGradeChange
from grader.instructors.explanations import answers as read
from grader.instructors.explanations import command, group, sheet
from grader.instructors.explanations.command import Options
from grader.instructors.report import command as report
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, penalise
from tests.gradebook.rows import rows as rows_of
from tests.instructors.explanations import making
from tests.instructors.explanations.making import (
    CELL,
    NAME,
    STUB,
    answers,
    grade,
    released,
    standings,
)

FOUR = "Twice as many passes, each twice as long: 4 times."
CLASS = {
    "four": FOUR,
    "four-again": f"{FOUR}!",
    "=four(2)": FOUR.replace("each", "each one"),
    "two": "파라미터가 두 배라서 2배",
    "untouched": STUB,
    "blank": " \n",
}


@pytest.fixture(scope="module")
def graded(known: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = making.copied(known, tmp_path_factory.mktemp("graded"))
    grade(course, CLASS)
    return course


@pytest.fixture
def course(graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A class that a test may change; nbgrader changes the directory and the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    return making.copied(graded, tmp_path)


def table(course: Course) -> list[dict[str, str]]:
    """The table that `course explanations` writes."""
    assert command.run(course, Options()) == 0
    text = (course.root / sheet.NAME).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fill(table: list[dict[str, str]], who: str, **values: str) -> None:
    """Fill in the row of a student, or of a group."""
    rows = [row for row in table if who in (row["student"].lstrip("'"), f"group {row['group']}")]
    row = next(row for row in rows if row["student"] or who.startswith("group "))
    row.update(values)


def save(course: Course, table: list[dict[str, str]], **dialect: Any) -> Path:
    path = course.root / "filled.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), **dialect)
        writer.writeheader()
        writer.writerows(table)
    return path


def apply(course: Course, table: list[dict[str, str]], **options: Any) -> int:
    return command.run(course, Options(apply=save(course, table), **options))


def given(course: Course) -> dict[str, tuple[float | None, str, bool]]:
    found = standings(course)
    return {name: (each.points, each.comment, each.waits) for name, each in found.items()}


# The groups


def test_each_answer_is_where_it_belongs(course: Course) -> None:
    notebook = released(course, "")
    notebook.cells = [cell for cell in notebook.cells if cell.id != CELL]
    lost = released(course, STUB)
    lost.cells.append(nbformat.v4.new_markdown_cell("Here: 4 times."))
    picture = released(course, "See ![](attachment:a.png)")
    cells.by_grade_id(picture)[CELL]["attachments"] = {"a.png": {"image/png": "AAAA"}}
    more = {
        "deleted": notebook,
        "answers-elsewhere": lost,
        "picture": picture,
        "the-same-picture": picture,
        "stub-left": f"{STUB}\n\n{FOUR}",
        "writes-much": "word " * 5_000,
        "half-a-character": "\ud800 4",
        "other-text-with-a-hash": "# 4 times",
    }
    grade(course, more)
    found = answers(course)
    made = {one.label: [each.student for each in one.answers] for one in group.groups(found)}
    assert sorted(made.pop("1")) == ["=four(2)", "four", "four-again", "stub-left"]
    numbers = [label for label in made if label.isdigit()]
    assert sorted(made.pop(label)[0] for label in numbers) == [
        "half-a-character",
        "other-text-with-a-hash",
        "two",
    ]
    assert made == {
        "picture-1": ["picture"],
        "picture-2": ["the-same-picture"],
        "long-1": ["writes-much"],
        "elsewhere-1": ["answers-elsewhere"],
        "empty": ["blank"],
        "unchanged": ["untouched"],
        "deleted": ["deleted"],
    }
    notes = {each.student: each.notes for each in found.answers}
    assert notes["stub-left"] == (read.STUB_LEFT,)
    assert notes["answers-elsewhere"] == ("the cell is unchanged",)


def test_the_groups_do_not_depend_on_who_comes_first(course: Course) -> None:
    found = answers(course)
    turned = replace(found, answers=tuple(reversed(found.answers)))
    assert group.groups(turned) == group.groups(found)


def test_nobody_gets_points_without_a_decision(course: Course) -> None:
    before = rows_of(course)
    made = table(course)
    assert not any(row["points"] or row["comment"] for row in made)
    with pytest.raises(UserError, match="gives no points and no comments"):
        apply(course, made)
    assert rows_of(course) == before


# Applying


def test_a_group_gets_what_a_person_gave_it(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6", comment="Both parts, and why.\nGood.")
    fill(made, "four-again", points="5,5")
    fill(made, "group unchanged", points="0", comment="Nothing was written.")
    capsys.readouterr()
    before = rows_of(course)
    assert apply(course, made, dry_run=True) == 0
    assert "Would be written: 4 answers. Nothing was." in capsys.readouterr().out
    assert rows_of(course) == before
    assert apply(course, made) == 0
    said = "Both parts, and why.\nGood."
    assert given(course) == {
        "four": (6, said, False),
        "=four(2)": (6, said, False),
        "four-again": (5.5, said, False),
        "two": (None, "", True),
        "untouched": (0, "Nothing was written.", False),
        "blank": (None, "", True),
    }
    # Nothing but these rows has changed.
    after = rows_of(course)
    for name in before.keys() - {"grade", "comment"}:
        assert after[name] == before[name]
    assert (
        "6 points, comment 'Both parts, and why. Good.': =four(2), four" in capsys.readouterr().out
    )
    assert apply(course, made) == 0
    assert "Written: 0 answers; 4 had it already." in capsys.readouterr().out


def test_a_comment_alone_leaves_the_answer_waiting(course: Course) -> None:
    made = table(course)
    fill(made, "two", comment="왜?")
    assert apply(course, made) == 0
    assert given(course)["two"] == (None, "왜?", True)


@pytest.mark.parametrize(
    "dialect", [{"delimiter": ";"}, {"delimiter": "\t"}, {"lineterminator": "\n"}]
)
def test_tables_of_other_spreadsheets_are_read(course: Course, dialect: dict[str, str]) -> None:
    made = table(course)
    fill(made, "two", points="1,5", comment="a; b, c")
    assert command.run(course, Options(apply=save(course, made, **dialect))) == 0
    assert given(course)["two"] == (1.5, "a; b, c", False)


def test_a_name_that_a_spreadsheet_took_for_a_number_is_known(course: Course) -> None:
    grade(course, {"007": "Thrice", "70": "Ten times"})
    made = table(course)
    fill(made, "007", student="7", points="1")
    fill(made, "70", points="2")
    assert apply(course, made) == 0
    assert (given(course)["007"][0], given(course)["70"][0]) == (1, 2)


def test_rows_may_be_sorted_removed_and_moved_to_another_group(course: Course) -> None:
    made = [row for row in table(course) if row["student"] != "four-again"]
    fill(made, "group 1", points="6")
    fill(made, "two", group="1")
    assert apply(course, made[::-1]) == 0
    points = {name: each[0] for name, each in given(course).items()}
    assert points == {
        **{"four": 6, "=four(2)": 6, "two": 6},
        **{"four-again": None, "untouched": None, "blank": None},
    }


@pytest.mark.parametrize(
    ("who", "values", "said"),
    [
        ("four", {"points": "6.5"}, "6.5 points are not between 0 and 6"),
        ("four", {"points": "-1"}, "-1 points are not between 0 and 6"),
        ("four", {"points": "nan"}, "'nan' is no number of points"),
        ("four", {"points": "six"}, "'six' is no number of points"),
        ("group 1", {"points": "60"}, "60 points are not between 0 and 6"),
        ("four", {"student": "nobody"}, "there is no student nobody"),
        ("four", {"student": "two"}, "two is there 2 times"),
        ("four", {"exercise": "explain-nothing"}, "there is no exercise explain-nothing"),
        ("group 1", {"points": "6", "group": "77"}, "no row has a student of the group 77"),
        ("group 1", {"group": "2"}, "the group 2 is there twice"),
        ("group 1", {"group": ""}, "it names neither a student nor a group"),
    ],
)
def test_one_bad_row_and_nothing_is_written(
    course: Course, who: str, values: dict[str, str], said: str
) -> None:
    made = table(course)
    fill(made, "blank", points="0")
    fill(made, who, **values)
    before = rows_of(course)
    with pytest.raises(UserError, match=r"nothing was written\.\n  line \d+: ") as caught:
        apply(course, made)
    assert said in str(caught.value)
    assert rows_of(course) == before


def test_an_answer_that_changed_since_is_left_out_and_the_others_get_theirs(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6", comment="Good.")
    grade(course, {"four": "I take it back."})
    line = 2 + next(n for n, row in enumerate(made) if row["student"] == "four")
    capsys.readouterr()
    for dry_run in (True, False):
        assert apply(course, made, dry_run=dry_run) == 1
        out = capsys.readouterr().out
        assert f"line {line}: four, {CELL}: 6 points, comment 'Good.'" in out
        assert "make a new table: course explanations" in out
    assert given(course)["four"] == (None, "", True)
    assert given(course)["four-again"] == given(course)["=four(2)"] == (6, "Good.", False)
    assert apply(course, made, replace=True) == 1
    assert given(course)["four"] == (None, "", True)


def test_who_has_no_work_that_can_be_read_any_more_holds_up_nobody(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6")
    for student in ("four", "two"):  # nothing was decided on the second
        (course.autograded / student / ASSIGNMENT / f"{NAME}.ipynb").unlink()
    assert apply(course, made) == 1
    out = capsys.readouterr().out
    assert f"four, {CELL}: 6 points" in out and "two" not in out
    assert given(course)["four"][0] is None and given(course)["four-again"][0] == 6
    assert answers(course).without == ("four", "two")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("学生".encode("shift_jis"), "is not in UTF-8. Save it as CSV (UTF-8)"),
        ("학생".encode("cp949"), "has no column notebook, exercise"),
        (b"", "has no column notebook, exercise"),
        (b"student,points\r\nfour,6\r\n", "has no column notebook"),
        (b"PK\x03\x04\x00\xff", "is an Excel file"),
    ],
)
def test_what_is_no_table_is_told(course: Course, content: bytes, said: str) -> None:
    path = course.root / "filled.csv"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        command.run(course, Options(apply=path))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1,5,,", "it has more cells than the first line"),
        ("5,Good, but short,", "it has more cells than the first line"),
        ('5,"Good" start,', "this is no row of a CSV file"),
        ('5,"Good,', "this is no row of a CSV file"),
    ],
)
@pytest.mark.parametrize("student", ["", "four"])
def test_what_was_typed_without_a_spreadsheet_is_not_misread(
    course: Course, typed: str, said: str, student: str
) -> None:
    """A comma too many would give other points, an open quotation mark hide all rows below."""
    made = table(course)
    path = save(course, [{name: row[name] for name in list(row)[:7]} for row in made])
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    start = f"{NAME},{CELL},1,{student},"
    number = next(n for n, line in enumerate(lines) if line.startswith(start))
    fingerprint = lines[number].rpartition(",")[2]
    lines[number] = f"{start}{typed}{fingerprint}"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match=rf"line {number + 1}: {said}"):
        command.run(course, Options(apply=path))


def test_a_table_that_is_not_there_is_told(course: Course) -> None:
    with pytest.raises(UserError, match=r"nothing\.csv is missing"):
        command.run(course, Options(apply=course.root / "nothing.csv"))


# What a person gave before


def give(course: Course, student: str, points: float | None, comment: str | None) -> None:
    """What the formgrader writes."""
    recorder = making.recorder_of(course)
    try:
        recorder.update_manual_grades(
            ASSIGNMENT,
            lambda there: [
                ManualGradeChange(each, "", points, comment)
                for each in there
                if each.student == student
            ],
        )
    finally:
        recorder.close()


def test_late_work_loses_the_points_of_its_explanation_when_they_are_written(
    course: Course,
) -> None:
    penalise(course, "four", 100)
    with api.Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = datetime(2030, 1, 1)
        for student in ("four", "two"):
            gradebook.find_submission(ASSIGNMENT, student).timestamp = datetime(2030, 1, 2)
        gradebook.db.commit()
    made = table(course)
    for who in ("group 1", "group 2"):
        fill(made, who, points="6")
    assert apply(course, made) == 0
    lost = {row[0]: row[3] for row in rows_of(course)["submitted_notebook"] if row[1] == NAME}
    assert lost == {**dict.fromkeys(CLASS), "four": 6}


def test_points_that_a_person_gave_meanwhile_stay_unless_told(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6", comment="By the group.")
    give(course, "four", 4, "By hand.")
    give(course, "four-again", None, "By hand, too.")
    assert apply(course, made) == 1
    assert given(course)["four"] == (4, "By hand.", False)
    assert given(course)["four-again"] == (6, "By hand, too.", False)
    assert given(course)["=four(2)"] == (6, "By the group.", False)
    out = capsys.readouterr().out
    assert "four, explain-complexity: has 4 points, not 6" in out
    assert "four-again, explain-complexity: has the comment 'By hand, too.'" in out
    assert apply(course, made, replace=True) == 0
    assert "6 points in place of 4, comment 'By the group.': four" in capsys.readouterr().out
    assert {given(course)[name] for name in ("four", "four-again")} == {(6, "By the group.", False)}


def test_after_grading_again_points_are_confirmed_where_the_answer_is_the_same(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6", comment="Good.")
    assert apply(course, made) == 0
    grade(course, {**CLASS, "four-again": "Something else."})
    assert {each for name, each in given(course).items() if "four" in name} == {(6, "Good.", True)}
    notes = {each.student: each.notes for each in answers(course).answers if each.notes}
    same = ("graded again since the points were given; the answer is the same",)
    other = ("graded again since the points were given; they may be for another answer",)
    assert notes == {"four": same, "=four(2)": same, "four-again": other}
    capsys.readouterr()
    assert command.run(course, Options(confirm=True)) == 1
    out = capsys.readouterr().out
    assert "6 points (again): =four(2), four" in out
    assert "four-again, explain-complexity: may be another answer now" in out
    waits = {name for name, each in given(course).items() if each[2]}
    assert waits == {"four-again", "two", "blank"}


# The table that is there when a new one is made


def fill_in_place(course: Course, made: list[dict[str, str]]) -> Path:
    """Fill in the table where it lies, as with a spreadsheet."""
    path = course.root / sheet.NAME
    path.write_bytes(save(course, made).read_bytes())
    return path


def put_aside(course: Course) -> list[Path]:
    return sorted(course.root.glob("explanations-*.csv"))


def test_decisions_that_were_never_applied_are_put_aside_and_can_be_applied(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "two", points="2")
    filled = fill_in_place(course, made).read_bytes()
    capsys.readouterr()
    assert not any(row["points"] for row in table(course))
    (kept,) = put_aside(course)
    assert kept.read_bytes() == filled
    out = capsys.readouterr().out
    assert f"It is {kept.name} now" in out
    assert f"1 never applied; to apply: course explanations --apply {kept.name}" in out
    assert command.run(course, Options(apply=kept)) == 0
    assert {row["points now"] for row in table(course) if row["student"] == "two"} == {"2"}
    assert put_aside(course) == [kept]


def test_a_table_with_mistakes_is_put_aside_too(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "two", points="many")
    filled = fill_in_place(course, made).read_bytes()
    table(course)
    (kept,) = put_aside(course)
    assert kept.read_bytes() == filled
    out = capsys.readouterr().out
    assert f"mistakes; this tells which: course explanations --apply {kept.name}" in out
    with pytest.raises(UserError, match="'many' is no number of points\nMend these lines, or"):
        command.run(course, Options(apply=kept))


def test_two_tables_of_the_same_second_are_both_kept(course: Course) -> None:
    made = table(course)
    for points in ("1", "2", "3"):
        fill(made, "two", points=points)
        fill_in_place(course, made)
        table(course)
    assert len(put_aside(course)) == 3


def test_after_a_resubmission_the_next_table_comes(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6")
    path = fill_in_place(course, made)
    grade(course, {"four": "I take it back."})
    assert command.run(course, Options(apply=path)) == 1
    capsys.readouterr()
    fresh = table(course)
    out = capsys.readouterr().out
    assert "1 on an answer that is another now; decide on that in the new table" in out
    assert "never applied" not in out
    assert len(put_aside(course)) == 1
    fill(fresh, "four", points="1")
    assert command.run(course, Options(apply=fill_in_place(course, fresh))) == 0
    assert given(course)["four"] == (1, "", False)
    table(course)
    assert len(put_aside(course)) == 1


def test_after_points_were_left_as_a_person_gave_them_the_next_table_comes(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    made = table(course)
    fill(made, "group 1", points="6")
    path = fill_in_place(course, made)
    give(course, "four", 4, None)
    assert command.run(course, Options(apply=path)) == 1
    table(course)
    (kept,) = put_aside(course)
    replacing = f"course explanations --apply {kept.name} --replace"
    assert f"1 left, for a person gave other; to change that: {replacing}" in (
        capsys.readouterr().out
    )
    assert command.run(course, Options(apply=kept, replace=True)) == 0
    assert given(course)["four"] == (6, "", False)


def test_a_table_whose_decisions_are_all_given_is_written_over(course: Course) -> None:
    made = table(course)
    fill(made, "group 1", points="6", comment="Good.")
    assert command.run(course, Options(apply=fill_in_place(course, made))) == 0
    grade(course, {**CLASS, "four": "Something else."})  # all wait again
    table(course)
    assert put_aside(course) == []


def test_the_same_points_for_a_new_answer_are_a_decision_that_is_kept(course: Course) -> None:
    made = table(course)
    fill(made, "two", points="2")
    assert command.run(course, Options(apply=fill_in_place(course, made))) == 0
    grade(course, {"two": "Something else."})
    made = table(course)
    fill(made, "two", points="2")
    fill_in_place(course, made)
    table(course)
    (kept,) = put_aside(course)
    assert command.run(course, Options(apply=kept)) == 0
    assert given(course)["two"] == (2, "", False)


def test_a_spreadsheet_computes_nothing_of_a_students(course: Course) -> None:
    grade(course, {"two": "=HYPERLINK(1)", "four": "+4"})
    shown = [value for row in table(course) for value in row.values()]
    assert "'=HYPERLINK(1)" in shown and "'+4" in shown and "'=four(2)" in shown
    assert not any(value.startswith(("=", "+", "@", "-")) for value in shown)


@pytest.mark.parametrize(
    "options",
    [Options(dry_run=True), Options(replace=True), Options(confirm=True, replace=True)],
)
def test_options_without_effect_are_refused(course: Course, options: Options) -> None:
    before = sorted(course.root.iterdir())
    with pytest.raises(UserError, match=r"--apply FILE|replaces none"):
        command.run(course, options)
    assert sorted(course.root.iterdir()) == before


def test_without_a_class_it_says_what_to_do(
    known: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    course = making.copied(known, tmp_path)
    with pytest.raises(UserError, match="Grade the class first: course grade"):
        command.run(course, Options())
    course.gradebook.unlink()
    with pytest.raises(UserError, match="Grade the class first: course grade"):
        command.run(course, Options())
    assert not course.gradebook.exists()


def test_another_run_is_waited_for(course: Course) -> None:
    made = table(course)
    fill(made, "two", points="2")
    with alone(course), pytest.raises(UserError, match="Another run is grading"):
        apply(course, made)


def test_what_is_read_while_a_run_grades_says_that_it_is_not_all(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "A run is grading this course now"
    with alone(course):
        table(course)
        assert said in capsys.readouterr().err
        assert report.run(course, None) == 0
        assert said in capsys.readouterr().err
    table(course)
    assert report.run(course, None) == 0
    assert said not in capsys.readouterr().err


def test_a_look_at_the_lock_leaves_it_free(course: Course) -> None:
    assert not is_taken(course)
    with alone(course):
        assert is_taken(course) and is_taken(course)
    assert not is_taken(course)
