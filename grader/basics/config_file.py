"""Read nbgrader_config.py as data, where nbgrader itself is not needed."""

import os
from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader

from grader.basics.errors import UserError


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
