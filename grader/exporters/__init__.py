"""Exporters for `nbgrader export --exporter=grader.exporters.CanvasExporter`, and for Moodle."""

from grader.exporters.canvas import CanvasExporter
from grader.exporters.moodle import MoodleExporter

__all__ = ["CanvasExporter", "MoodleExporter"]
