"""Systems that cannot grade: they are told so, and do what needs no sandbox."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from grader.basics import system
from grader.course.directory import Course
from tests.courses import COURSE, filled_in, hand_in, run_course
from tests.running import PROGRAM

# What a Mac does not have, and Windows neither.
_MAC = """
import os, signal, socket
for module, names in ((os, ("sched_getaffinity", "pidfd_open")),
                      (signal, ("pidfd_send_signal",)), (socket, ("SOCK_SEQPACKET",))):
    for name in names:
        delattr(module, name)
"""
# Libraries of others have a way of their own there, so only the course's modules miss these.
_WINDOWS = f"""{_MAC}
import builtins
usual = builtins.__import__
def without(name, *rest, **named):
    by = (rest[0] if rest else named.get("globals")) or {{}}
    if name in ("fcntl", "resource") and by.get("__name__", "").startswith("grader"):
        raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    return usual(name, *rest, **named)
builtins.__import__ = without
"""


@pytest.fixture(params=[_MAC, _WINDOWS], ids=["as-on-a-mac", "as-on-windows"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that finds itself on another system."""
    directory = tmp_path / "site"
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(request.param)
    return {"PYTHONPATH": str(directory), "LC_ALL": "C.UTF-8"}


@pytest.mark.parametrize(
    "step",
    [
        ("grade",),
        ("grade", "--unsafe"),
        ("regrade", "--unsafe"),
        ("check", "--quick"),
        ("answers", "1-complexity"),
        ("mutants", "1-complexity"),
        ("styles", "1-complexity"),
        ("margins", "1-complexity"),
    ],
    ids=" ".join,
)
def test_what_runs_code_says_what_to_do(step: tuple[str, ...], elsewhere: dict[str, str]) -> None:
    done = run_course(COURSE, *step, **elsewhere)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"course {step[0]}: This needs a recent Linux")
    assert "WSL 2" in done.stderr and "container" in done.stderr
    assert "Students need none of this" in done.stderr


def test_the_name_of_the_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system.cannot_grade() == ""
    monkeypatch.setattr(sys, "platform", "win32")
    assert "this system is win32" in system.cannot_grade()
    assert system.cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity")
    assert system.cores() == os.cpu_count()


def test_one_notebook_more_runs_than_there_are_cores_for_each_waits_at_times(
    small_course: Course,
) -> None:
    hand_in(small_course, "right", "1-complexity", filled_in(small_course, "1-complexity"))
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        # Started from here, which run_course does not do each time, it has one core, too.
        command = [PROGRAM, "grade", "--no-feedback"]
        done = subprocess.run(command, cwd=small_course.root, capture_output=True, text=True)
    finally:
        os.sched_setaffinity(0, cores)
    assert "2 at a time" in done.stdout


@pytest.mark.turns("elsewhere", of=2)
def test_doctor_looks_at_the_rest(elsewhere: dict[str, str]) -> None:
    done = run_course(COURSE, "doctor", **elsewhere)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert any("ok" in line and "configuration" in line for line in lines)
    (at,) = (number for number, line in enumerate(lines) if "sandbox  " in line)
    assert "This needs a recent Linux" in lines[at]
    assert "the package" not in done.stdout  # of fcntl or resource: nothing to install


def test_forms_are_checked(elsewhere: dict[str, str]) -> None:
    done = run_course(COURSE, "form", **elsewhere)
    assert (done.returncode, done.stderr) == (0, "")


def test_submissions_are_collected(
    small_course: Course, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    for name in ("first", "second"):
        path = tmp_path / "work" / name / "1-complexity.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(filled_in(small_course, "1-complexity"), path)
    done = run_course(
        small_course, "collect", str(tmp_path / "work"), "--from", "folder", **elsewhere
    )
    assert "Traceback" not in done.stderr
    assert {path.name for path in small_course.submitted.iterdir()} == {"first", "second"}


def test_a_release_is_made_on_a_mac(small_course: Course, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(_MAC)
    shutil.rmtree(small_course.release)
    done = run_course(small_course, "release", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert (small_course.release / "1-complexity.ipynb").is_file()


@pytest.mark.turns("elsewhere", of=2)
def test_what_could_not_be_imported_is_no_traceback(
    elsewhere: dict[str, str], small_course: Course
) -> None:
    """Steps that only read what grading made: on Windows their modules may be missing."""
    for step in ("report", "explanations"):
        done = run_course(small_course, step, **elsewhere)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_the_engine_itself_refuses(tmp_path: Path) -> None:
    """nbgrader's own commands and the formgrader's button start it, too."""
    (tmp_path / "sitecustomize.py").write_text(_MAC)
    code = (
        "from grader.engine.kernels.warm_server import UserError, Settings, WarmServer\n"
        "try: WarmServer.start(Settings(unsafe=True))\n"
        "except UserError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("This needs a recent Linux")
