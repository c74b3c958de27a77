"""The judge's end of the bridge: things of the learner's, as a test meets them.

A thing that stands for one in the kernel can be called, asked for an attribute or an item, set,
iterated and copied. Each of these is one question to the kernel and one answer of plain values.
"""

import builtins
import os
import secrets
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from types import BuiltinFunctionType, FunctionType
from typing import Any, NoReturn

import numpy as np

from grader.engine.judge import tensors, wire
from grader.engine.judge.classes import Classes
from grader.engine.judge.twins import Twins
from grader.engine.judge.wire import BadFrame, Values

_MOST_CLASSES = 10_000
_NOTHING = object()
_WARNINGS = (
    *("RuntimeWarning", "UserWarning", "FutureWarning", "DeprecationWarning", "SyntaxWarning"),
    *("PendingDeprecationWarning", "ImportWarning", "UnicodeWarning", "ResourceWarning"),
)
_CONSTRUCTIBLE = (  # with a message alone
    *("ArithmeticError", "AssertionError", "AttributeError", "EOFError", "Exception"),
    *("FloatingPointError", "ImportError", "IndexError", "KeyError", "LookupError"),
    *("MemoryError", "NameError", "NotImplementedError", "OSError", "OverflowError"),
    *("RecursionError", "RuntimeError", "StopIteration", "SyntaxError", "SystemExit"),
    *("TypeError", "UnboundLocalError", "ValueError", "ZeroDivisionError", "Warning"),
)


class KernelLost(BaseException):
    """The learner's process is gone, or sends what is no answer: the cell cannot go on.

    No Exception, so that no part of a test takes it for an error of the learner's.
    """


class Interrupted(KeyboardInterrupt):
    """The learner's code ran too long and was stopped."""


class OfLearner:
    """What every error has that arose in the learner's code.

    `learner_functions`: the names of the learner's functions that were running, the innermost
    last; `learner_line`: the line at which it stopped.
    """

    learner_functions: Sequence[str] = ()
    learner_line: str = ""
    learner_message: str = ""

    def __str__(self) -> str:
        return self.learner_message


class Kind(type):
    """The class of a thing in the kernel: it has the name of the thing's own class, and what is
    asked of it is asked of that.
    """

    learners_class: Callable[[], Any] | None = None

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") or cls.learners_class is None:
            raise AttributeError(name)
        return getattr(cls.learners_class(), name)

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        """Call the learner's class."""
        if cls.learners_class is None:
            return super().__call__(*arguments, **named)
        return cls.learners_class()(*arguments, **named)

    def make(cls, bridge: "Bridge", number: int) -> "Remote":
        """A stand-in for the thing with this number."""
        made: Remote = type.__call__(cls, bridge, number)
        return made


class Remote(metaclass=Kind):
    """A thing in the kernel."""

    __slots__ = ("_bridge", "_number")

    def __init__(self, bridge: "Bridge", number: int) -> None:
        object.__setattr__(self, "_bridge", bridge)
        object.__setattr__(self, "_number", number)

    def __getattr__(self, name: str) -> Any:
        # NumPy and copy ask for such names of every object; what is asked of the kernel is plain.
        if name.startswith("__") and name not in ("__name__", "__doc__", "__class__"):
            raise AttributeError(name)
        return self._bridge.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._bridge.ask("set", self, name, self._bridge.values.encode(value))

    def __getitem__(self, key: Any) -> Any:
        return self._bridge.ask("item", self, self._bridge.values.encode(key))

    def __setitem__(self, key: Any, value: Any) -> None:
        encode = self._bridge.values.encode
        self._bridge.ask("set_item", self, encode(key), encode(value))

    def __len__(self) -> int:
        return _whole(self._bridge.ask("length", self))

    def __bool__(self) -> bool:
        return self._bridge.ask("truth", self) is True

    def __iter__(self) -> Iterator[Any]:
        iterator = self._bridge.ask("iterate", self)
        while found := self._bridge.ask("next", iterator):
            yield found[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self._bridge.ask("array", self)
        if type(array) is not np.ndarray:
            raise TypeError("this is no array of numbers")
        return array if dtype is None else array.astype(dtype)

    def __copy__(self) -> Any:
        return self._bridge.ask("copy", self, False)

    def __deepcopy__(self, memo: Any) -> Any:
        return self._bridge.ask("copy", self, True)

    def __float__(self) -> float:
        return float(self.__array__())

    def __int__(self) -> int:
        return int(self.__array__())

    def __instancecheck__(self, thing: Any) -> bool:
        # Of what the learner's code does not have, nothing is of a class of the learner's.
        return isinstance(thing, Remote) and self._bridge.ask("is_instance", thing, self) is True

    def __repr__(self) -> str:
        return str(self._bridge.ask("text", self))


class RemoteCallable(Remote):
    """A function, a class, or an object with __call__."""

    __slots__ = ()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the thing in the kernel."""
        encode = self._bridge.values.encode
        # Before the names: one of these may be an optimizer that was built for a model here.
        for argument in (*arguments, *named.values()):
            if not isinstance(argument, Remote):
                self._bridge.twins.node(argument)
        self._bridge.send_names()
        given = [encode(argument) for argument in arguments]
        by_name = [[name, encode(argument)] for name, argument in named.items()]
        every = [*arguments, *named.values()]
        places = tensors.recorded(every)
        if not places:
            return self._bridge.ask("call", self, given, by_name)
        answer = self._bridge.ask("call_recorded", self, given, by_name, places)
        if type(answer) is not list or len(answer) != 2:
            self._bridge.lose("what it sent is no result with its slopes")
        result, slopes = answer
        if slopes is None:
            return result
        return tensors.with_slopes(result, [every[place] for place in places], slopes)


class _LearnersClass(RemoteCallable):
    """A class of the learner's that is known as that of a thing only."""

    __slots__ = ()
    __class__ = property(lambda _: type)


class Bridge:
    """The connection to the learner's process during one test cell."""

    def __init__(
        self, connection: socket.socket, classes: Classes, is_quiet: Callable[[], bool]
    ) -> None:
        """`classes` are those whose objects go over by value; `is_quiet` tells whether nobody is
        to see what the learner's code prints.
        """
        self._connection, self._classes, self._is_quiet = connection, classes, is_quiet
        self._things: dict[int, Remote] = {}
        self._kinds: dict[tuple[int, bool], Kind] = {}
        self.values = Values(0, self._node, self._from_other)
        self.twins = Twins(classes, self.values.encode)
        classes.encode = self.values.encode
        self._names: dict[str, Any] = {}  # with the values that the kernel has
        self._space: dict[str, Any] = {}
        self.lost = ""  # why the kernel cannot be asked any more

    def fill(self, space: dict[str, Any], names: Sequence[str], others: Sequence[str] = ()) -> None:
        """Give the names that the learner's notebook binds, of those in `names`, their values in
        `space`, a test's; those in `others`, which the test does not spell out, may be handles.
        Where the test gives them other values, the kernel has these from then on.
        """
        found: Any = self.ask("names", list(names), list(others))
        names = [*names, *others]
        if type(found) is not dict or not found.keys() <= set(names):
            self.lose("it names what nobody asked for")
        for name in names:
            space.pop(name, None)
        space.update(found)
        self._space = space
        self._names = {name: space.get(name, _NOTHING) for name in names}

    def send_names(self) -> None:
        """Tell the kernel of the learner's names that the test has given other values."""
        names, values, gone = [], [], []
        for name, known in self._names.items():
            value = self._space.get(name, _NOTHING)
            if value is known:
                continue
            self._names[name] = value
            if value is _NOTHING:
                gone.append(name)
                continue
            try:
                values.append(self.values.encode(value))
            except TypeError:  # the test's own, then, and nothing for the learner
                continue
            names.append(name)
        if names or gone:
            self.ask("rename", names, values, gone)

    def end(self) -> None:
        """Say that the test cell is over, also to a kernel that sent what is no answer."""
        with suppress(OSError):
            wire.send(self._connection, [b"", "end"])

    def ask(self, what: str, *about: Any) -> Any:
        """Ask for one thing; raises what the learner's code raised."""
        if self.lost:
            raise KernelLost(self.lost)
        # An answer that was written before the question, or to another one, is none.
        ticket = secrets.token_bytes(12)
        sent = [self._node(item) if isinstance(item, Remote) else item for item in about]
        # Until the answer is read, for it may tell of them.
        held = self.twins.held()
        updates = self.twins.forgotten() if what in wire.LOOKS else self.twins.updates()
        unseen, numbers = self.values.unseen(), self.values.trim()
        try:
            wire.send(self._connection, [ticket, what, self._is_quiet(), unseen, updates, *sent])
            answer = wire.receive(self._connection)
            if answer is None:
                self.lose("it ended")
            returned, how, *content, warned, changes, states = answer
            if returned != ticket:
                self.lose("it answers what nobody asked")
            self.twins.take(states)  # first: a value may be a variable that these make
            # In the order in which they were encoded, for one refers to what came before it.
            value = [self.values.decode(node) for node in content] if how == "value" else []
            if how != "value":
                self.values.doubt(numbers)  # it may have failed before it had read them all
            for change in changes:
                self.values.decode(change)
            for classes, message in warned:
                known = next((each for each in classes if each in _WARNINGS), "Warning")
                warnings.warn(str(message), getattr(builtins, known), stacklevel=3)
            if how == "value":
                (told,) = value
                return told
            raised = self._error(*content)
            del held
        except (BadFrame, ValueError, TypeError, OSError) as error:
            self.lose(f"what it sent cannot be read ({error})")
        raise raised

    def lose(self, why: str) -> NoReturn:
        """End the cell: the kernel cannot be asked any more."""
        self.lost = why
        raise KernelLost(why)

    # Handles

    def _node(self, value: Any) -> list[Any]:
        """What goes over for a value that is not plain."""
        if isinstance(value, Remote):
            return [wire.HANDLE, object.__getattribute__(value, "_number")]
        node = self.twins.node(value) or tensors.node(value)
        if node is not None:
            return node
        if isinstance(value, (type, FunctionType, BuiltinFunctionType, type(np.sum))):
            return self._classes.node(value)
        if isinstance(value, PurePath):
            return [wire.PATH, str(value), _files_below(Path(value))]
        if self._classes.knows(type(value)) and hasattr(value, "__dict__"):
            return self.values.object_node(value, self._classes.node(type(value)))
        raise TypeError(
            f"A test cannot hand a {type(value).__name__} to the learner's code, only plain "
            "values, objects of the handouts' classes and of its own, and the learner's own things."
        )

    def _from_other(self, kind: int, about: list[Any]) -> Any:
        """What a node of the kernel's stands for."""
        if kind in tensors.NODES:
            return tensors.value_of(kind, *about)
        if kind in (wire.TWIN, wire.VARIABLE):
            return self.twins.thing(kind, about)
        if kind != wire.HANDLE:
            raise ValueError("a class, which the judge takes from nobody")
        number, is_callable, name, module, of_class, is_class, known = about
        if not all(type(each) is int for each in (number, of_class)):
            raise ValueError("no handle")
        thing = self._things.get(number)
        if thing is None:
            key = of_class, is_callable is True
            if key not in self._kinds:
                if len(self._kinds) >= _MOST_CLASSES:
                    raise ValueError("too many classes")
                self._kinds[key] = self._kind(*key, name, module, is_class is True, known)
            thing = self._things[number] = self._kinds[key].make(self, number)
        return thing

    def _kind(
        self, number: int, is_callable: bool, name: Any, module: Any, is_class: bool, known: Any
    ) -> Kind:
        """A class for things of the learner's class with this number; it has the name of that,
        for messages that name the type of a value.
        """
        if type(name) is not str or type(module) is not str:
            raise ValueError("no class")
        base = RemoteCallable if is_callable else Remote
        about: dict[str, Any] = {"__slots__": (), "__module__": module}
        taken_for = type if is_class else _own_class(known)
        if taken_for is not None:
            # For isinstance: an optimizer of the learner's is one for a test, too.
            about["__class__"] = property(lambda _: taken_for)
        made = Kind(name if name.isidentifier() else "object", (base,), about)
        made.learners_class = lambda: self._class(number)
        return made

    def _class(self, number: int) -> Any:
        if number not in self._things:
            self._things[number] = _LearnersClass.make(self, number)
        return self._things[number]

    # Errors

    def _error(
        self, classes: Any, message: Any, name: Any, functions: Any, line: Any
    ) -> BaseException:
        """An error of the learner's code, of the nearest class that Python itself has."""
        texts = [message, name, line, *classes, *functions]
        if any(type(text) is not str for text in texts):
            raise ValueError("no error")
        if "KeyboardInterrupt" in classes:
            return Interrupted()
        known = next((each for each in classes if each in _CONSTRUCTIBLE), "Exception")
        base: type[BaseException] = getattr(builtins, known)
        shown = classes[0] if classes and classes[0].isidentifier() else known
        error: Any = type(shown, (OfLearner, base), {})(message)
        error.learner_message, error.learner_line = message, line
        error.learner_functions = list(functions)
        if isinstance(error, NameError) and name:
            error.name = name
        made: BaseException = error
        return made


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("its length is no whole number")
    return value


def _own_class(known: Any) -> type | None:
    """The first of the classes named that is there in a library that the judge has loaded."""
    for module, name in known:
        if type(module) is not str or type(name) is not str:
            raise ValueError("no class")
        if module.partition(".")[0] in wire.KNOWN_LIBRARIES:
            found = vars(sys.modules.get(module, object)).get(name)
            if isinstance(found, type):
                return found
    return None


def _files_below(path: Path) -> list[list[Any]] | None:
    """The files in a folder that the test has made; None for all other paths."""
    temporary = os.path.realpath(tempfile.gettempdir())
    if not os.path.realpath(path).startswith(temporary + os.sep) or not path.is_dir():
        return None
    files = [each for each in sorted(path.rglob("*")) if each.is_file()]
    return [[str(each.relative_to(path)), each.read_bytes()] for each in files]
