"""What `course watch` asks of the course, and writes into it, while it has it to itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from grader.basics.errors import UserError
from grader.course import fingerprint, notebook_data
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.course.notebook_data import DataSet
from grader.engine.execution.bundle import Result
from grader.gradebook import attempts
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Run
from grader.instructors.feedback import make, render
from grader.instructors.grading import autograde, command
from grader.instructors.grading.autograde import Autograder, Done, Task
from grader.instructors.watch import release
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import submission

# Rows that tell which pages were released, and which archives were collected.
_RELEASED, _COLLECTED = "released/", "collected/"


class Turn:
    """One turn: the gradebook is opened anew for each, for it may have been put back from a copy.

    New or changed *work* is graded, and no other: that the exercise or the grader has changed, and
    so the grades of a whole class, is for a person, who says `course grade`.
    """

    def __init__(
        self, course: Course, session: NbgraderSession, settings: dict[str, dict[str, Any]]
    ) -> None:
        """Raises UserError where the exercise is another than the one that the class is graded by,
        and for what keeps the gradebook from being used.
        """
        self._course, self._session, self._name = course, session, course.assignment
        self.recorder = Recorder(session.db_url, session.course_id, session.late_penalty())
        try:
            made = self.recorder.made(course.assignment, "assignment")
            differs = made is not None and made != fingerprint.of_assignment(course)
            if differs and self.recorder.runs(course.assignment):
                raise UserError(
                    "source/, the handouts or the configuration differ from those that the class "
                    "was graded by, so new work waits. To grade by them: course grade"
                )
            command.learn_assignment(course, session, self.recorder)
            self._editions = Editions(course)
            self._grader = Autograder(
                course, self.recorder, None, settings, command.ENVIRONMENT, self._editions
            )
        except BaseException:
            self.recorder.close()
            raise

    def close(self) -> None:
        """Close the gradebook."""
        self.recorder.close()

    @cached_property
    def _environments(self) -> dict[str, str]:
        names, _ = command.in_python(self._course, self._course.names())
        return {name: fingerprint.of_environment(self._course, name) for name in names}

    @cached_property
    def _data(self) -> list[DataSet]:
        return notebook_data.of_config(self._session.config)

    @cached_property
    def _marks(self) -> Any:
        return submission.marks(self._course)

    def _tasks(self, student: str) -> list[Task]:
        """All notebooks of a student that the engine runs."""
        handed_in = submission.find_submission(self._course, student, self._marks)
        return [
            autograde.read_task(
                self._course, environment, student, notebook, self._editions, handed_in
            )
            for notebook, environment in self._environments.items()
        ]

    def due(self, student: str, runs: Mapping[tuple[str, str], Run] | None = None) -> "Due":
        """What there is to grade of a student; `runs` are those of the class, if they are known."""
        known = self.recorder.runs_of(self._name, student) if runs is None else runs
        tasks = self._tasks(student)
        due = [task for task in tasks if self._is_due(task, known.get(task.key))]
        return Due(due, fingerprint.of_texts(*(task.work for task in tasks)))

    def _is_due(self, task: Task, last: Run | None) -> bool:
        if last is None or not last.is_final or not command.is_kept(self._course, last):
            return True
        if last.work:
            return last.work != task.work
        return last.fingerprint != task.fingerprint  # of an older gradebook

    def limited_until(self, student: str, work: str, most: int) -> float:
        """Until when a student's new work has to wait, in seconds since 1970; 0 for not at all."""
        last = self.recorder.attempts(self._name, student).get(student) if most else None
        if last is None or last.work == work:
            return 0.0
        return attempts.next_one(last.times, most).timestamp()

    def take_up(self, student: str, work: str, most: int) -> None:
        """Note that an attempt begins, if these are limited."""
        if most:
            self.recorder.write_attempt(self._name, student, datetime.now(UTC), work, most)

    def begin(self, task: Task) -> bytes | Done:
        """What a worker executes; Done where nothing is to run."""
        command.check_data(self._course, self._data, [task.notebook])
        return self._grader.begin(task)

    def finish(self, key: tuple[str, str], result: Result) -> Done:
        """Record what came of it."""
        return self._grader.finish(key, result)

    def next_change(self) -> datetime | None:
        """When some student's pages will show more, without new work; None for never."""
        return render.next_change(self._session, self.recorder)

    def runs(self) -> dict[tuple[str, str], Run]:
        """The last outcomes of the class."""
        return self.recorder.runs(self._name)

    def was_collected(self, about: str) -> bool:
        """Whether an archive was collected before; `about` tells it from others."""
        return self.recorder.made(self._name, f"{_COLLECTED}{about}") is not None

    def note_collected(self, about: str) -> None:
        """Note that it was."""
        self.recorder.write_made(self._name, f"{_COLLECTED}{about}", "")

    def graded(self) -> list[str]:
        """Those who are graded, and whose work is there."""
        runs = {student for student, _ in self.recorder.runs(self._name)}
        return [student for student in command.students_of(self._course) if student in runs]

    def make_pages(self, students: Sequence[str], jobs: int) -> dict[str, str]:
        """Make the pages that are not up to date; returns why not, by the student."""
        only = students[0] if len(students) == 1 else None
        self.recorder.renew_penalties(self._name, only)
        return make.make_feedback(self._course, self._session, self.recorder, students, jobs)

    def release(self, student: str) -> bool:
        """Release a student's pages, if they are not; returns whether there was something to do."""
        made = self.recorder.made(self._name, f"{make.PAGES}{student}")
        if made is None or not release.can_be_released(self._course, student):
            return False
        if self.recorder.made(self._name, f"{_RELEASED}{student}") == made:
            return False
        release.release(self._session, student)
        self.recorder.write_made(self._name, f"{_RELEASED}{student}", made)
        return True

    def unreleased(self) -> list[str]:
        """Whose pages are made, but not released."""
        made = self.recorder.made_below(self._name, make.PAGES)
        released = self.recorder.made_below(self._name, _RELEASED)
        return [
            name
            for name, print_ in made.items()
            if released.get(name) != print_ and release.can_be_released(self._course, name)
        ]


@dataclass(frozen=True)
class Due:
    """What there is to grade of a student, and the fingerprint of all that they handed in."""

    tasks: list[Task]
    work: str
