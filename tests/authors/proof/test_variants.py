"""Right answers varied by machine: the rewrites, and full points for what they make."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from grader.authors.bank import answers
from grader.authors.bank.bench import Bench
from grader.authors.bank.graded import Graded
from grader.authors.proof.styles import variants
from grader.authors.proof.styles.rewrites import Rewrite, without_layout
from grader.authors.proof.styles.variants import REWRITES, Variant
from grader.basics.errors import UserError
from tests.contract import CONTRACT
from tests.courses import COURSE

# Each "## name", a source, "-->", and the source that it becomes ("(nothing)" for None).
EXAMPLES = [
    (name, *text.split("\n-->\n"))
    for name, text in re.findall(
        r"^## (\S+)\n(.*?)\n(?=##|\Z)",
        (Path(__file__).parent / "rewrites.txt").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
]


@cache
def every() -> list[Variant]:
    return variants.variants(COURSE)


@pytest.mark.parametrize(("name", "before", "after"), EXAMPLES)
def test_a_rewrite_does_what_its_example_shows(name: str, before: str, after: str) -> None:
    rewrite = next(each for each in REWRITES if each.name == name)
    made = rewrite(before)
    if after.strip() == "(nothing)":
        assert made is None
    else:
        assert made == without_layout(after)


def test_every_rewrite_has_a_reason_an_example_and_a_name_of_its_own() -> None:
    names = [rewrite.name for rewrite in REWRITES]
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, *_ in EXAMPLES}
    assert all(rewrite.why for rewrite in REWRITES)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_a_cell_without_anything_to_change_is_left(rewrite: Rewrite) -> None:
    assert rewrite("answer = 'text'\n\n\n# and a comment") is None


def test_there_are_many_variants_of_every_notebook() -> None:
    numbers = {name: sum(v.notebook == name for v in every()) for name in CONTRACT}
    assert sum(numbers.values()) >= 300
    assert min(numbers.values()) >= 50


def test_every_rewrite_is_used() -> None:
    assert {name for v in every() for name in v.rewrites} == {rewrite.name for rewrite in REWRITES}


def test_variants_are_always_the_same_ones() -> None:
    assert variants.variants(COURSE) == every()


def test_ids_and_codes_are_there_once() -> None:
    assert len({v.id for v in every()}) == len(every())
    codes = {
        (v.notebook, *sorted((name, ast.dump(ast.parse(s))) for name, s in v.cells.items()))
        for v in every()
    }
    assert len(codes) == len(every())


def test_no_variant_is_an_answer_of_the_bank() -> None:
    bank_answers = {answer.id: answer for answer in answers.read_all(COURSE)}
    for variant in every():
        base = bank_answers[variant.id.split("~")[0]]
        assert base.kind == "right" or base.name == "reference"
        assert any(
            name not in base.cells
            or ast.dump(ast.parse(source)) != ast.dump(ast.parse(base.cells[name]))
            for name, source in variant.cells.items()
        )


def test_variants_fill_solution_cells_and_compile() -> None:
    for variant in every():
        solutions = {c.grade_id for c in CONTRACT[variant.notebook] if c.kind == "solution"}
        assert set(variant.changed) <= set(variant.cells) <= solutions
        for name, source in variant.cells.items():
            compile(source, f"{variant.id}, {name}", "exec")


def test_a_variant_shows_the_first_lines_of_what_was_rewritten() -> None:
    source = "\n".join(f"line_{number}" for number in range(20))
    variant = Variant(
        "2-tanh/reference~x", "2-tanh", {"tanh-class": source}, ("tanh-class",), ("x",)
    )
    lines = str(variant).split("\n")
    assert lines[:3] == ["2-tanh/reference~x (x)", "  # %% tanh-class", "  line_0"]
    assert lines[-2:] == ["  line_14", "  ... 5 more lines"]


def test_a_variant_without_full_points_is_shown_with_what_the_test_said() -> None:
    variant = next(v for v in every() if v.notebook == "3-backprop")
    graded = Graded(
        {"test-loss-evaluations": 3.0, "test-chain-rule": 4.0},
        {"test-chain-rule": "FAILED (1 point)"},
    )
    (text,) = variants.rejected(COURSE, [variant], {variant.id: graded})
    assert text.startswith(variant.id)
    assert text.endswith("test-chain-rule: expected 5, got 4\n    FAILED (1 point)")


def test_patterns_choose_variants() -> None:
    chosen = variants.matching(COURSE, ["renamed-in-korean"])
    assert len(chosen) > 4
    assert all("~renamed-in-korean" in variant.id for variant in chosen)
    assert {v.notebook for v in variants.matching(COURSE, ["2-tanh"])} == {"2-tanh"}
    with pytest.raises(UserError, match="No variant matches 5-none"):
        variants.matching(COURSE, ["5-none"])


def test_the_sample_is_spread_over_notebooks_and_rewrites() -> None:
    chosen = variants.sample(COURSE)
    assert {v.notebook for v in chosen} == set(CONTRACT)
    assert 20 <= len(chosen) <= 30
    assert sum(v.notebook == "4-svhn" for v in chosen) <= 3
    used = [name for v in chosen for name in v.rewrites]
    assert len(set(used)) == len(used)


@pytest.mark.slow("proof")
def test_the_sample_gets_full_points() -> None:
    chosen = variants.sample(COURSE)
    with Bench(COURSE, CONTRACT, 1) as bench:
        graded = variants.grade(bench, COURSE, chosen)
    assert "\n\n".join(variants.rejected(COURSE, chosen, graded)) == ""
