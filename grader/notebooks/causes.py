"""What a file is that is no notebook, and what its student can do about it.

The one table of it: `course form --fix` writes it into handin.json, so that the students' own check
says the same as the grader.
"""

import re
from dataclasses import dataclass

HEAD = 400_000  # bytes that are looked at; a page that Jupyter exported has its style first


@dataclass(frozen=True)
class Cause:
    """A kind of file. `pattern` is looked for in its first bytes, each byte as one character.

    `what` is a sentence without its end; `todo` goes on with what the student should do.
    """

    pattern: str
    what: str
    todo: str


_ANOTHER = "hand in the notebook itself, whose name ends in .ipynb"
_OFFICE = "The file is a document of Word or another office program"
_HTML = r"(?i)\A[^<]{0,10}<(?:!doctype html|html|head|\?xml|!--)"

# The first that fits is the cause. No pattern may take the square of the length of a file.
CAUSES: tuple[Cause, ...] = (
    Cause(r"\A\0+\Z", "The file holds nothing but zeros: copying or saving it failed",
          "take an older copy, and hand that in"),
    Cause(r"(?m)^<{7}(?: .*)?\r?$", "Git left a conflict in the file (lines with <<<<<<<)",
          "take one of the two versions (`git checkout --ours FILE` or `--theirs FILE`), look at "
          "it in Jupyter, and hand that in"),
    Cause(r"\Aversion https://git-lfs", "The file is only a pointer of Git LFS to the notebook",
          "run `git lfs pull`, and hand in the notebook itself"),
    Cause(_HTML + r"(?s:.*?)(?:jp-Notebook|jp-Cell|jp-Output|nbconvert|notebook-container)",
          "The file is a notebook that was exported as a web page (HTML)",
          "hand in the notebook that it was made from, whose name ends in .ipynb"),
    Cause(_HTML + r"(?s:.*?)(?:type=[\"']?password|<title[^>]{0,99}>[^<]{0,99}(?:sign|log).?in\b)",
          "The file is a web page that asks for a password, saved in place of the notebook",
          "log in, download the notebook once more, and hand that in"),
    Cause(_HTML, "The file is a web page (HTML), saved in place of the notebook",
          "download the notebook itself (on GitHub: Raw, or Download raw file), and hand that in"),
    Cause(r"\A\s*\{[^{]{0,200}(?:docs|drive|colab\.research)\.google\.com",
          "The file is only a link to a document in Google Drive",
          "open that in Colab, choose File > Download > Download .ipynb, and hand that in"),
    Cause(r"\APK(?s:.){2,2000}?(?:word/|\[Content_Types\]\.xml|xl/|ppt/)",
          _OFFICE, _ANOTHER),
    Cause(r"\A(?:PK\x03\x04|PK\x05\x06)", "The file is a zip archive",
          "unpack it, and hand in the notebook that is in it"),
    Cause(r"\A\x1f\x8b", "The file is compressed with gzip",
          "unpack it, and hand in the notebook that is in it"),
    Cause(r"\A7z\xbc\xaf\x27\x1c", "The file is a 7z archive",
          "unpack it, and hand in the notebook that is in it"),
    Cause(r"\A(?:Rar!|\xfd7zXZ|BZh|\x28\xb5\x2f\xfd|(?s:.{257})ustar)",
          "The file is an archive (rar, xz, bzip2, zstd or tar)",
          "unpack it, and hand in the notebook that is in it"),
    Cause(r"\A\s*%PDF-", "The file is a PDF", _ANOTHER),
    Cause(r"\A\xd0\xcf\x11\xe0|\A\{\\rtf", _OFFICE, _ANOTHER),
    Cause(r"\A(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftyphe)", "The file is a picture",
          _ANOTHER),
    Cause(r"\A(?:bplist0|\[InternetShortcut\]|L\0\0\0\x01\x14\x02)", "The file is only a shortcut",
          "hand in the notebook that it leads to"),
    Cause(r"(?m)\A(?:\xef\xbb\xbf)?(?:#[^\n]*\n|[ \t\r]*\n)*(?:import|from|def|class|# %%|%)\s?\w",
          "The file is Python code, not a notebook", _ANOTHER),
)  # fmt: skip


def of(content: bytes) -> Cause | None:
    """The kind of file that this is, if it is a known one and no notebook."""
    head = content[:HEAD].decode("latin-1")
    return next((cause for cause in CAUSES if re.search(cause.pattern, head)), None)
