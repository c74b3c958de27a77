"""Operators given as tables: pieces of code with wildcards, and what may stand in their place.

A wildcard is one upper-case letter. Most stand for any expression; N, M and L for any name, and
those that a course gives a meaning for a name that begins so (see `wildcards` in words.py).
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from grader.authors.proof.mutation.code import Code, Edit, Rule, filled, is_wildcard

_ANY_NAME = ("N", "M", "L")
_IGNORED = ("ctx", "kind", "type_comment")


class Table(Rule):
    """An operator that replaces what looks like a row's left side by each of its right sides."""

    ROWS: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # What is done in all the places at once, if there are some.
    EVERYWHERE: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each place and each right side."""
        for pattern, replacements in self.ROWS.items():
            for node, wildcards in matches(code, pattern):
                for replacement in replacements:
                    yield [code.put(node, filled(replacement, wildcards))]
        for pattern, replacements in self.EVERYWHERE.items():
            found = list(matches(code, pattern))
            for replacement in replacements if len(found) > 1 else ():
                yield [code.put(node, filled(replacement, given)) for node, given in found]


def matches(code: Code, pattern: str) -> Iterator[tuple[ast.AST, dict[str, str]]]:
    """The places that look like the pattern, none inside another, and what the wildcards are."""
    (statement,) = ast.parse(pattern).body
    wanted: ast.AST = statement.value if isinstance(statement, ast.Expr) else statement
    last = -1
    for node in code.nodes(ast.AST):
        found: dict[str, str] = {}
        if code.start(node) >= last and _matches(code, wanted, node, found):
            last = code.end(node)
            yield node, found


def _matches(code: Code, wanted: Any, node: Any, found: dict[str, str]) -> bool:
    if isinstance(wanted, ast.Name) and is_wildcard(wanted.id):
        if not isinstance(node, ast.expr):
            return False
        starts = ("",) if wanted.id in _ANY_NAME else code.words.wildcards.get(wanted.id)
        if starts is not None:
            name = node.id if isinstance(node, ast.Name) else ""
            if not name or not name.startswith(starts):
                return False
        text = code.text(node)
        return found.setdefault(wanted.id, text) == text
    if isinstance(wanted, list):
        return (
            isinstance(node, list)
            and len(wanted) == len(node)
            and all(
                _matches(code, one, other, found) for one, other in zip(wanted, node, strict=True)
            )
        )
    if isinstance(wanted, ast.AST):
        fields = [name for name in wanted._fields if name not in _IGNORED]
        return type(wanted) is type(node) and all(
            _matches(code, getattr(wanted, name), getattr(node, name), found) for name in fields
        )
    return type(wanted) is type(node) and bool(wanted == node)
