"""The pages that students get back: what `nbgrader generate_feedback` and `course grade` make."""

from typing import Any

from grader.instructors.feedback.exporter import FeedbackExporter
from grader.instructors.feedback.policy import FeedbackPolicy
from grader.instructors.feedback.summary import FeedbackSummary


def configure_feedback(c: Any) -> None:
    """Let nbgrader make these pages; called with the `c` of nbgrader_config.py."""
    # The policy first: a summary tells only what is left.
    c.GenerateFeedback.preprocessors = [FeedbackPolicy, FeedbackSummary]
    c.GenerateFeedback.exporter_class = FeedbackExporter
