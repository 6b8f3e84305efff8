"""Courses of treatment by name, with the cycle, and whether planned, given or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from vitruvian.derive.engine.extractor import Finding, knowledge
from vitruvian.derive.library.oncology.ways import ENGLISH, way
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
BEFORE, AFTER = 60, 40


def found(note: Note) -> Iterator[Finding]:
    """One finding a mention of a regimen or a drug that is one by itself."""
    names, steps = words(note.pack.language)
    for mention in note.find(names):
        yield _course(note, mention, steps)


def _course(note: Note, mention: Mention, steps: Terms) -> Finding:
    start, end, name = mention
    first, last = note.sentence_of(start)
    sentence = note.folded.folded[first:last]
    cycle = way("cycle", note.pack.language).search(sentence)
    act, why = _step(note, mention, steps, (first, last))
    stopped = act == "stopped"
    if cycle is not None and not stopped:
        act = "administered"
    return Finding(
        start, end, "medication", f"TEXT//{name.lower()}", name, note.context(start, end),
        act="reported" if stopped else act, state="stopped" if stopped else None,
        text_value=why, dose_text=f"cycle {cycle[1]}" if cycle else None,
    )  # fmt: skip


def _step(
    note: Note, mention: Mention, steps: Terms, sentence: tuple[int, int]
) -> tuple[str, str | None]:
    """What was done, and for a treatment that was stopped the reason as written."""
    low, high = max(sentence[0], mention.start - BEFORE), min(sentence[1], mention.end + AFTER)
    behind = steps.find(note.words[mention.end : high])
    near = [s for s in behind if s.meaning == "stopped"] or steps.find(
        note.words[low : mention.start]
    )
    if not near:
        return "reported", None
    act = str(near[-1].meaning)
    if act != "stopped":
        return act, None
    why = way("why", note.pack.language).search(note.folded.folded, mention.end, sentence[1])
    return act, why[1].strip() if why else None


@cache
def words(language: str) -> tuple[Terms, Terms]:
    """Names of regimens, and words of what is done with them."""
    said = knowledge(FOLDER, "tumours", language)
    if not said:
        return Terms(()), Terms(())
    steps = said.get("steps", {})
    # Names in letters are the same everywhere; a language adds its own spelling.
    common = knowledge(FOLDER, "tumours", ENGLISH)["regimens"]
    named = [*common.items(), *said.get("regimens", {}).items()]
    return (
        Terms((word, name) for name, all_of in named for word in all_of),
        Terms((word, act) for act, all_of in steps.items() for word in all_of),
    )
