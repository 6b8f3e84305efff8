"""Addresses, towns, countries, hospitals and institutions."""

# ruff: noqa: E501, RUF001, PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, Finding, Kind
from vitruvian.research.deidentify.notes.note import Note, Token
from vitruvian.research.deidentify.notes.words import (
    COMMON,
    ENDING,
    EPONYM,
    FAMILY,
    GIVEN,
    ORDINARY,
    PARTICLES,
    entries,
    plain,
    read_toml,
    traits,
    words,
)

_CAP = r"\p{Lu}[\p{L}\p{M}'’\-]*"
_P = rf"(?:(?:{'|'.join(PARTICLES)}|d['’]|l['’]|of|the|and|for|du|dels|els|en|&)[ \t])"
_TOWN = rf"{_CAP}(?:[ \t-](?:{_P}{{0,2}})?{_CAP}){{0,4}}"
_POSTCODE = Pattern(
    rf"(?P<code>\b(?:[A-Z]{{1,2}}[-– ])?\d{{4,5}}\b)(?:(?:[,.]|[ \t]?[-–])?[ \t]{{1,2}}(?P<town>{_TOWN}))?"
)
_BRITISH = Pattern(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_STATE = Pattern(
    rf"(?P<town>{_TOWN}),? (?P<state>[A-Z]{{2}}) (?P<code>\d{{5}}(?:-\d{{4}})?)\b|(?P<box>(?:P\.? ?O\.? Box|Postboks|Postfach|Apdo\.?) \d+|BP \d{{1,5}},? \d{{5}}\b)"
)
_STOPS = re.compile(
    r"[ \t,.(]+(?:Servicio|Servei|Departamento|Dpto|Unidad|Sección|Service|Department|Dept|Abteilung|Avdelingen?|Avda|Av|Avenida|"
    r"Calle|Carrer|Paseo|Plaza|Ctra|Carretera|Facultad|Universidad|Tel|Tfno|Fax|Email|E-mail|Correo|Oncología|Urología|Neurología|"
    r"Medicina|Cirugía|Nefrología|CP|C/|Apartado|Rúa)\b"
)
_AHEAD, _BEHIND = 90, 60
_CAPITAL = r"[^\W\d_a-zà-öø-ÿ][\w'’\-]*"
_SMALL = rf"(?:(?:{'|'.join(PARTICLES)}|d['’]|l['’]|of|the|for|du|dels|els|en|&)[ \t]|[dl]['’])"
_MORE = re.compile(
    rf"(?:[ \t](?:{_SMALL}){{0,3}}[\"“']?(?:(?:Dr|Dra|Sta|Sto|St)\.|{_CAPITAL}|\d{{1,2}}\b)[\"”']?){{1,7}}"
)
_LESS = re.compile(
    rf"(?:(?:{_CAPITAL}|St\.)(?:[ \t](?:of|the|and|de|og|und|for)){{0,2}}[ \t]?){{1,4}}$"
)
_LONGEST_TOWN = 4
_CODE_BEHIND = re.compile(r"(?:,? [A-Z]{2})?,? (\d{4,5}(?:-\d{4})?)\b")


def _alternatives(text: str) -> str:
    return "|".join(
        re.escape(one) for one in sorted(entries(text), key=lambda one: (-len(one), one))
    )


@cache
def _houses() -> tuple[tuple[Kind, Pattern, Pattern], ...]:
    """For hospitals, then institutions: words that begin a name, words that end one."""
    told = read_toml("places.toml")
    kinds: tuple[Kind, ...] = ("hospital", "institution")
    return tuple(
        (
            kind,
            Pattern(rf"(?i)(?:{_forms(told[kind]['before'])})[ \t]"),
            Pattern(rf"(?i)[ \t](?:{_forms(told[kind]['after'])})\b"),
        )
        for kind in kinds
    )


def _forms(text: str) -> str:
    return "|".join(
        re.escape(one) for one in sorted(entries(text), key=lambda one: (-len(one), one))
    )


def find_codes(note: Note, streets: list[Finding]) -> Iterator[Finding]:
    """Postcodes with the town behind them."""
    ends = {place for one in streets for place in range(one.end, one.end + 5)}
    for match in _POSTCODE.finditer(note.text):
        start, code = match.start(), match.group("code")
        if note.bounded(start, start + len(code)):
            yield from _code(note, (start, match.end()), (code, match.group("town")), ends)
    for match in _BRITISH.finditer(note.text):
        yield Finding(match.start(), match.end(), "place", LIKELY)
    for match in _STATE.finditer(note.text):
        if match.group("box"):
            yield Finding(match.start(), match.end(), "street", LIKELY)
        elif note.bounded(*match.span()):
            yield Finding(match.start(), match.end(), "place", LIKELY)


def _code(
    note: Note, span: tuple[int, int], told: tuple[str, str | None], ends: set[int]
) -> Iterator[Finding]:
    """A postcode behind an address or before a town; four digits alone say nothing."""
    (start, end), (code, town) = span, told
    listed = town is not None and _listed(town)
    if town and not listed and note.text[start + len(code)] == ".":
        town = None  # another sentence
    believed = start in ends or listed or (len(code) > 4 and town and not _ordinary(town))
    if not believed or (len(code) == 4 and town is None):
        return
    yield Finding(start, start + len(code), "place", LIKELY)
    if town:
        begins = end - len(town)
        yield Finding(begins, begins + len(_cut_town(town)), "place", LIKELY)


def _listed(town: str) -> bool:
    low = plain(town)
    known = words().places
    return low in known or low.split(" ")[0] in known or " ".join(low.split(" ")[:2]) in known


def _ordinary(town: str) -> bool:
    known = traits(town.split(" ", maxsplit=1)[0])
    return bool(known & (ORDINARY | COMMON)) and not known & (GIVEN | FAMILY)


def _cut_town(town: str) -> str:
    """The town without words that begin something else."""
    kept: list[str] = []
    for word in town.split(" "):
        if kept and traits(word) & COMMON and plain(word) not in PARTICLES:
            break
        kept.append(word)
    joined = " ".join(kept)
    # A town and its country, written without a comma.
    for size in range(len(kept) - 1, 0, -1):
        if plain(" ".join(kept[size:])) in words().countries:
            return " ".join(kept[:size])
    return joined


def find_houses(note: Note, streets: list[Finding]) -> Iterator[Finding]:
    """Hospitals and institutions by name; a street behind them is not theirs."""
    text = note.text
    stops = sorted(one.start for one in streets)
    for kind, before, after in _houses():
        for match in before.finditer(text):
            start, end = match.span()
            stop_at = next((one for one in stops if one >= end), len(text))
            name = _MORE.match(text, end - 1, min(note.line_end(end), end + _AHEAD, stop_at))
            if name and note.bounded(start, end - 1) and text[start].isupper():
                told = text[start : name.end()]
                if stop := _STOPS.search(told, end - start - 1):
                    told = told[: stop.start()]
                told = told.rstrip(" .,")
                if len(told) > end - start:
                    yield Finding(start, start + len(told), kind, LIKELY)
        for match in after.finditer(text):
            start, end = match.span()
            begin = max(0, start - _BEHIND)
            if (name := _LESS.search(text[begin:start])) and _ends(note, start, end):
                first, told = _from_name(begin + name.start(), text[begin + name.start() : end])
                if len(told.split()) > 1:
                    yield Finding(first, end, kind, LIKELY)


def _ends(note: Note, start: int, end: int) -> bool:
    """Whether the kind of house ends its name: "Hospital de Poniente" only begins there."""
    if not note.bounded(start + 1, end):
        return False
    word = note.text[start + 1 : end]
    if word[0].islower() and (plain(word) in words().english or " " in word):
        return False
    behind = note.after(end)
    return not (note.text[end : end + 2].strip().isupper() or behind in ("de", "del", "la", "of"))


def _from_name(start: int, told: str) -> tuple[int, str]:
    """What comes before the kind of house, from its first word that is no small or common one."""
    parts = told.split(" ")
    while len(parts) > 1 and traits(parts[0]) & COMMON and not traits(parts[0]) & (GIVEN | FAMILY):
        start += len(parts[0]) + 1
        parts = parts[1:]
    return start, " ".join(parts)


def find_towns(note: Note, before: list[Finding]) -> Iterator[Finding]:
    """Towns, regions and countries of the lists, and capitalised words where a place is told."""
    streets = {one.end + 2 for one in before if one.kind == "street"}
    ends = {place for one in before for place in range(one.end + 1, one.end + 5)}
    for run in note.runs:
        yield from _listed_towns(note, run, ends)
        behind = run[0].start in streets and note.text[run[0].start - 2] == ","
        if behind and not _is_a_word(run[0].word):
            yield Finding(run[0].start, run[-1].end, "place", GUESSED)
            if code := _CODE_BEHIND.match(note.text, run[-1].end):
                yield Finding(code.start(1), code.end(1), "place", LIKELY)
    pattern = _lived()
    for match in pattern.finditer(note.text):
        start, end = pattern.span(match, "town")
        town = _cut_town(match.group("town"))
        if not traits(town.split(" ")[0]) & COMMON and note.bounded(start, end):
            yield Finding(start, start + len(town), "place", GUESSED)


def _is_a_word(word: str) -> bool:
    """Whether a list has it as a word; to end as words do says nothing of a town."""
    known = traits(word)
    return bool(known & COMMON or (known & ORDINARY and not known & ENDING))


def _listed_towns(note: Note, run: list[Token], ends: set[int]) -> Iterator[Finding]:
    """The longest stretches of a run that a list knows; what stands behind one is a place too."""
    begins = _first_words()
    first = 0
    while first < len(run):
        last = first
        if plain(run[first].word) in begins:
            for last in range(min(len(run), first + _LONGEST_TOWN), first, -1):
                kind = _kind_of_place(note, run, (first, last), ends)
                if kind:
                    start, end = run[first].start, run[last - 1].end
                    yield Finding(start, end, kind, LIKELY)
                    ends |= set(range(end + 1, end + 5))
                    break
            else:
                last = first
        first = max(last, first + 1)


def _kind_of_place(
    note: Note, run: list[Token], part: tuple[int, int], ends: set[int]
) -> Kind | None:
    """What a list says of these words."""
    first, last = part
    start, end = run[first].start, run[last - 1].end
    low, known = plain(note.text[start:end]), words()
    if low in known.countries and len(low) > 3:
        return "country"
    if low not in known.places:
        return None
    if traits(run[first].word) & EPONYM and note.before(start) not in _IN:
        return None
    return "place" if start in ends or _means_place(note, run, first, last) else None


@cache
def _first_words() -> frozenset[str]:
    """The first words of all towns and countries."""
    known = words()
    return frozenset(one.split(" ")[0] for one in known.places | known.countries)


@cache
def _lived() -> Pattern:
    before = _alternatives(read_toml("places.toml")["place"]["before"])
    return Pattern(rf"(?i:\b(?:{before}) (?:la |el |los |las |le |the )?)(?P<town>{_TOWN})")


_IN = frozenset(
    "in en a à i på pa nach aus near from to cerca til fra ved of at vers chez over".split()
)


def _means_place(note: Note, run: list[Token], first: int, last: int) -> bool:
    """Whether a listed town is meant: many towns are also names of people or words."""
    alone = first == 0 and last == len(run)
    start, end = run[first].start, run[last - 1].end
    ahead = note.text[max(0, start - 3) : start]
    told_in = note.before(start) in _IN
    doubtful = last - first == 1 and traits(run[first].word) & (GIVEN | FAMILY | ORDINARY | COMMON)
    if not doubtful:
        return alone or told_in or ahead.endswith((", ", "- ", "(", ". ")) or ahead[-2:-1].isdigit()
    stops = note.text[end : end + 1] in (".", ",", ")", "\n", ";", "")
    return alone and ((told_in and stops) or (ahead.endswith("(") and stops))


__all__ = ["find_codes", "find_houses", "find_towns"]
