"""A fingerprint of what all pages of feedback are made with."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from grader.basics import limited, safe_html
from grader.course import fingerprint
from grader.instructors.feedback.exporter import FeedbackExporter
from grader.instructors.feedback.policy import FeedbackPolicy
from grader.nbgrader_app.offers import Course
from grader.notebooks import hidden, regions, tracebacks
from grader.scoring import visible_parts
from grader.translation import catalogue

_LIBRARIES = ("latex2mathml", "mistune", "nbconvert", "nh3", "pygments")


def style_fingerprint(app: Any) -> str:
    """Of the policy, the template and the code, as nbgrader's configuration in `app` has them."""
    policy = FeedbackPolicy(parent=app)
    settings = {name: getattr(policy, name) for name in policy.trait_names(config=True)}
    exporter = FeedbackExporter(config=app.config)
    of_others = [
        Path(module.__file__ or "")
        for module in (hidden, limited, safe_html, regions, tracebacks, visible_parts)
    ]
    modules = [*of_others, *Path(__file__).parent.glob("*.py")]
    # An instructor's own template may be among them, and nbconvert's are.
    places = map(Path, exporter.template_paths)
    templates = [path for place in places for path in sorted(place.glob("*"))]
    root = Path(CourseDirectory(parent=app).root)
    catalogues = [*catalogue.OF_TOOL.glob("*.po"), *(root / catalogue.FOLDER).glob("*.po")]
    templates += sorted(catalogues)
    files = [path for path in [*sorted(modules), *templates] if path.is_file()]
    return fingerprint.of_texts(
        repr([sorted(settings.items()), regions.delimiters()]),
        exporter.template_name,
        Course(config=app.config).language,
        repr([version(name) for name in _LIBRARIES]),
        *(path.read_bytes() for path in files),
    )
