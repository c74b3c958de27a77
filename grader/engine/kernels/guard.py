"""The guard of the test machinery: what tests rely on is what it was before the learner's code.

Tests and the learner's code share one interpreter. While a test cell runs, builtins, NumPy and
the modules of the assignment that tests import have the values that they had before the
learner's first line; afterwards the notebook finds its own again. This stops what is easy to
write; it cannot stop code that is made to defeat it. docs/engine.md says what remains open.
"""

import builtins
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import CodeType, FunctionType, ModuleType
from typing import Any

_NOTHING = object()
# Names that IPython itself changes from cell to cell.
_OF_IPYTHON = ("_", "__", "___", "display", "get_ipython", "exit", "quit", "input")
# Names that honest code gives other values of a library's: an old alias, a print that flushes.
_COMMON = ("builtins.print", "numpy.bool", "numpy.long")


@dataclass(frozen=True)
class Change:
    """One thing that was put back.

    `is_own`: whether code of the notebook's took its place, so that a test would have asked
    that; `is_serious`: whether a verdict that was made meanwhile may be wrong. `again` gives it
    the notebook's value back.
    """

    name: str
    is_own: bool
    is_serious: bool
    again: Callable[[], None]


class Guard:
    """The state of the test machinery at one moment."""

    def __init__(self, trusted: list[str]) -> None:
        """Remember it; `trusted` are modules to import and guard."""
        self._trusted = trusted
        self._modules = {"builtins": builtins, **_imported(["numpy", "numpy.testing", *trusted])}
        self._values = list(self._attributes())
        self._code = [
            (name, value, _code_of(value))
            for name, _, _, value in self._values
            if isinstance(value, FunctionType)
        ]

    def restore(self) -> list[Change]:
        """Put back what was changed; returns what that was."""
        changes = []
        for name, function, code in self._code:
            if (other := _code_of(function)) != code:
                _set_code(function, code)
                changes.append(Change(name, True, True, partial(_set_code, function, other)))
        for name, owner, attribute, value in self._values:
            there = vars(owner).get(attribute, _NOTHING)
            if there is not value:
                _set(owner, attribute, value)
                again = partial(_set, owner, attribute, there)
                changes.append(Change(name, *self._judge(name, value, there), again))
        modules: dict[str, Any] = sys.modules
        for name, module in self._modules.items():
            there = modules.get(name, _NOTHING)
            if there is not module:
                modules[name] = module
                judged = self._judge(f"{name}.", module, there)
                changes.append(Change(name, *judged, partial(_set_module, name, there)))
        return changes

    def _judge(self, name: str, old: Any, new: Any) -> tuple[bool, bool]:
        """Whether a new value is the notebook's own code, and whether it is serious."""
        try:
            where = str(getattr(new, "__module__", ""))
            is_serious = name not in _COMMON or where == "__main__"
            if new is _NOTHING or _is_same(old, new):
                return False, is_serious
            if any(name.startswith(f"{module}.") for module in self._trusted):
                return True, True
            is_own = where == "__main__" and getattr(new, "__wrapped__", None) is not old
            return is_own and name not in _COMMON, is_serious
        except Exception:  # it is of a class of the notebook's, which can refuse anything
            return True, True

    def _attributes(self) -> Iterator[tuple[str, Any, str, Any]]:
        """Each attribute that must stay: its name, its owner, its own name, its value."""
        for name, value in vars(builtins).items():
            if name not in _OF_IPYTHON:
                yield f"builtins.{name}", builtins, name, value
        for where, module in self._modules.items():
            if where == "builtins":
                continue
            is_trusted = where in self._trusted
            for name, value in vars(module).items():
                is_guarded = callable(value) or (is_trusted and isinstance(value, ModuleType))
                if is_guarded and (is_trusted or not name.startswith("_")):
                    yield f"{where}.{name}", module, name, value
                if is_trusted and isinstance(value, type) and value.__module__ == where:
                    yield from _methods(f"{where}.{name}", value)


def _imported(names: Iterable[str]) -> dict[str, ModuleType]:
    """The modules by name; one that cannot be imported fails where a test imports it."""
    found = {}
    for name in names:
        with suppress(ImportError):
            found[name] = importlib.import_module(name)
    return found


def _methods(name: str, kind: type) -> Iterator[tuple[str, Any, str, Any]]:
    for attribute, value in vars(kind).items():
        if callable(value) or isinstance(value, (property, staticmethod, classmethod)):
            yield f"{name}.{attribute}", kind, attribute, value


def _is_same(old: Any, new: Any) -> bool:
    """Whether `new` has the same functions, as after importlib.reload."""
    if isinstance(old, FunctionType) and isinstance(new, FunctionType):
        return _code_of(old) == _code_of(new)
    if isinstance(old, (type, ModuleType)) and type(old) is type(new):
        there = vars(new)
        functions = {name: each for name, each in vars(old).items() if _is_function(each)}
        return bool(functions) and all(
            _is_function(there.get(name)) and _code_of(each) == _code_of(there[name])
            for name, each in functions.items()
        )
    return False


def _is_function(value: Any) -> bool:
    return isinstance(value, FunctionType)


def _code_of(function: FunctionType) -> tuple[CodeType, Any, Any]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def _set_code(function: FunctionType, code: tuple[CodeType, Any, Any]) -> None:
    function.__code__, function.__defaults__, function.__kwdefaults__ = code


def _set(owner: Any, attribute: str, value: Any) -> None:
    if value is _NOTHING:
        delattr(owner, attribute)
    else:
        setattr(owner, attribute, value)


def _set_module(name: str, value: Any) -> None:
    if value is _NOTHING:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = value
