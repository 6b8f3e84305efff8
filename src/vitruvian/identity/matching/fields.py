"""The fields two records are compared in, their levels, and which pairs are looked at at all."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa

from vitruvian.identity.matching.likeness import Likeness

MOST_NUMBERS = 4
NUMBER = "number:"
"""How evidence names the field of a system of numbers: this and the system."""
_PLAIN = "family given born sex street city postal_code phone".split()
# A value that nobody else can have compares nothing: two must say something of a field.
_LEAST_TOLD = 2
_LOOKED_AT = {"home": ("street", "city", "postal_code", "phone")}


@dataclass(frozen=True)
class Level:
    """One degree of agreement: its name, when it holds (SQL; None for otherwise), m and u."""

    name: str
    when: str | None
    m: float
    u: float


@dataclass(frozen=True)
class Field:
    """One field with its levels, the closest first.

    ``missing`` is when nothing can be compared; ``rare`` the column whose rare values weigh more;
    ``system`` the system of numbers it compares.
    """

    name: str
    words: str
    missing: str
    levels: tuple[Level, ...]
    rare: str | None = None
    system: str | None = None


@dataclass(frozen=True)
class Plan:
    """What is compared, and which pairs: every rule is SQL over two records ``l`` and ``r``."""

    fields: tuple[Field, ...]
    blocking: tuple[str, ...]
    training: tuple[str, ...]
    sure: tuple[str, ...]
    sure_finds: float


@cache
def _told() -> dict[str, Any]:  # TOML values are of any type
    text = resources.files(__package__).joinpath("levels.toml").read_text("utf-8")
    return tomllib.loads(text)


def plan_of(people: Sequence[Likeness]) -> Plan:
    """The fields that some records say something of, and the rules for them.

    Parameters
    ----------
    people
        Everybody that is compared.
    """
    told = _told()
    rules = told["blocking"]
    fields = [_field(each) for each in told["field"] if _is_told(each["name"], people)]
    systems = shared_systems(people)
    for n, system in enumerate(systems):
        fields.append(_field(_filled(told["number"], n), system=system))
    numbers = [_filled(rules["number"], n) for n in range(len(systems))]
    return Plan(
        fields=tuple(fields),
        blocking=(*rules["rules"], *numbers),
        training=tuple(rules["training"]),
        sure=(*rules["sure"], *numbers),
        sure_finds=rules["sure_finds"],
    )


@cache
def words_of() -> dict[str, str]:
    """Every plain field in words, in the order in which people read them."""
    return {each["name"]: each["words"] for each in _told()["field"]}


def shared_systems(people: Sequence[Likeness]) -> list[str]:
    """Systems in which some number stands in two records, the most used first.

    A hospital's own record number is another one in every record: it tells nothing.
    """
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for each in people:
        for system, value in each.numbers:
            used[system][value] += 1
    shared = [(sum(c.values()), name) for name, c in used.items() if max(c.values()) > 1]
    return [name for _, name in sorted(shared, key=lambda one: (-one[0], one[1]))[:MOST_NUMBERS]]


def table_of(people: Sequence[Likeness], plan: Plan) -> pa.Table:
    """Everybody as rows: `unique_id`, the plain fields, lists of words, a column a system."""
    systems = [field.system for field in plan.fields if field.system is not None]
    columns: dict[str, pa.Array] = {
        "unique_id": pa.array([each.subject_id for each in people], pa.int64()),
        **{name: pa.array([getattr(one, name) for one in people], pa.string()) for name in _PLAIN},
        "home": pa.array([each.city or each.postal_code for each in people], pa.string()),
        "words": pa.array([each.words for each in people], pa.list_(pa.string())),
        "others": pa.array([each.other_names for each in people], pa.list_(pa.string())),
    }
    numbers = [dict(reversed(each.numbers)) for each in people]
    for n, system in enumerate(systems):
        columns[f"number_{n}"] = pa.array([one.get(system) for one in numbers], pa.string())
    return pa.table(columns)


def _is_told(name: str, people: Sequence[Likeness]) -> bool:
    columns = _LOOKED_AT.get(name, (name,))
    saying = (each for each in people if any(getattr(each, one) for one in columns))
    return sum(1 for _, _ in zip(range(_LEAST_TOLD), saying, strict=False)) == _LEAST_TOLD


def _field(told: Mapping[str, Any], *, system: str | None = None) -> Field:
    return Field(
        told["name"],
        told["words"],
        told["missing"],
        tuple(_levels(told["levels"])),
        told.get("rare"),
        system,
    )


def _levels(told: Sequence[Mapping[str, Any]]) -> Iterator[Level]:
    for each in told:
        yield Level(each["name"], each.get("when"), each["m"], each["u"])


def _filled(said: Any, n: int) -> Any:  # whatever a TOML file holds
    """The same with every ``{n}`` replaced by a number."""
    if isinstance(said, str):
        return said.replace("{n}", str(n))
    if isinstance(said, dict):
        return {name: _filled(each, n) for name, each in said.items()}
    return [_filled(each, n) for each in said] if isinstance(said, list) else said
