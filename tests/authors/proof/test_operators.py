"""The mutation operators: each makes the mutants that its examples say, and no broken ones."""

import ast

import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator

from grader.authors.proof.mutation.code import Code, Rule, filled
from grader.authors.proof.mutation.operators import Mutation, mutations, operators
from grader.authors.proof.mutation.templates import Table, matches
from grader.notebooks import cells
from tests.contract import CONTRACT
from tests.courses import COURSE

RULES = [each for each in operators() if issubclass(each, Rule)]
EXAMPLES = [
    pytest.param(operator, example, id=f"{operator.__name__}-{number}")
    for operator in RULES
    for number, example in enumerate(operator.examples())
]
TANH = '''class Tanh:
    """tanh(x)."""

    def grad(self):
        return 1 - self.last_output**2
'''


def made(source: str, operator: str) -> list[str]:
    return [each.becomes for each in mutations(source) if each.operator == operator]


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_an_operator_does_what_its_examples_say(operator: type[Operator], example: Example) -> None:
    before, after = example.pre_mutation_code, example.post_mutation_code
    mutated = mutate_code(before, operator(), example.occurrence)
    assert mutated == (None if before == after else after)


@pytest.mark.parametrize("operator", RULES, ids=lambda operator: operator.__name__)
def test_every_operator_has_an_example_of_a_change(operator: type[Operator]) -> None:
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
    names = [each.__name__ for each in operators()]
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


def test_mutants_are_the_same_each_time() -> None:
    assert mutations(TANH) == mutations(TANH)


def test_docstrings_stay_as_they_are() -> None:
    assert all('"""tanh(x)."""' in each.source for each in mutations(TANH))


def test_arithmetic_that_changes_nothing_makes_no_mutant() -> None:
    found = [each.becomes for each in mutations("x = a + 1\n")]
    assert "x = a + 0" in found  # made first
    assert "x = a" not in found


def test_a_mutant_tells_line_and_text() -> None:
    (found,) = (each for each in mutations(TANH) if each.operator == "MissingReturn")
    assert (found.line, found.was) == (5, "return 1 - self.last_output**2")
    assert found.becomes == "1 - self.last_output**2"


def test_added_lines_are_placed_by_the_line_above() -> None:
    source = "def f(a):\n    g(a)\n    h(a)\n"
    found = [each for each in mutations(source) if each.operator == "DoubleStatement"]
    assert [each.was for each in found] == ["g(a)", "h(a)"]
    assert [each.becomes for each in found] == ["g(a)\ng(a)", "h(a)\nh(a)"]


def test_statements_that_change_places_are_both_shown() -> None:
    source = "a()\nfor i in b:\n    c(i)\n"
    (found,) = (each for each in mutations(source) if each.operator == "SwapStatements")
    assert found.was == "a()\nfor i in b:\n    c(i)"
    assert found.becomes == "for i in b:\n    c(i)\na()"


def test_a_source_without_a_last_newline_gets_none() -> None:
    found = mutations("for i in a:\n    b(i)\n    c(a)")
    assert found
    assert not [each for each in found if each.source.endswith("\n")]


def test_a_statement_that_leaves_a_loop_can_be_seen_to_move() -> None:
    source = "def f(a):\n    for i in a:\n        g(a)\n        h(i)\n"
    (found,) = (each for each in mutations(source) if each.operator == "MoveBeforeLoop")
    assert (found.was, found.becomes) == ("def f(a):\n        g(a)", "def f(a):\n    g(a)")


def test_numbers_keep_the_white_space_around_them() -> None:
    assert made("x = a[0]\n", "ReplaceNumber") == ["x = a[1]", "x = a[-1]"]


def test_operations_on_bits_are_left_out() -> None:
    found = [name for each in operators() if "Operator" in (name := each.__name__)]
    assert not [name for name in found if "Bit" in name or "Shift" in name or "Is" in name]
    assert "ReplaceBinaryOperator_Add_Sub" in found
    assert "ReplaceComparisonOperator_Lt_LtE" in found
    assert "ReplaceUnaryOperator_Delete_USub" in found


def test_a_variable_is_only_replaced_by_one_that_is_used_alike() -> None:
    source = "def f(model, a, b):\n    c = model(a)\n    return c + b\n"
    found = made(source, "WrongVariable")
    assert "c = model(b)" not in found  # b is an operand
    assert "return b + b" in found
    assert not [text for text in found if "model + " in text or "a(a)" in text]


def test_a_variable_is_not_replaced_by_one_without_a_value() -> None:
    source = "def f(a, b):\n    c = a + b\n    d = c + a\n    return d + c\n"
    assert "c = d + b" not in made(source, "WrongVariable")
    assert "return a + c" not in made(source, "WrongVariable")  # c and b are nearer
    assert "return c + c" in made(source, "WrongVariable")


def test_a_table_finds_its_pattern_and_keeps_what_the_wildcards_stand_for() -> None:
    code = Code("y = 1 - (a + b) ** 2\n")
    ((node, wildcards),) = matches(code, "1 - E**2")
    assert wildcards == {"E": "a + b"}
    assert code.text(node) == "1 - (a + b) ** 2"
    assert not list(matches(code, "1 - E**3"))


def test_the_same_wildcard_stands_for_the_same_text() -> None:
    assert list(matches(Code("a - a\n"), "E - E"))
    assert not list(matches(Code("a - b\n"), "E - E"))


def test_wildcards_for_names_stand_for_fitting_names_only() -> None:
    assert list(matches(Code("x_train / 255\n"), "X / D"))
    assert not list(matches(Code("labels / 255\n"), "X / D"))
    assert list(matches(Code("labels - 1\n"), "Y - 1"))
    assert not list(matches(Code("f(x) + 1\n"), "N + 1"))


def test_parentheses_are_put_only_where_they_are_needed() -> None:
    assert filled("1 - E**2", {"E": "h"}) == "1 - h**2"
    assert filled("1 - E**2", {"E": "a + b"}) == "1 - (a + b)**2"
    assert filled("f(E)", {"E": "a + b"}) == "f(a + b)"


def test_text_beyond_ascii_is_changed_in_the_right_place() -> None:
    source = 'x = f("größer ×", 1) + 2  # × stays\n'
    assert 'x = f("größer ×", 1)  # × stays' in made(source, "DropOperand")


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
