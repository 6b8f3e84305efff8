"""What a report says of a finding: that it is there or gone, asked, or old."""

from __future__ import annotations

from vitruvian.derive.library.imaging.words import Words
from vitruvian.derive.text import Context, Mention, Note

# How far before a finding it is told to be an old one.
BEFORE = 40
# How far behind it, that it is gone.
BEHIND = 70


def context_of(note: Note, mention: Mention, words: Words) -> Context:
    """What the text says of a finding; an old one lies in the past, one that is gone is denied."""
    start, end, _ = mention
    context, text = note.context(start, end), note.folded.folded
    first, last = note.sentence_of(start)
    before = max(first, start - BEFORE)
    if context.temporality == "current" and words.past.search(text, before, start):
        context = context._replace(temporality="historical")
    if text.find("?", before, start) >= 0 and words.asked.search(text, before, start):
        return context._replace(polarity="affirmed", certainty="possible")
    if context.polarity == "affirmed":
        gone = words.gone.search(text[end : min(last, end + BEHIND)])
        return context._replace(polarity="negated", certainty="certain") if gone else context
    if _only_described(text[first:start], words):
        return context._replace(polarity="affirmed")
    # "No restricted diffusion to suggest an infarct" denies it.
    if context.certainty != "certain" and words.grammar:
        return context._replace(certainty="certain")
    return context


def _only_described(ahead: str, words: Words) -> bool:
    """Whether the words before a finding only seem to deny it: "without contrast"."""
    described = words.undenied.search(ahead)
    return described is not None and not words.denied.search(words.undenied.sub("", ahead))
