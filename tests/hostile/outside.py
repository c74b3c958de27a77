"""Cases 13 to 19: standard error, which is honest, and what is outside of the sandbox."""

from tests.hostile.case import RIGHT_COUNT, Case, code

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
starts = [ROOT, f"/host{ROOT}", f"/proc/1/cwd{ROOT}"]
starts += [f"/proc/{pid}/root{ROOT}" for pid in (1, "self", os.getppid())]
for path in (f"source/{A}", f"submitted/victim/{A}", f"release/{A}", "gradebook.db"):
    for start in starts:
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
VICTIM = f"{ROOT}/submitted/victim/deep-learning-3/1-complexity.ipynb"
attempt("changed a submission", lambda: write(VICTIM))
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
def parent_of(pid):
    return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
if os.getppid() != 1:
    attempt("a signal for the parent's parent", lambda: os.kill(parent_of(os.getppid()), 0))
try: os.kill(os.getppid(), signal.SIGKILL)
except OSError: pass
if alone or 61184 <= os.getuid() < 65184 or os.getuid() >= 0x70000000:
    try: os.kill(-1, signal.SIGKILL)
    except OSError: pass
"""
STAYS = """
import signal, subprocess
IGNORE = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
STAY = f"import time, signal; {IGNORE}; time.sleep(1200)  # {MARK}"
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
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("netlink", lambda: socket.socket(16, socket.SOCK_RAW, 16))
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
