"""What a rewrite of a right answer is: a change of style after which it is as right as before.

The rewrites themselves are in the modules beside this one, and in files of a course. Each is a
function with a decorator of this module; its docstring says what it changes, and why a right
answer stays right.
"""

import ast
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from grader.authors.proof.words import NO_WORDS, Words

Block = list[ast.stmt]
# What calls of other names and methods do is not known; of these it is: they change nothing.
MODULES = frozenset({"np", "numpy", "tf", "scipy", "math", "os", "keras"})
PURE = frozenset(
    {"abs", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed"}
    | {"round", "sorted", "str", "sum", "tuple", "zip"}
)


class Names:
    """The identifiers of a cell: how often each occurs, what they stand for, and new ones."""

    def __init__(self, tree: ast.AST, words: Words = NO_WORDS) -> None:
        self._counts = count_names(tree)
        self.words = words
        self.bound = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def fresh(self, wanted: str) -> str:
        """`wanted`, or it with a number if the cell has the name already."""
        name, number = wanted, 1
        while self._counts[name]:
            number += 1
            name = f"{wanted}_{number}"
        self._counts[name] += 1
        return name


@dataclass(frozen=True)
class Rewrite:
    """A named change of style; called with the source of a cell, it gives the changed source."""

    name: str
    why: str
    change: Callable[[ast.Module, Names], None]

    @functools.cache  # noqa: B019 - rewrites live as long as the program
    def __call__(self, source: str, words: Words = NO_WORDS) -> str | None:
        """`source` in the other style; None if there is nothing in it to change."""
        tree = ast.parse(source)
        self.change(tree, Names(tree, words))
        changed = ast.unparse(tree)
        return None if changed == without_layout(source) else changed


@functools.cache
def without_layout(source: str) -> str:
    """The source without comments, in one layout: two are equal if their syntax trees are."""
    return ast.unparse(ast.parse(source))


def of_cell(change: Callable[[ast.Module, Names], None]) -> Rewrite:
    """A rewrite that changes the tree of a whole cell."""
    return Rewrite(change.__name__.replace("_", "-"), (change.__doc__ or "").strip(), change)


def of_expressions(change: Callable[[ast.expr, Names], ast.expr | None]) -> Rewrite:
    """A rewrite of every expression for which `change` gives another one; innermost first."""

    def change_all(tree: ast.Module, names: Names) -> None:
        class Everywhere(ast.NodeTransformer):
            def visit(self, node: ast.AST) -> ast.AST:
                node = self.generic_visit(node)
                if not isinstance(node, ast.expr) or is_target(node):
                    return node
                return change(node, names) or node

        Everywhere().visit(tree)

    return _named_like(change, change_all)


def of_blocks(change: Callable[[Block, Names], Block]) -> Rewrite:
    """A rewrite of every list of statements, innermost first."""

    def change_all(tree: ast.Module, names: Names) -> None:
        for node in reversed(list(ast.walk(tree))):  # children before their parents
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list) and block:
                    setattr(node, field, change(block, names))

    return _named_like(change, change_all)


@dataclass(frozen=True)
class Place:
    """A function of a cell: of the module, or a method; `block` is where it stands."""

    function: ast.FunctionDef
    owner: ast.ClassDef | None
    block: Block
    tree: ast.Module


def of_functions(change: Callable[[Place, Names], None]) -> Rewrite:
    """A rewrite of every function and every method."""

    def change_all(tree: ast.Module, names: Names) -> None:
        for place in list(functions(tree)):
            change(place, names)

    return _named_like(change, change_all)


def _named_like(
    function: Callable[..., object], change: Callable[[ast.Module, Names], None]
) -> Rewrite:
    name = function.__name__.replace("_", "-")
    return Rewrite(name, (function.__doc__ or "").strip(), change)


# What the rewrites share


def functions(tree: ast.Module) -> Iterator[Place]:
    """The functions of the module and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield Place(node, None, tree.body, tree)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield Place(inner, node, node.body, tree)


def is_target(node: ast.expr) -> bool:
    """Whether something is assigned to the expression, or it is deleted."""
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def count_names(tree: ast.AST) -> Counter[str]:
    """How often each identifier occurs, attributes apart."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                found[name] += 1
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] += 1
            case ast.alias(name=name, asname=other):
                found[other or name.split(".")[0]] += 1
    return found


def parameters(function: ast.FunctionDef | ast.Lambda) -> list[str]:
    """The names of all parameters."""
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [each.arg for each in every if each is not None]


def split_docstring(body: Block) -> tuple[Block, Block]:
    """The docstring of a body, if it has one, and the other statements."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest] if rest:
            return body[:1], rest
    return [], body


def in_own_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below `node` but what belongs to a function or class in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield from in_own_scope(child)


def always_evaluated(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions below `node` that are evaluated once whenever it is."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        if isinstance(child, ast.IfExp):
            yield from always_evaluated(ast.Expr(child.test))
        elif isinstance(child, ast.BoolOp):
            yield from always_evaluated(ast.Expr(child.values[0]))
        elif isinstance(child, ast.expr | ast.keyword) and not isinstance(
            child, ast.Lambda | ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp
        ):
            yield from always_evaluated(child)


def replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put `new` in the place of the very object `old` below `tree`."""

    class Replacer(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    Replacer().visit(tree)


def rename(tree: ast.AST, mapping: dict[str, str]) -> None:
    """Give variables below `tree` other names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = mapping.get(node.id, node.id)


def load(name: str) -> ast.Name:
    """The expression that reads a variable."""
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.Assign:
    """The statement `name = value`."""
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def statements(text: str, **parts: ast.expr | str) -> Block:
    """The statements in `text`, with expressions or other names in the place of some names."""
    block = ast.parse(text)

    class Filler(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            part = parts.get(node.id)
            if isinstance(part, str):
                return ast.Name(part, node.ctx)
            return node if part is None else deepcopy(part)

    Filler().visit(block)
    return block.body


def expression(text: str, **parts: ast.expr | str) -> ast.expr:
    """The expression in `text`, filled in like `statements`."""
    (statement,) = statements(text, **parts)
    assert isinstance(statement, ast.Expr)
    return statement.value


def add_import(tree: ast.Module, text: str) -> None:
    """Put an import at the top of the cell, unless it is there."""
    (new,) = ast.parse(text).body
    if ast.dump(new) not in map(ast.dump, tree.body):
        tree.body.insert(0, new)


def has_call(node: ast.AST) -> bool:
    """Whether something below calls more than a function that is known to change nothing."""
    return any(
        isinstance(each, ast.Call | ast.Yield | ast.NamedExpr) and not is_pure_call(each)
        for each in ast.walk(node)
    )


def is_pure_call(node: ast.expr) -> bool:
    """Whether it is a call of a known function that changes nothing."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Name):
        return function.id in PURE
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in MODULES


def is_trivial(node: ast.expr) -> bool:
    """Whether it is a name, an attribute of one, or a constant."""
    if isinstance(node, ast.Attribute):
        return is_trivial(node.value)
    return isinstance(node, ast.Name | ast.Constant)
