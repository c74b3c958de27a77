"""The unit of work of the pool: one notebook with all it needs, by value; JSON in, JSON out.

Nothing here is a pickle: what comes back was made beside a learner's code, and reading it must
be safe. Any executor can run `execute`, on this machine or another one with the same packages.
"""

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.basics import stop_points
from grader.engine.kernels.warm_server import Settings, WarmServer


@dataclass(frozen=True)
class Result:
    """What became of a notebook.

    `fault` is one sentence if the machine, not the notebook, failed; `refused` if the engine
    cannot run at all. Otherwise `notebook` is the executed one, and the rest is what
    SandboxedExecute says of it.
    """

    notebook: NotebookNode | None = None
    fault: str = ""
    refused: str = ""
    tier: str = ""
    attempts: int = 1
    troubles: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def pack(
    notebook: NotebookNode,
    files: Mapping[str, bytes],
    config: Mapping[str, Any],
    environment: Mapping[str, str],
) -> bytes:
    """A bundle: the notebook, files beside it by name, traitlets' settings, and variables."""
    return json.dumps(
        {
            "notebook": notebook,
            "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
            "config": config,
            "environment": environment,
        }
    ).encode()


def execute(bundle: bytes) -> bytes:
    """Run a bundle's notebook; runs in a worker of the pool. Returns a result for `unpack`."""
    try:
        return _execute(bundle)
    except OSError as error:  # no room for its files, say
        return json.dumps({"fault": f"{error.filename or 'writing'}: {error.strerror}"}).encode()


def _execute(bundle: bytes) -> bytes:
    # Imported in the worker: the grader itself has no use for what runs notebooks.
    from traitlets.config import Config

    from grader.basics.errors import RetryableFault, UserError
    from grader.engine.execution.run_notebook import SandboxedExecute

    stop_points.here("work-begun")
    work = json.loads(bundle)
    os.environ.update(work["environment"])
    with tempfile.TemporaryDirectory(prefix="course-bundle-") as directory:
        for name, data in work["files"].items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(base64.b64decode(data))
        step = SandboxedExecute(config=Config(work["config"]))
        resources = {"metadata": {"path": directory}}
        try:
            executed, resources = step.preprocess(nbformat.from_dict(work["notebook"]), resources)
        except RetryableFault as error:
            return json.dumps({"fault": str(error)}).encode()
        except UserError as error:
            return json.dumps({"refused": str(error)}).encode()
        except Exception as error:  # a fault of the engine's must not stop the class
            said = f"{type(error).__name__}: {error}"
            return json.dumps({"fault": f"the engine stopped with {said[:500]}"}).encode()
    stop_points.here("work-done")
    return json.dumps({"notebook": executed, **resources["course"]}).encode()


def unpack(data: bytes) -> Result:
    """Read what `execute` returned."""
    told = json.loads(data)
    notebook = told.pop("notebook", None)
    return Result(
        notebook=None if notebook is None else nbformat.from_dict(notebook),
        troubles=tuple(told.pop("troubles", ())),
        **told,
    )


def servers(config: Mapping[str, Any]) -> list[Settings]:
    """With what fork servers are started for bundles with these settings, the quickest first."""
    from traitlets.config import Config

    from grader.engine.kernels.provisioner import SandboxProvisioner

    return SandboxProvisioner(config=Config(config)).servers()


def warm_up(config: Mapping[str, Any]) -> None:
    """Do in a worker, before there is work, what the first notebook would have to wait for."""
    import grader.engine.execution.run_notebook  # noqa: F401 - for what it imports
    from grader.basics.errors import RetryableFault, UserError

    with suppress(UserError, RetryableFault):  # told when there is work
        WarmServer.shared(servers(config)[0])
