"""Importing the package changes nothing in its host; the tool's own processes still start soon."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.courses import COURSE, filled_in, hand_in, run_course

LEFT_OUT = "rfc3987_syntax"


def python(code: str, **env: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=COURSE.root,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "what",
    [
        "import grader",
        "import grader.cli",
        "import grader.nbgrader_app.session, grader.instructors.grading.command\n"
        "import grader.instructors.feedback.make, grader.instructors.explanations.command",
        # As JupyterLab and nbgrader's own commands do.
        "from traitlets.config.loader import PyFileConfigLoader as Loader\n"
        "Loader('nbgrader_config.py', '.').load_config()",
    ],
)
def test_an_import_leaves_no_package_out_of_the_process(what: str) -> None:
    code = f"{what}\nimport sys; print([n for n, m in sys.modules.items() if m is None])"
    assert python(f"{code}; import {LEFT_OUT}; print('there')").split("\n") == ["[]", "there", ""]


def told_imports(path: Path) -> None:
    """Make each process of Python write what it has imported at its end."""
    path.mkdir()
    (path / "sitecustomize.py").write_text(
        "import atexit, os, sys\n"
        "def tell():\n"
        "    names = [n for n in ('jsonschema', 'lark', 'nbformat') if sys.modules.get(n)]\n"
        f"    with open(os.path.join({str(path)!r}, 'told'), 'a') as file:\n"
        "        print(' '.join(sys.orig_argv), *names, sep=' | ', file=file)\n"
        "import multiprocessing.util as util\n"
        "atexit.register(tell)\n"
        "util.Finalize(None, tell, exitpriority=1)\n"
    )


def test_the_grader_and_its_workers_build_no_grammars(small_course: Course, tmp_path: Path) -> None:
    """lark is what the package that is left out builds them with."""
    for number in range(6):  # more than are given pages without workers
        hand_in(
            small_course, f"right-{number}", "1-complexity", filled_in(small_course, "1-complexity")
        )
    tell = tmp_path / "tell"
    told_imports(tell)
    done = run_course(small_course, "grade", "--jobs", "2", PYTHONPATH=str(tell))
    assert "Traceback" not in done.stderr
    lines = (tell / "told").read_text().splitlines()
    own = [line for line in lines if re.search(r"course grade|spawn_main", line)]
    with_nbformat = [line for line in own if line.endswith("nbformat")]
    assert sum("spawn_main" in line for line in with_nbformat) >= 4  # of grading and of the pages
    assert any("course grade" in line for line in with_nbformat)
    assert [line for line in own if "lark" in line] == []
