"""What a process of the tool's, or an nbgrader that it starts, does first: it takes a second less.

It is for processes that run nothing else: importing the package changes nothing in the process
of who imports it, such as JupyterLab.
"""

import importlib
import sys
from typing import Any

# jsonschema imports it, if it is there, to check web addresses in schemas, and then takes a second
# to build grammars. nbformat needs jsonschema in every process, but not those checks.
_GRAMMARS = "rfc3987_syntax"


def leave_out_grammars() -> None:
    """Let jsonschema do without grammars; call it before nbformat is imported."""
    sys.modules.setdefault(_GRAMMARS, None)  # type: ignore[arg-type]


def program(module: str, function: str) -> str:
    """The text of a program that does so, and then calls a function of a library's."""
    leave_out = f"import sys; sys.modules[{_GRAMMARS!r}] = None"
    return f"{leave_out}; from {module} import {function}; {function}()"


def begin(module: str, function: str, *arguments: Any) -> None:
    """First thing in a worker: `function` of `module`, which is named, so as not to be imported
    before this begins.
    """
    leave_out_grammars()
    getattr(importlib.import_module(module), function)(*arguments)
