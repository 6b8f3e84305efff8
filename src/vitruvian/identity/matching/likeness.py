"""What one record says about who somebody is, in a form that can be compared.

Names lose case, accents and punctuation; a name that only holds the place of one (a newborn's
"Baby girl", an unknown person's "Doe") counts as not known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from vitruvian.terms import fold

_NOT_WORD = re.compile(r"[^\w]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LETTERS_OF_A_PHONE = 8
_LEAST_SAID = 2


@dataclass(frozen=True)
class Likeness:
    """One subject as others may resemble it.

    ``born`` is an ISO 8601 date; ``words`` are those of the address; ``numbers`` are identifiers by
    their system; ``birth_order`` is the place among children of one birth, from 1. None or empty
    where the record does not say. ``nameless`` tells that the given name only held a place.
    """

    subject_id: int
    family: str | None = None
    given: str | None = None
    other_names: tuple[str, ...] = ()
    born: str | None = None
    sex: str | None = None
    street: str | None = None
    words: tuple[str, ...] = ()
    city: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    birth_order: int | None = None
    nameless: bool = False

    @property
    def tells(self) -> bool:
        """Whether it says enough to be compared: two of family name, given name, date of birth."""
        said = (self.family, self.given, self.born)
        return sum(each is not None for each in said) >= _LEAST_SAID


def likeness_of(row: Mapping[str, Any], record: Mapping[str, Any] | None = None) -> Likeness:
    """What a row of ``patient`` says, and its FHIR record where there is one.

    Parameters
    ----------
    row
        Of the table ``patient``.
    record
        The FHIR Patient it was read from: addresses, telephones, other names, order of birth.

    Examples
    --------
    >>> someone = likeness_of({"subject_id": 1, "family": "Müller", "given": "Baby B"})
    >>> someone.family, someone.given, someone.birth_order, someone.nameless
    ('muller', None, 2, True)
    """
    record = record or {}
    family, given = _name(row.get("family")), _name(row.get("given"))
    held = _held_place(family, given)
    born = str(row.get("birth_date") or "")[:10]
    address = next(iter(_listed(record, "address")), {})
    lines = [_name(line) or "" for line in _texts(address.get("line"))]
    telephones = (each.get("value") for each in _listed(record, "telecom") if _is_phone(each))
    sex = row.get("sex")
    return Likeness(
        subject_id=row["subject_id"],
        family=None if family in _places()["family"] else family,
        given=None if held or given is None else given.split(" ")[0],
        other_names=tuple(sorted({*_other_names(record, family, given)})),
        born=born if _DAY.fullmatch(born) and born not in _places()["born"] else None,
        sex=sex if sex in {"male", "female", "other"} else None,
        street=" ".join(lines[:1]) or None,
        words=tuple(sorted({word for line in lines for word in line.split()})),
        city=_name(address.get("city")),
        postal_code=_name(address.get("postalCode")),
        phone=next((digits for each in telephones if (digits := _digits(each))), None),
        numbers=tuple(_numbers(row.get("identifiers") or ())),
        birth_order=_birth_order(record, given if held else None),
        nameless=held,
    )


def shown(row: Mapping[str, Any], record: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The compared fields as they were sent, for people to read; empty where nothing was."""
    record = record or {}
    address = next(iter(_listed(record, "address")), {})
    others = [
        " ".join([*_texts(each.get("given")), str(each.get("family") or "")]).strip()
        for each in _listed(record, "name")[1:]
    ]
    phones = [str(each.get("value")) for each in _listed(record, "telecom") if _is_phone(each)]
    order = record.get("multipleBirthInteger")
    return {
        "family": row.get("family") or "",
        "given": "; also ".join(filter(None, [row.get("given"), *others])),
        "born": (row.get("birth_date") or "") + (f" (child {order} of a birth)" if order else ""),
        "sex": row.get("sex") or "",
        "home": ", ".join(
            filter(
                None,
                [
                    *_texts(address.get("line")),
                    " ".join(_texts([address.get("postalCode"), address.get("city")])),
                    *phones,
                ],
            )
        ),
    }


def numbers(row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Identifiers as they were sent, with what they are called, by their system."""
    found = {}
    for each in row.get("identifiers") or ():
        if each.get("value"):
            system = str(each.get("system") or "number")
            found[system] = (str(each["value"]), str(each.get("label") or ""))
    return found


def _texts(said: object) -> list[str]:
    """The texts of a list; a record may hold anything there."""
    return [str(each) for each in said if each] if isinstance(said, list) else []


def _name(said: object) -> str | None:
    """A name without case, accents and punctuation; None for none."""
    return _NOT_WORD.sub(" ", fold(str(said or ""))).strip() or None


@cache
def _places() -> dict[str, Any]:  # TOML values are of any type
    text = resources.files(__package__).joinpath("placeholders.toml").read_text("utf-8")
    return tomllib.loads(text)


def _held_place(family: str | None, given: str | None) -> bool:
    """Whether a given name only holds the place of one."""
    words = (given or "").split()
    places = _places()
    if not words:
        return False
    if not {*words} - {*places["only_beside_family"]}:
        return family in places["family"]
    known = {*places["given"], *places["order"]} - {*places["only_beside_family"]}
    return words[0] in {*places["given"]} and {*words} <= known


def _birth_order(record: Mapping[str, Any], placeholder: str | None) -> int | None:
    said = record.get("multipleBirthInteger")
    if isinstance(said, int):
        return said
    last = (placeholder or "").split()[-1:]
    return next((_places()["order"].get(word) for word in last), None)


def _listed(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The entries of a field that say something; a record may hold anything there."""
    said = record.get(name)
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def _other_names(record: Mapping[str, Any], family: str | None, given: str | None) -> Iterator[str]:
    """Every further name: aliases, the name before marriage, what somebody is called."""
    for each in _listed(record, "name"):
        yield from filter(None, [_name(each.get("family"))])
        for said in _texts(each.get("given")):
            yield from filter(None, [_name(said)])
    yield from (given or "").split(" ")[1:]
    yield from (word for word in (family or "").split(" ") if " " in (family or ""))


def _is_phone(each: Mapping[str, Any]) -> bool:
    return each.get("system") in {"phone", "sms", None}


def _digits(said: object) -> str | None:
    """The last digits of a telephone number; what stands before them is written variously."""
    digits = re.sub(r"\D", "", str(said or ""))
    return digits[-_LETTERS_OF_A_PHONE:] if len(digits) >= _LETTERS_OF_A_PHONE - 2 else None


def _numbers(identifiers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in identifiers:
        value = re.sub(r"\W", "", str(each.get("value") or "")).upper()
        if value and each.get("system"):
            yield str(each["system"]), value
