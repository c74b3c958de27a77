"""Cases 27 to 34: code that plays with what lies between it and the judge of its tests."""

from tests.hostile.case import FIRST, FULL, NOTHING, SECOND, Case, code, wrong

# Finds the socket that leads to the judge: the others have names.
_SOCKETS = """
import os, socket
def sockets():
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as there:
                if not there.getsockname() and not there.getpeername(): found.append(int(name))
        except OSError: pass
    return found
"""
_FRAMES = """
import msgpack, struct
def frame(*message):
    data = msgpack.packb(list(message))
    return struct.pack("!Q", len(data)) + data
"""
_LOST = "what the notebook's code answered to the cell test-parameter-count cannot be read"
_IN_TEST = f"he kernel died in the cell {FIRST}"

ATTACKS = {
    # Answers before anybody asks: without the ticket of the question they are none.
    "answers-before-it-is-asked": f"""{_SOCKETS}{_FRAMES}
def parameter_count(*size):
    for descriptor in sockets():
        try: os.write(descriptor, frame(b"0" * 12, "value", 25, [], [], []))
        except OSError: pass
    return 1
""",
    "answers-from-a-thread": f"""{_SOCKETS}{_FRAMES}
import threading, time
def answer():
    while True:
        for descriptor in sockets():
            try: os.write(descriptor, frame(b"0" * 12, "value", 25, [], [], []))
            except OSError: pass
        time.sleep(0.001)
def parameter_count(*size):
    threading.Thread(target=answer, daemon=True).start()
    time.sleep(0.2)
    return 1
""",
    "floods-the-bridge": f"""{_SOCKETS}
def parameter_count(*size):
    for descriptor in sockets():
        try:
            os.set_blocking(descriptor, False)
            for _ in range(1000): os.write(descriptor, b"\\xff" * 65536)
        except OSError: pass
    return 1
""",
    "claims-ten-gigabytes": f"""{_SOCKETS}
def parameter_count(*size):
    for descriptor in sockets():
        try: os.write(descriptor, (10 << 30).to_bytes(8, "big"))
        except OSError: pass
    return 1
""",
}

QUIET = {
    # The kernel's end is the learner's to change; it changes only what the functions seem to say.
    "replaces-the-agent": """
import grader.engine.judge.agent as agent
agent.Agent._do_call = lambda self, *a: True
agent.Agent._do_array = lambda self, *a: __import__("numpy").ones(())
agent.Agent._do_truth = lambda self, *a: True
""",
    "says-it-holds-everything": """
import grader.engine.judge.wire as wire
wire.Values.decode = lambda self, message: 25
""",
    "patches-the-judges-modules": """
import grader.engine.judge.process as process, grader.engine.judge.remote as remote, checks
process.Judge.run_cell = lambda *a: {"status": "ok", "value": None, "kind": None, "printed": ""}
remote.Bridge.ask = lambda *a: 25
checks.Check.result = lambda self: None
""",
    "returns-an-endless-list": """
class Endless(list):
    def __iter__(self):
        while True: yield 1
    def __len__(self): return 25
def parameter_count(*size): return Endless([1])
""",
    "returns-a-list-in-itself": """
def parameter_count(*size):
    inside = []
    inside.append(inside)
    return inside
""",
    "returns-an-endless-generator": """
def parameter_count(*size):
    while True: yield 25
""",
    "returns-ten-gigabytes": """
def parameter_count(*size):
    import numpy
    return numpy.zeros(10 << 30, numpy.uint8)
""",
    "returns-objects-in-an-array": """
class Agrees:
    def __eq__(self, other): return True
    def __float__(self): return 25.0
def parameter_count(*size):
    import numpy
    return numpy.array([Agrees()], dtype=object)
""",
    "returns-another-class-each-time": """
class Number(int):
    __class__ = property(lambda self: float)
    def __reduce__(self): return eval, ("25",)
    def __array__(self, *a, **k): raise RuntimeError
def parameter_count(*size): return Number(1)
""",
    "changes-what-it-was-handed": """
def parameter_count(*size):
    import gc
    for each in gc.get_objects():
        if isinstance(each, dict) and "hidden_depth" not in each and each.get("expected"):
            each.clear()
    return 1
""",
    "raises-the-checks-own-error": """
import checks
def parameter_count(*size): raise checks.CheckFailed("passed")
""",
    "raises-an-error-without-end": """
class Loud(Exception):
    def __str__(self): return "x" * 10**8
def parameter_count(*size): raise Loud
""",
    "raises-what-no-test-expects": """
def parameter_count(*size): raise GeneratorExit
""",
    "tells-a-judged-call": """
def parameter_count(*size):
    frame = sys._getframe()
    while frame is not None:
        if "agent" in frame.f_code.co_filename:
            frame.f_locals.clear()
            return True
        frame = frame.f_back
    return 25
""",
}
# The judge, which still waits, would ask in the second test what the first one wanted to know.
_ANSWERS_LATER = """
import grader.engine.judge.agent as agent
serve, asked = agent.Agent.serve, []
def leave(self, connection):
    asked.append(1)
    if len(asked) > 1: return serve(self, connection)
    try: time.sleep(60)
    except KeyboardInterrupt: pass
agent.Agent.serve = leave
"""
_COUNT = "\n".join(["", "parameter_count = globals().get('parameter_count') or (lambda *size: 1)"])

BRIDGE = [
    *(
        Case(name, 27, wrong(parameter_count=attack), NOTHING, told=(_LOST,), attention=True)
        for name, attack in ATTACKS.items()
    ),
    *(
        Case(name, 28, wrong(parameter_count=attack + _COUNT), NOTHING)
        for name, attack in QUIET.items()
    ),
    Case(
        "answers-one-test-in-the-next",
        27,
        code(_ANSWERS_LATER, step_multiplications="def step_multiplications(*size): return 1"),
        {**NOTHING},
        told=(f"he cell {FIRST} ran too long and could not be stopped",),
        attention=True,
    ),
    Case(
        "dies-in-a-judged-call",
        27,
        code(count="import os\ndef parameter_count(*size): os._exit(0)"),
        {**NOTHING},
        told=(_IN_TEST,),
        attention=True,
    ),
    Case(
        "answers-otherwise-each-time",
        28,
        code(
            step_multiplications="""
            calls = []
            def step_multiplications(*size):
                calls.append(size)
                return 468 if len(calls) % 2 else 1
            """
        ),
        {**FULL, SECOND: 1},
    ),
]
