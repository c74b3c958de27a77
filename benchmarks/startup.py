"""Measure what a run's workers take before they grade: seconds until the first notebook is done,
and the memory of all processes then.

    python benchmarks/startup.py --jobs 2 4 --rounds 3
"""

import argparse
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.engine.execution import bundle
from grader.engine.execution.pool import LocalExecutors, Pool
from grader.notebooks import imports
from tests.courses import COURSE

MB = 1 << 20
# As in this course.
WARM = list(imports.of_folder(COURSE.source).modules)
SETTINGS: dict[str, object] = {"SandboxedExecute": {}, "SandboxProvisioner": {"warm": WARM}}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--jobs", type=int, nargs="+", default=[2, 4], metavar="N")
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    print(f"{'workers':10}{'first notebook':>16}{'all workers':>14}{'memory':>12}{'processor':>12}")
    for jobs in given.jobs:
        runs = [measure(jobs) for _ in range(given.rounds)]
        first, every, memory, processor = (median(column) for column in zip(*runs, strict=True))
        print(
            f"{jobs:<10}{first:>14.1f} s{every:>12.1f} s{memory / MB:>9.0f} MB{processor:>10.1f} s"
        )


def measure(jobs: int) -> tuple[float, float, float, float]:
    """Seconds until the first notebook is done, and until one for each worker is; bytes of memory
    of all processes then, and the seconds of processor time that they have used.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", id="only")])
    work = [(n, bundle.pack(notebook, {}, SETTINGS, {})) for n in range(2 * jobs)]
    began = time.monotonic()
    pool: Pool[int] = Pool(jobs, LocalExecutors(SETTINGS))
    try:
        pool.start()
        ends = []
        for _, result in pool.run(work):
            assert result.notebook is not None, result
            ends.append(time.monotonic() - began)
        memory = processor = 0.0
        for process in psutil.Process(os.getpid()).children(recursive=True):
            with suppress(psutil.Error):  # a warden that ends just now
                times, memory = process.cpu_times(), memory + process.memory_full_info().pss
                processor += times.user + times.system
    finally:
        pool.close()
    return ends[0], ends[jobs - 1], memory, processor


if __name__ == "__main__":
    main()
