"""What the names in a course's code stand for, as far as a program that changes code must know it.

Operators and rewrites read names as a person does: nobody takes a network for a number, and a
keyword argument can be written only where the parameters are known. The names are those of a
course, so they stand in a file of its own, which c.Proof.words names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from grader.basics import toml_files
from grader.basics.errors import UserError
from grader.basics.kept import Kept


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a course; a key of its file is the name of an attribute.

    `things` are words in the names of what is no number and no array, `unsigned` in those of
    numbers and arrays whose sign says nothing. `wildcards` gives further upper-case letters a
    meaning in the tables of operators: a name that begins so. `numbers` are parameters that are
    plain numbers, `methods` those whose names the exercises prescribe. `signatures` holds the
    parameters of what an answer calls, by the end of its name, and `defaults` what is taken there
    for an argument that is not given.
    """

    things: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    wildcards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signatures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


NO_WORDS = Words()

_kept: Kept[Words] = Kept()  # so that equal words are the same object


def read(path: Path, shown: str) -> Words:
    """The words in a file, which messages call `shown`; UserError says what is wrong with it."""
    if not path.is_file():
        raise UserError(f"{shown}, which c.Proof.words names, is missing.")
    return _kept.get(path, lambda: _words(toml_files.read(path, shown), shown))


def _words(content: dict[str, Any], shown: str) -> Words:
    known = [each.name for each in fields(Words)]
    for key in content:
        if key not in known:
            raise UserError(f"{shown}: there is no key {key}. There are: {', '.join(known)}")
    plain = {key: content.get(key, []) for key in ("things", "unsigned", "numbers", "methods")}
    given: dict[str, Any] = {key: _names(value, shown, key) for key, value in plain.items()}
    for key in ("wildcards", "signatures", "defaults"):
        if not isinstance(table := content.get(key, {}), dict):
            raise UserError(f"{shown}: write {key} as a table, below a line [{key}].")
        given[key] = table
    for key in ("wildcards", "signatures"):
        given[key] = {
            name: _names(value, shown, f"{key}.{name}") for name, value in given[key].items()
        }
    for name, value in given["defaults"].items():
        if not isinstance(value, dict):
            raise UserError(f"{shown}: defaults.{name} must be a table of arguments.")
    return Words(**given)


def _names(value: object, shown: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UserError(f"{shown}: {key} must be a list of texts.")
    return tuple(value)
