"""Mutation operators for slips in derivatives, and in a step of gradient descent."""

import ast
from collections.abc import Iterator
from typing import ClassVar

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.templates import Table


class OtherSlope(Table):
    """The derivative of another function, or one with a slip in it."""

    ROWS: ClassVar = {
        "1 - E**2": (
            "E * (1 - E)",
            "E",
            "1 - E",
            "1 + E",
            "1 + E**2",
            "E**2 - 1",
            "1 - E**3",
            "(1 - E)**2",
            "1 - 2 * E",
            "2 * E",
            "-2 * E",
            "1 - abs(E)",
            "(E > 0) * 1.0",
            "(abs(E) < 1) * 1.0",
            "1 - np.tanh(E)**2",
            "1 / (1 + E**2)",
            "1 / (1 - E**2)",
            "np.cos(E)",
            "np.sqrt(1 - E**2)",
            "(1 - E**2)**2",
            "(1 - E**2) / 2",
            "2 * (1 - E**2)",
            "1",
            "1 + 0 * E",
            "0 * E",
            "1 - np.sum(E**2)",
            "1 - np.dot(E, E)",
            "np.mean(1 - E**2)",
            "np.maximum(1 - E**2, 0.1)",
            "np.round(1 - E**2, 4)",
        ),
    }
    EXAMPLES = (
        ("y = 1 - h**2\n", "y = h * (1 - h)\n"),
        ("y = a * (1 - h**2)\n", "y = a * h\n", 1),
        ("y = 1 - a.b**2\n", "y = (a.b > 0) * 1.0\n", 12),
    )


class OtherActivation(Table):
    """Another function instead of tanh, or tanh with a slip in it."""

    ROWS: ClassVar = {
        "np.tanh(E)": (
            "np.sinh(E)",
            "np.sin(E)",
            "np.arctan(E)",
            "np.arctanh(E)",
            "np.cosh(E)",
            "1 / (1 + np.exp(-E))",
            "2 / (1 + np.exp(-E)) - 1",
            "np.maximum(E, 0)",
            "np.clip(E, -1, 1)",
            "np.sign(E)",
            "E / (1 + abs(E))",
            "E - E**3 / 3",
            "np.tanh(-E)",
            "np.tanh(2 * E)",
            "np.tanh(E / 2)",
            "np.tanh(E)**2",
            "abs(np.tanh(E))",
            "np.tanh(np.tanh(E))",
            "np.tanh(np.clip(E, -3, 3))",
            "np.clip(np.tanh(E), -0.99, 0.99)",
            "np.round(np.tanh(E), 4)",
            "np.tanh(E).astype(np.float16)",
            "np.sum(np.tanh(E))",
            "np.mean(np.tanh(E))",
            "np.ravel(np.tanh(E))",
            "np.atleast_1d(np.tanh(E))",
            "np.atleast_2d(np.tanh(E))",
            "np.transpose(np.tanh(E))",
            "np.squeeze(np.tanh(E))",
            "(np.exp(E) - np.exp(-E)) / (np.exp(E) + np.exp(-E))",
            "(np.exp(E) - np.exp(-E)) / np.exp(E) + np.exp(-E)",
            "(np.exp(2 * E) - 1) / (np.exp(2 * E) + 1)",
        ),
    }
    EXAMPLES = (
        ("y = np.tanh(x)\n", "y = np.sinh(x)\n"),
        ("y = np.tanh(w * x + b)\n", "y = 1 / (1 + np.exp(-(w * x + b)))\n", 5),
    )


class StoredValue(Table):
    """What grad() needs is stored in another way than once for each object and each call."""

    ROWS: ClassVar = {
        "self.last_output = E": (
            "type(self).last_output = E",
            "self.last_output = getattr(self, 'last_output', E)",
            "self.last_output = 0 * E",
            "self.last_output = np.sum(E)",
            "self.last_output = E + getattr(self, 'last_output', 0)",
        ),
    }
    EXAMPLES = (
        ("self.last_output = f(x)\n", "type(self).last_output = f(x)\n"),
        ("self.last_input = f(x)\n",) * 2,
    )


class StoredInput(Rule):
    """The input is stored instead of the output, so that grad() starts from the wrong one."""

    EXAMPLES = (
        ("self.a = f(x)\nb(self.a)\n", "self.a = x\nb(f(x))\n"),
        ("self.a = b\n",) * 2,
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each stored result of a function of one argument."""
        for node in code.nodes(ast.Assign):
            call, target = node.value, node.targets[0]
            if isinstance(target, ast.Attribute) and isinstance(call, ast.Call):
                scope, name = code.scope(node), code.text(target)
                if len(call.args) != 1:
                    continue
                uses = [
                    each
                    for each in code.nodes(ast.Attribute)
                    if code.scope(each) is scope and each is not target
                    if code.text(each) == name
                ]
                edits = [code.put(each, code.text(call)) for each in uses]
                yield [code.put(call, code.text(call.args[0])), *edits]


class WrongError(Table):
    """The derivative of the loss has a slip: half, twice, squared, its sign alone."""

    ROWS: ClassVar = {
        "(N - Y) * E": (
            "2 * (N - Y) * E",
            "(N - Y) * E / 2",
            "(N - Y)**2 * E",
            "(N - Y)**2 / 2 * E",
            "np.sign(N - Y) * E",
            "abs(N - Y) * E",
            "N * E",
            "(N - Y) * E * N",
            "(N - Y) * E**2",
            "(N - Y) + E",
        ),
    }
    EXAMPLES = (("d = (h - y) * (1 - h)\n", "d = 2 * (h - y) * (1 - h)\n"),)


class GradientDescent(Table):
    """The step by gradient descent is left out, made twice as large, taken on a copy..."""

    ROWS: ClassVar = {
        "gradient_descent(N, X, Y, L, A)": (
            "N.calc_gradient(X, Y, L)",
            "L(N(X), Y)",
            "(gradient_descent(N, X, Y, L, A), L(N(X), Y))[1]",
            "gradient_descent(__import__('copy').deepcopy(N), X, Y, L, A)",
            "gradient_descent(N, X, N(X), L, A)",
            "gradient_descent(N, 0 * X, Y, L, A)",
            "gradient_descent(N, X, Y, L, 2 * A)",
            "gradient_descent(N, X, Y, L, A / 10)",
            "gradient_descent(N, X, Y, L, A**2)",
            "gradient_descent(N, X, Y, L, 0)",
            "2 * gradient_descent(N, X, Y, L, A)",
            "sum(gradient_descent(N, X, Y, L, A) for _ in range(2))",
            "np.sqrt(gradient_descent(N, X, Y, L, A))",
        ),
    }
    EXAMPLES = (
        ("l = gradient_descent(n, x, y, o, a)\n", "l = n.calc_gradient(x, y, o)\n"),
        ("l = gradient_descent(n, x, y, o, a)\n", "l = o(n(x), y)\n", 1),
    )


RULES: tuple[type[Rule], ...] = (
    OtherSlope,
    OtherActivation,
    StoredValue,
    StoredInput,
    WrongError,
    GradientDescent,
)
