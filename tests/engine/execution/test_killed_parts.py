"""Each part that runs a notebook is killed at each point where it is there: nothing is lost."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest

from grader.basics import stop_points
from grader.basics.errors import RetryableFault
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.judging import JudgeProcess
from grader.engine.execution.pool import Pool
from tests.running import KINDS, below, eventually, stopped

SETTINGS = {
    "SandboxProvisioner": {"warm": ["numpy.testing"]},
    "SandboxedExecute": {"judge": "apart"},
}
# The parts that are there at each point, from the worker down; a judge has no init but itself.
ALL = (*KINDS[1:], "judge")
THERE = {
    "work-begun": ("worker", "fork server"),
    "kernel-ready": ALL,
    "cell-run": ALL,
    "work-done": ("worker", "fork server"),
}


@pytest.fixture(scope="module")
def stops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory with a file for the point where the next worker stops."""
    path = tmp_path_factory.mktemp("stops")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_STOP_AT", str(path))
        yield path


@pytest.fixture(scope="module")
def pool(stops: Path) -> Iterator["Pool[str]"]:
    made: Pool[str] = Pool(1)
    yield made
    made.kill()


def run(pool: "Pool[str]") -> Result:
    about = {"schema_version": 3, "solution": False, "locked": True, "points": 1}
    test = {"nbgrader": {**about, "grade": True, "grade_id": "test-double"}}
    cells = [
        nbformat.v4.new_code_cell("def double(x):\n    return 2 * x", id="code"),
        nbformat.v4.new_code_cell("print(double(4))\ndouble(0.25)", id="test", metadata=test),
    ]
    names = {"imports": [], "learners": ["double"], "binds": ["double"]}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"course": names})
    packed = bundle.pack(notebook, {}, SETTINGS, {})
    ((_, result),) = pool.run([("only", packed)])
    return result


@pytest.mark.parametrize(
    ("point", "kind"), [(point, kind) for point, kinds in THERE.items() for kind in kinds]
)
def test_the_notebook_is_run_to_its_end(
    point: str, kind: str, pool: "Pool[str]", stops: Path
) -> None:
    result = run(pool)  # so that there is a fork server before the worker has its work
    assert result.notebook is not None, result
    assert result.notebook.cells[1].metadata["course"]["test"]["value"] == "0.5"
    (stops / point).touch()
    with ThreadPoolExecutor(1) as thread:
        running: Future[Result] = thread.submit(run, pool)
        worker = eventually("a stop", lambda: not (stops / point).exists() and the_stopped())
        victim = eventually(f"a {kind}", lambda: part_of(worker, kind))
        server = part_of(worker, "fork server")
        victim.kill()
        if victim != worker:
            eventually("its end", lambda: not is_alive(victim))
            worker.resume()
        again = running.result()
    assert (again.fault, again.refused, again.troubles) == ("", "", ())
    assert again.notebook == result.notebook
    assert server is not None
    assert is_alive(server) == (kind != "fork server")  # the next worker has the same


def part_of(worker: psutil.Process, kind: str) -> psutil.Process | None:
    """The process of a kind that is there; a kernel's init began before the judge."""
    level = "init" if kind == "judge" else kind
    found = sorted(below(worker, level, "worker"), key=lambda process: process.pid)
    place = 1 if kind == "judge" else 0
    return found[place] if found[place:] else None


def the_stopped() -> psutil.Process | None:
    """The worker of this process's pool that has stopped."""
    found = stopped(below(psutil.Process(), "worker"))
    return found[0] if found else None


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that nobody has waited for yet does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class NeedsNoFork:
    """Stands for what forks a judge: the process is this one, and its connection stays open."""

    def warm_server(self) -> "NeedsNoFork":
        return self

    def request_of_judge(self, imports: list[str], directory: str) -> dict[str, object]:
        return {}

    def fork(self, request: dict[str, object], descriptors: tuple[int, ...]) -> int:
        _, connection, _ = descriptors
        self.connection = os.dup(connection)
        return os.pidfd_open(os.getpid())


def test_a_judge_that_dies_before_it_has_read_a_cell_is_a_fault_to_try_again() -> None:
    judge, judges = JudgeProcess(), NeedsNoFork()
    judge.start(judges, [], "")  # type: ignore[arg-type]
    judge.begin("test-double", "double(4)", ["double"])
    os.close(judges.connection)  # with the cell unread, which resets the connection
    with pytest.raises(RetryableFault, match="the judge ended"):
        judge.outcome(10)
    judge.close()


def test_every_point_of_a_worker_is_among_them() -> None:
    assert THERE.keys() == stop_points.OF_WORKER.keys()
