"""Mutation operators for calls, sequences and strings in any Python code."""

import ast
import builtins
from collections.abc import Iterator
from itertools import pairwise

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.scopes import bound, things


class RangeOffByOne(Rule):
    """A range that is one too short, one too long, or begins at the wrong number."""

    EXAMPLES = (
        ("for i in range(n):\n    f(i)\n", "for i in range(n - 1):\n    f(i)\n"),
        ("for i in range(n):\n    f(i)\n", "for i in range(1, n):\n    f(i)\n", 3),
        ("for _ in range(n):\n    f()\n", "for _ in range(n + 1):\n    f()\n", 1),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each range with one argument; where it begins matters if the number is used."""
        for node in code.nodes(ast.Call):
            if code.text(node.func) != "range" or len(node.args) != 1:
                continue
            n, parent = code.text(node.args[0]), code.parent(node)
            unused = isinstance(parent, ast.For) and code.text(parent.target).startswith("_")
            begins = () if unused else (f"1, {n}", f"1, {n} + 1")
            for arguments in (f"{n} - 1", f"{n} + 1", f"2 * {n}", *begins):
                yield [code.put(node, f"range({arguments})")]


class SwapArguments(Rule):
    """Two neighbouring arguments of a call are exchanged."""

    EXAMPLES = (
        ("f(a, b, c)\n", "f(b, a, c)\n"),
        ("f(a, b, c)\n", "f(a, c, b)\n", 1),
        ("f(model, 1)\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each pair."""
        for node in code.nodes(ast.Call):
            for one, other in pairwise(node.args):
                if self._kind(code, one) == self._kind(code, other):
                    yield code.exchange(one, other)

    def _kind(self, code: Code, node: ast.expr) -> object:
        """Arguments of two kinds are not taken for one another: the next line only stops."""
        if isinstance(node, ast.Name):
            return frozenset(things(code, node.id))
        return isinstance(node, ast.Constant) or "expression"


class RemoveArgument(Rule):
    """A keyword argument is forgotten, or the last argument to a function of the notebook."""

    EXAMPLES = (
        ("f(a, b=1, c=2)\n", "f(a, b=1)\n"),
        ("f(a, b=1, c=2)\n", "f(a, c=2)\n", 1),
        ("f(a, b)\n", "f(a)\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each keyword argument, or one for the last."""
        for node in code.nodes(ast.Call):
            given = sorted([*node.args, *node.keywords], key=code.start)
            own = {*dir(builtins), *bound(code.scope(node))}
            removable: list[ast.expr | ast.keyword] = [*reversed(node.keywords)]
            if isinstance(node.func, ast.Name) and node.func.id not in own and len(node.args) > 1:
                removable.append(node.args[-1])
            for each in removable:
                at = given.index(each)
                if at:
                    yield [Edit(code.end(given[at - 1]), code.end(each), "")]
                else:
                    end = code.start(given[1]) if len(given) > 1 else code.end(each)
                    yield [Edit(code.start(each), end, "")]


class SwapElements(Rule):
    """Two neighbouring elements of a tuple or list, or values of a dictionary, are exchanged."""

    EXAMPLES = (
        ("x = a, b\n", "x = b, a\n"),
        ("x = {1: a, 2: b}\n", "x = {1: b, 2: a}\n"),
        ("a, b = x\n", "b, a = x\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each pair."""
        for node in code.nodes(ast.expr):
            if isinstance(node, (ast.Tuple, ast.List)):
                pairs = pairwise(node.elts)
            elif isinstance(node, ast.Dict):
                pairs = pairwise(node.values)
            else:
                continue
            for one, other in pairs:
                yield code.exchange(one, other)


class DropElement(Rule):
    """An element of a tuple or list is forgotten; of two that are returned, one is left alone."""

    EXAMPLES = (
        ("x = a, b\n", "x = b\n"),
        ("for x in (a, b):\n    f(x)\n", "for x in (b,):\n    f(x)\n"),
        ("x = (a, b, c)\n", "x = (a, b)\n", 2),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each element."""
        for node in code.nodes(ast.expr):
            parent = code.parent(node)
            if not isinstance(node, (ast.Tuple, ast.List)) or not isinstance(node.ctx, ast.Load):
                continue
            if len(node.elts) < 2 or isinstance(parent, ast.Subscript):
                continue
            whole = isinstance(node, ast.List) or code.text(node).startswith("(")
            looped = isinstance(parent, (ast.For, ast.comprehension))
            for left_out in node.elts:
                kept = [code.text(each) for each in node.elts if each is not left_out]
                text = ", ".join(kept)
                if isinstance(node, ast.List):
                    text = f"[{text}]"
                elif len(kept) > 1 or looped:
                    comma = "," if len(kept) == 1 else ""
                    text = f"({text}{comma})" if whole else text
                yield [code.put(node, text)]


class WrongIndex(Rule):
    """The wrong axis: `a[:, 0]` becomes `a[0]`, `a[0, :]`, or `a[:]`."""

    EXAMPLES = (
        ("x = a[:, 0]\n", "x = a[0]\n"),
        ("x = a[:, 0]\n", "x = a[0, :]\n", 1),
        ("x = a[:, 0]\n", "x = a[:]\n", 2),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Three for each index of two parts, one of them a slice."""
        for node in code.nodes(ast.Subscript):
            index = node.slice
            if not isinstance(index, ast.Tuple) or len(index.elts) != 2:
                continue
            if any(isinstance(each, ast.Slice) for each in index.elts):
                one, other = map(code.text, index.elts)
                for text in (other, f"{other}, {one}", one):
                    yield [Edit(code.start(index), code.end(index), text)]


class ReplaceString(Rule):
    """A string is the next one of the cell that stands in the same kind of place."""

    EXAMPLES = (
        ('x = a["b"] + a["c"]\n', 'x = a["c"] + a["c"]\n'),
        ('x = a["b"] + f("c")\n',) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each string, if there is another."""
        places: dict[type, list[ast.Constant]] = {}
        for node in code.nodes(ast.Constant):
            if isinstance(node.value, str):
                places.setdefault(type(code.parent(node)), []).append(node)
        for nodes in places.values():
            texts = list(dict.fromkeys(map(code.text, nodes)))
            for node in nodes if len(texts) > 1 else ():
                following = (texts.index(code.text(node)) + 1) % len(texts)
                yield [code.put(node, texts[following])]


class DropCall(Rule):
    """A call is forgotten: its only argument stands there, its object, or a class."""

    EXAMPLES = (
        ("x = f(a)\n", "x = a\n"),
        ("def f(a):\n    a = a.b(1).c(2)\n", "def f(a):\n    a = a.b(1)\n"),
        ("def f(a):\n    a = a.b(1).c(2)\n", "def f(a):\n    a = a.c(2)\n", 1),
        ("x = A()\n", "x = A\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each call with one argument, a chain of calls, or no argument."""
        for node in code.nodes(ast.Call):
            name = code.text(node.func).partition("(")[0]
            kept_out = ("range", "super", "super.__init__")
            if isinstance(code.parent(node), ast.Expr) or name in kept_out:
                continue
            if not node.args and not node.keywords:
                if not self._is_class(node.func):
                    continue
                yield [code.put(node, code.text(node.func))]
            elif isinstance(node.func, ast.Attribute) and self._is_method(code, node.func):
                yield [code.put(node, code.text(node.func.value))]
            elif len(node.args) == 1 and not node.keywords:
                yield [code.put(node, code.text(node.args[0]))]

    def _is_class(self, function: ast.expr) -> bool:
        name = function.attr if isinstance(function, ast.Attribute) else ""
        return (function.id if isinstance(function, ast.Name) else name)[:1].isupper()

    def _is_method(self, code: Code, function: ast.Attribute) -> bool:
        """Whether it belongs to the result of a call, or to an object of the function."""
        thing = function.value
        own = bound(code.scope(function)) - {"self"}
        return isinstance(thing, ast.Call) or (isinstance(thing, ast.Name) and thing.id in own)


RULES: tuple[type[Rule], ...] = (
    RangeOffByOne,
    SwapArguments,
    RemoveArgument,
    SwapElements,
    DropElement,
    WrongIndex,
    ReplaceString,
    DropCall,
)
