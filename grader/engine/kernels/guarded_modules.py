"""Which modules of the assignment the tests import: the guard keeps them."""

import re
from collections.abc import Iterable

_IMPORT = re.compile(r"^\s*(?:import|from)\s.*", re.MULTILINE)


def trusted_modules(tests: Iterable[str], files: Iterable[str]) -> list[str]:
    """The modules among the assignment's `files` that the texts of `tests` import.

    A name in an import that is no module is harmless; so the texts need not be Python.
    """
    named = {
        word
        for test in tests
        for line in _IMPORT.findall(test)
        for word in re.findall(r"\w+", line)
    }
    modules = (path.removesuffix(".py") for path in files if path.endswith(".py"))
    return sorted(named.intersection(modules))
