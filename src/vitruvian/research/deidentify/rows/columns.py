"""One column after another, each by the word that stands for it in actions.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.record import table_named
from vitruvian.research.deidentify.notes import Finding, find
from vitruvian.research.deidentify.replace import name_of, rewrite, shifted_date
from vitruvian.research.deidentify.rows.people import People

RARE = "RARE//"
_US_A_DAY = 86_400_000_000
_NEVER_RARE = ("MEDS_BIRTH", "MEDS_DEATH")
# Nearly every variant is one person's own: what a project may have of genomes is its basis to say.
_VARIANT = "VCF//"
# Ids that stand for the same thing under two names.
_SAME = {"part_of_id": "encounter_id"}


@cache
def actions() -> Mapping[str, Mapping[str, str]]:
    """What becomes of each column, table by table."""
    found: Mapping[str, Mapping[str, str]] = tomllib.loads(
        (Path(__file__).parent / "actions.toml").read_text("utf-8")
    )
    return found


@dataclass
class Batch:
    """Rows of one table, and what their columns are made from.

    Parameters
    ----------
    table
        Its name.
    rows
        As the door gave them.
    people
        Who they are about.
    rare
        Values that too few persons have, by column.
    texts
        What was found in each text: most stand in many rows.
    """

    table: str
    rows: pa.Table
    people: People
    rare: Mapping[str, frozenset[str]] = field(default_factory=dict)
    texts: dict[tuple[str, int], list[Finding]] = field(default_factory=dict)

    @property
    def subjects(self) -> list[int]:
        """Whose row each is."""
        return list(self.rows.column("subject_id").to_pylist())

    def made(self) -> pa.Table:
        """The same rows, fit for the zone; columns that are not named are left out."""
        columns = {}
        for name, action in actions()[self.table].items():
            if action != "drop":
                columns[name] = _MAKERS[action](self, name)
        return pa.table(columns)

    def column(self, name: str) -> pa.ChunkedArray:
        """A column as it came."""
        return self.rows.column(name)

    def mapped(self, name: str, change: Callable[[Any], Any]) -> pa.Array:
        """A column whose equal values change alike."""
        values = self.column(name).to_pylist()
        known: dict[Any, Any] = {None: None}
        for value in set(values) - {None}:
            known[value] = change(value)
        kind = table_named(self.table).schema.field(name).type
        return pa.array([known[value] for value in values], kind)


def _keep(batch: Batch, name: str) -> Any:
    return batch.column(name)


def _person(batch: Batch, name: str) -> pa.Array:
    people = batch.people
    return batch.mapped(name, lambda one: people.project.number("subject_id", people.who(one)))


def _number(batch: Batch, name: str) -> pa.Array:
    kind = _SAME.get(name, name)
    return batch.mapped(name, lambda one: batch.people.project.number(kind, one))


def _id(batch: Batch, name: str) -> pa.Array:
    return batch.mapped(name, lambda one: batch.people.project.text(name, one))


def _uid(batch: Batch, name: str) -> pa.Array:
    return batch.mapped(name, batch.people.project.uid)


def _shift(batch: Batch, name: str) -> pa.Array:
    """Instants moved by whole days, so that the time of day stays."""
    moved = [batch.people.person(one).days for one in batch.subjects]
    column = batch.column(name).combine_chunks()
    micros = pc.add(column.cast(pa.int64()), pa.array(np.array(moved, np.int64) * _US_A_DAY))
    shifted = micros.cast(column.type)
    return _without_old_births(batch, shifted) if name in _TIMES else shifted


_TIMES = ("birth_time_min",)


def _without_old_births(batch: Batch, values: pa.Array) -> pa.Array:
    old = [batch.people.who(one) in batch.people.old for one in batch.subjects]
    return pc.if_else(pa.array(old, pa.bool_()), pa.scalar(None, values.type), values)


def _month(batch: Batch, name: str) -> pa.Array:
    return pc.floor_temporal(batch.column(name).combine_chunks(), unit="month")


def _date(batch: Batch, name: str) -> pa.Array:
    """A date in words as sent, moved; empty where it cannot be read."""
    made: list[str | None] = []
    for subject, told in zip(batch.subjects, batch.column(name).to_pylist(), strict=True):
        old_birth = name == "birth_date" and batch.people.who(subject) in batch.people.old
        if told is None or old_birth:
            made.append(None)
        else:
            made.append(_as_sent(told, batch.people.person(subject).days))
    return pa.array(made, pa.string())


def _as_sent(told: str, days: int) -> str | None:
    """An instant or an interval of two, moved; None unless all of it can be read."""
    moved = [shifted_date(part, days=days) for part in told.split("/")] if "-" in told else [None]
    if None in moved:
        return shifted_date(told, days=days)
    return "/".join(part for part in moved if part)


def _text(batch: Batch, name: str) -> pa.Array:
    """Free text, written again; what was found in one text serves for all rows that have it."""
    languages: list[str | None] = [None] * batch.rows.num_rows
    if "language" in batch.rows.column_names:
        languages = batch.column("language").to_pylist()
    made: list[str | None] = []
    told = zip(batch.subjects, batch.column(name).to_pylist(), languages, strict=True)
    for subject, text, language in told:
        made.append(None if text is None else _rewritten(batch, subject, text, language or ""))
    return pa.array(made, pa.string())


def _rewritten(batch: Batch, subject: int, text: str, language: str) -> str:
    who = batch.people.who(subject)
    found = batch.texts.get((text, who))
    if found is None:
        found = find(text, known=batch.people.known(subject))
        batch.texts[text, who] = found
    if not found:
        return text
    return rewrite(text, found, batch.people.person(subject), language=language).text


def _rare(batch: Batch, name: str) -> pa.Array:
    rare = batch.rare.get(name, frozenset())
    if batch.table != "event":
        return batch.mapped(name, lambda one: None if one in rare else one)
    categories = batch.column("category").to_pylist()
    codes = batch.column(name).to_pylist()
    made = [
        f"{RARE}{category}" if code in rare and not _stays(code) else code
        for code, category in zip(codes, categories, strict=True)
    ]
    return pa.array(made, pa.string())


def _stays(code: str) -> bool:
    return code in _NEVER_RARE or code.startswith(_VARIANT)


def _codings(batch: Batch, name: str) -> pa.Array:
    """Systems and codes without their displays; none where the code is rare."""
    rare = batch.rare.get("code", frozenset())
    made: list[list[dict[str, Any]] | None] = []
    rows = zip(batch.column("code").to_pylist(), batch.column(name).to_pylist(), strict=True)
    for code, codings in rows:
        bare = [{**one, "display": None} for one in codings or ()]
        made.append(None if codings is None or code in rare else bare)
    return pa.array(made, batch.column(name).type)


def _number_text(batch: Batch, name: str) -> pa.Array:
    told = batch.column(name).combine_chunks()
    numbers = batch.column("numeric_value").combine_chunks()
    return pc.if_else(pc.is_valid(numbers), told, pa.scalar(None, told.type))


def _told(batch: Batch, name: str) -> pa.Array:
    """Free text, empty where the code is rare that it tells in words."""
    hidden = _is_rare(batch, "code")
    if name == "text_value":
        hidden = pc.or_(hidden, _is_rare(batch, "value_code"))
    return pc.if_else(hidden, pa.scalar(None, pa.string()), _text(batch, name))


def _is_rare(batch: Batch, name: str) -> pa.Array:
    rare = batch.rare.get(name, frozenset())
    return pa.array([code in rare for code in batch.column(name).to_pylist()], pa.bool_())


def _zero(batch: Batch, _name: str) -> pa.Array:
    return pa.array(np.zeros(batch.rows.num_rows, np.int64))


def _given(batch: Batch, name: str) -> pa.Array:
    told = zip(batch.subjects, batch.column(name).to_pylist(), strict=True)
    return pa.array([t and name_of(t, batch.people.person(s)) for s, t in told], pa.string())


_MAKERS: Mapping[str, Callable[[Batch, str], Any]] = {
    "keep": _keep,
    "person": _person,
    "number": _number,
    "id": _id,
    "uid": _uid,
    "shift": _shift,
    "month": _month,
    "date": _date,
    "text": _text,
    "rare": _rare,
    "codings": _codings,
    "number_text": _number_text,
    "zero": _zero,
    "told": _told,
    "blob": _keep,
    "given": _given,
    "family": _given,
}
