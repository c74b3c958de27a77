"""The exporter of nbconvert's that makes a page of feedback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import pass_context
from jinja2.bccache import Bucket, BytecodeCache
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import default, validate

from grader.basics import safe_html
from grader.basics.limited import Limit, TooLong
from grader.basics.words import counted, visible
from grader.instructors.feedback import markup
from grader.instructors.feedback.highlight import Allowance, Code
from grader.instructors.feedback.policy import SECRET
from grader.instructors.feedback.speech import Speech
from grader.notebooks import hidden

_MOST_TEXT = 400_000  # characters of Markdown in a page
_SECONDS = 10.0  # of the processor, for the long texts of a page
TEMPLATES = Path(__file__).parent / "templates"
# What of an output is shown: the first of these that it has.
_SHOWN = [
    *("text/html", "image/png", "image/jpeg", "image/svg+xml"),
    *("text/markdown", "text/latex", "text/plain"),
]


class GivesAway(Exception):
    """A page would show what only teachers may read; the message says what, and what to do."""


class _Compiled(BytecodeCache):
    """Keeps what templates were compiled to, in this process alone.

    nbconvert makes an environment for each page, and to compile the templates anew took more than
    half of the time of a page.
    """

    _code: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template's code, if it is still that of its text: jinja compares them."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._code[bucket.key] = bucket.bytecode_to_string()


class FeedbackExporter(TemplateExporter):  # type: ignore[misc]
    """One HTML file that needs nothing else: no network, no script.

    An instructor's own template: `c.FeedbackExporter.template_name`, and the directory that it
    lies in in `c.FeedbackExporter.extra_template_basedirs`. Its conf.json can name
    "course-feedback" as its `base_template`.
    """

    output_mimetype = "text/html"

    @default("file_extension")  # type: ignore[untyped-decorator]
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")  # type: ignore[untyped-decorator]
    def _template_name_default(self) -> str:
        return "course-feedback"

    @default("extra_template_basedirs")  # type: ignore[untyped-decorator]
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(TEMPLATES)]

    @validate("extra_template_basedirs")  # type: ignore[untyped-decorator]
    def _with_ours(self, proposal: Any) -> list[str]:
        """An instructor's template can build on this one."""
        ours = str(TEMPLATES)
        given: list[str] = proposal["value"]
        return given if ours in given else [*given, ours]

    @default("template_extension")  # type: ignore[untyped-decorator]
    def _template_extension_default(self) -> str:
        return ".html.j2"

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.bytecode_cache = _Compiled()
        environment.globals["_"] = _said
        return environment

    def default_filters(self) -> Any:
        """nbconvert's filters, and those that make texts of students inert."""
        yield from super().default_filters()
        yield "highlight_code", _code
        yield "filter_data_type", _shown
        yield "page_markdown", _markdown
        yield "page_html", _html
        yield "page_picture", markup.picture
        yield "page_text", markup.plain
        yield "page_inline", markup.inline
        yield "page_language", markup.language
        yield "page_name", visible
        yield "page_told", _told

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **more: Any
    ) -> tuple[str, Any]:
        """Make the page."""
        resources = self._init_resources(resources)
        resources["headings"] = markup.Headings(above=2)
        resources["code"], resources["texts"] = Code(), Allowance(_MOST_TEXT)
        resources["limit"] = Limit(_SECONDS)
        resources.setdefault("speech", Speech())
        page, resources = super().from_notebook_node(nb, resources, **more)
        page = markup.valid_text(page)
        refuse_secrets(page, resources)
        return page, resources


def refuse_secrets(page: str, resources: Any) -> None:
    """Raise GivesAway if a page holds what the policy wants kept; a person's comments may."""
    facts = resources.get("feedback", {}).get("facts")
    comments = facts.comments.values() if facts else ()
    if lines := hidden.shown_in(page, resources.get(SECRET, ()), comments):
        raise GivesAway(
            f"it would show {counted(len(lines), 'line')} of a hidden test or a mark scheme to "
            "its student, and is not written. Look for this in the executed notebook in "
            f"autograded/: {lines[-1][:60]!r}"
        )


def _shown(data: Any) -> list[str]:
    """The kind in which an output is shown; none for one that would have to run."""
    return [kind for kind in _SHOWN if kind in data][:1]


@pass_context
def _said(context: Any, text: str, **values: object) -> str:
    """A text of a template in the language of the page; `_` as gettext calls it."""
    speech: Speech = context["resources"]["speech"]
    return speech.text(text, **values)


@pass_context
def _told(context: Any, text: str) -> str:
    speech: Speech = context["resources"]["speech"]
    return speech.told(text)


@pass_context
def _code(context: Any, source: str) -> str:
    code: Code = context["resources"]["code"]
    return code.html(source)


@pass_context
def _markdown(context: Any, source: str) -> str:
    cell = context.get("cell") or {}
    headings = context["resources"]["headings"]
    if not context["resources"]["texts"].take(source):
        return markup.as_written(source)
    attachments = cell.get("attachments", {})
    return _limited(context, source, lambda: markup.from_markdown(source, headings, attachments))


@pass_context
def _html(context: Any, source: str) -> str:
    headings = context["resources"]["headings"]
    return _limited(context, source, lambda: markup.from_html(source, headings))


def _limited(context: Any, source: str, make: Callable[[], str]) -> str:
    """A text as HTML, or as it was written if that takes longer than the page may."""
    if len(source) <= safe_html.QUICK:
        return make()
    resources = context["resources"]
    headings: markup.Headings = resources["headings"]
    try:
        page, last = resources["limit"].call(lambda: (make(), headings.last))
    except TooLong:
        why = _told(context, safe_html.AS_WRITTEN)
        return f'<p class="fb-quiet">{why}</p>{markup.as_written(source)}'
    headings.last = last
    return str(page)
