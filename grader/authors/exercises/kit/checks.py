"""What the check cells use: parts worth points, comparisons of plain values, clear messages.

A check that fails says what was expected, what came, and where to look.
You need not read this file to solve the exercises.
"""

import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class CheckFailed(AssertionError):
    """A check that failed; a notebook shows its message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython asks for this name.
        return str(self).splitlines()


class Check:
    """One check cell: parts, each worth some of the cell's points.

    In the student's notebook, where the hidden parts are missing, `result` raises
    `CheckFailed` if a part failed. Where every part is present (the parts add up to
    `points`), it returns the points, so that parts which are right count although others
    are wrong.
    """

    def __init__(self, points: int) -> None:
        _show_stderr_as_stdout()
        self.points = points
        self._declared = 0
        self._earned = 0
        self._passed: list[str] = []
        self._failed: list[str] = []
        caller = sys._getframe(1)
        # The check's own lines must not be shown as the place of the learner's mistake.
        self._own_file = caller.f_code.co_filename
        # Names that a part, or the whole check, makes or changes are put back at its end: a later
        # cell, or a function of the learner's, must find under a name what it found before.
        self._names = caller.f_globals
        self._before = dict(caller.f_globals)

    @contextmanager
    def part(self, points: int, what: str) -> Iterator[None]:
        """Run a part of the check; an error in it costs `points` and nothing else.

        An interrupt is let through: a cell that runs for ever must be stoppable.
        """
        self._declared += points
        before = dict(self._names)
        try:
            yield
        except (Exception, SystemExit) as error:  # SystemExit: exit() called by the tested code
            self._failed.append(f"FAILED ({_in_points(points)}): {what}\n  {self._explain(error)}")
        else:
            self._earned += points
            self._passed.append(f"passed ({_in_points(points)}): {what}")
        finally:
            self._put_names_back(before)

    def result(self) -> float | None:
        """Print the report; return the points if only some parts passed, None if all did.

        Raises CheckFailed if no part passed, or, without the hidden parts, if any failed.
        """
        self._put_names_back(self._before)
        if self._declared > self.points:
            raise ValueError(f"the parts are worth {self._declared}, the cell {self.points}")
        hidden = self.points - self._declared
        if self._failed and (hidden or not self._earned):
            raise CheckFailed("\n".join(self._failed + self._passed))
        print("\n".join(self._failed + self._passed))
        if hidden:
            print(f"{hidden} of {self.points} points are checked by hidden tests.")
        # A plain float: nbgrader cannot read NumPy 2's "np.float64(0.5)".
        return float(self._earned) if self._failed else None

    def _put_names_back(self, before: dict[str, Any]) -> None:
        for name in [name for name in self._names if name not in before]:
            del self._names[name]
        self._names.update(before)

    def _explain(self, error: BaseException) -> str:
        message, place = _gist(str(error)), self._place(error)
        # Keras raises it, too: "Not filled in" is what stops at that line in a cell alone.
        if isinstance(error, NotImplementedError) and "NotImplementedError" in place:
            return (
                f"Not filled in yet: {self._unfilled(error)}. Go to the cell that defines it,\n"
                "  and replace the line with NotImplementedError by your code."
            )
        if isinstance(error, AssertionError) and str(error):
            return "\n  ".join(str(error).splitlines())
        if isinstance(error, SystemExit):
            return "Your code called exit(). Remove that call." + place
        if isinstance(error, NameError) and error.name and not place:
            return (
                f"There is no {error.name} yet. Fill in the cell that defines it and run it;\n"
                "  if it stops with an error, mend that first."
            )
        text = f"{type(error).__name__}: {message[:300]}" if message else type(error).__name__
        return f"Your code stopped with {text}{place}{_about_arguments(error, place)}"

    def _unfilled(self, error: BaseException) -> str:
        """The learner's function that is not filled in: `train`, `Tanh.grad`."""
        if told := getattr(error, "learner_functions", ()):  # where a judge runs this check
            return str(told[-1])
        codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
        names = [code.co_qualname for code in codes if self._is_learners(code.co_filename)]
        return names[-1] if names else "your code"

    def _is_learners(self, file: str) -> bool:
        """Whether a file is a cell of the notebook, but for this check."""
        of_notebook = "ipykernel" in file or file.startswith("<ipython")
        return of_notebook and file != self._own_file

    def _place(self, error: BaseException) -> str:
        """The learner's own line in which the error arose, if it arose in one."""
        if told := getattr(error, "learner_line", ""):  # where a judge runs this check
            return f"\n  at the line: {told}"
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if self._is_learners(frame.filename):
                line = linecache.getline(frame.filename, frame.lineno or 0).strip()
                return f"\n  at the line: {line}" if line else ""
        # In a function compiled by TensorFlow, the place stands in the message.
        found = re.findall(r'File "([^"\n]*ipykernel[^"\n]*)", line .*\n\s*(.+)', str(error))
        lines = [line for file, line in found if file != self._own_file]
        return f"\n  at the line: {lines[-1].strip()}" if lines else ""


@contextmanager
def swapped(namespace: dict[str, Any], **values: Any) -> Iterator[None]:
    """Give names in `namespace` other values for a while; put the old ones back at the end."""
    kept = {name: namespace[name] for name in values if name in namespace}
    namespace.update(values)
    try:
        yield
    finally:
        for name in values:
            namespace.pop(name, None)
        namespace.update(kept)


def expect(condition: Any, message: str) -> None:
    """Raise CheckFailed with `message` unless `condition` holds."""
    if not condition:
        raise CheckFailed(message)


def plain(value: Any, what: str) -> np.ndarray:
    """`value` as a plain NumPy array, so that nothing the learner defined takes part.

    Accepts numbers, arrays, tensors, and lists of them. Raises CheckFailed for all else.
    """
    expect(value is not None, f"{what} is None. Does the function end with `return ...`?")
    library = type(value).__module__.partition(".")[0]
    if library in ("tensorflow", "keras") and hasattr(value, "numpy"):
        value = value.numpy()
    try:
        array = np.array(value, subok=False)
        if array.dtype.kind == "O":
            array = _of_own_numbers(array)
    except Exception:
        array = np.array(None)
    if array.dtype.kind in "biuf":
        return array
    # Put into words only here: to write down a large array takes longer than most tests.
    raise CheckFailed(
        f"{what}: expected a number, or a list or array of numbers, got {_short(value)} "
        f"of type {type(value).__name__}."
    )


def same(
    what: str,
    got: Any,
    expected: Any,
    *,
    rtol: float = 0.0,
    atol: float | np.ndarray = 0.0,
    look: str = "",
) -> None:
    """Raise CheckFailed unless `got` has the shape and, within rtol and atol, the values of
    `expected`; the message ends with `look`, the place to look at.
    """
    array = plain(got, what)
    wanted = np.asarray(expected)
    hint = f"\n{look}" if look else ""
    expect(
        array.shape == wanted.shape,
        f"{what}: expected {_shape(wanted)}, got {_shape(array)}.{hint}",
    )
    close = np.isclose(array.astype(float), wanted.astype(float), rtol=rtol, atol=atol)
    if close.all():
        return
    if array.ndim:
        wrong = tuple(int(i) for i in np.argwhere(~close)[0])
        where = f" (first difference at index {wrong if len(wrong) > 1 else wrong[0]})"
        expected_text, got_text = _apart(wanted[wrong], array[wrong])
    else:
        where, (expected_text, got_text) = "", _apart(wanted, array)
    raise CheckFailed(f"{what}: expected {expected_text}, got {got_text}{where}.{hint}")


def whole_number(what: str, value: Any) -> int:
    """`value` as an int; raises CheckFailed unless it is one whole number."""
    is_text = isinstance(value, str)
    expect(not is_text, f"{what}: expected one whole number, got the text {_short(value)}.")
    array = plain(value, what)
    expect(array.shape == (), f"{what}: expected one whole number, got {_shape(array)}.")
    number = float(array)
    expect(
        np.isfinite(number) and number == round(number),
        f"{what}: expected a whole number, got {_short(array)}.",
    )
    return value if type(value) is int else int(array)


def relative_error(a: Any, b: Any) -> float:
    """The largest |a - b| / (|a| + |b|), elementwise; 0 where both are 0."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    size = np.maximum(np.abs(a) + np.abs(b), np.finfo(float).tiny)
    return float(np.max(np.abs(a - b) / size, initial=0.0))


def numerical_gradient(f: Callable[[], float], array: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Central differences of `f()` by each entry of `array`, which is changed and restored.

    (f(a + h) - f(a - h)) / 2h, with an error of order h**2; of the shape of `array`.
    """
    gradient = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + h
        above = float(f())
        array[index] = kept - h
        below = float(f())
        array[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _of_own_numbers(array: np.ndarray) -> np.ndarray:
    """NumPy's numbers for Python's own, as np.frompyfunc gives them; for whole numbers too long
    for NumPy, such as 10**30, the nearest float.
    """
    made = np.array(array.tolist())
    is_long = made.dtype.kind == "O" and {*map(type, made.ravel().tolist())} <= {int, float, bool}
    return made.astype(float) if is_long else made


def _about_arguments(error: BaseException, place: str) -> str:
    """Where to look if a call, above all one of the check's own, had the wrong arguments."""
    # Python's words, and those of TensorFlow for what it has compiled.
    wrong = (
        r"takes .* positional arguments? but|required (?:positional )?argument|too many positional"
    )
    if not isinstance(error, TypeError) or not re.search(wrong, str(error)):
        return ""
    if "required positional argument: 'self'" in str(error):
        return "\n  A class becomes an object when you call it."
    if place:  # a call of the learner's own
        return ""
    return "\n  Look at the parameters of your function. They must be those of the given line."


def _in_points(points: int) -> str:
    if not points:
        return "hidden tests give its points"
    return "1 point" if points == 1 else f"{points} points"


def _gist(message: str) -> str:
    """The line of an error's message that says what went wrong, without colours.

    TensorFlow and Keras put other lines and marks before it, Python where a function stands.
    """
    noise = (
        r"\x1b\[[0-9;]*m|\{\{[^{}\n]*\}\}\s*|\[Op:\w+\] name:|Received args: .*"
        # From the beginning of a name only: else a long word would take the square of its length.
        r"|(?<![\w<>.])(?:[\w<>]+\.)*<locals>\."
    )
    text = re.sub(noise, "", message)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0] == "in user code:":
        named = [i for i, line in enumerate(lines) if re.match(r"\w*(Error|Exception): ", line)]
        lines = lines[named[-1] :] if named else lines[1:]
        lines[:1] = [line.partition(": ")[2] for line in lines[:1] if named]
    if lines and lines[0] == "Graph execution error:":
        where = r'File "|Detected at |Node: |\[\['
        rest = [line for line in lines[1:] if not re.match(where, line)]
        lines = rest[-1:] or lines
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        lines = lines[1:]
    return lines[0] if lines else ""


def _shape(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}" if array.ndim else "one number"


def _apart(wanted: Any, got: Any) -> tuple[str, str]:
    """Both numbers, with as many digits as it takes to tell them apart."""
    texts = _short(wanted), _short(got)
    return texts if texts[0] != texts[1] else (_in_full(wanted), _in_full(got))


def _in_full(value: Any) -> str:
    return repr(value.item()) if isinstance(value, (np.ndarray, np.generic)) else repr(value)


def _short(value: Any) -> str:
    if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0:
        value = value.item()
    if isinstance(value, float):
        text = f"{value:.12g}"
        # One that is nearly whole must not look as if it were.
        return repr(value) if text.lstrip("-").isdigit() and float(text) != value else text
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _show_stderr_as_stdout() -> None:
    """Let what is written to standard error appear as ordinary output of the notebook.

    nbgrader gives 0 points to a check cell that writes to standard error, be it only a
    warning of a library. ipykernel labels both streams by this name.
    """
    stream = sys.stderr
    if type(stream).__module__.startswith("ipykernel"):
        stream.name = "stdout"  # type: ignore[misc]
