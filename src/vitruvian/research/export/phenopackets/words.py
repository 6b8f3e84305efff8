"""Codes, ages and elements in the words of the Phenopacket Schema.

References
----------
GA4GH Phenopacket Schema 2.0 (ISO 4454:2022): OntologyClass, TimeElement, MetaData.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("resources.toml")
_MONTHS = 12
Json = dict[str, Any]


@cache
def systems() -> Mapping[str, Mapping[str, Any]]:
    """Code systems that a packet may name, by the house's prefix."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def curie(code: str) -> str | None:
    """A code as a packet writes it; None for a system that it cannot name.

    Examples
    --------
    >>> curie("HPO//HP:0001250"), curie("OMIM//614959"), curie("TEXT//cough")
    ('HP:0001250', 'OMIM:614959', None)
    """
    prefix, _, local = code.partition("//")
    system = systems().get(prefix)
    if system is None or not local:
        return None
    return local if system.get("kept") else f"{system['prefix']}:{local}"


def ontology_class(row: Mapping[str, Any]) -> Json | None:
    """A row's code as an OntologyClass."""
    name = curie(row["code"])
    return None if name is None else {"id": name, "label": row["code_text"] or name}


def age(born: datetime, at: datetime) -> str | None:
    """An age in whole years, months and days (ISO 8601); None before birth.

    Examples
    --------
    >>> age(datetime(2001, 3, 14), datetime(2002, 9, 20))
    'P1Y6M6D'
    """
    if at < born:
        return None
    months = (at.year - born.year) * _MONTHS + at.month - born.month - (at.day < born.day)
    year, month = divmod(born.month - 1 + months, _MONTHS)
    days = (at.date() - _day(born.year + year, month + 1, born.day)).days
    parts = ((months // _MONTHS, "Y"), (months % _MONTHS, "M"), (max(days, 0), "D"))
    return "P" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0D")


def _day(year: int, month: int, day: int) -> Any:
    """A day, or the last of its month."""
    while True:
        try:
            return datetime(year, month, day).date()  # noqa: DTZ001  days only
        except ValueError:
            day -= 1


def moment(row: Mapping[str, Any], born: datetime | None) -> Json | None:
    """When, as an age: the one sent, or from the day of birth; None where neither is known."""
    sent = row["time_as_sent"]
    if sent and sent.startswith("P") and sent[1:2].isdigit() and "/" not in sent:
        return {"age": {"iso8601duration": sent}}
    told = age(born, row["time"]) if born is not None and row["time"] is not None else None
    return None if told is None else {"age": {"iso8601duration": told}}


def resources(named: Iterable[str]) -> list[Json]:
    """What metaData says of the code systems that are used; their editions are not known."""
    used = set(named)
    return [
        {
            "id": each["prefix"].lower(), "name": each["name"], "url": each["url"],
            "version": "not stated", "namespacePrefix": each["prefix"], "iriPrefix": each["iri"],
        }
        for each in systems().values()
        if each["prefix"] in used
    ]  # fmt: skip


def prefixes(said: Any) -> Iterable[str]:
    """Prefixes of every ``id`` in a packet that looks like one."""
    if isinstance(said, dict):
        name = said.get("id")
        if isinstance(name, str) and ":" in name:
            yield name.partition(":")[0]
        for each in said.values():
            yield from prefixes(each)
    elif isinstance(said, list):
        for each in said:
            yield from prefixes(each)
