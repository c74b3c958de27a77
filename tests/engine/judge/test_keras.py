"""Test cells that use TensorFlow and Keras say the same in the judge as beside the code."""

import pytest

from tests.engine.judge.conftest import BothWays

TRAIN = """
@tf.function
def step(model, x, y, loss, optimizer, metric):
    with tf.GradientTape() as tape:
        value = loss(y, model(x))
    gradients = tape.gradient(value, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    metric.update_state(value)
    traces.append(1)
    return value

traces = []
"""
MODEL = """
layers = tf.keras.layers
model = tf.keras.Sequential([tf.keras.Input((2,)), layers.Dense(2, "softmax", name="d")])
model.set_weights([np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2)])
x, y = tf.constant([[1.0, 2.0], [0.5, -1.0]]), tf.constant([0, 1])
"""

CELLS = {
    "tensors-in-and-out": (
        "def twice(x):\n    return type(x).__name__, x * 2",
        "for value in (tf.constant([1.5, 2.0]), tf.constant(3, tf.int64), tf.constant([[True]])):\n"
        "    if value.dtype != tf.bool:\n"
        "        kind, got = twice(value)\n"
        "        print(kind, type(got).__name__, got.dtype.name, got.shape, got.numpy().tolist())",
        "EagerTensor EagerTensor float32 (2,) [3.0, 4.0]\nEagerTensor EagerTensor int64 () 6\n",
    ),
    "a-tensor-of-text": (
        "def names():\n    return tf.constant(['a'])",
        "got = names()\n"
        "print(type(got).__name__, type(got).__module__.partition('.')[0], got.numpy()[0])",
        "EagerTensor tensorflow b'a'\n",
    ),
    "a-ragged-tensor": (
        "def rows():\n    return tf.ragged.constant([[1], [2, 3]])",
        "print(type(rows()).__name__, rows().to_list(), isinstance(rows(), tf.RaggedTensor))",
        "RaggedTensor [[1], [2, 3]] True\n",
    ),
    "slopes-through-a-function-of-the-learners": (
        "def cut(y, p):\n    return tf.reduce_sum(tf.stop_gradient(p) ** 2) + 3 * y\n"
        "def half(y, p):\n    return tf.reduce_sum(y * p ** 2)\n"
        "def number(y, p):\n    return float(tf.reduce_sum(p))\n",
        "y, p = tf.constant(2.0), tf.constant([1.0, 2.0, 3.0])\n"
        "for loss in (half, cut):\n"
        "    with tf.GradientTape(persistent=True) as tape:\n"
        "        tape.watch([y, p])\n"
        "        value = 5 * loss(y, p=p) + tf.reduce_sum(p)\n"
        "    for x in (y, p):\n"
        "        print(tape.gradient(value, x).numpy().tolist())\n"
        "with tf.GradientTape() as tape:\n"
        "    tape.watch(p)\n"
        "    value = number(y, p)\n"
        "print(type(value).__name__, tape.gradient(tf.convert_to_tensor(value), p))\n"
        "with tf.GradientTape() as tape:\n"
        "    tape.watch(p)\n"
        "    value = cut(y, p)\n"
        "print(tape.gradient(value, p))",
        "70.0\n[21.0, 41.0, 61.0]\n15.0\n[1.0, 1.0, 1.0]\nfloat None\nNone\n",
    ),
    "a-learner-who-computes-with-double-precision": (
        "tf.keras.backend.set_floatx('float64')\n"
        "def step(model, x, optimizer, mean):\n"
        "    with tf.GradientTape() as tape:\n"
        "        loss = tf.reduce_mean(model(x) ** 2)\n"
        "    weights = model.trainable_variables\n"
        "    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))\n"
        "    mean.update_state(loss)\n",
        "class Net(tf.keras.Model):\n"
        "    def __init__(self, **options):\n"
        "        super().__init__(**options)\n"
        "        self.dense = tf.keras.layers.Dense(1, kernel_initializer='ones')\n"
        "    def call(self, x):\n"
        "        return self.dense(x)\n"
        "model, sgd, mean = Net(), tf.keras.optimizers.SGD(0.25), tf.keras.metrics.Mean()\n"
        "x = tf.ones((1, 2))\n"
        "model(x)\n"
        "sgd.build(model.trainable_variables)\n"
        "for _ in range(2):\n"
        "    step(model, x, sgd, mean)\n"
        "print([each.numpy().tolist() for each in model.trainable_variables])\n"
        "print(int(sgd.iterations), float(mean.result()))",
        None,
    ),
    "a-step-of-the-learners-with-the-tests-own-objects": (
        TRAIN,
        MODEL + "sgd, mean = tf.keras.optimizers.SGD(0.5, momentum=0.9), tf.keras.metrics.Mean()\n"
        "sgd.build(model.trainable_variables)\n"
        "loss = tf.keras.losses.SparseCategoricalCrossentropy()\n"
        "for _ in range(3):\n"
        "    value = step(model, x, y, loss, sgd, mean)\n"
        "print(float(value) == float(loss(y, model(x))), int(sgd.iterations), float(mean.count))\n"
        "print([np.round(w, 4).tolist() for w in model.get_weights()])\n"
        "print(np.round(sgd.variables[2].numpy(), 4).tolist(), round(float(mean.result()), 4))\n"
        "print(len(traces))",
        None,
    ),
    "weights-that-a-test-sets-between-two-calls": (
        "def answer(model, x):\n    return model(x)",
        MODEL + "print(answer(model, x).numpy().round(3).tolist())\n"
        "model.set_weights([np.zeros((2, 2)), np.zeros(2)])\n"
        "print(answer(model, x).numpy().tolist())\n"
        "model.weights[1].assign([1.0, 1.0])\n"
        "print(answer(model, x).numpy().tolist())",
        None,
    ),
    "an-optimizer-that-the-learner-builds": (
        "def use(model, optimizer):\n"
        "    grads = [tf.ones_like(v) for v in model.trainable_variables]\n"
        "    optimizer.apply_gradients(zip(grads, model.trainable_variables))",
        MODEL + "adam = tf.keras.optimizers.Adam(0.1)\n"
        "use(model, adam), use(model, adam)\n"
        "print(int(adam.iterations), len(adam.variables), model.get_weights()[1].round(3))",
        "2 6 [-0.2 -0.2]\n",
    ),
    "classes-of-a-test-with-a-base-of-its-own": (
        "def loss_of(loss, a, b):\n    return loss(a, b)",
        "class Squared(tf.keras.losses.Loss):\n"
        "    def call(self, a, b):\n"
        "        return helper(a - b)\n"
        "class Large(Squared):\n"
        "    def call(self, a, b):\n"
        "        return 100.0 * super().call(a, b)\n"
        "def helper(x):\n"
        "    return tf.reduce_sum(x**2, axis=-1)\n"
        "print(float(loss_of(Large(), tf.constant([[1.0]]), tf.constant([[3.0]]))))",
        "400.0\n",
    ),
    "an-optimizer-under-a-name-and-its-model-as-an-argument": (
        "optimizer = None\ndef use(model):\n"
        "    optimizer.apply_gradients([(tf.ones_like(v), v) for v in model.trainable_variables])",
        MODEL + "optimizer = tf.keras.optimizers.SGD(0.5)\n"
        "optimizer.build(model.trainable_variables)\n"
        "use(model)\n"
        "print(model.get_weights()[1])",
        "[-0.5 -0.5]\n",
    ),
    "the-paths-of-a-tests-variables": (
        "def paths(model):\n    return [v.path for v in model.variables]",
        MODEL + "print([path.rpartition('sequential')[2] for path in paths(model)])",
        "['/d/kernel', '/d/bias']\n",
    ),
    "a-counter-in-a-tests-optimizer": (
        "def use(optimizer, variable):\n"
        "    for _ in range(3):\n"
        "        optimizer.apply_gradients([(tf.ones(2), variable)])",
        "class Counting(tf.keras.optimizers.SGD):\n"
        "    calls = 0\n"
        "    def apply_gradients(self, pairs, **named):\n"
        "        self.calls += 1\n"
        "        return super().apply_gradients(pairs, **named)\n"
        "counting, variable = Counting(0.5), tf.Variable([1.0, 2.0])\n"
        "use(counting, variable)\n"
        "print(counting.calls, variable.numpy())\n"
        "use(counting, variable)\n"
        "print(counting.calls, variable.numpy())",
        "3 [-0.5  0.5]\n6 [-2. -1.]\n",
    ),
    "a-model-of-a-test-that-refuses-a-method": (
        "def train(model):\n    model.fit(np.ones((2, 2)))",
        "class NoFit(tf.keras.Sequential):\n"
        "    def fit(self, *args, **kwargs):\n"
        "        raise AssertionError('write the loop')\n"
        "model = NoFit([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])\n"
        "try:\n"
        "    train(model)\n"
        "except AssertionError as error:\n"
        "    print(error)",
        "write the loop\n",
    ),
    "what-comes-back-is-the-tests-own-object": (
        "def same(*things):\n    return list(things), things[0].weights",
        MODEL + "mean = tf.keras.metrics.Mean()\n"
        "things, weights = same(model, mean)\n"
        "print(things[0] is model, things[1] is mean, weights[1] is model.weights[1])",
        "True True True\n",
    ),
    "weights-of-the-learners-model": (
        "class Mymodel(tf.keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.d = tf.keras.layers.Dense(3)\n"
        "    def call(self, x):\n"
        "        return self.d(x)\n",
        "model = Mymodel()\n"
        "model(np.zeros((1, 2), np.float32))\n"
        "kernel, bias = model.weights\n"
        "print(tuple(kernel.shape), kernel.shape[1], len(bias.shape), kernel.dtype)\n"
        "kernel.assign(np.ones((2, 3), np.float32))\n"
        "bias.assign([1, 2, 3])\n"
        "print(model(np.ones((1, 2), np.float32)).numpy().tolist(), model.losses)\n"
        "print(model.weights[0] is kernel, id(model.weights[1]) == id(bias))\n"
        "model.set_weights([w * 2 for w in model.get_weights()])\n"
        "print(kernel.numpy().tolist(), len(model.trainable_variables))",
        None,
    ),
    "classes-of-the-learners-objects": (
        "class Mymodel(tf.keras.Model):\n    pass\n"
        "model, optimizer = Mymodel(), tf.keras.optimizers.Adam()\n"
        "loss = tf.keras.losses.MeanSquaredError\n"
        "metric, dataset = tf.keras.metrics.Mean(), tf.data.Dataset.range(3)",
        "print(isinstance(model, Mymodel), isinstance(optimizer, Mymodel), type(model).__name__)\n"
        "print(isinstance(model, tf.keras.Model), isinstance(model, tf.keras.Sequential))\n"
        "print(isinstance(optimizer, tf.keras.optimizers.Optimizer), isinstance(loss, type))\n"
        "print(isinstance(optimizer, tf.keras.optimizers.SGD), isinstance(optimizer, type))\n"
        "print(isinstance(metric, tf.keras.metrics.Metric), isinstance(dataset, tf.data.Dataset))\n"
        "copy = type(optimizer).from_config(optimizer.get_config())\n"
        "print(type(copy).__name__, round(float(copy.learning_rate), 6), copy is optimizer)",
        None,
    ),
    "metrics-of-the-learners": (
        "metric = tf.keras.metrics.Mean()",
        "metric.reset_state()\n"
        "metric(1.0), metric(3.0)\n"
        "print(float(metric.result()), float(metric.count))",
        "2.0 2.0\n",
    ),
    "datasets-of-the-learners": (
        "def make(x):\n    return tf.data.Dataset.from_tensor_slices((x, x + 1)).batch(2)",
        "dataset = make(np.arange(5))\n"
        "for a, b in dataset:\n"
        "    print(type(a).__name__, a.numpy(), b.numpy())\n"
        "print([a.numpy().tolist() for a, _ in dataset.take(1)], int(dataset.cardinality()))\n"
        "first, second = dataset.element_spec\n"
        "print(len(dataset), type(first).__name__, first.dtype, second.shape)",
        None,
    ),
    "a-dataset-of-the-tests": (
        "def read(dataset):\n"
        "    return [(a.numpy().tolist(), b['b'].numpy().tolist()) for a, b in dataset]",
        "x = np.arange(5, dtype=np.float32)\n"
        "dataset = tf.data.Dataset.from_tensor_slices((x, {'b': x > 2})).batch(2).repeat(2)\n"
        "print(read(dataset))\n"
        "print(read(dataset.take(1)))",
        None,
    ),
    "seeds-that-a-test-sets": (
        "def draw():\n"
        "    return [tf.random.uniform((2,)), np.random.rand(), tf.keras.layers.Dense(1)]",
        "got = []\n"
        "for seed in (1, 2, 1):\n"
        "    tf.keras.utils.set_random_seed(seed)\n"
        "    uniform, number, layer = draw()\n"
        "    layer.build((None, 2))\n"
        "    got.append([uniform.numpy().tolist(), number, layer.get_weights()[0].tolist()])\n"
        "print(got[0] == got[2], [a == b for a, b in zip(got[0], got[1])], got[0])",
        None,
    ),
    "functions-that-run-eagerly": (
        "@tf.function\ndef f():\n    return tf.executing_eagerly()",
        "tf.config.run_functions_eagerly(True)\n"
        "print(bool(f()))\n"
        "tf.config.run_functions_eagerly(False)\n"
        "print(bool(f()))",
        "True\nFalse\n",
    ),
    "names-that-a-test-swaps": (
        "rate = 1\ndef helper(x):\n    return 10 * x\ndef work(x):\n    return helper(x) + rate",
        "def other(x):\n    return np.negative(x)\n"
        "kept = helper, rate\n"
        "print(work(2))\n"
        "globals().update(helper=other, rate=5)\n"
        "print(work(2))\n"
        "helper, rate = kept\n"
        "print(work(2))\n"
        "del rate\n"
        "try:\n"
        "    work(2)\n"
        "except NameError as error:\n"
        "    print(error)",
        "21\n3\n21\nname 'rate' is not defined\n",
    ),
    "a-step-that-is-compiled-anew": (
        "@tf.function\ndef step(x):\n    traces.append(1)\n    return x + offset\n"
        "offset, traces = tf.constant(1.0), []\n"
        "def run():\n    return [float(step(tf.constant(1.0))) for _ in range(3)]",
        "print(run(), hasattr(run, 'python_function'))\n"
        "step, kept = tf.function(step.python_function), step\n"
        "offset = tf.constant(5.0)\n"
        "print(run())\n"
        "step = kept\n"
        "print(run())",
        None,
    ),
    "a-name-that-a-test-spells-in-a-text": (
        "history, large = {'a': [1]}, np.ones(5)",
        "found = globals()['history']\n"
        "print(isinstance(found, dict), found)\n"
        "print(float(np.sum(globals()['lar' + 'ge'])))",
        "True {'a': [1]}\n5.0\n",
    ),
    "functions-and-classes-of-libraries": (
        "def use(f, kind, x):\n    return f(kind(x))",
        "print(use(np.sum, np.float32, [1, 2]), use(tf.nn.relu, tf.constant, [-1.0, 2.0]).numpy())",
        None,
    ),
    "two-functions-of-one-name": (
        "def use(f):\n    return f(1)",
        "def make(n):\n"
        "    def f(x):\n"
        "        return x + n\n"
        "    return f\n"
        "def other():\n"
        "    def f(x):\n"
        "        return -x\n"
        "    return f\n"
        "print(use(make(5)), use(other()), use(make(7)))",
        "6 -1 8\n",
    ),
    "kept-in-a-list-that-the-test-let-go": (
        "class Kept:\n"
        "    def __init__(self, things):\n"
        "        self.things = things\n"
        "kept = []\n"
        "def keep(things):\n    kept.append(things)\n"
        "def first():\n    return kept[0][0]",
        "of_class = Kept([tf.Variable([1.0, 2.0]), tf.keras.losses.MeanSquaredError()])\n"
        "variable, loss = of_class.things\n"
        "print((variable + 1).numpy(), float(loss([[1.0]], [[3.0]])))\n"
        "keep([tf.Variable([5.0])])\n"
        "print((first() * 2).numpy())",
        "[2. 3.] 4.0\n[10.]\n",
    ),
    "let-go-and-looked-at": (
        "class Kept:\n    def __init__(self, thing):\n        self.thing = thing",
        "kept = Kept(tf.keras.losses.BinaryCrossentropy())\n"
        "print(type(kept.thing).__name__, isinstance(kept.thing, tf.keras.losses.Loss))",
        "BinaryCrossentropy True\n",
    ),
    "changed-in-its-place": (
        "class Layer:\n"
        "    def __init__(self):\n"
        "        self.weights = np.zeros(3)\n"
        "    def step(self):\n"
        "        self.weights += 1",
        "layer = Layer()\n"
        "before = id(layer.weights)\n"
        "layer.step()\n"
        "others = [np.zeros(3) for _ in range(5)]\n"
        "print(id(layer.weights) == before, layer.weights)",
        "True [1. 1. 1.]\n",
    ),
    "files-that-a-test-makes": (
        "def read(folder):\n"
        "    return sorted(p.name for p in folder.iterdir()), (folder / 'a.txt').read_text()",
        "import pathlib, tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    pathlib.Path(folder, 'a.txt').write_text('hello')\n"
        "    pathlib.Path(folder, 'b.txt').write_text('')\n"
        "    print(read(pathlib.Path(folder)))",
        "(['a.txt', 'b.txt'], 'hello')\n",
    ),
}


@pytest.mark.parametrize(("learner", "test", "shown"), CELLS.values(), ids=CELLS)
def test_a_cell_shows_the_same_both_ways(
    both_ways: BothWays, learner: str, test: str, shown: str | None
) -> None:
    # One that prints many numbers is compared with itself alone.
    got = both_ways(learner, test)
    assert shown is None or got == shown
    assert "Error" not in got


def test_each_kernel_draws_the_same_numbers(both_ways: BothWays) -> None:
    """A data set that is shuffled without a seed comes in the same order each time it is graded."""
    shown = both_ways(
        "import random\n"
        "def drawn():\n"
        "    order = [int(n) for n in tf.data.Dataset.range(20).shuffle(20)]\n"
        "    weights = tf.keras.layers.Dense(1)(tf.ones((1, 3))), tf.random.normal([2])\n"
        "    others = np.random.rand(), random.random()\n"
        "    return order, [w.numpy().tolist() for w in weights], *others",
        "first, second = drawn(), drawn()\n"
        "print(first)\n"
        "print([a == b for a, b in zip(first, second)])",
    )
    assert shown.endswith("\n[False, False, False, False]\n")


def test_tensors_arrive_where_only_the_learners_code_imports_tensorflow(
    both_ways: BothWays,
) -> None:
    """Nothing that is given does, so the judge is made without it."""
    learner = (
        "import tensorflow as tf\n"
        "weight = tf.Variable(2.0)\n"
        "def half(x):\n    return tf.constant(x) / 2, tf.shape([x]), weight.dtype"
    )
    test = (
        "got = half(3.0)\n"
        "print([type(each).__name__ for each in got])\n"
        "print(float(got[0]), round(float(np.tanh(got[0])), 4))"
    )
    expected = "['EagerTensor', 'EagerTensor', 'DType']\n1.5 0.9051\n"
    assert both_ways(learner, test, given="import numpy as np") == expected
