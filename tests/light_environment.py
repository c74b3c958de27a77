"""A virtual environment with the tool's wheel and what that asks for, made without the network.

The packages are those of the environment that runs the tests; what pyproject.toml does not name,
TensorFlow first of all, is not among them.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

from grader.basics import packages
from tests.courses import COURSE

_PROGRAM = """#!{python}
import sys
from {module} import {function}
sys.exit({function}())
"""


def make(base: Path, extras: tuple[str, ...] = ()) -> Path:
    """Make the environment in a directory, with some of the tool's extras; returns its bin/."""
    environment = base / "environment"
    venv.create(environment, symlinks=True)
    programs = environment / "bin"
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    asked = packages.needed_by([packages.DISTRIBUTION])
    for extra in extras:
        asked |= packages.needed_by([packages.DISTRIBUTION, *packages.of_extra(extra)])
    for name in sorted(asked - {packages.DISTRIBUTION}):
        try:
            _put(metadata.distribution(name), site, programs)
        except metadata.PackageNotFoundError:
            continue  # for another system
    # Kernels, and templates of nbconvert's, which packages install beside Python's own folders.
    shutil.copytree(Path(sys.prefix, "share"), environment / "share", copy_function=_link)
    pip = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install"]
    _run([*pip, "--quiet", "--no-index", "--no-deps", str(wheel(base))])
    return programs


def wheel(base: Path) -> Path:
    """The tool's wheel, built from a copy of what belongs to it."""
    source, made = base / "source", base / "wheel"
    litter = shutil.ignore_patterns("__pycache__")
    shutil.copytree(COURSE.root / "grader", source / "grader", ignore=litter)
    shutil.copy(COURSE.root / "pyproject.toml", source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"]
    _run([*pip, "--no-build-isolation", "--wheel-dir", str(made), str(source)])
    (path,) = made.glob("*.whl")
    return path


def _put(package: metadata.Distribution, site: Path, programs: Path) -> None:
    """Bring a package into the environment: its modules and its programs."""
    tops = {path.parts[0] for path in package.files or ()} - {"..", "__pycache__"}
    for top in tops:
        there = Path(str(package.locate_file(top)))
        if there.is_dir():
            shutil.copytree(there, site / top, copy_function=_link, dirs_exist_ok=True)
        elif there.is_file():
            _link(there, site / top)
    scripts = package.entry_points.select(group="console_scripts")
    for path in package.files or ():  # a compiled program, such as ruff
        if path.parts[:1] == ("..",) and path.parts[-2] == "bin" and path.name not in scripts.names:
            _link(Path(str(package.locate_file(path))), programs / path.name)
    for entry in scripts:
        module, _, function = entry.value.partition(":")
        python, program = programs / "python", programs / entry.name
        program.write_text(_PROGRAM.format(python=python, module=module, function=function))
        program.chmod(0o755)


def _link(source: str | Path, target: str | Path) -> str:
    """The same file under another name, or, on another disk, a copy."""
    try:
        os.link(source, target)
    except FileExistsError:  # two packages share a folder
        pass
    except OSError:
        shutil.copy2(source, target)
    return str(target)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
