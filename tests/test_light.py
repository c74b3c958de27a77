"""The tool from its wheel, where TensorFlow is not installed, makes and grades a course."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests import light_environment
from tests.courses import COURSE

BY_NUMPY = """# By NumPy, which gives a number of its own.

# %% median
import numpy as np

def median(numbers):
    return np.median(np.array(numbers))
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return light_environment.make(tmp_path_factory.mktemp("light"))


@pytest.fixture(scope="module")
def directory(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that the wheel made, outside of this repository."""
    made = tmp_path_factory.mktemp("history")
    done = run(programs, made, "new", "week-1", "--course")
    assert done.returncode == 0, done.stderr
    return made


def run(programs: Path, where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `course` as a person would who has nothing else."""
    known = {"HOME", "LANG", "PATH", "TMPDIR"}
    return subprocess.run(
        [str(programs / "course"), *words],
        cwd=where,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={name: os.environ[name] for name in known if name in os.environ} | {"COLUMNS": "100"},
    )


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    with zipfile.ZipFile(light_environment.wheel(tmp_path)) as archive:
        there = {name for name in archive.namelist() if name.startswith("grader/")}
    root = COURSE.root
    wanted = {
        path.relative_to(root).as_posix()
        for path in (root / "grader").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there == wanted


@pytest.mark.slow("elsewhere")
@pytest.mark.parametrize("module", ["tensorflow", "keras", "scipy", "matplotlib", "sklearn"])
def test_what_only_notebooks_or_one_step_need_is_not_there(module: str, programs: Path) -> None:
    done = subprocess.run(
        [str(programs / "python"), "-c", f"import {module}"], capture_output=True, check=False
    )
    assert b"ModuleNotFoundError" in done.stderr


@pytest.mark.slow("elsewhere")
def test_what_it_makes_has_its_form_and_gives_nothing_away(programs: Path, directory: Path) -> None:
    for words in (["form"], ["release", "--check"], ["kit", "--check"]):
        done = run(programs, directory, *words)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert not list(directory.rglob("*.pyc"))


@pytest.mark.slow("elsewhere")
def test_it_grades_the_answers_apart_from_their_code(programs: Path, directory: Path) -> None:
    place = directory / "answers" / "week-1" / "1-median" / "right" / "by-numpy.py"
    place.write_text(BY_NUMPY, encoding="utf-8")
    done = run(programs, directory, "answers", "--assignment", "week-1")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "answers: 7 graded, 0 with other scores than expected" in done.stdout


@pytest.mark.slow("elsewhere")
def test_it_grades_a_class(programs: Path, directory: Path) -> None:
    assert run(programs, directory, "class").returncode == 0
    done = run(programs, directory, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    points = dict(re.findall(r"^ (\S+) +\d+ +(\d+) ", done.stdout, flags=re.MULTILINE))
    assert points == {"all-right": "6", "upper-of-the-two": "4", "untouched": "0"}
    page = directory / "feedback" / "upper-of-the-two" / "week-1" / "1-median.html"
    assert "which two are in the middle?" in page.read_text(encoding="utf-8")


@pytest.mark.slow("proof")
def test_with_the_authors_extra_it_proves_what_it_made(tmp_path: Path) -> None:
    programs = light_environment.make(tmp_path, ("authors",))
    made = tmp_path / "history"
    made.mkdir()
    for words in (["new", "week-1", "--course"], ["lint"], ["check", "--assignment", "week-1"]):
        done = run(programs, made, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "check: nothing to do" in done.stdout
    assert " NO  " not in done.stdout


@pytest.mark.slow("elsewhere")
@pytest.mark.parametrize(
    ("words", "extra", "missing"),
    [
        (["report"], "report", "copydetect, matplotlib"),
        (["explanations"], "explanations", "scikit-learn"),
        (["lint"], "authors", "cosmic-ray, "),
        (["check", "--quick"], "authors", "cosmic-ray, "),
        (["scheduler"], "cluster", "distributed"),
    ],
)
def test_a_step_that_needs_more_says_what(
    words: list[str], extra: str, missing: str, programs: Path, directory: Path
) -> None:
    done = run(programs, directory, *words)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    start = f"course {words[0]}: This needs packages that are not installed ({missing}"
    assert line.startswith(start)
    assert line.endswith(f"): pip install 'nbgrader-course[{extra}]'")
