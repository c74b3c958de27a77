"""How nbgrader runs in this course. Every line says why."""

import os
from pathlib import Path

from grader.nbgrader_plugin.formgrader import expire_session_after_request
from grader.nbgrader_plugin.steps import configure

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader defines it
course = Path(__file__).resolve().parent

# The name under which the gradebook keeps this course.
c.CourseDirectory.course_id = "deep-learning"

# nbgrader's 30 s a cell would cut off a training cell on a slow machine.
c.Execute.timeout = 300

# Students' code runs in a sandbox, also by nbgrader's own commands and the formgrader's button.
configure(c)

# Test cells run in a process of their own, which holds no code of a learner's.
c.SandboxedExecute.judge = "apart"

# Which sandbox: by default the best that holds here. COURSE_TIER=reduced is for trying the other.
if os.environ.get("COURSE_TIER"):
    c.SandboxProvisioner.tier = os.environ["COURSE_TIER"]

# Whoever grades an explanation in the formgrader has the rubric beside it. No student's page has.
c.HTMLExporter.preprocessors = ["grader.nbgrader_plugin.rubric.ShowRubric"]
# A formgrader that is running shows what was written to the gradebook meanwhile.
expire_session_after_request()

# The points of the assignment add up to this.
c.FormRules.points = 100

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

# 4-svhn must find the data from within the sandbox; notebooks see no other variables or paths.
c.SandboxProvisioner.readable = [os.environ["SVHN_DIR"]]
c.SandboxProvisioner.environment = ["LANG", "LC_ALL", "TZ", "NBGRADER_*", "SVHN_DIR"]
