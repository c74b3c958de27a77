import contextlib
import os
import pathlib
import tempfile

import numpy

import svhn_synthetic


class LearningTrial:
    """New synthetic house numbers, and networks trained on them with the learner's pieces.

    Two networks of at most three must pass both thresholds within eight epochs; of four, where
    those that failed were near, for one right network in fifty begins slowly. Or the first one, if
    it reads most images: no start is as lucky as that.
    benchmarks/learning.py of the course shows with which margins right ones do.

    The labels of the test images stay here, so that no network can have learned them by heart:
    make_datasets gets the same labels in another order.
    """

    # Whole batches of 32: a smaller last one would be compiled for itself.
    n_train, n_test, data_seed = 3008, 608, 2041
    most_epochs, least_accuracy, least_classes, clear_accuracy = 8, 0.46, 8, 0.8
    # From these starts, networks that divide their pixels by 255 seldom begin slowly.
    seeds = 3, 7, 2, 6
    near_accuracy = 0.3

    def __init__(self):
        *self.handed, self.right = self.pictures()
        order = numpy.random.default_rng(self.data_seed).permutation(self.n_test)
        self.handed.append(self.right[order])
        self.line = float(numpy.bincount(self.right).max() / self.n_test)
        self.networks, problem = [], None  # (accuracy, classes, epochs) of each network
        # Compiled steps are quick; what cannot be compiled runs as it is.
        for self.compiled in (True, False):
            try:
                self.learn(copies_of)
                problem = None
                break
            except (Exception, SystemExit) as error:
                problem = error
        if not self.networks or not self.accurate() or not self.varied():
            with contextlib.suppress(Exception, SystemExit):
                self.learn(self.other_arrays)
                problem = None
        if problem is not None:
            raise problem

    def pictures(self):
        """Images and labels, of training first. `make data` draws the same once for a class, but
        leaves out the labels of the test images.
        """
        rng = numpy.random.default_rng(2 * self.data_seed + 1)  # as svhn.write draws them
        shares = svhn_synthetic.share_out(self.n_test, svhn.TEST_COUNTS)
        right = numpy.repeat(numpy.arange(1, 11), shares).astype(numpy.uint8)
        rng.shuffle(right)
        with contextlib.suppress(Exception):
            found = self.read(pathlib.Path(os.environ["SVHN_DIR"], "trial"))
            if [len(array) for array in found[1::2]] == [self.n_train, self.n_test]:
                return [*found[:3], right]
        with tempfile.TemporaryDirectory() as folder:
            svhn.write(folder, self.n_train, self.n_test, self.data_seed)
            return [*self.read(pathlib.Path(folder))[:3], right]

    def read(self, directory):
        arrays = []
        for name in ("train", "test"):
            content = scipy.io.loadmat(directory / f"{name}_32x32.mat")
            arrays += [numpy.moveaxis(content["X"], 3, 0).copy(), content["y"][:, 0].copy()]
        return arrays

    def clear(self, networks):
        """Whether the first network alone shows that the learner's pieces learn."""
        accuracy, classes, _ = networks[0]
        return accuracy > self.clear_accuracy and classes >= self.least_classes

    def accurate(self):
        good = [accuracy > self.least_accuracy for accuracy, _, _ in self.networks]
        return sum(good) >= 2 or self.clear(self.networks)

    def varied(self):
        """Whether the networks predict most digits, and not just at random."""
        good = [c >= self.least_classes and a > self.line + 0.05 for a, c, _ in self.networks]
        return sum(good) >= 2 or self.clear(self.networks)

    def worst(self):
        return min(self.networks)

    def where_to_look(self):
        accuracy, classes, _ = self.worst()
        if classes == 1 and abs(accuracy - self.line) < 0.01:
            return (
                "Read the section 'The trap'. Look also at what the other checks say, and "
                "at your learning rate."
            )
        return (
            "Do the other checks pass? What they find wrong shows here, too. If they all "
            "pass, look at the range of your pixels and at your learning rate."
        )

    def other_arrays(self, arrays):
        """The same images and labels as load_svhn returns them, if it does so in another way than
        asked for: make_datasets may count on that.
        """
        with tempfile.TemporaryDirectory() as folder:
            for name, x, y in (("train", *arrays[:2]), ("test", *arrays[2:])):
                content = {"X": numpy.moveaxis(x, 0, 3), "y": y.reshape(-1, 1)}
                scipy.io.savemat(pathlib.Path(folder, f"{name}_32x32.mat"), content)
            loaded = list(load_svhn(pathlib.Path(folder)))
        expect(not all(map(numpy.array_equal, loaded, arrays)), "nothing new to try")
        return loaded

    def learn(self, given):
        """Train networks until one is clearly above the thresholds, two have passed, or too few
        can.

        `given` makes of arrays what make_datasets gets.
        """
        tf.keras.utils.set_random_seed(0)
        train_ds, self.test_ds = make_datasets(*given(self.handed))
        # For the loop, images and labels of the training set: to train on them, too, costs nothing
        # here.
        part = [array[: self.n_test - 32] for array in self.handed[:2]]
        _, test_ds = make_datasets(*given([*self.handed[:2], *part]))
        for _ in self.test_ds:
            pass  # a data set that can be read only once is empty from here on
        results = []
        for seed in self.seeds:
            tf.keras.utils.set_random_seed(seed)
            results.append(self.train_one(train_ds, test_ds))
            failed = [
                a
                for a, c, _ in results
                if not (a > self.least_accuracy and c >= self.least_classes)
            ]
            if self.clear(results) or len(results) - len(failed) == 2:
                break
            if len(failed) == 3 or (len(failed) == 2 and min(failed) < self.near_accuracy):
                break
        self.networks = results

    def train_one(self, train_ds, test_ds):
        """Accuracy, number of predicted digits, and epochs of a new network."""
        network = Mymodel()
        network(numpy.zeros((1, 32, 32, 3), numpy.float32))
        fresh = type(optimizer).from_config(self.configuration())
        fresh.build(network.trainable_variables)
        names = {"model": network, "optimizer": fresh, "train_ds": train_ds, "test_ds": test_ds}
        # The metrics decide nothing here: wrong ones have cost their points already.
        for name in ("train", "test"):
            names[f"{name}_loss"] = tf.keras.metrics.Mean()
            names[f"{name}_accuracy"] = tf.keras.metrics.SparseCategoricalAccuracy()
            # Steps that use names of the notebook must be compiled anew for each network.
            step = globals().get(f"{name}_step")
            if hasattr(step, "python_function") or (self.compiled and callable(step)):
                names[f"{name}_step"] = tf.function(getattr(step, "python_function", step))
        for epoch in range(1, self.most_epochs + 1):  # noqa: B007 - it is returned
            with swapped(globals(), **names, EPOCHS=1):
                run_training(network, loss_object, fresh, train_ds, test_ds, 1)
            accuracy, classes = self.look(network)
            if accuracy > self.least_accuracy and classes >= self.least_classes:
                break
        return accuracy, classes, epoch

    def configuration(self):
        """The optimizer's, with which from_config makes an equal one. A learning rate of the
        learner's own class is handed on as it is: its configuration cannot be read everywhere.
        """
        try:
            config = optimizer.get_config()
            type(optimizer).from_config(config)
            return config
        except Exception:
            rate = optimizer._learning_rate
            optimizer._learning_rate = 0.001
            try:
                return {**optimizer.get_config(), "learning_rate": rate}
            finally:
                optimizer._learning_rate = rate

    def look(self, network):
        """Accuracy on the test images, and how many digits are predicted."""
        images, labels, answers = [], [], []
        for some, their_labels in self.test_ds:
            images.append(some)
            labels.extend(plain(their_labels, "labels").ravel().tolist())
            answers.extend(plain(network(some), "answers").argmax(axis=1).tolist())
        right = self.right_labels(images, labels)
        expect(
            0 < len(right) == len(answers),
            f"test_ds: expected the {self.n_test} images passed in, each once and with the label "
            f"that was passed in for it, less 1. Got {len(answers)} images and {len(labels)} "
            f"labels, {len(set(labels))} different ones, and these do not belong to the images.\n"
            "Look at what make_datasets does with y_test, and with the order of x_test and y_test.",
        )
        return float(numpy.mean(numpy.equal(answers, right))), len(set(answers))

    def right_labels(self, images, labels):
        """The true label of each image of test_ds, by the numbers that stand for labels there;
        none if test_ds cannot be followed.

        The labels that were handed over tell the order. Where they came in another one, what
        the images show does.
        """
        handed = self.handed[3]
        if not 0.9 * self.n_test <= len(labels) <= self.n_test:
            return []
        for found in self.places(images, len(labels)):
            pairs = set(zip(handed[found].tolist(), labels, strict=False))
            numbers = dict(pairs)
            if len(found) == len(labels) and (
                len(pairs) == len(numbers) == len(set(numbers.values())) == 10
            ):
                return [numbers[label] for label in self.right[found].tolist()]
        return []

    def places(self, images, n):
        """What the places of the images that came can be among those that were handed over.

        Likeness is the correlation of grey images. It does not mind how the pixels were scaled, be
        it each image or each pixel by numbers of its own.
        """
        yield numpy.arange(n)
        with contextlib.suppress(Exception):
            came = numpy.concatenate([plain(some, "images") for some in images])
            for of_pixels in (True, False):
                patterns = [grey_patterns(array, of_pixels) for array in (came, self.handed[2])]
                found = numpy.abs(patterns[0] @ patterns[1].T).argmax(axis=1)
                if len(set(found.tolist())) == len(found):
                    yield found


def copies_of(arrays):
    return [array.copy() for array in arrays]


def grey_patterns(images, of_pixels):
    """Images as rows of 1024 numbers, of which only the pattern is left; `of_pixels`: that of each
    pixel in all images, too.
    """
    grey = images.astype(float).reshape(len(images), 1024, -1).mean(axis=2)
    if of_pixels:
        grey = (grey - grey.mean(axis=0)) / (grey.std(axis=0) + 1e-12)
    grey -= grey.mean(axis=1, keepdims=True)
    return grey / (numpy.linalg.norm(grey, axis=1, keepdims=True) + 1e-12)


def hidden_learning_tests():
    try:
        trial, problem = LearningTrial(), None
    except (Exception, SystemExit) as error:
        trial, problem = None, error

    def finished_trial():
        if problem is not None:
            raise problem
        return trial

    with check.part(2, "the accuracy is clearly above the share of the most frequent class"):
        found = finished_trial()
        accuracy, _, epochs = found.worst()
        expect(
            found.accurate(),
            f"After {epochs} epochs on new synthetic data {accuracy:.1%} of the test images were "
            f"right; expected more than {found.least_accuracy:.0%}. {found.line:.1%} show the "
            f"most frequent class.\n{found.where_to_look()}",
        )
    with check.part(2, "most digits are predicted"):
        found = finished_trial()
        accuracy, classes, epochs = found.worst()
        expect(
            found.varied(),
            f"After {epochs} epochs on new synthetic data the network predicts {classes} of the "
            f"10 digits, and {accuracy:.1%} of the test images were right; expected at least "
            f"{found.least_classes} digits, and clearly more than {found.line:.1%}.\n"
            f"{found.where_to_look()}",
        )


hidden_learning_tests()
