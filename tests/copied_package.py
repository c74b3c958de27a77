"""A copy of the package `grader` that a test may change, and the command that runs it."""

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import grader


def copy_of_package(base: Path, edits: Iterable[tuple[str, str, str]] = ()) -> list[str]:
    """A copy in `base`/package with edits; returns the command that runs the copy.

    `edits`: file, text, and what stands there instead.
    """
    package = base / "package"
    shutil.copytree(
        Path(grader.__file__).parent,
        package / "grader",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    # The fork server gets a clean environment, and would take the installed package.
    path = ("engine/kernels/warm_server.py", '"PYTHONDONTWRITEBYTECODE": "1",')
    own = (*path, f'{path[1]} "PYTHONPATH": {str(package)!r},')
    for name, old, new in [own, *edits]:
        file = package / "grader" / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r} any more: edit this test, too"
        file.write_text(text.replace(old, new), encoding="utf-8")
    start = f"import sys; sys.path.insert(0, {str(package)!r})"
    return [sys.executable, "-c", f"{start}; from grader.cli import main; sys.exit(main())"]
