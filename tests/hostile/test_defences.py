"""A defence that is switched off turns its test red: so the tests do test the defences."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.copied_package import copy_of_package
from tests.hostile.case import Case
from tests.hostile.grading import GOT, Graded, grade, problems
from tests.hostile.honest import HABITS
from tests.hostile.submissions import CASES
from tests.hostile.world import World, world
from tests.lacking import Need, lacks

slow = pytest.mark.slow("defences")

BY_NAME = {case.student: case for case in [*CASES, *HABITS]}


@dataclass(frozen=True)
class Defence:
    """Edits of the package that switch a defence off, and the case that is then won.

    `edits`: file, text, and what stands there instead; `red` is a part of what goes wrong;
    `settings` are added to nbgrader_config.py.
    """

    name: str
    tier: Need
    case: str
    edits: tuple[tuple[str, str, str], ...]
    red: str
    settings: str = ""


# Of what holds only where tests run beside the code.
_TOGETHER = '\nc.SandboxedExecute.judge = "together"\n'


_NO_NETWORK_NAMESPACE = (
    (
        "engine/sandbox/walls.py",
        "linux.CLONE_NEWNS | linux.CLONE_NEWNET |",
        "linux.CLONE_NEWNS |",
    ),
    ("engine/sandbox/walls.py", "    linux.bring_loopback_up()", "    pass"),
)
_FOLLOW_LINKS = (
    ("notebooks/untrusted.py", "if stat.S_ISLNK(status.st_mode):", "if False:"),
    ("notebooks/untrusted.py", "if not is_kind(status.st_mode):", "if False:"),
    ("notebooks/untrusted.py", " | os.O_NOFOLLOW", ""),
)
_WITH_ENVIRONMENT = (
    ("engine/kernels/warm_server.py", "env=environment,", "env={**os.environ, **environment},"),
)
_IN_THE_STUDENTS_ORDER = (
    (
        "submissions/prepare.py",
        "for rank, cell in enumerate(source.cells):\n        place = chosen.get(cell.name)\n",
        "order = sorted(enumerate(source.cells), key=lambda item: chosen[item[1].name])\n"
        "    for rank, cell in order:\n"
        "        place = chosen.get(cell.name)\n",
    ),
)
_NO_METER = (
    ("engine/kernels/output_limits.py", "if kind not in _OUTPUTS:", "if True:"),
    ("engine/kernels/provisioner.py", "64 << 20", "1 << 30"),
)
_BUILTINS_BY_NAME = (
    (
        "engine/kernels/test_cell.py",
        "_RealBuiltins(self._builtins - bound)",
        "_RealBuiltins(set())",
    ),
)
_READS_ALL = (
    (
        "engine/sandbox/walls.py",
        'landlock.restrict([*system, *devices, "/proc/self", *readable], own)',
        'landlock.restrict(["/"], own)',
    ),
)
_NO_PROCESS_LIMIT = (
    ("engine/sandbox/walls.py", "_lower(resource.RLIMIT_NPROC,", "(lambda *_: 0)(0,"),
)
_ALL_SOCKETS = (
    ("engine/sandbox/walls.py", 'install(sockets=tier == "full")', "install(sockets=True)"),
)
_NO_FILTER = (("engine/sandbox/walls.py", 'seccomp.install(sockets=tier == "full")', "pass"),)
_NO_MEMORY_WATCH = (
    (
        "engine/sandbox/warden.py",
        "yield MEMORY if used > limits.memory else None",
        "yield None",
    ),
)
_LEAVE_PROCESSES = (("engine/sandbox/warden.py", "for _ in range(1000):", "for _ in ():"),)
_SHOW_HIDDEN = (("notebooks/hidden.py", "if line not in own", "if not line"),)
_ANY_VERDICT = (
    ("engine/execution/judging.py", 'if said["number"] == self._number:', "if said:"),
    (
        "engine/execution/run_notebook.py",
        "if self._responds() and (judge is None or said is not None):",
        "if self._responds():",
    ),
)
_TRUST_MESSAGES = (
    (
        "engine/kernels/output_limits.py",
        "    if not isinstance(content, dict):",
        "    if content != 5: return content\n    if True:",
    ),
)

DEFENCES = [
    Defence("the filter of system calls", "full", "wants-more-rights", _NO_FILTER, "got"),
    Defence(
        "the network namespace",
        "full",
        "calls-servers",
        _NO_NETWORK_NAMESPACE,
        "a server was called: TCP",
    ),
    Defence(
        "the filter of sockets",
        "reduced",
        "calls-servers",
        _ALL_SOCKETS,
        "a server was called: UDP",
    ),
    Defence("Landlock", "reduced", "reads-what-is-outside", _READS_ALL, "got"),
    Defence("the clean environment", "full", "reads-the-environment", _WITH_ENVIRONMENT, "secret"),
    Defence(
        "the watch on memory",
        "full",
        "takes-memory-in-processes",
        _NO_MEMORY_WATCH,
        "got memory of four processes",
    ),
    Defence("the limit on processes", "full", "bombs-with-forks", _NO_PROCESS_LIMIT, ""),
    Defence(
        "the end of all processes", "reduced", "leaves-processes", _LEAVE_PROCESSES, "survived"
    ),
    Defence("the limit on outputs", "full", "prints-a-long-line", _NO_METER, "characters"),
    Defence("the form of messages", "full", "sends-odd-messages", _TRUST_MESSAGES, "points, not"),
    Defence("the judge", "full", "forges-the-points", (), "points, not", _TOGETHER),
    Defence(
        "the number of a verdict",
        "full",
        "answers-one-test-in-the-next",
        _ANY_VERDICT,
        "points, not",
    ),
    Defence(
        "the real builtins",
        "full",
        "calls-variables-like-builtins",
        _BUILTINS_BY_NAME,
        "points, not",
        _TOGETHER,
    ),
    Defence(
        "the order of cells", "full", "moves-the-tests-up", _IN_THE_STUDENTS_ORDER, "points, not"
    ),
    Defence("the refusal of links", "full", "links-to-a-notebook", _FOLLOW_LINKS, "status graded"),
    Defence(
        "the removal of hidden lines",
        "full",
        "steals-the-tests",
        _SHOW_HIDDEN,
        "hidden test",
        _TOGETHER,
    ),
]


# The self-test would find most of it, and refuse to grade: see the last test.
_NO_SELF_TEST = (
    "engine/sandbox/self_test.py",
    'if all(result == "held" for result in results[tier].values()):',
    "if True:",
)


def _grade(made: World, tier: Need, cases: Iterable[Case], *edits: tuple[str, str, str]) -> Graded:
    program = copy_of_package(made.base, edits)
    graded = grade(made, tier, cases, "--no-feedback", program=program)
    if "No sandbox holds" in graded.done.stderr and _NO_SELF_TEST not in edits:
        lacks(tier, f"the {tier} sandbox cannot be had here")
    return graded


def test_what_a_submission_got_is_seen_on_any_line_of_its_outputs() -> None:
    for text in ("GOT a file", "128 processes\nGOT a file", "x\tGOT a file"):
        assert [what[:6] for what in GOT.findall(json.dumps({"text": text}))] == ["a file"]


@slow
@pytest.mark.parametrize("tier", ["full", "reduced"])
def test_with_all_defences_the_same_cases_are_green(tier: Need, released: Course) -> None:
    names = {defence.case for defence in DEFENCES if defence.tier == tier}
    cases = [BY_NAME[name] for name in sorted(names)]
    with world(released) as made:
        graded = _grade(made, tier, cases)
        found = {case.student: problems(case, graded) for case in cases}
        assert {name: list_ for name, list_ in found.items() if list_} == {}
        assert graded.harm == []


@slow
@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.name)
def test_without_the_defence_its_case_is_red(defence: Defence, released: Course) -> None:
    case = BY_NAME[defence.case]
    with world(released, defence.settings) as made:
        graded = _grade(made, defence.tier, [case], *defence.edits, _NO_SELF_TEST)
        found = [*problems(case, graded), *graded.harm]
        assert "not graded" not in " ".join(found), found
        assert any(defence.red in problem for problem in found), found


@slow
@pytest.mark.parametrize(
    "name", ["the filter of system calls", "the network namespace", "Landlock"]
)
def test_the_self_test_refuses_to_grade_without_a_wall(name: str, released: Course) -> None:
    defence = next(defence for defence in DEFENCES if defence.name == name)
    with world(released) as made:
        program = copy_of_package(made.base, defence.edits)
        graded = grade(made, defence.tier, [BY_NAME[defence.case]], program=program)
        assert graded.done.returncode == 2
        assert "No sandbox holds on this machine" in graded.done.stderr
        assert graded.harm == []


# Cases that no test turns red by switching off what stops them: for these it is not shown that the
# case would be lost without its defence. A new case needs a control above. By threat.
WITHOUT_A_CONTROL = """
1   skips-the-tests-by-a-tag
2   deletes-the-tests deletes-the-tests-of-wrong-code
3   copies-the-tests copies-and-empties-the-tests
5   breaks-the-metadata
6   wants-a-thousand-points turns-the-tests-to-text
7   ends-the-kernel kills-itself crashes-python
8   loops-for-ever loops-in-a-tested-function swallows-the-interrupt ignores-the-interrupt
    sleeps-on-import is-slow-in-many-cells
9   takes-all-memory takes-shared-memory takes-memory-in-nameless-files takes-memory-in-segments
    names-itself-oddly
10  bombs-with-threads
11  fills-the-disk makes-many-files makes-deep-folders
12  displays-a-million-times goes-round-the-meter hides-bulk-in-widgets sends-what-is-no-message
    sends-one-huge-message
13  warns-on-standard-error
15  writes-what-is-outside
17  sends-signals
19  loopback-listens loopback-visits
20  ships-modules
21  links-to-a-directory links-to-a-student hands-in-a-pipe hands-in-a-device hands-in-a-directory
22  hands-in-half-a-file hands-in-deep-nesting hands-in-100-megabytes hands-in-no-json
    hands-in-nothing
23  writes-latin-1 writes-format-3 writes-no-ids writes-windows-line-ends writes-a-byte-order-mark
24  hands-in-a-setuid-file ships-archives
25  writes-scripts
26  exits-in-a-function raises-exit-in-a-function
27  patches-numpy patches-builtins patches-the-checks replaces-the-checks
    rewrites-the-code-of-checks transforms-syntax-trees transforms-inputs hides-errors
    replaces-the-execution runs-before-each-cell traces-the-tests patches-while-a-test-runs
    assigns-new-transformers hides-builtins shows-its-points-as-money
28  agrees-with-everything
30  writes-on-in-a-thread
27  forges-a-verdict answers-before-it-is-asked answers-from-a-thread floods-the-bridge
    claims-ten-gigabytes dies-in-a-judged-call
28  replaces-the-agent says-it-holds-everything patches-the-judges-modules returns-an-endless-list
    returns-a-list-in-itself returns-an-endless-generator returns-ten-gigabytes
    returns-objects-in-an-array returns-another-class-each-time changes-what-it-was-handed
    raises-the-checks-own-error raises-an-error-without-end raises-what-no-test-expects
    tells-a-judged-call answers-otherwise-each-time
29  steals-the-tests-encoded
"""


def test_what_switches_a_defence_off_is_still_in_the_code(tmp_path: Path) -> None:
    # Without it, only the slow tests below would find that a line was written anew.
    for defence in DEFENCES:
        base = tmp_path / defence.name
        copy_of_package(base, defence.edits)
        shutil.rmtree(base)


def test_every_case_has_a_control_or_is_named_as_one_without() -> None:
    without = {word for word in WITHOUT_A_CONTROL.split() if not word.isdigit()}
    hostile = {case.student for case in CASES}
    controlled = {defence.case for defence in DEFENCES} & hostile
    assert controlled | without == hostile
    assert not controlled & without
