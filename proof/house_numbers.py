"""Looks at the house numbers that 4-svhn reads, or draws a small set of them.

    python proof/house_numbers.py look DIRECTORY
    python proof/house_numbers.py draw DIRECTORY
    python proof/house_numbers.py trial DIRECTORY

c.NotebookData in nbgrader_config.py names the first two: `course doctor` shows what `look` prints,
and `course check` grades the bank of answers with what `draw` draws. `make data` uses the third.
"""

import hashlib
import shutil
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(COURSE / "source" / "deep-learning-3"))

import numpy as np  # noqa: E402
import scipy.io  # noqa: E402

import svhn  # noqa: E402 - the handout, where students have it

# No score depends on how well a network does on them.
TRAIN_IMAGES, TEST_IMAGES, SEED = 600, 200, 0
# What `make data` has drawn for test-learning, which would else draw it for each answer.
TRIAL = COURSE / "data" / "synthetic" / "trial"
# The numbers that hidden/deep-learning-3/4-svhn/test-learning.py names.
TRIAL_TRAIN, TRIAL_TEST, TRIAL_SEED = 3008, 608, 2041
WELL, LOOK, WRONG = 0, 3, 4


def look(directory: Path) -> int:
    """Print what the files are; if a person should see to them, a second line says why."""
    try:
        svhn.check(directory)
    except svhn.DataError as error:
        # What svhn.py advises is for students; here the files can be drawn again.
        print(str(error).partition(": unset")[0])
        return WRONG
    sums = {name: hashlib.md5((directory / name).read_bytes()).hexdigest() for name in svhn.MD5}
    train, test = (svhn._count(directory / name) for name in (svhn.TRAIN, svhn.TEST))
    counts = f"{train} for training, {test} for testing"
    if sums == svhn.MD5:
        print(f"the real house numbers, checksums right, {counts}")
    elif svhn.is_synthetic(directory):
        print(f"synthetic house numbers, {counts}")
    else:
        print(f"house numbers that are neither the real files nor drawn by svhn.py, {counts}")
        print("Scores may differ from those of others. To draw: make data")
        return LOOK
    return WELL


def draw(directory: Path) -> int:
    """Draw a small set, and put beside it what test-learning trains with."""
    svhn.write(directory, train=TRAIN_IMAGES, test=TEST_IMAGES, seed=SEED)
    if TRIAL.is_dir():
        shutil.copytree(TRIAL, directory / TRIAL.name)
    return WELL


def trial(directory: Path, train: int = TRIAL_TRAIN, test: int = TRIAL_TEST) -> int:
    """Draw what test-learning trains with, without the labels of the test images: a learner's
    notebook can read these files. They are sorted; the test knows itself which image has which.
    """
    svhn.write(directory, train, test, TRIAL_SEED)
    file = directory / svhn.TEST
    content = scipy.io.loadmat(file)
    svhn._save(file, content["X"], np.sort(content["y"], axis=0))
    return WELL


if __name__ == "__main__":
    what, where = sys.argv[1:]
    sys.exit({"look": look, "draw": draw, "trial": trial}[what](Path(where)))
