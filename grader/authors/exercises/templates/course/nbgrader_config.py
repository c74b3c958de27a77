"""How nbgrader runs in this course. Every line says why."""

from grader.nbgrader_plugin.formgrader import expire_session_after_request
from grader.nbgrader_plugin.steps import configure

c = get_config()  # noqa: F821 - nbgrader defines it

# The name under which the gradebook keeps this course.
c.CourseDirectory.course_id = "$course_id"

# Students' code runs in a sandbox, also by nbgrader's own commands and the formgrader's button.
configure(c)

# Test cells run in a process of their own, which holds no code of a learner's.
c.SandboxedExecute.judge = "apart"

# Whoever grades an explanation in the formgrader has the rubric beside it. No student's page has.
c.HTMLExporter.preprocessors = ["grader.nbgrader_plugin.rubric.ShowRubric"]
# A formgrader that is running shows what was written to the gradebook meanwhile.
expire_session_after_request()

# What a student finds in place of a solution; the message says what to do.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("Replace this line by your code.")'
}
c.ClearSolutions.text_stub = "*YOUR ANSWER HERE: replace this line.*"
