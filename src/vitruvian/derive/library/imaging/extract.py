"""Findings of imaging with their size and place.

A finding counts where a picture is spoken of, or where it has a size: a "mass" elsewhere may be
felt by hand, and a "lesion" be seen on the skin.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from vitruvian.derive.engine.extractor import Finding, OfTables
from vitruvian.derive.library.imaging.meaning import context_of
from vitruvian.derive.library.imaging.nodules import points_back, told_of
from vitruvian.derive.library.imaging.places import place_of
from vitruvian.derive.library.imaging.seeing import FAR, cues_of, in_a_picture, on_the_body
from vitruvian.derive.library.imaging.sizes import size_of
from vitruvian.derive.library.imaging.words import FOLDER, Words, words_of
from vitruvian.derive.text import Mention, Note, Terms

FOCUS = "focus"
# Behind the last finding.
END = Mention(1 << 62, 1 << 62, None)


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of findings, of places, of pictures, and of what is no picture."""
        words = words_of(language)
        return words.findings, words.places, words.pictures, words.bedside

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention; beside a lung nodule its kind, and whether there are several."""
        words = words_of(note.pack.language)
        mentions = mentions_of(note, words)
        if not mentions:
            return
        cues = cues_of(note, words)
        before: tuple[Mention, str | None] | None = None
        shown = -FAR
        for number, mention in enumerate(mentions):
            if mention.meaning in words.elsewhere:
                continue
            size = size_of(note, mentions, number, words)
            if size is None and mention.meaning in words.diseases:
                continue
            # The dearest question comes last.
            if (
                before is not None
                and size is None
                and points_back(note, mentions, number, before[0])
                and place_of(note, mention, words) is None
            ):
                before = mention, before[1]
                yield from told_of(note, mentions, number, before[1])
                continue
            seen = in_a_picture(note, mention, cues, words)
            shown = mention.start if seen else shown
            if seen or (seen is None and _goes_on(note, mention, size, shown, words)):
                found = finding(note, mention, size, words)
                before = mention, found.body_site
                yield found
                yield from told_of(note, mentions, number, found.body_site)


def _goes_on(
    note: Note, mention: Mention, size: tuple[float, str] | None, shown: int, words: Words
) -> bool:
    """Whether a finding of which nobody tells where it was seen is one of a picture."""
    if size is not None:
        return not on_the_body(note, mention, words)
    near = mention.start - shown < FAR and mention.meaning not in words.everyday
    return near and note.section_of(shown) == note.section_of(mention.start)


def mentions_of(note: Note, words: Words) -> list[Mention]:
    """The findings a note names, and those it writes with a sign."""
    found = note.find(words.findings)
    shown = note.folded.shown
    signs = [
        Mention(*sign.span(), name)
        for name, pattern in (words.signs if "#" in shown else ())
        for sign in pattern.finditer(shown)
    ]
    every = sorted([*found, *signs]) if signs else found
    if all(one.meaning != FOCUS for one in every):
        return every
    return [one for one, then in pairwise([*every, END]) if not _of_another(note, one, then)]


def _of_another(note: Note, one: Mention, then: Mention) -> bool:
    """Whether a focus is one of the finding behind it: "focus of enhancement"."""
    return one.meaning == FOCUS and note.words[one.end : then.start] == " of "


def finding(note: Note, mention: Mention, size: tuple[float, str] | None, words: Words) -> Finding:
    """One finding with what stands about it."""
    start, end, name = mention
    return Finding(
        start, end, "imaging", f"TEXT//{name}", name.capitalize(), context_of(note, mention, words),
        numeric_value=size[0] if size else None, unit="mm" if size else None,
        value_as_sent=size[1] if size else None, body_site=place_of(note, mention, words),
    )  # fmt: skip
