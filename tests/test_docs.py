"""Every relative link and every command in the documents works."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import cli
from tests.conftest import COURSE

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
_COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?((make|course|nbgrader)( .*)?)$")


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
    if words:
        with contextlib.redirect_stderr(io.StringIO()):
            cli.parser().parse_args(words)


@pytest.mark.parametrize("command", commands("nbgrader"))
def test_nbgrader(command: str) -> None:
    from nbgrader.apps import NbGraderApp

    words = shlex.split(command)[1:]
    assert not words or words[0] in NbGraderApp.subcommands


def test_the_documents_name_commands() -> None:
    """Or else the tests above would check nothing."""
    assert {"make grade", "make test"} <= set(commands("make"))
    assert commands("course")
    assert commands("nbgrader")
