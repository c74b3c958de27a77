"""Rewrites of right answers: arguments of other types, and data prepared in other ways."""

import ast

from grader.authors.proof.styles.of_functions import arguments
from grader.authors.proof.styles.rewrites import (
    Names,
    expression,
    of_cell,
    of_expressions,
    replace,
)

_X = "x_train, x_test = (x_train.astype('{0}'), x_test.astype('{0}'))"
_Y = "y_train, y_test = (y_train.astype('{0}'), y_test.astype('{0}'))"

arguments_as_arrays = arguments(
    "arguments-as-arrays",
    "Arguments go through NumPy's asarray, which copies nothing and keeps the type.",
    {
        "Tanh.__call__": "x = NUMPY.asarray(x)",
        "train": "x, y = (NUMPY.asarray(x), NUMPY.asarray(y))",
        "chain_rule_gradient": "w, b, x, y = (NUMPY.asarray(each) for each in (w, b, x, y))",
        "make_datasets": "x_train, x_test = (NUMPY.asarray(x_train), NUMPY.asarray(x_test))",
    },
)
arguments_copied = arguments(
    "arguments-copied",
    "Arguments are copied before they are used; the originals stay as they are.",
    {
        "Tanh.__call__": "x = NUMPY.array(x)",
        "train": "x, y = (NUMPY.array(x), NUMPY.array(y))",
        "make_datasets": "x_train, y_train = (x_train.copy(), y_train.copy())",
    },
)
arguments_as_floats = arguments(
    "arguments-as-floats",
    "Numbers become floats, and images float32, before they are used.",
    {
        "chain_rule_gradient": "w, b, x, y = (float(each) for each in (w, b, x, y))",
        "make_datasets": _X.format("float32"),
    },
)
arguments_in_double_precision = arguments(
    "arguments-in-double-precision",
    "Images as float64, and labels as int64.",
    {"make_datasets": "\n".join((_X.format("float64"), _Y.format("int64")))},
)
short_labels = arguments(
    "short-labels", "Labels as int32 in the datasets.", {"make_datasets": _Y.format("int32")}
)


# Data


@of_expressions
def axes_transposed(node: ast.expr, names: Names) -> ast.expr | None:
    """np.transpose(a, (3, 0, 1, 2)) for np.moveaxis(a, 3, 0): the same view."""
    match node:
        case ast.Call(ast.Attribute(np, "moveaxis"), [a, ast.Constant(3), ast.Constant(0)]):
            return expression("NP.transpose(A, (3, 0, 1, 2))", NP=np, A=a)
    return None


@of_expressions
def axes_moved(node: ast.expr, names: Names) -> ast.expr | None:
    """np.moveaxis(a, -1, 0) for the transposition that does the same, and for axis 3."""
    match node:
        case ast.Call(ast.Attribute(np, "transpose"), [a, axes]) if (
            ast.unparse(axes) == "(3, 0, 1, 2)"
        ):
            return expression("NP.moveaxis(A, -1, 0)", NP=np, A=a)
        case ast.Call(ast.Attribute(np, "moveaxis"), [a, ast.Constant(3), ast.Constant(0)]):
            return expression("NP.moveaxis(A, -1, 0)", NP=np, A=a)
    return None


@of_expressions
def labels_flattened(node: ast.expr, names: Names) -> ast.expr | None:
    """`y.ravel()` for `y[:, 0]` and `y.squeeze()`: N x 1 numbers in one row."""
    match node:
        case ast.Subscript(y, ast.Tuple([ast.Slice(None, None, None), ast.Constant(0)])):
            return expression("Y.ravel()", Y=y)
        case ast.Call(ast.Attribute(y, "squeeze"), []):
            return expression("Y.ravel()", Y=y)
    return None


@of_expressions
def paths_as_text(node: ast.expr, names: Names) -> ast.expr | None:
    """f"{directory}/{name}" for the path `directory / name`."""
    match node:
        case ast.BinOp(ast.Name(id="directory"), ast.Div(), name):
            separate = [ast.FormattedValue(ast.Name("directory", ast.Load()), -1)]
            return ast.JoinedStr([*separate, ast.Constant("/"), ast.FormattedValue(name, -1)])
    return None


@of_expressions
def slices_zipped(node: ast.expr, names: Names) -> ast.expr | None:
    """A dataset of images and one of labels, zipped, for one of pairs."""
    match node:
        case ast.Call(ast.Attribute(_, "from_tensor_slices") as slices, [ast.Tuple([x, y])]):
            both = "tf.data.Dataset.zip((SLICES(X), SLICES(Y)))"
            return expression(both, SLICES=slices, X=x, Y=y)
    return None


@of_cell
def batches_prefetched(tree: ast.Module, names: Names) -> None:
    """A prefetch after each batch, which changes only when a batch is made."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "batch"
    ]
    for node in found:
        replace(tree, node, expression("BATCHES.prefetch(tf.data.AUTOTUNE)", BATCHES=node))


@of_expressions
def shuffled_from_a_seed(node: ast.expr, names: Names) -> ast.expr | None:
    """The buffer of 1024 that the exercise asks for, with a seed."""
    match node:
        case ast.Call(ast.Attribute(_, "shuffle"), [buffer], []):
            return ast.Call(node.func, [buffer], [ast.keyword("seed", ast.Constant(3))])
    return None


@of_expressions
def scaled_by_255(node: ast.expr, names: Names) -> ast.expr | None:
    """x / 255 for x / 127.5 - 1: pixels from 0 to 1, as the course accepts them."""
    match node:
        case ast.BinOp(ast.BinOp(x, ast.Div(), c), ast.Sub(), ast.Constant(1)) if "127.5" in (
            ast.unparse(c)
        ):
            return expression("X / NP.float32(255)", X=x, NP="np")
    return None


@of_expressions
def flattened_by_reshape(node: ast.expr, names: Names) -> ast.expr | None:
    """The layer Reshape((-1,)) for Flatten(): the same rows."""
    match node:
        case ast.Call(ast.Attribute(layers, "Flatten"), [], []):
            return expression("LAYERS.Reshape((32 * 32 * 3,))", LAYERS=layers)
    return None
