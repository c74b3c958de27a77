"""Rewrites of right answers: other names, and another order of statements."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.authors.proof.styles.rewrites import (
    MODULES,
    PURE,
    Block,
    Names,
    add_import,
    functions,
    of_blocks,
    of_cell,
    parameters,
    rename,
)

_PLAIN = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
_KOREAN = ["값", "결과", "합계", "손실값", "기울기", "자료", "이름", "번호"]


@of_cell
def renamed_in_english(tree: ast.Module, names: Names) -> None:
    """Local variables get other names; nobody outside of a function can see them."""
    _rename_locals(tree, names, _PLAIN)


@of_cell
def renamed_in_korean(tree: ast.Module, names: Names) -> None:
    """Local variables get Korean names, which Python allows; nobody outside can see them."""
    _rename_locals(tree, names, _KOREAN)


def _rename_locals(tree: ast.Module, names: Names, words: list[str]) -> None:
    for place in functions(tree):
        local = dict.fromkeys(_locals_of(place.function))
        new = (names.fresh(words[number % len(words)]) for number in range(len(local)))
        rename(place.function, dict(zip(local, new, strict=True)))


def _locals_of(function: ast.FunctionDef) -> Iterator[str]:
    """The variables that statements of the function itself bind, parameters apart."""
    apart: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.FunctionDef() | ast.Lambda():
                # One of an inner function, too: renaming it there would change its signature.
                apart |= set(parameters(node))
            case ast.Global(names=given) | ast.Nonlocal(names=given):
                apart |= set(given)
    for child in function.body:
        yield from (name for name in _bound_by(child) if name not in apart)


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(
        node,
        ast.FunctionDef
        | ast.ClassDef
        | ast.Lambda
        | ast.ListComp
        | ast.DictComp
        | ast.GeneratorExp,
    ):
        return  # scopes of their own
    for child in ast.iter_child_nodes(node):
        yield from _bound_by(child)


@of_cell
def attributes_renamed(tree: ast.Module, names: Names) -> None:
    """What an object keeps in self gets another name; the exercises prescribe only its methods."""
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        at_class_level = {name for node in owner.body for name in _bound_by(node)}
        stored = [
            node.attr
            for node in ast.walk(owner)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ]
        methods = {node.name for node in owner.body if isinstance(node, ast.FunctionDef)}
        if "__slots__" in at_class_level:
            continue
        for node in ast.walk(owner):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
                and node.attr in stored
                and node.attr not in at_class_level | methods | {*names.words.methods}
            ):
                node.attr = f"kept_{node.attr.strip('_')}"


@of_cell
def numpy_in_full(tree: ast.Module, names: Names) -> None:
    """`numpy.tanh` for `np.tanh`, with an import: it is the same module."""
    if names["np"] and not names["numpy"] and not _binds(tree, "np"):
        rename(tree, {"np": "numpy"})
        add_import(tree, "import numpy")


@of_cell
def functions_imported(tree: ast.Module, names: Names) -> None:
    """`from numpy import tanh` and `tanh(x)` for `np.tanh(x)`: it is the same function."""
    if _binds(tree, "np"):
        return
    used: dict[str, None] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        root, name = node.func.value, node.func.attr
        if isinstance(root, ast.Name) and root.id == "np" and _is_free(name, names):
            node.func = ast.Name(name, ast.Load())
            used[name] = None
    if used:
        add_import(tree, f"from numpy import {', '.join(used)}")


def _is_free(name: str, names: Names) -> bool:
    return not names[name] and name not in dir(builtins) and name not in PURE


def _binds(tree: ast.Module, name: str) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.alias) and name in (node.name, node.asname))
        or (isinstance(node, ast.alias) and node.name == "*")
        for node in ast.walk(tree)
    )


# The order of statements

Path = tuple[str, ...]


@dataclass
class _Effects:
    """What a statement reads and writes, as paths: ("self", "x") or ("history", "'loss'")."""

    reads: set[Path] = field(default_factory=set)
    writes: set[Path] = field(default_factory=set)
    unknown: bool = False


@of_blocks
def statements_exchanged(block: Block, names: Names) -> Block:
    """Neighbours of which neither writes what the other one reads or writes change places."""
    result, position = list(block), 0
    while position + 1 < len(result):
        if _independent(_effects(result[position]), _effects(result[position + 1])):
            result[position : position + 2] = reversed(result[position : position + 2])
            position += 1
        position += 1
    return result


def _independent(one: _Effects, other: _Effects) -> bool:
    return not (
        one.unknown
        or other.unknown
        or _meet(one.writes, other.reads | other.writes)
        or _meet(one.reads, other.writes)
    )


def _meet(some: set[Path], others: set[Path]) -> bool:
    return any(a[: len(b)] == b or b[: len(a)] == a for a in some for b in others)


def _effects(statement: ast.stmt) -> _Effects:
    found = _Effects()
    match statement:
        case ast.FunctionDef(name=name, decorator_list=decorators, args=args):
            found.writes.add((name,))
            for each in [*decorators, *args.defaults]:
                _collect(each, found)
        case ast.ClassDef(name=name):
            found.writes.add((name,))
            found.reads |= {(n.id,) for n in ast.walk(statement) if isinstance(n, ast.Name)}
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.For() | ast.If():
            _collect(statement, found)
        case ast.Expr(value=ast.Call()):
            _collect(statement, found)
        case _:
            found.unknown = True
    return found


def _collect(node: ast.AST, found: _Effects) -> None:
    path = _path(node)
    if path is not None:
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        (found.writes if stored else found.reads).add(path)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Subscript):
                _collect(inner.slice, found)
        return
    if isinstance(node, ast.AugAssign):
        found.reads.add(_path(node.target) or ())
    elif isinstance(node, ast.Call):
        _collect_call(node, found)
        return
    elif isinstance(
        node,
        ast.Yield
        | ast.YieldFrom
        | ast.NamedExpr
        | ast.Return
        | ast.Raise
        | ast.Break
        | ast.Continue,
    ):
        found.unknown = True
    for child in ast.iter_child_nodes(node):
        _collect(child, found)


def _collect_call(node: ast.Call, found: _Effects) -> None:
    match node.func:
        case ast.Name(id=name):
            # A class, by its capital letter, makes an object; what else is called is not known.
            found.unknown |= name not in PURE and not name[0].isupper()
            found.reads.add((name,))
        case ast.Attribute(value=receiver):
            path = _path(receiver)
            if path is not None and path[0] not in MODULES:
                found.writes.add(path)
            _collect(receiver, found)
        case _:
            found.unknown = True
    for each in [*node.args, *node.keywords]:
        _collect(each, found)


def _path(node: ast.AST) -> Path | None:
    match node:
        case ast.Name(id=name):
            return (name,)
        case ast.Attribute(value=value, attr=attr):
            path = _path(value)
            return None if path is None else (*path, attr)
        case ast.Subscript(value=value, slice=ast.Constant(value=key)):
            path = _path(value)
            return None if path is None else (*path, repr(key))
        case ast.Subscript(value=value):
            return _path(value)
    return None
