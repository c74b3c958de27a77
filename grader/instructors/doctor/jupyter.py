"""Probes of Jupyter: nbgrader's extensions, and how long a plain kernel takes to start."""

import asyncio
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.course.directory import Course
from grader.instructors.doctor.finding import Finding, set_up

SERVER = ("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.validate_assignment")
LAB = "@jupyter/nbgrader"
SLOW = 15.0  # seconds; an idle laptop needs one or two


def extensions(course: Course) -> Finding:
    """Whether the formgrader and the button Validate will be there."""
    from jupyter_core.paths import jupyter_config_path, jupyter_path
    from jupyter_server.extension.config import ExtensionConfigManager

    enabled: dict[str, bool] = {}
    disabled: dict[str, Any] = {}
    for place in reversed(jupyter_config_path()):  # the first has the last word
        manager = ExtensionConfigManager(read_config_path=[place])
        enabled |= manager.get_jpserver_extensions()  # type: ignore[no-untyped-call]
        disabled |= _disabled(Path(place, "labconfig", "page_config.json"))
    off = [name.rpartition(".")[2] for name in SERVER if not enabled.get(name)]
    if off:
        todo = " && ".join(
            f"jupyter server extension enable --sys-prefix {name}" for name in SERVER
        )
        return Finding("wrong", f"Jupyter's server does not load: {', '.join(off)}", todo)
    if not any(Path(place, LAB).is_dir() for place in jupyter_path("labextensions")):
        return Finding("wrong", f"JupyterLab's part of nbgrader ({LAB}) is missing", set_up(course))
    parts = [name for name, is_off in disabled.items() if is_off and name.startswith(LAB)]
    if parts:
        todo = f"jupyter labextension enable {' '.join(parts)}"
        return Finding("warning", f"in JupyterLab these are disabled: {', '.join(parts)}", todo)
    return Finding("ok", "the formgrader and Validate are enabled")


def _disabled(page_config: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(page_config.read_text(encoding="utf-8")).get("disabledExtensions", {})
    except (OSError, ValueError, AttributeError):
        return {}
    return dict.fromkeys(found, True) if isinstance(found, list) else dict(found)


def kernel(course: Course) -> Finding:
    """Start a plain kernel, as JupyterLab does; nothing of it is warm or sandboxed."""
    from jupyter_client.manager import AsyncKernelManager

    with tempfile.TemporaryDirectory() as directory:
        manager = AsyncKernelManager(connection_file=str(Path(directory, "kernel.json")))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        seconds, _ = asyncio.run(ask(manager, directory, "", **quiet))
    return judged(seconds, f"a new kernel answers after {seconds:.1f} s")


def judged(seconds: float, found: str) -> Finding:
    """The finding about a kernel that took so long."""
    if seconds > SLOW:
        return Finding("warning", found, "The machine is slow or busy: look what else runs.")
    return Finding("ok", found)


async def ask(manager: Any, directory: str, code: str, **arguments: Any) -> tuple[float, str]:
    """Start a kernel and run `code` in it; the seconds until it answered, and the code's error."""
    started = time.perf_counter()
    await manager.start_kernel(cwd=directory, **arguments)
    client = manager.client()
    try:
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        seconds = time.perf_counter() - started
        if not code:
            return seconds, ""
        reply = await client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
        answer = reply["content"]
        failed = answer["status"] != "ok"
        return seconds, f"{answer['ename']}: {answer['evalue']}" if failed else ""
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
