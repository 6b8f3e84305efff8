"""What a label says about the value behind it: "Apellidos: ...", "MRN 123", "Tlf. ..."."""

# ruff: noqa: E501, RUF001 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from vitruvian.derive.text.patterns import Pattern
from vitruvian.research.deidentify.notes.found import LIKELY, SURE, Finding, Kind
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.words import (
    COMMON,
    FAMILY,
    GIVEN,
    ORDINARY,
    PARTICLES,
    STAFF,
    TITLE,
    entries,
    plain,
    read_toml,
    traits,
    words,
)

# A person need not follow these: "Patient: stable", "Signed: yesterday".
_WEAK = frozenset(
    [
        "patient",
        "paciente",
        "patiente",
        "patientin",
        "pasient",
        "name",
        "cc",
        "sign",
        "author",
        "autor",
    ]
)
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?ª?")
_SPACE = re.compile(r"[ \t]*(?:,[ \t]*)?")
_NUMBER = re.compile(
    r"(?:(?:nr|no|nº|n°|number|num|núm|is|was|er|ist|est|es|de|del|du|:|#|=|\.|-)[ \t]*){0,3}"
    r"([A-Za-z]{0,4}[-–/]?[A-Za-z]?\d[\dA-Za-z]*(?:[ ./\-–]{1,2}[A-Za-z]{0,2}\d[\dA-Za-z]*|-[A-Za-z]{1,3}\b)*)",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:\+|:|[ \t]|\n|\.|n[rº°o]|y fax|/ ?fax){0,6}(\(?\+?\(?\d(?:[ .\-/]?[\d()]){5,18}(?:[ \t]?(?:ext|x|poste|klappe|app)\.?[ \t]?\d{1,5})?)",
    re.IGNORECASE,
)
_MORE_PHONES = re.compile(
    r"[ \t]*(?:/|-|,|y|o|or|and|et|og|und)[ \t]*(\+?\d(?:[ .\-]?[\d()]){6,18})"
)
_SEX = re.compile(r"[ \t]*([^\W\d_]+)")
_LAST = re.compile(r"[ \t.;,:]+$")
_NEXT_LABEL = re.compile(r"[.,;]?[ \t]+[^\W\d_][\wº/]*(?:[ \t][\wº/]+)?[ \t]?:")
_LONGEST = 100
_MOST_WORDS = 7
_NEVER_STOPS = 2


class _Labels(NamedTuple):
    pattern: Pattern
    kinds: dict[str, Kind]


@cache
def _labels(group: str) -> _Labels:
    """The labels of one part of the list as one pattern, and what each announces."""
    kinds: dict[str, Kind] = {
        plain(label): "place" if kind in ("birth_place", "postcode") else kind
        for kind, text in read_toml("fields.toml")[group].items()
        for label in entries(text)
    }
    spelled = {
        label for text in read_toml("fields.toml")[group].values() for label in entries(text)
    }
    listed = "|".join(re.escape(one) for one in sorted(spelled, key=lambda one: (-len(one), one)))
    behind = r"[ \t]*[:=]" if group == "with_colon" else r"[.)]?"
    return _Labels(Pattern(f"(?i)(?:{listed}){behind}"), kinds)


def find_fields(note: Note, streets: Sequence[Finding]) -> Iterator[Finding]:
    """Values behind labels, and the labels; a name ends where a street begins."""
    note.stops = frozenset(one.start for one in streets)
    for group in ("with_colon", "with_number"):
        pattern, kinds = _labels(group)
        for match in pattern.finditer(note.text):
            start, end = match.span()
            if not note.bounded(start, end):
                continue
            label = plain(match[0]).rstrip(":=").strip(" \t")
            kind = kinds.get(label) or kinds.get(label.rstrip(".)"))
            if kind is not None:
                yield Finding(start, end, "label", SURE + (group == "with_colon"))
                yield from _readers()[kind](note, end, kind, label)


def _name(note: Note, place: int, kind: Kind, label: str) -> Iterator[Finding]:
    """Capitalised words with small ones between, titles left out, up to a sign or a label."""
    place = _behind_titles(note, place)
    first = last = None
    count = 0
    for start, end, word in _name_words(note, place):
        low, known = plain(word), traits(word.rstrip("."))
        is_name = known & (GIVEN | FAMILY)
        if note.text[end : end + 1] in (":", "/") or start in note.stops:
            break
        if kind == "staff" and word[0].isupper() and known & COMMON and not is_name:
            break
        if not word[0].isupper():
            if first is None or low not in _SMALL:
                break
            continue
        first = start if first is None else first
        last = end
        count += 1
        if count == _MOST_WORDS:
            break
    if first is None or last is None or _is_no_name(note.text[first:last], label):
        return
    yield Finding(first, last, kind, SURE)


_SMALL = frozenset(PARTICLES)


def _past_space(text: str, place: int) -> int:
    """Behind blanks and one comma."""
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _behind_titles(note: Note, place: int) -> int:
    """Where the name begins: behind white space and titles."""
    while True:
        place = _past_space(note.text, place)
        word = _WORD.match(note.text, place)
        if word is None or not traits(word[0].rstrip(".")) & (STAFF | TITLE) or len(word[0]) == 1:
            return place
        if plain(word[0]) not in ("d.", "m.") and traits(word[0].rstrip(".")) & (GIVEN | FAMILY):
            return place
        place = word.end()


def _name_words(note: Note, place: int) -> Iterator[tuple[int, int, str]]:
    """Words of a line, one after another, until something else than a space or comma stands."""
    while word := _WORD.match(note.text, place):
        text = word[0]
        short = len(text.rstrip(".ª")) <= _NEVER_STOPS
        end = word.end() if short or not text.endswith(".") else word.end() - 1
        yield word.start(), end, text if short else text.rstrip(".")
        if end != word.end():
            return
        place = _past_space(note.text, end)


def _is_no_name(text: str, label: str) -> bool:
    """Whether ordinary words stand where a name may stand."""
    if label not in _WEAK:
        return False
    known = [traits(word) for word in text.rstrip(".").split()]
    if len(known) == 1 and known[0] & COMMON:
        return True
    return all(one & ORDINARY and not one & (GIVEN | FAMILY) for one in known)


def _rest(note: Note, place: int, kind: Kind, _label: str) -> Iterator[Finding]:
    """The rest of the line, up to the next label; a place ends at the first full stop."""
    start = _past_space(note.text, place)
    end = min(note.line_end(start), start + _LONGEST)
    text = note.text[start:end]
    if another := _NEXT_LABEL.search(text):
        text = text[: another.start()]
    if kind != "street":
        text = re.split(r"[.;(]\s|[;(]", text, maxsplit=1)[0]
    text = _LAST.sub("", text)
    if kind == "place" and ", " in text:
        for part in re.finditer(r"[^,]+(?:,\S[^,]*)*", text):
            told = part[0].strip()
            which: Kind = "country" if plain(told) in words().countries else kind
            begin = start + part.start() + part[0].index(told) if told else start
            yield Finding(begin, begin + len(told), which, SURE)
        return
    if text and (text[0].isupper() or text[0].isdigit() or kind == "profession"):
        yield Finding(start, start + len(text), kind, SURE)


def _nothing(_note: Note, _place: int, _kind: Kind, _label: str) -> Iterator[Finding]:
    """What stands behind is found by other rules."""
    return iter(())


def _sex(note: Note, place: int, kind: Kind, _label: str) -> Iterator[Finding]:
    if match := _SEX.match(note.text, place):
        yield Finding(*match.span(1), kind, SURE)


def _number(note: Note, place: int, kind: Kind, _label: str) -> Iterator[Finding]:
    """Digits, with letters and signs among them."""
    place = _past_space(note.text, place)
    match = _NUMBER.match(note.text, place)
    if match is None or not note.bounded(*match.span(1)):
        return
    if sum(letter.isdigit() for letter in match[1]) > _NEVER_STOPS:
        weight = SURE if ":" in note.text[place - 2 : match.start(1)] else LIKELY
        yield Finding(*match.span(1), kind, weight)


def _phone(note: Note, place: int, kind: Kind, _label: str) -> Iterator[Finding]:
    match = _PHONE.match(note.text, place)
    while match:
        yield Finding(*match.span(1), kind, SURE)
        match = _MORE_PHONES.match(note.text, match.end())


@cache
def _readers() -> dict[Kind, Callable[[Note, int, Kind, str], Iterator[Finding]]]:
    """How the value of each kind is read."""
    rest: tuple[Kind, ...] = ("street", "place", "country", "profession", "hospital", "institution")
    numbers: tuple[Kind, ...] = (
        "record", "insurance", "contact", "licence", "national", "account", "device",
    )  # fmt: skip
    return {
        "patient": _name,
        "staff": _name,
        "label": _nothing,
        "sex": _sex,
        "phone": _phone,
        "fax": _phone,
        **dict.fromkeys(rest, _rest),
        **dict.fromkeys(numbers, _number),
    }
