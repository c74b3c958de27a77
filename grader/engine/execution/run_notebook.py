"""Run a notebook in a sandboxed kernel; what breaks costs only the cells that it breaks."""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from functools import partial
from queue import Empty
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode
from traitlets import Enum, Float, Integer, List, Unicode, default

from grader.basics import stop_points, system
from grader.basics.errors import RetryableFault
from grader.engine.execution import judging
from grader.engine.execution.execute import Execute
from grader.engine.execution.judging import JudgeProcess
from grader.engine.kernels.handover import REQUEST, SERVE
from grader.engine.kernels.output_limits import OutputMeter, counted, well_formed
from grader.engine.kernels.provisioner import SandboxKernelManager
from grader.engine.sandbox import warden

# The key of metadata. Of a notebook: what submissions/prepare.py tells the engine ("binds",
# "imports", "learners", "modules", "warm"), which is taken out here, and "language", which stays
# for the page.
# Of a cell: what happened to it, and one sentence on why (read by scoring/score.py). Of a test that
# ran, also "test": what kernels/test_cell.py or the judge says of it.
METADATA = "course"
RAN, TIMEOUT, NOT_RUN, NO_VERDICT = "ok", "timeout", "not-run", "no-verdict"
SKIPPED = "skipped"  # a given cell that the teacher lets grading skip
# What jupyter_client and nbclient stumble with over messages that are none. A learner's code can
# send such ones; a fault of the machine's shows itself otherwise.
_NO_MESSAGE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_SPARE_SECONDS = 60.0  # of a kernel's life, beside those of its cells
_GRACE_SECONDS = 10  # for a cell that was interrupted
_LAST_WORDS_SECONDS = 0.05  # for what a kernel said before it ended to arrive


class SandboxedExecute(Execute):
    """nbgrader's step that runs a notebook, with a warm and sandboxed kernel, and limits.

    It leaves in `resources["course"]`: "tier", "attempts", "seconds" (of starting the kernel, of
    running the cells, of the learner's own code in them, of the processor for it, and of ending
    the kernel) and "troubles" (sentences on what went wrong).
    """

    notebook_seconds = Float(
        900.0, help="Seconds for all cells of a notebook; what comes later is not run."
    ).tag(config=True)
    notebook_output = Integer(
        20 << 20, help="Bytes that all cells of a notebook together may print and show."
    ).tag(config=True)
    judge = Enum(
        ("apart", "together"),
        "together",
        help="Where test cells run: apart from the learner's code, in a process of their own, or "
        "together with it, in its kernel.",
    ).tag(config=True)
    together = List(
        Unicode(), help="Names of test cells that run together with the code in any case."
    ).tag(config=True)
    attempts = Integer(
        3, help="How often a notebook is tried where the machine, not its code, may be at fault."
    ).tag(config=True)

    _judge: JudgeProcess | None = None

    @default("shutdown_kernel")  # type: ignore[untyped-decorator]
    def _shutdown_kernel_default(self) -> str:
        return "immediate"  # a learner's kernel has nothing to save

    @default("ipython_hist_file")  # type: ignore[untyped-decorator]
    def _ipython_hist_file_default(self) -> str:
        return ""  # the kernel keeps no history in a file

    @default("iopub_timeout")  # type: ignore[untyped-decorator]
    def _iopub_timeout_default(self) -> int:
        return 15  # nbclient's 4 seconds are too few for thousands of outputs on a busy machine

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, kernel_manager_class=SandboxKernelManager)
        self.record_timing = False

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Any]:
        """Run the code cells of `nb`; raises RetryableFault or UserError where that cannot be.

        A kernel that dies without a reason of the sandbox's may have been killed by something
        else on the machine: the notebook is run again, and if it dies again, its code is at fault.
        """
        deaths = faults = 0
        resources = {} if resources is None else resources
        about = resources.setdefault("metadata", {})
        # As for any kernel: where nothing is said, the files are those of the current directory.
        about["path"] = about.get("path") or os.getcwd()
        asked = nb.metadata.get(METADATA, {})
        self._own = asked.pop("binds", [])
        self._imports, self._learners = asked.pop("imports", []), asked.pop("learners", [])
        self._warm, self._modules = asked.pop("warm", []), asked.pop("modules", None)
        self._code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
        while True:
            copy = deepcopy(nb)
            try:
                executed, resources = self._run(copy, resources, km)
            except RetryableFault:
                faults += 1
                if faults >= self.attempts:
                    raise
                continue
            if self._died:
                deaths += 1
                if deaths < 2:
                    continue
            resources.setdefault("course", {}).update(self._about(deaths + faults))
            return executed, resources

    def create_kernel_manager(self) -> Any:
        """Make the kernel's manager, with a judge beside the kernel where there is to be one."""
        manager = super().create_kernel_manager()
        if self._is_judged():
            self._judge = JudgeProcess()
            manager.bridge = self._judge.kernels_end
        manager.seconds = self.notebook_seconds + _SPARE_SECONDS
        manager.imports, manager.modules, manager.code = self._warm, self._modules, self._code
        self._manager = manager
        return manager

    async def async_start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel, and beside it, while it gets ready, the judge."""
        await super().async_start_new_kernel(**kwargs)
        if self._judge is not None:
            directory = self.resources["metadata"]["path"]
            try:
                self._judge.start(self.km.provisioner, self._imports, directory)
            except BaseException:
                await self._async_cleanup_kernel()
                raise

    start_new_kernel = run_sync(async_start_new_kernel)

    def _run(self, nb: NotebookNode, resources: Any, km: Any) -> tuple[NotebookNode, Any]:
        self._stopped = ""  # why no more cells are run
        self._died = False
        self._troubles: list[str] = []
        self._started = time.monotonic()
        self._ready = self._ended = 0.0
        self._learner = 0.0
        self._processor = 0.0
        self._tier = ""
        self._judge = None
        try:
            executed, resources = super().preprocess(nb, resources, km)
        except (DeadKernelError, RuntimeError, CellTimeoutError, Empty) as error:
            ended = getattr(self._manager.provisioner, "ended", None) or {}
            why = str(ended.get("detail") or error).strip()[-500:]
            raise RetryableFault(f"the kernel did not start ({why})") from None
        finally:
            self._end_judge()
        return executed, resources

    def _is_judged(self) -> bool:
        """Whether tests of this notebook run apart; that needs the names that it binds."""
        return self.judge == "apart" and bool(self._imports or self._learners)

    def _end_judge(self) -> None:
        if self._judge is not None:
            self._judge.close()

    def _about(self, failed_attempts: int) -> dict[str, Any]:
        return {
            "tier": self._tier,
            "attempts": failed_attempts + (0 if self._died else 1),
            "troubles": self._troubles,
            "seconds": {
                "kernel": self._ready - self._started,
                "cells": self._ended - self._ready,
                "learner": self._learner,  # its cells and tests, by the kernel's clock
                "processor": self._processor,  # of the kernel and the judge, meanwhile
                "shutdown": time.monotonic() - self._ended if self._ended else 0.0,
            },
        }

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Run one cell, unless something before it ended the notebook."""
        if not self._ready:
            self._ready = time.monotonic()
            provisioner = self.km.provisioner
            self._tier = provisioner.used_tier
            self._meter = OutputMeter(provisioner.cell_output, self.notebook_output)
            stop_points.here("kernel-ready")
        if cell.cell_type == "code" and cell.source.strip():
            self._run_cell(cell, index)
            stop_points.here("cell-run")
        self._ended = time.monotonic()
        return cell, self.resources

    def _run_cell(self, cell: NotebookNode, index: int) -> None:
        cell.outputs = []
        if _is_given(cell) and self.skip_cells_with_tag in cell.metadata.get("tags", []):
            _mark(cell, SKIPPED, "No points depend on this cell.", show=False)
            return
        if not self._stopped and self._left() <= 0:
            used = f"the notebook had used up its {self.notebook_seconds:g} seconds"
            self._stop(f"{used} before {_name(cell, index)}")
        if self._stopped:
            _mark(cell, NOT_RUN, f"This cell was not run: {self._stopped}.", show=True)
            return
        is_test = _is_test(cell)
        began = time.monotonic()
        try:
            self._execute(cell, index, is_test)
        except DeadKernelError:
            self._kernel_died(cell, index)
        except _NO_MESSAGE as error:
            if _is_ours(error):
                raise
            self._kill()
            self._died = True
            what = f"what the kernel sent in {_name(cell, index)} cannot be read"
            self._stop(f"{what} ({type(error).__name__})")
            _mark(cell, NOT_RUN, f"This cell did not finish: {what}.", show=True)
        except (TimeoutError, CellTimeoutError, Empty):
            self._kill()
            self._died = True  # tried once more: it may have been the machine
            seconds = f"{time.monotonic() - began:.0f} seconds"
            self._stop(f"{_name(cell, index)} ran longer than {seconds} and could not be stopped")
            _mark(cell, TIMEOUT, f"This cell ran longer than {seconds}.", show=True)

    def _execute(self, cell: NotebookNode, index: int, is_test: bool) -> None:
        assert self.kc is not None
        self._meter.begin_cell()
        self._timed_out = False
        allowed = self._get_timeout(cell)
        self._reply: dict[str, Any] = {}
        send = self.kc.execute
        judge = self._judge if is_test and _grade_id(cell) not in self.together else None
        if judge is not None:
            judge.begin(_grade_id(cell), cell.source, self._learners)
            # The kernel answers what the judge asks. It never has the text of the test.
            self.kc.execute = lambda code, **options: send(SERVE, **options)
        elif is_test:
            self.kc.execute = partial(send, user_expressions={REQUEST: json.dumps(self._own)})
        started = time.monotonic()
        try:
            self.execute_cell(cell, index)
        finally:
            self.kc.execute = send
            most = time.monotonic() - started
            self._learner += _told(self._reply, "seconds", most, otherwise=most)
            # Libraries compute in several threads at once.
            self._processor += _told(self._reply, "processor", most * system.cores(), otherwise=0.0)
        cell.metadata[METADATA] = {"status": RAN, "why": ""}
        said = None if judge is None else judge.outcome(_GRACE_SECONDS)
        if self._timed_out:
            why = f"This cell ran longer than {allowed:.0f} seconds and was stopped."
            _mark(cell, TIMEOUT, why, show=True)
            # A judge that still waits would ask the kernel for it in the middle of a later test.
            if self._responds() and (judge is None or said is not None):
                self._tell(f"{_name(cell, index)} ran too long and was stopped")
            else:
                self._kill()
                self._stop(f"{_name(cell, index)} ran too long and could not be stopped")
        elif judge is not None:
            self._take_outcome(cell, index, said)
        elif is_test:
            self._take_verdict(cell, index)

    def _take_outcome(self, cell: NotebookNode, index: int, said: dict[str, Any] | None) -> None:
        """Keep what the judge says of a test."""
        if said is None:
            # The kernel says that this test is over, and the judge has not said it.
            self._kill()
            self._died = True  # tried once more: it may have been the machine
            what = f"the notebook's code stopped answering before {_name(cell, index)} was over"
            self._stop(what)
            _mark(cell, NOT_RUN, f"This test did not finish: {what}.", show=True)
            return
        if said["status"] == "lost":
            what = f"what the notebook's code answered to {_name(cell, index)} cannot be read"
            _mark(cell, NOT_RUN, f"This test did not finish: {what}.", show=True)
            self._tell(what)
            return
        self._processor += said["processor"]
        judging.show(cell, said)
        kept = {"passed": said["status"] == "ok", "value": said["value"], "kind": said["kind"]}
        cell.metadata[METADATA]["test"] = kept

    def _take_verdict(self, cell: NotebookNode, index: int) -> None:
        """Keep what the kernel says of a test."""
        verdict = _within(self._reply, "metadata", "test")
        if not isinstance(verdict, dict) or not isinstance(verdict.get("passed"), bool):
            what = f"{_name(cell, index)} ran, but the kernel gave no verdict on it"
            cell.outputs = []
            _mark(cell, NO_VERDICT, f"{what}, so this test counts as failed.", show=True)
            self._tell(what)
            return
        kept = {name: verdict.get(name) for name in ("passed", "value", "kind")}
        cell.metadata[METADATA]["test"] = kept

    def on_cell_executed(self, **kwargs: Any) -> None:
        """Keep the kernel's answer; the number of the cell is in it."""
        self._reply, cell = kwargs["execute_reply"], kwargs["cell"]
        content = _within(self._reply, "content")
        content = content if isinstance(content, dict) else {}
        cell.update(counted(content))
        # Like any output, an error that only the answer tells of may be anything, and too long.
        error = well_formed("error", content) if content.get("status") == "error" else None
        if error and error["ename"] not in [output.get("ename") for output in cell.outputs]:
            error = self._meter.cut("error", error)
        told = {"status": "error", **error} if error else {"status": "ok"}
        super().on_cell_executed(**{**kwargs, "execute_reply": {"content": told}})

    def process_message(self, msg: Any, cell: NotebookNode, cell_index: int) -> Any:
        """Take a message of the kernel's, as far as it is one and the limit lets it."""
        kind = msg["msg_type"]
        content = well_formed(kind, msg["content"])
        if content is not None:
            # An update may change many outputs at once.
            shown = _within(content, "transient", "display_id")
            places = self._display_id_map.get(shown, {}) if isinstance(shown, str) else {}
            copies = sum(len(outputs) for outputs in places.values())
            content = self._meter.cut(kind, content, copies)
        if content is None:
            return None
        return super().process_message({**msg, "content": content}, cell, cell_index)

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Nothing: the state of widgets would go into the notebook past the limit on output."""

    def _responds(self) -> bool:
        with suppress(DeadKernelError):
            return bool(run_sync(self._async_responds)())
        return False

    async def _async_responds(self) -> bool:
        assert self.kc is not None
        request = self.kc.execute("pass", silent=True, store_history=False)
        deadline = time.monotonic() + min(_GRACE_SECONDS, max(self._left(), 1))
        while (left := deadline - time.monotonic()) > 0:
            try:
                reply = await self.kc.shell_channel.get_msg(timeout=min(left, 1))
            except Empty:
                await self._async_check_alive()
                continue
            if _within(reply, "parent_header", "msg_id") == request:
                return True
        return False

    def _left(self) -> float:
        return float(self._started + self.notebook_seconds - time.monotonic())

    def _limit(self, cell: NotebookNode | None) -> float:
        """Seconds for a cell at most."""
        limit = super()._get_timeout(cell)
        return float(min(limit or self.notebook_seconds, self.notebook_seconds))

    def _get_timeout(self, cell: NotebookNode | None) -> float:
        return max(min(self._limit(cell), self._left()), 1)

    async def _async_poll_kernel_alive(self) -> None:
        """Give up on an answer when the kernel ends, rather than at the next look once a second."""
        assert self.km is not None
        await self.km.provisioner.wait()
        await asyncio.sleep(_LAST_WORDS_SECONDS)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    async def _async_handle_timeout(self, timeout: Any, cell: NotebookNode | None = None) -> Any:
        self._timed_out = True
        return await super()._async_handle_timeout(timeout, cell)

    def _kill(self) -> None:
        run_sync(self.km.provisioner.kill)()

    def _stop(self, why: str) -> None:
        self._stopped = why
        self._tell(why)

    def _tell(self, trouble: str) -> None:
        self._troubles.append(f"{trouble[0].upper()}{trouble[1:]}.")

    def _kernel_died(self, cell: NotebookNode, index: int) -> None:
        """Find out why, for the learner and for the person who grades."""
        ended = self.km.provisioner.ended or {}
        why, code = ended.get("why", warden.LOST), ended.get("code", 0)
        if why not in (warden.MEMORY, warden.DISK, warden.TIME, warden.ENDED):
            raise RetryableFault(f"the kernel was lost ({why} {ended.get('detail', '')[-500:]})")
        self._died = why == warden.ENDED
        where = _name(cell, index)
        said = {
            warden.MEMORY: f"{where} used more memory than a notebook may",
            warden.DISK: f"{where} wrote more to disk than a notebook may",
            warden.TIME: f"the notebook used up its time in {where}",
            warden.ENDED: f"the kernel died in {where}: its code ended it ({_shown(code)})",
        }[why]
        self._stop(said)
        _mark(cell, NOT_RUN, f"This cell did not finish: {said}.", show=True)


def _is_ours(error: Exception) -> bool:
    """Whether an error arose in this package: then it is no message of the kernel's that is bad."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and str(last.tb_frame.f_globals.get("__name__")).startswith("grader.")


def _within(message: Any, *keys: str) -> Any:
    """What stands in a message under some keys, one in the other; None if nothing does."""
    for key in keys:
        message = message.get(key) if isinstance(message, dict) else None
    return message


def _told(reply: Any, of: str, most: float, *, otherwise: float) -> float:
    """How long a cell ran, by the kernel's own clock ("seconds") or by what the processor did
    ("processor"); `otherwise` where it tells nothing sensible.
    """
    told = _within(reply, "metadata", of)
    return told if isinstance(told, float) and 0 <= told <= most else otherwise


def _is_test(cell: NotebookNode) -> bool:
    about = _of_nbgrader(cell)
    return bool(about.get("grade") and not about.get("solution"))


def _is_given(cell: NotebookNode) -> bool:
    about = _of_nbgrader(cell)
    return bool(about.get("locked") and not about.get("grade") and not about.get("solution"))


def _grade_id(cell: NotebookNode) -> str | None:
    name: str | None = _of_nbgrader(cell).get("grade_id")
    return name


def _of_nbgrader(cell: NotebookNode) -> Mapping[str, Any]:
    """What nbgrader's metadata say of the cell."""
    about: Mapping[str, Any] = cell.metadata.get("nbgrader", {})
    return about


def _name(cell: NotebookNode, index: int) -> str:
    name = _grade_id(cell)
    return f"the cell {name}" if name else f"cell {index + 1} of the notebook"


def _mark(cell: NotebookNode, status: str, why: str, *, show: bool) -> None:
    cell.metadata[METADATA] = {"status": status, "why": why}
    if show:
        # First, so that it is seen however much the cell printed.
        cell.outputs.insert(
            0, NotebookNode(output_type="error", ename="NotRun", evalue=why, traceback=[why])
        )


def _shown(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
