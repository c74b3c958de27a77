"""The mutation analysis: what is a mutant, what is said of it, and a sample, graded."""

from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest

from grader.authors.bank.bench import Bench
from grader.authors.proof.mutation import analysis, equivalents, mutants, report
from grader.authors.proof.mutation.equivalents import Equivalent
from grader.authors.proof.mutation.mutants import Mutant, Outcome
from grader.authors.proof.mutation.operators import Mutation
from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.notebooks import cells
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT, COURSE


@cache
def every() -> list[Mutant]:
    return mutants.read_all(COURSE)


@cache
def sample() -> list[Mutant]:
    return mutants.sample(every())


def mutant(was: str = "a = 1", becomes: str = "a = 2", cell: str = "tanh-class") -> Mutant:
    return Mutant("2-tanh", cell, Mutation("ReplaceNumber", becomes, 1, was, becomes))


KILLED = Outcome(mutant(), ("test-tanh-forward",))
SURVIVED = Outcome(mutant(becomes="a = 3"), ())


# Which mutants there are


def test_every_solution_cell_has_mutants_and_some_are_in_the_sample() -> None:
    places = {
        f"{name}/{c.grade_id}" for name, cs in CONTRACT.items() for c in cs if c.kind == "solution"
    }
    assert {each.place for each in every()} == places
    assert {each.notebook for each in sample()} == set(CONTRACT)
    assert len(every()) >= 600
    assert 60 <= len(sample()) <= 120


def test_ids_are_different_and_lead_to_the_mutant() -> None:
    assert len({each.id for each in every()}) == len(every())
    chosen = every()[len(every()) // 2]
    assert mutants.read_all(COURSE, [chosen.id]) == [chosen]
    assert {each.place for each in mutants.read_all(COURSE, ["4-svhn/steps"])} == {"4-svhn/steps"}


def test_a_pattern_that_matches_nothing_is_an_error() -> None:
    with pytest.raises(UserError, match="No mutant matches 9-none"):
        mutants.read_all(COURSE, ["9-none"])


# What the tests say of them


@pytest.mark.slow("proof")
def test_the_sample_is_killed_but_for_right_answers() -> None:
    with Bench(COURSE, CONTRACT, 1) as bench:
        outcomes = analysis.graded(COURSE, bench, sample())
    assert [outcome.mutant for outcome in outcomes] == sample()
    known = equivalents.read(COURSE)
    wrong = []
    for outcome in outcomes:
        reason = equivalents.reason_for(outcome.mutant, known)
        if reason is None and not outcome.killed_by:
            wrong.append(f"no test sees this change:\n{outcome.mutant.diff}")
        elif reason is not None and outcome.killed_by:
            wrong.append(f"a test rejects this, though: {reason}\n{outcome.mutant.diff}")
    assert "\n\n".join(wrong) == ""


def test_a_mutant_survives_where_the_test_is_missing(small_course: Course) -> None:
    path = small_course.source / "1-complexity.ipynb"
    notebook = cells.read_notebook(path)
    tests = cells.by_grade_id(notebook)
    tests["test-growth-exponent"].source = "assert growth_exponent > 0"
    nbformat.write(notebook, path)
    chosen = mutants.read_all(COURSE, ["1-complexity/growth-exponent"])
    with Bench(small_course, ["1-complexity"], 1) as bench:
        found = mutants.analyse(small_course, bench, chosen[:2], lambda id_: None)
    assert [outcome.killed_by for outcome in found] == [(), ()]


# What is reported


def test_the_report_counts_by_cell_and_notebook() -> None:
    other = Outcome(mutant(cell="training-loop"), ())
    known = [Equivalent("2-tanh/training-loop", "It is right.", (other.mutant.diff,))]
    found = report.judge([KILLED, SURVIVED, other], known, whole=True)
    assert [(r.name, r.killed, r.survived, r.equivalent) for r in found.rows] == [
        ("2-tanh/tanh-class", 1, 1, 0),
        ("2-tanh/training-loop", 0, 0, 1),
    ]
    (notebook,) = found.notebooks
    assert (notebook.name, notebook.total, notebook.score) == ("2-tanh", 3, 0.5)
    assert found.survivors == [SURVIVED.mutant]
    assert found.rejected == []
    assert found.stale == []


def test_the_report_says_what_to_do_with_a_survivor() -> None:
    text = report.as_text(report.judge([KILLED, SURVIVED], [], whole=True))
    assert ["2-tanh", "2", "1", "1", "0", "50%"] in [line.split() for line in text.splitlines()]
    assert "SURVIVED: no test sees this change" in text
    assert "    - a = 1\n    + a = 3" in text
    assert 'cell = "2-tanh/tanh-class"' in text


def test_a_right_answer_that_a_test_rejects_is_reported() -> None:
    known = [Equivalent("2-tanh/tanh-class", "It is right.", (KILLED.mutant.diff,))]
    found = report.judge([KILLED], known, whole=True)
    assert found.rejected == [KILLED]
    assert "test-tanh-forward takes points off" in report.as_text(found)


def test_an_entry_without_a_mutant_is_stale_where_all_were_graded() -> None:
    known = [Equivalent("2-tanh/tanh-class", "It is right.", ("- b = 1\n+ b = 2",))]
    assert report.judge([KILLED], known, whole=True).stale == [(known[0], known[0].diffs[0])]
    assert report.judge([KILLED], known, whole=False).stale == []
    assert "STALE: " in report.as_text(report.judge([KILLED], known, whole=True))


def test_the_page_holds_the_mutants_that_there_are() -> None:
    page = (COURSE.root / analysis.DOCUMENT).read_text(encoding="utf-8")
    counts = Counter(each.place for each in every())
    for place, count in counts.items():
        assert f"\n| {place.split('/')[1]} | {count} | " in page, f"course mutants --write: {place}"


def test_the_page_is_not_made_of_some_mutants() -> None:
    with pytest.raises(UserError, match="leave out PATTERN and --sample"):
        analysis.run(COURSE, ["2-tanh"], 1, write=True)


# The file of equivalent mutants


def test_an_entry_is_read_back_as_it_is_proposed(tmp_path: Path) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    course.answers.mkdir()
    path = course.answers / equivalents.NAME
    assert equivalents.read(course) == []
    several = mutant("a = 1\nb = 2", "a = 2\nb = 1")
    path.write_text(equivalents.as_entry(several) + "\n\n" + equivalents.as_entry(KILLED.mutant))
    known = equivalents.read(course)
    assert known[0].diffs == ("- a = 1\n- b = 2\n+ a = 2\n+ b = 1",)
    assert equivalents.reason_for(several, known) == "..."
    assert equivalents.reason_for(SURVIVED.mutant, known) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("equivalent = [", "is no TOML"),
        ("[equivalent]\nx = 1", "write each entry below a line"),
        ("[[equivalent]]\ncell = 'a/b'", "entry 1: it needs cell, reason"),
        (
            "[[equivalent]]\ncell = 'a/b'\nreason = ''\nmutants = ['- a']",
            "entry 1: cell, reason and each of the mutants must be a text",
        ),
    ],
)
def test_says_what_is_wrong_with_the_file(text: str, expected: str, tmp_path: Path) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    course.answers.mkdir()
    (course.answers / equivalents.NAME).write_text(text)
    with pytest.raises(
        UserError, match=r"answers/deep-learning-3/equivalent-mutants\.toml"
    ) as caught:
        equivalents.read(course)
    assert expected in str(caught.value)


def test_every_entry_belongs_to_a_mutant() -> None:
    diffs = {(each.place, each.diff) for each in every()}
    for entry in equivalents.read(COURSE):
        for diff in entry.diffs:
            assert (entry.place, diff) in diffs
