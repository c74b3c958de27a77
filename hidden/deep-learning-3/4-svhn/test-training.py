import functools

import numpy


@functools.cache  # a compiled loop keeps the steps that it saw first
def right_steps():
    """Steps as the exercise asks for them, by their names."""

    def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
        with tf.GradientTape() as tape:
            predictions = model(images, training=True)
            loss = loss_object(labels, predictions)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=False))
        train_loss.update_state(loss)
        train_accuracy.update_state(labels, predictions)
        return loss

    def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
        predictions = model(images, training=False)
        loss = loss_object(labels, predictions)
        test_loss.update_state(loss)
        test_accuracy.update_state(labels, predictions)
        return loss

    return {"train_step": train_step, "test_step": test_step}


# To begin a data set anew takes ten times as long where TensorFlow tunes it.
UNTUNED = tf.data.Options()
UNTUNED.autotune.enabled = False
UNTUNED.experimental_optimization.apply_default_optimizations = False


class ForOwnLoops(tf.keras.Sequential):
    """A network that Keras's own loops cannot run: the exercise is to write one."""

    def fit(self, *args, **kwargs):
        expect(
            False,
            "run_training calls model.fit, Keras's own loop. Write the loop, with train_step and "
            "test_step.",
        )

    def evaluate(self, *args, **kwargs):
        expect(
            False,
            "run_training calls model.evaluate, Keras's own loop. Write the loop, with test_step.",
        )


class LoopTrial:
    """A small model with data in a fixed order, trained for `epochs` by the learner's loop."""

    keys = ("loss", "accuracy", "test_loss", "test_accuracy")
    rate, momentum = 0.2, 0.5

    def __init__(self, seed):
        self.result = None  # of the learner's loop
        rng, layers, shape = numpy.random.default_rng(seed), tf.keras.layers, (4, 4, 3)
        hidden, output = layers.Dense(6, activation="tanh"), layers.Dense(5, activation="softmax")
        self.model = ForOwnLoops([tf.keras.Input(shape), layers.Flatten(), hidden, output])
        self.model.set_weights([rng.normal(0, 0.3, w.shape) for w in self.model.get_weights()])
        self.loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
        self.optimizer = tf.keras.optimizers.SGD(self.rate, momentum=self.momentum)
        self.optimizer.build(self.model.trainable_variables)
        self.first = self.model.get_weights()
        self.images = [
            (rng.uniform(-1, 1, (n, *shape)).astype(numpy.float32), rng.integers(0, 5, n))
            for n in (37, 21)  # for training and testing; the last batch is smaller
        ]
        self.train_ds, self.test_ds = (
            tf.data.Dataset.from_tensor_slices(pair).batch(8).with_options(UNTUNED)
            for pair in self.images
        )

    def names(self):
        """What the notebook's own names mean in a trial, for a loop that uses them."""
        return {
            "model": self.model,
            "loss_object": self.loss_object,
            "optimizer": self.optimizer,
            "train_ds": self.train_ds,
            "test_ds": self.test_ds,
        }

    def run(self, epochs):
        # Steps that use names of the notebook must be compiled anew for each network.
        steps = {name: globals()[name] for name in ("train_step", "test_step") if name in globals()}
        anew = {
            name: tf.function(step.python_function) if hasattr(step, "python_function") else step
            for name, step in steps.items()
        }
        with swapped(globals(), **anew):
            return run_training(
                self.model, self.loss_object, self.optimizer, self.train_ds, self.test_ds, epochs
            )

    def has_weights(self, wanted):
        return all(near(a, b) for a, b in zip(self.model.get_weights(), wanted, strict=False))

    def reference(self, epochs, *, fresh=True):
        """The history of a right run, and the weights after it, by the formulas of 3-backprop.

        Without `fresh`, the metrics are never reset. Gradient descent with momentum is Keras's:
        change = momentum * change - rate * slope.
        """
        weights = [w.astype(float) for w in self.first]
        changes = [numpy.zeros_like(w) for w in weights]
        history = {key: [] for key in self.keys}
        seen = {"": [], "test_": []}  # the loss and the hits of each batch, by the prefix of keys
        for _ in range(epochs):
            for (prefix, batches), pair in zip(seen.items(), self.images, strict=True):
                if fresh:
                    batches.clear()
                for images, labels in in_batches(pair):
                    loss, hits, slopes = one_batch(weights, images, labels)
                    batches.append((loss, hits))
                    if prefix == "test_":
                        continue
                    for weight, change, slope in zip(weights, changes, slopes, strict=True):
                        change *= self.momentum
                        change -= self.rate * slope
                        weight += change
                losses, hits = zip(*batches, strict=True)
                history[f"{prefix}loss"].append(numpy.mean(losses))
                history[f"{prefix}accuracy"].append(numpy.concatenate(hits).mean())
        return {key: numpy.array(values) for key, values in history.items()}, weights


def near(a, b):
    return numpy.allclose(a, b, rtol=0, atol=1e-4)


def in_batches(pair):
    """Images and labels, eight at a time, as the datasets of LoopTrial give them."""
    for start in range(0, len(pair[0]), 8):
        yield tuple(array[start : start + 8] for array in pair)


def one_batch(weights, images, labels):
    """Loss, hits and slopes of a batch in the network of LoopTrial, all in NumPy."""
    w1, b1, w2, b2 = weights
    x = images.reshape(len(images), -1)
    hidden = numpy.tanh(x @ w1 + b1)
    exponentials = numpy.exp(hidden @ w2 + b2)
    answers = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -numpy.log(answers[numpy.arange(len(labels)), labels]).mean()
    back2 = (answers - numpy.eye(5)[labels]) / len(labels)
    back1 = back2 @ w2.T * (1 - hidden**2)
    slopes = x.T @ back1, back1.sum(axis=0), hidden.T @ back2, back2.sum(axis=0)
    return loss, answers.argmax(axis=1) == labels, slopes


def new_metrics():
    return {
        "train_loss": tf.keras.metrics.Mean(),
        "train_accuracy": tf.keras.metrics.SparseCategoricalAccuracy(),
        "test_loss": tf.keras.metrics.Mean(),
        "test_accuracy": tf.keras.metrics.SparseCategoricalAccuracy(),
    }


def with_right_or_own_pieces(test):
    """Run a test of the loop with right steps and metrics, so that a mistake in these costs
    nothing here; if it fails, with the learner's own, which the loop may know better.
    """
    try:
        with swapped(globals(), **right_steps(), **new_metrics()):
            return test("right pieces")
    except (Exception, SystemExit) as error:
        first = error
    try:
        return test("own pieces")
    except (Exception, SystemExit):
        raise first from None


def history_of(result, epochs):
    """The four lists as plain arrays; CheckFailed if there is something else."""
    expect(
        isinstance(result, dict),
        f"run_training: expected a dictionary, got {type(result).__name__}. Look at the return.",
    )
    return {key: numbers_of(result, key, epochs) for key in LoopTrial.keys}


def numbers_of(result, key, epochs):
    """One of the lists, as history_of returns it."""
    expect(key in result, f"The result has no list {key!r}.")
    objects = isinstance(result[key], list) and any(
        isinstance(value, tf.keras.metrics.Metric) for value in result[key]
    )
    expect(not objects, f"The list {key!r} holds the metrics themselves, not their results.")
    values = plain(result[key], f"the list {key!r} after {epochs} epochs").astype(float)
    expect(
        values.shape == (epochs,),
        f"The list {key!r} after {epochs} epochs: expected {epochs} numbers, got the shape "
        f"{values.shape}.\n"
        "Look at how often the loop runs, and where the results are added and returned.",
    )
    expect(
        numpy.isfinite(values).all(),
        f"The list {key!r} holds nan or inf. Look at how its numbers are computed.",
    )
    return values


@functools.cache
def run_of_learner(pieces, epochs):
    """The trial after the learner's run, and its history."""
    learner = LoopTrial(11)
    with swapped(globals(), **learner.names(), EPOCHS=epochs):
        learner.result = learner.run(epochs)
    return learner, history_of(learner.result, epochs)


def check_lists(pieces):
    for epochs in (3, 1):
        learner, history = run_of_learner(pieces, epochs)
        for key in ("accuracy", "test_accuracy"):
            lowest, highest = history[key].min(), history[key].max()
            expect(
                lowest >= 0 and highest <= 1,
                f"The list {key!r} goes from {lowest:.4g} to {highest:.4g}. Expected: accuracies "
                "between 0 and 1, not in percent.",
            )
        expect(
            not all(map(numpy.array_equal, learner.first, learner.model.get_weights())),
            "run_training did not change the weights of the model passed in.",
        )
    learner, history = run_of_learner(pieces, 3)
    later = {key: plain(learner.result[key], key) for key in LoopTrial.keys}
    expect(
        all(map(numpy.array_equal, history.values(), later.values())),
        "A second call of run_training changed the lists that the first one had returned.\n"
        "Look at where the lists are made, and how often.",
    )


def compare_histories(keys, pieces, look):
    """Raise CheckFailed unless the lists of these keys are those of a right run of 3 epochs."""
    learner, history = run_of_learner(pieces, 3)
    wanted, _ = learner.reference(3)
    # Percent are a matter for the part about the lists.
    history = {
        key: v / 100 if "accuracy" in key and v.max() > 1 else v for key, v in history.items()
    }
    if all(near(history[key], wanted[key]) for key in keys):
        return
    stale, _ = learner.reference(3, fresh=False)
    for key in keys:
        expect(
            not near(history[key], stale[key]),
            f"The list {key!r} holds means over all epochs so far. Each epoch must start with "
            f"fresh metrics.",
        )
        for other in LoopTrial.keys:
            expect(
                other == key or not near(history[key], wanted[other]),
                f"The list {key!r} holds the numbers of {other!r}. Look at which metric you ask.",
            )
        wrong = numpy.abs(history[key] - wanted[key]) > 1e-4
        is_rounded = numpy.array_equal(history[key], history[key].round(3))
        expect(
            not wrong.any()
            or not is_rounded
            or (numpy.abs(history[key] - wanted[key]) > 0.06).any(),
            f"The list {key!r} seems to be rounded. Keep the numbers as the metric gives them.",
        )
        epoch = int(numpy.argmax(wrong))
        expect(
            not wrong.any(),
            f"The list {key!r}: expected {wanted[key][epoch]:.4f} in epoch {epoch + 1}, got "
            f"{history[key][epoch]:.4f}.\n{look}",
        )


def check_training_numbers(pieces):
    look = "Look at which batches train_step gets, how often, and when you ask the metric."
    compare_histories(("loss", "accuracy"), pieces, look)
    learner, _ = run_of_learner(pieces, 3)
    _, weights = learner.reference(3)
    expect(
        learner.has_weights(weights),
        "The lists are right, but after 3 epochs the weights differ from those of a reference "
        "run.\nLook at which batches train_step gets: the training images, each once in an epoch.",
    )


def check_test_numbers(pieces):
    look = (
        "Look at which batches test_step gets, and that it runs after the training of each epoch."
    )
    compare_histories(("test_loss", "test_accuracy"), pieces, look)


def check_loop_uses_arguments(pieces):
    learner, bystander = LoopTrial(14), LoopTrial(15)
    bystander.loss_object = tf.keras.losses.SparseCategoricalCrossentropy(reduction="sum")
    with swapped(globals(), **bystander.names(), EPOCHS=1):
        result = learner.run(2)
        short = isinstance(result, dict) and numpy.shape(numpy.asarray(result.get("loss"))) == (1,)
        expect(
            not short,
            "run_training was asked for 2 epochs and returned the numbers of 1. (EPOCHS is 1 "
            "in this test.)\n"
            "Look at what says how often the loop runs, and at where return stands.",
        )
        history = history_of(result, 2)
    expect(
        all(map(numpy.array_equal, bystander.first, bystander.model.get_weights())),
        "run_training changed a model that was not passed in. Use the argument model.",
    )
    _, wanted = learner.reference(2)
    expect(
        learner.has_weights(wanted),
        "With another model, loss and other data passed in, the trained weights differ from those "
        "of a reference run.\n"
        "If a part before fails, mend that first. Else use the arguments, also the two datasets "
        "and epochs.",
    )
    steps = int(learner.optimizer.iterations)
    expect(
        steps == 10,
        f"In 2 epochs of 5 training batches, the optimizer passed in made {steps} steps; expected "
        "10.\nUse the argument optimizer as it is.",
    )
    _, not_passed_in = bystander.images
    others = [one_batch(wanted, *batch)[0] for batch in in_batches(not_passed_in)]
    expect(
        abs(history["test_loss"][-1] - numpy.mean(others)) > 1e-4,
        "The test loss is that of test data that were not passed in. Use the argument test_ds.",
    )


class ScriptedSteps:
    """Steps that train nothing. They count their calls, and tell the metrics a script.

    For 12 epochs training is perfect and each test worse than the one before; after that it is
    the other way round. So every rule that ends a training early finds a reason in it.
    """

    def __init__(self, batches, speak):
        self.good = {"train": 12 * [1] + 91 * [0], "test": 12 * [0] + 91 * [1]}
        self.batches, self.speak = batches, speak
        self.calls = {name: tf.Variable(0) for name in ("train", "test")}

    def step(self, name, labels, mean, accuracy):
        calls = self.calls[name].assign_add(1)
        if not self.speak:
            return tf.constant(1.0)
        epoch = (calls - 1) // self.batches
        good = tf.gather(tf.constant(self.good[name]), epoch)
        loss = tf.where(good == 1, 1e-9, 1.0 + tf.cast(epoch, tf.float32))
        mean.update_state(loss)
        accuracy.update_state(labels, tf.one_hot(labels + 1 - good, 5))
        return loss

    def names(self):
        def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
            return self.step("train", labels, train_loss, train_accuracy)

        def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
            return self.step("test", labels, test_loss, test_accuracy)

        return {"train_step": train_step, "test_step": test_step, **new_metrics()}


class StepTrial(LoopTrial):
    """Runs whose steps are counted: those of a script, if the loop can work with them; else the
    learner's own, on images that the network knows from the start, and others that it never learns.
    """

    def __init__(self, batches, speak=True):
        super().__init__(16)
        self.batches, self.scripted = batches, True
        self.optimizer = tf.keras.optimizers.SGD(1e-30)
        self.optimizer.build(self.model.trainable_variables)
        self.model.layers[-1].bias.assign([0, 0, 40, 0, 0])
        image = tf.ones((1, 4, 4, 3))
        self.train_ds, self.test_ds = (
            tf.data.Dataset.from_tensors((image, tf.constant([label], tf.int32)))
            .repeat(batches)
            .with_options(UNTUNED)
            for label in (2, 3)
        )
        # One set of steps and metrics for all runs: a compiled loop keeps those that it saw first.
        self.steps = ScriptedSteps(batches, speak)
        self.pieces = self.steps.names()
        try:
            self.scripted = self.count([1])["train"] > 0
        except (Exception, SystemExit):
            self.scripted = False
        if not self.scripted:
            self.pieces = {}

    def count(self, runs):
        """Run for so many epochs, once for each number; how often each step was called."""
        for variable in (*self.steps.calls.values(), self.optimizer.iterations):
            variable.assign(0)
        with swapped(globals(), **self.names(), **self.pieces):
            for epochs in runs:
                with swapped(globals(), EPOCHS=epochs):
                    history_of(self.run(epochs), epochs)
        if self.scripted:
            return {name: int(calls) for name, calls in self.steps.calls.items()}
        return {"train": int(self.optimizer.iterations)}


def check_number_of_steps():
    """No epoch and no batch is left out, whatever the numbers look like, and none is added."""
    for trial, runs, asked in (
        (StepTrial(1), (101, 2), "101 epochs and then 2 epochs"),
        (StepTrial(130, speak=False), (1,), "1 epoch"),
    ):
        for name, calls in trial.count(runs).items():
            expect(
                calls == sum(runs) * trial.batches,
                f"In {asked}, each with {trial.batches} {name} batches: {name}_step was called "
                f"{calls} times; expected {sum(runs) * trial.batches}.\n"
                "Look at which batches it gets, in early and in late epochs, and at what ends "
                "or skips an epoch.",
            )
        expect(
            float(trial.optimizer.learning_rate) == numpy.float32(1e-30),
            "run_training changed the learning rate of the optimizer passed in. The exercise "
            "asks for no such change.",
        )


with check.part(1, "four lists, one number for each epoch, and a model that changes"):
    with_right_or_own_pieces(check_lists)
    check_number_of_steps()
with check.part(2, "the numbers of the training set are those of a reference run"):
    with_right_or_own_pieces(check_training_numbers)
with check.part(2, "the numbers of the test set are those of a reference run"):
    with_right_or_own_pieces(check_test_numbers)
with check.part(1, "run_training uses its arguments"):
    with_right_or_own_pieces(check_loop_uses_arguments)
