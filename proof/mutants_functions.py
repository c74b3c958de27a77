"""Mutation operators for the functions of this course: what they count, keep and ignore."""

import ast
from collections.abc import Iterator
from typing import ClassVar

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.templates import Table

# The network of the first exercise, and its parameters.
_COURSE_NUMBERS = {
    "hidden_depth": "5",
    "num_neuron": "32",
    "num_input": "10",
    "num_output": "2",
    "n_parameters": "4642",
}
# Parameters that have the name of something in the notebook, or nearly.
_OF_THE_NOTEBOOK = {
    **dict.fromkeys(("w", "b", "x", "y", "network", "model", "loss_object", "optimizer")),
    **dict.fromkeys(("train_loss", "train_accuracy", "test_loss", "test_accuracy")),
    **dict.fromkeys(("x_train", "y_train", "x_test", "y_test", "train_ds", "test_ds")),
    "epochs": "EPOCHS",
}


class OtherCount(Table):
    """A formula of cost with a slip: passes of another method, powers taken for multiples."""

    ROWS: ClassVar = {
        "N + 1": ("2 * N", "2 * N + 1", "2 * (N + 1)", "N**2", "N * (N + 1)", "N // 2"),
        "N**2": ("N * (N - 1)", "N * (N + 1)", "(N + 1)**2", "N * (N + 1) // 2", "2**N"),
        "N - M": ("2 * (N - M)", "(N - M)**2", "(N - M) / 2", "N + 2 * M"),
        "N * M": ("N * N", "N * M / 2", "(N * M)**2", "N * M + 1", "2 * N * M"),
        "N + M": ("2 * (N + M)", "(N + M) / 2", "max(N, M)", "N + M + 1", "N + 2 * M"),
    }
    EXAMPLES = (
        ("p = n + 1\n", "p = 2 * n\n"),
        ("p = (w - 1) * n**2\n", "p = (w - 1) * (n * (n - 1))\n"),
    )


class OtherMethod(Table):
    """The word for a method is another one, or in other letters."""

    ROWS: ClassVar = {'"numerical"': ('"backprop"', '"Numerical"', '"forward"', '""')}
    EXAMPLES = (('m == "numerical"\n', 'm == "backprop"\n'),)


class CourseNumber(Rule):
    """A number of the course's own network stands there instead of a parameter."""

    EXAMPLES = (
        (
            "def f(num_neuron):\n    return num_neuron**2\n",
            "def f(num_neuron):\n    return 32**2\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each such parameter, in all its uses."""
        for function in code.nodes(ast.FunctionDef):
            for parameter in function.args.args:
                if parameter.arg in _COURSE_NUMBERS:
                    uses = [
                        code.put(each, _COURSE_NUMBERS[parameter.arg])
                        for each in code.nodes(ast.Name)
                        if each.id == parameter.arg and code.scope(each) is function
                    ]
                    yield uses


class ParameterIgnored(Rule):
    """A function uses the notebook's object of the same name instead of its parameter."""

    EXAMPLES = (
        ("def f(model):\n    return model(1)\n", "def f(model_):\n    return model(1)\n"),
        (
            "def f(epochs):\n    return range(epochs)\n",
            "def f(epochs):\n    return range(EPOCHS)\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each parameter that the notebook has a name for."""
        for function in code.nodes(ast.FunctionDef):
            for parameter in function.args.args:
                name = parameter.arg
                if name not in _OF_THE_NOTEBOOK:
                    continue
                other = _OF_THE_NOTEBOOK[name]
                if other is None:
                    yield [Edit(code.start(parameter), code.end(parameter), f"{name}_")]
                else:
                    yield [
                        code.put(each, other)
                        for each in code.nodes(ast.Name)
                        if each.id == name and code.scope(each) is function
                    ]


class Recorded(Table):
    """A number is kept in another form, or in another place of the list."""

    ROWS: ClassVar = {
        "float(E)": (
            "int(E)",
            "round(float(E), 3)",
            "-float(E)",
            "100 * float(E)",
            "float(E) / 2",
            "1 - float(E)",
            "[float(E)]",
        ),
        "L.append(E)": (
            "L.insert(0, E)",
            "L[:] = [E]",
            "L.append(sum(L) + E)",
            "L.append(E)\nL.sort()",
        ),
        "{N: [] for N in M}": ("dict.fromkeys(M, [])", "{N: [0.0] for N in M}"),
        "L[N].append(E)": ("L[N] = [E]", "L[N] = E", "L[N].insert(0, E)", "L['loss'].append(E)"),
    }
    EXAMPLES = (
        ("a = float(b)\n", "a = int(b)\n"),
        ("a = {n: [] for n in m}\n", "a = dict.fromkeys(m, [])\n"),
        ("for i in j:\n    a.append(b)\n", "for i in j:\n    a.append(b)\n    a.sort()\n", 3),
    )


RULES: tuple[type[Rule], ...] = (
    OtherCount,
    OtherMethod,
    CourseNumber,
    ParameterIgnored,
    Recorded,
)
