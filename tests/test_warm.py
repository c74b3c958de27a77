"""A program of the tests' own, such as the one that makes the pictures, can run `course`, too."""

import os
import subprocess
import sys
from pathlib import Path

from grader.course.directory import Course
from tests.courses import COURSE
from tests.elsewhere.making import TWO_LINES, code, notebook, write

PROGRAM = """
import sys
from pathlib import Path
from grader.course.directory import Course
from tests.courses import run_course

if __name__ == "__main__":
    done = run_course(Course(Path(sys.argv[1]), "small"), "grade")
    print(done.stdout, done.stderr)
    sys.exit(done.returncode)
"""


def test_a_program_that_is_run_as_a_module_can_grade(tmp_path: Path) -> None:
    course = Course(tmp_path / "course", "small")
    content = notebook(
        code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x", solution=True),
        code("assert x == 1", "test-x", 2),
    )
    write(course.source / "one.ipynb", content)
    write(course.submission("right") / "one.ipynb", content)
    course.config.write_text(f"c = get_config()\n{TWO_LINES}")
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "program", str(course.root)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(COURSE.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 graded" in done.stdout
