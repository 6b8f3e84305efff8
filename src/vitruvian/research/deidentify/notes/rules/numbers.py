"""Phones, addresses of the net, national ids and other long numbers, without a label."""

# ruff: noqa: E501, PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, SURE, Finding, Kind
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.rules import checksums

_NET = Pattern(
    r"(?P<email>[\p{L}\p{M}\w.+%-]+@(?:[\w-]+\.)+[A-Za-z]{2,12})"
    r"|(?P<url>(?i:https?://|www\.)[^\s<>\"']+)"
    r"|(?P<ip>\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}\b)"
    r"|(?P<domain>\b(?:[a-z0-9-]+\.)+(?:com|org|net|es|fr|no|de|uk|eu|info|edu|gov|dk|se|ch|at)(?:/[^\s<>\"']*)?)\b"
)
_CANDIDATE = Pattern(
    r"[+(]{0,2}(?:[A-Z]{1,5}[-/ ]?)?\d+[A-Z]?(?:[ .\-/()]{1,3}[A-Z]?\d+[A-Z]?)*(?:[- ]?[A-Z]\b)?"
)
_GROUP = re.compile(r"[+(]{0,2}(?:[A-Z]{1,5}[-/ ]?)?\d+[A-Z]?\)?|[A-Z]\b")
_UNIT = re.compile(
    r"[ \t]?(?:%|[µμ]?mol|mmol|mg|[µμ]g|ng|pg|ml|dl|l/|/|x10|x 10|copies|copias|cop|U\b|UI\b|IU\b|u/|cells?|células|cel|leu|hem|"
    r"kcal|kg|g\b|mm|cm|ppm|bp\b|kb\b|Hz|€|\$|EUR|USD)",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 7
_MOST_GROUPS = 12
_LONG = 8


class Shape(NamedTuple):
    """How one kind of number is written, and what proves it."""

    kind: Kind
    weight: int
    pattern: re.Pattern[str]
    proof: Callable[[str], bool] | None = None


def _shape(
    kind: Kind, weight: int, pattern: str, proof: Callable[[str], bool] | None = None
) -> Shape:
    return Shape(kind, weight, re.compile(pattern), proof)


_FOUR = r"(?:[ -]?[A-Z0-9]{4})"
SHAPES = (
    _shape("account", SURE, rf"[A-Z]{{2}}\d{{2}}{_FOUR}{{2,7}}(?:[ -]?[A-Z0-9]{{1,4}})?", checksums.account),
    _shape("account", SURE, r"\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}|3\d{3}[ -]?\d{6}[ -]?\d{5}|\d{13,19}", checksums.card),
    _shape("national", SURE, r"[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", checksums.french),
    _shape("national", SURE, r"\d{8}[- ]?[A-Z]|[XYZ][- ]?\d{7}[- ]?[A-Z]", checksums.spanish),
    _shape("national", SURE, r"\d{6} ?\d{5}", checksums.norwegian),
    _shape("national", SURE, r"\d{2} ?\d{3} ?\d{3} ?\d{3}", checksums.german_tax),
    _shape("insurance", SURE, r"[A-Z] ?\d{3} ?\d{3} ?\d{3}", checksums.german_insured),
    _shape("national", SURE, r"\d{3}[ -]?\d{3}[ -]?\d{4}", checksums.british),
    _shape("national", LIKELY, r"(?:[0-8]\d\d)-\d\d-\d{4}"),
    _shape("phone", LIKELY, r"(?:\(?\+|00)\(?\d{1,3}\)?(?:[ .-]?\(?\d{1,5}\)?){2,6}"),
    _shape("phone", LIKELY, r"(?:1[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|\(\d{3}\) ?\d{3}[-. ]?\d{4}"),
    _shape("phone", LIKELY, r"[6-9]\d{2}[ .-]?\d{3}[ .-]?\d{3}|9\d{1,2}(?:[ .-]\d{2,3}){3}|[6-9]\d{2}(?:[ .-]\d\d){3}"),
    _shape("phone", LIKELY, r"0[1-9](?:[ .-]?\d\d){4}"),
    _shape("phone", LIKELY, r"[2-9]\d(?: \d\d){3}|[49]\d\d \d\d \d{3}|[2-9]\d{7}"),
    _shape("phone", LIKELY, r"\(?0\d{2,5}\)?[ /.-]{1,3}\d{2,4}(?:[ .-]?\d{2,4}){1,4}|01[5-7]\d{8,9}"),
    _shape("phone", LIKELY, r"\(?0\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}"),
)  # fmt: skip
_CODED = re.compile(r"[A-Z]{1,5}[-/ ]?\d{5,}[A-Z]?|[A-Z]{2,5}-\d{2,}(?:-\d+)+")
_BARE = re.compile(r"\d{8,}|\d{4,}(?:[-/]\d{2,})+")


def find_net(note: Note) -> Iterator[Finding]:
    """E-mail, web and network addresses."""
    if "@" not in note.text and "." not in note.text and ":" not in note.text:
        return
    for match in _NET.finditer(note.text):
        start, text = match.start(), match[0]
        if text[0].isdigit() and "@" not in text and not _is_address(text):
            continue
        kept = text.rstrip(".,;:)'")
        yield Finding(start, start + len(kept), "email" if "@" in text else "url", SURE)


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return ":" in text or (len(parts) == 4 and all(p.isdigit() and int(p) < 256 for p in parts))


def find_numbers(note: Note) -> Iterator[Finding]:
    """Numbers that are long enough to be somebody's."""
    for match in _CANDIDATE.finditer(note.text):
        start, end = match.span()
        text = match[0]
        if sum(map(str.isdigit, text)) >= _FEWEST_DIGITS and note.bounded(start, end):
            yield from _within(note, start, text)


def _within(note: Note, start: int, text: str) -> Iterator[Finding]:
    """The longest stretches of whole groups that have a shape."""
    groups = [group.span() for group in _GROUP.finditer(text)][: _MOST_GROUPS * 4]
    first = 0
    while first < len(groups):
        for last in range(min(len(groups), first + _MOST_GROUPS), first, -1):
            low, high = groups[first][0], groups[last - 1][1]
            if told := _told(note, start + low, text[low:high]):
                yield told
                first = last - 1
                break
        first += 1


def _told(note: Note, start: int, text: str) -> Finding | None:
    if sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return None
    end = start + len(text)
    bare = re.sub(r"[ .\-/()]", "", text)
    for shape in SHAPES:
        if shape.pattern.fullmatch(text) and (shape.proof is None or shape.proof(bare)):
            if shape.proof is None and _UNIT.match(note.text, end):
                return None
            return Finding(start, end, shape.kind, shape.weight)
    if _CODED.fullmatch(text):
        return Finding(start, end, "record", LIKELY)
    if _BARE.fullmatch(text) and len(bare) >= _LONG and not _UNIT.match(note.text, end):
        return Finding(start, end, "record", GUESSED)
    return None
