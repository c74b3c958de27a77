"""Mutation operators for data sets and the loops over them: mixed up, scrambled, cut off."""

import ast
import re
from collections.abc import Iterator
from typing import ClassVar

from grader.authors.proof.mutation.code import Code, Edit, Rule
from grader.authors.proof.mutation.templates import Table


class SwappedSets(Rule):
    """Training and test data, or what belongs to them, are mixed up."""

    EXAMPLES = (
        ("f(x_train)\n", "f(x_test)\n"),
        ("f(x_train, y_train)\ng()\n", "f(x_test, y_test)\ng()\n", 2),
        ('f("train_1")\n', 'f("test_1")\n'),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each use, one for each statement, one for all."""
        found = [
            node
            for node in code.nodes(ast.expr)
            if isinstance(node, ast.Name) or isinstance(getattr(node, "value", None), str)
            if not isinstance(getattr(node, "ctx", None), ast.Store)
            if not self._is_key_or_function(code, node)
            if code.text(node) != self._other(code.text(node))
        ]
        for node in found:
            yield [code.put(node, self._other(code.text(node)))]
        for statement in code.nodes(ast.stmt):
            inside = [node for node in found if code.statement(node) is statement]
            for word in ("train", "test"):
                some = [node for node in inside if word in code.text(node)]
                if len(some) > 1:
                    yield [code.put(node, self._other(code.text(node))) for node in some]
            if isinstance(statement, ast.FunctionDef):
                below = [node for node in found if code.scope(node) is statement]
                yield [code.put(node, self._other(code.text(node))) for node in below]

    def _is_key_or_function(self, code: Code, node: ast.expr) -> bool:
        parent = code.parent(node)
        keys = parent.keys if isinstance(parent, ast.Dict) else []
        return node in keys or (isinstance(parent, ast.Call) and parent.func is node)

    def _other(self, text: str) -> str:
        other = {"train": "test", "test": "train"}
        return re.sub(r"(?<![a-z])(train|test)(?![a-z])", lambda m: other[m[0]], text)


class Loading(Table):
    """Images that are scrambled, turned or changed; labels of the wrong shape or value."""

    ROWS: ClassVar = {
        "np.moveaxis(A, 3, 0)": (
            "A.T",
            "A.reshape(-1, 32, 32, 3)",
            "np.swapaxes(A, 3, 0)",
            "np.transpose(A, (3, 1, 0, 2))",
            "np.moveaxis(A, 3, 0)[..., ::-1]",
            "np.moveaxis(A, 3, 0)[::-1]",
            "np.moveaxis(A, 3, 0)[:-1]",
            "np.moveaxis(A, 3, 0) / 255",
            "np.moveaxis(A, 3, 0) // 2",
            "np.moveaxis(A, 3, 0).astype(np.int8)",
        ),
        "E[:, 0]": (
            "E",
            "E[::-1, 0]",
            "E[:-1, 0]",
            "np.sort(E[:, 0])",
            "E[:, 0] - 1",
            "E[:, 0] % 10",
            "E[:, 0].astype(np.float64) / 10",
        ),
        "E / N": ("svhn.find() / N", "E / N.lower().replace('train', 'test')", "E / '..' / N"),
    }
    EXAMPLES = (
        ("x = np.moveaxis(a, 3, 0)\n", "x = a.T\n"),
        ('y = a["y"][:, 0]\n', 'y = a["y"]\n'),
    )


class Scaling(Table):
    """Pixels that are not scaled, twice, too much, or in whole numbers."""

    ROWS: ClassVar = {
        "X / D - 1": (
            "X",
            "(X / D - 1) / D",
            "(X / D - 1)[::-1]",
            "(X / D - 1)[:, ::-1]",
        ),
    }
    EVERYWHERE: ClassVar = {
        "X / D - 1": (
            "X",
            "X * D - 1",
            "X // D - 1",
            "(X / D - 1) / D",
            "(X / D - 1) * 127.5",
            "(X / D - 1)**2",
            "(X / D - 1) * 0",
            "X / (100 * D)",
            "(X / D - 1)[::-1]",
            "(X / D - 1).reshape(-1, 3, 32, 32)",
            "X / D - 11",
        ),
    }
    EXAMPLES = (
        ("a = x / 255 - 1\n", "a = x\n"),
        ("a = f(x / 2 - 1, x2 / 2 - 1)\n", "a = f(x, x2)\n", 8),
    )


class Labels(Table):
    """Labels that are not those of the images, or not from 0 to 9."""

    ROWS: ClassVar = {"Y - 1": ("Y % 10", "(Y - 1)[::-1]", "np.sort(Y) - 1")}
    EVERYWHERE: ClassVar = {
        "Y - 1": (
            "Y",
            "Y - 2",
            "Y % 10",
            "10 - Y",
            "(Y - 1) * 0",
            "np.maximum(Y, 2) - 2",
            "(Y - 1)[::-1]",
            "(Y - 1)[:, None]",
            "np.eye(10)[Y - 1]",
            "np.random.permutation(Y) - 1",
        ),
    }
    EXAMPLES = (
        ("a = y - 1\n", "a = y % 10\n"),
        ("a = f(y - 1, y2 - 1)\n", "a = f(y, y2)\n", 6),
    )


class Batching(Table):
    """Batches of another size, short ones dropped; a shuffle too few, too small, too late."""

    ROWS: ClassVar = {
        "E.batch(B)": (
            "E.batch(16)",
            "E.batch(B, drop_remainder=True)",
            "E.batch(B).take(1)",
            "E.skip(1).batch(B)",
            "E.batch(B).repeat(2)",
        ),
        "E.shuffle(B)": (
            "E.shuffle(1)",
            "E.shuffle(32)",
            "E.shuffle(B, reshuffle_each_iteration=False)",
            "E.shuffle(B).take(B)",
            "E.shuffle(B).repeat(2)",
        ),
        "E.shuffle(A).batch(B)": ("E.batch(B).shuffle(A)", "E.batch(A).shuffle(B)"),
        "tf.data.Dataset.from_tensor_slices(E)": ("tf.data.Dataset.from_tensors(E)",),
    }
    EVERYWHERE: ClassVar = {
        "E.batch(B)": ("E.batch(64)", "E.batch(1)", "E.batch(B).batch(1)"),
    }
    EXAMPLES = (
        ("a = b.batch(32)\n", "a = b.batch(16)\n"),
        ("a = b.shuffle(9).batch(3)\n", "a = b.batch(3).shuffle(9)\n", 10),
    )


class TestShuffled(Table):
    """The test set is shuffled instead of the training set, or as well."""

    ROWS: ClassVar = {
        "(N.shuffle(A).batch(B), M.batch(B))": (
            "(N.shuffle(A).batch(B), M.shuffle(A).batch(B))",
            "(N.batch(B), M.shuffle(A).batch(B))",
            "(N.shuffle(A).batch(B), M)",
            "(N.shuffle(A), M.batch(B))",
        ),
    }
    EXAMPLES = (
        (
            "return_ = a.shuffle(9).batch(3), b.batch(3)\n",
            "return_ = (a.shuffle(9).batch(3), b.shuffle(9).batch(3))\n",
        ),
    )


class PartOfLoop(Rule):
    """A loop over a part of what it should go over, or in another order."""

    EXAMPLES = (
        ("for a in self.b:\n    c(a)\n", "for a in self.b[1:]:\n    c(a)\n"),
        ("for a in train_ds:\n    c(a)\n", "for a in train_ds.skip(1):\n    c(a)\n"),
        ("for a in b.values():\n    c(a)\n", "for a in list(b.values())[1:]:\n    c(a)\n"),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each loop over a name, an attribute, or the values of a dictionary."""
        parts = ("[1:]", "[:-1]", "[::-1]")
        values = ("[1:]", "[:2]", "[2:]")
        for node in code.nodes(ast.For):
            text = code.text(node.iter)
            if text.endswith("_ds"):
                ways = (".skip(1)", ".repeat(2)")
                yield from ([code.put(node.iter, text + way)] for way in ways)
            elif isinstance(node.iter, (ast.Name, ast.Attribute)):
                yield from ([code.put(node.iter, text + part)] for part in parts)
            elif isinstance(node.iter, ast.Call) and not node.iter.args:
                yield from ([code.put(node.iter, f"list({text}){part}")] for part in values)


class WrongStep(Table):
    """The training step where the test step should be, or the other way round."""

    ROWS: ClassVar = {
        "train_step(A, B, C, D, E, F, G)": (
            "test_step(A, B, C, D, F, G)",
            "train_step(A, B, C, D, E, G, F)",
            "train_step(Mymodel(), B, C, D, E, F, G)",
            "train_step(A, B[:1], C[:1], D, E, F, G)",
            "train_step(A, B[::-1], C, D, E, F, G)",
        ),
        "test_step(A, B, C, D, F, G)": (
            "train_step(A, B, C, D, optimizer, F, G)",
            "test_step(A, B, C, D, G, F)",
            "test_step(A, B[:1], C[:1], D, F, G)",
            "test_step(A, B, C[::-1], D, F, G)",
        ),
    }
    EXAMPLES = (
        ("train_step(a, b, c, d, e, f, g)\n", "test_step(a, b, c, d, f, g)\n"),
        ("test_step(a, b, c, d, f, g)\n", "train_step(a, b, c, d, optimizer, f, g)\n"),
    )


RULES: tuple[type[Rule], ...] = (
    SwappedSets,
    Loading,
    Scaling,
    Labels,
    Batching,
    TestShuffled,
    PartOfLoop,
    WrongStep,
)
