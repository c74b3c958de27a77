"""Whatever fails on the way: the gradebook is that of one machine, with nothing twice."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from grader.course.directory import Course
from tests.copied_package import copy_of_package
from tests.courses import run_course
from tests.engine.cluster import closed
from tests.engine.cluster.cable import Cable
from tests.engine.cluster.conftest import ANSWERS, Class
from tests.engine.cluster.machines import Machines, files_sent, machines
from tests.gradebook.rows import TABLES, of_nbgrader, rows
from tests.instructors.test_regrade import accept_three, flat, mend
from tests.instructors.watch.watching import configure
from tests.running import Grading, autograded, eventually, temporary_directory

pytestmark = pytest.mark.slow("cluster")
NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def three(tls: Path) -> Iterator[Machines]:
    """A cluster that many tests disturb."""
    with temporary_directory() as base:
        base.chmod(0o755)
        with machines(base, tls, *NAMES) as cluster:
            yield cluster


@pytest.fixture
def cluster(three: Machines) -> Machines:
    three.are_ready()
    return three


def grading(course: Course, cluster: Machines, base: Path, address: str = "") -> Grading:
    own = ("--cluster", address or cluster.address, "--tls", str(cluster.tls))
    temporary = base / "grader"
    temporary.mkdir(exist_ok=True)
    return Grading.start(course, temporary, "--no-feedback", *own)


UNLIKE = {
    "other-tool": "it has another version of this tool",
    "other-packages": "it has other packages (numpy 1.0 for ",
    "no-sandbox": "no sandbox holds there (",
}


def start_unlike(cluster: Machines) -> None:
    """Start three workers that may not grade, each for a reason of its own."""
    edit = ("engine/execution/run_notebook.py", "_GRACE_SECONDS = 10", "_GRACE_SECONDS = 11")
    copy_of_package(cluster.base, [edit])
    cluster.start_worker("other-tool", PYTHONPATH=str(cluster.base / "package"))
    packages = cluster.base / "packages"
    about = packages / "numpy-1.0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.0\n")
    places = [str(packages), *filter(None, [os.environ.get("PYTHONPATH")])]
    cluster.start_worker("other-packages", PYTHONPATH=os.pathsep.join(places))
    cluster.start_worker("no-sandbox", before=(sys.executable, "-P", closed.__file__))


@pytest.mark.filterwarnings("ignore:Mismatched versions found")  # for the test looks who is there
def test_who_is_unlike_the_grader_gets_no_work_and_files_travel_once(
    class_: Class, course: Course, base: Path, tls: Path
) -> None:
    with machines(base, tls) as cluster:
        start_unlike(cluster)
        cluster.are_ready()
        alone = grading(course, cluster, base)
        assert alone.finish() == 2
        said = "".join(alone.errors)
        assert f"No worker of the cluster at {cluster.address} may grade." in said
        for why in UNLIKE.values():
            assert f"gets no work: {why}" in said
        assert "Mismatched" not in said  # a table of distributed's

        cluster.start_worker("one")
        cluster.start_worker("two")
        cluster.are_ready()
        first = grading(course, cluster, base)
        assert first.finish() == 0, first.errors
        class_.is_graded(course)
        for name, why in UNLIKE.items():
            assert f"gets no work: {why}" in "".join(first.errors)
            assert cluster.kept(name) == []
        assert files_sent(course) == 4

        source = course.source / "1-complexity.ipynb"
        as_it_was = source.read_bytes()
        mend(course, accept_three)
        (course.source / "new.txt").write_text("a handout that no worker has")
        own = ("--cluster", cluster.address, "--tls", str(tls))
        shown = run_course(course, "regrade", *own)
        assert shown.returncode == 1, shown.stdout + shown.stderr
        assert "wrong 1-complexity test-growth-exponent 0 → 2" in flat(shown.stdout)
        assert [len(cluster.kept(name)) for name in ("one", "two")] == [3, 3]
        assert rows(course) == class_.rows

        source.write_bytes(as_it_was)
        (course.source / "new.txt").unlink()
        configure(course, f"c.Cluster.address = {cluster.address!r}")
        configure(course, f"c.Cluster.tls = {str(tls)!r}")
        again = run_course(course, "grade", "--no-feedback")
        assert again.returncode == 0, again.stdout + again.stderr
        assert f"by the cluster at {cluster.address}" in again.stdout
        assert again.stdout.count(": graded (") == len(ANSWERS)  # for the configuration is another
        assert of_nbgrader(course.gradebook) == {name: class_.rows[name] for name in TABLES}
        assert autograded(course) == class_.autograded
        assert files_sent(course) == 0


def test_a_worker_is_killed_with_a_notebook(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    cluster.stop_at("cell-run")
    run = grading(course, cluster, base)
    name, process = cluster.stopped()
    before = cluster.joined(name)
    process.kill()
    assert run.finish() == 0, run.errors
    class_.is_graded(course)
    # Another process has taken its place, and removes what it left.
    eventually("another worker", lambda: cluster.joined(name) == before + 1)
    assert not cluster.bundles(name)


def test_a_machine_is_gone_for_good(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    cluster.stop_at("work-done")
    run = grading(course, cluster, base)
    name, process = cluster.stopped()
    cluster.workers.pop(name).kill()
    eventually("its end", lambda: not process.is_running())
    assert run.finish() == 0, run.errors
    class_.is_graded(course)
    cluster.start_worker(name)  # for the other tests


def test_a_machine_that_cannot_run_a_notebook_costs_nobody(
    class_: Class, course: Course, base: Path, tls: Path
) -> None:
    with machines(base, tls) as cluster:
        (cluster.directory("one") / "kept" / "id").mkdir(parents=True)  # where a file should be
        for name in NAMES:
            cluster.start_worker(name)
        cluster.are_ready()
        run = grading(course, cluster, base)
        assert run.finish() == 0, run.errors
        class_.is_graded(course)
        assert "could not run a notebook: IsADirector" in (course.root / "grading.log").read_text()


def leave_one_student(course: Course) -> None:
    for student in set(ANSWERS) - {"right"}:
        shutil.rmtree(course.submitted / student)


def workers_that_stop(cluster: Machines, times: int) -> Iterator[psutil.Process]:
    """The workers that stop within a cell, one after the other; the first was asked to already."""
    for left in reversed(range(times)):
        _, process = cluster.stopped()
        if left:
            cluster.stop_at("cell-run")
        yield process


def test_a_notebook_that_kills_each_worker_is_reported(
    course: Course, base: Path, cluster: Machines
) -> None:
    leave_one_student(course)
    cluster.stop_at("cell-run")
    run = grading(course, cluster, base)
    for process in workers_that_stop(cluster, 3):
        process.kill()
    assert run.finish() == 3, run.errors
    assert "died, 3 times" in " ".join("".join(run.lines).split())
    again = grading(course, cluster, base)
    assert again.finish() == 0, again.errors


def test_workers_that_slurm_ends_cost_a_notebook_none_of_its_tries(
    course: Course, base: Path, cluster: Machines
) -> None:
    """It sends SIGTERM to all processes of a job, the kernels among them."""
    leave_one_student(course)
    cluster.stop_at("cell-run")
    run = grading(course, cluster, base)
    for process in workers_that_stop(cluster, 4):
        for each in (*process.children(recursive=True), process):
            with suppress(psutil.NoSuchProcess):  # it ended with its parent
                each.terminate()
        process.resume()
    assert run.finish() == 0, run.errors
    assert "WARNING" not in (course.root / "grading.log").read_text()


def test_the_scheduler_is_killed_and_started_again(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    cluster.stop_at("cell-run")
    run = grading(course, cluster, base)
    _, process = cluster.stopped()
    assert cluster.scheduler is not None
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    process.send_signal(signal.SIGCONT)
    eventually("the loss", lambda: "is lost; waiting for it" in "".join(run.errors))
    cluster.start_scheduler()
    assert run.finish() == 0, run.errors
    class_.is_graded(course)


def test_the_network_is_cut(class_: Class, course: Course, base: Path, tls: Path) -> None:
    """Of the grader and of all workers at once."""
    with machines(base, tls) as cluster, Cable(cluster.port) as cable:
        for name in NAMES:
            cluster.start_worker(name, address=cable.address)
        cluster.are_ready()
        cluster.stop_at("cell-run")
        run = grading(course, cluster, base, cable.address)
        _, process = cluster.stopped()
        cable.cut()
        process.send_signal(signal.SIGCONT)
        eventually("the loss", lambda: "is lost; waiting for it" in "".join(run.errors))
        cable.mend()
        assert run.finish() == 0, run.errors
        class_.is_graded(course)


def test_the_network_of_the_grader_alone_is_cut(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    """The workers go on, and may run a notebook that is then run once more."""
    with Cable(cluster.port) as cable:
        cluster.stop_at("cell-run")
        run = grading(course, cluster, base, cable.address)
        _, process = cluster.stopped()
        cable.cut()
        eventually("the loss", lambda: "is lost; waiting for it" in "".join(run.errors))
        process.send_signal(signal.SIGCONT)
        cable.mend()
        assert run.finish() == 0, run.errors
        class_.is_graded(course)


def test_a_scheduler_that_does_not_answer_for_a_while_costs_nothing(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    cluster.stop_at("cell-run")
    run = grading(course, cluster, base)
    name, process = cluster.stopped()
    assert cluster.scheduler is not None
    cluster.scheduler.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)
    eventually("its end", lambda: not cluster.bundles(name))
    cluster.scheduler.send_signal(signal.SIGCONT)
    assert run.finish() == 0, run.errors
    class_.is_graded(course)


def test_a_grader_is_killed_and_the_next_one_finishes(
    class_: Class, course: Course, base: Path, cluster: Machines
) -> None:
    run = grading(course, cluster, base)
    eventually("a notebook", lambda: run.count or run.is_over)
    run.process.kill()
    run.finish()
    again = grading(course, cluster, base)
    assert again.finish() == 0, again.errors
    assert again.count < len(ANSWERS)
    assert rows(course) == class_.rows
    assert autograded(course) == class_.autograded
