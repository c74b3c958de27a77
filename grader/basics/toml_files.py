"""Read a TOML file that an author writes."""

import tomllib
from pathlib import Path
from typing import Any

from grader.basics.errors import UserError


def read(path: Path, shown: str) -> dict[str, Any]:
    """The tables of a file, which messages call `shown`.

    Raises UserError where it is missing or not right.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{shown} is missing.") from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{shown} is no TOML: {error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{shown} is not in UTF-8. Save it so.") from None
