"""What a course adds to the proof of its hidden tests: c.Proof in nbgrader_config.py.

The proof itself knows Python, NumPy and nothing of a course. The slips that learners make with its
functions, the styles in which these can be written, and what its authors decided about single
messages and thresholds stand in files beside the course.
"""

import importlib.util
import sys
import traceback
import zlib
from pathlib import Path
from types import ModuleType

from traitlets import Dict, Integer, List, Unicode
from traitlets.config import Configurable

from grader.authors.proof import words
from grader.authors.proof.words import NO_WORDS, Words
from grader.basics import config_file
from grader.basics.errors import UserError
from grader.basics.kept import Kept
from grader.course.directory import Course


class Proof(Configurable):  # type: ignore[misc]
    """How the hidden tests are proven; paths are relative to the course directory."""

    operators = List(
        Unicode(),
        help="Python files with mutation operators of the course's own; each has a tuple RULES.",
    ).tag(config=True)
    styles = List(
        Unicode(), help="Python files with rewrites of right answers that only this course has."
    ).tag(config=True)
    words = Unicode(
        "", help="A TOML file that says what names stand for (grader/authors/proof/words.py)."
    ).tag(config=True)
    remarks = Unicode(
        "",
        help="A TOML file with what the authors decided about single messages and thresholds "
        "(grader/authors/proof/remarks.py).",
    ).tag(config=True)
    mutant_shares = Dict(
        key_trait=Unicode(),
        value_trait=Integer(min=1),
        help="Of the mutants of a notebook, one in so many is in the sample; 10 if not named.",
    ).tag(config=True)
    skipped_shares = Dict(
        key_trait=Unicode(),
        value_trait=Integer(min=1),
        help="Of the answers to a notebook, one in so many is graded with its skipped cells run, "
        "too; all if not named.",
    ).tag(config=True)
    style_bases = Dict(
        key_trait=Unicode(),
        value_trait=Integer(min=1),
        help="To how many answers of a notebook each rewrite is applied; 4 if not named.",
    ).tag(config=True)
    style_pairs = List(
        Unicode(),
        help="Notebooks that take so long that two rewrites go together, where both change an "
        "answer.",
    ).tag(config=True)
    style_sample = Dict(
        key_trait=Unicode(),
        value_trait=Integer(min=0),
        help="How many variants of a notebook are in the sample; 7 if not named.",
    ).tag(config=True)


def read(course: Course) -> Proof:
    """The settings of a course; raises UserError for one that cannot be."""
    return config_file.settings(Proof, course.config)


def words_of(course: Course) -> Words:
    """What the names in the course's code stand for."""
    name = read(course).words
    return words.read(course.root / name, name) if name else NO_WORDS


def modules_of(course: Course, names: list[str], setting: str) -> list[tuple[str, ModuleType]]:
    """The modules in the files of a setting, each with its name there; UserError if one fails."""
    return [(name, _module(course, name, setting)) for name in names]


# A file is run once, as long as it is the same: its classes and rewrites stay the same objects.
_kept: Kept[ModuleType] = Kept()


def _module(course: Course, name: str, setting: str) -> ModuleType:
    """The module in a file of the course; raises UserError if it is missing, or cannot be run."""
    path = course.root / name
    if not path.is_file():
        raise UserError(f"{name}, which c.Proof.{setting} names, is missing.")
    return _kept.get(path, lambda: _run(path, name, setting))


def _run(path: Path, name: str, setting: str) -> ModuleType:
    # Two courses may have files of the same name.
    own = f"course_{zlib.crc32(str(path).encode()):08x}_{path.stem}"
    spec = importlib.util.spec_from_file_location(own, path)
    if spec is None or spec.loader is None:
        raise UserError(f"{name}, which c.Proof.{setting} names, is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[own] = module  # where dataclasses look for it
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # it is a program
        del sys.modules[own]
        raise UserError(
            f"{name}{_line(error, path)} cannot be run: {type(error).__name__}: {error}"
        ) from None
    return module


def _line(error: Exception, path: Path) -> str:
    """Where in a file it was raised, as a message says it."""
    if isinstance(error, SyntaxError):
        return ""  # its own text says it
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f", line {lines[-1]}," if lines else ""
