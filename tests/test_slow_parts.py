"""What `make test` leaves out, what CI runs of that for a change, and what must not be skipped."""

import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests import slow_parts
from tests.courses import COURSE
from tests.lacking import lacks

# Which parts a change calls for


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("grader/engine/sandbox/warden.py", {"defences", "kills", "cluster", "nbgrader", "stock"}),
        ("grader/engine/cluster/pool.py", {"cluster"}),
        (
            "source/deep-learning-3/4-svhn.ipynb",
            {"browser", "proof", "mistakes", "answers", "stock"},
        ),
        ("translations/ko.po", {"browser"}),
        ("answers/deep-learning-3/4-svhn/wrong/raw-pixels.py", {"mistakes", "answers"}),
        ("answers/deep-learning-3/2-tanh/wrong/vectors-only.py", {"mistakes"}),
        ("requirements.txt", set(slow_parts.IN_CI)),
        ("README.md", set()),
    ],
)
def test_a_changed_file_calls_for_its_parts(path: str, parts: set[str]) -> None:
    assert slow_parts.called_for([path]).keys() == parts


def test_each_part_is_named_once_with_the_first_file_that_calls_for_it() -> None:
    found = slow_parts.called_for(
        [
            "README.md",
            "grader/instructors/grading/command.py",
            "grader/instructors/grading/autograde.py",
        ]
    )
    assert found == {
        "kills": "grader/instructors/grading/command.py",
        "cluster": "grader/instructors/grading/command.py",
        "nbgrader": "grader/instructors/grading/autograde.py",
    }


def test_every_line_of_the_table_is_about_files_and_parts_that_there_are() -> None:
    files = [path.relative_to(COURSE.root).as_posix() for path in tracked()]
    for pattern, parts in slow_parts.CALLED_FOR:
        assert set(parts) <= slow_parts.PARTS.keys()
        assert any(fnmatch(file, pattern) for file in files), pattern


def tracked() -> list[Path]:
    skipped = {".git", ".venv", ".cache"}
    tops = [path for path in COURSE.root.iterdir() if path.name not in skipped]
    return [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top])]


def test_ci_leaves_out_what_it_has_no_time_for_and_says_so() -> None:
    assert slow_parts.in_time(["kills"]) == (["kills"], [])
    assert slow_parts.in_time(["mistakes", "stock"]) == (["stock"], ["mistakes"])
    of_engine = slow_parts.called_for(["grader/engine/execution/run_notebook.py"])
    assert slow_parts.in_time(of_engine)[0] == ["kills", "cluster"]
    taken, left = slow_parts.in_time(slow_parts.PARTS)
    assert taken == ["kills", "browser"]
    assert left == [part for part in slow_parts.PARTS if part not in taken]


# Since when


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit of the day before and three of today."""
    monkeypatch.setattr(slow_parts, "ROOT", tmp_path)
    monkeypatch.delenv("CI_BASE", raising=False)
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "an author")
        monkeypatch.setenv(f"{name}_EMAIL", "author@example.org")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    for number, date in enumerate(("01T09:00", "02T10:00", "02T11:00", "02T12:00")):
        (tmp_path / f"{number}.txt").write_text("text")
        git(tmp_path, "add", ".")
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2030-01-{date}:00+00:00")
        git(tmp_path, "commit", "--quiet", "--message", f"commit {number}")
    return tmp_path


def git(directory: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def changed() -> list[str] | None:
    return slow_parts.changed(slow_parts.base()[0])


def test_on_main_all_commits_of_a_day_count(clone: Path) -> None:
    assert changed() == ["1.txt", "2.txt", "3.txt"]


def test_on_a_branch_those_since_it_left_main_count(clone: Path) -> None:
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    assert changed() == ["3.txt"]
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")  # a clone of main itself
    assert changed() == ["1.txt", "2.txt", "3.txt"]


def test_a_base_can_be_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_BASE", "HEAD~2")
    assert changed() == ["2.txt", "3.txt"]


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "argv", ["slow_parts"])
    slow_parts.main()
    return capsys.readouterr().out.strip()


def test_where_no_base_is_known_all_that_ci_runs_is_called_for(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, monkeypatch) == ""  # texts call for nothing
    monkeypatch.setenv("CI_BASE", "0123456789")
    assert told(capsys, monkeypatch) == ",".join(slow_parts.in_time(slow_parts.IN_CI)[0])
    monkeypatch.delenv("CI_BASE")
    git(clone, "checkout", "--quiet", "--orphan", "without-history")
    git(clone, "commit", "--quiet", "--message", "all at once")
    assert told(capsys, monkeypatch) == ",".join(slow_parts.in_time(slow_parts.IN_CI)[0])


# Which tests are run


def collected(*words: str) -> str:
    """The last line of pytest's collection."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *words],
        cwd=COURSE.root,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_a_slow_part_is_run_where_it_is_asked_for() -> None:
    file = "tests/nbgrader_plugin/test_nbgrader_own.py"
    assert collected(file).startswith("no tests collected (1 deselected)")
    assert collected(file, "--slow", "kills").startswith("no tests collected (1 deselected)")
    assert collected(file, "--slow", "kills,nbgrader").startswith("1 test collected")
    assert collected(file, "--slow", "all").startswith("1 test collected")
    assert "there is no slow part nightly" in collected(file, "--slow", "nightly")


def test_to_collect_tests_takes_neither_tensorflow_nor_a_browser() -> None:
    code = (
        "import pytest, sys; pytest.main(sys.argv[1:]); "
        "print([name for name in ('tensorflow', 'keras', 'playwright') if name in sys.modules])"
    )
    places = [
        "tests/engine",
        "tests/authors/bank",
        "tests/authors/proof",
        "tests/hostile",
        "tests/instructors/test_grade.py",
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, "--collect-only", "-q", "-p", "no:cacheprovider", *places],
        cwd=COURSE.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert " tests collected" in done.stdout


# What must not be skipped


def test_what_is_lacking_is_skipped_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "REQUIRE", "full reduced")
    with pytest.raises(pytest.skip.Exception, match="there is no browser"):
        lacks("chromium", "there is no browser")
    with pytest.raises(pytest.fail.Exception, match="REQUIRE names reduced, but there is no wall"):
        lacks("reduced", "there is no wall")
