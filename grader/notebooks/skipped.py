"""Given cells that grading does not run, and which code needs what such a cell would have done."""

import ast
import keyword
import re
import symtable
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from grader.notebooks import cells
from grader.notebooks.names import imported

TAG = "skip-execution"  # nbclient's own: stock nbgrader does not run such a cell, either
_MOST_CODE = 100_000  # characters of a notebook that are parsed; of more, each word counts as read
_WORD = re.compile(r"[^\W\d]\w*")
_MAGIC = re.compile(r"^([ \t]*)[%!?](?!%)(.*)", re.MULTILINE)
# What can reach a name by its text: by that alone, or in the midst of other text.
_BY_NAME, _BY_TEXT = {"globals", "locals", "vars"}, {"eval", "exec", "get_ipython"}
_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}  # functions that run where they stand
_NO_CODE = (SyntaxError, ValueError, RecursionError, MemoryError)


def is_given_code(cell: Mapping[str, Any]) -> bool:
    """Whether a cell is code that nbgrader locks and does not grade: only such may be skipped."""
    is_locked = bool(cells.about(cell).get("locked"))
    return cell["cell_type"] == "code" and is_locked and cells.kind(cell) is None


def has_tag(cell: Mapping[str, Any]) -> bool:
    """Whether a cell has the tag, allowed or not."""
    tags = cell["metadata"].get("tags")
    return isinstance(tags, list) and TAG in tags


@dataclass(frozen=True)
class Step:
    """A code cell of a notebook. `changes` are the names that a skipped cell would have bound or
    changed, None for a cell that runs.
    """

    name: str
    source: str
    is_test: bool = False
    changes: frozenset[str] | None = None


@dataclass(frozen=True)
class Need:
    """A cell that runs, and a name that it uses although a skipped cell binds or changes it."""

    reader: str
    name: str
    skipped: str


def needs(steps: Sequence[Step]) -> list[Need]:
    """What the cells that run use of what the skipped ones do, in the order of the notebook.

    In doubt a name is used: of code that cannot be parsed, each word is. What a skipped cell does
    to an object by handing it to a function is not seen.
    """
    asked = frozenset().union(*(step.changes for step in steps if step.changes))
    flow, left = _Flow(), _MOST_CODE
    for step in steps:
        if step.changes is not None:
            flow.skip(step.name, step.changes)
        elif asked and (words := _words(step.source)) & asked:
            left -= len(step.source)
            flow.run(step, _effects(step.source) if left >= 0 else (_in_doubt(words),))
    return list(flow.found)


def teachers_steps(notebook_cells: Iterable[Mapping[str, Any]]) -> list[Step]:
    """The code cells of the teacher's notebook, with the solutions."""
    code = [cell for cell in notebook_cells if cell.get("cell_type") == "code"]
    texts = ["".join(cell["source"]) for cell in code]
    given = (text for cell, text in zip(code, texts, strict=True) if not cells.kind(cell))
    imports = imported(given)
    return [
        Step(
            cells.grade_id(cell) or "",
            text,
            cells.is_test(cell),
            changes(text, imports) if has_tag(cell) and is_given_code(cell) else None,
        )
        for cell, text in zip(code, texts, strict=True)
    ]


def changes(source: str, imports: Iterable[str]) -> frozenset[str]:
    """The names that a cell binds or changes, also by a method that is called as a statement.

    `imports` are modules' names; their functions change nothing that counts.
    """
    body = _parsed(source)
    if body is None:
        return frozenset(_words(source))
    found: set[str] = set()
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if isinstance(node.value.func, ast.Attribute):
                found |= {_root(node.value.func)} - set(imports)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not _is_read(node):
            found.add(_root(node))
    try:
        effect = _effect(ast.Module(body, []))
    except _NO_CODE:
        return frozenset(_words(source))
    return frozenset(found | effect.bound | effect.bound_in_functions) - {""}


@dataclass(frozen=True)
class _Effect:
    """Names that code reads, then binds, and those that its functions read and bind; then some of
    its branches follow.
    """

    read: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    in_functions: frozenset[str] = frozenset()
    bound_in_functions: frozenset[str] = frozenset()
    branches: tuple[tuple["_Effect", ...], ...] = ()


class _Flow:
    """The names that lack what skipped cells would have done to them, from cell to cell."""

    def __init__(self) -> None:
        self.found: dict[Need, None] = {}  # an ordered set
        self._lacking: dict[str, str] = {}  # the names, each with its skipped cell
        self._in_functions: dict[str, str] = {}  # names that functions read, each with its cell

    def skip(self, cell: str, names: Iterable[str]) -> None:
        for name in sorted(names):
            self._lacking[name] = cell
            if name in self._in_functions:  # of a function that may be called later
                self.found[Need(self._in_functions[name], name, cell)] = None

    def run(self, step: Step, effects: Sequence[_Effect]) -> None:
        for effect in effects:
            for name in sorted(self._lacking.keys() & (effect.read | effect.in_functions)):
                self.found[Need(step.name, name, self._lacking[name])] = None
            if not step.is_test:  # nobody calls a test's functions after it
                self._in_functions |= dict.fromkeys(effect.in_functions, step.name)
            for name in effect.bound:
                self._lacking.pop(name, None)
            before = dict(self._lacking)
            for branch in effect.branches:
                self._lacking = dict(before)
                self.run(step, branch)
            self._lacking = before


# What code does to the notebook's names


@lru_cache(maxsize=64)  # the given cells are the same in each submission
def _effects(source: str) -> tuple[_Effect, ...]:
    """What a cell does, in its order."""
    words, body = _words(source), _parsed(source)
    if body is None or words & _BY_TEXT:
        return (_in_doubt(words),)
    try:
        found = tuple(_effects_of(body))
    except _NO_CODE:
        return (_in_doubt(words),)
    if words & _BY_NAME:
        return (*found, _in_doubt(_names_in_texts(body)))
    return found


def _names_in_texts(body: Iterable[ast.stmt]) -> set[str]:
    """The texts in code that may be names to look up in `globals()`."""
    nodes = [node for each in body for node in ast.walk(each)]
    others: set[ast.expr | None] = set()
    for node in nodes:
        if isinstance(node, ast.Dict):  # names that are given values
            others.update(node.keys)
        elif isinstance(node, ast.Call) and _root(node.func) not in _BY_NAME:
            others.update((*node.args, *(each.value for each in node.keywords)))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant) and node not in others)
    return {text for text in texts if isinstance(text, str)}


def _in_doubt(names: Iterable[str]) -> _Effect:
    return _Effect(in_functions=frozenset(names))


def _effects_of(body: Iterable[ast.stmt]) -> Iterator[_Effect]:
    for node in body:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            yield _effect(node.iter)
            yield _some([_binding(node.target), *_effects_of(node.body)], _effects_of(node.orelse))
        elif isinstance(node, (ast.If, ast.While)):
            yield _effect(node.test)
            yield _some(_effects_of(node.body), _effects_of(node.orelse))
        elif isinstance(node, (ast.Try, ast.TryStar)):
            yield _effect(ast.Tuple([each.type for each in node.handlers if each.type], ast.Load()))
            handlers = [each.body for each in node.handlers]
            yield _some(*map(_effects_of, (node.body, *handlers, node.orelse, node.finalbody)))
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                yield _effect(item.context_expr)
                if item.optional_vars is not None:
                    yield _binding(item.optional_vars)
            yield from _effects_of(node.body)
        elif isinstance(node, ast.Match):
            yield _some([_effect(node)])
        else:
            yield _effect(node)


def _some(*branches: Iterable[_Effect]) -> _Effect:
    """Parts of a statement, each of which may or may not be run."""
    return _Effect(branches=tuple(map(tuple, branches)))


def _binding(target: ast.expr) -> _Effect:
    names = [node for node in ast.walk(target) if isinstance(node, ast.Name)]
    read = frozenset(node.id for node in names if _is_read(node))
    return _Effect(read, frozenset(node.id for node in names) - read)


def _effect(node: ast.AST) -> _Effect:
    """What one statement or expression does."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    symbols = table.get_symbols()
    read = {each.get_name() for each in symbols if each.is_referenced()}
    bound = {each.get_name() for each in symbols if each.is_assigned() or each.is_imported()}
    if isinstance(node, ast.AugAssign):
        read.add(_root(node.target))
    elif isinstance(node, ast.Delete):
        read |= bound
    later: set[str] = set()
    bound_later: set[str] = set()
    for at_once, inner in _inner(table, at_once=True):
        known = [each for each in inner.get_symbols() if each.is_global()]
        (read if at_once else later).update(each.get_name() for each in known)
        bound_later |= {each.get_name() for each in known if each.is_assigned()}
    return _Effect(frozenset(read), frozenset(bound), frozenset(later), frozenset(bound_later))


def _inner(
    table: symtable.SymbolTable, *, at_once: bool
) -> Iterator[tuple[bool, symtable.SymbolTable]]:
    """The scopes within a scope, and whether they run where they stand."""
    for child in table.get_children():
        is_function = isinstance(child, symtable.Function) and child.get_name() not in _AT_ONCE
        now = at_once and not is_function
        yield now, child
        yield from _inner(child, at_once=now)


def _parsed(source: str) -> list[ast.stmt] | None:
    """The statements of a cell; None if it is no Python. A line that is a magic reads its words."""
    for text in (source, _MAGIC.sub(_as_names, source)):
        with suppress(*_NO_CODE), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    return None


def _as_names(magic: re.Match[str]) -> str:
    return magic[1] + ", ".join(["()", *sorted(_words(magic[2]) - {*keyword.kwlist})])


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _root(node: ast.AST) -> str:
    """The name that an attribute, an item or a call is taken from, "" if it is from none."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_read(node: ast.Name | ast.Attribute | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Load)
