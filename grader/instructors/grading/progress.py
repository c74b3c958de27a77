"""What a person sees while a class is graded, and the summary at the end."""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
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


class _Left(ProgressColumn):
    """How long the rest takes, once that is known."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        super().__init__()
        self._seconds = seconds

    def render(self, task: BarTask) -> Text:
        """Hours, minutes and seconds."""
        seconds = self._seconds()
        return Text(str(timedelta(seconds=round(seconds))) if seconds else "-:--:--")


class Progress:
    """Shows each notebook as it is graded: a bar on a terminal, elsewhere a line for each."""

    def __init__(
        self, notebooks: Iterable[str], unchanged: int, jobs: int, where: str = ""
    ) -> None:
        """`notebooks`: the name of each that is to be graded. `where`: what runs them, if not
        `jobs` processes of this machine.
        """
        self._left = Counter(notebooks)
        self._total, self._unchanged = self._left.total(), unchanged
        self._where = where or f"{jobs} at a time"
        # Not what is done itself, which would keep a class in memory.
        self._counts: Counter[str] = Counter()
        self._tiers: set[str] = set()
        self._times: dict[str, list[tuple[float, str]]] = defaultdict(list)
        self._over: Counter[str] = Counter()
        self._took: dict[str, float] = {}  # seconds of all that are over
        self._started = self._ended = time.monotonic()
        self._bar: Bar | None = None
        if sys.stdout.isatty() and self._total:
            self._bar = progress_bar.bar("grading", _Rate(), left=_Left(self._seconds_left))
            self._line = self._bar.add_task("", total=self._total)

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
        notebook = done.task.notebook
        self._left[notebook] -= 1
        self._over[notebook] += 1
        self._took[notebook] = self._took.get(notebook, 0.0) + outcome.seconds
        self._counts[outcome.status] += 1
        if outcome.tier:
            self._tiers.add(outcome.tier)
        if outcome.seconds:
            self._times[notebook].append((outcome.seconds, done.task.student))
        if self._bar is not None:
            self._bar.update(self._line, advance=1, description=one_line(str(done.task)))
            return
        seconds = self._seconds_left()
        remaining = f", about {seconds:.0f} s left" if seconds else ""
        count = self._counts.total()
        name = one_line(str(done.task))
        took = f" ({outcome.seconds:.1f} s)" if outcome.seconds else ""
        say(f"[{count}/{self._total}{remaining}] {name}: {outcome.status}{took}")

    def _seconds_left(self) -> float:
        """About how long the rest takes; 0 before one of each notebook that is left is over."""
        left, took = +self._left, sum(self._took.values())
        if not left.keys() <= self._over.keys() or not took:
            return 0.0
        rest = sum(count * self._took[name] / self._over[name] for name, count in left.items())
        return rest * (time.monotonic() - self._started) / took

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
