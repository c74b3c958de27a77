"""Read the parts of a check, and their points, off the source of its cell."""

import ast


def points_of(tree: ast.Module) -> float | None:
    """What the parts of a check add up to; None where that cannot be read off the source."""
    for node in ast.walk(tree):
        if not calls(node):
            continue
        if isinstance(node, (ast.For, ast.While)):
            return None
        if isinstance(node, ast.FunctionDef) and _uses(tree, node.name) != 1:
            return None
    found = calls(tree)
    first = [call.args[0] for call in found if call.args]
    values = [ast.literal_eval(argument) for argument in first if _is_number(argument)]
    return float(sum(values)) if len(values) == len(found) else None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def _uses(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def calls(tree: ast.AST) -> list[ast.Call]:
    """The calls that begin a part: check.part(2, "vectors")."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "part"
    ]
