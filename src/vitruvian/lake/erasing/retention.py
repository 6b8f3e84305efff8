"""How long a hospital keeps what, and what nobody may erase: `retention.toml` in its lake's folder.

None of it is built in, because each country and each kind of hospital has its own. Without the
file nothing is ever due and nobody is on hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitruvian.base.errors import BadInput
from vitruvian.trust.own_record import birthday

NAME = "retention.toml"
Kind = Literal["adult", "child", "deceased"]
DataKind = Literal["record", "note", "image", "signal", "audit"]


class BadRetention(BadInput):
    """The hospital's rules of retention cannot be used."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The file {NAME} in the lake's folder cannot be used: {why}. Nothing is due, and "
            "nothing is erased, by rules that cannot be read. Mend it as the page on erasing says."
        )


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _Rule(_Words):
    kind: Kind
    years: int = Field(ge=1, le=200)
    until_age_years: int | None = Field(default=None, ge=18, le=120)
    words: str = Field(min_length=1)


class _Data(_Words):
    kind: DataKind
    years: int = Field(ge=1, le=200)
    words: str = Field(min_length=1)


class _File(_Words):
    child_below_years: int = Field(ge=1, le=30)
    rule: list[_Rule] = Field(min_length=1)
    data: list[_Data] = []
    hold: list[int] = []


@dataclass(frozen=True)
class Rule:
    """How long one kind of record is kept.

    Parameters
    ----------
    years
        After the last entry, or after death.
    until_age_years
        And not before the person would be this old; None where age does not matter.
    words
        The law or the rule of the house.
    """

    kind: Kind
    years: int
    until_age_years: int | None
    words: str


@dataclass(frozen=True)
class DataRule:
    """How long one kind of data is kept, whoever it is about.

    Parameters
    ----------
    years
        After what it tells of happened.
    words
        The law or the rule of the house.
    """

    kind: DataKind
    years: int
    words: str


@dataclass(frozen=True)
class Retention:
    """The rules of a hospital, and the persons nobody may erase, such as for a court."""

    child_below_years: int
    rules: Mapping[Kind, Rule]
    hold: frozenset[int] = frozenset()
    data: Mapping[DataKind, DataRule] = field(default_factory=dict)


def read_retention(folder: Path) -> Retention | None:
    """The rules in a lake's folder; None where the hospital states none.

    Raises
    ------
    BadRetention
        When the file cannot be read, or says one kind twice.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        said = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadRetention(why="it is not TOML in UTF-8") from None
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadRetention(why=places) from None
    rules = {one.kind: Rule(**one.model_dump()) for one in said.rule}
    if len(rules) < len(said.rule):
        raise BadRetention(why="one kind of record has two rules")
    data = {one.kind: DataRule(**one.model_dump()) for one in said.data}
    if len(data) < len(said.data):
        raise BadRetention(why="one kind of data has two rules")
    return Retention(said.child_below_years, rules, frozenset(said.hold), data)


def before_of(rule: DataRule, now: datetime) -> datetime:
    """The instant that lies a period and a day back: no leap day makes anything due early."""
    return birthday(now, years=-rule.years) - timedelta(days=1)
