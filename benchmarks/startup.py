"""Measure what a run's workers take before they grade: seconds until the first notebook is done
that needs only what all notebooks of the course import, until the first that needs all, and the
memory of all processes then.

    python benchmarks/startup.py --jobs 2 4 --rounds 3
"""

import argparse
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# Modules of the tool are imported in functions: each worker imports this file, and would wait for
# them, as it does not in a run.
MB = 1 << 20


def main() -> None:
    from grader.nbgrader_app.session import NbgraderSession
    from tests.courses import COURSE

    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--jobs", type=int, nargs="+", default=[2, 4], metavar="N")
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    settings = NbgraderSession(COURSE).settings()
    print(f"{'workers':10}{'first':>10}{'that needs all':>16}{'memory':>12}{'processor':>12}")
    for jobs in given.jobs:
        runs = [measure(settings, jobs) for _ in range(given.rounds)]
        first, full, memory, processor = (median(column) for column in zip(*runs, strict=True))
        print(f"{jobs:<10}{first:>8.1f} s{full:>14.1f} s{memory / MB:>9.0f} MB{processor:>10.1f} s")


def measure(settings: dict[str, dict[str, Any]], jobs: int) -> tuple[float, float, float, float]:
    """Seconds until the first notebook is done that needs only the common modules, and the first
    that needs all; bytes of memory of all processes when each worker has run one of both, and the
    seconds of processor time that they have used.
    """
    from grader.engine.execution import bundle
    from grader.engine.execution.pool import LocalExecutors, Pool

    work = [
        (needs_all, bundle.pack(_notebook(needs_all=needs_all), {}, settings, {}))
        for needs_all in [False] * jobs + [True] * 2 * jobs
    ]
    began = time.monotonic()
    pool: Pool[bool] = Pool(jobs, LocalExecutors(settings))
    try:
        pool.start()
        ends: dict[bool, float] = {}
        for needs_all, result in pool.run(work):
            assert result.notebook is not None, result
            ends.setdefault(needs_all, time.monotonic() - began)
        memory = processor = 0.0
        for process in psutil.Process(os.getpid()).children(recursive=True):
            with suppress(psutil.Error):  # one that ends just now
                times, memory = process.cpu_times(), memory + process.memory_full_info().pss
                processor += times.user + times.system
    finally:
        pool.close()
    return ends[False], ends[True], memory, processor


def _notebook(*, needs_all: bool) -> Any:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", id="only")])
    if not needs_all:
        notebook.metadata["course"] = {"modules": []}  # else nobody knows
    return notebook


if __name__ == "__main__":
    main()
