"""Cases 26 to 34: code that plays with the tests, in a judge or in its own interpreter."""

from tests.hostile.case import FIRST, FULL, NOTHING, SECOND, Case, code, wrong

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
        for name in ("isclose", "allclose", "array_equal"):
            setattr(numpy, name, lambda *a, **k: numpy.ones((), bool))
        for name in ("assert_allclose", "assert_equal", "assert_array_equal"):
            setattr(numpy.testing, name, lambda *a, **k: None)
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
        import contextlib, types
        fake = types.ModuleType("checks")
        fake.__getattr__ = lambda name: lambda *a, **k: None
        class Check:
            def __init__(self, points): pass
            def part(self, *a): return contextlib.suppress(Exception)
            def result(self): return None
        fake.Check = Check
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
        for name in ("showtraceback", "_showtraceback", "showsyntaxerror"):
            setattr(shell, name, lambda *a, **k: None)
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
    "assigns-new-transformers": """
        import ast
        from IPython.core.inputtransformer2 import TransformerManager
        class Drop(ast.NodeTransformer):
            def visit_Module(self, node): return ast.parse("None")
        class Forget(TransformerManager):
            def transform_cell(self, cell): return "None" if "Check(" in cell else cell
        get_ipython().ast_transformers = [Drop()]
        get_ipython().input_transformer_manager = Forget()
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
# Of these, what changes the modules that tests stand on: nothing stops it beside the code.
_OF_MODULES = (
    *("patches-numpy", "patches-builtins", "patches-the-checks", "replaces-the-checks"),
    *("rewrites-the-code-of-checks", "runs-before-each-cell"),
)
HIDES = """
len = sum = abs = max = lambda *a, **k: 25
zip = enumerate = range = sorted = reversed = map = lambda *a, **k: []
all = any = isinstance = lambda *a: True
AssertionError = Exception = KeyError
float = int = round = print = type = lambda *a: 25
"""
MONEY = """
get_ipython().run_line_magic("precision", "$%.2f")
formatter = get_ipython().display_formatter.formatters["text/plain"]
formatter.for_type(float, lambda value, printer, cycle: printer.text("3.0 points"))
"""
# Not before the test, but while it runs.
PATCHES_LATER = """
def parameter_count(*size):
    import checks
    checks.Check.result = lambda self: None
    return 1
"""

_PATCHED = {name: Case(name, 27, wrong(attack), NOTHING) for name, attack in PATCHES.items()}
# What loses beside the code, too: how a test is run there is nothing that a notebook can change.
TOGETHER = [
    Case("exits-in-a-function", 26, code(count=EXITS), {**FULL, FIRST: 0}),
    Case(
        "raises-exit-in-a-function", 26, code(step_multiplications=RAISES_EXIT), {**FULL, SECOND: 0}
    ),
    *(case for name, case in _PATCHED.items() if name not in _OF_MODULES),
    Case("hides-builtins", 33, wrong(HIDES), NOTHING),
    Case(
        "shows-its-points-as-money",
        34,
        wrong(MONEY, parameter_count="def parameter_count(*size): return 25"),
        {**NOTHING, FIRST: 1},
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

# What nothing stops where tests and code share an interpreter: code that is made to defeat it. In
# a judge none of it wins.
FORGES = """
class Nothing(list):
    def append(self, what): pass
def parameter_count(*size):
    check = get_ipython().user_ns["check"]
    check._earned, check._failed = 3, Nothing()
    return 1
"""
FORGES_A_VERDICT = """
async def pretend(*request):
    reply = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
    return reply, {"passed": True, "value": None, "kind": None}
get_ipython().kernel.tests.run = pretend
"""
ENCODES = """
import base64, linecache
def parameter_count(*size):
    frame = sys._getframe()
    while frame is not None:
        text = "".join(linecache.getlines(frame.f_code.co_filename))
        if "weights_are_" + "right" in text: got("the tests", base64.b64encode(text.encode()))
        frame = frame.f_back
    return 1
"""
OPEN = [
    Case("forges-the-points", 27, wrong(parameter_count=FORGES), NOTHING),
    Case("forges-a-verdict", 27, wrong(FORGES_A_VERDICT), NOTHING),
    *(_PATCHED[name] for name in _OF_MODULES),
    Case("patches-while-a-test-runs", 27, wrong(parameter_count=PATCHES_LATER), NOTHING),
    Case("steals-the-tests-encoded", 29, code(ENCODES, count=""), {**FULL, FIRST: 0}),
]

# In a judge of their own, what the code changes in its kernel is nothing to the tests.
TRICKS = [*TOGETHER, *OPEN]
