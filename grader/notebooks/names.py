"""What a judge must know of a teacher's notebook: its imports, and the names that it binds."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager


@dataclass(frozen=True)
class Names:
    """The imports of the given cells, as source, and the names that stand for the learner's."""

    imports: tuple[str, ...] = ()
    learners: tuple[str, ...] = ()


NO_NAMES = Names()


def names(given: Iterable[str], solutions: Iterable[str]) -> Names:
    """The names that the sources of given cells and of solutions bind at their top level.

    What given cells import is the judge's own; everything else is the learner's, or was computed
    with what is. A cell that cannot be parsed binds nothing.
    """
    given = list(given)
    imports: dict[str, None] = {}
    bound: dict[str, None] = {}
    own = imported(given)
    for source in given:
        for node in statements(source):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                imports[ast.unparse(node)] = None
            else:
                bound |= dict.fromkeys(sorted(bound_by(node)))
    for source in solutions:
        for node in statements(source):
            bound |= dict.fromkeys(sorted(bound_by(node)))
    return Names(tuple(imports), tuple(name for name in bound if name not in own))


def imported(given: Iterable[str]) -> frozenset[str]:
    """The names that the sources of given cells import at their top level."""
    nodes = (node for source in given for node in statements(source))
    kinds = (ast.Import, ast.ImportFrom)
    return frozenset().union(*(bound_by(node) for node in nodes if isinstance(node, kinds)))


def statements(source: str) -> list[ast.stmt]:
    """The statements of a cell at its top level; none where it is no Python."""
    try:
        parsed: list[ast.stmt] = ast.parse(TransformerManager().transform_cell(source)).body
        return parsed
    except (SyntaxError, ValueError):
        return []


def bound_by(node: ast.AST) -> set[str]:
    """The names that a statement binds in its own scope."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(each.asname or each.name).partition(".")[0] for each in node.names}
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return set()
    found = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.ExceptHandler) and node.name:
        found.add(node.name)
    return found.union(*(bound_by(child) for child in ast.iter_child_nodes(node)))
