"""The data that notebooks read from files, beside what is handed out: c.NotebookData.

Data are too large to be handed out with a notebook, or must not be. Which they are, and how they
are made, only the course can say: so it names the files, and programs of its own that look at them
and make a small set. A course that names none has no such data.
"""

import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traitlets import Dict, Unicode
from traitlets.config import Config, Configurable

from grader.basics import config_file
from grader.basics.errors import UserError
from grader.course.directory import CONFIG, Course

_SETTING = "c.NotebookData.sets"
_TEXTS, _LISTS = ("directory", "make", "look", "draw"), ("notebooks", "files")


class NotebookData(Configurable):  # type: ignore[misc]
    """Which notebooks read which data."""

    sets = Dict(
        key_trait=Unicode(),
        help="Sets of data, by the environment variable that tells a notebook their directory. Of "
        "each: `notebooks`, those that read it; `directory`; `files`, which must be in it; `make`, "
        "a sentence that says how to get them. And two command lines for this Python, each a file "
        "of the course with arguments, to which the directory is added: `look` prints in one line "
        "what the files are, and ends with 0 if they are well, 3 if a person should look, and 4 "
        "if they are wrong (a second line says what to do); `draw` makes a small set there for "
        "`course check` and the like, which else take the real one. Only `notebooks` and "
        "`directory` are needed. The sandbox has settings of its own for what a notebook may see: "
        "c.SandboxProvisioner.readable and c.SandboxProvisioner.environment.",
    ).tag(config=True)


@dataclass(frozen=True)
class DataSet:
    """Files that notebooks find in the directory which an environment variable names."""

    variable: str
    notebooks: tuple[str, ...]
    directory: Path
    files: tuple[str, ...] = ()
    make: str = ""
    look: str = ""
    draw: str = ""

    @property
    def readers(self) -> str:
        """The notebooks that read it, as a message names them: "1-a and 2-b read"."""
        return f"{' and '.join(self.notebooks)} {'reads' if len(self.notebooks) == 1 else 'read'}"

    def missing(self, course: Course) -> str:
        """Which file is not there, in words; empty if all are."""
        if not self.directory.is_dir():
            return f"there is no {course.show(self.directory)}, which {self.readers}"
        gone = [name for name in self.files if not (self.directory / name).is_file()]
        if gone:
            return f"{course.show(self.directory)} has no {gone[0]}, which {self.readers}"
        return ""

    def programs(self) -> list[Path]:
        """The files of the programs, relative to the course."""
        return [Path(shlex.split(each)[0]) for each in (self.look, self.draw) if each]


def of_course(course: Course) -> list[DataSet]:
    """The data of a course; raises UserError for a setting that cannot be."""
    return of_config(config_file.load(course.config))


def of_config(config: Config) -> list[DataSet]:
    """The data that a configuration names; raises UserError for a setting that cannot be."""
    sets = config_file.made(NotebookData, config, CONFIG).sets
    return [_data_set(variable, given) for variable, given in sets.items()]


def read_by(sets: Iterable[DataSet], notebooks: Iterable[str]) -> list[DataSet]:
    """Those that one of the notebooks reads."""
    names = set(notebooks)
    return [each for each in sets if names.intersection(each.notebooks)]


def _data_set(variable: str, given: Any) -> DataSet:
    where = f"{CONFIG}: {_SETTING}[{variable!r}]"
    if not isinstance(given, Mapping) or not {"notebooks", "directory"} <= set(given):
        raise UserError(f"{where} must be a dictionary with notebooks and directory.")
    for key, value in given.items():
        if key in _LISTS:
            if isinstance(value, str) or not all(isinstance(each, str) for each in value):
                raise UserError(f"{where}: {key} must be a list of names.")
        elif key not in _TEXTS:
            known = ", ".join([*_LISTS, *_TEXTS])
            raise UserError(f"{where}: there is no key {key}. There are: {known}")
        elif not isinstance(value, str | Path):
            raise UserError(f"{where}: {key} must be a text.")
    return DataSet(
        variable,
        tuple(given["notebooks"]),
        Path(given["directory"]),
        tuple(given.get("files", ())),
        *(str(given.get(key, "")) for key in ("make", "look", "draw")),
    )


def run(
    course: Course, command: str, directory: Path, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of the course on a directory, in a process of its own.

    Raises UserError if the course has no such file.
    """
    program, *arguments = shlex.split(command)
    if not (course.root / program).is_file():
        raise UserError(f"{program}, which {_SETTING} names, is missing.")
    return subprocess.run(
        [sys.executable, "-B", str(course.root / program), *arguments, str(directory)],
        cwd=course.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=timeout,
    )
