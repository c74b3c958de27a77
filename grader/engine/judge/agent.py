"""The kernel's end of the bridge: does with the learner's things what the judge asks.

It runs in the learner's process, so the judge trusts nothing that comes from here: whoever changes
this code changes only what the learner's functions seem to answer.
"""

import copy
import importlib
import linecache
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.engine.judge import tensors, wire
from grader.engine.judge.twins import Counterparts
from grader.engine.judge.wire import BadFrame, Values

_LONGEST = 10_000  # characters of a message
_MOST_FUNCTIONS = 20
_MOST_WARNINGS = 100
_NOTHING = object()
_OF_TEST = "code_of_the_test_"  # begins the names of the modules that hold what a test defines


class Agent:
    """Serves one test cell. `names` are the names of the notebook; `is_learners` tells whether a
    file's code is the learner's.
    """

    def __init__(self, names: dict[str, Any], is_learners: Callable[[str], bool]) -> None:
        self._names, self._is_learners = names, is_learners
        self._objects: dict[int, Any] = {}  # by the number of their handle
        self._handles: dict[int, int] = {}  # the numbers, by id()
        self._code: dict[int, Any] = {}  # what a test defines, by the judge's number of it
        self._needed: dict[int, dict[str, Any]] = {}  # with what, as the judge told it last
        self._kinds: dict[int, list[Any]] = {}  # what goes over of classes, by id()
        self._folders: list[Path] = []  # that the judge has sent
        self._replaced: dict[str, Any] = {}  # names that the test has given other values
        self._values = Values(1, self._handle_node, self._from_other)
        self._twins = Counterparts(self._values.decode)
        self._is_asked = False  # whether code of the learner's may be running
        self._is_interrupted = False  # while none was

    def serve(self, connection: socket.socket) -> None:
        """Answer requests until the judge ends the connection, or says that the cell is over."""
        with self._own_interrupts():
            self._serve(connection)
        self._put_names_back()
        for number in self._code:
            sys.modules.pop(f"{_OF_TEST}{number}", None)
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _own_interrupts(self) -> Iterator[None]:
        """An interrupt stops the learner's code. One that comes between two questions stops what
        the next one asks for: half an answer would leave the judge waiting for the rest.
        """
        there = signal.getsignal(signal.SIGINT)
        if not callable(there) or threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupted(number: int, frame: Any) -> None:
            if self._is_asked:
                there(number, frame)
            else:
                self._is_interrupted = True

        signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            if signal.getsignal(signal.SIGINT) is interrupted:
                signal.signal(signal.SIGINT, there)

    def _serve(self, connection: socket.socket) -> None:
        while True:
            try:
                request = wire.receive(connection)
            except BadFrame:
                break
            if not request or request[1] == "end":
                break
            ticket, what, quiet, unseen, updates, *about = request
            self._values.unwatch(unseen)
            answer, warned = self._answer(what, quiet, updates, about)
            changes: list[Any] = []
            states: list[Any] = []
            with suppress(Exception):
                changes = self._values.changes()
            with suppress(Exception):
                if what not in wire.LOOKS:
                    states = self._twins.changes()
            try:
                wire.send(connection, [ticket, *answer, warned, changes, states])
            except OSError:
                break
            except Exception as error:  # what cannot be sent
                self._values.unwatch(list(self._values.watched()))
                wire.send(connection, [ticket, "raise", *self._of_error(error), [], [], []])

    def _answer(
        self, what: str, quiet: bool, updates: list[Any], about: list[Any]
    ) -> tuple[list[Any], list[Any]]:
        """Do what is asked: what came of it, and the warnings that the learner's code gave."""
        streams = redirect_stdout(StringIO()) if quiet else nullcontext()
        with warnings.catch_warnings(record=True) as caught, streams:
            # Those that the learner silences stay silent.
            warnings.simplefilter("always", append=True)
            try:
                self._is_asked = True
                if self._is_interrupted:
                    self._is_interrupted = False
                    raise KeyboardInterrupt
                self._twins.update(updates)
                answer = ["value", self._values.encode(getattr(self, f"_do_{what}")(*about))]
                self._is_asked = False
            # An interrupt too: it is the learner's code that ran too long, and the judge is told.
            except BaseException as error:
                self._is_asked = False
                answer = ["raise", *self._of_error(error)]
        warned = []
        with suppress(BaseException):
            for each in caught[:_MOST_WARNINGS]:
                classes = [kind.__name__[:100] for kind in each.category.__mro__]
                warned.append([classes, str(each.message)[:_LONGEST]])
        return answer, warned

    # What the judge can ask

    def _do_names(self, names: list[str], others: list[str]) -> Any:
        """The names that are there, with their values; of `others`, a large one goes by handle."""
        found = {name: self._names[name] for name in names if name in self._names}
        there = {name: self._names[name] for name in others if name in self._names}
        return {**found, **{name: _Held(value) for name, value in there.items()}}

    def _do_rename(self, names: list[str], values: list[Any], gone: list[str]) -> None:
        """Give names of the notebook other values, or none, until the test is over."""
        for name, value in zip(names, values, strict=True):
            self._replaced.setdefault(name, self._names.get(name, _NOTHING))
            self._names[name] = self._values.decode(value)
        for name in gone:
            self._replaced.setdefault(name, self._names.get(name, _NOTHING))
            self._names.pop(name, None)

    def _put_names_back(self) -> None:
        for name, value in self._replaced.items():
            if value is _NOTHING:
                self._names.pop(name, None)
            else:
                self._names[name] = value

    def _do_call(self, target: Any, arguments: list[Any], named: list[Any]) -> Any:
        given, by_name = self._decoded(arguments, named)
        return self._values.decode(target)(*given, **by_name)

    def _do_call_recorded(
        self, target: Any, arguments: list[Any], named: list[Any], places: list[int]
    ) -> list[Any]:
        """Do a call that a tape of the judge's records: gives with the result a function for the
        slopes by the arguments at these places, those by name after the others; None in its place
        if there can be none.
        """
        given, by_name = self._decoded(arguments, named)
        called, every = self._values.decode(target), [*given, *by_name.values()]
        return tensors.recording(lambda: called(*given, **by_name), [every[at] for at in places])

    def _decoded(self, arguments: list[Any], named: list[Any]) -> tuple[list[Any], dict[str, Any]]:
        given = [self._values.decode(argument) for argument in arguments]
        return given, {name: self._values.decode(argument) for name, argument in named}

    def _do_setting(self, name: str, arguments: list[Any]) -> None:
        """Change a setting that must hold at both ends."""
        place, function = tensors.setting(name)
        getattr(place, function)(*(self._values.decode(argument) for argument in arguments))

    def _do_is_instance(self, thing: Any, of_class: Any) -> bool:
        return isinstance(self._values.decode(thing), self._values.decode(of_class))

    def _do_get(self, target: Any, name: str) -> Any:
        return getattr(self._values.decode(target), name)

    def _do_set(self, target: Any, name: str, value: Any) -> None:
        setattr(self._values.decode(target), name, self._values.decode(value))

    def _do_item(self, target: Any, key: Any) -> Any:
        return self._values.decode(target)[self._values.decode(key)]

    def _do_set_item(self, target: Any, key: Any, value: Any) -> None:
        self._values.decode(target)[self._values.decode(key)] = self._values.decode(value)

    def _do_length(self, target: Any) -> int:
        return len(self._values.decode(target))

    def _do_truth(self, target: Any) -> bool:
        return bool(self._values.decode(target))

    def _do_iterate(self, target: Any) -> Any:
        return iter(self._values.decode(target))

    def _do_next(self, target: Any) -> list[Any]:
        """The next one of an iterator in a list; an empty list at its end."""
        for item in self._values.decode(target):
            return [item]
        return []

    def _do_array(self, target: Any) -> Any:
        """What NumPy takes the thing for; None if that is no array of numbers."""
        array = np.array(self._values.decode(target), subok=False)
        if array.dtype.kind == "O":  # of Python's own numbers, perhaps
            array = np.array(array.tolist())
        return array if array.dtype.kind in "biufc" else None

    def _do_text(self, target: Any) -> str:
        return repr(self._values.decode(target))[:_LONGEST]

    def _do_copy(self, target: Any, deep: bool) -> Any:
        thing = self._values.decode(target)
        return copy.deepcopy(thing) if deep else copy.copy(thing)

    # Handles

    def _handle_node(self, thing: Any) -> list[Any]:
        if type(thing) is _Held:
            value = thing.value
            small = type(value) in (bool, int, float, str, type(None))
            return self._values.encode(value) if small else self._handle_node(value)
        node = self._twins.node(thing) or tensors.node(thing)
        if node is not None:
            return node
        kind = type(thing)
        if id(kind) not in self._kinds:
            self._kinds[id(kind)] = self._about(kind)
        return [wire.HANDLE, self._number(thing), callable(thing), *self._kinds[id(kind)]]

    def _number(self, thing: Any) -> int:
        number = self._handles.get(id(thing))
        if number is None:
            number = len(self._objects)
            self._objects[number], self._handles[id(thing)] = thing, number
        return number

    def _about(self, kind: type) -> list[Any]:
        """What the judge is told of a class: its name, its handle, and the classes of libraries
        that it descends from.
        """
        known = [[each.__module__, each.__qualname__] for each in kind.__mro__ if _is_known(each)]
        names = [str(kind.__name__)[:100], str(kind.__module__)[:100]]
        return [*names, self._number(kind), issubclass(kind, type), known]

    def _from_other(self, kind: int, about: list[Any]) -> Any:
        if kind == wire.HANDLE:
            return self._objects[about[0]]
        if kind in tensors.NODES:
            return tensors.value_of(kind, *about)
        if kind in (wire.TWIN, wire.VARIABLE):
            return self._twins.thing(kind, *about)
        if kind == wire.PATH:
            return self._path(*about)
        if kind == wire.CLASS:
            module, name = about
            return getattr(importlib.import_module(module), name)
        return self._defined(*about)

    def _defined(
        self, number: int, name: str, source: str, modules: list[Any], needs: list[Any]
    ) -> Any:
        """A class or a function of the test's, made from its source, or made before: then only
        what it needs is taken over, where the test has given that another value since.
        """
        needed = {each: self._values.decode(node) for each, node in needs}
        told = self._needed.setdefault(number, {})
        new = {each: value for each, value in needed.items() if not _is_told(told, each, value)}
        told |= new
        if number in self._code:
            vars(sys.modules[f"{_OF_TEST}{number}"]).update(new)
        else:
            # A module of its own, where pickle finds a class again.
            module = ModuleType(f"{_OF_TEST}{number}")
            sys.modules[module.__name__] = module
            space = vars(module)
            space |= {each: importlib.import_module(where) for each, where in modules}
            space |= needed
            file = f"<test {number}: {name}>"
            linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
            exec(compile(source, file, "exec"), space)
            self._code[number] = space[name]
        return self._code[number]

    def _path(self, path: str, files: list[Any] | None) -> Path:
        """A path; of a folder that the test has made, one with the same files."""
        if files is None:
            return Path(path)
        folder = Path(tempfile.mkdtemp())
        self._folders.append(folder)
        for name, content in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    # Errors

    def _of_error(self, error: BaseException) -> list[Any]:
        """An error as plain data: its classes, what it says, and where in the learner's code."""
        message = ""
        with suppress(BaseException):
            message = str(error)[:_LONGEST]
        classes = [str(kind.__name__)[:100] for kind in type(error).__mro__]
        functions, line = [], ""
        with suppress(BaseException):
            for frame, number in traceback.walk_tb(error.__traceback__):
                if self._is_learners(frame.f_code.co_filename):
                    functions.append(frame.f_code.co_qualname[:200])
                    line = _line(frame.f_code.co_filename, number)
        name = getattr(error, "name", None)
        named = name[:200] if type(name) is str else ""
        return [classes, message, named, functions[-_MOST_FUNCTIONS:], line]


class _Held:
    """A value that goes over by handle if it is large."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _is_told(told: dict[str, Any], name: str, value: Any) -> bool:
    """Whether a name had just this value: plain values are the same if they are equal."""
    if name not in told:
        return False
    known = told[name]
    if type(value) in (bool, int, float, str):
        return type(known) is type(value) and bool(known == value)
    return known is value


def _is_known(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in wire.KNOWN_LIBRARIES


def _line(file: str, number: int) -> str:
    return linecache.getline(file, number).strip()[:_LONGEST]
