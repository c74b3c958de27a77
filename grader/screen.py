"""Where tables and lists are printed: a terminal, or a file of a readable width."""

import textwrap

from rich.console import Console
from rich.markup import escape

WIDTH = 100


def console() -> Console:
    """Prints names as they are; a student or a file may be called :smile:."""
    there = Console(highlight=False, emoji=False)
    return there if there.is_terminal else Console(width=WIDTH, highlight=False, emoji=False)


def print_item(out: Console, text: str) -> None:
    """Print an item of a list, indented, in lines that are not too long."""
    lines = textwrap.fill(
        text,
        min(out.width, WIDTH),
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
    out.print(escape(lines), soft_wrap=True)
