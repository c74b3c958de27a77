"""Probes of the engine: which sandbox holds and why not a better one, and its warm kernels."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from grader.basics import system
from grader.course.directory import Course
from grader.instructors.doctor import machine
from grader.instructors.doctor.finding import Finding, set_up
from grader.instructors.doctor.jupyter import ask, judged

_CONTAINER = (
    "For the full one, allow unprivileged user namespaces (in a container: docker run "
    "--security-opt seccomp=unconfined; on Ubuntu: sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0)."
)


class Engine:
    """The two probes share one fork server, which takes seconds to start."""

    def __init__(self) -> None:
        self._server: Any = None
        self._config: Any = None
        self._imports = 0.0
        self._modules: list[str] = []
        self._missing: Sequence[str] = ()

    def sandbox(self, course: Course) -> Finding:
        """Start the process that kernels are forked from; its self-test chooses the sandbox."""
        system.need_linux()
        from traitlets.config import Config

        from grader.basics.errors import RetryableFault, UserError
        from grader.engine.kernels.provisioner import SandboxProvisioner
        from grader.nbgrader_app.session import NbgraderSession
        from grader.notebooks import imports

        session = NbgraderSession(course)
        self._config = Config(session.settings())
        provisioner = SandboxProvisioner(config=self._config)
        self._modules = list(provisioner.warm)
        self._missing = imports.of_folder(course.source).missing
        if exposed := session.exposed(provisioner.readable):
            what, shown = exposed
            found = f"notebooks may read {shown}, and so {what}"
            return Finding("wrong", found, f"Move {what}, or what shows it.")
        started = time.perf_counter()
        try:
            self._server = provisioner.warm_server()
        except UserError as error:
            head, _, rest = str(error).partition("\nGrade on")
            return Finding("wrong", " ".join(head.split()), f"Grade on{rest}")
        except RetryableFault as error:
            said = str(error).strip().splitlines()[-1]
            return Finding("wrong", f"kernels cannot be forked ({said})", set_up(course))
        self._imports = time.perf_counter() - started
        server = self._server
        if server.tier == "full":
            return Finding(
                "ok", f"full: {len(server.probe['full'])} attempts to break out were held"
            )
        why = [
            f"{name} ({result})"
            for name, result in server.probe.get("full", {}).items()
            if result != "held"
        ]
        reason = f"; the full one does not hold: {'; '.join(why)}" if why else ""
        found = f"{server.tier}: {'; '.join(server.lacks)}{reason}"
        if server.tier == "unsafe":
            return Finding("wrong", found, _CONTAINER)
        todo = (
            _CONTAINER if why else "It was chosen by a setting: COURSE_TIER or nbgrader_config.py"
        )
        return Finding("warning", found, todo)

    def memory(self, course: Course) -> Finding:
        """Cores and memory, by what the libraries take that were imported for the sandbox."""
        return machine.memory(course, self._server.memory if self._server else None)

    def kernel(self, course: Course) -> Finding:
        """Fork a kernel from the warm process, and use its libraries."""
        if self._missing:
            found = f"the notebooks import {', '.join(self._missing)}, which is not installed here"
            return Finding("wrong", found, "Install it, and name it in requirements.txt.")
        if self._server is None:
            return Finding(
                "wrong", "cannot be forked without a sandbox", "See the line of the sandbox."
            )
        from grader.engine.kernels.provisioner import SandboxKernelManager

        code = f"import importlib\nfor name in {self._modules!r}: importlib.import_module(name)"
        with tempfile.TemporaryDirectory() as directory:
            manager = SandboxKernelManager(config=self._config)
            seconds, error = asyncio.run(ask(manager, directory, code))
        if error:
            return Finding("wrong", f"a library cannot be used in it ({error})", set_up(course))
        found = (
            f"a fork answers after {seconds:.1f} s and has all libraries (they were imported in "
            f"{self._imports:.1f} s, as each run does once)"
        )
        return judged(seconds, found)

    def close(self) -> None:
        """End the fork server."""
        if self._server is not None:
            self._server.close()
