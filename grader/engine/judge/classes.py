"""What a test defines and hands to the learner's code: classes and functions, as source."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

from grader.engine.judge import wire
from grader.engine.judge.program import Definition, Definitions

# Their classes and functions are there at both ends.
_LIBRARIES = frozenset(("builtins", "keras", "math", "numpy", "scipy", "tensorflow"))


class Classes:
    """Tells the kernel of classes and functions: by their name in a handout or a library, or by
    the source in a test.
    """

    def __init__(self, directory: str) -> None:
        """`directory` is where the handouts are."""
        self._directory = os.path.realpath(directory)
        self._handouts: dict[str, bool] = {}  # whether a module is one, by its name
        self._open: list[Any] = []  # those whose nodes are being made
        self._numbers: dict[int, int] = {}  # of what went over as source, by id()
        self._sent: list[Any] = []  # the same, kept: no other thing gets its id()
        self.space: dict[str, Any] = {}  # the names of the test
        self.definitions: Definitions = {}  # of the test
        self.encode: Callable[[Any], Any] = wire.alone  # for what they need

    def knows(self, kind: type) -> bool:
        """Whether its objects go over by value."""
        return kind.__module__ == "__main__" or self._is_of_handout(kind)

    def _is_of_handout(self, thing: Any) -> bool:
        module = thing.__module__
        if module not in self._handouts:
            file = getattr(sys.modules.get(module), "__file__", None)
            self._handouts[module] = (
                file is not None and os.path.dirname(os.path.realpath(file)) == self._directory
            )
        return self._handouts[module]

    def node(self, thing: Any) -> list[Any]:
        """What goes over for a class or a function; raises TypeError for one that cannot."""
        module, name = thing.__module__, thing.__qualname__
        is_there = getattr(sys.modules.get(module), name, None) is thing
        if is_there and (self._is_of_handout(thing) or module.partition(".")[0] in _LIBRARIES):
            return [wire.CLASS, module, name]
        found = self._definition(thing)
        if found is None:
            raise TypeError(f"A test cannot hand {thing.__name__} to the learner's code.")
        modules, needs = [], []
        self._open.append(thing)
        try:
            for each, value in _used(thing, found.names, self.space):
                if isinstance(value, ModuleType):
                    modules.append([each, value.__name__])
                elif not any(value is one for one in self._open):
                    with suppress(TypeError):  # what cannot go over is missed where it is used
                        needs.append([each, self.encode(value)])
        finally:
            self._open.pop()
        # By number, for two functions of one source may differ in what is around them.
        if id(thing) not in self._numbers:
            self._numbers[id(thing)] = len(self._sent)
            self._sent.append(thing)
        number = self._numbers[id(thing)]
        return [wire.CODE, number, thing.__name__, found.source, modules, needs]

    def attributes(self, kind: type) -> list[str]:
        """The names of the attributes that the test's own classes give their objects."""
        found: dict[str, None] = {}
        for each in kind.__mro__:
            definition = self._definition(each) if each.__module__ == "__main__" else None
            found |= dict.fromkeys(definition.attributes if definition else ())
        return list(found)

    def _definition(self, thing: Any) -> Definition | None:
        found = self.definitions.get(thing.__name__, [])
        named = [each for each in found if each.is_class == isinstance(thing, type)]
        if len(named) > 1 and isinstance(thing, FunctionType):
            first = thing.__code__.co_firstlineno
            named = [each for each in named if each.first_line == first]
        return named[0] if named else None


def _used(thing: Any, names: Sequence[str], space: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Of the names in a definition, those of its surroundings, with their values."""
    functions = [thing] if isinstance(thing, FunctionType) else vars(thing).values()
    functions = [getattr(each, "__func__", each) for each in functions]
    functions = [each for each in functions if isinstance(each, FunctionType)]
    inner: dict[str, Any] = {}
    for function in functions:
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        with suppress(ValueError):  # a cell that is empty still
            inner |= {name: cell.cell_contents for name, cell in cells if name != "__class__"}
    for name in names:
        if name in inner:
            yield name, inner[name]
        elif name in space:
            yield name, space[name]
