"""Read the parts of a check off the source of its cell: their points, and how long they are."""

import ast


def points_of(tree: ast.Module) -> float | None:
    """What the parts of a check add up to; None where that cannot be read off the source."""
    for node in ast.walk(tree):
        if not _part_calls(node):
            continue
        if isinstance(node, (ast.For, ast.While)):
            return None
        if isinstance(node, ast.FunctionDef) and _uses(tree, node.name) != 1:
            return None
    calls = _part_calls(tree)
    first = [call.args[0] for call in calls if call.args]
    values = [ast.literal_eval(argument) for argument in first if _is_number(argument)]
    return float(sum(values)) if len(values) == len(calls) else None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))


def _uses(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))


def _part_calls(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "part"
    ]


def lengths(tree: ast.Module, first: int, last: int) -> dict[str, int]:
    """The lines to read for each part that begins in the lines `first` to `last` of a check.

    These are its own, and those of the functions and classes that it uses and no other part does.
    """
    parts = {
        _title(node): node
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and _is_part(node) and first <= node.lineno <= last
    }
    helpers = {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not _part_calls(node)
    }
    used = {title: _reached(node, helpers) for title, node in parts.items()}
    return {
        title: len(_rows([node, *(helpers[name] for name in _of_it_alone(title, used))]))
        for title, node in parts.items()
    }


def _is_part(node: ast.With) -> bool:
    return any(_part_calls(item.context_expr) for item in node.items)


def _title(node: ast.With) -> str:
    """What the report calls the part, or the line it begins in."""
    words = [argument for call in _part_calls(node) for argument in call.args[1:2]]
    said = words[0].value if words and isinstance(words[0], ast.Constant) else None
    return repr(said) if isinstance(said, str) else f"in line {node.lineno}"


def _reached(node: ast.AST, helpers: dict[str, ast.FunctionDef | ast.ClassDef]) -> set[str]:
    """The names of the helpers that `node` uses, and those that these use."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = {each.id for each in ast.walk(waiting.pop()) if isinstance(each, ast.Name)}
        new = (names & helpers.keys()) - found
        found |= new
        waiting += [helpers[name] for name in new]
    return found


def _of_it_alone(title: str, used: dict[str, set[str]]) -> set[str]:
    return used[title].difference(*(names for other, names in used.items() if other != title))


def _rows(nodes: list[ast.stmt]) -> set[int]:
    return {row for node in nodes for row in range(node.lineno, (node.end_lineno or 0) + 1)}
