"""Invented people: names from many tongues, two identifiers, an address that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import read_list
from vitruvian.demo.life import Person

if TYPE_CHECKING:
    from datetime import date
    from random import Random

# A multiplier without a common factor with 10**10 makes every insurance number unique.
_SPREAD, _SPACE = 7_368_787_031, 10**10


def make_person(rng: Random, *, seed: int, number: int, born: date, sex: str) -> Person:
    """Invent the person behind one life."""
    names = read_list("names")
    given = [rng.choice(names[sex])]
    if rng.random() < 0.3:
        given.append(rng.choice(names[sex]))
    city, postal_code = rng.choice(names["cities"])
    return Person(
        mrn=medical_record_number(seed=seed, number=number),
        insurance_number=insurance_number(seed=seed, number=number),
        family=rng.choice(names["family"]),
        given=tuple(given),
        sex=sex,
        born=born,
        died=None,
        phone=f"+000 555 {rng.randrange(1_000_000):06d}",
        street=f"{rng.choice(names['streets'])} {rng.randrange(1, 180)}",
        city=city,
        postal_code=postal_code,
        language=rng.choice(names["languages"]),
    )


def medical_record_number(*, seed: int, number: int) -> str:
    """Give the hospital's own number, with a check digit (Luhn).

    Examples
    --------
    >>> medical_record_number(seed=1, number=1)
    'VH-010000001-7'
    """
    digits = f"{seed % 100:02d}{number:07d}"
    return f"VH-{digits}-{_luhn(digits)}"


def insurance_number(*, seed: int, number: int) -> str:
    """Give the insurance number: ten digits, different for every patient of a seed."""
    return f"{((seed % 100 * 10_000_000 + number) * _SPREAD + 4_815_162_342) % _SPACE:010d}"


def _luhn(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10
