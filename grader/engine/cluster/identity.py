"""What a worker is: its tool, Python, packages and sandbox; and why one may not grade."""

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.basics.errors import GraderError
from grader.engine.kernels.warm_server import Settings, WarmServer

_PROJECT = "deep-learning-course"
_PACKAGE = Path(__file__).resolve().parents[2]
_ROOMS = ("basics", "engine")  # all of the tool that runs in a worker
_BESIDE = ("keras", "dask", "distributed", "cloudpickle")  # what the project's own packages bring
_SANDBOX = "course-sandbox"
_MOST_NAMED = 5  # packages in a message


@cache
def of_tool() -> dict[str, Any]:
    """What must be equal in the grader and in all its workers."""
    return {"tool": _of_modules(), "python": platform.python_version(), "packages": _packages()}


def of_worker() -> dict[str, Any]:
    """The same of this worker, with the sandbox that holds here, and why none does."""
    tier, why = _sandbox()
    return {**of_tool(), "tier": tier, "why": why}


def offered(worker: Mapping[str, Any]) -> dict[str, float]:
    """What a worker offers to the scheduler, as resources: one notebook at a time.

    The scheduler gives a notebook only to a worker that has all that is asked for; so one that is
    unlike the grader gets none, whenever it joins.
    """
    kinds = [_tag(worker), *([_SANDBOX, f"{_SANDBOX}-{worker['tier']}"] if worker["tier"] else [])]
    return dict.fromkeys(kinds, 1.0)


def asked_for(tier: str | None, unsafe: bool) -> dict[str, float]:
    """What a worker must offer to this grader.

    `tier`: the sandbox that the course asks for, if it does; `unsafe`: whether none will do.
    """
    sandbox = f"{_SANDBOX}-{tier}" if tier else "" if unsafe else _SANDBOX
    return dict.fromkeys([_tag(of_tool()), *filter(None, [sandbox])], 1.0)


def _tag(told: Mapping[str, Any]) -> str:
    same = {name: told[name] for name in ("tool", "python", "packages")}
    digest = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return f"course-{digest[:16]}"


def objection(there: object, tier: str | None, unsafe: bool) -> str:
    """Why a worker that tells this of itself gets no work; empty if it does."""
    if not isinstance(there, Mapping):
        return "it was not started by `course worker`, or could not find out what it is"
    here = of_tool()
    if there.get("python") != here["python"]:
        return f"it has Python {there.get('python')}, and the grader {here['python']}"
    if differing := _differing(here["packages"], there.get("packages") or {}):
        return f"it has other packages ({differing})"
    if there.get("tool") != here["tool"]:
        return "it has another version of this tool; install the grader's there"
    if tier and there.get("tier") != tier:
        return f"it has the sandbox {there.get('tier') or 'none'}, and the course asks for {tier}"
    if not there.get("tier") and not unsafe:
        return f"no sandbox holds there ({there.get('why')})"
    return ""


def _differing(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    names = [name for name in sorted({*here, *there}) if here.get(name) != there.get(name)]
    told = [f"{name} {there.get(name)} for {here.get(name)}" for name in names[:_MOST_NAMED]]
    return "; ".join(told) + (" and more" if names[_MOST_NAMED:] else "")


def _of_modules() -> str:
    total = hashlib.sha256()
    for path in sorted(path for room in _ROOMS for path in (_PACKAGE / room).rglob("*.py")):
        for part in (path.relative_to(_PACKAGE).as_posix().encode(), path.read_bytes()):
            total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def _packages() -> dict[str, str]:
    """The versions of what the project asks for, and of some that come with that."""
    found = {}
    asked = [each for each in metadata.requires(_PROJECT) or () if "extra ==" not in each]
    for name in (*(re.split(r"[^\w.-]", each)[0] for each in asked), *_BESIDE):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


def _sandbox() -> tuple[str, str]:
    """The sandbox that holds on this machine, or "" and why none does."""
    try:
        server = WarmServer.shared(Settings(warm=("numpy",)))
    except GraderError as error:
        return "", " ".join(str(error).split("\nGrade on")[0].split())
    server.close()
    return server.tier, ""
