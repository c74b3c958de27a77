"""Mutation operators for names and arithmetic in any Python code."""

import ast
from collections.abc import Iterator

from grader.authors.proof.mutation.code import Code, Edit, Rule, filled
from grader.authors.proof.mutation.scopes import is_numeric, others

_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


class WrongVariable(Rule):
    """Another name of the function: at most the two nearest that are used in the same way."""

    EXAMPLES = (
        ("def f(x, y):\n    return x + y\n", "def f(x, y):\n    return y + y\n"),
        ("def f(x, y):\n    return x + y\n", "def f(x, y):\n    return x + x\n", 1),
        ("def f(x, y):\n    x()\n    return y + 1\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each use of a name and each other name."""
        for node in code.nodes(ast.Name):
            if isinstance(node.ctx, ast.Load) and code.scope(node) is not code.tree:
                for name in others(code, node)[:2]:
                    yield [code.put(node, name)]


class DefaultForParameter(Rule):
    """The default value of a parameter is written into the code: what is passed has no effect."""

    EXAMPLES = (("def f(n=3):\n    return n\n", "def f(n=3):\n    return 3\n"),)

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each parameter with a default, in all its uses."""
        for function in code.nodes(ast.FunctionDef):
            given = function.args.args[len(function.args.args) - len(function.args.defaults) :]
            for parameter, default in zip(given, function.args.defaults, strict=True):
                uses = [
                    each
                    for each in code.nodes(ast.Name)
                    if each.id == parameter.arg and code.scope(each) is function
                ]
                yield [code.put(each, code.text(default)) for each in uses]


class DropOperand(Rule):
    """One side of an operation is forgotten."""

    EXAMPLES = (("x = a + b\n", "x = a\n"), ("x = a + b\n", "x = b\n", 1))

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Two for each operation."""
        for node in code.nodes(ast.BinOp):
            yield [code.put(node, code.text(node.left))]
            yield [code.put(node, code.text(node.right))]


class SwapOperands(Rule):
    """The two sides of an operation stand in the wrong order, where the order matters."""

    EXAMPLES = (("x = a - b * c\n", "x = b * c - a\n"), ("x = a + b\n", "x = a + b\n"))

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each operation."""
        for node in code.nodes(ast.BinOp):
            if isinstance(node.op, _ORDERED):
                yield code.exchange(node.left, node.right)


class DropParentheses(Rule):
    """Parentheses that mean something are forgotten."""

    EXAMPLES = (("x = (a - b) * c\n", "x = a - b * c\n"), ("x = (a * b) + c\n",) * 2)

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each pair."""
        data, meant = code.source.encode(), ast.dump(code.tree)
        for node in code.nodes(ast.BinOp):
            start, end = code.start(node), code.end(node)
            if data[start - 1 : start] == b"(" and data[end : end + 1] == b")":
                edit = [Edit(start - 1, start, ""), Edit(end, end + 1, "")]
                try:
                    changed = ast.dump(ast.parse(code.edited(edit)))
                except SyntaxError:
                    continue
                if changed != meant and isinstance(code.parent(node), (ast.BinOp, ast.UnaryOp)):
                    yield edit


class RegroupOperands(Rule):
    """Parentheses stand where there should be none: `a * b + c` is read as `a * (b + c)`."""

    EXAMPLES = (
        ("x = a * b + c\n", "x = a * (b + c)\n"),
        ("x = a + b * c\n", "x = (a + b) * c\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each operation with another on its left, one for each on its right."""
        signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
        ranks = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
        for node in code.nodes(ast.BinOp):
            outer = signs.get(type(node.op))
            for side in (node.left, node.right):
                if not isinstance(side, ast.BinOp) or not outer or type(side.op) not in signs:
                    continue
                inner = signs[type(side.op)]
                if ranks[inner] == ranks[outer]:
                    continue  # that is mostly the same value
                one, other = code.text(side.left), code.text(side.right)
                if side is node.left:
                    given = {"A": one, "B": other, "C": code.text(node.right)}
                    yield [code.put(node, filled(f"A {inner} (B {outer} C)", given))]
                else:
                    given = {"A": code.text(node.left), "B": one, "C": other}
                    yield [code.put(node, filled(f"(A {outer} B) {inner} C", given))]


class NameOffByOne(Rule):
    """One too many, or one too few: a name in an operation becomes `(name + 1)`, `(name - 1)`."""

    EXAMPLES = (
        ("x = a * 2\n", "x = (a + 1) * 2\n"),
        ("x = a * 2\n", "x = (a - 1) * 2\n", 1),
        ("x = a - 1\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Two for each name, if there is no number beside it: that is changed by itself."""
        for node in code.nodes(ast.Name):
            parent = code.parent(node)
            if not isinstance(parent, ast.BinOp) or not is_numeric(code, node):
                continue
            beside = parent.left if node is parent.right else parent.right
            plain = isinstance(parent.op, (ast.Add, ast.Sub)) and isinstance(beside, ast.Constant)
            if not plain and not isinstance(beside, ast.Call):
                yield [code.put(node, f"{node.id} + 1")]
                yield [code.put(node, f"{node.id} - 1")]


class Negate(Rule):
    """A minus too many: before an argument, an element of a tuple, or what is returned."""

    EXAMPLES = (
        ("f(x, 1)\n", "f(-x, 1)\n"),
        ("def f(x, y):\n    return x * y\n", "def f(x, y):\n    return -(x * y)\n"),
        ("f(a)\na.b()\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each that looks like a number or an array."""
        for node in code.nodes(ast.expr):
            parent = code.parent(node)
            passed = isinstance(parent, ast.Call) and node in parent.args
            stored = isinstance(getattr(node, "ctx", None), ast.Store)
            given = isinstance(parent, (ast.Return, ast.Tuple)) and not stored
            if (passed or given) and is_numeric(code, node):
                yield [code.put(node, filled("-E", {"E": code.text(node)}))]


class ConstantComparison(Rule):
    """A comparison whose result is always the same."""

    EXAMPLES = (("x = a < b\n", "x = True\n"), ("x = a < b\n", "x = False\n", 1))

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Two for each comparison."""
        for node in code.nodes(ast.Compare):
            yield [code.put(node, "True")]
            yield [code.put(node, "False")]


RULES: tuple[type[Rule], ...] = (
    WrongVariable,
    DefaultForParameter,
    DropOperand,
    SwapOperands,
    DropParentheses,
    RegroupOperands,
    NameOffByOne,
    Negate,
    ConstantComparison,
)
