"""What is told about a person besides names: sex, relatives, profession."""

# ruff: noqa: E501 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, Finding
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.words import entries, read_toml

_DETERMINED = re.compile(
    r"(?:\b(?:el|la|los|las|su|sus|un|una|sin|de su|dos|tres|cuatro|\d|otro|otra|mi|primer|primera|al|del|con|con los|tiene|tener|dispone de|"
    r"ambos|y|:|\.|\n|hermana|padre|madre|segundo|tercer|tercera)[ \t]*|^)$",
    re.IGNORECASE,
)


@cache
def _patterns() -> tuple[Pattern, Pattern, Pattern]:
    cues = read_toml("cues.toml")
    sexes = "|".join(sorted(entries(cues["sex"]["words"]), key=len, reverse=True))
    relatives = "|".join(sorted(entries(cues["relatives"]["words"]), key=len, reverse=True))
    works = sorted(set(cues["professions"]["words"].split()), key=len, reverse=True)
    before = "|".join(sorted(entries(cues["professions"]["before"]), key=len, reverse=True))
    sex = (
        rf"(?i)(?P<a>{sexes})(?:,? (?:joven )?(?:de |of |d'|aged |à )?(?:raza \w+ )?(?:de )?(?:\d|un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|sesenta|setenta)"
        rf"|,? (?:de edad|sin|con|diagnosticad|sometid|intervenid|ingresad|joven|adult))"
        rf"|(?:paciente|sexo|patient|un|una) (?P<b>{sexes})\b"
    )
    return (
        Pattern(sex),
        Pattern(rf"(?i)\b(?:{relatives})\b"),
        Pattern(
            rf"(?i)(?:{before})[ \t]+(?P<what>(?:[\p{{L}}]+ )?(?:{'|'.join(works)})(?:[ \t]+(?:de|en|of|in|i|im)[ \t]+[\p{{L}}]+(?:[ \t][\p{{L}}]+)?)?|(?:[\p{{L}}\-]+(?:er|or|ista|eur|euse|mann|frau|ist|ière|ier|era|ero|dora|dor|in)))\b"
        ),
    )


def find_people(note: Note) -> Iterator[Finding]:
    """Sex beside an age, relatives, professions."""
    sex, relatives, works = _patterns()
    for match in sex.finditer(note.text):
        start, end = sex.span(match, "a" if match.group("a") else "b")
        if note.bounded(start, end):
            yield Finding(start, end, "sex", LIKELY)
    for match in relatives.finditer(note.text):
        start, end = match.span()
        if note.bounded(start, end) and _DETERMINED.search(note.text[max(0, start - 16) : start]):
            yield Finding(start, end, "relative", GUESSED)
    for match in works.finditer(note.text):
        start, end = works.span(match, "what")
        if note.bounded(match.start(), end):
            yield Finding(start, end, "profession", LIKELY)
