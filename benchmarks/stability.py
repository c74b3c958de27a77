"""Grades right answers again and again: does any score depend on luck, threads or the machine?

Every reference solution and every right answer of the bank is graded under many seeds, with one
thread and with several, in kernels forked warm and in cold ones, and while other processes keep
the processor busy. Each must get full points each time. Exit code 1 if one does not.

    python benchmarks/stability.py --seeds 10
    python benchmarks/stability.py 2-tanh --seeds 50
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.authors.bank import answers
from grader.authors.bank.bench import Bench
from grader.basics import progress_bar, system
from grader.course.directory import Course
from tests.courses import ASSIGNMENT

COURSE = Course(Path(__file__).resolve().parent.parent, ASSIGNMENT)
BUSY_PROCESSES = 2 * system.cores()


@dataclass(frozen=True)
class Setting:
    """How notebooks are run."""

    seed: int = 0
    threads: int = 1
    cold: bool = False
    loaded: bool = False

    @property
    def name(self) -> str:
        kernel = "cold" if self.cold else "warm"
        load = f", {BUSY_PROCESSES} busy processes beside it" if self.loaded else ""
        return (
            f"{kernel} kernel, {self.threads} {'threads' if self.threads > 1 else 'thread'}{load}"
        )

    @property
    def provisioner(self) -> dict[str, object]:
        given: dict[str, object] = {"seed": self.seed, "threads": self.threads}
        return given | {"warm": []} if self.cold else given


def settings(seeds: int) -> list[Setting]:
    """Warm with one thread under all seeds; the other ways under a few of them."""
    few = max(1, seeds // 5)
    made = [Setting(seed) for seed in range(seeds)]
    made += [Setting(seed, threads=2) for seed in range(few)]
    made += [Setting(seed, threads=4) for seed in range(few)]
    made += [Setting(seed, loaded=True) for seed in range(few)]
    made += [Setting(seed, threads=4, loaded=True) for seed in range(few)]
    made += [Setting(seed, cold=True) for seed in range(1)]
    return made


def busy() -> None:
    while True:
        pass


@contextmanager
def load(processes: int) -> Iterator[None]:
    """Processes that compute without end."""
    workers = [multiprocessing.Process(target=busy, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def main() -> int:
    """Run the settings one after another, then print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", help="only these (default: all)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, help="notebooks at a time (default: one per core)")
    options = parser.parse_args()
    chosen = options.notebooks or COURSE.names()
    right = [
        answer
        for answer in answers.read_all(COURSE)
        if answer.notebook in chosen and (answer.kind == "right" or answer.name == "reference")
    ]
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in right}
    changed: dict[str, list[str]] = {}
    graded: dict[str, int] = {}
    started = time.monotonic()
    for setting in settings(options.seeds):
        with (
            load(BUSY_PROCESSES if setting.loaded else 0),
            Bench(COURSE, chosen, options.jobs, provisioner=setting.provisioner) as bench,
            progress_bar.shown(f"{setting.name}, seed {setting.seed}", len(fillers)) as show,
        ):
            found = answers.compare(right, bench.grade(fillers, show))
        graded[setting.name] = graded.get(setting.name, 0) + len(right)
        for mismatch in found:
            changed.setdefault(setting.name, []).append(f"seed {setting.seed}: {mismatch}")
    print("\n| how they were run | gradings | with another score |\n|---|---|---|")
    for name, count in graded.items():
        print(f"| {name} | {count} | {len(changed.get(name, []))} |")
    minutes = (time.monotonic() - started) / 60
    print(f"\n{len(right)} right answers to {', '.join(chosen)}; {minutes:.0f} minutes")
    for name, lines in changed.items():
        print(name, *lines, sep="\n  ")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
