"""Reading clinical text: exact spans, sections, sentences, terms, patterns and their context."""

from vitruvian.derive.text.context import AFFIRMED, Context
from vitruvian.derive.text.note import Note
from vitruvian.derive.text.pack import LANGUAGES, Pack, language_told, pack_for
from vitruvian.derive.text.patterns import Pattern, Several
from vitruvian.derive.text.terms import Lexicon, Mention, Terms, between

__all__ = [
    "AFFIRMED",
    "LANGUAGES",
    "Context",
    "Lexicon",
    "Mention",
    "Note",
    "Pack",
    "Pattern",
    "Several",
    "Terms",
    "between",
    "language_told",
    "pack_for",
]
