"""Dates and ages, as they are written in five languages."""

# ruff: noqa: E501, RUF001, PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, SURE, Finding
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.words import plain, read_toml

OLDEST_TOLD = 89  # 45 CFR 164.514(b)(2)(i)(C): ages over 89 are told as one group
_YEARS = range(1900, 2100)
_CLOCK = r"(?:[T ,]{1,2}(?:kl\.? ?)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_NUMERIC = Pattern(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}{_CLOCK}|\d{{4}}/\d{{1,2}}/\d{{1,2}}|\d{{4}}\.\d{{1,2}}\.\d{{1,2}}"
    r"|\d{1,2} ?/ ?\d{1,2} ?/ ?(?:\d{4}|\d{2})|\d{1,2}-\d{1,2}-(?:\d{4}|\d{2})|\d{1,2}\. ?\d{1,2}\. ?(?:\d{4}|\d{2})"
    r"|\d{1,2}[/-]\d{4}|\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.|\d{8}"
)
_PARTS = re.compile(r"\d+")
# Before a day and month, a month and year or a bare year.
_ON = frozenset(
    "on el am den le du al del vom zum bis fra til since until by on, dato date fecha datum from til med til dated desde hasta "
    "seit ab pa jusqu'au au ce of and the der dem em til".split()
)
_IN = frozenset(
    "en in i im ano annee jahr since desde seit depuis siden de del until hasta for vor ab circa ca before after by year between "
    "and entre y et og und jusqu'en of fra from til to til to a aret jahre anno sommeren varen hosten vinteren spring summer autumn "
    "fall winter primavera verano otono invierno printemps ete automne hiver fruhjahr sommer herbst early late mid".split()
)
_BARE_YEAR = Pattern(r"(?:(?:año|l'an|année|year|Jahre?|året|año de) )?(?:19[2-9]\d|20[0-4]\d)")
_AFTER_YEAR = re.compile(
    r"[ \t]?(?:%|[µμ]?mol|m[gLl]\b|ml|g\b|gr|cc\b|kcal|U\b|UI\b|IU|[µμ]g|mm|cm|x ?\d|/|cop|cells?|cél|leu|hem|[,.]\d|[-–]\d{1,3}\b(?!\d))",
    re.IGNORECASE,
)
_SMALL_MONTHS = frozenset("may mar march mai set ene jan dec mars juni april august sept".split())

_UNITS = (
    r"(?:[aA]ños?|years?(?:[ -]olds?)?|yrs?(?:[ -]old)?|y\.?/?o\.?|yo|ans?|år(?:s|ig|ing)?(?: gammel| gamle| gammelt)?|"
    r"Jahren?(?: alte?[rns]?)?|jährige?[rnms]?|jähr\.|J\.|AÑOS|meses|mes|months?(?:[ -]old)?|mois|måneder|månedar|mnd|Monate?n?(?: alt)?|"
    r"d[ií]as|days?[ -]old|semanas|weeks?[ -]old)"
)
_AGED = Pattern(
    r"(?i)(?:aged?|edad|âge|alder|alter|in h(?:is|er))[ :]{1,3}(?:de |of |på |von )?(\d{1,3}(?: ?[aA]\b)?)|(?:turned|cumplido|cumplió|fylte|fyller) (\d{1,3})\b"
)
_NOT_AGE_BEFORE = re.compile(
    r"(?:hace|desde hace|durante|hacía|tras|cada|últim[oa]s|próxim[oa]s|for|past|last|over|every|next|within|after|il y a|depuis|pendant|"
    r"durant|après|tous les|dernières|siste|for|i|over|etter|de siste|seit|vor|nach|über|alle|letzten|más de|menos de|unos|otros|"
    r"primeros|a lo largo de|en|con|wegen|während|in|innen|om|dentro de|al cabo de|about|approximately|another|"
    r"seguimiento de|evolución de|historia de)[ \t]+(?:los|las|the|les|de|other|almost|casi|nearly|ca\.?)?[ \t]*(?:\d+[ \t]*(?:-|a|to|y)[ \t]*)?$",
    re.IGNORECASE,
)
_NOT_AGE_AFTER = re.compile(
    r"[ \t]*(?:de evolución|de seguimiento|de duración|de tratamiento|después|despues|más tarde|antes|atrás|previos|previamente|posteriores|ago|"
    r"later|before|after|prior|history|earlier|of follow|plus tard|avant|auparavant|siden|senere|før|später|zuvor|tidligere|"
    r"de la cirugía|del diagnóstico|de la intervención|del alta|del inicio|de la resección|de controles|de antigüedad|of age and|libre)",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"(?:mes(?:es)?|months?|mois|måneder|mnd|Monate?n?|d[ií]as|days?|semanas|weeks?)", re.IGNORECASE
)
_OLD = re.compile(r"[ \t](?:de edad|of age|old|d'âge)")
_OF_A_CHILD = re.compile(
    r"(?:edad(?: de)?:?|age:?|aged|niñ[oa] de|lactante de|varón de|mujer de|nacid[oa] de|boy of|girl of|âgée?s? de|alder:?|alter:?)[ \t]*$",
    re.IGNORECASE,
)
_AGE_BEFORE = re.compile(
    r"(?:\bde|edad:?|a los|de los|,|\(|contaba con|con|tiene|tenía|age:?|aged|is an?|an?|âgée?s? de|old|alder:?|på|alter:?|von|en|ein|eine|einer|"
    r"einem|einen|une?|mit|paciente|pt|is|was|turned|his|her|the|this|at|à|à l'âge de|des|am|:|patient|patiente|pasient|sexo femenino|y)[ \t]*$",
    re.IGNORECASE,
)


@cache
def _spelled() -> Pattern:
    """Dates with the name of a month."""
    names = {name for month in read_toml("cues.toml")["months"].values() for name in month.split()}
    month = "(?:" + "|".join(sorted(names, key=lambda one: (-len(one), one))) + r")\.?"
    joint = r"(?:[ \t]{0,2}(?:del?|of|,|/|-|año)){0,2}[ \t]{0,2}"
    day = r"\d{1,2}(?:st|nd|rd|th|er|º|ª)?\.?"
    year = r"(?:\d{4}|'\d{2}|’\d{2})"
    return Pattern(
        rf"(?i){day}{joint}{month}(?:{joint}(?:año )?{year})?{_CLOCK}"
        rf"|{month}{joint}(?:año )?{year}"
        rf"|{month}[ \t]{{1,2}}{day}(?:,?[ \t]{{1,2}}{year})?{_CLOCK}|{month}[ \t]\d{{2}}"
    )


@cache
def _age() -> Pattern:
    """A number in digits or words and a unit of age."""
    listed = sorted(
        set(read_toml("cues.toml")["numbers"]["words"].split()), key=lambda one: (-len(one), one)
    )
    one = "|".join(listed)
    number = rf"\d{{1,3}}(?:[.,]5)?|(?:{one})(?:(?: y | and |-| )(?:{one}))?"
    return Pattern(rf"(?P<n>{number})(?: 1/2)?[ -]{{0,3}}{_UNITS}")


def find_dates(note: Note) -> Iterator[Finding]:
    """Dates to the day, the month or the year."""
    text = note.text
    for match in _NUMERIC.finditer(text):
        start, end = match.span()
        if _clear(note, start, end) and (weight := _is_date(note, start, match[0])):
            yield Finding(start, end, "date", weight)
    for match in _spelled().finditer(text):
        start, end = match.span()
        if note.bounded(start, end) and _says_month(match[0]):
            yield Finding(start, end - (text[end - 1] in ".,"), "date", LIKELY)
    for match in _BARE_YEAR.finditer(text):
        start, end = match.span()
        if _clear(note, start, end) and not _AFTER_YEAR.match(text, end):
            named = not text[start].isdigit()
            if named or note.before(start) in _IN or _in_brackets(text, start, end):
                yield Finding(start, end, "date", LIKELY if named else GUESSED)


def _in_brackets(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] == "(" and text[end : end + 1] == ")"


def _clear(note: Note, start: int, end: int) -> bool:
    """Whether the digits are no part of a longer number."""
    text = note.text
    if not note.bounded(start, end) or text[start - 1 : start] in ("/", "-", "–", "."):
        return start > 0 and text[start - 1] == "-" and text[start - 2 : start - 1].isspace()
    if start > 1 and text[start - 1] == "," and text[start - 2].isdigit():
        return False
    behind = text[end : end + 2]
    return not (
        behind[:1] in ("/", "-", ",", ".") and behind[1:2].isdigit() and text[end - 1] != "."
    )


def _is_date(note: Note, start: int, told: str) -> int:
    """How sure it is that these numbers are a date; 0 when they cannot be one."""
    parts = [int(one) for one in _PARTS.findall(told)[:3]]
    if told.isdigit():  # 20240131
        year, month, day = int(told[:4]), int(told[4:6]), int(told[6:])
        return LIKELY if year in _YEARS and 1 <= month <= 12 and 1 <= day <= 31 else 0
    if len(parts) == 3:
        first, middle, last = parts if parts[0] > 31 else (parts[2], *parts[:2])
        days = 1 <= middle <= 31 and 1 <= last <= 31 and min(middle, last) <= 12
        return SURE * (days and (first in _YEARS or first < 100))
    month, other = parts
    if other in _YEARS:
        return LIKELY if 1 <= month <= 12 else 0
    days = 1 <= month <= 31 and 1 <= other <= 31 and min(month, other) <= 12
    return LIKELY if days and note.before(start) in _ON else 0


def _says_month(told: str) -> bool:
    """Whether a month is meant: "may 20 patients" and "mar 3" are none."""
    name = next(word for word in re.findall(r"[^\W\d_]+", told) if len(word) > 2)
    certain = re.search(r"\d{4}", told) is not None
    return certain or not (name.islower() and plain(name) in _SMALL_MONTHS and told[0].isalpha())


def find_ages(note: Note) -> Iterator[Finding]:
    """Ages of people; durations are none."""
    for match in _age().finditer(note.text):
        start, end = match.span()
        if note.bounded(start, end) and (_too_old(match.group("n")) or _is_age(note, start, end)):
            yield Finding(start, end, "age", LIKELY)
    for match in _AGED.finditer(note.text):
        span = match.span(1) if match[1] else match.span(2)
        if note.bounded(*span):
            yield Finding(span[0], span[1], "age", GUESSED)


def _too_old(number: str) -> bool:
    return number.isdigit() and OLDEST_TOLD < int(number) < 125


def _is_age(note: Note, start: int, end: int) -> bool:
    ahead = note.text[max(0, start - 30) : start]
    if re.search(
        r"(?:old|alte?[rns]?|gam\w+|y\.?/?o\.?|årig|jährige?\w*|\bJ\.)$", note.text[start:end]
    ):
        return True
    if _NOT_AGE_AFTER.match(note.text, end):
        return False
    if _MONTHS.search(note.text[start:end]):
        # Of small children; otherwise "at 3 months" counts from an operation.
        return _OF_A_CHILD.search(ahead) is not None or _OLD.match(note.text, end) is not None
    return _AGE_BEFORE.search(ahead) is not None and not _NOT_AGE_BEFORE.search(ahead)
