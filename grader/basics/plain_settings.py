"""The settings of a configuration file that does nothing but make some, as plain data.

A file in Python is a program. Where it only gives names plain values, one setting a statement, what
it does is known without running it.
"""

import ast
import json
from pathlib import Path
from typing import Any

Settings = dict[str, dict[str, Any]]  # by section, such as ServerApp, and name
_PLAIN = (str, bytes, int, float, bool, type(None))


def of_file(path: Path) -> Settings | None:
    """The settings that a file makes; None if it may do more, or cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        return _of_json(json.loads(text)) if path.suffix == ".json" else _of_python(text)
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _of_json(said: Any) -> Settings | None:
    if not isinstance(said, dict):
        return None
    sections = {name: own for name, own in said.items() if name != "version"}
    for own in sections.values():
        # A dictionary under a name like a class is merged, and no value.
        if not isinstance(own, dict) or any(name[:1].isupper() for name in own):
            return None
    return sections


def _of_python(text: str) -> Settings | None:
    found: Settings = {}
    for line in ast.parse(text).body:
        match line:
            case ast.Expr(ast.Constant()):
                pass
            case ast.Assign([ast.Name("c")], ast.Call(ast.Name("get_config"), [], [])):
                pass
            case ast.Assign([ast.Attribute(ast.Attribute(ast.Name("c"), section), name)], value):
                made = ast.literal_eval(value)
                # Like a class: a section. `c.X.Y` would be one within.
                if not (section[:1].isupper() and not name[:1].isupper() and _is_plain(made)):
                    return None
                found.setdefault(section, {})[name] = made
            case _:
                return None
    return found


def _is_plain(value: Any) -> bool:
    """Whether it is written the same in each process; the order of a set is not."""
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()]))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
