"""The only place that prints: on a terminal, or into a file of a readable width.

Names of folders and files, reasons and messages come from outside. What is printed goes through
`words.visible`, so that none of it can act on a terminal.
"""

import logging
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from grader.basics.words import visible

if TYPE_CHECKING:  # who only says something, such as what is missing here, does without rich
    from rich.console import Console
    from rich.text import Text

WIDTH = 100


class LogFormatter(logging.Formatter):
    """Writes lines into a log that can be shown on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return visible(super().format(record))


def say(*texts: object, error: bool = False) -> None:
    """Print texts at once, to standard error if it is an `error`.

    Not every terminal can show everything; nothing may be lost for that.
    """
    file = sys.stderr if error else sys.stdout
    encoding = getattr(file, "encoding", None) or "utf-8"
    text = visible(" ".join(map(str, texts)))
    print(text.encode(encoding, errors="replace").decode(encoding), file=file, flush=True)


def overwrite(text: str) -> None:
    """Show a line in the place of the last one that was shown so, cut to fit; for a terminal."""
    import shutil

    width = max(20, shutil.get_terminal_size().columns - 1)
    shown = visible(text)
    shown = shown if len(shown) <= width else shown[: width - 3] + "..."
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(
        f"\r\x1b[K{shown}".encode(encoding, errors="replace").decode(encoding), end="", flush=True
    )


def console() -> "Console":
    """Prints names as they are; a student or a file may be called :smile:."""
    from rich.console import Console

    class Harmless(Console):
        """Makes each text harmless; rich takes out only some of the signs that steer."""

        def render_str(self, text: str, **how: Any) -> "Text":
            return super().render_str(visible(text), **how)

    there = Harmless(highlight=False, emoji=False)
    return there if there.is_terminal else Harmless(width=WIDTH, highlight=False, emoji=False)


def print_item(out: "Console", text: str) -> None:
    """Print an item of a list, indented, in lines that are not too long."""
    from rich.markup import escape

    lines = textwrap.fill(
        visible(text),
        min(out.width, WIDTH),
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )
    out.print(escape(lines), soft_wrap=True)
