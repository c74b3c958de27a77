"""What a person sees while a class is graded, and the summary at the end."""

import sys
import time
from collections import Counter, defaultdict
from statistics import median
from types import TracebackType

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import ProgressColumn
from rich.progress import Task as BarTask
from rich.text import Text

from grader.basics import progress_bar, terminal
from grader.basics.terminal import say
from grader.basics.words import one_line
from grader.instructors.grading.autograde import Done


class _Rate(ProgressColumn):
    """How many notebooks a minute are graded."""

    def render(self, task: BarTask) -> Text:
        """The rate, once there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{60 * speed:.1f} a minute" if speed else "")


class Progress:
    """Shows each notebook as it is graded: a bar on a terminal, elsewhere a line for each."""

    def __init__(self, total: int, unchanged: int, jobs: int, where: str = "") -> None:
        """`where`: what runs the notebooks, if not `jobs` processes of this machine."""
        self._total, self._unchanged, self._jobs = total, unchanged, jobs
        self._where = where or f"{jobs} at a time"
        # Not what is done itself, which would keep a class in memory.
        self._counts: Counter[str] = Counter()
        self._tiers: set[str] = set()
        self._times: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._started = self._ended = time.monotonic()
        self._bar: Bar | None = None
        if sys.stdout.isatty() and total:
            self._bar = progress_bar.bar("grading", _Rate())
            self._line = self._bar.add_task("", total=total)

    def __enter__(self) -> "Progress":
        self._started = time.monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, where: TracebackType | None
    ) -> None:
        self._ended = time.monotonic()
        if self._bar is not None:
            self._bar.stop()

    def advance(self, done: Done) -> None:
        """Count a notebook that is over."""
        outcome = done.outcome
        self._counts[outcome.status] += 1
        if outcome.tier:
            self._tiers.add(outcome.tier)
        if outcome.seconds:
            self._times[done.task.notebook].append((outcome.seconds, done.task.student))
        if self._bar is not None:
            self._bar.update(self._line, advance=1, description=one_line(str(done.task)))
            return
        elapsed = time.monotonic() - self._started
        count = self._counts.total()
        left = self._total - count
        known = left and count > self._jobs  # the first ones wait for the imports
        remaining = f", about {left * elapsed / count:.0f} s left" if known else ""
        name = one_line(str(done.task))
        took = f" ({outcome.seconds:.1f} s)" if outcome.seconds else ""
        say(f"[{count}/{self._total}{remaining}] {name}: {outcome.status}{took}")

    def show_summary(self, attention: int) -> None:
        """Print how many are graded, unchanged, and in need of attention, and the time spent.

        `attention` is the number of lines under *What went wrong*.
        """
        console = terminal.console()
        words = [f"{count} {status}" for status, count in sorted(self._counts.items())]
        words += [f"{self._unchanged} unchanged", f"{attention} in need of attention"]
        console.print("[bold]This run[/]")
        seconds = self._ended - self._started
        if self._counts:
            tiers = sorted(self._tiers)
            how = f"{seconds:.1f} s, {self._where}"
            how += f", {' and '.join(tiers)} sandbox" if tiers else ""
            console.print(f"  {', '.join(words)}\n  {how}")
            self._show_times(console)
        else:
            console.print(f"  {', '.join(words)}")

    def _show_times(self, console: Console) -> None:
        by_time = sorted(self._times.items(), key=lambda item: -sum(each for each, _ in item[1]))
        for notebook, spent in by_time:
            slowest, student = max(spent)
            console.print(
                f"  {notebook}: {median(each for each, _ in spent):.1f} s each, "
                f"at most {slowest:.1f} s ({one_line(student)})",
                markup=False,
            )
