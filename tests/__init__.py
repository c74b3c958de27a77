"""What proves that all of this works."""

from grader.basics import startup

startup.leave_out_grammars()  # before nbformat is imported, whose import is then a second shorter
