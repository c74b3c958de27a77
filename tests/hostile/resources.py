"""Cases 9 to 12: memory, processes, disk, outputs.

GOT is printed only where far more than the limit was had.
"""

import nbformat
from nbformat import NotebookNode

from tests.hostile.case import LATER_LOST, NOTHING, Case, cell, code
from tests.hostile.world import DISK, FILES, MEMORY, PROCESSES

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
try:
    for _ in range({2 * MEMORY >> 20} // 25):
        held.append(mmap.mmap(-1, 25 << 20))
        for at in range(0, 25 << 20, 4096): held[-1][at] = 1
        held[-1].madvise(mmap.MADV_DONTNEED)  # it stays, and no account of this process has it
    time.sleep(0.6)
    got("shared memory:", len(held) * 25, "MB")
except OSError as error:
    print(error)
held = []
"""
# Each process stays within its own limit.
PROCESS_HOG = f"""
children = []
for _ in range(4):
    pid = os.fork()
    if pid == 0:
        held = bytearray(b"x") * {MEMORY // 2}
        time.sleep(8)
        os._exit(0)
    children.append(pid)
time.sleep(4)
got("memory of four processes")
for pid in children:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
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
# What the machine says of a process begins with the name that this has given to itself.
ODD_NAME = """
import ctypes
for name in (b"\\xff", b"\\rRssAnon: -9999", b"\\x1cRssAnon:"):
    ctypes.CDLL(None).prctl(15, name)
    time.sleep(0.5)
"""
DEEP = """
here = os.getcwd()
try:
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    time.sleep(1)
except OSError as error:
    print(error)
os.chdir(here)
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
print("x" * 10_000_000)
sys.stdout.write("y" * 2_000_000)
for _ in range(8): os.write(1, bytes(1 << 20))
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
        "data": {"state": {"_model_name": "x", "value": "w" * 1_000_000}}},
        parent=kernel.get_parent())
"""
# Each in a cell of its own: what breaks one must not hide what the next would break.
ODD = (
    """send("stream", {"name": 5, "text": {"a": [1]}})""",
    """send("stream", {})""",
    """send("error", {"ename": None, "evalue": [1], "traceback": 5})""",
    """send("error", {"ename": "a", "evalue": "b", "traceback": [5, None, {}]})""",
    """send("display_data", {"data": {"text/plain": {"a": 1}, "text/html": 5}, "metadata": 7})""",
    """send("display_data", {"data": [], "metadata": None, "transient": 7})""",
    """send("execute_result", {"data": {"text/plain": [5]}, "execution_count": "no"})""",
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
parts = [b"x", b"<IDS|MSG>", b"no signature", b"{", b"{", b"{", b"{"]
get_ipython().kernel.iopub_socket.send_multipart(parts)
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
    Case("takes-shared-memory", 9, code(SHARED_HOG)),
    Case(
        "takes-memory-in-processes",
        9,
        code(PROCESS_HOG),
        NOTHING,
        told=OUT_OF_MEMORY,
        attention=True,
    ),
    Case("takes-memory-in-nameless-files", 9, code(FILE_HOG)),
    Case("takes-memory-in-segments", 9, code(SEGMENT_HOG)),
    Case("names-itself-oddly", 9, code(ODD_NAME)),
    Case("bombs-with-forks", 10, code(BOMB)),
    Case("bombs-with-threads", 10, code(THREAD_BOMB)),
    Case("fills-the-disk", 11, code(FILL), by_tier={"reduced": DISK_KILL}),
    Case("makes-many-files", 11, code(MANY_FILES), by_tier={"reduced": DISK_KILL}),
    Case("makes-deep-folders", 11, code(DEEP), by_tier={"reduced": DISK_KILL}),
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
