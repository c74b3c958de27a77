"""Shows how far a long run is: a bar on a terminal, elsewhere a line now and then."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from grader.basics.terminal import say
from grader.basics.words import one_line

_EVERY = 20


@contextmanager
def shown(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Gives a function to call with the name of each of `total` things that is done."""
    if not sys.stdout.isatty():
        counter = count(1)

        def tell(name: str) -> None:
            number = next(counter)
            if number % _EVERY == 0 and number < total:
                say(f"{what}: {number} of {total}")

        yield tell
        return
    with bar(what, transient=True) as progress:
        line = progress.add_task("", total=total)
        yield lambda name: progress.update(line, advance=1, description=one_line(name))


def bar(
    what: str, *more: ProgressColumn, left: ProgressColumn | None = None, transient: bool = False
) -> Progress:
    """A bar on a terminal, with `more` beside it, which goes at its end if it is `transient`.

    `left` shows how long it will take still, by default as if all took as long as the last ones.

    The description of its task is the name of what was done last.
    """
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        *more,
        TextColumn("left:"),
        left or TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        transient=transient,
    )
