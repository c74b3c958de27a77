"""Rewrites of right answers: results of other types, as the exercises allow."""

import ast
from functools import partial

from grader.authors.proof.styles.of_functions import results
from grader.authors.proof.styles.rewrites import Names, expression, of_expressions

# Names of the exercises that stand for a number, not for a function.
_results = partial(results, values=("growth_exponent", "EPOCHS"))
_COUNTS = ("parameter_count", "step_multiplications", "loss_evaluations", "growth_exponent")

numpy_counts = _results(
    "numpy-counts",
    "Whole numbers as np.int64.",
    dict.fromkeys(_COUNTS, "return NUMPY.int64(RESULT)"),
)
python_ints = _results(
    "python-ints",
    "Whole numbers through int(), which changes nothing.",
    dict.fromkeys((*_COUNTS, "EPOCHS"), "return int(RESULT)"),
)
# Not of parameter_count: another function may use its result in range().
whole_floats = _results(
    "whole-floats",
    "Counts as floats without a fraction, which are whole numbers.",
    dict.fromkeys(_COUNTS[1:], "return float(RESULT)"),
)
numpy_epochs = _results(
    "numpy-epochs", "EPOCHS as a NumPy integer.", {"EPOCHS": "return NUMPY.int32(RESULT)"}
)
tuples = _results(
    "tuples",
    "Tuples for lists; their numbers are the same.",
    {
        "train": "return tuple(RESULT)",
        "chain_rule_gradient": "return tuple(RESULT)",
        "load_svhn": "return tuple(RESULT)",
        "run_training": "return {key: tuple(values) for key, values in RESULT.items()}",
    },
)
lists = _results(
    "lists",
    "Lists for tuples and arrays; their values are the same.",
    {
        "train": "return list(RESULT)",
        "chain_rule_gradient": "return list(RESULT)",
        "load_svhn": "return list(RESULT)",
        "make_datasets": "return list(RESULT)",
        "run_training": "return {key: list(values) for key, values in RESULT.items()}",
    },
)
arrays = _results(
    "arrays",
    "Arrays for lists and tuples of numbers.",
    {
        "train": "return NUMPY.array(RESULT)",
        "chain_rule_gradient": "return NUMPY.array(RESULT)",
        "run_training": "return {key: NUMPY.array(values) for key, values in RESULT.items()}",
        "load_svhn": (
            "a, b, c, d = RESULT\n"
            "return tuple(NUMPY.ascontiguousarray(each) for each in (a, b, c, d))"
        ),
    },
)
numpy_floats = _results(
    "numpy-floats",
    "Each float as np.float64.",
    {
        "train": "return [NUMPY.float64(each) for each in RESULT]",
        "chain_rule_gradient": "return tuple(NUMPY.float64(each) for each in RESULT)",
        "run_training": (
            "return {key: [NUMPY.float64(v) for v in values] for key, values in RESULT.items()}"
        ),
    },
)
python_floats = _results(
    "python-floats",
    "Single numbers as Python's own floats; arrays stay arrays.",
    {
        "Tanh.__call__": (
            "result = RESULT\nreturn result.item() if NUMPY.ndim(result) == 0 else result"
        ),
        "Tanh.grad": "result = RESULT\nreturn result.item() if NUMPY.ndim(result) == 0 else result",
        "train": "return [float(each) for each in RESULT]",
        "chain_rule_gradient": "return tuple(float(each) for each in RESULT)",
        "run_training": (
            "return {key: [float(v) for v in values] for key, values in RESULT.items()}"
        ),
    },
)
single_precision = _results(
    "single-precision",
    "The history in float32, in which Keras computes it, and images as float32.",
    {
        "run_training": (
            "return {key: NUMPY.array(values, 'float32') for key, values in RESULT.items()}"
        ),
        "load_svhn": (
            "a, b, c, d = RESULT\nreturn (a.astype('float32'), b, c.astype('float32'), d)"
        ),
    },
)
superfluous_asarray = _results(
    "superfluous-asarray",
    "NumPy's asarray around results that are arrays or numbers already.",
    {
        "Tanh.__call__": "return NUMPY.asarray(RESULT)",
        "Tanh.grad": "return NUMPY.asarray(RESULT)",
        "load_svhn": "return tuple(NUMPY.asarray(each) for each in RESULT)",
        "chain_rule_gradient": "return tuple(NUMPY.asarray(each) for each in RESULT)",
    },
)
copies = _results(
    "copies",
    "Copies of the results.",
    {
        "Tanh.__call__": "return NUMPY.copy(RESULT)",
        "Tanh.grad": "return NUMPY.copy(RESULT)",
        "train": "return RESULT[:]",
        "run_training": "return dict(RESULT)",
        "load_svhn": "return tuple(each.copy() for each in RESULT)",
    },
)
long_labels = _results(
    "long-labels",
    "Labels as int64; load_svhn must keep the values, not the type.",
    {"load_svhn": "a, b, c, d = RESULT\nreturn (a, b.astype('int64'), c, d.astype('int64'))"},
)
named_results = _results(
    "named-results",
    "A named tuple is a tuple; an ordered dictionary is a dictionary.",
    {
        "load_svhn": (
            "import collections\n"
            "Data = collections.namedtuple('Data', 'x_train, y_train, x_test, y_test')\n"
            "return Data(*RESULT)"
        ),
        "make_datasets": (
            "import collections\n"
            "Datasets = collections.namedtuple('Datasets', 'train, test')\n"
            "return Datasets(*RESULT)"
        ),
        "chain_rule_gradient": (
            "import collections\n"
            "Gradient = collections.namedtuple('Gradient', 'dw, db')\n"
            "return Gradient(*RESULT)"
        ),
        "run_training": "import collections\nreturn collections.OrderedDict(RESULT)",
    },
)


@of_expressions
def metrics_without_float(node: ast.expr, names: Names) -> ast.expr | None:
    """The results of metrics are kept as Keras gives them, one number in a tensor."""
    match node:
        case ast.Call(ast.Name(id="float"), [ast.Call(ast.Attribute(_, "result"), []) as result]):
            return result
        case ast.Call(ast.Name(id="float"), [ast.Name(id="loss") as result]):
            return result
    return None


@of_expressions
def metrics_by_numpy(node: ast.expr, names: Names) -> ast.expr | None:
    """`metric.result().numpy()`, an np.float32, for `float(metric.result())`."""
    match node:
        case ast.Call(ast.Name(id="float"), [ast.Call(ast.Attribute(_, "result"), []) as result]):
            return expression("RESULT.numpy()", RESULT=result)
    return None
