"""Read nbgrader_config.py as data, where nbgrader itself is not needed."""

import os
from pathlib import Path
from typing import TypeVar

from traitlets import TraitError
from traitlets.config import Config, Configurable, PyFileConfigLoader

from grader.basics.errors import UserError

_Settings = TypeVar("_Settings", bound=Configurable)


def load(path: Path) -> Config:
    """What a configuration says, a file or none; the environment stays as it was.

    Raises UserError if it cannot be loaded.
    """
    if not path.is_file():
        return Config()
    environment = dict(os.environ)
    try:
        return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # it is a program
        raise UserError(f"{path.name} cannot be loaded: {type(error).__name__}: {error}") from None
    finally:
        os.environ.clear()
        os.environ.update(environment)


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
