"""Every relative link and every command in the documents works."""

import argparse
import contextlib
import io
import re
import shlex
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from traitlets.utils.importstring import import_item

from grader import cli
from tests.courses import COURSE

DOCUMENTS = sorted(
    path
    for path in COURSE.root.rglob("*.md")
    if not any(
        part.startswith(".") or part in ("submitted", "autograded", "feedback")
        for part in path.relative_to(COURSE.root).parts
    )
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
_COMMAND = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*/bin/)?((make|course|nbgrader|python)( .*)?)$"
)


def links() -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        for link in _LINK.findall(_CODE.sub("", path.read_text(encoding="utf-8"))):
            if not re.match(r"[a-z]+:", link):
                yield path, link


def commands(program: str) -> list[str]:
    found = set()
    for path in DOCUMENTS:
        for block, inline in _CODE.findall(path.read_text(encoding="utf-8")):
            for line in (block or inline).splitlines():
                for part in line.split("&&"):
                    match = _COMMAND.match(part.partition(" #")[0].strip())
                    if match and match[2] == program:
                        found.add(match[1])
    return sorted(found)


def headings(path: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them."""
    lines = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in lines}


@pytest.mark.parametrize(("path", "link"), list(links()), ids=lambda x: getattr(x, "name", x))
def test_link(path: Path, link: str) -> None:
    target, _, anchor = link.partition("#")
    there = path.parent / target if target else path
    assert there.exists()
    if anchor and there.suffix == ".md":
        assert anchor in headings(there)


@pytest.mark.parametrize("command", commands("make"))
def test_make(command: str) -> None:
    text = (COURSE.root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    asked = [word for word in shlex.split(command)[1:] if "=" not in word and word[0] != "-"]
    assert set(asked) <= targets


@pytest.mark.parametrize("command", commands("course"))
def test_course(command: str) -> None:
    words = shlex.split(command)[1:]
    if len(words) == 1:  # it may need more, which a sentence about it need not say
        assert words[0] in subcommands()
    else:
        assert not words or is_understood(words)


def subcommands() -> set[str]:
    (actions,) = (
        action.choices
        for action in cli.parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return set(actions)


def test_a_command_that_is_not_there_is_found() -> None:
    assert "grade" in subcommands() and "degrade" not in subcommands()
    assert is_understood(["grade", "--jobs", "2"])
    assert not is_understood(["grade", "--job-s", "2"])
    assert not is_understood(["degrade", "--jobs", "2"])


def is_understood(words: list[str]) -> bool:
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            cli.parser().parse_args(words)
        except SystemExit as done:
            return not done.code
    return True


@pytest.mark.parametrize("command", commands("nbgrader"))
def test_nbgrader(command: str) -> None:
    """The subcommands, the options and the plug-ins are there."""
    words = shlex.split(command)[1:]
    app: Any = import_item("nbgrader.apps.NbGraderApp")()
    while words and words[0] in app.subcommands:
        app = app.subcommands[words.pop(0)][0]()
    assert not (words and app.subcommands), f"{words[0]} is no subcommand"
    plugins = [import_item(word.partition("=")[2]) for word in words if "--exporter=" in word]
    known = {*app.aliases, *app.flags, *options_of([*app.classes, *plugins])}
    for word in words:
        if word.startswith("--"):
            assert word.removeprefix("--").partition("=")[0] in known


def options_of(classes: Iterable[Any]) -> Iterator[str]:
    """What may be set as --Class.trait."""
    for each in classes:
        for name in each.class_traits(config=True):
            yield f"{each.__name__}.{name}"


@pytest.mark.parametrize("command", commands("python"))
def test_python(command: str) -> None:
    """The programs of this course are there, as `.venv/bin/python benchmarks/engine.py`."""
    first, *rest = command.split()[1:]
    if first == "-m":
        assert find_spec(rest[0]) is not None
    elif first != "-c":
        assert any((root / first).is_file() for root in (COURSE.root, COURSE.release))


def test_the_documents_name_commands() -> None:
    """Or else the tests above would check nothing."""
    assert {"make grade", "make test"} <= set(commands("make"))
    assert commands("course")
    assert commands("nbgrader")
    assert commands("python")
