"""Measures what the engine gains over stock nbgrader, and where its own time and memory go.

Both grade the same class, one after the other in each round and each in a fresh course
directory: `nbgrader autograde`, and `course grade` with one job and with several. The class is
the example class of answers/class.toml, repeated under other names. A last, untimed round samples
memory, for reading it slows down what is measured.

Time is told for the command as a whole. That of `course grade` has in it what stock nbgrader did
before (reading the source into the gradebook), so the ratios are rather too small.

    python benchmarks/engine.py --students 4 --rounds 3
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

import nbformat
import psutil

from grader import answers, cells, example_class, nbgrader_run
from grader.course import ASSIGNMENT, Course, find_course

COURSE = str(Path(sys.executable).with_name("course"))
STOCK = "stock nbgrader"
# The parts of a notebook's time beside the learner's own code, in the order they come.
OVERHEAD = ("prepare", "kernel", "cells", "shutdown", "score", "record")
SAMPLE_SECONDS = 0.1
MB = 1 << 20

Scores = dict[tuple[str, str], float]
Seconds = dict[str, float]


@dataclass(frozen=True)
class Way:
    """A way to grade the class."""

    name: str
    command: tuple[str, ...]


@dataclass
class Run:
    """What was measured of one command."""

    seconds: float
    scores: Scores
    notebooks: list[Seconds]
    memory: "Memory"


@dataclass
class Memory:
    """The most memory that was seen, in bytes."""

    shared_out: float = 0.0  # of all processes, what they share divided among them (PSS)
    in_flight: float = 0.0  # private to the processes of one notebook (USS)

    def see(self, root: psutil.Process) -> None:
        """Take a sample of a process and all below it."""
        total = 0.0
        groups: dict[int, float] = defaultdict(float)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.Error):
                info = process.memory_full_info()
                total += info.pss
                groups[_kernel_of(process)] += info.uss
        groups.pop(0, None)
        self.shared_out = max(self.shared_out, total)
        self.in_flight = max(self.in_flight, *groups.values(), 0.0)


def _kernel_of(process: psutil.Process) -> int:
    """Which kernel a process belongs to: the number of its outermost process, or 0."""
    line = [process, *process.parents()]
    if "ipykernel_launcher" in " ".join(process.cmdline()):
        return int(process.pid)
    servers = [p for p in line if "grader.engine.forkserver" in " ".join(p.cmdline())]
    # Forks have the command line of the fork server; it comes last, and its child is the warden.
    return int(servers[-2].pid) if len(servers) > 1 else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, or 1 if the ways to grade gave different scores."""
    options = _parser().parse_args(arguments)
    course = find_course(Path(__file__).parent)
    notebooks = options.notebooks or course.names()
    ways = [Way(f"engine, {n} job{'s' * (n > 1)}", _grade(n)) for n in options.jobs]
    if not options.no_stock:
        stock = (sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT)
        ways.insert(0, Way(STOCK, stock))
    with _template(course, notebooks, options.students) as template:
        runs: dict[str, list[Run]] = {way.name: [] for way in ways}
        for number in range(options.rounds):
            for way in ways:
                _say(f"round {number + 1} of {options.rounds}: {way.name}")
                runs[way.name].append(_measure(template, way))
        memory = {}
        if not options.no_memory:
            for way in ways:
                _say(f"memory: {way.name}")
                memory[way.name] = _measure(template, way, sample=True).memory
        private = {}
        if not options.no_memory:
            for notebook in notebooks:
                _say(f"memory: {notebook}")
                alone = Way(notebook, (*_grade(1), "--notebook", notebook))
                private[notebook] = _measure(template, alone, sample=True).memory.in_flight
        pairs = len(_scores(template)) or len(list(template.submitted.rglob("*.ipynb")))
    _show_machine(options.students, pairs, options.rounds)
    _show_ratios(runs, memory, pairs)
    for way in ways:
        if way.name != STOCK:
            _show_split(way.name, runs[way.name])
    _show_bound(runs, options.jobs)
    _show_private(private)
    return _compare_scores(runs)


def _parser() -> argparse.ArgumentParser:
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=4, metavar="N", help="default: 4")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="default: 3")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument(
        "--jobs",
        type=int,
        nargs="+",
        default=sorted({1, cores}),
        metavar="N",
        help=f"default: 1, and one for each core ({cores})",
    )
    parser.add_argument("--no-stock", action="store_true", help="leave stock nbgrader out")
    parser.add_argument("--no-memory", action="store_true", help="leave the memory out")
    return parser


def _grade(jobs: int) -> tuple[str, ...]:
    return COURSE, "grade", "--no-feedback", "--jobs", str(jobs)


@contextmanager
def _template(course: Course, notebooks: list[str], students: int) -> Iterator[Course]:
    """A course of these notebooks, with a class that nobody has graded."""
    with nbgrader_run.temporary_course(course) as made:
        made.release.mkdir(parents=True)
        for path in made.notebooks():
            if path.stem not in notebooks:
                path.unlink()
            else:
                shutil.copy2(course.release / path.name, made.release)
        shutil.copy2(course.requirements, made.requirements)
        plan = example_class.read_plan(course)
        for number, (name, chosen) in enumerate(islice(cycle(plan.items()), students)):
            for notebook in notebooks:
                answer = chosen[notebook]
                if answer is not None:
                    released = cells.read_notebook(course.release / f"{notebook}.ipynb")
                    path = made.submitted / f"{name}-{number}" / ASSIGNMENT / f"{notebook}.ipynb"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    nbformat.write(answers.filler(course, answer)(released), path)
        yield made


def _measure(template: Course, way: Way, *, sample: bool = False) -> Run:
    """Grade a fresh copy of the class."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        course = Course(Path(directory, "course").resolve())
        shutil.copytree(template.root, course.root)
        timings = Path(directory, "timings")
        env = {**os.environ, "COURSE_TIMINGS": str(timings), "SVHN_DIR": _data()}
        if way.name == STOCK:
            env["COURSE_STOCK"] = "1"
            nbgrader_run.generate_in = None
        started = time.monotonic()
        process = subprocess.Popen(way.command, cwd=course.root, env=env)
        memory = Memory()
        code = process.wait()
        seconds = time.monotonic() - started
        return Run(seconds, _scores(course), [], memory)
