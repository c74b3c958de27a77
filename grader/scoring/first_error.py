"""The first error in a student's own code, and whether the machine that grades is what differs.

A notebook that ran for its student can stop here: a package, a file, a keyboard, a screen or the
network is not there. Its student and the instructor are told so, for the tests that follow can only
say that something is missing.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from grader.basics.words import for_student, without_colours
from grader.notebooks import cells
from grader.scoring.score import CellScore

_LONGEST = 160  # characters of an error
# The kernel calls a cell after a number that nobody knows.
_NO_FILE = re.compile(r"\((?:\d+\.py|<ipython-input-[^>]*>), line (\d+)\)")
_NAME_OF_MODULE = re.compile(
    r"ImportError: cannot import name '\w+' from '([\w.]+)'"
    r"|AttributeError: module '([\w.]+)' has no attribute"
)
# What an older Python says where it meets syntax of a newer one, and what such syntax looks like:
# texts and comments in the braces of f-strings, t-strings, types with parameters, `except A, B:`.
_NO_SYNTAX = re.compile(
    r"SyntaxError: (?:f-string|invalid syntax|unterminated string|expected '\('|multiple exception)"
)
_NEW_SYNTAX = re.compile(
    r"\b[rR]?[fFtT][rR]?['\"]|^\s*type\s+\w+.*=|\b(?:def|class)\s+\w+\s*\[|^\s*except\s+[\w.]+\s*,",
    re.MULTILINE,
)
_LINE = re.compile(r"\(line (\d{1,9}) of the cell\)$")
# IPython prints it, and no error.
_USAGE = re.compile(r"^UsageError: (.{1,300})$", re.MULTILINE)
_NO_PACKAGE = "that package, or file of the student's, is not there where it is graded"
_BY_NAME = {
    "StdinNotImplementedError": "nobody answers input() while it is graded",
    "TclError": "there is no screen where it is graded",
    "gaierror": "there is no network where it is graded",
    "URLError": "there is no network where it is graded",
    "ConnectionError": "there is no network where it is graded",
    "MaxRetryError": "there is no network where it is graded",
    "TBNotInstalledError": "TensorBoard is not there where it is graded",
    "PackageNotFoundError": _NO_PACKAGE,
}
# By what an error says, where its name says too little.
_BY_TEXT = {
    r"No module named '(?:google\.)?colab|google\.colab": "it is only in Colab",
    r"^(?:ModuleNotFoundError|ImportError): No module named": _NO_PACKAGE,
    r"[Mm]agic function `?%.{1,60} not found": "IPython does not know it where it is graded",
    r"Cannot load backend|no display name|DISPLAY|[Cc]ould not connect to display": (
        "there is no screen where it is graded"
    ),
    r"Temporary failure in name resolution|Name or service not known|Network is unreachable": (
        "there is no network where it is graded"
    ),
    r"^FileNotFoundError: ": "that file is not there where it is graded",
    r"is not a recogni[sz]ed (?:GUI loop or )?backend name|is not a valid value for backend": (
        "Matplotlib cannot draw in that way where it is graded"
    ),
    r"^ImportError: (?!cannot import name).*\b[Ii]nstall": _NO_PACKAGE,
}


@dataclass(frozen=True)
class FirstError:
    """An error that ended a cell. `why`: what differs where it is graded, "" for one of its own.

    `remark` is for the student alone: what may differ, where nobody can know that.
    """

    cell: str
    error: str
    why: str
    remark: str = ""

    @property
    def told(self) -> str:
        """One sentence for the instructor."""
        return (
            f"{self._stopped}; {self.why}, so it may have run for the student. Look whether the "
            "points that this cost are fair."
        )

    @property
    def told_student(self) -> str:
        """The same for the student, with what to do."""
        if not self.why:
            said = f"{self._stopped}. What comes after it may have failed because of that."
            return f"{said} {self.remark}" if self.remark else said
        why = for_student(self.why)
        return (
            f"{self._stopped}: {why}. So it may have run for you. What comes after it may have "
            "failed because of that. Write the cell so that it does without, and hand in again."
        )

    @property
    def _stopped(self) -> str:
        return f"{self.cell} stopped with {self.error}"


def of_graded(executed: NotebookNode, scores: Sequence[CellScore]) -> FirstError | None:
    """The first error by what differs here in a notebook that lost points in its tests."""
    lost = any(score.lost for score in scores)
    return next((each for each in _errors(executed) if each.why), None) if lost else None


def first(executed: NotebookNode) -> FirstError | None:
    """The first error of all in the student's code; one by what differs here goes before."""
    found = list(_errors(executed))
    return next((each for each in found if each.why), found[0] if found else None)


def cause_in(reason: str) -> str:
    """The error that `told` named in what an instructor is told; "" if it named none."""
    found = re.search(r"stopped with (.{1,400}?); [^;]{1,200}, so it may have run", reason)
    return found[1] if found else ""


def _errors(executed: NotebookNode) -> Iterator[FirstError]:
    """The errors of solutions and of the student's own cells, in their order; last those that a
    test met when it called the student's code.
    """
    of_tests = []
    number = 0
    for cell in executed.cells:
        if cell.cell_type != "code":
            continue
        number += 1
        name, kind = cells.grade_id(cell), cells.kind(cell)
        if name and kind in ("test", None):
            if kind == "test":
                of_tests += [FirstError(f"The code that {name} tests", *e) for e in _in_test(cell)]
            continue
        shown = f"The cell {name}" if name else f"A cell of the student's own (code cell {number})"
        for error, why in _in_cell(cell):
            if not why and _of_newer_python(error, cell.source):
                yield FirstError(shown, error, *_by_version(executed))
            else:
                yield FirstError(shown, error, why)
    yield from of_tests


def _in_cell(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "error":
            error = _short(f"{output.get('ename', '')}: {output.get('evalue', '')}")
            yield error, _why(str(output.get("ename", "")), error)
        elif output.get("name") == "stderr":
            for usage in _USAGE.findall(without_colours(_joined(output.get("text", ""))))[:1]:
                error = _short(f"UsageError: {usage}")
                yield error, _why("UsageError", error)


def _in_test(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a check reported of the code that it called, if that is of what differs here."""
    known = "|".join(map(re.escape, ("ModuleNotFoundError", *_BY_NAME)))
    for output in cell.get("outputs", ()):
        text = _joined(output.get("text", "")) + "\n" + str(output.get("evalue", ""))
        for found in re.finditer(rf"\b({known}): [^\n]{{1,300}}", without_colours(text)[:20_000]):
            error = _short(found[0])
            if why := _why(found[1], error):
                yield error, why


def _why(name: str, error: str) -> str:
    by_text = (why for pattern, why in _BY_TEXT.items() if re.search(pattern, error))
    return _BY_NAME.get(name) or next(by_text, "")


def _of_newer_python(error: str, source: str) -> bool:
    """Whether a newer Python may know what this one stopped at: syntax, or a name of its own."""
    if _NO_SYNTAX.match(error):
        lines = source.split("\n")
        number = int(found[1]) if (found := _LINE.search(error)) else 0
        place = lines[number - 1] if 0 < number <= len(lines) else source
        return _NEW_SYNTAX.search(place) is not None
    found = _NAME_OF_MODULE.match(error)
    return bool(found and (found[1] or found[2]).partition(".")[0] in sys.stdlib_module_names)


def _by_version(executed: NotebookNode) -> tuple[str, str]:
    """Why such an error differs here, and the remark, by the Python of the student's kernel."""
    here = sys.version_info[:2]
    graded = ".".join(map(str, here))
    version = executed.metadata.get("course", {}).get("python", "")
    if not (found := re.match(r"(\d{1,3})\.(\d{1,3})(?!\d)", str(version))):
        return (
            "",
            f"It was graded with Python {graded}; a newer Python may allow what this one does not.",
        )
    if (int(found[1]), int(found[2])) <= here:
        return "", ""
    return f"Python {graded} grades it, and the notebook was saved with Python {found[0]}", ""


def _short(error: str) -> str:
    error = _NO_FILE.sub(r"(line \1 of the cell)", error)
    line = " ".join(without_colours(error).split()).removesuffix(": ").rstrip(".:")
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."


def _joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
