import functools

import numpy


class SquaredError(tf.keras.losses.Loss):
    """A loss that is not the usual one, to see whether the one passed in is used."""

    def call(self, y_true, y_pred):
        wanted = tf.one_hot(tf.cast(tf.reshape(y_true, [-1]), tf.int32), 5)
        return tf.reduce_sum((y_pred - tf.cast(wanted, y_pred.dtype)) ** 2, axis=-1)


class LargeError(SquaredError):
    """Its gradients are so large that a step which cuts them shows."""

    def call(self, y_true, y_pred):
        return 100.0 * super().call(y_true, y_pred)


def new_model():
    layers, shape = tf.keras.layers, (4, 4, 3)
    hidden, output = layers.Dense(6, activation="tanh"), layers.Dense(5, activation="softmax")
    return tf.keras.Sequential([tf.keras.Input(shape), layers.Flatten(), hidden, output])


@functools.cache
def model_and_twin():
    """The network of all trials and one for the reference: to make them takes long."""
    return new_model(), new_model()


def answers_with(weights, images):
    """What such a network answers with these weights, in NumPy."""
    w1, b1, w2, b2 = weights
    e = numpy.exp(numpy.tanh(images.numpy().reshape(len(images), -1) @ w1 + b1) @ w2 + b2)
    return e / e.sum(axis=1, keepdims=True)


class OneTrial:
    """A small model, an equal one for the reference, three batches, and everything a step needs.

    `losses` and `hits` are what the metrics should see.
    """

    def __init__(self, seed, optimizer, loss_object=None, last=12, model=None):
        self.sizes = 12, 12, last  # the last batch of a data set may be smaller
        rng = numpy.random.default_rng(seed)
        self.model, self.twin = model_and_twin()
        self.model = model or self.model
        self.model.set_weights([rng.normal(0, 0.3, w.shape) for w in self.model.get_weights()])
        self.twin.set_weights(self.model.get_weights())
        self.first = self.model.get_weights()
        self.batches = [
            (
                tf.constant(rng.uniform(-1, 1, (n, 4, 4, 3)), tf.float32),
                tf.constant(rng.integers(0, 5, n)),
            )
            for n in self.sizes
        ]
        self.loss_object = loss_object or tf.keras.losses.SparseCategoricalCrossentropy()
        self.optimizer = optimizer
        self.twin_optimizer = type(optimizer).from_config(optimizer.get_config())
        # Variables must be there before a tf.function is called for the second time.
        self.optimizer.build(self.model.trainable_variables)
        self.twin_optimizer.build(self.twin.trainable_variables)
        self.loss = tf.keras.metrics.Mean()
        self.accuracy = tf.keras.metrics.SparseCategoricalAccuracy()
        self.losses, self.hits = [], []

    def names(self):
        """What the notebook's own names mean in a trial, for steps that use them."""
        return {
            "model": self.model,
            "loss_object": self.loss_object,
            "optimizer": self.optimizer,
            "train_loss": self.loss,
            "train_accuracy": self.accuracy,
        }

    def test_metrics(self):
        return {"test_loss": self.loss, "test_accuracy": self.accuracy}

    def note(self, weights, images, labels):
        """Keep what the metrics should see of a batch, by a network with these weights."""
        answers = answers_with(weights, images)
        self.hits.extend(answers.argmax(axis=1) == labels.numpy())
        self.losses.append(float(self.loss_object(labels, tf.constant(answers, tf.float32))))

    def train(self, images, labels):
        """A step by train_step, and the same by the reference."""
        train_step(
            self.model, images, labels, self.loss_object, self.optimizer, self.loss, self.accuracy
        )
        with tf.GradientTape() as tape:
            loss = self.loss_object(labels, self.twin(images, training=True))
        variables = self.twin.trainable_variables
        pairs = zip(tape.gradient(loss, variables), variables, strict=False)
        self.twin_optimizer.apply_gradients(pairs)

    def test(self, images, labels):
        """A step by test_step, which is to leave the first weights as they are."""
        self.note(self.first, images, labels)
        test_step(self.model, images, labels, self.loss_object, self.loss, self.accuracy)

    def all_steps(self, step):
        for batch in self.batches:
            step(*batch)

    def both_weights(self):
        return self.model.get_weights(), self.twin.get_weights()

    def compare(self, what, atol, both):
        """Raise CheckFailed unless `both`, the weights of the two networks, are the same."""
        names = "weights of layer 1", "biases of layer 1", "weights of layer 2", "biases of layer 2"
        for name, old, got, wanted in zip(names, self.first, *both, strict=False):
            expect(
                not numpy.array_equal(got, old),
                f"{what}: the {name} did not change.\n"
                "Look at which variables the gradients are taken by, and at what the optimizer "
                "applies.",
            )
            if numpy.allclose(got, wanted, rtol=0, atol=atol):
                continue
            expect(
                int(self.optimizer.iterations) > 0,
                f"{what}: the optimizer passed in did nothing. Use the argument optimizer.",
            )
            change, right = got - old, wanted - old
            ratio = float(numpy.sum(change * right) / numpy.sum(right**2))
            same_direction = numpy.allclose(change, ratio * right, rtol=0, atol=atol * 10)
            note = (
                f"The change is {ratio:.3g} times that of the reference. " if same_direction else ""
            )
            expect(
                False,
                f"{what}: the {name} differ from those of a reference step.\n{note}"
                "Look at the loss inside the tape, the gradients, and how often they are applied.",
            )

    def was_told(self):
        """Whether one of the metrics was told anything."""
        return float(self.loss.count) > 0 or float(self.accuracy.count) > 0

    def check_metrics(self, prefix, of_loss, of_accuracy):
        """The metrics hold what they should see; the last two say what that is."""
        # The mean of the batches, and the one where each counts by its images: both are right.
        means = numpy.mean(self.losses), numpy.average(self.losses, weights=self.sizes)
        check_metric(f"{prefix}_loss", self.loss, means, of_loss)
        check_metric(f"{prefix}_accuracy", self.accuracy, [numpy.mean(self.hits)], of_accuracy)


def check_metric(name, metric, wanted, what):
    """`wanted` holds the numbers that are right; the first one is shown."""
    expect(
        float(metric.count) > 0,
        f"{name} was told nothing. Look at what your step does with this argument.",
    )
    got = float(metric.result())
    expect(
        min(abs(got - number) for number in wanted) < 1e-4,
        f"{name}: expected {wanted[0]:.4f}, {what}, got {got:.4f}.\n"
        "Look at what your step tells the metric, and whether it is the batch and the "
        "predictions of the step.",
    )


def new_training_metrics():
    """Training metrics of their own, for trials of test_step."""
    return {
        "train_loss": tf.keras.metrics.Mean(),
        "train_accuracy": tf.keras.metrics.SparseCategoricalAccuracy(),
    }


def new_bystander(seed):
    """A trial whose things are not passed in, so that no step may use them."""
    return OneTrial(seed, tf.keras.optimizers.SGD(0.5), model=new_model())


@functools.cache
def run_train_steps():
    """Three calls of train_step, with gradient descent; returns the trial, and both networks'
    weights after each step.

    The metrics should see the losses of the learner's weights, be they right or wrong.
    """
    trial, weights = OneTrial(5, tf.keras.optimizers.SGD(0.5), last=7), []
    with swapped(globals(), **trial.names()):
        for batch in trial.batches:
            trial.note(trial.model.get_weights(), *batch)
            trial.train(*batch)
            weights.append(trial.both_weights())
    return trial, weights


def check_reference_step():
    trial, weights = run_train_steps()
    for number, both in enumerate(weights, start=1):
        trial.compare(f"After step {number} with gradient descent", 1e-5, both)
    adam, descent = tf.keras.optimizers.Adam(0.01), tf.keras.optimizers.SGD(0.003)
    large = "After 3 steps with a loss whose gradients are large"
    for seed, optimizer, loss_object, what, atol in (
        (2, adam, None, "After 3 steps with Adam", 2e-4),
        (9, descent, LargeError(), large, 1e-5),
    ):
        trial = OneTrial(seed, optimizer, loss_object)
        with swapped(globals(), **trial.names()):
            trial.all_steps(trial.train)
            trial.compare(what, atol, trial.both_weights())


def check_arguments():
    bystander = new_bystander(3)
    trial = OneTrial(4, tf.keras.optimizers.SGD(0.3), SquaredError())
    with swapped(globals(), **bystander.names()):
        trial.all_steps(trial.train)
    expect(
        all(map(numpy.array_equal, bystander.first, bystander.model.get_weights())),
        "train_step changed a network that was not passed in. Use the argument model.",
    )
    expect(
        int(bystander.optimizer.iterations) == 0,
        "train_step used an optimizer that was not passed in. Use the argument optimizer.",
    )
    expect(
        not bystander.was_told(),
        "train_step told metrics that were not passed in. Use the arguments.",
    )
    what = "With another model, loss and optimizer passed in"
    trial.compare(what, 1e-5, trial.both_weights())


def check_training_metrics():
    trial, _ = run_train_steps()
    trial.check_metrics("train", "the mean loss of 3 batches", "the accuracy in 3 batches")


@functools.cache
def run_test_steps():
    """Three calls of test_step; returns the trial, and the training metrics beside it."""
    trial = OneTrial(6, tf.keras.optimizers.Adam(0.01), last=7)
    training = new_training_metrics()
    with swapped(globals(), **trial.names() | training | trial.test_metrics()):
        trial.all_steps(trial.test)
    return trial, training


def check_test_step_changes_nothing():
    trial, training = run_test_steps()
    expect(
        trial.was_told(),
        "test_step told its metrics nothing. Look at what it does with its arguments.",
    )
    expect(
        all(map(numpy.array_equal, trial.first, trial.model.get_weights())),
        "test_step changed the weights. A network must not learn from test images.",
    )
    expect(
        int(trial.optimizer.iterations) == 0,
        "test_step used the optimizer. A network must not learn from test images.",
    )
    expect(
        not any(float(metric.count) for metric in training.values()),
        "test_step told train_loss or train_accuracy something. Look at which metrics it uses.",
    )


def check_test_metrics():
    trial, _ = run_test_steps()
    trial.check_metrics("test", "the mean loss of 3 batches", "the accuracy in 3 batches")


def check_test_step_arguments():
    bystander = new_bystander(7)
    trial = OneTrial(8, tf.keras.optimizers.SGD(0.3), SquaredError())
    # What test_step must not use at all is a matter for another part: here it does no harm.
    harmless = new_training_metrics() | {"optimizer": trial.optimizer}
    with swapped(globals(), **bystander.names() | harmless | bystander.test_metrics()):
        trial.all_steps(trial.test)
    expect(
        not bystander.was_told(),
        "test_step told metrics that were not passed in. Use the arguments.",
    )
    what = "the mean over 3 batches with another model and loss passed in"
    trial.check_metrics("test", what, what)


with check.part(2, "a step of train_step is that of a reference"):
    check_reference_step()
with check.part(1, "train_step uses its arguments"):
    check_arguments()
with check.part(1, "the metrics of the training step"):
    check_training_metrics()
with check.part(1, "test_step changes no weight and no training metric"):
    check_test_step_changes_nothing()
with check.part(1, "the metrics of the test step"):
    check_test_metrics()
    check_test_step_arguments()
