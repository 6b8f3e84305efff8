"""Further registrations beside the lives: one person twice, twins, namesakes, newborns, aliases.

Each life gets one companion, by its number: what a records office meets. The truth tells which are
one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.catalogue import hospital, read_list
from vitruvian.demo.errors import FolderInUse
from vitruvian.demo.people import insurance_number, medical_record_number
from vitruvian.demo.write import TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.demo.life import Life, Person

__all__ = ["write_look_alikes"]

KINDS = ("slip", "married", "birth slip", "twin", "namesake", "newborns")
SAME = frozenset({"slip", "married", "birth slip"})
# Numbers of lives end far below; their companions begin here.
_FIRST = 5_000_000


@dataclass(frozen=True, slots=True)
class Companion:
    """One further registration: of whom, what kind, and how it differs from the plain one."""

    ident: str
    person: Person
    order: int | None = None
    former: str | None = None
    insured: bool = True


def write_look_alikes(folder: Path, told: Iterable[Life]) -> dict[str, int]:
    """Write one companion a life as FHIR, and the truth beside them in ``.truth``.

    Parameters
    ----------
    folder
        A new folder, inside that of the demo hospital.
    told
        Lives, as `demo.lives` tells them.

    Returns
    -------
    counts
        How many of each kind.

    Raises
    ------
    FolderInUse
        If `folder` exists.
    """
    if folder.exists():
        raise FolderInUse
    folder.mkdir(parents=True)
    counts: Counter[str] = Counter()
    truth = folder.parent / ".truth"
    truth.mkdir(exist_ok=True)
    with (
        (folder / "Patient.ndjson").open("wb") as out,
        (truth / "identity.ndjson").open("wb") as by,
    ):
        for life in told:
            kind = KINDS[(life.number - 1) % len(KINDS)]
            made = list(_companions(life, kind))
            counts[kind] += 1
            for each in made:
                out.write(orjson.dumps(_patient(each), option=orjson.OPT_APPEND_NEWLINE))
            pair = [life.key, made[0].ident] if len(made) == 1 else [one.ident for one in made]
            said = {"patients": pair, "kind": kind, "one_person": kind in SAME}
            by.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))
    return dict(counts)


def _companions(life: Life, kind: str) -> Iterator[Companion]:
    """The further registrations of one life."""
    number = _FIRST + life.number
    one = replace(
        life.person,
        mrn=medical_record_number(seed=life.seed, number=number),
        insurance_number=insurance_number(seed=life.seed, number=number),
        died=None,
    )
    ident = f"{life.key}-{kind.replace(' ', '-')}"
    own = life.person.insurance_number
    if kind == "slip":
        yield Companion(ident, replace(one, family=_slip(one.family)), insured=False)
    elif kind == "married":
        other = _another(read_list("names")["family"], one.family)
        yield Companion(ident, replace(one, family=other), former=one.family, insured=False)
    elif kind == "birth slip":
        born = one.born - timedelta(days=1 if one.born.day > 1 else -1)
        yield Companion(ident, replace(one, born=born, insurance_number=own))
    elif kind == "twin":
        other = _another(read_list("names")[one.sex], one.given[0])
        yield Companion(ident, replace(one, given=(other,)), order=2)
    elif kind == "namesake":
        born = one.born.replace(year=one.born.year - 21, day=min(one.born.day, 28))
        far = replace(one, born=born, street="Nowhere Lane 1", city="Elsewhere", postal_code="9999")
        yield Companion(ident, replace(far, phone="+000 555 999999"))
    else:
        yield from _newborns(ident, one, life)


def _newborns(ident: str, one: Person, life: Life) -> Iterator[Companion]:
    """Twins who have no names yet."""
    for order, letter in enumerate("AB", start=1):
        number = _FIRST + life.number + order * 1_000_000
        mrn = medical_record_number(seed=life.seed, number=number)
        born = TODAY - timedelta(days=1 + life.number % 90)
        baby = replace(one, given=("Baby", letter), born=born, mrn=mrn)
        yield Companion(f"{ident}-{letter.lower()}", baby, insured=False)


def _slip(name: str) -> str:
    """A name as somebody in a hurry typed it: two neighbouring letters changed places.

    Examples
    --------
    >>> _slip("Brandt")
    'Bradnt'
    """
    middle = len(name) // 2
    two = name[middle : middle + 2]
    if len(name) < 4 or two != two.lower() or len(set(two)) == 1:
        return name + name[-1]
    return name[:middle] + two[::-1] + name[middle + 2 :]


def _another(names: list[str], name: str) -> str:
    """The next name of a list."""
    return next(each for each in names if each[0] != name[0])


def _patient(one: Companion) -> dict[str, Any]:
    house, who = hospital(), one.person
    numbers = [(house.mrn_system, who.mrn)]
    numbers += [(house.insurance_system, who.insurance_number)] * one.insured
    names = [{"use": "official", "family": who.family, "given": list(who.given)}]
    if one.former is not None:
        names.append({"use": "maiden", "family": one.former, "given": list(who.given)})
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "id": one.ident,
        "identifier": [{"system": system, "value": value} for system, value in numbers],
        "name": names,
        "telecom": [{"system": "phone", "value": who.phone}],
        "gender": who.sex,
        "birthDate": who.born.isoformat(),
        "address": [{"line": [who.street], "city": who.city, "postalCode": who.postal_code}],
    }
    return resource | ({} if one.order is None else {"multipleBirthInteger": one.order})
