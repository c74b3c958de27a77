"""What the tests of the cluster share: certificates, and a class graded without a cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.course.directory import Course
from tests.courses import copy_of, filled_in, hand_in, run_course
from tests.engine.cluster.machines import make_certificates
from tests.gradebook.rows import rows
from tests.running import autograded, temporary_directory

ANSWERS = {
    "right": {},
    "wrong": {"growth-exponent": "growth_exponent = 3"},
    "raises": {"parameter-count": "raise ValueError"},
    "reads": {
        "parameter-count": "import os\nprint(open(os.environ['SVHN_DIR'] + '/note.txt').read())"
    },
}


@dataclass(frozen=True)
class Class:
    """A class, and what is in its gradebook when one machine has graded it."""

    handed_in: Course
    rows: dict[str, list[Any]]
    autograded: dict[str, Any]

    def is_graded(self, course: Course) -> None:
        """The same is in the gradebook of `course`, once, and the same notebooks were made."""
        assert rows(course) == self.rows
        assert autograded(course) == self.autograded
        log = (course.root / "grading.log").read_text()
        for student in ANSWERS:
            assert log.count(f"[{student}, 1-complexity] graded") == 1, log


@pytest.fixture(scope="session")
def handed_in(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class of 1-complexity, with data where those of 4-svhn are; one notebook reads them."""
    course = copy_of(released, tmp_path_factory.mktemp("cluster") / "class")
    (course.root / "data" / "synthetic").mkdir(parents=True)
    (course.root / "data" / "synthetic" / "note.txt").write_text("from the grader's machine")
    for student, given in ANSWERS.items():
        path = hand_in(course, student, "1-complexity", filled_in(course, "1-complexity", **given))
        path.with_name("timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    return course


@pytest.fixture(scope="session")
def class_(handed_in: Course) -> Class:
    graded = copy_of(handed_in, handed_in.root.with_name("graded"))
    done = run_course(graded, "grade", "--no-feedback")
    assert done.returncode == 0, done.stdout + done.stderr
    return Class(handed_in, rows(graded), autograded(graded))


@pytest.fixture
def course(handed_in: Course, tmp_path: Path) -> Course:
    return copy_of(handed_in, tmp_path / "course")


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def base() -> Iterator[Path]:
    with temporary_directory() as path:
        path.chmod(0o755)
        yield path
