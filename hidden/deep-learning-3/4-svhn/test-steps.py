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
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            tf.keras.Input((4, 4, 3)),
            layers.Flatten(),
            layers.Dense(6, activation="tanh"),
            layers.Dense(5, activation="softmax"),
        ]
    )


@functools.cache
def model_and_twin():
    """The network of all trials and one for the reference: to make them takes long."""
    return new_model(), new_model()


def predicted(weights, images):
    """What such a network answers, in NumPy."""
    w1, b1, w2, b2 = weights
    e = numpy.exp(numpy.tanh(images.numpy().reshape(len(images), -1) @ w1 + b1) @ w2 + b2)
    return e / e.sum(axis=1, keepdims=True)


def crossentropies(predictions, labels):
    return -numpy.log(predictions[numpy.arange(len(labels)), labels.numpy()])


class OneTrial:
    """A small model, an equal one for the reference, three batches, and everything a step needs."""

    def __init__(self, seed, loss_object, optimizer, last=12, model=None):
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
        self.loss_object, self.optimizer = loss_object, optimizer
        self.twin_optimizer = type(optimizer).from_config(optimizer.get_config())
        # Variables must be there before a tf.function is called for the second time.
        self.optimizer.build(self.model.trainable_variables)
        self.twin_optimizer.build(self.twin.trainable_variables)
        self.loss, self.accuracy = (
            tf.keras.metrics.Mean(),
            tf.keras.metrics.SparseCategoricalAccuracy(),
        )

    def means(self, losses):
        """The mean of the batches, and the one where each counts by its images: both are right."""
        return numpy.mean(losses), numpy.average(losses, weights=self.sizes)

    def names(self):
        """What the notebook's own names mean in a trial, for steps that use them."""
        return {
            "model": self.model,
            "loss_object": self.loss_object,
            "optimizer": self.optimizer,
            "train_loss": self.loss,
            "train_accuracy": self.accuracy,
        }

    def train(self, images, labels):
        train_step(
            self.model, images, labels, self.loss_object, self.optimizer, self.loss, self.accuracy
        )

    def reference(self, images, labels):
        """The same step by the reference."""
        with tf.GradientTape() as tape:
            loss = self.loss_object(labels, self.twin(images, training=True))
        gradients = tape.gradient(loss, self.twin.trainable_variables)
        self.twin_optimizer.apply_gradients(
            zip(gradients, self.twin.trainable_variables, strict=False)
        )

    def all_steps(self):
        """All batches, by both."""
        for images, labels in self.batches:
            self.train(images, labels)
            self.reference(images, labels)

    def compare(self, what, atol, weights=None):
        """`weights` are both networks' where these are no longer the ones to compare."""
        both = weights or (self.model.get_weights(), self.twin.get_weights())
        for name, old, got, wanted in zip(
            ("weights of layer 1", "biases of layer 1", "weights of layer 2", "biases of layer 2"),
            self.first,
            *both,
            strict=False,
        ):
            expect(
                not numpy.array_equal(got, old),
                f"{what}: the {name} did not change.\n"
                "Look at which variables the gradients are taken by, and at what the optimizer "
                "applies.",
            )
            if numpy.allclose(got, wanted, rtol=0, atol=atol):
                continue
            ratio = float(numpy.sum((got - old) * (wanted - old)) / numpy.sum((wanted - old) ** 2))
            same_direction = numpy.allclose(
                got - old, ratio * (wanted - old), rtol=0, atol=atol * 10
            )
            note = (
                f"The change is {ratio:.3g} times that of the reference. " if same_direction else ""
            )
            expect(
                int(self.optimizer.iterations) > 0,
                f"{what}: the optimizer passed in did nothing. Use the argument optimizer.",
            )
            expect(
                False,
                f"{what}: the {name} differ from those of a reference step.\n{note}"
                "Look at the loss inside the tape, the gradients, and how often they are applied.",
            )


@functools.cache
def run_train_steps():
    """Three calls of train_step, with gradient descent.

    Returns the trial, both networks' weights after each step, and the losses and hits that the
    metrics should see: those of the learner's weights, be they right or wrong.
    """
    crossentropy = tf.keras.losses.SparseCategoricalCrossentropy()
    trial = OneTrial(5, crossentropy, tf.keras.optimizers.SGD(0.5), last=7)
    weights, losses, hits = [], [], []
    with swapped(globals(), **trial.names()):
        for images, labels in trial.batches:
            predictions = predicted(trial.model.get_weights(), images)
            losses.append(crossentropies(predictions, labels).mean())
            hits.extend(predictions.argmax(axis=1) == labels.numpy())
            trial.train(images, labels)
            trial.reference(images, labels)
            weights.append((trial.model.get_weights(), trial.twin.get_weights()))
    return trial, weights, losses, hits


def check_reference_step():
    trial, weights, _, _ = run_train_steps()
    for number, both in enumerate(weights, start=1):
        trial.compare(f"After step {number} with gradient descent", 1e-5, both)
    crossentropy = tf.keras.losses.SparseCategoricalCrossentropy()
    trial = OneTrial(2, crossentropy, tf.keras.optimizers.Adam(0.01))
    with swapped(globals(), **trial.names()):
        trial.all_steps()
        trial.compare("After 3 steps with Adam", atol=2e-4)
    trial = OneTrial(9, LargeError(), tf.keras.optimizers.SGD(0.003))
    with swapped(globals(), **trial.names()):
        trial.all_steps()
        trial.compare("After 3 steps with a loss whose gradients are large", atol=1e-5)


def check_arguments():
    crossentropy, other = tf.keras.losses.SparseCategoricalCrossentropy(), new_model()
    bystander = OneTrial(3, crossentropy, tf.keras.optimizers.SGD(0.5), model=other)
    trial = OneTrial(4, SquaredError(), tf.keras.optimizers.SGD(0.3))
    with swapped(globals(), **bystander.names()):
        trial.all_steps()
    expect(
        all(map(numpy.array_equal, bystander.first, bystander.model.get_weights())),
        "train_step changed a network that was not passed in. Use the argument model.",
    )
    expect(
        int(bystander.optimizer.iterations) == 0,
        "train_step used an optimizer that was not passed in. Use the argument optimizer.",
    )
    expect(
        float(bystander.loss.count) == 0 and float(bystander.accuracy.count) == 0,
        "train_step told metrics that were not passed in. Use the arguments.",
    )
    trial.compare("With another model, loss and optimizer passed in", atol=1e-5)


def check_training_metrics():
    trial, _, losses, hits = run_train_steps()
    check_metric("train_loss", trial.loss, trial.means(losses), "the mean loss of 3 batches")
    check_metric("train_accuracy", trial.accuracy, [numpy.mean(hits)], "the accuracy in 3 batches")


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


@functools.cache
def run_test_steps():
    """Three calls of test_step; returns the trial, and the losses and hits that it should see."""
    crossentropy = tf.keras.losses.SparseCategoricalCrossentropy()
    trial = OneTrial(6, crossentropy, tf.keras.optimizers.Adam(0.01), last=7)
    training = {
        "train_loss": tf.keras.metrics.Mean(),
        "train_accuracy": tf.keras.metrics.SparseCategoricalAccuracy(),
    }
    names = trial.names() | training | {"test_loss": trial.loss, "test_accuracy": trial.accuracy}
    losses, hits = [], []
    with swapped(globals(), **names):
        for images, labels in trial.batches:
            predictions = predicted(trial.first, images)
            losses.append(crossentropies(predictions, labels).mean())
            hits.extend(predictions.argmax(axis=1) == labels.numpy())
            test_step(trial.model, images, labels, trial.loss_object, trial.loss, trial.accuracy)
    return trial, training, losses, hits


def check_test_step_changes_nothing():
    trial, training, _, _ = run_test_steps()
    expect(
        float(trial.loss.count) > 0 or float(trial.accuracy.count) > 0,
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
    trial, _, losses, hits = run_test_steps()
    check_metric("test_loss", trial.loss, trial.means(losses), "the mean loss of 3 batches")
    check_metric("test_accuracy", trial.accuracy, [numpy.mean(hits)], "the accuracy in 3 batches")


def check_test_step_arguments():
    crossentropy, other = tf.keras.losses.SparseCategoricalCrossentropy(), new_model()
    bystander = OneTrial(7, crossentropy, tf.keras.optimizers.SGD(0.5), model=other)
    trial, losses, hits = OneTrial(8, SquaredError(), tf.keras.optimizers.SGD(0.3)), [], []
    # What test_step must not use at all is a matter for another part: here it does no harm.
    names = bystander.names() | {
        "train_loss": tf.keras.metrics.Mean(),
        "train_accuracy": tf.keras.metrics.SparseCategoricalAccuracy(),
        "optimizer": trial.optimizer,
        "test_loss": bystander.loss,
        "test_accuracy": bystander.accuracy,
    }
    with swapped(globals(), **names):
        for images, labels in trial.batches:
            predictions = predicted(trial.first, images)
            losses.append(float(trial.loss_object(labels, tf.constant(predictions, tf.float32))))
            hits.extend(predictions.argmax(axis=1) == labels.numpy())
            test_step(trial.model, images, labels, trial.loss_object, trial.loss, trial.accuracy)
    expect(
        float(bystander.loss.count) == 0 and float(bystander.accuracy.count) == 0,
        "test_step told metrics that were not passed in. Use the arguments.",
    )
    what = "the mean over 3 batches with another model and loss passed in"
    check_metric("test_loss", trial.loss, trial.means(losses), what)
    check_metric("test_accuracy", trial.accuracy, [numpy.mean(hits)], what)


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
