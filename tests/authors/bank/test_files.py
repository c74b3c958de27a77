"""The bank as files: how they are read, what is wrong with one, and what all of them must show."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authors.bank import answers
from grader.authors.bank.graded import Graded
from grader.authors.proof import scores
from grader.basics.errors import UserError
from grader.course.directory import Course
from tests.authors.bank import share
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT, COURSE

# All of them


def test_the_bank_is_large_enough() -> None:
    kinds = [answer.kind for name in CONTRACT for answer in share.answers_to(name)]
    assert kinds.count("right") >= 50
    assert kinds.count("wrong") >= 150


@pytest.mark.parametrize(
    ("notebook", "cell"),
    [(name, c.grade_id) for name, cells in CONTRACT.items() for c in cells if c.kind == "test"],
)
def test_each_test_cell_has_a_wrong_answer_that_is_run_so_far(notebook: str, cell: str) -> None:
    """That these answers fail it in truth is for the tests that grade them."""
    full = answers.full_scores(COURSE, notebook)[cell]
    for number in range(50):
        commit, found = f"commit {number}", []
        for answer in share.answers_to(notebook):
            scores = share.scores_until(answer, share.last_test(answer, commit))
            if share.takes_its_turn(answer, commit) and scores.get(cell, full) < full:
                found.append(answer.id)
        assert found


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_no_two_answers_are_the_same(kind: str) -> None:
    every = [answer for name in CONTRACT for answer in share.answers_to(name)]
    seen = [(each.notebook, *sorted(each.cells.items())) for each in every if each.kind == kind]
    assert len(set(seen)) == len(seen)


def test_a_wrong_answer_is_run_up_to_its_mistake_and_by_turns_to_the_end() -> None:
    every = [answer for answer in share.answers_to(share.LONG) if answer.kind == "wrong"]
    seen = set()
    for number in range(150):
        ends = {answer.id: share.last_test(answer, f"commit {number}") for answer in every}
        for answer in every:
            full = answers.full_scores(COURSE, answer.notebook)
            some = share.scores_until(answer, ends[answer.id])
            assert any(some[test] < full[test] for test in some), answer.id
        whole = {id_ for id_, last in ends.items() if last is None}
        assert len(whole) < len(every) / 4
        seen |= whole
    assert seen == {answer.id for answer in every}


def test_answers_take_turns() -> None:
    every = [answer for name in CONTRACT for answer in share.answers_to(name)]
    turns = [{each.id for each in every if share.takes_its_turn(each, f"{n}")} for n in range(1000)]
    assert set().union(*turns) == {each.id for each in every}
    assert all(len(turn) < len(every) / 2 for turn in turns)


def test_every_other_answer_is_run_to_the_end() -> None:
    for name in CONTRACT:
        others = [a for a in share.answers_to(name) if (a.notebook, a.kind) != ("4-svhn", "wrong")]
        assert others and not any(map(share.last_test, others))


# Comparing


def reference() -> answers.Answer:
    return next(a for a in share.answers_to("1-complexity") if a.name == "reference")


def test_a_wrong_expected_score_is_found() -> None:
    full = {**reference().scores}
    expected = replace(reference(), scores={**full, "test-parameter-count": 2.0})
    outputs = {"test-parameter-count": "passed (1 point): it"}
    graded = {expected.id: Graded(dict(full), outputs)}
    (found,) = answers.compare([expected], graded)
    assert (found.cell, found.expected, found.got) == ("test-parameter-count", 2.0, 3.0)
    assert str(found) == (
        "1-complexity/reference, test-parameter-count: expected 2, got 3\n    passed (1 point): it"
    )


def test_an_answer_that_nbgrader_cannot_grade_is_found() -> None:
    graded = {reference().id: Graded(error="nbgrader could not grade it:\nthe kernel died")}
    (found,) = answers.compare([reference()], graded)
    assert "the kernel died" in str(found)


def test_a_difference_is_found() -> None:
    ours = {"a": Graded({"test-one": 2.0, "test-two": 1.0})}
    stock = {"a": Graded({"test-one": 2.0, "test-two": 0.0})}
    assert scores.differences(ours, stock) == ["a, test-two: 1, stock nbgrader 0"]
    stock = {"a": Graded(error="it stopped")}
    assert "a: it stopped" in scores.differences(ours, stock)


# Reading a file

RIGHT = "# Counts layer by layer.\n# %% parameter-count\ndef parameter_count(): ...\n"
WRONG = RIGHT.replace("# %%", "# scores: test-parameter-count 1\n# %%", 1)


def read(tmp_path: Path, kind: str, text: str) -> answers.Answer:
    course = Course(tmp_path, ASSIGNMENT)
    course.source.mkdir(parents=True)
    shutil.copy(COURSE.source / "1-complexity.ipynb", course.source)
    path = course.answers / "1-complexity" / kind / "an-answer.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return answers.read(course, path)


def test_reads_a_right_answer(tmp_path: Path) -> None:
    answer = read(tmp_path, "right", RIGHT)
    assert answer.id == "1-complexity/right/an-answer"
    assert answer.shows == "Counts layer by layer."
    assert answer.cells == {"parameter-count": "def parameter_count(): ..."}
    assert answer.scores == {
        "test-parameter-count": 3,
        "test-step-multiplications": 4,
        "test-growth-exponent": 2,
    }


def test_reads_scores_cells_and_text(tmp_path: Path) -> None:
    answer = read(
        tmp_path,
        "wrong",
        "# It forgets the biases,\n# all of them.\n"
        "# scores: test-parameter-count 1.5,\n#   test-growth-exponent 0\n"
        "# %% parameter-count\n\nx = 1\n\n# a comment\ny = 2\n\n"
        "# %% [markdown] explain-complexity\n# Four times.\n#\n# - a list\n",
    )
    assert answer.shows == "It forgets the biases, all of them."
    assert answer.cells["parameter-count"] == "x = 1\n\n# a comment\ny = 2"
    assert answer.cells["explain-complexity"] == "Four times.\n\n- a list"
    assert answer.scores == {
        "test-parameter-count": 1.5,
        "test-step-multiplications": 4,
        "test-growth-exponent": 0,
    }


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("right", "# Only words.\n", "line 1: there is no cell"),
        ("right", RIGHT.split("\n", 1)[1], "line 1: begin with a comment"),
        ("right", "x = 1\n" + RIGHT, "line 1: code stands above the first"),
        (
            "right",
            RIGHT.replace("parameter-count", "tanh-class"),
            "line 2: 1-complexity has no cell",
        ),
        ("right", RIGHT.replace("# %% ", "# %% [code] "), "line 2: this is no cell"),
        (
            "right",
            RIGHT.replace("# %% ", "# %% [markdown] "),
            "line 2: the cell parameter-count is code",
        ),
        (
            "right",
            RIGHT + "# %% explain-complexity\n# Text.\n",
            "line 4: the cell explain-complexity is text",
        ),
        ("right", RIGHT + "# %% [markdown] explain-complexity\nText.\n", "line 5: in a text cell"),
        ("right", RIGHT + "# %% growth-exponent\n\n", "line 4: the cell growth-exponent is empty"),
        (
            "right",
            RIGHT + RIGHT[RIGHT.index("# %%") :],
            "line 4: the cell parameter-count is there twice",
        ),
        ("right", WRONG, "line 2: a right answer gets full points"),
        ("wrong", RIGHT, "line 1: a wrong answer loses points somewhere"),
        ("wrong", WRONG.replace("count 1", "count 3"), "line 2: a wrong answer loses points"),
        ("wrong", WRONG.replace("count 1", "count 4"), "line 2: test-parameter-count is worth 3"),
        ("wrong", WRONG.replace("count 1", "count"), "line 2: 'test-parameter-count' is no score"),
        (
            "wrong",
            WRONG.replace("test-p", "test-q"),
            "line 2: there is no test cell test-qarameter",
        ),
    ],
)
def test_says_what_is_wrong_with_a_file(
    kind: str, text: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(
        UserError, match=r"answers/deep-learning-3/1-complexity/.*an-answer\.py"
    ) as caught:
        read(tmp_path, kind, text)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_says_that_a_file_is_in_another_encoding(small_course: Course) -> None:
    path = small_course.answers / "1-complexity" / "right" / "an-answer.py"
    path.parent.mkdir(parents=True)
    path.write_bytes((RIGHT + "# 가중치\n").encode("cp949"))
    with pytest.raises(UserError, match=r"an-answer\.py, line 4: this is not in UTF-8"):
        answers.read(small_course, path)


def test_finds_a_file_in_no_place_for_answers(small_course: Course) -> None:
    path = small_course.answers / "1-complexity" / "lost.py"
    path.parent.mkdir(parents=True)
    path.write_text(RIGHT)
    with pytest.raises(UserError, match="is in no place for answers"):
        answers.read_all(small_course)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("1-complexity", True),
        ("1-complexity/reference", True),
        ("*/reference", True),
        ("reference", True),
        ("1-comp", False),
        ("2-tanh", False),
        ("1-complexity/wrong", False),
    ],
)
def test_patterns(pattern: str, matches: bool) -> None:
    reference = answers.Answer("1-complexity", "built-in", "reference", "")
    assert answers.matches(reference, [pattern]) == matches


def test_a_pattern_that_matches_nothing_is_an_error(small_course: Course) -> None:
    with pytest.raises(UserError, match="No answer matches 9-none"):
        scores.run(small_course, ["9-none"], jobs=1)
