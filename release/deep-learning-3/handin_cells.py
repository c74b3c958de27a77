"""Read a notebook, and find what is missing or wrong in its cells; for handin.py."""

import ast
import hashlib
import json
import re
import warnings

TO_FILL_IN = 'raise NotImplementedError("Replace this line'
TO_ANSWER = "YOUR ANSWER HERE: replace this line."
MOST_BYTES = 20_000_000  # a larger file is not graded
MOST_CELLS = 5_000
RUN_ALL = "Restart the kernel, run all cells, and save."
COPIES = {
    "given": "Only the first is kept.",
    "test": "Only the first is kept.",
    "solution": "All of them run, where they stand. Delete those that you do not need.",
    "manual": "Only the last is read. Delete the others.",
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
    except (ValueError, KeyError, TypeError, RecursionError):
        if not text.strip():
            return None, f"The file is empty. {again}"
        if re.search(r"^<<<<<<< ", text, re.MULTILINE):
            return None, f"Git left a conflict in the file (lines with <<<<<<<). {again}"
        return None, f"The file is cut off or damaged: it is not a notebook any more. {again}"
    if not good:
        return None, f"The file is not a notebook that can be read. {again}"
    if len(cells) > MOST_CELLS:
        return None, f"The notebook has {len(cells)} cells; {MOST_CELLS} are the most."
    return cells, ""


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
            if each["id"] in ids_of(cell) or hash_of(source_of(cell)) == each.get("hash")
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
            if any(hash_of(source_of(cell)) != each["hash"] for cell in there[:1]):
                altered.append(name)
        elif kind == "manual":
            _inspect_answer(name, source_of(there[-1]), at_stake, wrong, looks)
        elif all(not source_of(cell) for cell in there):
            wrong.append(f"{name}: the cell is empty ({at_stake}).")
        elif all(is_unfilled(source_of(cell)) for cell in there):
            wrong.append(f"{name}: not filled in yet ({at_stake}).")
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


def is_unfilled(text):
    """Whether a solution still holds the line that is to be replaced."""
    return any(line.strip().startswith(TO_FILL_IN) for line in text.split("\n"))


def _inspect_answer(name, text, at_stake, wrong, looks):
    if not text.replace(TO_ANSWER, "").strip("* \n"):
        wrong.append(f"{name}: your answer is missing ({at_stake}).")
    elif TO_ANSWER in text:
        looks.append(f"{name}: the line {TO_ANSWER!r} is still there. Delete it.")


def _inspect_code(cells, wanted, found, wrong, looks):
    code = [cell for cell in cells if cell.get("cell_type") == "code" and source_of(cell)]
    names = {id(cell): name for name, its in found.items() for cell in its}
    restored = {each["id"] for each in wanted if each["kind"] in ("given", "test")}
    for number, cell in enumerate(code, 1):
        if names.get(id(cell)) in restored:  # what was handed out runs in its place
            continue
        if problem := syntax_error(source_of(cell)):
            where = names.get(id(cell), f"the code cell number {number}, your own")
            wrong.append(f"{where}: Python cannot read it: {problem}.")
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
    # IPython's own lines: %magic, !command, help?
    source = re.sub(r"^(\s*)(\w+ *= *)?(!|%%?[a-zA-Z]).*$", r"\1pass", source, flags=re.M)
    source = re.sub(r"^(\s*)(\?{1,2}\S+|[\w.]+\?{1,2})\s*$", r"\1pass", source, flags=re.M)
    return _compile(source)


def _compile(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return f"{error.msg}, line {error.lineno}" if error.lineno else str(error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""
