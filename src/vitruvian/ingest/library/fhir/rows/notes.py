"""Documents: text taken out of attachments, other bytes kept by their hash."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, compiled
from vitruvian.record import table_named

VIEWS = {
    "DocumentReference": "documentreference_note",
    "DiagnosticReport": "diagnosticreport_note",
    "Composition": "composition_note",
}
_BLOCKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "section"}
_SILENT = {"script", "style", "head"}
_EMPTY: dict[str, Any] = dict.fromkeys(("media_type", "language", "data", "url", "title", "html"))


class _Words(HTMLParser):
    """The words of a page, block elements on lines of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def words_of_html(page: str) -> str:
    r"""The text of a page, without its tags.

    Examples
    --------
    >>> words_of_html("<p>Chest <b>clear</b>.</p><p>No oedema &amp; no pain.</p>")
    'Chest clear.\nNo oedema & no pain.'
    """
    parser = _Words()
    parser.feed(page)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)


def text_of(data: bytes, media_type: str | None) -> str | None:
    """The plain text of an attachment; None when it holds none that we read."""
    kind = (media_type or "").split(";")[0].strip().lower()
    if kind not in {
        "text/plain",
        "text/html",
        "application/xhtml+xml",
        "text/markdown",
        "text/rtf",
    }:
        return None
    charset = re.search(r"charset=[\"']?([\w-]+)", media_type or "", re.IGNORECASE)
    try:
        text = data.decode(charset[1] if charset else "utf-8")
    except (UnicodeDecodeError, LookupError):
        text = data.decode("latin-1")
    return words_of_html(text) if "html" in kind else text


def map_notes(
    connection: Any, resource_type: str, site: str, put_blob: Callable[[bytes], str]
) -> pa.Table:
    """Rows of ``note`` for the chunk's documents, as Arrow."""
    view = compiled(VIEWS[resource_type]).sql
    rows = connection.execute(f"""
    SELECT n.*, k.subject_id, k.version_id, k.source_id, k.record, k.known_at, k.known_at_basis,
        k.encounter_id, s.moment AS time, s.code, s.shown, s.status AS source_status, s.doc_status
    FROM ({view}) n JOIN {CHUNK} k USING (seq)
    LEFT JOIN (SELECT seq, fhir_from(coalesce(start_said, time_recorded)) AS moment, code, shown,
        status, doc_status FROM fhir_said WHERE part = '') s USING (seq)
    WHERE k.subject_id IS NOT NULL ORDER BY seq, n.element_at
    """).to_arrow_table()
    notes = [
        _note(_EMPTY | row, resource_type, site, put_blob)
        for row in rows.to_pylist()
        if any(row.get(key) for key in ("data", "url", "html"))
    ]
    return pa.Table.from_pylist(notes, schema=table_named("note").schema)


_ELEMENT = {
    "DocumentReference": "content",
    "DiagnosticReport": "presentedForm",
    "Composition": "section",
}


def _note(
    row: dict[str, Any], resource_type: str, site: str, put_blob: Callable[[bytes], str]
) -> dict[str, Any]:
    text, sha256 = _content(row, put_blob)
    place = f"/{_ELEMENT[resource_type]}/{row['element_at']}"
    kept = ("subject_id", "version_id", "source_id", "known_at", "known_at_basis", "encounter_id")
    return {
        **{key: row[key] for key in kept},
        "note_id": stable_id(str(row["version_id"]), place),
        "site": site,
        "locator": f"record {row['record']} {place}",
        "time": row["time"],
        "title": row["shown"] if resource_type != "Composition" else row["title"] or row["shown"],
        "code": row["code"],
        "status": _status(row),
        "language": row["language"],
        "media_type": row["media_type"] or ("text/html" if row["html"] else None),
        "text": text,
        "blob_sha256": sha256,
        "url": row["url"] if not row["data"] else None,
    }


def _content(
    row: dict[str, Any], put_blob: Callable[[bytes], str]
) -> tuple[str | None, str | None]:
    if row["html"]:
        return words_of_html(row["html"]), None
    if not row["data"]:
        return None, None
    try:
        data = base64.b64decode(row["data"], validate=False)
    except (binascii.Error, ValueError):
        return None, None
    text = text_of(data, row["media_type"])
    return text, None if text is not None else put_blob(data)


def _status(row: dict[str, Any]) -> str:
    if "entered-in-error" in {row["source_status"], row["doc_status"]}:
        return "entered-in-error"
    return "superseded" if row["source_status"] == "superseded" else "current"
