"""The program that looks at the house numbers, and draws a small set of them."""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from grader.course import notebook_data
from grader.course.notebook_data import DataSet
from grader.instructors.doctor import files
from tests.courses import COURSE


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic set."""
    directory = tmp_path_factory.mktemp("drawn")
    program = [sys.executable, "-B", str(COURSE.source / "svhn.py"), "draw"]
    subprocess.run([*program, "--dir", str(directory), "--train", "20", "--test", "10"], check=True)
    return directory


def chosen(directory: Path, monkeypatch: pytest.MonkeyPatch) -> DataSet:
    """The data of the course, where the person who grades has chosen them."""
    monkeypatch.setenv("SVHN_DIR", str(directory))
    (data,) = notebook_data.of_course(COURSE)
    assert data.directory == directory
    return data


def test_doctor_shows_what_they_are(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = files.data(chosen(drawn, monkeypatch), COURSE)
    assert finding.state == "ok"
    assert "synthetic house numbers, 20 for training, 10 for testing" in finding.found
    broken = Path(shutil.copytree(drawn, tmp_path / "broken"))
    content = (broken / "train_32x32.mat").read_bytes()
    (broken / "train_32x32.mat").write_bytes(b"other".ljust(60) + content[60:])  # no header of ours
    finding = files.data(chosen(broken, monkeypatch), COURSE)
    assert (finding.state, "make data" in finding.todo) == ("warning", True)
    (broken / "train_32x32.mat").write_bytes(content[:5000])
    finding = files.data(chosen(broken, monkeypatch), COURSE)
    assert finding.state == "wrong"
    assert "train_32x32.mat is broken" in finding.found
    assert "unset SVHN_DIR" in finding.todo


def test_the_usual_ones_are_made_by_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SVHN_DIR", raising=False)
    (data,) = notebook_data.of_course(COURSE)
    assert data.directory == COURSE.root / "data" / "synthetic"
    assert data.make == "make data"


def test_a_small_set_is_drawn_with_the_trial_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = chosen(tmp_path / "small", monkeypatch)
    (tmp_path / "small").mkdir()
    assert notebook_data.run(COURSE, data.draw, data.directory).returncode == 0
    finding = files.data(data, COURSE)
    assert "600 for training, 200 for testing" in finding.found
    trial = COURSE.root / "data" / "synthetic" / "trial"
    assert (data.directory / "trial").is_dir() == trial.is_dir()


def test_the_trial_holds_no_labels_of_test_images(tmp_path: Path, drawn: Path) -> None:
    program = runpy.run_path(str(COURSE.root / "proof" / "house_numbers.py"))
    assert program["trial"](tmp_path, 20, 10) == 0
    labels = scipy.io.loadmat(tmp_path / "test_32x32.mat")["y"]
    assert np.array_equal(labels, np.sort(scipy.io.loadmat(drawn / "test_32x32.mat")["y"], axis=0))
    assert len(np.unique(scipy.io.loadmat(tmp_path / "train_32x32.mat")["y"])) == 10


def test_the_trial_is_the_one_that_the_test_knows() -> None:
    program = runpy.run_path(str(COURSE.root / "proof" / "house_numbers.py"))
    numbers = [program[f"TRIAL_{name}"] for name in ("TRAIN", "TEST", "SEED")]
    test = COURSE.root / "hidden" / "deep-learning-3" / "4-svhn" / "test-learning.py"
    assert f"n_train, n_test, data_seed = {', '.join(map(str, numbers))}\n" in test.read_text()
