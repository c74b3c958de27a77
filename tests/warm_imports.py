"""Imports what every process of the tool's takes from others, and forgets this package: a fork
imports that from where the program `course` does.
"""

import json
import subprocess
import sys

import nbgrader.apps  # noqa: F401

# Where a program looks for modules, after its own directory; here it may be where pytest looks.
_ASK = [sys.executable, "-P", "-c", "import json, sys; print(json.dumps(sys.path))"]
PATH: list[str] = json.loads(subprocess.check_output(_ASK))

for name in [*sys.modules]:
    if name.partition(".")[0] == "grader":  # from tests/__init__.py
        del sys.modules[name]
