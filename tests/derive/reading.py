"""Words tests use to read a sentence."""

from __future__ import annotations

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.text import Context, Note, pack_for


def read(extractor: str, text: str) -> list[Finding]:
    """What one extractor finds in an English text."""
    return list(extractor_named(extractor).extract(Note(text, pack_for("en"))))


def quoted(extractor: str, text: str) -> list[tuple[str, Finding]]:
    """The same, each with the words of the text as sent."""
    note = Note(text, pack_for("en"))
    found = extractor_named(extractor).extract(note)
    return [(text[slice(*note.folded.origin(f.start, f.end))], f) for f in found]


def context(marked: str) -> Context:
    """What a text says of the words between square brackets."""
    start, end = marked.index("["), marked.index("]") - 1
    note = Note(marked.replace("[", "").replace("]", ""), pack_for("en"))
    assert note.folded.shown == note.text, "a marked text has single spaces"
    return note.context(start, end)


def read_in(language: str, extractor: str, text: str) -> list[Finding]:
    """What one extractor finds in a text of a language."""
    return list(extractor_named(extractor).extract(Note(text, pack_for(language))))
