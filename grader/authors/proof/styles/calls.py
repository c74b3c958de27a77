"""Rewrites of right answers: calls of known functions written in another way."""

import ast
from collections.abc import Mapping

from grader.authors.proof.styles.rewrites import Names, of_cell


def _known(node: ast.expr, table: Mapping[str, object]) -> str | None:
    """The name in the table under which the called function is known."""
    if not isinstance(node, ast.Call):
        return None
    called = ast.unparse(node.func)
    return next((name for name in table if called == name or called.endswith(f".{name}")), None)


@of_cell
def keywords(tree: ast.Module, names: Names) -> None:
    """Positional arguments become keyword arguments, where the parameters are known."""
    for node in ast.walk(tree):
        known = _known(node, names.words.signatures) if isinstance(node, ast.expr) else None
        if known is None or not isinstance(node, ast.Call):
            continue
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        if not starred and len(node.args) <= len(names.words.signatures[known]):
            named = zip(names.words.signatures[known], node.args, strict=False)
            node.keywords[:0] = [ast.keyword(name, value) for name, value in named]
            node.args = []


@of_cell
def keywords_left_out(tree: ast.Module, names: Names) -> None:
    """Keyword arguments become positional ones, where the parameters are known."""
    for node in ast.walk(tree):
        known = _known(node, names.words.signatures) if isinstance(node, ast.expr) else None
        if known is None or not isinstance(node, ast.Call):
            continue
        for name in names.words.signatures[known][len(node.args) :]:
            if not node.keywords or node.keywords[0].arg != name:
                break
            node.args.append(node.keywords.pop(0).value)


@of_cell
def defaults_written_out(tree: ast.Module, names: Names) -> None:
    """Calls say what would be taken anyway, and give objects names."""
    for node in ast.walk(tree):
        known = _known(node, names.words.defaults) if isinstance(node, ast.expr) else None
        if known is None or not isinstance(node, ast.Call):
            continue
        if any(isinstance(each, ast.Starred) for each in node.args):
            continue
        given = {each.arg for each in node.keywords}
        given |= set(names.words.signatures.get(known, ())[: len(node.args)])
        for name, value in names.words.defaults[known].items():
            if name not in given:
                node.keywords.append(ast.keyword(name, ast.Constant(value)))  # type: ignore[arg-type]


@of_cell
def arguments_unpacked(tree: ast.Module, names: Names) -> None:
    """Three or more arguments go through a tuple and a star."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) >= 3:
            node.args = [ast.Starred(ast.Tuple(node.args, ast.Load()), ast.Load())]
