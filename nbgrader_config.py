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

# Students with a newer Python are told, before they hand in, what this one cannot read.
c.Course.python = "3.11"

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

# The points of an assignment add up to this.
c.FormRules.points = {"deep-learning-3": 100}

# The hidden tests are proven by slips in this course's functions and by other styles of writing
# them, which no other course has; its authors keep these in proof/.
c.Proof.operators = [
    "proof/mutants_derivatives.py",
    "proof/mutants_functions.py",
    "proof/mutants_networks.py",
    "proof/mutants_datasets.py",
]
c.Proof.styles = ["proof/styles_keras.py", "proof/styles_results.py", "proof/styles_data.py"]
# What names such as `optimizer` stand for; and which messages and thresholds are none, and why.
c.Proof.words = "proof/words.toml"
c.Proof.remarks = "proof/remarks.toml"
# Some twenty mutants of each notebook are in the sample: one in so many.
c.Proof.mutant_shares = {"1-complexity": 11, "2-tanh": 8, "4-svhn": 20}
# 4-svhn takes many times as long as the others: there, one answer in so many is graded with the
# cells, too, that grading does not run, and there are fewer variants of more rewrites.
c.Proof.skipped_shares = {"4-svhn": 20}
c.Proof.style_bases = {"4-svhn": 1}
c.Proof.style_pairs = ["4-svhn"]
c.Proof.style_sample = {"2-tanh": 9, "4-svhn": 3}

# What a student finds in place of a solution; the message says what to do.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("Replace this line by your code.")'
}
c.ClearSolutions.text_stub = "*YOUR ANSWER HERE: replace this line.*"

# Grading never touches the network: 4-svhn reads the synthetic house numbers (make data),
# unless the person who grades chose other data. Absolute, for nbgrader runs each notebook in
# a directory of its own.
usual = str(course / "data" / "synthetic")
os.environ["SVHN_DIR"] = data = os.path.abspath(os.environ.get("SVHN_DIR") or usual)

# 4-svhn must find the data from within the sandbox; notebooks see no other variables or paths.
c.SandboxProvisioner.readable = [data]
c.SandboxProvisioner.environment = ["LANG", "LC_ALL", "TZ", "NBGRADER_*", "SVHN_DIR"]

# Nothing is graded while these files are missing; course doctor looks at them, and course check
# grades the bank of answers with a small set.
c.NotebookData.sets = {
    "SVHN_DIR": {
        "notebooks": ["4-svhn"],
        "directory": data,
        "files": ["train_32x32.mat", "test_32x32.mat"],
        "make": "make data" if data == usual else "Put the files there, or unset SVHN_DIR.",
        "look": "proof/house_numbers.py look",
        "draw": "proof/house_numbers.py draw",
    }
}
