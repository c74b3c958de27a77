"""All mutants of the source of a cell: made by operators of cosmic-ray, our own, and a course's."""

import ast
import difflib
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    exception_replacer,
    number_replacer,
    remove_decorator,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Operator

from grader.authors.proof import settings
from grader.authors.proof.mutation import arguments, operands, structure, values
from grader.authors.proof.mutation.code import Rule
from grader.authors.proof.words import NO_WORDS, Words
from grader.basics.errors import UserError
from grader.course.directory import Course

# What may stand in the place of what. Operations on bits only stop, and nobody writes % for +.
_ARITHMETIC = {
    "Add": "Sub Mul",
    "Sub": "Add Mul Div",
    "Mul": "Add Sub Div Pow",
    "Div": "Sub Mul FloorDiv",
    "FloorDiv": "Mul Div Mod",
    "Mod": "Div FloorDiv",
    "Pow": "Add Mul Div",
}
# `is` between plain values depends on luck.
_COMPARISONS = {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"}
_UNARY = {"UAdd", "USub", "Not", "Delete"}


@dataclass(frozen=True)
class Mutation:
    """A source after one change. Operator and changed lines say which, as long as they stay."""

    operator: str  # such as RemoveStatement, or ReplaceBinaryOperator_Add_Sub
    source: str  # the whole cell
    line: int  # the first that differs, from 1
    was: str  # the lines that differ, as they were
    becomes: str  # and as they are now; "" if they are gone


class ReplaceNumber(number_replacer.NumberReplacer):  # type: ignore[misc]
    """cosmic-ray's operator for numbers, with the white space left as it was."""

    def mutate(self, node: Any, index: int) -> Any:
        """The number plus one, or minus one."""
        changed = super().mutate(node, index)
        changed.value, changed.prefix = changed.value.strip(), node.prefix
        return changed


def of_course(course: Course) -> tuple[type[Operator], ...]:
    """The classes of all operators, in the order in which they are applied to a course's code.

    Of two that make the same mutant, the first gives it its name; so those of the course stand
    before the ones that know the least of what they change.
    """
    return (*_of_any_code(), *own(course), *values.RULES)


def own(course: Course) -> tuple[type[Rule], ...]:
    """The operators that only this course has, in the order of its files: c.Proof.operators.

    Raises UserError for a file that cannot be used.
    """
    found: list[type[Rule]] = []
    names = settings.read(course).operators
    for name, module in settings.modules_of(course, names, "operators"):
        rules = getattr(module, "RULES", None)
        if not isinstance(rules, tuple) or not all(
            isinstance(each, type) and issubclass(each, Rule) for each in rules
        ):
            raise UserError(
                f"{name} needs a tuple RULES of its mutation operators, classes of Rule."
            )
        found += rules
    return tuple(found)


@lru_cache(maxsize=1)
def _of_any_code() -> tuple[type[Operator], ...]:
    return (
        ReplaceNumber,
        *_arithmetic(),
        *_among(comparison_operator_replacement.operators(), _COMPARISONS),
        *_among(unary_operator_replacement.operators(), _UNARY),
        boolean_replacer.ReplaceTrueWithFalse,
        boolean_replacer.ReplaceFalseWithTrue,
        boolean_replacer.ReplaceAndWithOr,
        boolean_replacer.ReplaceOrWithAnd,
        boolean_replacer.AddNot,
        break_continue.ReplaceBreakWithContinue,
        break_continue.ReplaceContinueWithBreak,
        exception_replacer.ExceptionReplacer,
        remove_decorator.RemoveDecorator,
        zero_iteration_for_loop.ZeroIterationForLoop,
        *structure.RULES,
        *operands.RULES,
        *arguments.RULES,
    )


def _arithmetic() -> Iterator[type[Operator]]:
    for each in binary_operator_replacement.operators():
        _, sign, other = each.__name__.split("_")
        if other in _ARITHMETIC.get(sign, "").split():
            yield each


def _among(found: Any, wanted: set[str]) -> Iterator[type[Operator]]:
    """The operators from one of the wanted signs to another, by their names."""
    return (each for each in found if set(each.__name__.split("_")[1:]) <= wanted)


def mutations(
    source: str, operators: Sequence[type[Operator]], words: Words = NO_WORDS
) -> list[Mutation]:
    """Every mutant of a cell, once; without those that Python cannot compile.

    `words` say what the names in it stand for. Two mutants with the same syntax tree are one: the
    operator that comes first has made it. So are two that differ by arithmetic that changes
    nothing.
    """
    found: list[Mutation] = []
    known = {_dump(source)}
    tree_of_parso = get_ast(source)
    for kind in operators:
        operator = kind()
        if isinstance(operator, Rule):
            operator.words = words
        for mutated in _mutated(source, tree_of_parso, operator):
            tree = _dump(mutated)
            if tree is not None and tree not in known:
                known.add(tree)
                found.append(_mutation(kind.__name__, source, mutated))
    return found


def _mutated(source: str, tree: Any, operator: Operator) -> Iterator[str]:
    if isinstance(operator, Rule):
        yield from operator.mutants(source)
        return
    occurrences = sum(1 for node in ast_nodes(tree) for _ in operator.mutation_positions(node))
    for occurrence in range(occurrences):
        mutated = mutate_code(source, operator, occurrence)  # parses it anew
        if mutated is not None:
            yield mutated


def _dump(source: str) -> str | None:
    """The syntax tree as text, simplified; None if Python does not compile it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(source, "<mutant>", "exec")
            return ast.dump(_Simplified().visit(ast.parse(source)))
    except SyntaxError:
        return None


class _Simplified(ast.NodeTransformer):
    """Arithmetic that changes nothing is left out: x * 1, x ** 1, x + 0, x - 0."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        number = node.right.value if isinstance(node.right, ast.Constant) else None
        neutral = {ast.Mult: 1, ast.Pow: 1, ast.Add: 0, ast.Sub: 0}.get(type(node.op))
        return node.left if neutral is not None and number == neutral else node


def _mutation(operator: str, source: str, mutated: str) -> Mutation:
    was, becomes = source.splitlines(), mutated.splitlines()
    matcher = difflib.SequenceMatcher(a=was, b=becomes, autojunk=False)
    edits = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    gone, new = [], []
    for kind, start, end, new_start, new_end in edits:
        # Lines that are only added say where by the line above them.
        above = 1 if kind == "insert" and start else 0
        gone += was[start - above : end]
        new += becomes[new_start - above : new_end]
    if sorted(gone) == sorted(new):  # lines that only change places
        gone = was[edits[0][1] : edits[-1][2]]
        new = becomes[edits[0][3] : edits[-1][4]]
    # Dedented together, so that a statement which only moved to the left can be seen to move.
    lines = textwrap.dedent("\n".join([*gone, *new])).split("\n")
    return Mutation(
        operator,
        mutated,
        edits[0][1] + 1,
        "\n".join(lines[: len(gone)]),
        "\n".join(lines[len(gone) :]),
    )
