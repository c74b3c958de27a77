"""What hostile, careless and unlucky students hand in, and what must become of it.

A submission that got hold of something prints "GOT ..." (see HELPERS). All are bounded by
themselves, too, and aim only at what `world` made for them: where a defence is broken, a test
fails, and nothing else.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader import cells
from grader.course import ASSIGNMENT
from tests.conftest import filled_in, hand_in
from tests.hostile.world import DISK, FILES, MEMORY, PROCESSES, World

NAME = "1-complexity"
FIRST, SECOND, THIRD = "test-parameter-count", "test-step-multiplications", "test-growth-exponent"
TEXT = "explain-complexity"
FULL: dict[str, float | None] = {FIRST: 3, SECOND: 4, THIRD: 2, TEXT: None}
NOTHING: dict[str, float | None] = {FIRST: 0, SECOND: 0, THIRD: 0, TEXT: None}
NO_SCORE: dict[str, float | None] = dict.fromkeys(FULL)

# In the source, no "GOT" stands before a space: so a traceback that shows the source is no find.
HELPERS = """
import os, sys, time
def got(*what): print("GO" + "T", *what, flush=True)
def attempt(what, action):
    try:
        result = action()
    except BaseException as error:
        print(what, "refused:", type(error).__name__)
    else:
        got(what, repr(result)[:100])
"""
RIGHT_COUNT = """
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights + hidden_depth * num_neuron + num_output
"""
# Each by itself, so that what one cell breaks costs only its own test.
RIGHT_STEP = """
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    weights = num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
    return weights * (weights + hidden_depth * num_neuron + num_output + 1)
"""
WRONG = {
    "parameter-count": "def parameter_count(*size): return 1",
    "step-multiplications": "def step_multiplications(*size): return 1",
    "growth-exponent": "growth_exponent = 1",
}


@dataclass(frozen=True)
class Case:
    """One submission; `student` is named after what it does, `threat` is its number in the list.

    `told` are fragments of what the instructor is told of it; `attention`: whether `course grade`
    names it among what went wrong. `by_tier` are fields that are others in a tier.
    """

    student: str
    threat: int
    put: Callable[[World, str], None]
    scores: Mapping[str, float | None] = field(default_factory=lambda: FULL)
    status: str = "graded"
    told: tuple[str, ...] = ()
    attention: bool = False
    by_tier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Edit = Callable[[NotebookNode], Any]


def code(
    attack: str = "", *, count: str = RIGHT_COUNT, edit: Edit | None = None, **given: str
) -> Callable[[World, str], None]:
    """A right submission with an attack before the first solution, and cells `given` instead."""

    def put(world: World, student: str) -> None:
        first = dedent(attack)
        if first:
            first = f"{world.header()}{HELPERS}{first}"
        answers = {"parameter-count": first + count, "step-multiplications": RIGHT_STEP}
        answers |= {name.replace("_", "-"): dedent(text) for name, text in given.items()}
        notebook = filled_in(world.course, NAME, **answers)
        if edit is not None:
            edit(notebook)
        _write(world, student, nbformat.v4.writes(notebook))

    return put


def wrong(attack: str = "", *, edit: Edit | None = None, **given: str) -> Callable[..., None]:
    """Like `code`, with wrong answers: whoever gets points, got them by the attack."""
    answers = {name.replace("-", "_"): text for name, text in WRONG.items()}
    count = answers.pop("parameter_count")
    return code(
        attack, count=given.pop("parameter_count", count), edit=edit, **{**answers, **given}
    )


def file(make: Callable[[NotebookNode], str | bytes]) -> Callable[[World, str], None]:
    """A file made from the right submission."""

    def put(world: World, student: str) -> None:
        notebook = filled_in(world.course, NAME, **{"step-multiplications": RIGHT_STEP})
        _write(world, student, make(notebook))

    return put


def both(*puts: Callable[[World, str], None]) -> Callable[[World, str], None]:
    """One after the other."""

    def put(world: World, student: str) -> None:
        for each in puts:
            each(world, student)

    return put


def place(make: Callable[[World, Path], Any]) -> Callable[[World, str], None]:
    """Something else than a file where the notebook should be; `make` makes it."""

    def put(world: World, student: str) -> None:
        path = _path(world, student)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        make(world, path)

    return put


def _path(world: World, student: str) -> Path:
    return world.course.submitted / student / ASSIGNMENT / f"{NAME}.ipynb"


def _write(world: World, student: str, content: str | bytes) -> None:
    path = hand_in(world.course, student, NAME, "")
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def beside(**files: str) -> Callable[[World, str], None]:
    """Files beside the notebook: names with _ for the dot before py."""

    def put(world: World, student: str) -> None:
        for name, text in files.items():
            (_path(world, student).parent / f"{name}.py").write_text(dedent(text))

    return put


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return cells.by_grade_id(notebook)[name]


def _tests(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell(notebook, name) for name in (FIRST, SECOND, THIRD)]


# 1 to 6: the notebook's structure and metadata


def _skip(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        test.metadata.tags = ["skip-execution", "raises-exception"]


def _delete(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        notebook.cells.remove(test)


def _copy(notebook: NotebookNode) -> None:
    """The copy is emptied: nothing in it could fail."""
    for test in _tests(notebook):
        copy = deepcopy(test)
        copy.source = ""
        notebook.cells.insert(notebook.cells.index(test) + 1, copy)


def _move_up(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        notebook.cells.remove(test)
        notebook.cells.insert(1, test)


def _break_metadata(notebook: NotebookNode) -> None:
    cell(notebook, FIRST).metadata.nbgrader = {}
    cell(notebook, SECOND).metadata.nbgrader.schema_version = 99
    cell(notebook, THIRD).metadata.nbgrader.schema_version = "?"
    notebook.cells[0].metadata.nbgrader = {}


def _want_more(notebook: NotebookNode) -> None:
    first, second, third = _tests(notebook)
    first.metadata.nbgrader.update(points=1000, checksum="0")
    second.metadata.nbgrader.update(grade=False, points=float("nan"))
    third.metadata.nbgrader.update(solution=True, locked=False)
    third.source = "1000.0"
    cell(notebook, "growth-exponent").metadata.nbgrader.update(grade=True, points=1000)


def _turn_to_text(notebook: NotebookNode) -> None:
    for test in _tests(notebook):
        test.cell_type = "markdown"
        for key in ("outputs", "execution_count"):
            test.pop(key, None)


STRUCTURE = [
    Case("skips-the-tests-by-a-tag", 1, wrong(edit=_skip), NOTHING),
    Case(
        "deletes-the-tests",
        2,
        code(edit=_delete),
        told=(f"The test cell {FIRST} was missing; it was put back and run",),
    ),
    Case(
        "deletes-the-tests-of-wrong-code",
        2,
        wrong(edit=_delete),
        NOTHING,
        told=(f"{SECOND} was missing",),
    ),
    Case(
        "copies-the-tests",
        3,
        code(edit=_copy),
        told=(f"{FIRST} was there 2 times; the first one counts",),
    ),
    Case(
        "copies-and-empties-the-tests",
        3,
        wrong(edit=lambda n: (_copy(n), _tests(n)[0].update(source=""))),
        NOTHING,
        told=(f"{SECOND} was there 2 times",),
    ),
    Case(
        "moves-the-tests-up",
        4,
        code(edit=_move_up),
        told=(f"The test cell {FIRST} had been moved; it was put back",),
    ),
    Case(
        "breaks-the-metadata",
        5,
        code(edit=_break_metadata),
        told=(f"The test cell {FIRST} had lost its nbgrader metadata; it was recognised",),
    ),
    Case("wants-a-thousand-points", 6, wrong(edit=_want_more), NOTHING),
    Case(
        "turns-the-tests-to-text",
        6,
        wrong(edit=_turn_to_text),
        NOTHING,
        told=(f"The test cell {THIRD} was no code cell any more",),
    ),
]

# 7 and 8: code that ends the kernel, or never ends

DIED = "the kernel died in the cell growth-exponent"
LATER_LOST: dict[str, float | None] = {**FULL, THIRD: 0}
SWALLOW = """
import time
while True:
    try:
        while True: time.sleep(0.01)
    except BaseException: pass
"""
IN_A_TEST = """
def parameter_count(*size):
    while True: pass
"""


def _add_slow_cells(notebook: NotebookNode) -> None:
    """Cells each of which is quick enough, before the last exercise."""
    at = notebook.cells.index(cell(notebook, "growth-exponent"))
    for number in range(12):
        slow = nbformat.v4.new_code_cell(f"import time; time.sleep(4)  # {number}")
        notebook.cells.insert(at, slow)


TIME = [
    Case(
        "ends-the-kernel",
        7,
        code(growth_exponent="import os; os._exit(0)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "exit code 0"),
        attention=True,
    ),
    Case(
        "kills-itself",
        7,
        code(growth_exponent="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "signal 9"),
        attention=True,
    ),
    Case(
        "crashes-python",
        7,
        code(growth_exponent="import ctypes; ctypes.string_at(0)"),
        LATER_LOST,
        told=("he kernel died in the cell growth-exponent", "signal 11"),
        attention=True,
    ),
    Case(
        "loops-for-ever",
        8,
        code(growth_exponent="while True: pass"),
        LATER_LOST,
        told=("he cell growth-exponent ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "loops-in-a-tested-function",
        8,
        code(count=IN_A_TEST),
        {**FULL, FIRST: 0},
        told=(f"he cell {FIRST} ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "swallows-the-interrupt",
        8,
        code(growth_exponent=SWALLOW),
        LATER_LOST,
        told=("he cell growth-exponent ran", "could not be stopped"),
        attention=True,
    ),
    Case(
        "ignores-the-interrupt",
        8,
        code(
            growth_exponent=f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{SWALLOW}"
        ),
        LATER_LOST,
        told=("he cell growth-exponent ran", "could not be stopped"),
        attention=True,
    ),
    Case(
        "sleeps-on-import",
        8,
        code(growth_exponent="import time; time.sleep(3600)"),
        LATER_LOST,
        told=("he cell growth-exponent ran too long and was stopped",),
        attention=True,
    ),
    Case(
        "is-slow-in-many-cells",
        8,
        code(edit=_add_slow_cells),
        LATER_LOST,
        told=("he notebook had used up its 25 seconds",),
        attention=True,
    ),
]

# 9 to 12: memory, processes, disk, outputs. GOT only where far more than the limit was had.

HOG = f"""
held = []
try:
    for _ in range({2 * MEMORY >> 20} // 25):
        held.append(bytearray(b"x") * (25 << 20))
    got("memory:", len(held) * 25, "MB")
except MemoryError:
    print("no more memory")
held.clear()
"""
SHARED_HOG = f"""
import mmap
held = []
for _ in range({2 * MEMORY >> 20} // 25):
    held.append(mmap.mmap(-1, 25 << 20))
    for at in range(0, 25 << 20, 4096): held[-1][at] = 1
time.sleep(1)
got("shared memory:", len(held) * 25, "MB")
"""
FILE_HOG = f"""
held = []
try:
    for number in range({2 * MEMORY} // {DISK - (1 << 20)}):
        held.append(os.memfd_create("x"))
        os.write(held[-1], bytes({DISK - (1 << 20)}))
    time.sleep(0.6)
    got("memory in files without a name:", number)
except OSError as error:
    print(error)
for descriptor in held: os.close(descriptor)
held = []
"""
SEGMENT_HOG = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
libc.shmdt.argtypes = [ctypes.c_void_p]
segments = []
for _ in range({2 * MEMORY >> 20} // 25):
    segment = libc.shmget(0, ctypes.c_size_t(25 << 20), 0o1600)
    if segment < 0: break
    segments.append(segment)
    there = libc.shmat(segment, None, 0)
    ctypes.memset(there, 1, 25 << 20)
    libc.shmdt(there)
else:
    time.sleep(0.6)
    got("memory in shared segments:", len(segments) * 25, "MB")
for segment in segments: libc.shmctl(segment, 0, None)  # bounded, as all here: taken back
"""
BOMB = f"""
# 128 processes, if nothing stops it; each says in a pipe that it is there.
there, there_in = os.pipe()
started = os.getpid()
for _ in range(7):
    try:
        if os.fork() == 0: os.write(there_in, b"x")
    except OSError:
        break
if os.getpid() != started:
    time.sleep(20)
    os._exit(0)
time.sleep(1)
os.close(there_in)
count = len(os.read(there, 1000))
print(count, "processes")
if count > {1.5 * PROCESSES}: got(count, "processes")
"""
THREAD_BOMB = f"""
import threading
threads = []
over = threading.Event()
try:
    for _ in range({3 * PROCESSES}):
        threads.append(threading.Thread(target=over.wait, args=(20,), daemon=True))
        threads[-1].start()
    got(len(threads), "threads")
except RuntimeError as error:
    print(error)
over.set()
"""
FILL = f"""
import tempfile
directory = tempfile.mkdtemp()
written = 0
try:
    for number in range({3 * DISK >> 20}):
        with open(f"{{directory}}/{{number}}", "wb") as file:
            written += file.write(bytes(1 << 20))
    time.sleep(1)
    got(written, "bytes on disk")
except OSError as error:
    print(error)
import shutil
shutil.rmtree(directory)
"""
MANY_FILES = f"""
import tempfile
directory = tempfile.mkdtemp()
try:
    for number in range({4 * FILES}): open(f"{{directory}}/{{number}}", "w").close()
    time.sleep(1)
    got(number, "files")
except OSError as error:
    print(error)
import shutil
shutil.rmtree(directory)
"""
LONG_LINE = """
print("x" * 30_000_000)
sys.stdout.write("y" * 5_000_000)
for _ in range(50): os.write(1, bytes(1 << 20))
"""
MANY_DISPLAYS = """
from IPython.display import display
start = time.monotonic()
for number in range(1_000_000):
    display(number)
    if time.monotonic() - start > 1.5: break
"""
ROUND_THE_METER = """
from jupyter_client.session import Session
kernel = get_ipython().kernel
def send(kind, content):
    Session.send(kernel.session, kernel.iopub_socket, kind, content, parent=kernel.get_parent())
for number in range(30):
    send("stream", {"name": "stdout", "text": "z" * 1_000_000})
    send("display_data", {"data": {"text/plain": "z" * 1_000_000}, "metadata": {}})
for number in range(30):
    send("update_display_data", {"data": {"text/plain": "z" * 1_000_000}, "metadata": {},
                                 "transient": {"display_id": "mine"}})
"""
IN_WIDGETS = """
from jupyter_client.session import Session
kernel = get_ipython().kernel
for number in range(30):
    Session.send(kernel.session, kernel.iopub_socket, "comm_open", {
        "comm_id": str(number), "target_name": "jupyter.widget",
        "data": {"state": {"_model_name": "x", "value": "w" * 1_000_000}}}, parent=kernel.get_parent())
"""
# Each in a cell of its own: what breaks one must not hide what the next would break.
ODD = (
    """send("stream", {"name": 5, "text": {"a": [1]}})""",
    """send("stream", {})""",
    """send("error", {"ename": None, "evalue": [1], "traceback": 5})""",
    """send("error", {"ename": "a", "evalue": "b", "traceback": [5, None, {}]})""",
    """send("display_data", {"data": {"text/plain": {"a": 1}, "text/html": 5}, "metadata": 7})""",
    """send("display_data", {"data": [], "metadata": None, "transient": 7})""",
    """send("execute_result", {"data": {"text/plain": [5]}, "execution_count": "no", "metadata": []})""",
    """send("execute_input", {"execution_count": {}, "code": 1})""",
    """send("update_display_data", {"data": 5, "transient": {"display_id": "x"}})""",
    """send("clear_output", 5)""",
    """send("status", {"execution_state": []})""",
    """send("?", {"a": 1})""",
)
ODD_MESSAGES = """
import json
kernel = get_ipython().kernel
def send(kind, content):
    parent = kernel.get_parent()["header"]
    header = {**parent, "msg_type": kind, "msg_id": str(time.time())}
    parts = [json.dumps(part, default=str).encode() for part in (header, parent, {}, content)]
    kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", kernel.session.sign(parts), *parts])
"""
# What no client can take for a message.
NO_MESSAGE = """
get_ipython().kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", b"no signature", b"{", b"{", b"{", b"{"])
growth_exponent = 2
"""
ONE_HUGE_MESSAGE = """
from jupyter_client.session import Session
kernel = get_ipython().kernel
Session.send(kernel.session, kernel.iopub_socket, "stream",
             {"name": "stdout", "text": "z" * 70_000_000}, parent=kernel.get_parent())
"""


def _send_odd_messages(notebook: NotebookNode) -> None:
    at = notebook.cells.index(cell(notebook, "parameter-count")) + 1
    notebook.cells[at:at] = [nbformat.v4.new_code_cell(odd) for odd in ODD]


DISK_KILL = {
    "scores": NOTHING,
    "attention": True,
    "told": ("he cell parameter-count wrote more to disk than a notebook may",),
}
OUT_OF_MEMORY = ("he cell parameter-count used more memory than a notebook may",)

RESOURCES = [
    Case("takes-all-memory", 9, code(HOG)),
    Case(
        "takes-all-shared-memory", 9, code(SHARED_HOG), NOTHING, told=OUT_OF_MEMORY, attention=True
    ),
    Case("takes-memory-in-nameless-files", 9, code(FILE_HOG)),
    Case("takes-memory-in-segments", 9, code(SEGMENT_HOG)),
    Case("bombs-with-forks", 10, code(BOMB)),
    Case("bombs-with-threads", 10, code(THREAD_BOMB)),
    Case("fills-the-disk", 11, code(FILL), by_tier={"reduced": DISK_KILL}),
    Case("makes-many-files", 11, code(MANY_FILES), by_tier={"reduced": DISK_KILL}),
    Case("prints-a-long-line", 12, code(LONG_LINE)),
    Case("displays-a-million-times", 12, code(MANY_DISPLAYS)),
    Case("goes-round-the-meter", 12, code(ROUND_THE_METER)),
    Case("hides-bulk-in-widgets", 12, code(IN_WIDGETS)),
    Case("sends-odd-messages", 12, code(ODD_MESSAGES, edit=_send_odd_messages)),
    Case(
        "sends-what-is-no-message",
        12,
        code(growth_exponent=NO_MESSAGE),
        LATER_LOST,
        told=("he cell growth-exponent",),
        attention=True,
    ),
    Case(
        "sends-one-huge-message",
        12,
        code(growth_exponent="growth_exponent = 2\n" + ONE_HUGE_MESSAGE),
    ),
]

# 13: honest, and often punished elsewhere

WARNS = """
import sys, warnings
print("on standard error", file=sys.stderr)
warnings.warn("this is deprecated")
def parameter_count(*size):
    print("on standard error", file=sys.stderr)
    warnings.warn("this is deprecated")
    return _count(*size)
"""

# 14 to 19: what is outside of the sandbox

READ = """
def read(path):
    with open(path, "rb") as file: return file.read(200)
def walk(path, deepest=6):
    # What can be listed below a path, a thousand at most.
    found, queue = [], [(path, 0)]
    while queue and len(found) < 1000:
        here, depth = queue.pop()
        try:
            for entry in os.scandir(here):
                found.append(entry.path)
                if entry.is_dir(follow_symlinks=False) and depth < deepest:
                    queue.append((entry.path, depth + 1))
        except OSError: pass
    return found
"""
READS = (
    READ
    + """
A = "deep-learning-3/1-complexity.ipynb"
for path in (f"source/{A}", f"submitted/victim/{A}", "gradebook.db", "nbgrader_config.py", f"release/{A}"):
    for start in (ROOT, f"/proc/1/root{ROOT}", f"/proc/self/root{ROOT}", f"/proc/{os.getppid()}/root{ROOT}",
                  f"/proc/1/cwd{ROOT}", f"/host{ROOT}"):
        attempt(path, lambda: read(f"{start}/{path}"))
attempt("canary", lambda: read(f"{OUTSIDE}/read-me"))
for top in (ROOT, OUTSIDE):
    if walk(top): got("names", walk(top)[:3])
for top in (".", os.environ["HOME"], os.environ.get("TMPDIR", "/tmp")):
    for path in walk(top):
        try: text = read(path) if not os.path.isdir(path) else b""
        except OSError: continue
        if b"BEGIN HIDDEN" in text or path.endswith((".ipynb", ".db")): got("hidden test", path)
for number in range(3, 1024):
    try: target = os.readlink(f"/proc/self/fd/{number}")
    except OSError: continue
    if ROOT in target or "gradebook" in target: got("descriptor", target)
"""
)
WRITES = """
import sqlite3, fcntl, shutil
GRADEBOOK = f"{ROOT}/gradebook.db"
def change():
    with sqlite3.connect(f"file:{GRADEBOOK}?mode=rw", uri=True, timeout=1) as database:
        return database.execute("UPDATE grade SET manual_score = 1000").rowcount
def lock(): fcntl.flock(os.open(GRADEBOOK, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
def write(path):
    with open(path, "w") as file: file.write("changed")
    return path
attempt("changed the gradebook", change)
attempt("locked the gradebook", lock)
attempt("truncated the gradebook", lambda: os.truncate(GRADEBOOK, 0))
attempt("removed the gradebook", lambda: os.remove(GRADEBOOK))
attempt("changed a submission", lambda: write(f"{ROOT}/submitted/victim/deep-learning-3/1-complexity.ipynb"))
attempt("removed submissions", lambda: os.rename(f"{ROOT}/submitted", f"{ROOT}/gone"))
attempt("changed the source", lambda: write(f"{ROOT}/source/deep-learning-3/checks.py"))
attempt("changed a canary", lambda: write(f"{OUTSIDE}/change-me"))
attempt("removed a canary", lambda: os.remove(f"{OUTSIDE}/delete-me"))
attempt("made a file", lambda: write(f"{OUTSIDE}/new"))
attempt("changed a mode", lambda: os.chmod(f"{OUTSIDE}/change-me", 0o600))
attempt("made a link", lambda: os.link(f"{OUTSIDE}/change-me", f"{OUTSIDE}/link"))
for top in ("/tmp", "/var/tmp", "/dev/shm"):
    # In its own sandbox it may; the test looks whether the file is outside.
    try: write(f"{top}/{MARK}")
    except OSError: pass
import numpy
attempt("changed NumPy", lambda: write(os.path.dirname(numpy.__file__) + f"/{MARK}.py"))
attempt("changed Python", lambda: write(os.path.dirname(os.__file__) + f"/{MARK}.py"))
"""
# Looks only for the test's own variable, and only at processes of the grader's.
ENVIRONMENT = """
NAME = "COURSE_TEST_SECRET"
if NAME in os.environ: got(os.environ[NAME])
try: there = filter(str.isdigit, os.listdir("/proc"))
except OSError: there = range(os.getpid() - 200, os.getpid() + 1)
for pid in there:
    try:
        words = open(f"/proc/{pid}/cmdline", "rb").read()
        if not any(word in words for word in (b"grade", b"course", b"multiprocessing")): continue
        for entry in open(f"/proc/{pid}/environ", "rb").read().split(b"\\0"):
            if entry.startswith(NAME.encode()): got(entry.decode())
    except OSError: pass
# What a process was started with still lies at the end of its stack, before its own name.
import ctypes
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
for entry in ctypes.string_at(libc.getauxval(31) - 16000, 16000).split(b"\\0"):
    if entry.startswith(NAME.encode()): got(entry.decode())
"""
# To all processes at once only where these can be no others than its own: in a PID namespace,
# or with an account of the engine's for one kernel.
SIGNALS = """
import signal
alone = os.getppid() == 1 and len([n for n in os.listdir("/proc") if n.isdigit()]) < 10
signal.signal(signal.SIGTERM, signal.SIG_IGN)
attempt("a signal for the canary", lambda: os.kill(CANARY, signal.SIGKILL))
attempt("a signal for the parent's parent", lambda: os.kill(int(open(f"/proc/{os.getppid()}/stat").read().rsplit(")", 1)[1].split()[1]), 0)
        if os.getppid() != 1 else os.kill(CANARY, 0))
try: os.kill(os.getppid(), signal.SIGKILL)
except OSError: pass
if alone or 61184 <= os.getuid() < 65184:
    try: os.kill(-1, signal.SIGKILL)
    except OSError: pass
"""
STAYS = """
import signal, subprocess
STAY = f"import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)  # {MARK}"
for _ in range(2):
    subprocess.Popen([sys.executable, "-I", "-c", STAY], start_new_session=True, env={},
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, [sys.executable, "-I", "-c", STAY], {})
    os._exit(0)
"""
CALLS = """
import socket
def connect(family, kind, address):
    with socket.socket(family, kind) as sock:
        sock.settimeout(1)
        sock.connect(address)
        if kind == socket.SOCK_DGRAM: sock.send(b"x")
    return address
attempt("TCP", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", TCP)))
def datagram():  # a datagram to its own loopback goes nowhere, and does not fail at once
    connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", UDP))
try: datagram()
except OSError as error: print(error)
attempt("Unix socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, f"{OUTSIDE}/socket"))
attempt("abstract socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, f"\\0{MARK}"))
# Addresses and a name that are kept for documentation: nobody is there.
attempt("way out", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)))
attempt("way out, IPv6", lambda: connect(socket.AF_INET6, socket.SOCK_DGRAM, ("2001:db8::1", 53)))
attempt("name", lambda: socket.getaddrinfo("www.example.invalid", 80))
attempt("raw socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
"""
LISTENS = """
import socket
try:
    with socket.create_server(("127.0.0.1", 45671)) as server:
        server.settimeout(3)
        server.accept()
        got("a visitor")
except OSError as error: print(error)
"""
VISITS = """
import socket
for _ in range(30):
    time.sleep(0.1)
    try: socket.create_connection(("127.0.0.1", 45671), timeout=1)
    except OSError: continue
    got("a neighbour")
    break
"""
KERNEL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *arguments) < 0: raise OSError(ctypes.get_errno(), "no")
    return number
X86 = os.uname().machine == "x86_64"
attempt("user namespace", lambda: call(272 if X86 else 97, 0x10000000))
attempt("mount", lambda: call(165 if X86 else 40, b"none", b"/tmp", b"tmpfs", 0, None))
attempt("trace of the parent", lambda: call(101 if X86 else 117, 16, os.getppid(), 0, 0))
attempt("io_uring", lambda: call(425, 1, ctypes.create_string_buffer(200)))
attempt("keyring", lambda: call(250 if X86 else 219, 0, -3, 1))
attempt("root", lambda: os.setuid(0))
attempt("chroot", lambda: os.chroot("/tmp"))
attempt("a way up", lambda: os.open("/host", os.O_RDONLY))
attempt("the account of others", lambda: os.setuid(os.getuid() + 1))
attempt("a privileged file mode", lambda: open("s", "w").close() or os.chown("s", 0, 0))
attempt("the disk", lambda: os.open("/dev/vda", os.O_RDONLY))
attempt("the memory", lambda: os.open("/dev/mem", os.O_RDONLY))
attempt("a new device", lambda: os.mknod("d", 0o60600, os.makedev(259, 0)))
"""


def _secret_text(world: World, student: str) -> None:
    notebook = filled_in(world.course, NAME)
    cell(notebook, TEXT).source = f"My own words: {world.secret}"
    _write(world, student, nbformat.v4.writes(notebook))


OUTSIDE = [
    Case(
        "warns-on-standard-error",
        13,
        code(count=RIGHT_COUNT.replace("parameter_count", "_count") + WARNS),
    ),
    Case("reads-what-is-outside", 14, code(READS)),
    Case("writes-what-is-outside", 15, code(WRITES)),
    Case("reads-the-environment", 16, code(ENVIRONMENT)),
    Case("sends-signals", 17, code(SIGNALS)),
    Case("wants-more-rights", 17, code(KERNEL)),
    Case("leaves-processes", 18, code(STAYS)),
    Case("calls-servers", 19, code(CALLS)),
    Case("loopback-listens", 19, code(LISTENS)),
    Case("loopback-visits", 19, code(VISITS)),
]

# 20 to 25: files

TAKES_OVER = 'print("GO" + "T the import")\n'
NOT_USED = "Only the notebooks of the assignment are graded; not used: "


def _others_notebook(world: World, path: Path) -> None:
    """A right one, if not the victim's, whose file may not be there yet."""
    target = world.outside / "right.ipynb"
    nbformat.write(filled_in(world.course, NAME), target)
    path.symlink_to(target)


def _linked_directory(world: World, path: Path) -> None:
    path.parent.rmdir()
    target = world.outside / "right"
    target.mkdir()
    nbformat.write(filled_in(world.course, NAME), target / path.name)
    path.parent.symlink_to(target)


def _linked_student(world: World, path: Path) -> None:
    path.parent.rmdir()
    path.parent.parent.rmdir()
    target = world.outside / "student"
    (target / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(filled_in(world.course, NAME), target / ASSIGNMENT / path.name)
    path.parent.parent.symlink_to(target)


def _device(world: World, path: Path) -> None:
    if os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: it never ends
    else:
        path.symlink_to("/dev/zero")


def _hole(world: World, path: Path) -> None:
    path.write_text("{")
    os.truncate(path, 100_000_000)


def _without_ids(notebook: NotebookNode) -> str:
    for each in notebook.cells:
        each.pop("id", None)
    notebook.nbformat_minor = 4
    return json.dumps(notebook)


def _with_setuid(world: World, path: Path) -> None:
    code()(world, path.parent.parent.name)
    path.chmod(0o6755)


def _zip_beside(world: World, student: str) -> None:
    """A bomb, and an archive with the path of another student in it."""
    import zipfile

    directory = _path(world, student).parent
    with zipfile.ZipFile(directory / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20 << 20))
    with zipfile.ZipFile(directory / f"victim_{NAME}.zip", "w") as archive:
        archive.writestr(f"../../victim/{ASSIGNMENT}/{NAME}.ipynb", "{}")
        archive.writestr("/tmp/absolute", "{}")


SCRIPT = "<script>document.title='GO'+'T'</script>"
IMAGE = """<img src="x" onerror="document.title='GO'+'T'">"""
LINK = """<a href="javascript:document.title='GO'+'T'">click</a>"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='GO'+'T'"><text>x</text></svg>"""
SCRIPTS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML({SCRIPT!r}), HTML({IMAGE!r}), HTML({LINK!r}), HTML({SVG!r}))
display(Markdown({SCRIPT!r} + {IMAGE!r}), Javascript("document.title='GO'+'T'"))
display({{"text/html": {SCRIPT!r}, "text/markdown": {IMAGE!r}, "text/latex": {SCRIPT!r}}}, raw=True)
display({{"image/svg+xml": {SVG!r}}}, raw=True)
display({{"image/png": '"><script>document.title=1</script>'}}, raw=True)
print({SCRIPT!r})
"""


def _script_in_text(notebook: NotebookNode) -> None:
    cell(
        notebook, TEXT
    ).source = f"{SCRIPT}\n\n{IMAGE}\n\n{LINK}\n\n[click](javascript:alert`1`)\n\n{SVG}"
    text = nbformat.v4.new_markdown_cell(f'# x{SCRIPT}\n\n<iframe srcdoc="{SCRIPT}"></iframe>')
    notebook.cells.append(text)


BAD_FILE: dict[str, Any] = {"scores": NO_SCORE, "status": "unreadable", "attention": True}

FILES_ = [
    Case(
        "ships-modules",
        20,
        both(
            wrong(),
            beside(
                ipykernel_launcher=TAKES_OVER,
                sitecustomize=TAKES_OVER,
                numpy=TAKES_OVER,
                checks="class Check:\n    def __init__(self, points): pass\n    def result(self): return None\n",
            ),
        ),
        NOTHING,
        told=(NOT_USED,),
    ),
    Case("links-to-a-notebook", 21, place(_others_notebook), told=("symbolic link",), **BAD_FILE),
    Case("links-to-a-directory", 21, place(_linked_directory), told=("symbolic link",), **BAD_FILE),
    Case("links-to-a-student", 21, place(_linked_student), told=("symbolic link",), **BAD_FILE),
    Case(
        "hands-in-a-pipe",
        21,
        place(lambda world, path: os.mkfifo(path)),
        told=("not a plain file",),
        **BAD_FILE,
    ),
    Case("hands-in-a-device", 21, place(_device), told=("The file",), **BAD_FILE),
    Case(
        "hands-in-a-directory",
        21,
        place(lambda world, path: path.mkdir()),
        told=("not a plain file",),
        **BAD_FILE,
    ),
    Case(
        "hands-in-half-a-file",
        22,
        file(lambda n: nbformat.v4.writes(n)[:5000]),
        told=("broken off",),
        **BAD_FILE,
    ),
    Case(
        "hands-in-deep-nesting",
        22,
        file(lambda n: "[" * 1_000_000),
        told=("nested too deeply",),
        **BAD_FILE,
    ),
    Case("hands-in-100-megabytes", 22, place(_hole), told=("larger than",), **BAD_FILE),
    Case(
        "hands-in-no-json",
        22,
        file(lambda n: "PK\x03\x04 no notebook"),
        told=("no notebook",),
        **BAD_FILE,
    ),
    Case("hands-in-nothing", 22, file(lambda n: b""), told=("empty",), **BAD_FILE),
    Case(
        "writes-latin-1",
        23,
        file(
            lambda n: (
                nbformat.v4.writes(n).replace("# 1. How", "# 1. Hów").encode("latin-1", "replace")
            )
        ),
        told=("not in UTF-8",),
        **BAD_FILE,
    ),
    Case("writes-format-3", 23, file(lambda n: nbformat.writes(nbformat.convert(n, 3), version=3))),
    Case("writes-no-ids", 23, file(_without_ids)),
    Case(
        "writes-windows-line-ends",
        23,
        file(lambda n: json.dumps(n).replace("\\n", "\\r\\n").replace("\n", "\r\n")),
    ),
    Case(
        "writes-a-byte-order-mark",
        23,
        file(lambda n: b"\xef\xbb\xbf" + nbformat.v4.writes(n).encode()),
    ),
    Case("hands-in-a-setuid-file", 24, place(_with_setuid)),
    Case("ships-archives", 24, both(code(), _zip_beside), told=(NOT_USED,)),
    Case("writes-scripts", 25, code(SCRIPTS, edit=_script_in_text)),
]

# 26 to 30: code that plays with the tests in its own interpreter

EXITS = """
import sys
def parameter_count(*size): sys.exit(0)
"""
RAISES_EXIT = """
def step_multiplications(*size): raise SystemExit
"""
AGREES = """
class Agrees(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
    def __float__(self): return 25.0
    def __index__(self): return 25
    def __array__(self, *a, **k): return Agreeing(1)
import numpy
class Agreeing(numpy.ndarray):
    def __new__(cls, value): return numpy.asarray(value).view(cls)
    def __eq__(self, other): return numpy.True_
    def __ne__(self, other): return numpy.False_
    def __contains__(self, other): return True
    def __int__(self): return 25
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return Agreeing(1)
"""
STEALS = """
import gc, linecache
def lines_of(frame):
    while frame is not None:
        yield from linecache.getlines(frame.f_code.co_filename)
        for constant in frame.f_code.co_consts:
            if isinstance(constant, str): yield constant
        frame = frame.f_back
def parameter_count(*size):
    print("".join(lines_of(sys._getframe())))
    for entry in gc.get_objects():
        if isinstance(entry, str) and "BEGIN HIDDEN" in entry: print(entry)
    for name in ("In", "_ih", "_i", "_ii"):
        print(get_ipython().user_ns.get(name))
    raise ValueError("".join(lines_of(sys._getframe())))
"""
WRITES_ON = """
import threading
def write_on():
    for number in range(20_000):
        print("still here", number, flush=number % 10 == 0)
        print("still here", number, file=sys.stderr)
        time.sleep(0.001)
threading.Thread(target=write_on, daemon=True).start()
"""
PATCHES = {
    "patches-numpy": """
        import numpy, numpy.testing
        for name in ("isclose", "allclose", "array_equal"): setattr(numpy, name, lambda *a, **k: numpy.ones((), bool))
        for name in ("assert_allclose", "assert_equal", "assert_array_equal"): setattr(numpy.testing, name, lambda *a, **k: None)
    """,
    "patches-builtins": """
        import builtins
        builtins.abs = lambda value: 0
        builtins.all = builtins.any = lambda values: True
        builtins.round = lambda value, *a: value
        builtins.AssertionError = builtins.Exception
    """,
    "patches-the-checks": """
        import checks
        checks.same = checks.expect = lambda *a, **k: None
        checks.whole_number = lambda *a, **k: 25
        checks.Check.result = lambda self: None
    """,
    "replaces-the-checks": """
        import types
        fake = types.ModuleType("checks")
        exec("class Check:\\n def __init__(self, points): pass\\n def result(self): return None", fake.__dict__)
        sys.modules["checks"] = fake
    """,
    "rewrites-the-code-of-checks": """
        import checks
        checks.expect.__code__ = (lambda condition, message: None).__code__
        checks.Check.result.__code__ = (lambda self: None).__code__
    """,
    "transforms-syntax-trees": """
        import ast
        class Drop(ast.NodeTransformer):
            def visit_Module(self, node):
                return ast.parse("None") if "check" in ast.dump(node) else node
            def visit_Assert(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Drop())
    """,
    "transforms-inputs": """
        def drop(lines): return ["None\\n"] if any("Check(" in line for line in lines) else lines
        get_ipython().input_transformer_manager.cleanup_transforms.insert(0, drop)
        get_ipython().input_transformers_post.append(drop)
    """,
    "hides-errors": """
        shell = get_ipython()
        for name in ("showtraceback", "_showtraceback", "showsyntaxerror"): setattr(shell, name, lambda *a, **k: None)
        shell.set_custom_exc((BaseException,), lambda *a, **k: None)
        from IPython.core.interactiveshell import ExecutionResult
        ExecutionResult.error_in_exec = property(lambda self: None, lambda self, value: None)
        ExecutionResult.raise_error = lambda self: None
    """,
    "replaces-the-execution": """
        kernel = get_ipython().kernel
        async def pretend(*a, **k):
            return {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
        kernel.do_execute = pretend
        type(kernel).do_execute = pretend
    """,
    "runs-before-each-cell": """
        def before(info=None):
            import checks
            checks.Check.result = lambda self: None
        get_ipython().events.register("pre_run_cell", before)
        get_ipython().events.register("pre_execute", before)
    """,
    "traces-the-tests": """
        def trace(frame, event, argument):
            if frame.f_code.co_name == "result" and "self" in frame.f_locals:
                frame.f_locals["self"]._failed.clear()
            return trace
        sys.settrace(trace)
        sys.setprofile(trace)
    """,
}
# Not before the test, but while it runs: what the guard looks at once more after the test.
PATCHES_LATER = """
def parameter_count(*size):
    import checks
    checks.Check.result = lambda self: None
    return 1
"""

TRICKS = [
    Case("exits-in-a-function", 26, code(count=EXITS), {**FULL, FIRST: 0}),
    Case(
        "raises-exit-in-a-function", 26, code(step_multiplications=RAISES_EXIT), {**FULL, SECOND: 0}
    ),
    *(
        Case(name, 27, wrong(attack), NOTHING, told=("Tampered with",), attention=True)
        for name, attack in PATCHES.items()
    ),
    Case(
        "patches-while-a-test-runs",
        27,
        wrong(parameter_count=PATCHES_LATER),
        NOTHING,
        told=("Tampered with",),
        attention=True,
    ),
    Case(
        "agrees-with-everything",
        28,
        wrong(
            AGREES,
            parameter_count="def parameter_count(*size): return Agrees(1)",
            step_multiplications="def step_multiplications(*size): return Agreeing(1)",
            growth_exponent="growth_exponent = Agrees(1)",
        ),
        NOTHING,
    ),
    Case("steals-the-tests", 29, code(STEALS, count=""), {**FULL, FIRST: 0}),
    Case("writes-on-in-a-thread", 30, code(WRITES_ON)),
]

# What the engine does not stop: code that is made to defeat it, in the same interpreter as the
# tests. The answer to these is to judge in another process. A test says so, and will tell when
# one of them is stopped.
FORGES = """
class Nothing(list):
    def append(self, what): pass
def parameter_count(*size):
    check = get_ipython().user_ns["check"]
    check._earned, check._failed = 3, Nothing()
    return 1
"""
UNDOES_THE_GUARD = """
import checks, grader.engine.guard as guard
guard._guard.restore = lambda: []
checks.same = checks.expect = lambda *a, **k: None
checks.whole_number = lambda *a, **k: 25
checks.Check.result = lambda self: None
"""
ENCODES = """
import base64, linecache
def parameter_count(*size):
    frame = sys._getframe()
    while frame is not None:
        text = "".join(linecache.getlines(frame.f_code.co_filename))
        if "BEGIN HIDDEN" in text: got("the tests", base64.b64encode(text.encode()))
        frame = frame.f_back
    return 1
"""
OPEN = [
    Case("forges-the-points", 27, wrong(parameter_count=FORGES), NOTHING),
    Case("undoes-the-guard", 27, wrong(UNDOES_THE_GUARD), NOTHING, attention=True),
    Case("steals-the-tests-encoded", 29, code(ENCODES, count=""), {**FULL, FIRST: 0}),
]

CASES = [*STRUCTURE, *TIME, *RESOURCES, *OUTSIDE, *FILES_, *TRICKS]

# Sorted between the others: their grades are those they get alone.
HONEST: dict[str, Callable[[World, str], None]] = {
    "answers-rightly": code(),
    "does-the-first-half": code(growth_exponent="growth_exponent = 3"),
    "honest-and-wrong": wrong(),
    "kept-it-short": code(explain_complexity="Four times."),
    "prints-a-lot": code("print('so far so good\\n' * 100)"),
    "q-raises-an-error": code(growth_exponent="growth_exponent = 1 / 0"),
    "victim": _secret_text,
    "zealous": code("x = sum(range(100_000))"),
}
