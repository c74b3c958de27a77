"""Divide the hidden tests of a cell into blocks, each of which is read at a time, and count lines.

How long a cell is says little: its parts and its functions are read one by one, and a cell cannot
be divided once students have it, for its name and its points are known to them and the gradebook.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import NamedTuple

from grader.authors.exercises import check_parts

_Definition = ast.FunctionDef | ast.ClassDef
_NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}


class Block(NamedTuple):
    """What is read at a time: a part, a function or a class with its name, or the rest."""

    kind: str
    name: str
    lines: int


def of_check(source: str, first: int, last: int) -> Iterator[Block]:
    """The blocks in the lines `first` to `last` of a check; each line of code is in one of them.

    A function or a class whose docstring says what it is for can be read by itself, so it is a
    block. A part is one, with the other definitions that it uses and no other part does. What
    remains is the rest. Comments, docstrings and blank lines do not count; a table, which is a
    literal of several lines, counts as one line.
    """
    tree = ast.parse(source)
    left = _rows_of_code(source, tree).intersection(range(first, last + 1))
    definitions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Definition) and not check_parts.calls(node)
    ]
    # The inner ones first: they are no lines of the outer one.
    for each in sorted(definitions, key=lambda node: -node.lineno):
        if ast.get_docstring(each):
            kind = "class" if isinstance(each, ast.ClassDef) else "function"
            yield Block(kind, each.name, len(_taken(left, each)))
    helpers = {node.name: node for node in definitions}
    parts = [node for node in ast.walk(tree) if isinstance(node, ast.With) and _is_part(node)]
    used = [_reached(part, helpers) for part in parts]
    for part, names in zip(parts, used, strict=True):
        own = names.difference(*(other for other in used if other is not names))
        if rows := _taken(left, part, *(helpers[name] for name in own)):
            yield Block("part", _title(part), len(rows))
    yield Block("rest", "", len(left))


def _taken(left: set[int], *nodes: ast.stmt) -> set[int]:
    """The rows of these nodes, which are taken out of `left`."""
    rows = left.intersection(row for node in nodes for row in _rows(node))
    left -= rows
    return rows


def _rows(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", [])
    first = min(each.lineno for each in (node, *decorators))
    return range(first, (node.end_lineno or first) + 1)


def _rows_of_code(source: str, tree: ast.Module) -> set[int]:
    rows = {
        row
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for row in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            rows -= {*_rows(node)}  # a docstring
        elif isinstance(node, (ast.List, ast.Tuple, ast.Dict, ast.Set)):
            rows -= {*range(node.lineno + 1, (node.end_lineno or 0) + 1)}  # a table
    return rows


def _is_part(node: ast.With) -> bool:
    return any(check_parts.calls(item.context_expr) for item in node.items)


def _title(node: ast.With) -> str:
    """What the report calls the part, or the line it begins in."""
    words = [argument for call in check_parts.calls(node) for argument in call.args[1:2]]
    said = words[0].value if words and isinstance(words[0], ast.Constant) else None
    return repr(said) if isinstance(said, str) else f"in line {node.lineno}"


def _reached(node: ast.AST, helpers: dict[str, _Definition]) -> set[str]:
    """The names of the helpers that `node` uses, and those that these use."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = {each.id for each in ast.walk(waiting.pop()) if isinstance(each, ast.Name)}
        new = (names & helpers.keys()) - found
        found |= new
        waiting += [helpers[name] for name in new]
    return found
