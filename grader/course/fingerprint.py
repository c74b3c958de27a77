"""Fingerprints: what a grade, the gradebook's picture of the assignment, or a page is made from."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.basics import config_file, plain_settings
from grader.course.directory import Course

_PACKAGE = Path(__file__).resolve().parent.parent
# Its rooms and modules that decide a score: a change of one of them grades everything anew.
_DECIDING = (
    *("engine", "notebooks", "scoring", "submissions", "translation"),
    *("basics/words.py", "course/editions.py", "instructors/grading/autograde.py"),
)
# Sections of Jupyter's configuration for its servers and for what is in their pages. No other is
# left out, for a course may have preprocessors, and a plugin for late work, of its own.
_OF_SERVERS = {
    *("ServerApp", "NotebookApp", "JupyterNotebookApp", "LabApp", "LabServerApp", "ExtensionApp"),
    *("IdentityProvider", "PasswordIdentityProvider", "LegacyIdentityProvider", "Authorizer"),
    *("ContentsManager", "FileContentsManager", "LargeFileManager", "Checkpoints"),
    *("AsyncContentsManager", "AsyncFileContentsManager", "AsyncLargeFileManager"),
    *("FileCheckpoints", "AsyncFileCheckpoints", "SessionManager", "GatewayClient"),
    *("MappingKernelManager", "AsyncMappingKernelManager", "ZMQChannelsWebsocketConnection"),
    *("TerminalManager", "TerminalsExtensionApp", "LanguageServerManager", "ResourceUseDisplay"),
}
# Where the course and its gradebook are, as seen by who grades.
_OF_A_PERSON = {("CourseDirectory", "root"), ("CourseDirectory", "db_url")}


def of_assignment(course: Course) -> str:
    """Of everything that the gradebook's picture of the assignment is made from."""
    files = [*course.notebooks(), *course.handouts(), *_configuration(course)]
    others = _of_jupyter(course)
    return of_texts(_of_files(course, files), *others) if others else _of_files(course, files)


def of_environment(course: Course, notebook: str) -> str:
    """Of what the scores of a notebook depend on, beside the student's work."""
    return _of_surroundings(course, [course.source / f"{notebook}.ipynb"])


def of_machinery(course: Course) -> str:
    """Of what every score depends on, beside the cells that are run."""
    return _of_surroundings(course, [])


def of_process(course: Course) -> str:
    """Of what a process that goes on has read at its start: also what decides no score."""
    files = filter(Path.is_file, config_file.of_jupyter(course.config))
    return of_texts(of_machinery(course), *(path.read_bytes() for path in files))


def _of_surroundings(course: Course, files: list[Path]) -> str:
    python = "{}.{}.{}".format(*sys.version_info)
    paths = [*files, *course.handouts(), *_configuration(course), course.requirements]
    own: list[str | bytes] = []
    for path in deciding():  # named from the package: where it is installed decides nothing
        own += [path.relative_to(_PACKAGE).as_posix(), path.read_bytes()]
    return of_texts(_of_files(course, paths), *_of_jupyter(course), *own, python)


def _configuration(course: Course) -> list[Path]:
    """The course's own configuration, and what it loads, also what lies elsewhere."""
    others = [path for path in config_file.own(course.config) if path != course.config]
    return [course.config, *filter(Path.is_file, others)]


def _of_jupyter(course: Course) -> list[str | bytes]:
    """What the files in Jupyter's directories say that may decide a score: also a person's own.

    Who grades with another port or another account at the gradebook grades the same. Where all of
    them do nothing but make settings, these count, in whichever file they stand, but for those that
    are known to decide nothing. Else they count as they are, each of them, for one may do anything.
    """
    files = list(filter(Path.is_file, config_file.of_jupyter(course.config)))
    merged: dict[tuple[str, str], str] = {}
    for path in files:
        said = plain_settings.of_file(path)
        if said is None:
            return [part for each in files for part in (each.name, each.read_bytes())]
        for section, own in said.items():
            if section not in _OF_SERVERS:
                merged |= {(section, name): repr(value) for name, value in own.items()}
    counting = sorted(merged.keys() - _OF_A_PERSON)
    return [repr([(*key, merged[key]) for key in counting])] if counting else []


def deciding() -> list[Path]:
    """The modules of this package that decide what a notebook scores."""
    places = [_PACKAGE / name for name in _DECIDING]
    files = [
        path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])
    ]
    return sorted(files)


def of_texts(*parts: str | bytes) -> str:
    """Of some texts, in their order."""
    total = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def _of_files(course: Course, paths: Iterable[Path]) -> str:
    parts: list[str | bytes] = []
    for path in paths:
        parts += [course.show(path), path.read_bytes() if path.is_file() else b"missing"]
    return of_texts(*parts)
