"""How nbgrader runs in this course. Every line says why."""

import os
from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader defines it
course = Path(__file__).resolve().parent

# The name under which the gradebook keeps this course.
c.CourseDirectory.course_id = "deep-learning"

# nbgrader's 30 s a cell would cut off a training cell on a slow machine.
c.Execute.timeout = 300

# Graded cells that a student deleted get no score, and `course grade` names them.
# nbgrader can put them back, but then it stops with a KeyError where the cell before is
# given code: for 5 of the 9 test cells of the first three notebooks (nbgrader 0.9.6).
c.OverwriteCells.add_missing_cells = False

# What a student finds in place of a solution; the message says what to do.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("Replace this line by your code.")'
}
c.ClearSolutions.text_stub = "*YOUR ANSWER HERE: replace this line.*"

# Grading never touches the network: 4-svhn reads the synthetic house numbers (make data),
# unless the person who grades chose other data. Absolute, for nbgrader runs each notebook in
# a directory of its own.
os.environ["SVHN_DIR"] = os.path.abspath(
    os.environ.get("SVHN_DIR") or course / "data" / "synthetic"
)
