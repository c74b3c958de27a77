"""Cases 7 and 8: code that ends the kernel, or never ends."""

import nbformat
from nbformat import NotebookNode

from tests.hostile.case import FIRST, FULL, LATER_LOST, Case, cell, code

DIED = "the kernel died in the cell growth-exponent"
IGNORE = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
SWALLOW = """
import time
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
"""
IN_A_TEST = """
def parameter_count(*size):
    while True: pass
"""


def _add_slow_cells(notebook: NotebookNode) -> None:
    """Cells each of which is quick enough, before the last exercise."""
    at = notebook.cells.index(cell(notebook, "growth-exponent"))
    for number in range(12):
        slow = nbformat.v4.new_code_cell(f"import time; time.sleep(4)  # {number}")
        notebook.cells.insert(at, slow)


TIME = [
    Case(
        "ends-the-kernel",
        7,
        code(growth_exponent="import os; os._exit(0)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "exit code 0"),
        attention=True,
    ),
    Case(
        "kills-itself",
        7,
        code(growth_exponent="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "signal 9"),
        attention=True,
    ),
    Case(
        "crashes-python",
        7,
        code(growth_exponent="import ctypes; ctypes.string_at(0)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "signal 11"),
        attention=True,
    ),
    Case(
        "loops-for-ever",
        8,
        code(growth_exponent="while True: pass"),
        LATER_LOST,
        told=("he cell growth-exponent ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "loops-in-a-tested-function",
        8,
        code(count=IN_A_TEST),
        {**FULL, FIRST: 0},
        told=(f"he cell {FIRST} ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "swallows-the-interrupt",
        8,
        code(growth_exponent=SWALLOW),
        LATER_LOST,
        told=("he cell growth-exponent ran", "could not be stopped"),
        attention=True,
    ),
    Case(
        "ignores-the-interrupt",
        8,
        code(growth_exponent=IGNORE + SWALLOW),
        LATER_LOST,
        told=("he cell growth-exponent ran", "could not be stopped"),
        attention=True,
    ),
    Case(
        "sleeps-on-import",
        8,
        code(growth_exponent="import time; time.sleep(3600)"),
        LATER_LOST,
        told=("he cell growth-exponent ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "is-slow-in-many-cells",
        8,
        code(edit=_add_slow_cells),
        LATER_LOST,
        told=("he notebook had used up its 25 seconds",),
        attention=True,
    ),
]
