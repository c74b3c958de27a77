"""The margins of the thresholds: found, measured without a change of a score, and on the page."""

import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.authors.bank import answers, bench
from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from grader.authors.proof.margins import instrument, measure, page, probe, thresholds
from grader.authors.proof.margins.instrument import Report
from grader.authors.proof.margins.rows import Point, Row
from grader.authors.proof.margins.thresholds import Threshold, in_one_line
from grader.notebooks import cells
from tests.courses import COURSE


@cache
def found_here() -> dict[str, list[Threshold]]:
    return instrument.find(COURSE)


@pytest.fixture(autouse=True)
def _probe_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "margin_probe", probe)


def run(source: str, capsys: pytest.CaptureFixture[str], **names: Any) -> tuple[Any, Report | None]:
    """The value of the variable `result`, and what the only threshold reported."""
    made, found = instrument.instrument("test-x", f"{source}\nNone")
    assert len(found) == 1
    namespace = {"np": np, **names}
    exec(made, namespace)
    return namespace.get("result"), instrument.reports(capsys.readouterr().out).get(1)


# What is found


def names_in(source: str) -> list[tuple[str, str]]:
    return [(t.name, t.allowed) for t in instrument.instrument("test-x", f"{source}\nNone")[1]]


@pytest.mark.parametrize(
    ("source", "name", "allowed"),
    [
        ("np.allclose(a, b)", "np.allclose(a, b)", "atol=1e-8, rtol=1e-5"),
        ("np.isclose(a, b, rtol=0, atol=2e-3)", "", "atol=2e-3"),
        ("same('the loss', a, b, atol=1e-9, look='here')", "same: the loss", "atol=1e-9"),
        ("same(f'the {x!r}', a, b, rtol=tolerance)", "same: the {x}", "rtol=tolerance"),
        ("error < 1e-6", "error", "< 1e-6"),
        ("10 > size[3]", "size[3]", "< 10"),
        ("reached > level + 0.1", "reached", "> level + 0.1"),
        ("a @ b > 0.9 * norm(a)", "a @ b", "> 0.9 * norm(a)"),
        ("def f(z):\n    return z.std() >= 0.07", "f: z.std()", ">= 0.07"),
        ("class A:\n    b, c = 1, 0.5\n    d = lambda s: s < 9", "s", "< 9"),
        ("class A:\n    c = 0.5\n    d = lambda self: x > self.c", "x", "> self.c (0.5)"),
    ],
)  # fmt: skip
def test_a_threshold_is_found(source: str, name: str, allowed: str) -> None:
    ((found_name, found_allowed),) = names_in(source)
    assert found_allowed == allowed
    assert not name or found_name == name


@pytest.mark.parametrize(
    "source",
    [
        "same('the labels', a, b)",  # exact
        "np.allclose(a, b, rtol=0, atol=0)",
        "len(x) > 3",
        "x > 0",
        "a[0] > a[1] > a[2]",
        "f(9) > f(8)",
        "x == 0.5",
    ],
)
def test_what_has_no_margin_is_left_out(source: str) -> None:
    assert names_in(source) == []


def test_a_function_that_only_compares_is_measured_where_it_is_called() -> None:
    source = (
        "def equal(a, b):\n    return a.shape == b.shape and np.allclose(a, b, rtol=0)\n"
        "equal(x, y)\nnot equal(x, z)"
    )
    assert names_in(source) == [("equal(x, y)", "atol=1e-8"), ("equal(x, z)", "atol=1e-8")]


def test_equal_comparisons_have_distinct_names() -> None:
    assert names_in("a < 2\na < 2\na < 3") == [("a", "< 2"), ("a (2)", "< 2"), ("a", "< 3")]


def test_the_part_of_a_threshold_that_costs_nothing_is_known() -> None:
    source = "with check.part(0, 'a'):\n    a < 2\nwith check.part(1, 'b'):\n    b < 2\nNone"
    assert [t.worthless for t in instrument.instrument("test-x", source)[1]] == [True, False]


@pytest.mark.parametrize("key", [*thresholds.EXCLUDED, *thresholds.BOUNDED], ids=" ".join)
def test_what_is_treated_apart_is_in_the_tests(key: tuple[str, str, str]) -> None:
    cell, function, text = key
    sources = [
        found[cell].source
        for found in map(cells.by_grade_id, map(cells.read_notebook, COURSE.notebooks()))
        if cell in found
    ]
    assert len(sources) == 1
    assert f"def {function}(" in sources[0] or not function
    assert text in in_one_line(sources[0])


def test_the_handout_of_the_checks_has_no_threshold_but_those_of_same() -> None:
    source = (COURSE.source / "checks.py").read_text(encoding="utf-8")
    # It is measured where same() is called.
    assert [(t.where, t.allowed) for t in instrument.instrument("checks", source)[1]] == [
        ("same", "atol=atol, rtol=rtol")
    ]


# What is reported


@pytest.mark.parametrize(
    ("source", "result", "below", "above", "allowed"),
    [
        ("result = x < 4", True, 0.5, None, 4),
        ("result = x > 1.0", True, None, 2, 1),
        ("result = x < 2.0", False, None, 1, 2),
        ("result = x <= 2.0", True, 1, None, 2),
        ("result = 1.0 < x", True, None, 2, 1),
        ("result = np.allclose(x, 1, rtol=0, atol=4)", True, 0.25, None, 4),
        ("result = np.allclose(x, [2, 1], rtol=0, atol=0.5)", False, None, 2, 0.5),
        ("result = np.allclose(x, 2, rtol=0, atol=0.5)", True, 0, None, 0.5),
        ("def close(a, b):\n    return np.allclose(a, b, rtol=0, atol=4)\nresult = close(x, 1)",
         True, 0.25, None, 4),
    ],
)  # fmt: skip
def test_a_comparison_reports_its_measure_and_gives_what_it_gave(
    source: str,
    result: object,
    below: float | None,
    above: float | None,
    allowed: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    got, report = run(source, capsys, x=2.0)
    assert got == result
    assert report == Report(
        below=() if below is None else (below, below),
        above=() if above is None else (above, above),
        allowed=(allowed, allowed),
    )


def test_of_an_array_the_largest_element_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    got, report = run("result = x > 0.5", capsys, x=np.array([0.1, 1.0, 0.2]))
    assert got.tolist() == [False, True, False]
    assert report == Report(below=(), above=(2, 2), allowed=(0.5, 0.5))


def test_several_measures_are_reported_as_the_lowest_and_the_highest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, report = run("for x in (1, 4, 2, 20, 40):\n    x < 10", capsys)
    assert report == Report(below=(0.1, 0.4), above=(2, 4), allowed=(10, 10))


def test_what_has_a_largest_value_reports_its_distance_from_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(thresholds.BOUNDED, ("test-x", "", "a > 0.75 * b"), "a cosine")
    got, report = run("result = a > 0.75 * b", capsys, a=7.0, b=8.0)
    assert got is True
    assert report == Report(below=(0.5, 0.5), above=(), allowed=(6, 6))


@pytest.mark.parametrize(
    "source",
    [
        "True or x < 2",  # not evaluated
        "float('nan') < 2",
        "np.allclose([1, np.nan], 1)",
        "try:\n    np.allclose([1, 2], [1, 2, 3])\nexcept ValueError:\n    pass",
    ],
)
def test_what_cannot_be_measured_reports_nothing(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(source, capsys, x=1)[1] is None


@pytest.mark.filterwarnings("error")
def test_the_measure_leads_to_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    got, report = run("result = np.isclose(x, x, atol=1)", capsys, x=np.array([np.inf, 0]))
    assert got.all() and report is not None and report.below == (0, 0)


@pytest.mark.parametrize(
    ("got", "measure"), [([1.0, 2.5], 0.5), ([1.0, 5.0], 3.0), ([1.0], None), (None, None)]
)
def test_checks_same_is_measured(
    got: object, measure: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    import checks

    call = "same('it', got, [1, 2], atol=1)"
    source = f"try:\n    {call}\nexcept AssertionError as error:\n    result = str(error)"
    told, report = run(source, capsys, same=checks.same, got=got)
    assert (told is None) == (measure is not None and measure <= 1)
    assert (report and (report.below or report.above)) == (measure and (measure, measure))


def test_instrumented_notebooks_give_the_same_scores() -> None:
    chosen = [each for each in answers.read_all(COURSE) if each.name == "reference"][:3]
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in chosen}
    with instrument.instrumented(COURSE) as copy:
        graded = bench.grade(copy, fillers, jobs=1)
    assert answers.compare(chosen, graded) == []
    for answer in chosen:
        for cell in answer.scores:
            expected = {t.number for t in found_here()[answer.notebook] if t.cell == cell}
            found = instrument.reports(graded[answer.id].outputs[cell])
            assert found.keys() <= expected
            assert bool(found) == bool(expected)


# From reports to rows

BELOW = Report((0.1, 0.2), (), (1.0, 1.0))
ABOVE = Report((), (5.0, 50.0), (1.0, 1.0))
THRESHOLD = Threshold("test-tanh-forward", 1, "", "error", "< 1")


def graded_as(**given: Report) -> tuple[list[Answer], dict[str, Graded]]:
    """Answers to 2-tanh and what they reported; those whose names begin with w are wrong."""
    full = answers.full_scores(COURSE, "2-tanh")
    chosen, graded = [], {}
    for name, report in given.items():
        scores = full | ({THRESHOLD.cell: 2.0} if name.startswith("w") else {})
        kind = "right" if name.startswith("r") else "wrong"
        answer = Answer("2-tanh", kind, name, "", {}, scores)
        text = str([list(pair) for pair in vars(report).values()])
        output = f'some text\n{probe.MARK}{{"1": {text}}}\n'
        chosen.append(answer)
        graded[answer.id] = Graded({}, {THRESHOLD.cell: output})
    return chosen, graded


def row_of(**given: Report) -> Row:
    (row,) = measure.rows(COURSE, {"2-tanh": [THRESHOLD]}, *graded_as(**given))
    return row


def measures(points: list[Point]) -> dict[str, float]:
    return {point.answer.split("/")[-1]: point.measure for point in points}


def test_right_answers_count_by_their_nearest_measure_and_wrong_ones_by_their_farthest() -> None:
    row = row_of(r=BELOW, w=ABOVE, w2=BELOW)
    assert row.side == "below"
    assert measures(row.right) == {"r": 0.2} and measures(row.wrong) == {"w": 50.0}
    row = row_of(r=ABOVE, w=BELOW)
    assert row.side == "above"
    assert measures(row.right) == {"r": 5.0} and measures(row.wrong) == {"w": 0.1}


def test_an_answer_that_is_wrong_elsewhere_is_right_here() -> None:
    assert measures(row_of(elsewhere=BELOW).right) == {"elsewhere": 0.2}


def test_a_threshold_that_right_answers_pass_on_both_sides_is_a_branch() -> None:
    row = row_of(r=BELOW, r2=ABOVE, w=Report((0.3, 0.4), (2.0, 3.0), ()))
    assert row.side == "both"
    assert measures(row.right) == {"r": 0.2, "r2": 5.0}
    assert [point.measure for point in row.wrong] == [0.4, 2.0]


def test_a_threshold_that_nobody_comes_to_has_a_row() -> None:
    (row,) = measure.rows(COURSE, {"2-tanh": [THRESHOLD]}, [], {})
    assert row.side == "none" and row.nearest == (None, None) and row.narrow == []


def test_a_narrow_margin_is_one_below_the_factor() -> None:
    near = Report((0.4, 0.4), (), ())
    assert [point.answer for point in row_of(r=near, w=ABOVE).narrow] == ["2-tanh/right/r"]
    assert row_of(r=BELOW, w=ABOVE).narrow == []


def test_measures_are_rounded_and_cut() -> None:
    given = (0.0, 0.1234, 1.0178, 1234.0, 1e9)
    assert [Point.of(x, "a").measure for x in given] == [1e-6, 0.12, 1.02, 1200, 1e6]
    assert Point.of(0.25, "a").margin == Point.of(4.0, "a").margin == 4


def test_among_equals_the_reference_comes_first() -> None:
    points = [Point.of(0.0, name) for name in ("2-tanh/right/a", "2-tanh/reference")]
    assert min(points).answer == "2-tanh/reference"


# The page


def test_every_threshold_is_on_the_page() -> None:
    found = [page.identity(t) for each in found_here().values() for t in each]
    there = page.identities(page.page_of(COURSE).read_text(encoding="utf-8"))
    missing, left = set(found) - set(there), set(there) - set(found)
    assert not missing and not left and len(found) == len(there), (
        f"docs/margins.md is not that of these tests: missing {missing}, no longer there {left}. "
        f"Run: {page.COMMAND}"
    )


def test_every_note_is_about_a_threshold() -> None:
    assert page.NOTES.keys() <= {(t.cell, t.name) for each in found_here().values() for t in each}


def test_a_narrow_margin_has_a_note() -> None:
    text = page.page_of(COURSE).read_text(encoding="utf-8")
    narrow = "\n".join(line for line in text.splitlines() if "**" in line)
    found = {(cell, name) for cell, name, _ in page.identities(narrow)}
    noted = {
        page.identity(t)[:2]
        for each in found_here().values()
        for t in each
        if (t.cell, t.name) in page.NOTES
    }
    assert found <= noted, "write why they stay into NOTES of grader/authors/proof/margins/page.py"


def test_a_row_is_found_again_in_its_table() -> None:
    odd = Threshold("test-x", 1, "f", "a `b` | c", "atol=d | e")
    assert page.identities(page.table([Row("2-tanh", odd)])) == [page.identity(odd)]


def test_a_line_of_the_table_names_the_nearest_answers() -> None:
    line = page.table([row_of(r=BELOW, w=Report((), (2.0, 2.5), ()))]).splitlines()[-1]
    assert line == "| test-tanh-forward | `error` | `< 1` | 0.2 right/r | **2.5** wrong/w |"


def test_the_picture_is_the_same_each_time(tmp_path: Path) -> None:
    rows = [row_of(r=BELOW, w=ABOVE)]
    for name in ("a.svg", "b.svg"):
        page.draw(tmp_path / name, rows)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "right answers" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert page.picture_of(COURSE).stat().st_size < 300_000


# The command


def test_without_a_matching_answer_the_command_says_so() -> None:
    with pytest.raises(Exception, match="No answer matches no-such-answer"):
        measure.run(COURSE, 1, ["no-such-answer"])


def test_a_score_that_is_not_as_expected_stops_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong_scores(*_: object) -> dict[str, Graded]:
        return {"2-tanh/reference": Graded({"test-tanh-forward": 5.0})}

    monkeypatch.setattr(measure, "measure", wrong_scores)
    monkeypatch.setattr(page, "write", SimpleNamespace)
    assert measure.run(COURSE, 1, ["2-tanh/reference"]) == 1
    assert "expected 6, got 5" in capsys.readouterr().out
