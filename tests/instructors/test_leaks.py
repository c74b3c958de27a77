"""Sixty notebooks in one process leave nothing behind: no process, descriptor, file or memory."""

import gc
import os
import subprocess
import sys

import psutil
import pytest
from nbformat import NotebookNode, v4

from grader.engine.execution import bundle
from tests.courses import COURSE
from tests.running import temporary_directory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts what /proc shows")

WARM_UP, COUNT = 20, 60
# One after the other: what works, what fails, and what ends its kernel in some way.
SOURCES = (
    ["value = 1", "value + 1"],
    ["print('x' * 100_000)", "raise ValueError"],
    ["open('file', 'w').write('x' * 10_000)", "import os\n\nos._exit(1)"],
    ["import subprocess\n\nsubprocess.Popen(['sleep', '600'])"],
    ["import time\n\ntime.sleep(60)", "1"],
)
SLOW = 4  # the one of them that is ended after its time; the others have time on any machine
MOST_GROWTH = 10 << 20  # bytes from the twentieth notebook on, less than 256 KiB for each


def notebook(number: int) -> NotebookNode:
    """One of the kinds; the slow one comes once in twenty."""
    sources = SOURCES[kind_of(number)]
    cells = [v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    return v4.new_notebook(cells=cells)


def kind_of(number: int) -> int:
    return SLOW if number % 20 == 19 else number % 4


def config(number: int) -> dict[str, dict[str, object]]:
    seconds = 1 if kind_of(number) == SLOW else 60
    return {
        "SandboxProvisioner": {"warm": ["numpy"]},
        "SandboxedExecute": {"timeout": seconds, "kernel_name": "python3"},
    }


def run_all() -> None:
    """Run them in this process and print what is there at two moments."""
    me = psutil.Process()
    for number in range(COUNT):
        work = bundle.pack(notebook(number), {"data.txt": b"data"}, config(number), {})
        result = bundle.unpack(bundle.execute(work))
        assert result.notebook is not None, (result.fault, result.refused)
        assert bool(result.troubles) == (kind_of(number) in (2, SLOW)), result.troubles
        if number + 1 in (WARM_UP, COUNT):
            gc.collect()
            below = me.children(recursive=True)
            print(
                me.num_fds(),
                me.num_threads(),
                len(below),
                len(os.listdir(os.environ["TMPDIR"])),
                me.memory_info().rss,
                *(process.num_fds() for process in below[:1]),
                *(process.memory_info().rss for process in below[:1]),
                flush=True,
            )


def test_sixty_notebooks_leave_nothing() -> None:
    with temporary_directory() as temporary:
        done = subprocess.run(
            [sys.executable, "-m", "tests.instructors.test_leaks"],
            cwd=COURSE.root,
            env={**os.environ, "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not list(temporary.iterdir())
    early, late = ([int(word) for word in line.split()] for line in done.stdout.splitlines())
    descriptors, threads, processes, files, memory, of_server, server_memory = late
    assert (descriptors, threads, processes, files) == tuple(early[:4])
    assert (processes, files) == (1, 0)  # the fork server
    assert of_server == early[5]
    assert memory - early[4] < MOST_GROWTH
    assert server_memory - early[6] < MOST_GROWTH


if __name__ == "__main__":
    run_all()
