"""Each part that runs a notebook is killed at each point where it is there: nothing is lost."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest

from grader.basics import stop_points
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.pool import Pool
from tests.running import KINDS, below, eventually, stopped

SETTINGS = {"SandboxProvisioner": {"warm": ["numpy.testing"]}}
SOURCES = ("x = 1", "print(x + 1)")
# The parts that are there at each point, from the worker down.
THERE = {
    "work-begun": ("worker", "fork server"),
    "kernel-ready": KINDS[1:],
    "cell-run": KINDS[1:],
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
    cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(SOURCES)]
    packed = bundle.pack(nbformat.v4.new_notebook(cells=cells), {}, SETTINGS, {})
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
    (stops / point).touch()
    with ThreadPoolExecutor(1) as thread:
        running: Future[Result] = thread.submit(run, pool)
        worker = eventually("a stop", lambda: not (stops / point).exists() and the_stopped())
        victim = eventually(f"a {kind}", lambda: below(worker, kind, "worker"))[0]
        victim.kill()
        if victim != worker:
            eventually("its end", lambda: not is_alive(victim))
            worker.resume()
        again = running.result()
    assert (again.fault, again.refused, again.troubles) == ("", "", ())
    assert again.notebook == result.notebook


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


def test_every_point_of_a_worker_is_among_them() -> None:
    assert THERE.keys() == stop_points.OF_WORKER.keys()
