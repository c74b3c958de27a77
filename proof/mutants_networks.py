"""Mutation operators for networks of Keras: layers, gradients, losses, metrics."""

import ast
from collections.abc import Iterator
from typing import ClassVar

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.templates import Table


class KerasActivation(Table):
    """Another activation."""

    ROWS: ClassVar = {
        '"relu"': ('"tanh"', '"sigmoid"', '"elu"', '"leaky_relu"', '"relu6"'),
        '"softmax"': ('"sigmoid"', '"relu"', '"log_softmax"', '"linear"'),
    }
    EXAMPLES = (('d = Dense(3, activation="relu")\n', 'd = Dense(3, activation="tanh")\n'),)


class LayerArgument(Rule):
    """A layer without biases, frozen, or with weights that begin at zero; or another layer."""

    EXAMPLES = (
        ("d = k.layers.Dense(3)\n", "d = k.layers.Dense(3, use_bias=False)\n"),
        ("d = k.layers.Dense(3)\n", "d = k.layers.Dense(3, trainable=False)\n", 1),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each dense layer."""
        arguments = (
            "use_bias=False",
            "trainable=False",
            'kernel_initializer="zeros"',
        )
        for node in code.nodes(ast.Call):
            if code.text(node.func).endswith("layers.Dense"):
                for argument in arguments:
                    yield [Edit(code.end(node) - 1, code.end(node), f", {argument})")]


class LayerWidth(Rule):
    """The widths of the layers: doubled, halved, one twice, one left out, in another order."""

    EXAMPLES = (
        ("a = (4, 8, 16)\n", "a = (8, 8, 16)\n"),
        ("a = (4, 8, 16)\n", "a = (4, 4, 8, 16)\n", 1),
        ("a = (4, 8, 16)\n", "a = (16, 8, 4)\n", 6),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Two for each width in a tuple or list, two for all, two for one that stands alone."""
        for node in code.nodes(ast.expr):
            if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) > 2:
                widths = [each.value for each in node.elts if isinstance(each, ast.Constant)]
                whole = [width for width in widths if isinstance(width, int)]
                if len(whole) == len(node.elts):
                    for made in self._of(whole):
                        yield [code.put(node, str(tuple(made)))]
        for call in code.nodes(ast.Call):
            first = call.args[0] if call.args else None
            if not isinstance(first, ast.Constant) or not isinstance(first.value, int):
                continue
            if code.text(call.func).endswith("layers.Dense"):
                for number in (2 * first.value, first.value // 2):
                    yield [code.put(first, str(number))]

    def _of(self, widths: list[int]) -> Iterator[list[int]]:
        for at, width in enumerate(widths):
            before, after = widths[:at], widths[at + 1 :]
            yield [*before, 2 * width, *after]
            yield [*before, width, width, *after]
        yield widths[::-1]
        yield [width // 2 for width in widths]


class OtherOutput(Rule):
    """What the model returns is changed once more, or too little."""

    EXAMPLES = (
        (
            "class A:\n    def call(self, x):\n        return self.b(x)\n",
            "class A:\n    def call(self, x):\n        return tf.nn.softmax(self.b(x))\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each return of a function `call`."""
        ways = (
            "tf.nn.softmax({})",
            "tf.math.log({})",
            "tf.argmax({}, axis=1)",
            "{}[:, ::-1]",
            "{}[:1]",
            "2 * {}",
        )
        for node in code.nodes(ast.Return):
            scope = code.scope(node)
            if isinstance(scope, ast.FunctionDef) and scope.name == "call" and node.value:
                for way in ways:
                    yield [code.put(node.value, way.format(code.text(node.value)))]


class Gradient(Table):
    """The gradients of something else, or changed on their way to the optimizer."""

    EVERYWHERE: ClassVar = {
        "N.trainable_variables": (
            "N.trainable_variables[:-1]",
            "N.trainable_variables[1:]",
            "N.trainable_variables[::2]",
            "N.trainable_variables[-2:]",
            "N.variables",
        ),
    }
    ROWS: ClassVar = {
        "N.trainable_variables": ("N.trainable_variables[:-1]", "N.trainable_variables[::-1]"),
        "tape.gradient(E, V)": (
            "[-g for g in tape.gradient(E, V)]",
            "[2 * g for g in tape.gradient(E, V)]",
            "[tf.sign(g) for g in tape.gradient(E, V)]",
            "[tf.clip_by_value(g, -0.01, 0.01) for g in tape.gradient(E, V)]",
            "[tf.zeros_like(g) for g in tape.gradient(E, V)]",
            "[g + 0.01 for g in tape.gradient(E, V)]",
        ),
    }
    EXAMPLES = (
        ("f(m.trainable_variables)\n", "f(m.trainable_variables[:-1])\n"),
        ("g = tape.gradient(a, b)\n", "g = [-g for g in tape.gradient(a, b)]\n"),
    )


class LossCall(Table):
    """The loss of something else than the labels and predictions of the batch."""

    ROWS: ClassVar = {
        "loss_object(Y, P)": (
            "-loss_object(Y, P)",
            "2 * loss_object(Y, P)",
            "tf.stop_gradient(loss_object(Y, P))",
            "loss_object(Y[:1], P[:1])",
            "loss_object(Y[::-1], P)",
            "tf.keras.losses.SparseCategoricalCrossentropy()(Y, P)",
        ),
        "model(X, training=T)": (
            "model(X / 255, training=T)",
            "model(X[::-1], training=T)",
            "tf.nn.softmax(model(X, training=T))",
            "tf.stop_gradient(model(X, training=T))",
        ),
    }
    EXAMPLES = (
        ("e = loss_object(labels, p)\n", "e = -loss_object(labels, p)\n"),
        ("p = model(images, training=True)\n", "p = model(images / 255, training=True)\n"),
    )


class MetricUpdate(Table):
    """A metric is told something else, or begins anew with each batch."""

    ROWS: ClassVar = {
        "N.update_state(E)": (
            "N.update_state(2 * E)",
            "N.reset_state()\nN.update_state(E)",
            "N.update_state(E)\nN.reset_state()",
            "N.update_state(E)\nN.update_state(0.0)",
        ),
        "N.update_state(Y, P)": (
            "N.update_state(Y, P[::-1])",
            "N.update_state(Y[:1], P[:1])",
            "N.update_state(tf.argmax(P, axis=1), P)",
            "N.reset_state()\nN.update_state(Y, P)",
            "N.update_state(Y, P)\nN.reset_state()",
        ),
    }
    EXAMPLES = (
        ("m.update_state(e)\n", "m.update_state(2 * e)\n"),
        ("m.update_state(y, p)\n", "m.reset_state()\nm.update_state(y, p)\n", 3),
    )


class OtherClass(Table):
    """Another loss, optimizer or metric."""

    ROWS: ClassVar = {
        "tf.keras.losses.SparseCategoricalCrossentropy()": (
            "tf.keras.losses.CategoricalCrossentropy()",
            "tf.keras.losses.MeanSquaredError()",
            "tf.keras.losses.KLDivergence()",
            "tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
            'tf.keras.losses.SparseCategoricalCrossentropy(reduction="sum")',
            'tf.keras.losses.SparseCategoricalCrossentropy(reduction="none")',
            "tf.keras.metrics.SparseCategoricalCrossentropy()",
            '"sparse_categorical_crossentropy"',
        ),
        "tf.keras.optimizers.Adam()": (
            "tf.keras.optimizers.SGD()",
            "tf.keras.optimizers.RMSprop()",
            "tf.keras.optimizers.Adagrad()",
            "tf.keras.optimizers.Nadam()",
            "tf.keras.optimizers.AdamW()",
            "tf.keras.optimizers.Adam(learning_rate=1e-6)",
            "tf.keras.optimizers.Adam(learning_rate=0.1)",
            '"adam"',
        ),
        "tf.keras.metrics.Mean()": (
            "tf.keras.metrics.Sum()",
            "tf.keras.metrics.SparseCategoricalAccuracy()",
        ),
        "tf.keras.metrics.SparseCategoricalAccuracy()": (
            "tf.keras.metrics.Accuracy()",
            "tf.keras.metrics.CategoricalAccuracy()",
            "tf.keras.metrics.SparseTopKCategoricalAccuracy()",
            "tf.keras.metrics.Mean()",
        ),
    }
    EXAMPLES = (("m = tf.keras.metrics.Mean()\n", "m = tf.keras.metrics.Sum()\n"),)


RULES: tuple[type[Rule], ...] = (
    KerasActivation,
    LayerArgument,
    LayerWidth,
    OtherOutput,
    Gradient,
    LossCall,
    MetricUpdate,
    OtherClass,
)
