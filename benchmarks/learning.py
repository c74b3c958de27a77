"""Measures the margins of test-learning: does the course's network learn from the drawn digits?

For every way of bringing the pixels into a range, networks of the exercise's shape are trained as
test-learning trains them, from its own starts, with as many shufflings as there are seeds. A trial
is passed if two of at most three networks get over both thresholds, or of four where the failed
ones were near, so that no unlucky start and no lucky one decides it; or if the first one is clearly
over them. The table shows how close they came. Ways that must pass: /255, /127.5-1, standardised.
Ways that must not: raw pixels, labels that do not belong to their images, and a network without
ReLU. Exit code 1 if a trial is on the wrong side. With --any-start each trial has starts of its
own.

    python benchmarks/learning.py --seeds 20
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "source" / "deep-learning-3"))

import numpy as np
import tensorflow as tf

import svhn_synthetic

# The protocol of test-learning in 4-svhn.
TRAIN_IMAGES, TEST_IMAGES, DATA_SEED = 3008, 608, 2041
EPOCHS = 8  # at most; training ends as soon as both thresholds are passed
STARTS = 3, 7, 2, 6  # what seeds the weights of the networks
NEEDED = 2  # until so many have passed, or so many have failed
NEAR_ACCURACY = 0.3  # of those that failed: then one more may
ACCURACY, CLASSES = 0.46, 8
CLEAR_ACCURACY = 0.8  # of the first network, with as many classes: no other is trained

Images = np.ndarray
Scale = Callable[[Images], Images]


@dataclass
class Outcome:
    """One training: the test accuracy (0 to 1) and classes predicted after each epoch."""

    accuracy: list[float]
    classes: list[int]
    seconds: float  # of processor time

    @property
    def reached(self) -> float:
        """The accuracy of the first epoch that is over both thresholds; 0 if none is."""
        pairs = zip(self.accuracy, self.classes, strict=True)
        return next((a for a, c in pairs if a > ACCURACY and c >= CLASSES), 0.0)

    @property
    def passed(self) -> bool:
        return self.reached > 0


def clear(outcomes: list[Outcome]) -> bool:
    """Whether the first network of a trial decides it alone."""
    return outcomes[0].reached > CLEAR_ACCURACY


def build(activation: str) -> tf.keras.Model:
    dense = [tf.keras.layers.Dense(n, activation=activation) for n in (32, 64, 128, 256)]
    output = tf.keras.layers.Dense(10, activation="softmax")
    return tf.keras.Sequential([tf.keras.layers.Flatten(), *dense, output])


def train(
    data: tuple[np.ndarray, ...],
    activation: str,
    start: int,
    seed: int,
    epochs: int,
    to_the_end: bool,
    eager: bool,
) -> Outcome:
    """Train one network; `data` holds scaled images and labels 0..9, training set first.

    `start` seeds its weights, `seed` the shuffling.
    """
    x_train, y_train, x_test, y_test = data
    began = time.process_time()
    tf.keras.utils.set_random_seed(start)
    network, optimizer = build(activation), tf.keras.optimizers.Adam()
    loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
    network(x_train[:1])
    optimizer.build(network.trainable_variables)
    tf.random.set_seed(seed)
    batches = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1024).batch(32)

    def step(images: tf.Tensor, labels: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = loss_object(labels, network(images, training=True))
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))

    run = step if eager else tf.function(step)
    outcome = Outcome([], [], 0.0)
    for _ in range(epochs):
        for images, labels in batches:
            run(images, labels)
        predicted = network(x_test).numpy().argmax(axis=1)
        outcome.accuracy.append(float(np.mean(predicted == y_test)))
        outcome.classes.append(len(np.unique(predicted)))
        if outcome.passed and not to_the_end:
            break
    outcome.seconds = time.process_time() - began
    return outcome


def trial(
    data: tuple[np.ndarray, ...],
    activation: str,
    starts: Sequence[int],
    seed: int,
    epochs: int,
    to_the_end: bool,
    eager: bool,
) -> list[Outcome]:
    """Train networks until it is decided; all of them `to_the_end`."""
    outcomes: list[Outcome] = []
    for number, start in enumerate(starts):
        each = len(starts) * seed + number
        outcomes.append(train(data, activation, start, each, epochs, to_the_end, eager))
        passed = sum(o.passed for o in outcomes)
        failed = [o.accuracy[-1] for o in outcomes if not o.passed]
        near = min(failed, default=0.0) >= NEAR_ACCURACY
        lost = len(failed) > NEEDED or (len(failed) == NEEDED and not near)
        decided = clear(outcomes) or passed == NEEDED or lost
        if decided and not to_the_end:
            break
    return outcomes


def scales(x_train: Images) -> dict[str, Scale]:
    """Ways to bring pixels into a range, made from the training images as learners do it."""
    mean, deviation = x_train.mean(axis=(0, 1, 2)), x_train.std(axis=(0, 1, 2))
    return {
        "/255": lambda x: x / 255.0,
        "/127.5-1": lambda x: x / 127.5 - 1.0,
        "standardised": lambda x: (x - mean) / deviation,
        "raw": lambda x: x,
        "wrong labels": lambda x: x / 255.0,
        "no ReLU": lambda x: x / 127.5 - 1.0,
    }


MUST_PASS = {"/255", "/127.5-1", "standardised"}


def three(values: list[float] | list[int], form: str) -> str:
    """Smallest, median and largest value."""
    return " / ".join(format(float(v), form) for v in np.percentile(values, [0, 50, 100]))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=20, help="trials for each way (20)")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--any-start", action="store_true", help="not those of the test alone")
    parser.add_argument("--train", type=int, default=TRAIN_IMAGES, help="training images")
    parser.add_argument("--test", type=int, default=TEST_IMAGES, help="test images")
    parser.add_argument("--data-seed", type=int, default=DATA_SEED)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="at most so many")
    parser.add_argument("--to-the-end", action="store_true", help="do not stop when passed")
    parser.add_argument("--eager", action="store_true", help="without tf.function")
    parser.add_argument("--ways", nargs="*", help="only these")
    options = parser.parse_args()

    start = time.process_time()
    X, y = svhn_synthetic.draw(options.train, 2 * options.data_seed)
    X_test, y_test = svhn_synthetic.draw(
        options.test, 2 * options.data_seed + 1, svhn_synthetic.TEST_COUNTS
    )
    x_train, x_test = (np.moveaxis(x, 3, 0).astype("float32") for x in (X, X_test))
    y_train, y_test = (labels.ravel().astype("int64") - 1 for labels in (y, y_test))
    print(
        f"{options.train} training images, {options.test} test images, drawn in "
        f"{time.process_time() - start:.1f} s; mean pixel {x_train.mean():.0f}; "
        f"most frequent class {np.mean(y_test == 0):.3f} of the test set; at most "
        f"{options.epochs} epochs; passed: accuracy > {ACCURACY}, at least {CLASSES} classes"
    )
    print(
        f"A trial: {NEEDED} of at most {len(STARTS)} networks, or the first one with an accuracy > "
        f"{CLEAR_ACCURACY}. Figures: smallest / median / largest; "
        "accuracy and classes of a network at its end, processor time of a trial."
    )
    columns = ("pixels", "trials", "networks", "accuracy", "best accuracy", "classes", "epochs")
    print("{:13} {:>7} {:>9} {:>22} {:>22} {:>12} {:>10} {:>16}".format(*columns, "CPU s"))
    wrong = 0
    for way, scale in scales(x_train).items():
        if options.ways and way not in options.ways:
            continue
        labels = y_train
        if way == "wrong labels":
            labels = np.random.default_rng(0).permutation(y_train)
        activation = "linear" if way == "no ReLU" else "relu"
        data = (scale(x_train), labels, scale(x_test), y_test)
        seeds = range(options.first_seed, options.first_seed + options.seeds)
        trials = [
            trial(
                data,
                activation,
                [len(STARTS) * seed + n for n in range(len(STARTS))]
                if options.any_start
                else STARTS,
                seed,
                options.epochs,
                options.to_the_end,
                options.eager,
            )
            for seed in seeds
        ]
        passed = sum(clear(o) or sum(each.passed for each in o) >= NEEDED for o in trials)
        wrong += len(trials) - passed if way in MUST_PASS else passed
        every = [o for outcomes in trials for o in outcomes]
        print(
            f"{way:13} {passed:>3}/{len(trials):<3} "
            f"{sum(o.passed for o in every):>5}/{len(every):<3} "
            f"{three([o.accuracy[-1] for o in every], '.3f'):>22} "
            f"{three([max(o.accuracy) for o in every], '.3f'):>22} "
            f"{three([o.classes[-1] for o in every], '.0f'):>12} "
            f"{three([len(o.accuracy) for o in every], '.0f'):>10} "
            f"{three([sum(o.seconds for o in outcomes) for outcomes in trials], '.1f'):>16}",
            flush=True,
        )
    print("every trial is on the right side" if not wrong else f"{wrong} on the wrong side")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
