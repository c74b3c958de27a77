"""What the notebooks of an assignment import: it is what kernels are forked with, ready to use.

Given cells and solutions count, for every learner's kernel runs them or something like them, and
there what is imported at the top level. Modules that lie beside the notebooks are read for what
they import themselves, and never imported here: they are handed out, and a learner may have changed
them.
"""

import ast
import importlib.util
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from grader.basics.errors import GraderError
from grader.notebooks import cells
from grader.notebooks.names import statements


@dataclass(frozen=True)
class Imports:
    """Modules outside of the standard library, in the order in which they are imported.

    `missing` are those that are not installed here.
    """

    modules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def of_each(folder: Path, names: Collection[str] | None = None) -> dict[str, Imports]:
    """What each of the teacher notebooks in a folder imports, or those with these names.

    A notebook that cannot be read imports nothing: whatever else reads it says so.
    """
    found = {}
    for path in sorted(folder.glob("[!.]*.ipynb")):
        if names is None or path.stem in names:
            found[path.stem] = Imports()
            with suppress(GraderError):
                sources = of_teacher(cells.read_notebook(path).cells)
                found[path.stem] = of_sources(sources, folder)
    return found


def of_folder(folder: Path, names: Collection[str] | None = None) -> Imports:
    """What the teacher notebooks in a folder import in all, or those with these names."""
    return together(of_each(folder, names).values())


def together(each: Iterable[Imports]) -> Imports:
    """What several notebooks import in all, in the order of the first that does."""
    modules: dict[str, None] = {}
    missing: dict[str, None] = {}
    for one in each:
        modules |= dict.fromkeys(one.modules)
        missing |= dict.fromkeys(one.missing)
    return Imports(tuple(modules), tuple(missing))


def of_teacher(all_cells: Iterable[NotebookNode]) -> list[str]:
    """The sources of the code that a teacher's notebook gives, or solves itself."""
    return [
        cell.source for cell in all_cells if cell.cell_type == "code" and not cells.is_test(cell)
    ]


def of_sources(sources: Iterable[str], folder: Path) -> Imports:
    """What some cells import, and what the modules in `folder` that they import need."""
    modules: dict[str, None] = {}
    missing: dict[str, None] = {}
    beside: set[Path] = set()
    waiting = list(sources)
    for source in waiting:  # grows meanwhile
        for node in statements(source):
            for name in _imported(node):
                root = name.partition(".")[0]
                file = _file(folder, root)
                if file is not None:
                    if file not in beside:
                        beside.add(file)
                        with suppress(OSError, UnicodeDecodeError):
                            waiting.append(file.read_text(encoding="utf-8"))
                elif root not in sys.stdlib_module_names:
                    if _is_there(name):
                        modules[name] = None
                    elif not _is_there(root):
                        missing[root] = None
    return Imports(tuple(modules), tuple(missing))


def _imported(node: ast.stmt) -> Iterator[str]:
    """The modules that a statement may import when it runs; not in functions and classes."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        # Each may be a module, too.
        yield from (f"{node.module}.{each.name}" for each in node.names if each.name != "*")
    elif isinstance(node, ast.If | ast.Try | ast.With):
        for child in ast.iter_child_nodes(node):
            inner = child.body if isinstance(child, ast.ExceptHandler) else [child]
            for each in inner:
                if isinstance(each, ast.stmt):
                    yield from _imported(each)


def _file(folder: Path, name: str) -> Path | None:
    """The file of a module that lies beside the notebooks."""
    places = (folder / f"{name}.py", folder / name / "__init__.py")
    return next((path for path in places if path.is_file()), None)


def _is_there(name: str) -> bool:
    """Whether there is such a module. Nothing is imported: that may take seconds."""
    root, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError):
        return False
    if spec is None:
        return False
    places = [Path(each) for each in spec.submodule_search_locations or ()]
    for part in rest:
        inner = [place / part for place in places]
        is_module = any(path for place in places for path in place.glob(f"{part}.*"))
        places = [path for path in inner if path.is_dir()]
        if not places and not (is_module and part == rest[-1]):
            return False
    return True
