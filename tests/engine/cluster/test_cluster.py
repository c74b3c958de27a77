"""A class is graded by workers that have nothing of the course, and none of it stays there."""

from pathlib import Path

from grader.course.directory import Course
from tests.courses import run_course
from tests.engine.cluster.machines import files_sent, machines
from tests.gradebook.rows import scores


def test_two_workers_grade_a_class(course: Course, base: Path, tls: Path) -> None:
    with machines(base, tls, "one", "two") as cluster:
        grade = ("grade", "--no-feedback", "--cluster", cluster.address, "--tls", str(tls))
        done = run_course(course, *grade)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"by the cluster at {cluster.address}" in done.stdout
        assert scores(course, "right")["test-growth-exponent"] == 2
        assert scores(course, "wrong")["test-growth-exponent"] == 0
        (executed,) = course.autograded.glob("reads/*/1-complexity.ipynb")
        assert "from the grader's machine" in executed.read_text()
        # The handouts and the data, once to each.
        kept = {name: cluster.kept(name) for name in ("one", "two")}
        assert all(len(names) == 2 for names in kept.values()), kept
        assert files_sent(course) == 4
        for path in base.rglob("*"):
            assert path.suffix != ".ipynb", path
            assert not path.name.startswith("course-bundle-"), path
