"""Right answers in notebooks with a habit that is nobody's business: full points, nothing told.

Each stands in a cell of the student's own, before the first solution; or in the solution itself.
"""

from collections.abc import Callable
from textwrap import dedent

import nbformat
from nbformat import NotebookNode

from tests.hostile.case import RIGHT_COUNT, Case, cell, code

IN_A_CELL = {
    "calls-a-variable-str": "str = 'a text'",
    "calls-a-loop-variable-len": "for len in range(3): pass",
    "calls-variables-like-builtins": """
        abs = zip = sorted = sum = max = min = type = id = range = float = int = round = 0
        all = any = map = open = 0
        list = [1]; dict = {}; set = 3; enumerate = isinstance = getattr = None
    """,
    "calls-a-variable-print": "print = 3",
    "calls-a-variable-globals": "globals = locals = vars = 'worldwide'",
    "calls-a-variable-exception": "Exception = AssertionError = ValueError = 'none'",
    "imports-all-of-numpy": "from numpy import *",
    "imports-all-of-math": "from math import *",
    "has-builtins-of-its-own": "__builtins__ = {'print': print}",
    "debugs-on-errors": "%pdb on",
    "debugs-on-errors-in-python": "get_ipython().call_pdb = True",
    "shows-two-digits": "%precision $%.2f",
    "shows-short-errors": "%xmode Minimal",
    "times-a-cell": "%%time\nx = sum(range(100))",
    "captures-a-cell": "%%capture kept\nprint('hidden')",
    "reloads-modules-by-itself": "%load_ext autoreload\n%autoreload 2",
    "shows-every-expression": """
        from IPython.core.interactiveshell import InteractiveShell
        InteractiveShell.ast_node_interactivity = "all"
    """,
    "installs-a-package": "!pip install numpy\n!pip install no-such-package\ninstalled = True",
    "installs-a-package-by-magic": "%pip install numpy",
    "installs-a-program": "!apt-get install -y graphviz",
    "reads-what-a-command-prints": "names = !ls\nmore = get_ipython().getoutput('ls')",
    "runs-bash": "%%bash\necho done",
    "shows-values-in-colour": """
        def coloured(value, printer, cycle): printer.text("\\x1b[32m" + repr(value) + "\\x1b[0m")
        formatter = get_ipython().display_formatter.formatters["text/plain"]
        for kind in (float, int, str, type(None)): formatter.for_type(kind, coloured)
    """,
    "formats-results-itself": """
        from IPython.core.formatters import PlainTextFormatter
        class Rich(PlainTextFormatter):
            def __call__(self, value): print(value); return None
        get_ipython().display_formatter.formatters["text/plain"] = Rich()
        import sys
        sys.displayhook = lambda value: None
    """,
    "shows-errors-itself": """
        import sys, traceback
        shell = get_ipython()
        sys.excepthook = lambda *error: traceback.print_exception(*error)
        shell.set_custom_exc((Exception,), lambda shell, *error, tb_offset=None: None)
        shell.showtraceback = lambda *a, **k: print("something went wrong")
        shell._showtraceback = lambda *a, **k: None
    """,
    "logs-what-it-prints": """
        import sys
        class Logger:
            def __init__(self): self.lines = []
            def write(self, text): self.lines.append(text)
        sys.stdout = sys.stderr = Logger()
    """,
    "prints-into-a-file": "import sys; sys.stdout = open('log.txt', 'w')",
    "prints-into-a-closed-file": "import io, sys; sys.stdout = io.StringIO(); sys.stdout.close()",
    "closes-its-output": "import sys; sys.stdout.close(); sys.stderr.close()",
    "has-no-output": "import sys; sys.stdout = sys.stderr = None",
    "logs-to-a-closed-stream": """
        import io, logging
        stream = io.StringIO()
        logging.basicConfig(stream=stream, level=logging.DEBUG, force=True)
        stream.close()
        logging.getLogger().info("lost")
    """,
    "has-old-names-of-numpy": """
        import numpy as np
        np.bool = bool; np.int = int; np.float = float; np.object = object; np.long = int
    """,
    "prints-at-once": """
        import builtins, functools
        builtins.print = functools.partial(print, flush=True)
    """,
    "prints-the-time": """
        import builtins, time
        old_print = builtins.print
        def print_with_time(*a, **k): old_print(time.time(), *a, **k)
        builtins.print = print_with_time
    """,
    "counts-products": """
        import functools, numpy as np
        calls, old_dot = 0, np.dot
        @functools.wraps(old_dot)
        def counted(*a, **k):
            global calls
            calls += 1
            return old_dot(*a, **k)
        np.dot = counted
        np.sum = lambda *a, old=np.sum, **k: old(*a, **k)
    """,
    "times-each-cell": """
        import time
        def start(info=None): global began; began = time.time()
        def stop(result=None): print(f"{time.time() - began:.1f} s")
        get_ipython().events.register("pre_run_cell", start)
        get_ipython().events.register("post_run_cell", stop)
        get_ipython().events.register("post_execute", stop)
    """,
    "times-what-the-kernel-does": """
        import time
        kernel = get_ipython().kernel
        old_do_execute = kernel.do_execute
        async def timed(*a, **k): return await old_do_execute(*a, **k)
        kernel.do_execute = timed
    """,
    "transforms-its-cells": """
        import ast
        class Keep(ast.NodeTransformer): pass
        shell = get_ipython()
        shell.ast_transformers = [*shell.ast_transformers, Keep()]
        shell.input_transformers_cleanup.append(lambda lines: lines)
    """,
    "leaves-a-profiler-on": "import cProfile; profile = cProfile.Profile(); profile.enable()",
    "leaves-a-trace-on": """
        import sys, threading
        def trace(frame, event, argument): return trace
        sys.settrace(trace); sys.setprofile(lambda *a: None); threading.settrace(trace)
    """,
    "reloads-the-checks": """
        import importlib, checks, numpy, numpy.testing
        importlib.reload(checks); importlib.reload(numpy.testing); importlib.reload(numpy)
    """,
    "imports-the-checks-anew": """
        import sys, checks
        del sys.modules["checks"]
        import checks
    """,
    "makes-warnings-errors": "import warnings; warnings.simplefilter('error')",
    "shows-no-warnings": "import warnings; warnings.filterwarnings('ignore')",
    "makes-numpy-raise": """
        import numpy as np
        np.seterr(all="raise"); np.set_printoptions(precision=1)
    """,
    "wants-deeper-recursion": "import sys; sys.setrecursionlimit(100_000)",
    "allows-little-recursion": "import sys; sys.setrecursionlimit(120)",
    "leaves-a-thread": """
        import threading, time
        threading.Thread(target=lambda: time.sleep(60), daemon=True).start()
    """,
    "chooses-a-style": """
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        plt.style.use("ggplot"); plt.ion()
    """,
    "quits": "exit()",
    "recurses-too-deep": "def f(): return f()\nf()",
    "speaks-korean": "신경망 = '뉴런'\ndef 더하기(가, 나): return 가 + 나",
    "asks-for-input": "name = input('Your name? ')",
    "uses-future-annotations": "from __future__ import annotations",
    "changes-the-directory": "%cd /tmp",
    "collects-no-garbage": "import gc; gc.disable()",
}
IN_THE_SOLUTION = {
    "installs-in-the-solution": f"!pip install torch\n%pip -q install torch\n{RIGHT_COUNT}",
    "loops-over-str-in-the-solution": f"for str in range(3): pass\n{RIGHT_COUNT}",
    "adds-up-with-its-own-sum": """
        def sum(*values):
            total = 0
            for value in values: total += value
            return total
        def parameter_count(hidden_depth, num_neuron, num_input, num_output):
            between = (hidden_depth - 1) * num_neuron**2
            weights = sum(num_input * num_neuron, between, num_neuron * num_output)
            return sum(weights, hidden_depth * num_neuron, num_output)
    """,
    "prints-in-a-function": RIGHT_COUNT.replace("    return", "    print('now')\n    return"),
    "sets-things-in-a-function": RIGHT_COUNT.replace(
        "    return",
        """
    import builtins, functools, sys, numpy as np
    np.bool = bool
    builtins.print = functools.partial(print)
    sys.stdout = None
    return""",
    ),
    "shows-a-value-in-a-function": RIGHT_COUNT.replace(
        "    return", "    import sys; sys.displayhook(3.5)\n    return"
    ),
    "shows-an-error-in-a-function": RIGHT_COUNT.replace(
        "    return",
        """
    try: 1 / 0
    except ZeroDivisionError: get_ipython().showtraceback()
    return""",
    ),
}


def _with_a_cell(text: str) -> Callable[[NotebookNode], None]:
    def edit(notebook: NotebookNode) -> None:
        at = notebook.cells.index(cell(notebook, "parameter-count"))
        notebook.cells.insert(at, nbformat.v4.new_code_cell(dedent(text).strip("\n")))

    return edit


HABITS = [
    *(Case(name, 0, code(edit=_with_a_cell(text))) for name, text in IN_A_CELL.items()),
    *(Case(name, 0, code(count=dedent(text))) for name, text in IN_THE_SOLUTION.items()),
]
