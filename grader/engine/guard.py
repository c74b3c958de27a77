"""The guard of the test machinery: changed functions are put back before a test, and told.

Tests and the learner's code share one interpreter. So before each test cell the grader runs a
control that must fail, and the guard compares what tests rely on (builtins, NumPy, the modules
of the assignment that tests import, IPython's way of running a cell) with what was there before
the learner's first line. This stops what is easy to write, and shows it; it cannot stop code that
is made to defeat it. docs/engine.md says what remains open.
"""

import builtins
import importlib
import json
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

# Methods between the request to run a cell and the answer.
_SHELL = (
    "run_cell",
    "run_cell_async",
    "_run_cell",
    "run_ast_nodes",
    "run_code",
    "transform_cell",
    "transform_ast",
    "showtraceback",
    "_showtraceback",
    "showsyntaxerror",
    "set_custom_exc",
    "CustomTB",
)
_KERNEL = ("do_execute", "execute_request", "send_response", "dispatch_shell")
_RESULT = ("error_in_exec", "error_before_exec", "raise_error", "success")
_NOTHING = object()
# Names that IPython itself changes from cell to cell.
_OF_IPYTHON = ("_", "__", "___", "display", "get_ipython", "exit", "quit", "input")

_guard: "Guard | None" = None


def install(kernel: Any, trusted: list[str]) -> None:
    """Remember what tests rely on; `trusted` are modules to import and guard."""
    global _guard
    _guard = Guard(kernel, trusted)


def control(nonce: str) -> str:
    """What the grader's control raises: `nonce`, and as JSON what had been changed (put back)."""
    assert _guard is not None
    return f"{nonce} {json.dumps(_guard.restore())}"


def control_code(nonce: str) -> str:
    """The control, as a cell: it must fail with what `control` says.

    The assert in it must fail, too: a rewritten one lets it pass.
    """
    return (
        "def __control():\n"
        "    try:\n"
        f"        assert {nonce!r} == '', 'held'\n"
        "    except AssertionError as error:\n"
        "        held = str(error) == 'held'\n"
        "    else:\n"
        "        held = False\n"
        "    import grader.engine.guard as guard\n"
        f"    error = AssertionError(guard.control({nonce!r}) if held else 'assert was disabled')\n"
        # Nobody reads its traceback, and making one takes long.
        "    error._render_traceback_ = list\n"
        "    raise error\n"
        "__control()"
    )


class Guard:
    """The state of the test machinery at one moment."""

    def __init__(self, kernel: Any, trusted: list[str]) -> None:
        self._kernel, self._shell = kernel, kernel.shell
        self._modules = {"builtins": builtins, **_imported(["numpy", "numpy.testing", *trusted])}
        self._values: list[tuple[str, Any, str, Any]] = list(self._attributes(trusted))
        self._code = [
            (name, value, _code_of(value))
            for name, _, _, value in self._values
            if isinstance(value, FunctionType)
        ]
        self._lists = {
            "syntax tree transformers": self._shell.ast_transformers,
            "input transformers": self._shell.input_transformer_manager.token_transformers,
            "cleanup transformers": self._shell.input_transformer_manager.cleanup_transforms,
            "line transformers": self._shell.input_transformer_manager.line_transforms,
            "input transformers (post)": self._shell.input_transformers_post,
        }
        self._kept_lists = {name: list(items) for name, items in self._lists.items()}

    def restore(self) -> list[str]:
        """Put back what was changed; returns the names of it."""
        changed = []
        for name, owner, attribute, value in self._values:
            if vars(owner).get(attribute, _NOTHING) is not value:
                changed.append(name)
                _set(owner, attribute, value)
        for name, function, code in self._code:
            if _code_of(function) != code:
                changed.append(name)
                function.__code__, function.__defaults__, function.__kwdefaults__ = code
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                changed.append(f"module {name}")
                sys.modules[name] = module
        changed += self._restore_shell()
        return sorted(set(changed))

    def _restore_shell(self) -> list[str]:
        changed = []
        for name, kept in self._kept_lists.items():
            if self._lists[name] != kept:
                changed.append(name)
                self._lists[name][:] = kept
        for event, callbacks in self._shell.events.callbacks.items():
            own = [callback for callback in callbacks if not _is_known(callback)]
            for callback in own:
                changed.append(f"a function that runs at {event}")
                callbacks.remove(callback)
        if self._shell.custom_exceptions:
            changed.append("the handler of exceptions")
            self._shell.custom_exceptions = ()
        if sys.gettrace() is not None or sys.getprofile() is not None:
            changed.append("a trace function")
            sys.settrace(None)
            sys.setprofile(None)
        # A matter of taste, no attack; but the value of a test is its last line's.
        self._shell.ast_node_interactivity = "last_expr"
        return changed

    def _attributes(self, trusted: list[str]) -> Iterator[tuple[str, Any, str, Any]]:
        """Each attribute that must stay: its name, its owner, its own name, its value."""
        for name, value in vars(builtins).items():
            if name not in _OF_IPYTHON:
                yield name, builtins, name, value
        for where, module in self._modules.items():
            if where == "builtins":
                continue
            for name, value in vars(module).items():
                if callable(value) and (where in trusted or not name.startswith("_")):
                    yield f"{where}.{name}", module, name, value
                if where in trusted and isinstance(value, type) and value.__module__ == where:
                    yield from _methods(f"{where}.{name}", value)
        for owner, names in (
            *((kind, _SHELL) for kind in type(self._shell).__mro__),
            *((kind, _KERNEL) for kind in type(self._kernel).__mro__),
            (_execution_result(), _RESULT),
        ):
            for name in names:
                if name in vars(owner):
                    yield f"IPython's {name}", owner, name, vars(owner)[name]
        for thing, names in ((self._shell, _SHELL), (self._kernel, _KERNEL)):
            for name in names:  # on the object itself they would hide those of its class
                yield f"IPython's {name}", thing, name, vars(thing).get(name, _NOTHING)


def _imported(names: list[str]) -> dict[str, ModuleType]:
    """The modules by name; one that cannot be imported fails where a test imports it."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.import_module(name)
        except ImportError:
            continue
    return found


def _methods(name: str, kind: type) -> Iterator[tuple[str, Any, str, Any]]:
    for attribute, value in vars(kind).items():
        if callable(value) or isinstance(value, (property, staticmethod, classmethod)):
            yield f"{name}.{attribute}", kind, attribute, value


def _code_of(function: FunctionType) -> tuple[CodeType, Any, Any]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def _set(owner: Any, attribute: str, value: Any) -> None:
    if value is _NOTHING:
        delattr(owner, attribute)
    else:
        setattr(owner, attribute, value)


def _is_known(callback: Any) -> bool:
    """Whether a callback is IPython's own or that of a library that draws."""
    module = getattr(callback, "__module__", None) or ""
    if getattr(callback, "__self__", None) is not None:
        module = type(callback.__self__).__module__
    return module.startswith(("IPython.", "ipykernel.", "matplotlib", "grader.engine."))


def _execution_result() -> type:
    from IPython.core.interactiveshell import ExecutionResult

    kind: type = ExecutionResult
    return kind
