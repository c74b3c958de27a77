"""What packages this tool's own distribution asks for, and which of them are installed."""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement

from grader.basics.errors import UserError

DISTRIBUTION = "nbgrader-course"  # as pyproject.toml names it


def named_in(requirements: str) -> list[Requirement]:
    """The packages that the text of a requirements file names, but for what it refers to (-e, -r).

    Comments, hashes and other options behind a package are left out.
    """
    found = []
    for line in re.sub(r"\\\n", " ", requirements).splitlines():
        with suppress(InvalidRequirement):
            found.append(Requirement(re.sub(r"(^|\s)(#|--).*", "", line).strip()))
    return found


def need(extra: str) -> None:
    """Raise UserError if a package of an extra of this tool's is not installed."""
    missing = [name for name in of_extra(extra) if not _is_installed(name)]
    if missing:
        raise UserError(
            f"This needs packages that are not installed ({', '.join(missing)}): "
            f"{how_to_install(extra)}"
        )


def how_to_install(extra: str) -> str:
    """The command that installs an extra of this tool's."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def own() -> list[str]:
    """The names of the packages that this tool asks for without any extra."""
    return [each.name for each in _asked_for_by(DISTRIBUTION, "")]


def of_extra(extra: str) -> list[str]:
    """The names of the packages that an extra of this tool's adds."""
    plain = {str(each) for each in _asked_for_by(DISTRIBUTION, "")}
    return [each.name for each in _asked_for_by(DISTRIBUTION, extra) if str(each) not in plain]


def needed_by(names: Iterable[str]) -> set[str]:
    """Some packages, and all that they ask for on this machine, all the way down.

    A package that is not installed is among them; what it would ask for is not.
    """
    todo = [(canonical(name), "") for name in names]
    seen: set[tuple[str, str]] = set()
    while todo:
        asked = todo.pop()
        if asked not in seen:
            seen.add(asked)
            for each in _asked_for_by(*asked):
                todo += [(canonical(each.name), extra) for extra in ("", *each.extras)]
    return {name for name, _ in seen}


def canonical(name: str) -> str:
    """The name of a package as all its spellings have it in common."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _asked_for_by(name: str, extra: str) -> tuple[Requirement, ...]:
    """What an installed package asks for on this machine, for itself and for one of its extras."""
    with suppress(metadata.PackageNotFoundError):
        found = map(Requirement, metadata.requires(name) or ())
        return tuple(
            each for each in found if each.marker is None or each.marker.evaluate({"extra": extra})
        )
    return ()


def _is_installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
