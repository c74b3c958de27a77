import functools
import itertools

import numpy


class DatasetTrial:
    """Random images through make_datasets; which image came out where."""

    n_train, n_test = 1234, 75

    def __init__(self):
        rng = numpy.random.default_rng(6)
        # The test images are darker, so that a scale of their own shows.
        self.x = {
            name: rng.integers(0, brightest, (n, 32, 32, 3), dtype=numpy.uint8)
            for name, n, brightest in (("train", self.n_train, 256), ("test", self.n_test, 180))
        }
        self.y = {
            name: rng.integers(1, 11, len(x)).astype(numpy.uint8) for name, x in self.x.items()
        }
        stored = {
            f"{letter}_{name}": arrays[name]
            for name in self.x
            for letter, arrays in (("x", self.x), ("y", self.y))
        }
        given = {name: array.copy() for name, array in stored.items()}
        result = make_datasets(*given.values())
        expect(
            isinstance(result, (tuple, list)) and len(result) == 2,
            "make_datasets must return two datasets: train_ds and test_ds.",
        )
        both = dict(zip(self.x, result, strict=True))
        self.batches = {name: self.read(name, dataset) for name, dataset in both.items()}
        self.seen_again = {
            name: sum(len(labels) for _, labels in itertools.islice(dataset, len(self.x[name])))
            for name, dataset in both.items()
        }
        self.changed = [
            name for name, array in given.items() if not numpy.array_equal(array, stored[name])
        ]
        # All images that came out, as float64 of shape N x 3072.
        self.pixels = {
            name: numpy.concatenate(
                [images.reshape(len(images), -1) for images, _ in batches]
            ).astype(float)
            for name, batches in self.batches.items()
        }
        self.order = {name: self.match(name) for name in self.x}

    def read(self, name, dataset):
        """The batches as pairs of plain arrays."""
        limit = len(self.x[name])  # a dataset without an end is cut
        batches = []
        for batch in itertools.islice(dataset, limit):
            expect(
                isinstance(batch, (tuple, list)) and len(batch) == 2,
                f"{name}_ds: each batch must be a pair, images and labels; got "
                f"{type(batch).__name__}.",
            )
            batches.append(tuple(plain(part, f"images or labels of {name}_ds") for part in batch))
        total = sum(len(images) for images, _ in batches)
        expect(
            total <= 2 * limit,
            f"{name}_ds gives each image more than twice. Is there a repeat() in make_datasets?",
        )
        for images, _ in batches:
            expect(
                images.shape[1:] == (32, 32, 3),
                f"{name}_ds: expected batches of shape (32, 32, 32, 3), got {images.shape}.",
            )
        return batches

    def match(self, name):
        """For each image that came out, the number of the stored one that it resembles, or -1.

        The correlation of the images does not mind how the pixels were scaled.
        """
        some = numpy.random.default_rng(0).permutation(3072)[:512]
        stored = self.x[name].reshape(-1, 3072)[:, some].astype(float)
        likeness = likeness_of(self.pixels[name][:, some], stored)
        return numpy.where(likeness.max(axis=1) > 0.8, likeness.argmax(axis=1), -1)


def likeness_of(found, stored):
    """For each row of `found`, how much it is like each row of `stored`: 1 if but for the scale."""
    found, stored = (
        (a - a.mean(axis=1, keepdims=True)) / (a.std(axis=1, keepdims=True) + 1e-12)
        for a in (found, stored)
    )
    return numpy.abs(numpy.nan_to_num(found) @ stored.T) / stored.shape[1]


def check_nothing_is_lost(trial):
    for name, n in (("train", trial.n_train), ("test", trial.n_test)):
        check_images(trial, name, n)
        check_labels(trial, name, n)
        expect(
            trial.seen_again[name] == n,
            f"{name}_ds was read twice, as in two epochs: first it gave {n} images, then "
            f"{trial.seen_again[name]}.\n"
            "Each epoch needs all of them. Look at what you build it from.",
        )
    expect(
        not trial.changed,
        f"make_datasets changed {', '.join(trial.changed)}. It must leave the arrays passed in "
        f"as they are.",
    )


def check_images(trial, name, n):
    """Each of the n images comes out once."""
    order = trial.order[name]
    expect(
        len(order) == n,
        f"{name}_ds: expected {n} images, as many as passed in, got {len(order)}.\n"
        "Look at what batch does with a last, smaller batch.",
    )
    expect(
        (order >= 0).all() or numpy.isfinite(trial.pixels[name]).all(),
        f"{name}_ds: some pixels are not finite (nan or inf). Look at what you divide by.",
    )
    expect(
        (order >= 0).all(),
        f"{name}_ds: {(order < 0).sum()} of {n} images look like none of those passed in.\n"
        "Look at the type of the pixels: an integer cannot be 0.5, and uint8 holds only 0 to 255.",
    )
    expect(
        len(set(order.tolist())) == n,
        f"{name}_ds: {n - len(set(order.tolist()))} of {n} images are missing, others come twice.",
    )


def check_labels(trial, name, n):
    """Each image comes with its label."""
    labels = numpy.concatenate([labels.ravel() for _, labels in trial.batches[name]]).tolist()
    of_images = trial.y[name][trial.order[name]].tolist()
    pairs = set(zip(of_images, labels, strict=True)) if len(labels) == n else set()
    # One stored label must give one label; labels beyond 0 to 9 are a matter for the first part.
    expect(
        len(pairs) == len({label for _, label in pairs}) == 10,
        f"{name}_ds: images come with labels of other images.\n"
        "Look at how images and labels are put together and shuffled.",
    )
    for stored, label in sorted(pairs):
        expect(
            label == stored - 1 or {label for _, label in pairs} != set(range(10)),
            f"{name}_ds: the stored label {stored} became {label}. Look at what the "
            f"exercise asks of labels.",
        )


@functools.cache
def many_images():
    """More than 100 batches: the images that were handed over, and the training set."""
    rng, n = numpy.random.default_rng(10), 3300
    x = rng.integers(0, 256, (n, 32, 32, 3), dtype=numpy.uint8)
    y = (numpy.arange(n) % 10 + 1).astype(numpy.uint8)
    train_ds, _ = make_datasets(x, y, x[:40], y[:40])
    return x, train_ds


def labels_alone(images, labels):
    return labels


def some_pixels(images, labels):
    return images[:, ::4, ::4]


def check_many_images():
    """Only the labels are looked at."""
    x, train_ds = many_images()
    found, n = sum(len(labels) for labels in train_ds.map(labels_alone)), len(x)
    expect(
        found == n,
        f"Of {n} training images passed in, train_ds gives {found}.\n"
        "Look for what takes only a part of them, be it to save time.",
    )


def check_other_arrays():
    """Of other arrays, as long as those before, the new numbers come."""
    rng = numpy.random.default_rng(8)
    x = rng.integers(0, 256, (40, 32, 32, 3), dtype=numpy.uint8)
    y = rng.permutation(40).astype(numpy.uint8) % 10 + 1
    found = []
    for _ in range(2):
        _, test_ds = make_datasets(x, y, x[:30], y[:30])
        batches = [
            [plain(part, "images or labels of test_ds") for part in batch]
            for batch in test_ds.take(3)
        ]
        found.append([numpy.concatenate(parts) for parts in zip(*batches, strict=False)])
        x, y = 255 - x, 11 - y
    expect(
        not any(map(numpy.array_equal, *found)),
        "make_datasets was called twice, with other images and labels of the same number: "
        "test_ds gave those of the first call again.\n"
        "Look at what is kept from one call to the next.",
    )


def check_order(trial):
    order, test_order = trial.order["train"], trial.order["test"]
    expect(
        (order >= 0).all() and len(order) > trial.n_train // 2,
        "The order of train_ds cannot be seen. First mend the part 'each image comes once'.",
    )
    expect(
        (numpy.diff(order) <= 0).any(),
        "train_ds gives the images in the stored order. They must be shuffled.",
    )
    sizes = [len(images) for images, _ in trial.batches["train"]]
    batches = numpy.split(order, numpy.cumsum(sizes)[:-1])
    together = numpy.mean([(numpy.diff(each) == 1).mean() for each in batches if len(each) > 1])
    expect(
        together < 0.5,
        "train_ds gives whole batches in another order, but the images of a batch stay together.\n"
        "Look at the order of shuffle and batch.",
    )
    expect(
        (test_order >= 0).all() and (numpy.diff(test_order) > 0).all(),
        "test_ds gives the images in another order than stored. Only the training images are "
        "shuffled.",
    )


def check_buffer():
    """With a buffer of 1024, an image comes at most 1023 places before its own; of so many images,
    some come nearly as far.
    """
    x, train_ds = many_images()
    found = [plain(batch, "images").astype(float) for batch in train_ds.map(some_pixels)]
    rows = [a.reshape(len(a), -1) for a in (numpy.concatenate(found), x[:, ::4, ::4].astype(float))]
    likeness = likeness_of(*rows)
    if likeness.max(axis=1).min() > 0.8:  # else the part 'each image comes once' says why not
        farthest = int((likeness.argmax(axis=1) - numpy.arange(len(likeness))).max())
        expect(
            farthest >= 1000,
            f"train_ds mixes each image only with its neighbours: of {len(x)} images, none came "
            f"more than {farthest} places before its own. With the buffer that the exercise asks "
            "for, some come more than 1000 places before.\nLook at the buffer of shuffle.",
        )


def check_not_too_large(trial, name):
    z = trial.pixels[name]
    expect(
        numpy.isfinite(z).all(),
        f"{name}_ds: some pixels are not finite. Look at what you divide by.",
    )
    look = (
        "In this range the network does not learn. Read the section 'The trap'."
        if name == "train"
        else "Do they go through the same change as the training images? See the section "
        "'The trap'."
    )
    size = float(numpy.sqrt((z**2).mean()))
    expect(size < 10, f"{name}_ds: the pixels go from {z.min():.4g} to {z.max():.4g}.\n" + look)


def check_range(trial, name):
    check_not_too_large(trial, name)
    z = trial.pixels[name]
    expect(
        z.std() > 0.07,
        f"{name}_ds: the pixels go from {z.min():.4g} to {z.max():.4g}, too close together.\n"
        "Look at how often you scale them, and at the type of the numbers.",
    )


def check_same_scale(trial):
    """The test images must be changed as the training images are."""
    check_not_too_large(trial, "test")
    x, z = {}, {}
    for name in ("train", "test"):
        expect(
            (trial.order[name] >= 0).all(),
            f"The images of {name}_ds cannot be followed. First mend the part 'each image "
            f"comes once'.",
        )
        some = slice(None, None, 16)  # 192 of the 3072 pixels
        x[name] = trial.x[name].reshape(-1, 3072)[trial.order[name]].astype(float)[:, some]
        z[name] = trial.pixels[name][:, some]
    spread = z["train"].std()
    for errors in (errors_of_numbers, errors_of_lines):
        error = errors(x, z)
        if not error["train"] > 0.02 * spread:
            break
    else:
        return  # where each image is changed by its own numbers, nothing can be said
    expect(
        error["test"] < 0.005 * spread,
        f"The training images go from {z['train'].min():.3g} to {z['train'].max():.3g}, the "
        f"test images, which are darker here, from {z['test'].min():.3g} to "
        f"{z['test'].max():.3g}.\n"
        "The test images must be changed by the same numbers as the training images.",
    )


def errors_of_numbers(x, z):
    """How far the pixels lie from a function of the stored numbers, made from the training images
    alone: the mean of what came of each number.
    """
    numbers = x["train"].astype(int).ravel()
    counts = numpy.maximum(numpy.bincount(numbers, None, 256), 1)
    means = numpy.bincount(numbers, z["train"].ravel(), 256) / counts
    return {name: numpy.abs(z[name] - means[x[name].astype(int)]).max() for name in x}


def errors_of_lines(x, z):
    """The same for a straight line for each pixel."""
    x_mean, z_mean = x["train"].mean(axis=0), z["train"].mean(axis=0)
    x_rest, z_rest = x["train"] - x_mean, z["train"] - z_mean
    slope = (x_rest * z_rest).sum(axis=0) / (x_rest**2).sum(axis=0)
    return {name: numpy.abs(z[name] - z_mean - slope * (x[name] - x_mean)).max() for name in x}


def check_same_images():
    """The same images for training and for testing: each must come out the same in both."""
    rng, n = numpy.random.default_rng(9), 64  # whole batches, for a lost one is not the matter here
    x = rng.integers(0, 256, (n, 32, 32, 3), dtype=numpy.uint8)
    # Of other brightness and contrast each, so that a change by numbers of its own shows.
    x = (x * rng.uniform(0.3, 1, (n, 1, 1, 1))).astype(numpy.uint8)
    y = (numpy.arange(n) % 10 + 1).astype(numpy.uint8)
    trained, tested = (
        numpy.concatenate(
            [plain(images, "images").reshape(-1, 3072).astype(float) for images, _ in ds.take(n)]
        )
        for ds in make_datasets(x, y, x.copy(), y.copy())
    )
    nearest = numpy.array([numpy.abs(tested - image).mean(axis=1).min() for image in trained])
    expect(
        nearest.max() <= 0.01 * tested.std(),
        f"The same {n} images were passed in for training and for testing, and do not come out the "
        f"same: {(nearest > 0.01 * tested.std()).sum()} images of train_ds have no equal in "
        "test_ds.\nIs each image changed by its own or by random numbers in one of the two?",
    )


def hidden_dataset_tests():
    try:
        made, problem = DatasetTrial(), None
    except Exception as error:
        made, problem = None, error

    def trial():
        if problem is not None:
            raise problem
        return made

    with check.part(1, "each image comes once, with its label"):
        check_nothing_is_lost(trial())
        check_other_arrays()
        check_many_images()
    with check.part(1, "the training images are shuffled, the test images are not"):
        check_order(trial())
        check_buffer()
    with check.part(1, "the pixels are in a range in which the network learns"):
        check_range(trial(), "train")
    with check.part(1, "the test images are changed like the training images"):
        check_same_scale(trial())
        check_same_images()


hidden_dataset_tests()
