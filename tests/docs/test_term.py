"""What docs/term.md tells people to type does what it says: publish, back up, restore, delete."""

import getpass
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader import cli
from grader.course.directory import Course
from grader.notebooks.cells import read_notebook
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in, run_course
from tests.lacking import lacks

PAGE = (COURSE.root / "docs" / "term.md").read_text(encoding="utf-8")
BLOCKS = {
    name: textwrap.dedent(block)
    for name, block in re.findall(
        r"^ *<!-- tested: ([\w ]+) -->\n *```sh\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL
    )
}
PROGRAMS = Path(sys.executable).parent
STUDENT, OTHER = "all-right", "untouched"
COMMENT = "Say also why a pass gets longer."


def type_in(course: Course, block: str) -> str:
    """Type a block of commands in the course directory; each must end well. Returns the output."""
    programs = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.replace(".venv/bin/", f"{programs}/")],
        cwd=course.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "Instructor" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "instructor@example.org" for who in ("AUTHOR", "COMMITTER")},
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def graded_once(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with two graded students, to one of whom a person gave points."""
    course = copy_of(released, tmp_path_factory.mktemp("term") / "course")
    hand_in(course, STUDENT, "1-complexity", filled_in(course, "1-complexity"))
    hand_in(course, OTHER, "1-complexity", read_notebook(course.release / "1-complexity.ipynb"))
    done = run_course(course, "grade", "--no-feedback")
    assert done.returncode == 0, done.stdout + done.stderr
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        work = gradebook.find_submission_notebook("1-complexity", ASSIGNMENT, STUDENT)
        (grade,) = (each for each in work.grades if each.name == "explain-complexity")
        (comment,) = (each for each in work.comments if each.name == "explain-complexity")
        grade.manual_score, grade.needs_manual_grade = 5, False
        comment.manual_comment = COMMENT
        gradebook.db.commit()
    return course


@pytest.fixture
def graded(graded_once: Course, tmp_path: Path) -> Course:
    return copy_of(graded_once, tmp_path / "course")


def points(course: Course) -> float:
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        return float(gradebook.find_submission(ASSIGNMENT, STUDENT).score)


def test_every_block_is_found() -> None:
    assert len(BLOCKS) == PAGE.count("<!-- tested: ") == 6


def test_publish(released: Course, tmp_path: Path) -> None:
    course = copy_of(released, tmp_path / "course")
    remote = tmp_path / "remote.git"
    type_in(course, f"git init -q --bare {remote}; git init -q; echo submitted >.gitignore")
    hand_in(course, STUDENT, "1-complexity", "{}")
    type_in(course, "git add --all; git commit -qm 'The hidden tests are in here'")
    (course.release / "notes-of-mine.txt").write_text("not committed")

    clone = re.search(r"^git clone (\S+) (\S+)$", PAGE, re.MULTILINE)
    assert clone is not None
    type_in(course, f"git clone -q {remote} {clone[2]}")
    check, _, rest = BLOCKS["publish"].partition("\n")
    assert check == "course release --check"
    with pytest.raises(AssertionError, match="notes-of-mine"):  # it says so, and goes no further
        type_in(course, BLOCKS["publish"])
    type_in(course, rest)
    assert published(remote) == {path.name for path in released.release.iterdir()}

    (course.release / "figures.py").unlink()
    type_in(course, f"git add --update; git commit -qm Smaller; {rest}")
    assert published(remote) == {path.name for path in released.release.iterdir()} - {"figures.py"}
    everything = subprocess.run(
        ["git", "log", "--all", "--patch"], cwd=remote, capture_output=True, text=True, check=True
    ).stdout
    assert "BEGIN SOLUTION" not in everything
    assert "BEGIN HIDDEN TESTS" not in everything
    assert "in here" not in everything


def published(remote: Path) -> set[str]:
    done = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD"],
        cwd=remote,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = done.stdout.split()
    assert all(path.startswith(f"{ASSIGNMENT}/") for path in paths)
    return {path.removeprefix(f"{ASSIGNMENT}/") for path in paths}


def test_backup_and_restore(graded: Course) -> None:
    had = points(graded)
    type_in(graded, BLOCKS["backup"])
    (kept,) = (graded.root.parent / "backup").iterdir()
    assert {path.name for path in kept.iterdir()} == {"gradebook.db", "work.tar.gz"}

    graded.gradebook.write_bytes(b"damaged")
    shutil.rmtree(graded.submitted)
    date = re.findall(r"\d{4}-\d\d-\d\d", BLOCKS["restore"])
    assert len(date) == 1
    said = type_in(graded, BLOCKS["restore"].replace(date[0], kept.name))
    assert "2 unchanged" in said
    assert points(graded) == had
    page = graded.feedback / STUDENT / ASSIGNMENT / "1-complexity.html"
    assert COMMENT in page.read_text(encoding="utf-8")
    assert (graded.root.parent / "damaged" / "gradebook.db").read_bytes() == b"damaged"


def test_a_new_term_begins_empty(graded: Course, released: Course) -> None:
    (graded.root / "grades.csv").touch()
    (graded.root / "report").mkdir()
    type_in(graded, BLOCKS["new term"])
    left = {path.name for path in graded.root.iterdir()}
    assert left == {path.name for path in released.root.iterdir()}


def test_a_student_is_forgotten(graded: Course) -> None:
    assert STUDENT in dump(graded)
    type_in(graded, BLOCKS["forget"].replace("name-of-the-folder", STUDENT))
    assert STUDENT not in dump(graded)
    assert OTHER in dump(graded)
    for directory in (graded.submitted, graded.autograded, graded.feedback):
        assert not list(directory.glob(f"{STUDENT}*"))


def dump(course: Course) -> str:
    """All that the gradebook holds."""
    with closing(sqlite3.connect(course.gradebook)) as gradebook:
        return "\n".join(gradebook.iterdump())


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        lacks("systemd", "there is no systemd-analyze (Debian: apt-get install systemd)")
    block = BLOCKS["unit"].replace("/etc/systemd/system", str(tmp_path))
    # The account and the place of the course are those of the page; the program is this one.
    block = block.replace("/home/grader-deep-learning/course/.venv/bin", str(PROGRAMS))
    block = block.replace("/home/grader-deep-learning/course", str(COURSE.root))
    block = block.replace("User=grader-deep-learning", f"User={getpass.getuser()}")
    subprocess.run(["sh", "-c", block], check=True)
    unit = tmp_path / "course-watch.service"
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (command,) = re.findall(r"^ExecStart=\S+/course (.*)$", unit.read_text(), re.MULTILINE)
    assert cli.parser().parse_args(command.split()).step == "watch"
