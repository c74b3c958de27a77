"""Runs a test cell in the kernel so that what a notebook did to its interpreter takes no part.

The kernel answers a request of its own for it: no cell is run in IPython's way, and the verdict
is taken from the value and the error themselves, not from what is shown of them. What decides is
what the learner's functions answer; so what these may stand on (names, warnings, NumPy's error
state, settings of libraries) stays as the notebook left it.
"""

import ast
import builtins
import inspect
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

# Names of builtins that are looked up in other ways than by their name, or are IPython's.
_AS_THEY_ARE = ("super", "input", "exit", "quit", "get_ipython")
_REAL = "_builtins."  # no name that anybody can write; a star import skips it
_STAR = re.compile(r"([\w.]+)\.\*")


class TestCells:
    """Runs the test cells of one kernel; made before the learner's first line."""

    __test__ = False  # no class of pytest's

    def __init__(self, kernel: Any) -> None:
        from ipykernel.compiler import XCachingCompiler
        from ipykernel.iostream import OutStream
        from IPython.core.displayhook import DisplayHook
        from IPython.core.inputtransformer2 import TransformerManager
        from IPython.core.ultratb import FormattedTB

        self._kernel, self._shell = kernel, kernel.shell
        self._names = vars(kernel.shell.user_module)
        self._builtins = {
            name for name in vars(builtins) if name[0] != "_" and name not in _AS_THEY_ARE
        }
        for name in self._builtins:
            setattr(builtins, _REAL + name, getattr(builtins, name))
        self._transform = TransformerManager()
        self._compiler = XCachingCompiler()
        self._traceback = FormattedTB(mode="Context", theme_name=kernel.shell.colors)
        self._is_silenced = DisplayHook.semicolon_at_end_of_expression
        self._streams = [
            OutStream(kernel.session, kernel.iopub_thread, name, watchfd=False)
            for name in ("stdout", "stderr")
        ]
        self._depth = sys.getrecursionlimit()
        self._numbers: frozenset[type] = frozenset({int, float, *_numpy_numbers()})

    async def run(
        self, source: str, own: Iterable[str], parent: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Run a test for the request `parent`; returns the reply, and the verdict.

        The verdict: "passed"; "value", the result as a number in text, None where there is none;
        "kind", the type of a result that is no number.
        """
        count = self._shell.execution_count
        self._send(parent, "execute_input", {"code": source, "execution_count": count})
        value, error = None, None
        with self.neutral(parent):
            try:
                value = await self._value(source, own)
            except BaseException as raised:
                error = raised
        with self.neutral(parent):  # anew: what the test printed is sent before its end is
            reply = self._show(parent, count, value, error)
        self._draw_figures()
        return reply, {"passed": error is None, **self._judged(value)}

    async def _value(self, source: str, own: Iterable[str]) -> Any:
        """What the last line of a test is, if that is an expression; what it raises, is raised."""
        text = self._transform.transform_cell(source)
        file = self._compiler.cache(text, self._shell.execution_count, raw_code=source)
        with suppress(Exception):  # only for the name of the cell in tracebacks
            self._shell.compile._filename_map[file] = self._shell.execution_count
        tree = ast.parse(text, file)
        bound = {*_bound(tree), *self._bound_by_the_course(own)}
        tree = ast.fix_missing_locations(_RealBuiltins(self._builtins - bound).visit(tree))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        await self._execute(tree, file, "exec")
        if last is None:
            return None
        value = await self._execute(ast.Expression(last.value), file, "eval")
        with suppress(tokenize.TokenError, SyntaxError):
            if self._is_silenced(text):
                return None
        return value

    async def _execute(self, tree: Any, file: str, mode: str) -> Any:
        code = compile(tree, file, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(code, self._names)
        return await value if code.co_flags & inspect.CO_COROUTINE else value

    def _bound_by_the_course(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            if star := _STAR.fullmatch(name):
                module = sys.modules.get(star[1])
                yield from getattr(module, "__all__", None) or vars(module or ast)
            else:
                yield name

    @contextmanager
    def neutral(self, parent: Any) -> Iterator[None]:
        """Nothing listens in, and what is printed goes to the notebook; undone afterwards."""
        there = sys.stdout, sys.stderr, sys.gettrace(), sys.getprofile(), sys.getrecursionlimit()
        names = self._names.get("__builtins__")
        sys.settrace(None)
        sys.setprofile(None)
        for stream in self._streams:
            stream.set_parent(parent)
        sys.stdout, sys.stderr = self._streams
        sys.setrecursionlimit(max(self._depth, there[4]))
        self._names["__builtins__"] = builtins
        self._kernel._forward_input(allow_stdin=False)
        try:
            with self._shell.builtin_trap:
                yield
        finally:
            self._kernel._restore_input()
            for stream in self._streams:
                stream.flush()
            self._names["__builtins__"] = names
            sys.stdout, sys.stderr = there[:2]
            with suppress(RecursionError):
                sys.setrecursionlimit(there[4])
            _profile_again(there[3])
            sys.settrace(there[2])

    def _judged(self, value: Any) -> dict[str, str | None]:
        if value is None:
            return {"value": None, "kind": None}
        if type(value) not in self._numbers:
            return {"value": None, "kind": type(value).__name__}
        try:
            return {"value": repr(float(value)), "kind": None}
        except OverflowError:
            return {"value": "inf", "kind": None}

    def _show(self, parent: Any, count: int, value: Any, error: Any) -> dict[str, Any]:
        """Show the result or the error; returns the reply."""
        about = {"execution_count": count, "user_expressions": {}, "payload": []}
        if error is None:
            if value is not None:
                shown = {"data": {"text/plain": self._text(value)}, "metadata": {}}
                self._send(parent, "execute_result", {**shown, "execution_count": count})
            return {"status": "ok", **about}
        told = self._told(error)
        self._send(parent, "error", told)
        return {"status": "error", **told, **about}

    def _text(self, value: Any) -> str:
        if type(value) in self._numbers:  # NumPy shows its numbers so that nobody can read them
            value = value if type(value) is int else float(value)
        try:
            return str(repr(value))
        except BaseException as error:
            return f"(no text: {type(error).__name__})"

    def _told(self, error: BaseException) -> dict[str, Any]:
        """What a person reads of an error; its class may be the learner's, and raise another."""
        name = type(error).__name__
        try:
            said = str(error)
        except BaseException:
            said = "(no text)"
        try:
            if hasattr(error, "_render_traceback_"):
                lines = error._render_traceback_()
            else:
                shown = _below_this_file(error.__traceback__)
                lines = self._traceback.structured_traceback(type(error), error, shown, 0)
            lines = [str(line) for line in lines]
        except BaseException:
            lines = [f"{name}: {said}"]
        return {"ename": name, "evalue": said, "traceback": lines}

    def _draw_figures(self) -> None:
        """Let libraries that draw show their figures, as after any cell."""
        with suppress(Exception):
            for callback in self._shell.events.callbacks["post_execute"]:
                if str(getattr(callback, "__module__", "")).startswith("matplotlib"):
                    callback()

    def _send(self, parent: Any, kind: str, content: dict[str, Any]) -> None:
        socket = self._kernel.iopub_socket
        self._kernel.session.send(socket, kind, content, parent=parent, ident=kind.encode())


class _RealBuiltins(ast.NodeTransformer):
    """Lets names of builtins mean these, whatever the notebook calls so."""

    def __init__(self, names: set[str]) -> None:
        self._replaced = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if isinstance(node.ctx, ast.Load) and node.id in self._replaced:
            return ast.copy_location(ast.Name(_REAL + node.id, node.ctx), node)
        return node


def _bound(tree: ast.AST) -> Iterator[str]:
    """The names that a test binds itself, anywhere in it."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name.partition(".")[0]


def _numpy_numbers() -> Iterator[type]:
    if numpy := sys.modules.get("numpy"):
        for kind in set(numpy.sctypeDict.values()):
            if issubclass(kind, (numpy.integer, numpy.floating)):
                yield kind


def _below_this_file(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that begins with the test's own line, if there is one."""
    shown = traceback
    while shown is not None and shown.tb_frame.f_code.co_filename == __file__:
        shown = shown.tb_next
    return shown or traceback


def _profile_again(profile: Any) -> None:
    """Let a profiler that was switched off go on; those of C cannot be given to sys again."""
    if callable(profile):
        sys.setprofile(profile)
    elif hasattr(profile, "enable"):
        profile.enable()
