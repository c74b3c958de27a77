"""Rewrites of right answers: Keras and TensorFlow called in another way."""

import ast

from grader.authors.proof.styles.rewrites import (
    Block,
    Names,
    add_import,
    assign,
    expression,
    functions,
    has_call,
    load,
    of_blocks,
    of_cell,
    of_expressions,
)


@of_cell
def keras_imported(tree: ast.Module, names: Names) -> None:
    """`keras.layers` for `tf.keras.layers`, with `import keras`: it is the same module."""
    found = False
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            values = value if isinstance(value, list) else [value]
            for each in values:
                if isinstance(each, ast.Attribute) and ast.unparse(each) == "tf.keras":
                    found = True
                    if isinstance(value, list):
                        value[value.index(each)] = load("keras")
                    else:
                        setattr(node, name, load("keras"))
    if found:
        add_import(tree, "import keras")


@of_cell
def layers_imported(tree: ast.Module, names: Names) -> None:
    """`from tensorflow.keras import layers`, and `layers.Dense` for `tf.keras.layers.Dense`."""
    for module in ("layers", "losses", "optimizers", "metrics"):
        found = False
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and ast.unparse(node.value) == f"tf.keras.{module}"
                and not names[module]
            ):
                node.value, found = load(module), True
        if found:
            add_import(tree, f"from tensorflow.keras import {module}")


@of_expressions
def metrics_called(node: ast.expr, names: Names) -> ast.expr | None:
    """`metric(x)` for `metric.update_state(x)`: it does the same, and gives the result so far."""
    match node:
        case ast.Call(ast.Attribute(metric, "update_state"), args, keywords) if args:
            return ast.Call(metric, args, keywords)
    return None


@of_expressions
def metrics_updated(node: ast.expr, names: Names) -> ast.expr | None:
    """`metric.update_state(x)` for `metric(x)`."""
    match node:
        case ast.Call(ast.Name(id=name), args, keywords) if name in (
            "train_loss",
            "test_loss",
            "train_accuracy",
            "test_accuracy",
        ):
            return ast.Call(ast.Attribute(load(name), "update_state", ast.Load()), args, keywords)
    return None


@of_expressions
def gradients_applied(node: ast.expr, names: Names) -> ast.expr | None:
    """`optimizer.apply(g, v)` for `optimizer.apply_gradients(zip(g, v))`."""
    match node:
        case ast.Call(
            ast.Attribute(optimizer, "apply_gradients"), [ast.Call(ast.Name(id="zip"), [g, v])]
        ):
            return expression("OPTIMIZER.apply(G, V)", OPTIMIZER=optimizer, G=g, V=v)
    return None


@of_expressions
def zipped_into_a_list(node: ast.expr, names: Names) -> ast.expr | None:
    """`list(zip(a, b))` for `zip(a, b)` where it is an argument or is looped over."""
    match node:
        case ast.Call(ast.Name(id="zip")):
            return expression("list(ZIPPED)", ZIPPED=node)
    return None


@of_cell
def weights_by_another_name(tree: ast.Module, names: Names) -> None:
    """`trainable_weights` is another name of `trainable_variables`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "trainable_variables":
            node.attr = "trainable_weights"


@of_cell
def training_flag_left_out(tree: ast.Module, names: Names) -> None:
    """`model(images)` without `training`: the networks of the course have no layer that minds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg != "training"]


@of_cell
def call_with_training(tree: ast.Module, names: Names) -> None:
    """The network's `call` takes the argument `training`, as many networks do."""
    for place in functions(tree):
        if place.owner is not None and place.function.name == "call":
            given = place.function.args
            if len(given.args) == 2 and not given.vararg and not given.kwarg:
                given.args.append(ast.arg("training"))
                given.defaults.append(ast.Constant(None))


@of_blocks
def tapes_named_first(block: Block, names: Names) -> Block:
    """`tape = tf.GradientTape()` and `with tape:`, for `with tf.GradientTape() as tape:`."""
    result: Block = []
    for statement in block:
        match statement:
            case ast.With([ast.withitem(tape, ast.Name(id=name))]) if "Tape" in ast.unparse(tape):
                result.append(assign(name, tape))
                statement.items = [ast.withitem(load(name))]
        result.append(statement)
    return result


@of_expressions
def activations_as_functions(node: ast.expr, names: Names) -> ast.expr | None:
    """`tf.nn.relu` for "relu": Keras looks the name up and finds the like."""
    if isinstance(node, ast.Call):
        for each in node.keywords:
            match each:
                case ast.keyword("activation", ast.Constant(str() as name)):
                    each.value = expression(f"tf.nn.{name}")
    return None


def _decorator(tree: ast.Module, text: str | None) -> None:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            kept = [d for d in node.decorator_list if "tf.function" not in ast.unparse(d)]
            if len(kept) < len(node.decorator_list):
                node.decorator_list = [*([expression(text)] if text else []), *kept]


@of_cell
def steps_eager(tree: ast.Module, names: Names) -> None:
    """The steps run without tf.function, as the exercise allows."""
    _decorator(tree, None)


@of_cell
def steps_without_autograph(tree: ast.Module, names: Names) -> None:
    """The steps are compiled as they stand; they have no loops to be translated."""
    _decorator(tree, "tf.function(autograph=False)")


@of_cell
def steps_with_less_retracing(tree: ast.Module, names: Names) -> None:
    """The steps are compiled for general shapes at once."""
    _decorator(tree, "tf.function(reduce_retracing=True)")


@of_cell
def steps_compiled_below(tree: ast.Module, names: Names) -> None:
    """`train_step = tf.function(train_step)` below the function, in place of a decorator."""
    compiled = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and "tf.function" in map(
            ast.unparse, node.decorator_list
        ):
            node.decorator_list = []
            compiled.append(node.name)
    for name in compiled:
        tree.body += ast.parse(f"{name} = tf.function({name})").body


@of_expressions
def pixels_centred_first(node: ast.expr, names: Names) -> ast.expr | None:
    """(x - c) / c for x / c - 1: the middle of the range is taken away first."""
    match node:
        case ast.BinOp(ast.BinOp(x, ast.Div(), c), ast.Sub(), ast.Constant(1)) if not has_call(x):
            return expression("(X - C) / C", X=x, C=c)
    return None
