"""Abbreviations that mean something else too: counted where their surroundings tell an illness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import lines_of
from vitruvian.derive.text import Note, Terms

# What joins the items of a list: "HTN, RA and COPD".
_JOINT = re.compile(r"[\s,;/+&.()-]{1,4}(?:(?:and|or|with|severe|mild|moderate)\s)?")
_WORD_BEFORE = re.compile(r"([\w/'?:-]+)[\s(]*$")
_YEAR = re.compile(r"(?:in )?(?:19|20)\d\d\b")
_BESIDE = 40


class Guarded(NamedTuple):
    """One meaning of an abbreviation, and when it is that."""

    code: str
    name: str
    written: str
    # Any of these in the note, unless there are none.
    asks: tuple[str, ...]
    # Words right before or behind it with which it means something else.
    never: frozenset[str]


class Abbreviations:
    """The table ``guarded`` of a language."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        entries: dict[str, list[Guarded]] = {}
        for code, name, written, asks, never in lines_of(said.get("guarded", "")):
            one = Guarded(f"ICD10//{code}", name, written, _split(asks), frozenset(_split(never)))
            entries.setdefault(written, []).append(one)
        self.terms = Terms((written, tuple(all_of)) for written, all_of in entries.items())
        self._before = frozenset(said.get("before", ()))
        self._behind = tuple(said.get("behind", ()))

    def find(self, note: Note, problems: Sequence[tuple[int, int]]) -> Iterator[
        tuple[int, int, tuple[str, str]]
    ]:  # fmt: skip
        """Those of a note that are meant, beside the places of its other problems in order."""
        found = note.find(self.terms) if self.terms.meanings else []
        shown = note.folded.shown
        found = [one for one in found if shown[one.start : one.end] == one.meaning[0].written]
        if not found:
            return
        ends = {end for _, end in problems}
        starts = {start for start, _ in problems}
        for start, end, entries in found:
            if any(low <= start and end <= high for low, high in problems):
                continue
            meant = next((one for one in entries if _asked(note, one)), None)
            if meant is None or self._is_other(note, start, end, meant):
                continue
            listed = _joined(note, start, end, starts=starts, ends=ends)
            if listed or self._told(note, start, end):
                ends.add(end)
                yield start, end, (meant.code, meant.name)

    def _is_other(self, note: Note, start: int, end: int, meant: Guarded) -> bool:
        """Whether the words around it, or capitals all around, say that it is something else."""
        shown, folded = note.folded.shown, note.folded.folded
        around = shown[max(0, start - _BESIDE) : start] + shown[end : end + _BESIDE]
        if shown[end : end + 1] == ":" or (around.isupper() and len(around) > _BESIDE):
            return True
        before = _WORD_BEFORE.search(folded, max(0, start - _BESIDE), start)
        behind = folded[end : end + _BESIDE].split()
        near = {before[1] if before else "", behind[0].strip(".,;:") if behind else ""}
        return not near.isdisjoint(meant.never)

    def _told(self, note: Note, start: int, end: int) -> bool:
        """Whether a word of illness stands before or behind it."""
        folded = note.folded.folded
        before = _WORD_BEFORE.search(folded, max(0, start - _BESIDE), start)
        if before and (before[1] in self._before or before[1].endswith("?")):
            return True
        if folded[start - 1 : start] in {"?", "#"} or folded[max(0, start - 2) : start] == "# ":
            return True
        behind = folded[end : end + _BESIDE].lstrip(" (")
        return bool(_YEAR.match(behind)) or any(
            behind.startswith(word) and not behind[len(word) : len(word) + 1].isalpha()
            for word in self._behind
        )


def _asked(note: Note, one: Guarded) -> bool:
    return not one.asks or any(word in note.folded.folded for word in one.asks)


def _joined(note: Note, start: int, end: int, *, starts: set[int], ends: set[int]) -> bool:
    """Whether a problem stands right beside it in a list."""
    shown = note.folded.folded
    if any(place in ends and _JOINT.fullmatch(shown, place, start)
           for place in range(max(0, start - 14), start)):  # fmt: skip
        return True
    return any(place in starts and _JOINT.fullmatch(shown, end, place)
               for place in range(end + 1, end + 14))  # fmt: skip


def _split(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())
