"""How nbgrader runs in this course. Every line says why."""

import os
from pathlib import Path

from traitlets.config import get_config

c = get_config()
course = Path(__file__).resolve().parent

# The name under which the gradebook keeps this course.
c.CourseDirectory.course_id = "deep-learning"

# nbgrader's 30 s a cell would cut off a training cell on a slow machine.
c.Execute.timeout = 300

# What a student finds in place of a solution; the message says what to do.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("Replace this line by your code.")'
}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# Grading never touches the network: 4-svhn reads the synthetic house numbers (make data),
# unless the person who grades chose other data.
os.environ.setdefault("SVHN_DIR", str(course / "data" / "synthetic"))
