"""Grade a class: the commands behind ``course``, on top of nbgrader."""

import sys

# jsonschema imports this, if it is there, to check web addresses in schemas, and then takes a
# second to build grammars. nbformat needs jsonschema in every process, but not those checks.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
