"""Grades many submissions in one run of `course grade` and watches what it uses meanwhile.

Prints, at every fifty notebooks: processes, descriptors and memory (RSS, MB) of the grader, its
workers and their fork servers, and the entries in the run's temporary directory. Nothing of it
may grow with the number of notebooks. Exit code 1 if something does, or is left at the end.

    python benchmarks/soak.py --count 500
"""

import argparse
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE, filled_in, hand_in
from tests.gradebook.rows import rows
from tests.running import Grading, survivors, temporary_directory

NAME = "1-complexity"
STEP = 50
LEVELS = ("grader", "worker", "fork server")
MOST_GROWTH = 64 << 20  # bytes of a process, from the first count to the last
MOST_DESCRIPTORS = 50  # of a level, more than at the first count


def class_of(count: int, root: Path) -> Course:
    """Right and wrong answers, and some whose code fails or ends its kernel."""
    course = Course(root, ASSIGNMENT)
    course.source.mkdir(parents=True)
    for path in COURSE.handouts():
        shutil.copy(path, course.source)
    notebook = cells.read_notebook(COURSE.source / f"{NAME}.ipynb")
    notebook.cells = [c for c in notebook.cells if c.id not in ("measure-steps", "plot-steps")]
    nbformat.write(notebook, course.source / f"{NAME}.ipynb")
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, course.root)
    commands.generate(course, with_gradebook=False)
    answers = [
        {},
        {"growth-exponent": "growth_exponent = 3"},
        {"parameter-count": "raise ValueError"},
        {"parameter-count": "print('x' * 100_000)"},
        {"growth-exponent": "import os\n\nos._exit(1)"},
    ]
    notebooks = [filled_in(course, NAME, **given) for given in answers]
    for number in range(count):
        hand_in(course, f"student-{number:04}", NAME, notebooks[number % len(notebooks)])
    return course


def usage(grading: Grading) -> list[tuple[int, int, int]]:
    """For each level: how many processes, their descriptors, and the RSS of the largest."""
    found = []
    for level in LEVELS:
        processes = grading.of_kind(level)
        descriptors, memory = [0], [0]
        for process in processes:
            with suppress(psutil.Error):
                descriptors.append(process.num_fds())
                memory.append(process.memory_info().rss)
        found.append((len(processes), sum(descriptors), max(memory)))
    return found


def watch(grading: Grading) -> list[list[tuple[int, int, int]]]:
    """Print what is used at every STEP notebooks until all are graded."""
    columns = "".join(f"{level + ': n, fds, MB':>24}" for level in LEVELS)
    print(f"{'notebooks':>9}{'seconds':>9}{'all processes':>15}{columns}{'temporary':>11}")
    started, counts, due = time.monotonic(), [], STEP
    while not grading.is_over:
        if grading.count >= due:
            now = usage(grading)
            counts.append(now)
            files = sum(1 for _ in grading.temporary.rglob("*"))
            cells_ = "".join(f"{n:>11} {fds:>5} {rss >> 20:>6}" for n, fds, rss in now)
            seconds = time.monotonic() - started
            processes = len(survivors(grading.temporary))
            print(
                f"{grading.count:>9}{seconds:>9.1f}{processes:>15}{cells_}{files:>11}", flush=True
            )
            due += STEP
        time.sleep(0.05)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=500)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as root, temporary_directory() as temporary:
        course = class_of(count, Path(root) / "course")
        grading = Grading.start(course, temporary, "--no-feedback")
        counts = watch(grading)
        code = grading.finish()
        left = [str(process.pid) for process in survivors(temporary)]
        files = [path.name for path in temporary.iterdir()]
        graded = sum(row[3] == "graded" for row in rows(course)["course_run"])
    growth = {level: counts[-1][i][2] - counts[0][i][2] for i, level in enumerate(LEVELS)}
    descriptors = {level: counts[-1][i][1] - counts[0][i][1] for i, level in enumerate(LEVELS)}
    shown = ", ".join(f"{level} {rss / 2**20:+.1f} MB" for level, rss in growth.items())
    print(f"exit code {code}; {graded} of {count} graded; growth: {shown}; fds {descriptors}")
    print(f"left at the end: processes {left or 'none'}, temporary files {files or 'none'}")
    # A worker that runs a notebook has some more open than one between two notebooks.
    whole = code in (0, 1) and graded == count and not left and not files
    whole = whole and max(descriptors.values()) < MOST_DESCRIPTORS
    return 0 if whole and max(growth.values()) < MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
