"""Plain text of a file: text itself, RTF, PDF; always the same letters for the same bytes.

A span of a note counts letters of this text. It is in Unicode normal form C, with one line
feed for every kind of line end, and no other control characters but the tab.

References
----------
Unicode Standard Annex 15; RTF Specification 1.9.1; ISO 32000-2 (PDF).
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from vitruvian.base.errors import BadInput

_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HALVES = re.compile("[\ud800-\udfff]")
_BOM = "\ufeff"
_MOST_PAGES, _MOST_LETTERS = 2_000, 20_000_000


class UnreadableNote(BadInput):
    """A file that a sheet names gives no text."""

    def __init__(self, code: str, why: str, remedy: str) -> None:
        super().__init__(f"The file of this note cannot be read: {why}. {remedy}")
        self.code = code


def text_of(data: bytes) -> str | None:
    """The plain text of a file by what it begins with; None when it holds none.

    Raises
    ------
    UnreadableNote
        When it is damaged, locked, or needs a package that is not installed.
    """
    if data.startswith(b"%PDF-"):
        return normal(_of_pdf(data)) or None
    if data.startswith(b"{\\rtf"):
        return normal(_of_rtf(data)) or None
    return normal(_decoded(data)) or None


def normal(text: str) -> str:
    r"""Text in the form in which spans count.

    Examples
    --------
    >>> normal("Caf\u0065\u0301\r\nok\x00 ")
    'Café\nok'
    >>> normal("\ud83d\ude00 \ud83d")
    '😀 �'
    """
    if _HALVES.search(text):
        # RTF writes a character beyond the first plane as two halves, JSON may.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = _LINE_ENDS.sub("\n", text.removeprefix(_BOM))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", lines)).strip()


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 with its mark, else Windows 1252, in which no byte is an error."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _library(name: str) -> Any:
    """A package of the extra `documents`."""
    if find_spec(name) is None:
        raise UnreadableNote(
            "no-package",
            f"the package {name} is not installed",
            'Install it with: pip install "vitruvian[documents]".',
        )
    return import_module(name)


def _of_rtf(data: bytes) -> str:
    library = _library("striprtf.striprtf" if find_spec("striprtf") else "striprtf")
    if data.count(b"{") > data.count(b"}"):
        raise _cut()
    try:
        return str(library.rtf_to_text(data.decode("latin-1"), errors="replace"))
    except Exception as fault:  # noqa: BLE001  a library meets hostile bytes: any failure refuses it
        raise _damaged(fault) from None


def _of_pdf(data: bytes) -> str:
    library = _library("pypdf")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pages = _pages(library.PdfReader(io.BytesIO(data), strict=False))
    except UnreadableNote:
        raise
    except Exception as fault:  # noqa: BLE001  a library meets hostile bytes: any failure refuses it
        raise _damaged(fault) from None
    return "\n".join(pages)[:_MOST_LETTERS]


def _pages(reader: Any) -> list[str]:
    if reader.is_encrypted:
        raise UnreadableNote("locked", "it is locked", "Export it without a password.")
    return [str(page.extract_text()) for page in reader.pages[:_MOST_PAGES]]


def _damaged(fault: Exception) -> UnreadableNote:
    why = f"it is damaged ({type(fault).__name__})"
    return UnreadableNote("damaged", why, "Export it again.")


def _cut() -> UnreadableNote:
    return UnreadableNote("truncated", "it ends in the middle", "Export it again.")
