"""Read nbgrader's configuration as data, where nbgrader itself is not needed.

As nbgrader does: nbgrader_config.py of the course comes last, after the files of that name in
Jupyter's own directories, such as /etc/jupyter; each of them may load others.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from traitlets import TraitError
from traitlets.config import (
    Config,
    ConfigFileNotFound,
    Configurable,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from grader.basics.errors import UserError

_Settings = TypeVar("_Settings", bound=Configurable)
_OF_JUPYTER = "jupyter_config"  # what all programs of Jupyter's read


def load(path: Path) -> Config:
    """What the configuration of a course says, whose own is a file or none.

    The environment stays as it was. Raises UserError if a file cannot be loaded.
    """
    return _read(path)[0]


def files(path: Path) -> tuple[Path, ...]:
    """The files that the configuration of a course is read from, in this order.

    Those that are not there, but would be read, are among them. Raises UserError if a file cannot
    be loaded.
    """
    return of_jupyter(path) + own(path)


def of_jupyter(path: Path) -> tuple[Path, ...]:
    """Those of them that lie in Jupyter's directories, and what these load."""
    return _files(path)[0]


def own(path: Path) -> tuple[Path, ...]:
    """The others: the course's own, and what it loads, wherever that lies."""
    return _files(path)[1]


@cache  # who changes which files are read changes one of these: a fingerprint shows it
def _files(path: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    _, of_jupyter, own = _read(path)
    return tuple(dict.fromkeys(of_jupyter)), tuple(dict.fromkeys(own))


def _read(path: Path) -> tuple[Config, list[Path], list[Path]]:
    """What the configuration says, and each file that it is read from, there or not.

    First come those in Jupyter's directories.
    """
    from jupyter_core.paths import jupyter_config_path  # here, for not every step needs it

    looked_for: list[Path] = []

    class Noted:
        """Notes the file, and those that it loads by load_subconfig."""

        filename: str
        path: str | None
        full_filename: str  # once it is found

        def load_config(self) -> Config:
            try:
                return super().load_config()  # type: ignore[misc]
            except (ConfigFileNotFound, UserError):
                raise
            except Exception as error:  # it is a program
                found = Path(self.full_filename)
                shown = found.name if found.parent == path.parent else found
                what = f"{type(error).__name__}: {error}"
                raise UserError(f"{shown} cannot be loaded: {what}") from None
            finally:
                looked_for.append(Path(self.full_filename or Path(self.path or "", self.filename)))

    class Python(Noted, PyFileConfigLoader):  # type: ignore[misc]
        pass

    class Json(Noted, JSONFileConfigLoader):  # type: ignore[misc]
        pass

    config, environment = Config(), dict(os.environ)
    folders = list(reversed(jupyter_config_path()))  # it begins with what counts most
    places = [(name, folder) for name in (_OF_JUPYTER, path.stem) for folder in folders]

    def read(name: str, folder: str) -> None:
        for loader in (Python(f"{name}.py", folder), Json(f"{name}.json", folder)):
            with suppress(ConfigFileNotFound):
                config.merge(loader.load_config())

    try:
        for place in places:
            read(*place)
        number = len(looked_for)
        read(path.stem, str(path.parent))
    finally:
        if environment != dict(os.environ):
            os.environ.clear()
            os.environ.update(environment)
    return config, looked_for[:number], looked_for[number:]


def settings(kind: type[_Settings], path: Path) -> _Settings:
    """What a configuration says to one class; raises UserError for a value that cannot be."""
    return made(kind, load(path), path.name)


def made(kind: type[_Settings], config: Config, shown: str) -> _Settings:
    """The same of a configuration that is loaded; messages call it `shown`."""
    try:
        own: _Settings = kind(config=config)
        return own
    except TraitError as error:
        raise UserError(f"{shown}: {error}") from None
