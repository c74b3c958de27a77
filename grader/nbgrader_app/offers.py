"""What a course offers its students beyond the notebooks: the settings c.Course of the course."""

import re
from pathlib import Path
from typing import Any

from traitlets import Dict, List, TraitError, Unicode, validate
from traitlets.config import Configurable

from grader.basics import config_file
from grader.course import directory


class Course(Configurable):  # type: ignore[misc]
    """The settings of a course."""

    course_id = ""  # of nbgrader's own setting

    public_url = Unicode(
        "",
        help=(
            "Where the release can be had by anybody, such as "
            "https://github.com/you/course/blob/main. With it, each released notebook "
            "has a badge that opens it in Colab, and a cell that gets the files beside it there. "
            "{assignment} in it stands for the name of each assignment."
        ),
    ).tag(config=True)
    public_urls = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The same of the release in other languages, by their codes: {'ko': 'https://...'}.",
    ).tag(config=True)
    hand_in = Unicode(
        "",
        help=(
            "How students can hand in by `python handin.py --submit`: 'exchange' for nbgrader's "
            "exchange, or the path of a folder in which there is one for each account, as "
            "`course watch --collect` reads it; {assignment} in it stands for the name of each "
            "assignment. Empty: in no way."
        ),
    ).tag(config=True)
    python = Unicode(
        "",
        help=(
            "Which Python grades, such as '3.11'. With it, `python handin.py` tells students whose "
            "own Python is newer what that one cannot read. Empty: nobody is told."
        ),
    ).tag(config=True)
    guides = List(
        Unicode(),
        default_value=["docs/student-guide.md"],
        help=(
            "What students read beside the notebooks, as paths of Markdown files in the course. "
            "A translation of the course has them, too."
        ),
    ).tag(config=True)
    language = Unicode(
        "",
        help=(
            "The language of all students' pages, such as 'ko'. Empty: each notebook's page is in "
            "the language in which its student got the notebook."
        ),
    ).tag(config=True)

    @validate("python")  # type: ignore[untyped-decorator]
    def _is_version(self, proposal: Any) -> str:
        if proposal.value and not re.fullmatch(r"\d+\.\d+", proposal.value):
            raise TraitError(f"c.Course.python is a version such as '3.11', not {proposal.value!r}")
        return str(proposal.value)

    def public_url_of(self, assignment: str, language: str = "") -> str:
        """Where the release of an assignment, in a language, can be had; "" if nowhere."""
        url = self.public_urls.get(language, "") if language else self.public_url
        return str(url).replace("{assignment}", assignment)

    def guides_in(self, root: Path) -> list[Path]:
        """Those guides that are there."""
        return [path for name in self.guides if (path := root / name).is_file()]


def offers(course: directory.Course) -> Course:
    """The settings, from the configuration; raises UserError where that cannot be read."""
    config = config_file.load(course.config)
    made = config_file.made(Course, config, course.config.name)
    made.course_id = str(config.get("CourseDirectory", {}).get("course_id", ""))
    return made
