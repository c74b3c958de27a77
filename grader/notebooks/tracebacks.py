"""Read tracebacks, as IPython and Python write them: in which file or cell each line stands."""

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from grader.basics.words import without_colours

_LONGEST = 1000  # characters of a line that begins a frame
_LARGEST = 5 << 20  # bytes of a file of a library
_NUMBERED = re.compile(r"((?:-+>)?\s*(\d{1,9})\s+)(\S.*)")  # "----> 3     x = 1"
_CELL = re.compile(r"(?:Cell|Input) In ?\[(\d{1,9})\](?:,.*)?")
_FILE = re.compile(r"File (.+):(\d{1,9})(?:, in .*)?")
_OF_PYTHON = re.compile(r'\s+File "([^"]+)", line (\d{1,9})(?:, in .*)?')
_TEST = re.compile(r"<test (.+)>")  # as the judge calls the code of a test cell
_MARKS = re.compile(r"[\s~^]*")  # below a line: where in it
_PACKAGES = re.compile(r".*/(?:site|dist)-packages/(.+)")
_STANDARD = re.compile(r".*/lib/python3[^/]*/(.+)")


@dataclass(frozen=True)
class Frame:
    """Where the lines of a piece of a traceback stand. None and "" where that is not told."""

    file: str = ""  # the path of a file that is no cell
    count: int | None = None  # of a cell: the number of its run, as in "In [3]"
    test: str = ""  # the name of a test cell
    line: int | None = None  # the number that the frame's first line names


@dataclass(frozen=True)
class Code:
    """A line of code in a traceback: what stands before it, its number if there is one, itself."""

    frame: Frame
    before: str
    number: int | None
    text: str


_UNKNOWN = Frame()


def lines(text: str) -> Iterator[tuple[str, Code | None]]:
    """Each line of a text as it is, and what it is if a traceback shows code in it."""
    frame, is_of_python = _UNKNOWN, False
    for line in text.split("\n"):
        plain = without_colours(line)
        if found := _begins(plain):
            frame, is_of_python = found
            yield line, None
        elif numbered := _NUMBERED.fullmatch(plain):
            yield line, Code(frame, numbered[1], int(numbered[2]), numbered[3])
        elif is_of_python and plain.startswith("    ") and not _MARKS.fullmatch(plain):
            code = plain.lstrip()
            yield line, Code(frame, plain[: len(plain) - len(code)], None, code)
        else:
            if not plain[:1].isspace():  # a frame ends
                frame, is_of_python = _UNKNOWN, False
            yield line, None


def _begins(line: str) -> tuple[Frame, bool] | None:
    """The frame that a line begins, and whether Python itself writes such lines."""
    if len(line) > _LONGEST:
        return None
    if found := _CELL.fullmatch(line):
        return Frame(count=int(found[1])), False
    for pattern, is_of_python in ((_FILE, False), (_OF_PYTHON, True)):
        if found := pattern.fullmatch(line):
            path, number = found[1], int(found[2])
            if test := _TEST.fullmatch(path):
                return Frame(test=test[1], line=number), is_of_python
            is_file = not path.startswith("<") and "ipykernel" not in path
            return Frame(file=path if is_file else "", line=number), is_of_python
    return None


# Files that anybody can read


def is_public(code: Code) -> bool:
    """Whether a line stands, in whatever layout, in the file of a library that its frame names.

    The frame may be made up, so the file is looked up where this program's libraries are.
    """
    return "".join(code.text.split()) in _lines_of(code.frame.file)


@lru_cache(maxsize=64)
def _lines_of(path: str) -> frozenset[str]:
    """The lines of a library's file, without layout; none if there is no such file."""
    for pattern, roots in ((_PACKAGES, _packages()), (_STANDARD, _standard())):
        if found := pattern.fullmatch(path):
            for root in roots:
                try:
                    file = (root / found[1]).resolve()
                    if (
                        file.is_relative_to(root)
                        and file.suffix == ".py"
                        and file.is_file()
                        and file.stat().st_size <= _LARGEST
                    ):
                        text = file.read_text(encoding="utf-8", errors="replace")
                        return frozenset("".join(line.split()) for line in text.splitlines())
                except (OSError, ValueError):
                    continue
            return frozenset()
    return frozenset()


@cache
def _packages() -> tuple[Path, ...]:
    return _places("purelib", "platlib")


@cache
def _standard() -> tuple[Path, ...]:
    return _places("stdlib", "platstdlib")


def _places(*names: str) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(Path(sysconfig.get_path(name)).resolve() for name in names))
