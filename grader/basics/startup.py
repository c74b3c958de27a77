"""What a process of the tool's own does first, so that it starts a second sooner.

It is for processes that run nothing else: importing the package changes nothing in the process
of who imports it, such as JupyterLab.
"""

import importlib
import sys
from typing import Any


def leave_out_grammars() -> None:
    """Let jsonschema do without rfc3987_syntax; call it before nbformat is imported.

    jsonschema imports it, if it is there, to check web addresses in schemas, and then takes a
    second to build grammars. nbformat needs jsonschema in every process, but not those checks.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def begin(module: str, function: str, *arguments: Any) -> None:
    """First thing in a worker: `function` of `module`, which is named, so as not to be imported
    before this begins.
    """
    leave_out_grammars()
    getattr(importlib.import_module(module), function)(*arguments)
