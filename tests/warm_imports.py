"""Imports what every process of the tool's takes from others, and remembers where modules are."""

import sys

from grader.basics import startup

# The first is that of who started Python, not of a program.
PATH = sys.path[1:]

startup.leave_out_grammars()

import nbgrader.apps  # noqa: E402,F401
