"""Addresses: a kind of street, its name and its number, in either order."""

# ruff: noqa: E501, RUF001, PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, Finding
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.words import PARTICLES, entries, read_toml

# Patterns of this module look at a piece of a line beside a word that says "street", never at a
# whole note: what they may try is bounded.
_AHEAD, _BEHIND = 110, 70
_CAP = r"[^\W\d_a-zà-öø-ÿ][\w'’\-]*"
_P = rf"(?:{'|'.join(PARTICLES)}|d['’]|l['’]|of|the|and|els)"
_HOUSE = (
    r"(?:(?:n ?[º°o]\.? ?|nr\.? ?|núm\.? ?|número |#)?"
    r"(?:\d{1,5}(?:[-–/]\d{1,4}(?![ºª°\d]))?(?:[,.]\d{1,3}(?!\d))?(?: ?[A-Za-z]\b(?![.:/]))?|s/n|s\.n\.))"
)
_FLOOR = (
    r"(?:[ ,\-–]{0,4}(?:(?:portal|piso|esc\.?|escalera|bajo|planta|puerta|dcha|izda|izq|bloque|apt\.?|apartment|suite|unit|flat|apto\.?|"
    r"appt|bât\.?|leil\.?)\b\.?(?: ?[\dA-Z]{1,4}\b)?|P ?\d{1,2}\b|\d{1,2}[ .]{0,2}[ºª°][ .\-]{0,2}(?:[A-Z]\b|dcha|izda|izq|piso|planta)?"
    r"|\d{1,2} ?[A-Z]\b)){0,4}"
)
_NAMED = re.compile(
    rf"[ \t]*(?:(?:[\w'’.ªº\-]+),?[ \t]{{1,2}}){{0,6}}?[^\W\d_][\w'’.\-]*,?[ \t]{{0,2}}(?:km\.? ?)?{_HOUSE}(?!\d){_FLOOR}",
    re.IGNORECASE,
)
_UNNUMBERED = re.compile(
    rf"[ \t]*(?:{_P}[ \t]){{0,3}}{_CAP}(?:[ \t](?:{_P}[ \t]){{0,3}}{_CAP}){{0,3}}"
)
_FRENCH = re.compile(r"\d{1,5} ?(?:bis|ter|[a-zA-Z])?,? $")
_FRENCH_NAME = re.compile(
    rf" (?:{_P} |d['’]|l['’]){{0,3}}[^\W\d_][\w'’\-]*(?: (?:{_P} |d['’]|l['’]){{0,2}}{_CAP}){{0,4}}{_FLOOR}"
)
_ENGLISH = re.compile(rf"\d{{1,6}}[A-Za-z]?,? (?:(?:{_CAP}\.?|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}$")
_COMPOUND = re.compile(rf"(?:{_CAP} ){{0,3}}[^\W\d_a-zà-öø-ÿ][^\W\d_]*(?:-[^\W\d_]+)*[-. ]?$")
_MAIN = frozenset("calle rue avenida paseo plaza c/ avda. avda carrer rúa".split())
_GERMAN = Pattern(
    r"\b(?:Am|Im|An der|Auf der|Auf dem|Zum|Zur|In der|Unter den|Alter|Alte|Lange|Neue) "
    r"(?:\p{Lu}[\p{L}\-]+ ){1,3}\d{1,3}(?: ?[a-z]\b)?"
)
# "Hermanos Falcó, s/n - 02006": a number before a postcode makes a street of what stands before.
_BEFORE_CODE = Pattern(r"(?:s/n\b|[ ,]\d{1,4}[^\n]{0,12}[ ,.\-–]{1,3}(?:[A-Z]{1,2}-? ?)?\d{5}\b)")
_UNNAMED = re.compile(
    rf"({_CAP}(?:[ \t](?:{_P}[ \t]){{0,3}}{_CAP})?,?[ \t]{_HOUSE}{_FLOOR})(?:[ ,.\-–]{{1,4}}(?:[A-Z]{{1,2}}-? ?)?\d{{5}})?$"
)
_FLOORS = re.compile(_FLOOR, re.IGNORECASE)


@cache
def _cues() -> tuple[Pattern, Pattern, Pattern]:
    told = read_toml("places.toml")["street"]
    before = "|".join(re.escape(one) for one in _longest(entries(told["before"])))
    ends = {form for one in entries(told["after"]) for form in (one.title(), one.upper())}
    after = "|".join(re.escape(one) for one in _longest(ends))
    joined = "|".join(re.escape(one) for one in _longest(entries(told["joined"])))
    return (
        Pattern(rf"(?i)(?:{before})"),
        Pattern(rf" (?:{after})\b"),
        Pattern(rf"(?i)(?:{joined})\.?[ \t]\d{{1,4}}(?:[-–/]\d{{1,4}})?(?: ?[a-z]\b)?"),
    )


def _longest(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda one: (-len(one), one))


def find_streets(note: Note) -> Iterator[Finding]:
    """Streets with their number; those of kinds that mean nothing else also without."""
    before, after, joined = _cues()
    yield from _named_first(note, before)
    text = note.text
    for match in after.finditer(text):
        start, end = match.span()
        begin = max(0, start - _BEHIND)
        if number := _ENGLISH.search(text[begin : start + 1]):
            stop = _FLOORS.match(text, end + (text[end : end + 1] == "."))
            yield Finding(begin + number.start(), stop.end() if stop else end, "street", LIKELY)
    for match in joined.finditer(text):
        start, end = match.span()
        begin = max(0, start - _BEHIND)
        if (name := _COMPOUND.search(text[begin:start])) and not text[end : end + 1].isalnum():
            stop = _FLOORS.match(text, end)
            yield Finding(begin + name.start(), stop.end() if stop else end, "street", LIKELY)
    for match in _GERMAN.finditer(text):
        yield Finding(match.start(), match.end(), "street", LIKELY)
    for match in _BEFORE_CODE.finditer(text):
        begin = max(0, match.start() - _BEHIND)
        if (name := _UNNAMED.search(text[begin : match.end()])) and note.bounded(*match.span()):
            yield Finding(begin + name.start(), begin + name.end(1), "street", GUESSED)


def _named_first(note: Note, before: Pattern) -> Iterator[Finding]:
    """The kind of street, then its name; in French after the number of the house."""
    text = note.text
    done = 0
    for match in before.finditer(text):
        start, end = match.span()
        if start < done or not note.bounded(start, end):
            continue
        stop = min(note.line_end(end), end + _AHEAD)
        told = match[0].lower()
        number = _FRENCH.search(text[max(0, start - 10) : start])
        if number and (name := _FRENCH_NAME.match(text, end, stop)):
            begin = start - len(number[0])
            done = name.end()
            yield Finding(begin, done, "street", LIKELY)
            continue
        open_end = told[-1] == "/" or (told[-1] == "." and len(told) > 2)
        if not open_end and text[end : end + 1] not in " \t.":
            continue
        found = _NAMED.match(text, end, stop)
        if found is None and told in _MAIN:
            found = _UNNUMBERED.match(text, end, stop)
        if found and _capital(text, end, found.end()):
            done = found.end()
            yield Finding(start, done - (text[done - 1] in " ,"), "street", LIKELY)


def _capital(text: str, start: int, end: int) -> bool:
    """Whether a name is there: a capital letter, or nothing but small ones behind "calle"."""
    return any(letter.isupper() for letter in text[start:end])
