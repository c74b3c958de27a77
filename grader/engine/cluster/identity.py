"""What a worker is: its tool, Python, packages and sandbox; and why one may not grade."""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.basics import packages
from grader.basics.errors import GraderError
from grader.engine.kernels.warm_server import Settings, WarmServer

_PACKAGE = Path(__file__).resolve().parents[2]
_ROOMS = ("basics", "engine")  # all of the tool that runs in a worker
_BESIDE = ("dask", "distributed", "cloudpickle")  # by which the two talk
_SANDBOX = "course-sandbox"
_NONE = "none"  # the version of a package that is not installed
_MOST_NAMED = 5  # packages in a message


@cache
def of_tool() -> dict[str, Any]:
    """The modules of this tool, Python, and all packages that are installed, with their versions.

    The grader says which of these packages must be equal in all its workers: see `asked_for`.
    """
    return {"tool": _of_modules(), "python": platform.python_version(), "packages": _installed()}


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
    return dict.fromkeys([*kinds, *_pins(worker["packages"])], 1.0)


def asked_for(tier: str | None, unsafe: bool, modules: Iterable[str]) -> dict[str, float]:
    """What a worker must offer to this grader.

    `tier`: the sandbox that the course asks for, if it does; `unsafe`: whether none will do;
    `modules`: what the course's notebooks import.
    """
    sandbox = f"{_SANDBOX}-{tier}" if tier else "" if unsafe else _SANDBOX
    pins = _pins(_of_notebooks(of_tool()["packages"], modules))
    return dict.fromkeys([_tag(of_tool()), *filter(None, [sandbox]), *pins], 1.0)


def _pins(versions: Mapping[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in versions.items()]


def _tag(told: Mapping[str, Any]) -> str:
    same = {"tool": told["tool"], "python": told["python"], "packages": _of_own(told["packages"])}
    digest = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return f"course-{digest[:16]}"


def objection(there: object, tier: str | None, unsafe: bool, modules: Iterable[str]) -> str:
    """Why a worker that tells this of itself gets no work; empty if it does."""
    if not isinstance(there, Mapping):
        return "it was not started by `course worker`, or could not find out what it is"
    here = of_tool()
    if there.get("python") != here["python"]:
        return f"it has Python {there.get('python')}, and the grader {here['python']}"
    wanted = {**_of_own(here["packages"]), **_of_notebooks(here["packages"], modules)}
    if differing := _differing(wanted, there.get("packages") or {}):
        return f"it has other packages ({differing})"
    if there.get("tool") != here["tool"]:
        return "it has another version of this tool; install the grader's there"
    if tier and there.get("tier") != tier:
        return f"it has the sandbox {there.get('tier') or 'none'}, and the course asks for {tier}"
    if not there.get("tier") and not unsafe:
        return f"no sandbox holds there ({there.get('why')})"
    return ""


def _differing(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    names = [name for name in sorted(here) if here[name] != there.get(name, _NONE)]
    told = [f"{name} {there.get(name, _NONE)} for {here[name]}" for name in names[:_MOST_NAMED]]
    return "; ".join(told) + (" and more" if names[_MOST_NAMED:] else "")


def _of_modules() -> str:
    total = hashlib.sha256()
    for path in sorted(path for room in _ROOMS for path in (_PACKAGE / room).rglob("*.py")):
        for part in (path.relative_to(_PACKAGE).as_posix().encode(), path.read_bytes()):
            total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


def _installed() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in metadata.distributions():
        if each.name:  # of two versions, Python imports the one that it finds first
            found.setdefault(packages.canonical(each.name), each.version)
    return found


def _of_own(installed: Mapping[str, str]) -> dict[str, str]:
    """The versions of what this tool asks for, and of what a cluster adds."""
    names = {packages.canonical(name) for name in (*packages.own(), *_BESIDE)}
    return {name: installed.get(name, _NONE) for name in sorted(names)}


def _of_notebooks(installed: Mapping[str, str], modules: Iterable[str]) -> dict[str, str]:
    """The versions of the packages that some modules are in, here; the rest is Python's own."""
    tops = {name.partition(".")[0] for name in modules}
    names = {packages.canonical(each) for top in tops for each in _providers().get(top, ())}
    return {name: installed.get(name, _NONE) for name in sorted(names)}


@cache
def _providers() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _sandbox() -> tuple[str, str]:
    """The sandbox that holds on this machine, or "" and why none does."""
    try:
        server = WarmServer.shared(Settings(warm=("numpy",)))
    except GraderError as error:
        return "", " ".join(str(error).split("\nGrade on")[0].split())
    server.close()
    return server.tier, ""
