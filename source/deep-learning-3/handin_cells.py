"""Read a notebook, and find what is missing or wrong in its cells; for handin.py."""

import ast
import contextlib
import hashlib
import io
import json
import re
import sys
import tokenize
import warnings
from functools import cache
from pathlib import Path

MOST_BYTES = 20_000_000  # a larger file is not graded
MOST_CELLS = 5_000
GET_FILES = "# @title Get the files of the course"  # a cell for Colab, which is not graded
RUN_ALL = "Restart the kernel, run all cells, and save."
# How lines begin that need the network.
FETCHES = re.compile(
    r"^\s*(?:[!%]\s*(?:sudo\s+)?(?:pip3?|uv|conda|mamba|apt(?:-get)?|wget|curl|gdown|kaggle)\b"
    r"|!\s*git\s+clone\b|!\s*python3?\s+-m\s+pip\b)"
)
PROMPTS = re.compile(r"^(?:>>>|\.\.\.)(?: |$)", re.M)  # of pasted examples, which IPython drops
MAGIC = re.compile(r"^\s*(?:[\w, ]+=\s*)?%{1,2}([A-Za-z_]\w*)(.*)")
WINDOWS = re.compile(r"(?i)tk|qt|gtk|wx|osx|macosx")  # what matplotlib would open on a screen
HERE_ONLY = re.compile(
    r"(?:/(?:content|kaggle|home|Users|mnt|media|root|gdrive)\b|~/|[A-Za-z]:[\\/])"
)
COPIES = {
    "given": "Only the first is kept.",
    "test": "Only the first is kept.",
    "solution": "All of them run, where they stand. Delete those that you do not need.",
    "manual": "Only the last with an answer is read. Delete the others.",
}


def read(path):
    """The cells of a notebook, or None and a sentence on what is wrong with the file."""
    again = (
        "Open it in Jupyter and save it. If that fails, take an older copy, for example from "
        "the folder .ipynb_checkpoints or from Drive's version history."
    )
    try:
        if path.stat().st_size > MOST_BYTES:
            return None, (
                f"The file has {path.stat().st_size / 1e6:.0f} MB; more than "
                f"{MOST_BYTES / 1e6:.0f} MB are not graded. Clear the outputs, and save it."
            )
        data = path.read_bytes()
        text = data.decode(errors="replace")
        notebook = json.loads(data)
        cells = notebook["cells"]
        good = notebook.get("nbformat") == 4 and all(_is_cell(cell) for cell in cells)
    except OSError as error:
        return None, f"The file cannot be read: {error.strerror}."
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return None, _why_unreadable(data, text, error, again)
    if not good:
        return None, f"The file is not a notebook that can be read. {again}"
    if len(cells) > MOST_CELLS:
        return None, f"The notebook has {len(cells)} cells; {MOST_CELLS} are the most."
    return [cell for cell in cells if not source_of(cell).startswith(GET_FILES)], ""


def _why_unreadable(data, text, error, again):
    if not text.strip():
        return f"The file is empty. {again}"
    head = data[:400_000].decode("latin-1")
    for pattern, what, todo in grading().get("causes", ()):  # the grader says the same
        if re.search(pattern, head):
            return f"{what}: {todo}."
    if isinstance(error, UnicodeDecodeError):
        return (
            "The file is not in UTF-8 (an editor may have saved it in another encoding): open it "
            "in that editor, and save it as UTF-8."
        )
    return f"The file is cut off or damaged: it is not a notebook any more. {again}"


@cache
def told():
    """What handin.json says; nothing if it is not there."""
    try:
        table = Path(__file__).resolve().with_name("handin.json").read_text(encoding="utf-8")
        return json.loads(table)
    except (OSError, ValueError):
        return {}


def grading():
    """What is said of the machine that grades."""
    return told().get("grading", {})


def _is_cell(cell):
    if not isinstance(cell, dict):
        return False
    metadata, source = cell.get("metadata", {}), cell.get("source", "")
    texts = source if isinstance(source, list) else [source]
    return isinstance(metadata, dict) and all(isinstance(text, str) for text in texts)


def source_of(cell):
    """The text of a cell."""
    return "".join(cell.get("source", "")).replace("\r\n", "\n").strip()


def grade_id(cell):
    """The name that nbgrader knows a cell by, or None."""
    about = cell.get("metadata", {}).get("nbgrader")
    name = about.get("grade_id") if isinstance(about, dict) else None
    return name if isinstance(name, str) else None


def ids_of(cell):
    """Every name of a cell: nbgrader's, its own id, and the one that Colab keeps."""
    found = {grade_id(cell), cell.get("id"), cell.get("metadata", {}).get("id")}
    return {each for each in found if isinstance(each, str)}


def hash_of(text):
    """A short fingerprint of a text."""
    return hashlib.sha256(text.strip().encode(errors="replace")).hexdigest()[:16]


def find(cells, wanted):
    """The student's cells for each one that is wanted; by id or text where metadata are lost."""
    names = {each["id"] for each in wanted}
    nameless = [cell for cell in cells if grade_id(cell) not in names]
    found = {}
    for each in wanted:
        found[each["id"]] = [cell for cell in cells if grade_id(cell) == each["id"]] or [
            cell
            for cell in nameless
            if each["id"] in ids_of(cell) or hash_of(source_of(cell)) in each.get("hash", ())
        ][:1]
    return found


def inspect(cells, wanted, wrong, looks):
    """Add what is wrong in a notebook, and what to look at."""
    found = find(cells, wanted)
    altered = []
    for number, each in enumerate(wanted):
        name, kind, there = each["id"], each["kind"], found[each["id"]]
        points = points_of(wanted, number)
        at_stake = f"{points} {'point depends' if points == 1 else 'points depend'} on it"
        if not there:
            if kind in ("solution", "manual"):
                wrong.append(
                    f"{name}: the cell is gone, or has lost its name ({at_stake}). Copy your "
                    "text into a fresh copy of the notebook."
                )
            else:
                altered.append(name)
            continue
        if len(there) > 1:
            looks.append(f"{name}: the cell is there {len(there)} times. {COPIES[kind]}")
        if kind in ("given", "test"):
            if any(hash_of(source_of(cell)) not in each["hash"] for cell in there[:1]):
                altered.append(name)
        elif kind == "manual":
            answers = [source_of(cell) for cell in there]
            answer = next((each for each in reversed(answers) if _is_answer(each)), answers[-1])
            _inspect_answer(name, answer, at_stake, wrong, looks)
        elif all(not source_of(cell) for cell in there):
            wrong.append(f"{name}: the cell is empty ({at_stake}).")
        else:
            above, below = _until_next_check(cells, there[-1], wanted[number + 1 :], found)
            if any(hash_of(source_of(cell)) not in each.get("hash", ()) for cell in there):
                above = []  # there it stops the work above; as it was handed out, it is not run
            _inspect_solution(name, there, above, below, at_stake, wrong, looks)
    if altered:
        looks.append(
            f"You changed or deleted {', '.join(altered)}. When your work is graded, what was "
            "handed out runs in its place."
        )
    _inspect_code(cells, wanted, found, wrong, looks)


def points_of(wanted, number):
    """The points of an answer, or of the tests that follow a solution."""
    if wanted[number]["kind"] == "manual":
        return wanted[number]["points"]
    points = 0
    for each in wanted[number + 1 :]:
        if each["kind"] == "solution":
            break
        points += each["points"] if each["kind"] == "test" else 0
    return points


def _until_next_check(cells, cell, later, found):
    """The cells above one, and those between it and the next check, in their order."""
    checks = [id(check) for each in later if each["kind"] == "test" for check in found[each["id"]]]
    places = [id(each) for each in cells]
    first = places.index(id(cell)) + 1
    last = next((n for n in range(first, len(cells)) if places[n] in checks), len(cells))
    return cells[: first - 1], cells[first:last]


def _inspect_solution(name, there, above, below, at_stake, wrong, looks):
    """Say what the line that is to be replaced does, if all copies of the cell still have it.

    `there` are these copies, `above` and `below` other cells in which the work may stand.
    """
    left = [stub_left(source_of(cell)) for cell in there]
    if not all(left):
        return
    line = f"{name}: the line raise NotImplementedError is still there"
    wanted = set().union(*(_defined_in([cell], filled=False) for cell in there))
    if "below" in left:
        looks.append(f"{line}, below your code. Delete it.")
    elif wanted and wanted <= _defined_in(below, filled=True):
        looks.append(f"{line}, and your code stands in a cell below. Put it where that line is.")
    elif wanted and wanted <= _defined_in(above, filled=True):
        looks.append(f"{line}, and your code stands in a cell above. Put it where that line is.")
    elif "above" in left:
        wrong.append(f"{line}, above your code, so your code never runs ({at_stake}). Delete it.")
    elif "reached" in left:
        wrong.append(f"{line}, and your code ends there with an error ({at_stake}). Delete it.")
    else:
        wrong.append(f"{name}: not filled in yet ({at_stake}).")


def stub_left(text):
    """What the line that is to be replaced does in a solution; "" if it is gone.

    "unfilled": it stands alone; "above" or "below": of code that never, or always, runs before it;
    "reached": code comes before it and does not return.
    """
    to_fill_in = told().get("to_fill_in")
    if not to_fill_in or not any(line.strip().startswith(to_fill_in) for line in text.split("\n")):
        return ""
    try:
        tree = parsed(without_magics(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "unfilled"
    found = {
        _of_stub(block, number, isinstance(node, ast.Module))
        for node in ast.walk(tree)
        for block in (getattr(node, "body", None), getattr(node, "orelse", None))
        if isinstance(block, list)
        for number, line in enumerate(block)
        if _is_stub(line)
    }
    worst_first = ("unfilled", "above", "reached", "below")
    return next((each for each in worst_first if each in found), "unfilled")


def _defined_in(cells, filled):
    """The functions and classes that are defined in code cells: those without the line that is to
    be replaced, or those with it.
    """
    found = set()
    for cell in cells:
        if cell.get("cell_type") == "code":
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                found |= {
                    line.name
                    for line in parsed(without_magics(source_of(cell))).body
                    if isinstance(line, (ast.FunctionDef, ast.ClassDef))
                    and filled is not any(map(_is_stub, ast.walk(line)))
                }
    return found


def _of_stub(block, number, is_module):
    before = [line for line in block[:number] if not _does_nothing(line)]
    after = [line for line in block[number + 1 :] if not _does_nothing(line)]
    if not before:
        return "above" if after else "unfilled"
    # In a cell, what comes before has been done; in a function, it has to have returned.
    return "below" if is_module or any(map(_leaves, before)) else "reached"


def _is_stub(line):
    return isinstance(line, ast.Raise) and "NotImplementedError" in ast.dump(line)


def _does_nothing(line):
    """Whether it is a docstring, `pass` or `...`."""
    return isinstance(line, ast.Pass) or (
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    )


def _leaves(line):
    """Whether a function never goes on behind this."""
    if isinstance(line, ast.If):
        return any(map(_leaves, line.body)) and any(map(_leaves, line.orelse))
    if isinstance(line, ast.With):
        return any(map(_leaves, line.body))
    if isinstance(line, ast.Try):
        ways = [[*line.body, *line.orelse], *(each.body for each in line.handlers)]
        return any(map(_leaves, line.finalbody)) or all(any(map(_leaves, way)) for way in ways)
    if isinstance(line, ast.While):
        is_endless = isinstance(line.test, ast.Constant) and bool(line.test.value)
        return is_endless and not any(isinstance(each, ast.Break) for each in ast.walk(line))
    return isinstance(line, (ast.Return, ast.Raise))


def _is_answer(text):
    return bool(text.replace(told().get("to_answer", ""), "").strip("* \n"))


def _inspect_answer(name, text, at_stake, wrong, looks):
    to_answer = told().get("to_answer", "")
    if not _is_answer(text):
        wrong.append(f"{name}: your answer is missing ({at_stake}).")
    elif to_answer and to_answer in text:
        looks.append(f"{name}: the line {to_answer!r} is still there. Delete it.")


def _inspect_code(cells, wanted, found, wrong, looks):
    code = [cell for cell in cells if cell.get("cell_type") == "code" and source_of(cell)]
    names = {id(cell): name for name, its in found.items() for cell in its}
    # What was handed out runs in their place; and an answer in words is read, whatever its cell.
    no_code = {each["id"] for each in wanted if each["kind"] != "solution"}
    for number, cell in enumerate(code, 1):
        if names.get(id(cell)) in no_code:
            continue
        if problem := syntax_error(source_of(cell)):
            where = names.get(id(cell), f"the code cell number {number}, your own")
            wrong.append(f"{where}: Python cannot read it: {problem}.")
            continue
        where = names.get(id(cell), f"the code cell number {number}, your own")
        if problem := newer_syntax(source_of(cell)):
            wrong.append(f"{where}: {problem}")
        is_own = id(cell) not in names
        looks.extend(f"{where}: {each}" for each in differences(source_of(cell), is_own))
    for each in wanted:
        if each["kind"] == "test" and any(_has_error(cell) for cell in found[each["id"]]):
            looks.append(f"{each['id']}: this check failed when you last ran it.")
    # A cell that calls this check may be new, or run again and again.
    others = [cell for cell in code if "handin" not in source_of(cell)]
    counts = [cell.get("execution_count") for cell in others]
    if not any(counts):
        looks.append(f"It was not run, or its outputs were cleared. {RUN_ALL}")
    elif not _is_run_in_order(counts, len(code)):
        looks.append(f"Its cells were not run once each, from top to bottom. {RUN_ALL}")


def _has_error(cell):
    outputs = cell.get("outputs")
    return isinstance(outputs, list) and any(
        isinstance(each, dict) and each.get("output_type") == "error" for each in outputs
    )


def _is_run_in_order(counts, most):
    """Whether the numbers of runs rise, and none is higher than the number of cells."""
    if not all(isinstance(count, int) for count in counts):
        return False
    return counts == sorted(set(counts)) and counts[0] > 0 and counts[-1] <= most


def syntax_error(source):
    """What Python says of a cell that it cannot read; "" for one that it can."""
    problem = _compile(source)
    if not problem or source.startswith("%%"):  # for another language, or a magic that reads it
        return ""
    return _compile(without_magics(source))


def without_magics(source):
    """The source with `pass` for IPython's own lines: %magic, !command, help?"""
    if not _compile(source):
        return source
    if PROMPTS.match(source) and source.startswith(">>>"):
        source = PROMPTS.sub("", source)
    source = re.sub(r"^(\s*)(\w+ *= *)?(!|%%?[a-zA-Z]).*$", r"\1pass", source, flags=re.M)
    return re.sub(r"^(\s*)(\?{1,2}\S+|[\w.]+\?{1,2})\s*$", r"\1pass", source, flags=re.M)


def _parted(source):
    """A cell's line with %% or "", and what is Python's in the cell."""
    if not source.startswith("%%"):
        return "", source
    first, _, python = source.partition("\n")
    return first, python if re.match(r"%%(time|timeit|capture|prun)\b", first) else ""


def parsed(text, **how):
    """The tree of some code, as ast.parse makes it; what Python warns of is not printed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, **how)


def _compile(source):
    try:
        parsed(source)
    except SyntaxError as error:
        return f"{error.msg}, line {error.lineno}" if error.lineno else str(error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def newer_syntax(source):
    """What this Python can read in a cell and the one that grades cannot; "" if that is nothing.

    It is looked for only where the course says which Python grades, and that is an older one.
    """
    said = re.match(r"(\d+)\.(\d+)", str(grading().get("python", "")))
    graded = tuple(map(int, said.groups())) if said else sys.version_info[:2]
    first, python = _parted(source)
    text = without_magics(python)
    if graded >= sys.version_info[:2] or _compile(text):
        return ""
    line, what = _newer(text, graded)
    if not what:
        return ""
    version, number = said[0], line + bool(first)
    return (
        f"line {number} needs a newer Python than {version}, which grades it and cannot read the "
        f"cell: {what}."
    )


def _newer(text, graded):
    """The first line that an older Python cannot read, and what is there; "" if it can.

    `text` is what this Python reads.
    """
    try:
        parsed(text, feature_version=graded)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    line, what = _newer_string(text) if graded < (3, 12) else (0, "")
    if not what:
        return 0, ""
    return line, (
        f"{what} within the braces of an f-string. Give that part a name, in a line of its own "
        "above it"
    )


def _newer_string(text):
    """The first line, and what is there within the braces of an f-string that only 3.12 allows.

    Before, an f-string was read as any other string first, which ends at the next quote of its
    own, and then what is in its braces, without backslashes and comments.
    """
    start = getattr(tokenize, "FSTRING_START", None)
    middle = getattr(tokenize, "FSTRING_MIDDLE", None)
    end = getattr(tokenize, "FSTRING_END", None)
    plain = re.sub(r"[^\x00-\x7f]", "x", text)  # tokenize stumbles over others in f-strings
    around = []  # the quotes of the f-strings that a token is within
    try:
        for each in tokenize.generate_tokens(io.StringIO(plain).readline):
            if each.type == end:
                around.pop()
                continue
            # The text of an f-string, or of a format, is not within braces of its own.
            for quotes in around[:-1] if each.type == middle else around:
                if what := _not_before(each, quotes):
                    return each.start[0], what
            if each.type == start:
                around.append(each.string.lstrip("rRbBfFuU"))
    except (tokenize.TokenError, SyntaxError, SystemError, IndexError):  # then nothing is known
        pass
    return 0, ""


def _not_before(each, quotes):
    """What Python 3.11 could not read in a token within the braces of an f-string in `quotes`."""
    if quotes in each.string:
        return f"the quotes {quotes}"
    if "\\" in each.string:
        return "a backslash"
    if each.type == tokenize.COMMENT:
        return "a comment"
    if len(quotes) == 1 and (each.type == tokenize.NL or "\n" in each.string):
        return "a new line"
    return ""


# What works here and not where the notebook is graded


def differences(source, is_own):
    """What a code cell needs that is not there when it is graded: a sentence for each.

    `is_own`: it is no cell of the exercise. Then nothing is lost if a cell that only connects to
    Drive or goes to a folder stops.
    """
    first, python = _parted(source)
    lines = [first] if first else []
    if _compile(python):  # else each % is Python's
        lines += python.split("\n")
    found = list(_of_lines(lines))
    try:
        tree = parsed(without_magics(python))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    if is_own and all(map(_only_connects, tree.body)) and any(map(_is_of_google, tree.body)):
        return []
    return [*found, *dict.fromkeys(_of_python(tree))]


def _of_lines(lines):
    there = {*grading().get("magics", ())}
    for line in lines:
        magic = MAGIC.match(line)
        name, rest = (magic[1], magic[2].strip()) if magic else ("", "")
        if FETCHES.match(line):
            yield f"no network when it is graded, so `{line.strip()[:40]}` does nothing there."
        elif name == "matplotlib" and WINDOWS.match(rest):
            yield f"no screen when it is graded: write %matplotlib inline, not {rest[:20]}."
        elif name and there and name not in there and name != "load_ext":
            yield f"%{name} is not known when it is graded, and the cell may stop there."
        elif name == "cd" and HERE_ONLY.match(rest.strip("'\"")):
            yield f"there is no folder {rest[:40]} where it is graded."


def _only_connects(line):
    if isinstance(line, (ast.Import, ast.ImportFrom)):
        return {each.partition(".")[0] for each in _imported(line)} <= {"google", "os", "sys"}
    return isinstance(line, (ast.Pass, ast.Expr))


def _is_of_google(line):
    if not isinstance(line, (ast.Import, ast.ImportFrom)):
        return False
    return any(each.partition(".")[0] == "google" for each in _imported(line))


def _of_python(tree):
    there = {*grading().get("modules", ())}
    there.update(getattr(sys, "stdlib_module_names", ()) if there else ())
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in _always_run(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for module in _imported(node):
                top = module.partition(".")[0]
                if module.startswith("google.colab"):
                    yield "google.colab is only in Colab: when it is graded, the cell stops there."
                elif there and hasattr(sys, "stdlib_module_names") and top not in there:
                    yield f"{top} is not there when it is graded: the cell stops at this import."
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            if name == "input" and name not in own:
                yield "input() gets no answer when it is graded: write the value into the cell."
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if getattr(node.func, "attr", "") == "use" and WINDOWS.match(str([*texts, ""][0])):
                yield "no screen when it is graded: leave out the line with matplotlib.use."
        elif isinstance(node, ast.Constant) and _is_path_here(node.value):
            yield f"there is no {node.value[:40]!r} where it is graded."


def _is_path_here(value):
    return isinstance(value, str) and bool(HERE_ONLY.match(value)) and "\n" not in value


def _imported(node):
    """The modules that an import names, google.colab in each of its spellings."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if node.level or not node.module:
        return []
    if node.module == "google":
        return [f"google.{each.name}" for each in node.names]
    return [node.module]


def _always_run(node):
    """The nodes of a tree but for what a `try` may catch, or an `if` may leave out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) or (isinstance(child, ast.Try) and child.handlers):
            continue
        yield child
        yield from _always_run(child)
