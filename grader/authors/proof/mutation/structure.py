"""Mutation operators for the statements of any Python code: missing, doubled, in a wrong place."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.scopes import bound, bound_before, used

_LOOPS = (ast.For, ast.While)
_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try)


class RemoveStatement(Rule):
    """A statement is forgotten.

    Not the first that gives a name its value: without it, the next line only stops. Not a loop,
    and not all that stands in one: ZeroIterationForLoop does the same.
    """

    EXAMPLES = (
        ("a()\nb()\n", "b()\n"),
        ("if a:\n    b()\n", "", 0),
        ("if a:\n    b()\n", "if a:\n    pass\n", 1),
        ("for i in a:\n    b()\n",) * 2,
        ("def f(x):\n    x = g(x)\n    return x\n", "def f(x):\n    return x\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each statement."""
        kinds = (ast.Expr, ast.Assign, ast.AugAssign, ast.If)
        for block in code.blocks():
            for statement in block:
                if isinstance(statement, kinds) and not self._is_needed(code, statement):
                    yield [code.remove(statement)]

    def _is_needed(self, code: Code, statement: ast.stmt) -> bool:
        parent = code.parent(statement)
        if isinstance(parent, _LOOPS) and parent.body == [statement]:
            return True
        if not isinstance(statement, ast.Assign) or code.scope(statement) is code.tree:
            return False
        names = {name for each in statement.targets for name in bound(each)}
        return bool(names - bound_before(code, statement))


class DoubleStatement(Rule):
    """A statement is there twice; only one that does more than to give a name a value."""

    EXAMPLES = (
        ("a()\n", "a()\na()\n"),
        ("x = f(y)\n", "x = f(y)\n"),
        ("for i in a:\n    x = f(i)\n", "for i in a:\n    x = f(i)\n    x = f(i)\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each statement with an effect of its own."""
        for block in code.blocks():
            for statement in block:
                in_loop = isinstance(code.parent(statement), _LOOPS)
                call = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
                effect = isinstance(statement, (ast.Expr, ast.AugAssign))
                # Of a loop over one statement, that one is doubled.
                effect = effect or (isinstance(statement, ast.For) and len(statement.body) > 1)
                if effect or (call and in_loop):
                    yield [code.insert_after(statement, code.lines(statement))]


class MissingReturn(Rule):
    """A value is computed and not returned."""

    EXAMPLES = (("def f(x):\n    return x\n", "def f(x):\n    x\n"),)

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each return."""
        for node in code.nodes(ast.Return):
            if node.value is not None:
                yield [code.put(node, code.text(node.value))]


class ReturnInLoop(Rule):
    """The return after a loop stands in its body: the loop runs once."""

    EXAMPLES = (
        (
            "def f(n):\n    for i in n:\n        g(i)\n    return n\n",
            "def f(n):\n    for i in n:\n        g(i)\n        return n\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each return that follows a loop."""
        for block in code.blocks():
            for loop, last in pairwise(block):
                if isinstance(loop, _LOOPS) and isinstance(last, ast.Return):
                    end = loop.body[-1]
                    lines = code.lines(last, code.indent(end))
                    yield [code.insert_after(end, lines), code.remove(last)]


class OneIteration(Rule):
    """A loop ends after its first round; not where a return in the loop does the same."""

    EXAMPLES = (
        ("for i in a:\n    b(i)\nc()\n", "for i in a:\n    b(i)\n    break\nc()\n"),
        ("def f():\n    for i in a:\n        b(i)\n    return a\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each loop."""
        for block in code.blocks():
            for loop, following in pairwise([*block, None]):
                if isinstance(loop, _LOOPS) and not isinstance(following, ast.Return):
                    end = loop.body[-1]
                    yield [code.insert_after(end, code.indent(end) + "break\n")]


class MoveBeforeLoop(Rule):
    """A statement of a loop's body is done once, before the loop."""

    EXAMPLES = (
        ("for i in a:\n    b()\n    c(i)\n", "b()\nfor i in a:\n    c(i)\n"),
        ("for i in a:\n    c(i)\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each statement that needs nothing from the loop."""
        for loop in code.nodes(ast.For):
            for statement in loop.body:
                own = bound(statement) if isinstance(statement, _COMPOUND) else set()
                if not (used(statement) - own) & (bound(loop) - bound_before(code, loop)):
                    lines = code.lines(statement, code.indent(loop))
                    yield [code.insert_before(loop, lines), code.remove(statement)]


class MoveAfterLoop(Rule):
    """A statement of a loop's body is done once, after the loop."""

    EXAMPLES = (
        ("for i in a:\n    b()\n    c(i)\n", "for i in a:\n    c(i)\nb()\n"),
        (
            "for i in a:\n    b = i\n    c(b)\n",
            "for i in a:\n    b = i\nc(b)\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each statement that the others can do without."""
        for loop in code.nodes(ast.For):
            for number, statement in enumerate(loop.body):
                later = {name for each in loop.body[number + 1 :] for name in used(each)}
                new = bound(statement) - bound_before(code, statement)
                if not later & new:
                    lines = code.lines(statement, code.indent(loop))
                    yield [code.remove(statement), code.insert_after(loop, lines)]


class MoveOutOfWith(Rule):
    """What should stand in a `with` block stands below it, or above."""

    EXAMPLES = (
        (
            "with a as b:\n    c = d\n    e = c\n",
            "with a as b:\n    c = d\ne = c\n",
        ),
        (
            "with a as b:\n    c = d\n    e = c\n",
            "with a as b:\n    pass\nc = d\ne = c\n",
            1,
        ),
        (
            "with a as b:\n    c = d\n    e = c\n",
            "c = d\nwith a as b:\n    e = c\n",
            2,
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """The last, the last two, ..., and all statements below; the first above."""
        for block in code.nodes(ast.With):
            indent, body = code.indent(block), block.body
            for first in reversed(range(len(body))):
                lines = "".join(code.lines(each, indent) for each in body[first:])
                if first:
                    removed = [code.remove(each) for each in body[first:]]
                    yield [*removed, code.insert_after(block, lines)]
                else:
                    whole = Edit(code.start(body[0]), code.end(body[-1]), "pass")
                    yield [whole, code.insert_after(block, lines)]
            if len(body) > 1:
                yield [
                    code.insert_before(block, code.lines(body[0], indent)),
                    code.remove(body[0]),
                ]


class SwapStatements(Rule):
    """Two neighbouring statements stand in the wrong order.

    Only where that can matter: one is a loop, or both change the same name.
    """

    EXAMPLES = (
        ("x = 1\nx = f(x)\nx = g(x)\n", "x = 1\nx = g(x)\nx = f(x)\n"),
        ("x = f()\ny = g(x)\n",) * 2,
        ("a()\nfor i in b:\n    c(i)\nd(e)\n", "for i in b:\n    c(i)\na()\nd(e)\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each such pair."""
        for block in code.blocks():
            for one, other in pairwise(block):
                kinds = (ast.Expr, ast.Assign, ast.AugAssign, ast.For)
                if not isinstance(one, kinds) or not isinstance(other, kinds):
                    continue
                new = bound(one) - bound_before(code, one)
                loop = isinstance(one, ast.For) or isinstance(other, ast.For)
                if not new & used(other) and (loop or bound(one) & bound(other)):
                    lines = code.lines(other)
                    yield [code.insert_before(one, lines), code.remove(other)]


class AugmentedToPlain(Rule):
    """`+=` and its kind become `=`."""

    EXAMPLES = (("x += y\n", "x = y\n"), ("x -= y\n", "x = y\n"))

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each."""
        for node in code.nodes(ast.AugAssign):
            yield [code.put(node, f"{code.text(node.target)} = {code.text(node.value)}")]


class SwapBranches(Rule):
    """The two branches of an `if` are exchanged, or a return in it and the return below."""

    EXAMPLES = (
        ("if a:\n    b()\nelse:\n    c()\n", "if a:\n    c()\nelse:\n    b()\n"),
        (
            "def f(a):\n    if a:\n        return 1\n    return 2\n",
            "def f(a):\n    if a:\n        return 2\n    return 1\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each."""
        for block in code.blocks():
            for one, following in pairwise([*block, None]):
                if not isinstance(one, ast.If) or len(one.body) != 1:
                    continue
                other = one.orelse[0] if len(one.orelse) == 1 else following
                if not isinstance(other, ast.stmt) or isinstance(other, _COMPOUND):
                    continue
                if one.orelse or {type(one.body[0]), type(other)} == {ast.Return}:
                    yield code.exchange(one.body[0], other)


class SelfToLocal(Rule):
    """An attribute of self that is only a local name: it is gone after the call."""

    EXAMPLES = (
        (
            "class A:\n    def f(self):\n        self.x = 1\n",
            "class A:\n    def f(self):\n        x = 1\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each assignment; with the uses in the same function, too."""
        for node in code.nodes(ast.Attribute):
            if isinstance(node.ctx, ast.Store) and code.text(node) == f"self.{node.attr}":
                yield [code.put(node, node.attr)]
                scope = code.scope(node)
                others = [
                    each
                    for each in code.nodes(ast.Attribute)
                    if code.scope(each) is scope and code.text(each) == code.text(node)
                ]
                yield [code.put(each, node.attr) for each in others]


RULES: tuple[type[Rule], ...] = (
    RemoveStatement,
    DoubleStatement,
    MissingReturn,
    ReturnInLoop,
    OneIteration,
    MoveBeforeLoop,
    MoveAfterLoop,
    MoveOutOfWith,
    SwapStatements,
    AugmentedToPlain,
    SwapBranches,
    SelfToLocal,
)
