import pathlib
import tempfile

import numpy


def new_files():
    """Small data in the stored format: {name: (X, y)}, other numbers of images in each."""
    rng, files = numpy.random.default_rng(5), {}
    for name, n in (("train", 57), ("test", 43)):
        X = rng.integers(0, 256, (32, 32, 3, n), dtype=numpy.uint8)
        y = rng.permutation(numpy.arange(n, dtype=numpy.uint8) % 10 + 1)
        files[name] = X, y.reshape(n, 1)
    return files


def load_new_files():
    """What load_svhn makes of new files: {name: (images, labels)}, and the files."""
    files = new_files()
    with tempfile.TemporaryDirectory() as folder:
        for name, (X, y) in files.items():
            scipy.io.savemat(pathlib.Path(folder, f"{name}_32x32.mat"), {"X": X, "y": y})
        result = load_svhn(pathlib.Path(folder))
    expect(
        isinstance(result, (tuple, list)) and len(result) == 4,
        "load_svhn must return 4 arrays: x_train, y_train, x_test, y_test.",
    )
    arrays = [plain(value, f"value {i} of load_svhn") for i, value in enumerate(result, start=1)]
    return {"train": tuple(arrays[:2]), "test": tuple(arrays[2:])}, files


def file_of(images_or_labels, name, files):
    """The file with as many images, be it the wrong one: that is a matter for another part."""
    n = images_or_labels.shape[0] if images_or_labels.ndim else 0
    return next((file for file in files.values() if len(file[1]) == n), files[name])


def check_number_and_place():
    loaded, _ = load_new_files()
    found = [len(loaded[name][0]) if loaded[name][0].ndim else 0 for name in ("train", "test")]
    expect(
        found != [43, 57],
        "The training images come from the test file, and the test images from the training file.",
    )
    expect(
        found != [32, 32],
        "Of each file 32 images came, whatever it holds. 32 is the height; where in the shape "
        "of X is N?",
    )
    expect(
        found == [57, 43],
        f"From files of 57 training and 43 test images in a new directory, {found[0]} and "
        f"{found[1]} came.\n"
        "Does load_svhn read from the directory passed in? Look at where N stands in the shape "
        "of X.",
    )


def check_images():
    loaded, files = load_new_files()
    for name, (images, _) in loaded.items():
        X, _ = file_of(images, name, files)
        wanted = numpy.moveaxis(X, 3, 0)
        expect(
            images.shape == wanted.shape,
            f"The {name} images: expected the shape {wanted.shape}, got {images.shape}.\n"
            "Look at where the axis of the images is, and where it must go.",
        )
        known = {
            "The images are scrambled: each holds pixels of many. reshape cuts the stored "
            "numbers anew, "
            "it does not move an axis.": X.reshape(wanted.shape),
            "The images lie on their side: height and width are exchanged.": wanted.transpose(
                0, 2, 1, 3
            ),
            "The images stand on their head.": wanted[:, ::-1],
            "The images are mirrored.": wanted[:, :, ::-1],
            "The colours are in another order.": wanted[..., ::-1],
            "The order of the images is reversed.": wanted[::-1],
        }
        for message, wrong in known.items():
            expect(
                not numpy.array_equal(images, wrong),
                f"{message}\nOnly the axis of the images moves; all else stays as stored.",
            )
        line = numpy.corrcoef(images.ravel()[:3000].astype(float), wanted.ravel()[:3000])[0, 1]
        expect(
            numpy.array_equal(images, wanted) or line < 0.999,
            f"The pixels have other values than in the file: {images.min()} to {images.max()} "
            f"came. "
            "load_svhn returns them as stored.",
        )
        same(f"the {name} images", images, wanted, look="Look at how the axis is moved.")


def check_labels():
    loaded, files = load_new_files()
    for name, (_, labels) in loaded.items():
        _, y = file_of(labels, name, files)
        wanted = y[:, 0]
        expect(
            labels.shape == wanted.shape,
            f"The {name} labels: expected the shape {wanted.shape}, got {labels.shape}.\n"
            "Look at the shape that they have in the file.",
        )
        for message, wrong in {
            "One was subtracted from the labels; here they stay as stored.": wanted - 1.0,
            "The label 10 became 0; here the labels stay as stored.": wanted % 10,
            "They are sorted, so that they no longer belong to their images.": numpy.sort(wanted),
        }.items():
            expect(not numpy.array_equal(labels, wrong), f"The {name} labels: {message}")
        same(f"the {name} labels", labels, wanted, look="Look at how the labels are read.")


with check.part(1, "each file in its place, with all its images"):
    check_number_and_place()
with check.part(1, "each image equals the original"):
    check_images()
with check.part(1, "the labels are those stored"):
    check_labels()
