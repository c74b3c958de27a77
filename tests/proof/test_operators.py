"""The mutation operators of this course: their examples, and the mutants of its solutions."""

import ast

import pytest
from cosmic_ray.operators.operator import Example

from grader.authors.proof import settings
from grader.authors.proof.mutation import operators
from grader.authors.proof.mutation.code import Rule, filled
from grader.authors.proof.mutation.operators import Mutation
from grader.authors.proof.mutation.templates import Table
from grader.notebooks import cells
from tests.contract import CONTRACT
from tests.courses import COURSE

RULES = operators.own(COURSE)
WORDS = settings.words_of(COURSE)
EXAMPLES = [
    pytest.param(operator, example, id=f"{operator.__name__}-{number}")
    for operator in RULES
    for number, example in enumerate(operator.examples())
]
TANH = """class Tanh:
    def grad(self):
        return 1 - self.last_output**2
"""


def mutations(source: str) -> list[Mutation]:
    return operators.mutations(source, operators.of_course(COURSE), WORDS)


def made(source: str, operator: str) -> list[str]:
    return [each.becomes for each in mutations(source) if each.operator == operator]


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_an_operator_does_what_its_examples_say(operator: type[Rule], example: Example) -> None:
    before, after = example.pre_mutation_code, example.post_mutation_code
    rule = operator()
    rule.words = WORDS
    found = rule.mutants(before)
    assert found[example.occurrence] == after if before != after else not found


@pytest.mark.parametrize("operator", RULES, ids=lambda operator: operator.__name__)
def test_every_operator_has_an_example_of_a_change(operator: type[Rule]) -> None:
    assert any(each.pre_mutation_code != each.post_mutation_code for each in operator.examples())


@pytest.mark.parametrize(
    "table", [each for each in RULES if issubclass(each, Table)], ids=lambda table: table.__name__
)
def test_every_row_of_a_table_is_code_with_known_wildcards(table: type[Table]) -> None:
    for rows in (table.ROWS, table.EVERYWHERE):
        for pattern, replacements in rows.items():
            names = {each.id for each in ast.walk(ast.parse(pattern)) if isinstance(each, ast.Name)}
            known = {name: "a" for name in names if len(name) == 1 and name.isupper()}
            for replacement in replacements:
                ast.parse(filled(replacement, known))


def test_operators_have_different_names() -> None:
    names = [each.__name__ for each in operators.of_course(COURSE)]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def of_the_course() -> dict[str, dict[str, tuple[str, list[Mutation]]]]:
    """The solution and the mutants of every solution cell, by notebook."""
    found: dict[str, dict[str, tuple[str, list[Mutation]]]] = {}
    for notebook, known in CONTRACT.items():
        there = cells.by_grade_id(cells.read_notebook(COURSE.source / f"{notebook}.ipynb"))
        for cell in known:
            if cell.kind == "solution":
                solution = cells.reference(there[cell.grade_id])
                made = (solution, mutations(solution))
                found.setdefault(notebook, {})[cell.grade_id] = made
    return found


Made = dict[str, dict[str, tuple[str, list[Mutation]]]]


def test_every_notebook_has_more_than_a_hundred_mutants(of_the_course: Made) -> None:
    for notebook, found in of_the_course.items():
        assert sum(len(mutants) for _, mutants in found.values()) > 100, notebook


def test_mutants_compile_differ_and_say_what_is_changed(of_the_course: Made) -> None:
    for found in of_the_course.values():
        for solution, mutants in found.values():
            trees = {ast.dump(ast.parse(each.source)) for each in mutants}
            assert len(trees) == len(mutants)
            assert ast.dump(ast.parse(solution)) not in trees
            for each in mutants:
                compile(each.source, "<mutant>", "exec")
                assert each.was != each.becomes
                lines = [line.strip() for line in solution.splitlines()]
                assert all(line.strip() in lines for line in each.was.splitlines())
                assert 1 <= each.line <= len(lines) + 1


def test_operator_and_changed_lines_name_one_mutant_of_a_cell(of_the_course: Made) -> None:
    for found in of_the_course.values():
        for _, mutants in found.values():
            names = [(each.was, each.becomes) for each in mutants]
            assert len(names) == len(set(names))


def test_the_slopes_of_other_functions_are_mutants_of_tanh() -> None:
    found = {each.becomes for each in mutations(TANH)}
    output = "self.last_output"
    assert f"return {output} * (1 - {output})" in found
    assert f"return 1 - np.tanh({output})**2" in found
    assert f"return ({output} > 0) * 1.0" in found


def test_training_and_test_data_are_swapped_once_and_everywhere() -> None:
    source = "def f(x_train, x_test):\n    a = g(x_train, x_train)\n    return a, x_test\n"
    found = made(source, "SwappedSets") + made(source, "WrongVariable")
    assert "a = g(x_test, x_train)" in found
    assert "a = g(x_test, x_test)" in found
    assert "a = g(x_test, x_test)\nreturn a, x_train" in found
