"""What happens around the cells of a notebook, where the kernel itself is well."""

import re
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from grader.basics.errors import RetryableFault
from grader.engine.execution import run_notebook
from grader.engine.execution.judging import JudgeProcess
from grader.engine.execution.run_notebook import METADATA, SandboxedExecute
from grader.engine.kernels.provisioner import SandboxProvisioner

TEST = {"grade": True, "solution": False, "locked": True, "task": False, "points": 1}


def notebook(*sources: str) -> NotebookNode:
    cells = []
    for number, source in enumerate(sources):
        cell = nbformat.v4.new_code_cell(source, id=f"c{number}")
        if source.startswith("# test"):
            cell.metadata.nbgrader = {**TEST, "grade_id": f"t{number}", "schema_version": 3}
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def run(
    made: NotebookNode, tmp_path: Any, judge: str = "together", **settings: Any
) -> tuple[list[Any], dict[str, Any]]:
    """The cells after they ran, and what the step tells of the run."""
    settings = {"judge": judge, **settings}
    config = Config({"SandboxProvisioner": {"warm": ["numpy"]}, "SandboxedExecute": settings})
    resources = {"metadata": {"path": str(tmp_path)}}
    executed, resources = SandboxedExecute(config=config).preprocess(made, resources)
    return executed.cells, resources["course"]


def statuses(cells: list[Any]) -> list[str]:
    return [cell.metadata[METADATA]["status"] for cell in cells]


def verdicts(cells: list[Any]) -> list[Any]:
    """Of each test: its value, or "failed", or "full", or "no number"."""
    found = []
    for cell in cells:
        if "nbgrader" not in cell.metadata:
            continue
        said = cell.metadata[METADATA]["test"]
        full = "full" if said["kind"] is None else f"no number: {said['kind']}"
        value = full if said["value"] is None else float(said["value"])
        found.append(value if said["passed"] else "failed")
    return found


def printed(cell: NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_cells_that_ran_are_ok_whether_they_raise_or_not(tmp_path: Any) -> None:
    cells, about = run(notebook("1 / 0", "# test\nassert True", "# test\nassert 0"), tmp_path)
    assert statuses(cells) == ["ok", "ok", "ok"]
    assert verdicts(cells) == ["full", "failed"]
    assert about["troubles"] == []
    assert about["seconds"]["learner"] <= about["seconds"]["cells"]


@pytest.mark.parametrize("judge", ["together", "apart"])
def test_what_the_processor_did_for_code_and_tests_is_told(judge: str, tmp_path: Any) -> None:
    """Also where the judge did it; what waits costs the processor nothing."""
    computes = """
import time
def half_a_second():
    began = time.process_time()
    while time.process_time() < began + 0.5: pass
half_a_second()
time.sleep(0.5)
"""
    test = f"# test\nimport time\n{computes.partition('import time')[2]}"
    made = notebook(f"{computes}\ndef own(): return 1", f"{test}\nassert own() == 1")
    _, about = run(made, tmp_path, judge)
    assert 1 <= about["seconds"]["processor"] < 2
    assert about["seconds"]["learner"] >= 2


def test_a_cell_has_the_number_that_the_kernel_tells_if_it_can_be_one(tmp_path: Any) -> None:
    made = notebook("1 + 1", "# test\n2", "get_ipython().execution_count = -3", "3")
    cells, _ = run(made, tmp_path)
    assert [cell.execution_count for cell in cells] == [1, 2, None, None]
    assert statuses(cells) == ["ok"] * 4
    nbformat.validate(nbformat.v4.new_notebook(cells=cells))


def test_an_error_of_a_test_is_shown_as_jupyter_shows_it(tmp_path: Any) -> None:
    cells, _ = run(notebook("def f(): return 1 / 0", "# test\nprint('so far')\nf()"), tmp_path)
    shown, error = cells[1].outputs
    assert shown.text == "so far\n"
    assert error.ename == "ZeroDivisionError"
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert "----> 3 f()" in text
    assert "1 def f(): return 1 / 0" in text
    assert "test_cell.py" not in text


def test_only_a_given_cell_is_skipped(tmp_path: Any) -> None:
    made = notebook("x = 1; print(x)", "x = 2", "# test\nx - 1", "print(x)")
    about = {"grade_id": "given", "grade": False, "solution": False, "locked": True}
    made.cells[1].metadata.nbgrader = about
    made.cells[1].outputs = [nbformat.v4.new_output("stream", text="of the student's")]
    for cell in made.cells[1:3]:
        cell.metadata["tags"] = ["skip-execution"]
    cells, _ = run(made, tmp_path)
    # nbclient runs no such cell; a test that did not run passes nothing.
    assert statuses(cells) == ["ok", "skipped", "no-verdict", "ok"]
    assert not cells[1].outputs
    assert cells[1].execution_count is None
    assert printed(cells[3]) == "1\n"


RESULTS = {
    "2.5": 2.5,
    "2": 2.0,
    "2.5;": "full",
    "2.5;  # as a notebook does not show it": "full",
    "2.5  # a remark; and more;": 2.5,
    "None": "full",
    "x = 5": "full",
    "import numpy; numpy.float64(1.5)": 1.5,
    "import numpy; numpy.int64(2)": 2.0,
    "10 ** 400": float("inf"),
    "'2.5'": "no number: str",
    "True": "no number: bool",
    "[1]": "no number: list",
    "import numpy; numpy.True_": "no number: bool",
    "type('Mine', (float,), {})(3.0)": "no number: Mine",
    "import asyncio; await asyncio.sleep(0, 2.0)": 2.0,
    "%time x = 3": "full",
    "1 +": "failed",
    "exit()": "full",
    "import sys; sys.exit(0)": "failed",
}


OF_IPYTHON = ("import asyncio; await asyncio.sleep(0, 2.0)", "%time x = 3", "exit()")


def test_the_judge_takes_the_same_value(tmp_path: Any) -> None:
    wanted = {text: result for text, result in RESULTS.items() if text not in OF_IPYTHON}
    made = notebook("import numpy", *(f"# test\n{text}" for text in wanted))
    made.metadata[METADATA] = {"imports": ["import numpy"], "learners": []}
    cells, _ = run(made, tmp_path, judge="apart")
    assert dict(zip(wanted, verdicts(cells), strict=True)) == wanted


def test_a_judge_that_cannot_be_forked_takes_its_kernel_with_it(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, kernels = JudgeProcess.start, []

    def fails_once(judge: JudgeProcess, kernel: SandboxProvisioner, *rest: Any) -> None:
        kernels.append(kernel)
        if len(kernels) == 1:
            raise RetryableFault("the judge could not be forked")
        start(judge, kernel, *rest)

    monkeypatch.setattr(JudgeProcess, "start", fails_once)
    made = notebook("def f(): return 2.5", "# test\nf()")
    made.metadata[METADATA] = {"imports": [], "learners": ["f"]}
    cells, about = run(made, tmp_path, judge="apart")
    assert verdicts(cells) == [2.5]
    assert about["attempts"] == 2
    assert [kernel.has_process for kernel in kernels] == [False, False]


def two_for(slow: NotebookNode) -> Callable[[NotebookNode], float]:
    """Seconds for each cell: two for the one that takes longer, enough for a busy machine else."""
    source = slow.source
    return lambda cell: 2 if cell.source == source else 60


def test_a_test_that_runs_too_long_between_two_calls_costs_itself_alone(tmp_path: Any) -> None:
    made = notebook("def f(): return 2.5", "# test\nwhile True: f()", "# test\nf()")
    made.metadata[METADATA] = {"imports": [], "learners": ["f"]}
    cells, about = run(made, tmp_path, judge="apart", timeout_func=two_for(made.cells[1]))
    assert statuses(cells) == ["ok", "timeout", "ok"]
    assert about["troubles"] == ["The cell t1 ran too long and was stopped."]
    assert verdicts(cells[2:]) == [2.5]


# What code may do in the place of answering, when the judge asks for the first time.
LEAVES = {
    "at once": ("pass", "code stopped answering before the cell t1 was over"),
    "when it is interrupted": (
        "try: time.sleep(100)\n        except KeyboardInterrupt: pass",
        "cell t1 ran too long and could not be stopped",
    ),
}


@pytest.mark.parametrize("how", LEAVES.values(), ids=LEAVES.keys())
def test_code_that_leaves_a_test_gets_the_verdict_on_no_other(
    how: tuple[str, str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge would ask in the next test what this one wanted to know, and its code answers."""
    monkeypatch.setattr(run_notebook, "_GRACE_SECONDS", 2)
    done, said = how
    leaves = f"""
import time, grader.engine.judge.agent as agent
serve, asked = agent.Agent.serve, []
def leave(self, connection):
    asked.append(1)
    if len(asked) == 1:
        {done}
    else:
        serve(self, connection)
agent.Agent.serve = leave
def right(): return 3.0
def wrong(): return 0.0
"""
    made = notebook(leaves, "# test\nright()", "# test\nwrong()")
    made.metadata[METADATA] = {"imports": [], "learners": ["right", "wrong"]}
    cells, about = run(made, tmp_path, judge="apart", timeout_func=two_for(made.cells[1]))
    assert [said in trouble for trouble in about["troubles"]] == [True]
    assert [cell.metadata[METADATA].get("test") for cell in cells] == [None, None, None]


def test_the_value_of_a_test_is_taken_from_the_value_itself(tmp_path: Any) -> None:
    tests = [f"# test\n{text}" for text in RESULTS]
    hide = (
        "%precision $%.2f\nget_ipython().display_formatter.formatters['text/plain'].for_type("
        "float, lambda value, p, cycle: p.text('3.0'))"
    )
    cells, _ = run(notebook(hide, *tests), tmp_path)
    assert dict(zip(RESULTS, verdicts(cells), strict=True)) == RESULTS
    assert cells[1].outputs[0].data["text/plain"] == "2.5"


HIDES = "len = 3\nabs = lambda value: 'mine'\ndef f(): return abs(len)"
ASKS = "# test\nassert (len('ab'), abs(-1), f()) == (2, 1, 'mine')"


def test_a_test_has_the_real_builtins_and_the_learners_functions_their_own(tmp_path: Any) -> None:
    after = "assert (len, abs(1)) == (3, 'mine')"
    binds = "# test\nsum = max = 2\ndef g(len): return len\nassert (sum, g(7)) == (2, 7)"
    cells, _ = run(notebook(HIDES, ASKS, after, binds), tmp_path)
    assert verdicts(cells) == ["full", "full"]
    assert cells[2].outputs == []


def test_a_name_that_the_course_binds_itself_is_the_learners_in_tests_too(tmp_path: Any) -> None:
    """As where the exercise is to write a function `abs`."""
    made = notebook("import numpy\nabs = lambda value: 5\nfrom numpy import *", ASKS)
    made.cells[1].source = "# test\nassert abs(-1) == 5 and sum([[1, 2]], axis=1) == 3"
    made.metadata[METADATA] = {"binds": ["abs", "numpy.*"]}
    made.cells[0].source = "from numpy import *\nabs = lambda value: 5"
    cells, _ = run(made, tmp_path)
    assert verdicts(cells) == ["full"]


def test_a_notebook_finds_its_own_world_again_after_a_test(tmp_path: Any) -> None:
    before = """
import io, sys
sys.stdout = mine = io.StringIO()
sys.setrecursionlimit(150)
trace = lambda *a: None
sys.settrace(trace)
"""
    test = "# test\nprint('seen')"
    after = """
found = [sys.stdout is mine, sys.getrecursionlimit(), mine.getvalue(), sys.gettrace() is trace]
sys.stderr.write(repr(found))
"""
    cells, about = run(notebook(before, test, after), tmp_path)
    assert printed(cells[1]) == "seen\n"
    assert printed(cells[2]) == "[True, 150, '', True]"
    assert about["troubles"] == []


def test_usual_settings_while_a_test_runs_are_nobodys_business(tmp_path: Any) -> None:
    changes = """
def f():
    import builtins, functools, sys, warnings
    import numpy as np
    np.bool, builtins.print, sys.stdout = bool, functools.partial(print, flush=True), None
    np.seterr(all="raise")
    warnings.simplefilter("error")
    sys.settrace(lambda *a: None)
"""
    cells, about = run(notebook(changes, "# test\nf()\nprint('on')\n0.5"), tmp_path)
    assert verdicts(cells) == [0.5]
    assert about["troubles"] == []


@pytest.mark.parametrize("timer", ["REAL", "PROF"])
@pytest.mark.parametrize("judge", ["together", "apart"])
def test_an_alarm_that_is_forgotten_ends_with_its_cell(
    judge: str, timer: str, tmp_path: Any
) -> None:
    """It would ring in the test, or end the kernel between two cells."""
    forgets = f"""
import signal, time
def ring(number, frame): raise TimeoutError("too slow")
signal.signal({{"REAL": signal.SIGALRM, "PROF": signal.SIGPROF}}["{timer}"], ring)
signal.setitimer(signal.ITIMER_{timer}, 1, 0.01)
def count():
    began, n = time.process_time(), 0
    while time.process_time() < began + 1.1: n += 1
    return 5
"""
    made = notebook(forgets, "# test\nassert count() == 5\n1", "print(count())")
    cells, about = run(made, tmp_path, judge)
    assert verdicts(cells) == [1.0]
    assert printed(cells[2]) == "5\n"
    assert about["troubles"] == []


def test_a_test_without_a_verdict_counts_as_failed(tmp_path: Any) -> None:
    replaces = """
kernel = get_ipython().kernel
async def pretend(stream, ident, parent):
    reply = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    kernel.session.send(stream, "execute_reply", reply, parent, ident=ident)
kernel.shell_handlers["execute_request"] = pretend
"""
    cells, about = run(notebook(replaces, "# test\n1"), tmp_path)
    assert statuses(cells) == ["ok", "no-verdict"]
    assert "gave no verdict" in about["troubles"][0]


COMMANDS = {
    "!echo one; echo two >&2": "one\ntwo\n",
    "!printf '\\352\\260\\200'": "가",
    "!exit 3\nprint(_exit_code)": "3\n",
    "!no-such-command 2> /dev/null\nprint('on')": "on\n",
    "n = 5\n!echo {n} $n": "5 5\n",
    "!cat": "",
    "x = !echo one\nprint(x)": "['one']\n",
    "x = get_ipython().run_line_magic('sx', 'echo one')\nprint(x)": "['one']\n",
    "%%bash\necho one": "one\n",
    "%pip --no-such-option\nprint('on')": "on\n",
}


@pytest.mark.parametrize(
    "forged",
    [
        "{'status': 'error'}",
        "{'status': 'error', 'ename': {}, 'evalue': None, 'traceback': [5]}",
        "{'status': 'error', 'ename': 'E', 'evalue': 'v', 'traceback': ['x' * 9_000_000]}",
        "{'status': []}",
    ],
)
def test_an_answer_of_the_kernels_may_hold_anything(forged: str, tmp_path: Any) -> None:
    send = f"""
session = type(get_ipython().kernel.session)
sent = session.send
def send(self, stream, kind, content=None, *rest, **named):
    content = {forged} if kind == "execute_reply" else content
    return sent(self, stream, kind, content, *rest, **named)
session.send = send
"""
    made = notebook(send, "# test\n2.5")
    cells, about = run(made, tmp_path)
    assert (verdicts(cells), about["attempts"], about["troubles"]) == ([2.5], 1, [])
    nbformat.validate(nbformat.v4.new_notebook(cells=cells))
    assert len(str(cells)) < 1_000_000


def test_a_command_runs_without_a_terminal_and_the_cell_goes_on(tmp_path: Any) -> None:
    cells, _ = run(notebook(*COMMANDS), tmp_path)
    shown = dict(zip(COMMANDS, map(printed, cells), strict=True))
    pip = shown.popitem()[1]
    assert "no such option" in pip
    assert pip.endswith("on\n")
    assert shown == {command: text for command, text in COMMANDS.items() if command in shown}
    assert not any(output.output_type == "error" for cell in cells for output in cell.outputs)


def test_a_flood_of_results_is_cut_and_changes_no_score(tmp_path: Any) -> None:
    flood = "# test\nimport sys\nfor n in range(2000): sys.displayhook('x' * 5000)\n0.5"
    cells, about = run(notebook(flood), tmp_path)
    assert verdicts(cells) == [0.5]
    assert len(cells[0].outputs) < 1500
    assert about["troubles"] == []
