"""What the names of a function are used for: helps operators to leave out what would only stop."""

import ast
import builtins
from collections.abc import Iterator

from grader.authors.proof.mutation.code import Code

_CONTAINERS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp)


def bound(node: ast.AST) -> set[str]:
    """The names that get a value somewhere in it."""
    names = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
        elif isinstance(each, ast.arg):
            names.add(each.arg)
    return names


def used(node: ast.AST) -> set[str]:
    """The names whose values it reads."""
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }


def bound_before(code: Code, statement: ast.stmt) -> set[str]:
    """The names of its function that have a value when it runs for the first time."""
    scope, here = code.scope(statement), code.start(statement)
    found = bound(scope.args) if isinstance(scope, ast.FunctionDef) else set()
    for name in _names(code, scope):
        holder = code.statement(name)
        if not isinstance(name.ctx, ast.Store) or holder is statement:
            continue
        done = code.start(name) if hasattr(holder, "body") else code.end(holder)
        if done <= here:
            found.add(name.id)
    return found - _of_comprehensions(scope)


def others(code: Code, node: ast.Name) -> list[str]:
    """Other names that could stand in its place, the nearest by first appearance first.

    Names of the function stand for one another, if they have a value there; and names that the
    function has from the notebook do. Both must be used in the same way.
    """
    scope = code.scope(node)
    ways: dict[str, set[str]] = {name: set() for name in _parameters(scope)}
    for each in _names(code, scope):
        ways.setdefault(each.id, set()).update({_way(code, each)} - {""})
    own = bound(scope)
    left_out = {"self", "_", *_of_comprehensions(scope), *dir(builtins)}
    left_out |= {name for name in ways if name not in own and ways[name]}  # modules, functions
    order = list(ways)
    if node.id in left_out:
        return []
    fitting = bound_before(code, code.statement(node)) if node.id in own else set(ways) - own
    found = [
        name
        for name in order
        if name in fitting - left_out - {node.id}
        if ways[name] & ways[node.id] or not (ways[name] or ways[node.id])
        if things(code, name) == things(code, node.id)
    ]
    return sorted(found, key=lambda name: abs(order.index(name) - order.index(node.id)))


def is_numeric(code: Code, node: ast.AST) -> bool:
    """Whether it looks like a number or an array: arithmetic, or the name of a plain value."""
    if isinstance(node, ast.BinOp):
        return not any(
            isinstance(each, ast.Constant) and isinstance(each.value, str)
            for each in ast.walk(node)
        )
    if not isinstance(node, ast.Name) or things(code, node.id):
        return False
    if any(word in node.id for word in code.words.unsigned):
        return False
    ways = {_way(code, each).partition(" ")[0] for each in _same(code, node)}
    return not ways & {"call", "attribute", "loop"} and not is_container(code, node)


def is_container(
    code: Code, node: ast.AST, kinds: tuple[type[ast.expr], ...] = _CONTAINERS
) -> bool:
    """Whether it is a name that got a list, a dictionary or the like."""
    return isinstance(node, ast.Name) and any(
        isinstance(each, ast.Assign) and isinstance(each.value, kinds) and node.id in bound(each)
        for each in ast.walk(code.scope(node))
    )


def things(code: Code, name: str) -> set[str]:
    """The words in a name that say what it is, if it is no number and no array."""
    return {word for word in code.words.things if word in name}


def _parameters(scope: ast.AST) -> list[str]:
    if not isinstance(scope, ast.FunctionDef):
        return []
    return [each.arg for each in ast.walk(scope.args) if isinstance(each, ast.arg)]


def _names(code: Code, scope: ast.AST) -> Iterator[ast.Name]:
    return (each for each in code.nodes(ast.Name) if code.scope(each) is scope)


def _same(code: Code, node: ast.Name) -> Iterator[ast.Name]:
    return (each for each in _names(code, code.scope(node)) if each.id == node.id)


def _of_comprehensions(scope: ast.AST) -> set[str]:
    found = [bound(each.target) for each in ast.walk(scope) if isinstance(each, ast.comprehension)]
    return set().union(*found)


def _way(code: Code, node: ast.Name) -> str:
    """How the value of a name is used in one place; "" where it is only passed on."""
    parent = code.parent(node)
    if isinstance(parent, ast.Attribute):
        return f"attribute {parent.attr}"
    if isinstance(parent, ast.Call) and parent.func is node:
        return "call"
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return "subscript"
    if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node:
        return "loop"
    if isinstance(parent, ast.Call) and hasattr(builtins, code.text(parent.func)):
        return f"passed to {code.text(parent.func)}"
    return "operand" if isinstance(parent, (ast.BinOp, ast.UnaryOp, ast.Compare)) else ""
