"""Rows of the intermediate form: which combinations of expressions a view puts out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from vitruvian.views.plan.expressions import Expression, Record, Store


@dataclass(frozen=True)
class Column:
    """An output column: name, FHIR type, storage, list or single."""

    name: str
    kind: str
    store: Store
    collection: bool


@dataclass(frozen=True)
class Values:
    """One row: a single value (or list, for a collection) for every column."""

    columns: tuple[Column, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Product:
    """Every combination of the rows of its parts; the first part varies slowest."""

    parts: tuple[Rows, ...]


@dataclass(frozen=True)
class Union:
    """The rows of each branch, one branch after the other."""

    branches: tuple[Rows, ...]


@dataclass(frozen=True)
class Iterate:
    """The rows of the body for every item of a list; for an empty item when `or_empty`."""

    items: Expression
    item: str
    body: Rows
    or_empty: bool


Rows: TypeAlias = Values | Product | Union | Iterate


def columns_of(rows: Rows) -> tuple[Column, ...]:
    """Columns of the rows, in order."""
    if isinstance(rows, Values):
        return rows.columns
    if isinstance(rows, Product):
        return tuple(column for part in rows.parts for column in columns_of(part))
    if isinstance(rows, Union):
        return columns_of(rows.branches[0])
    return columns_of(rows.body)


ROOT = "resource"
"""Name of the item that stands for the parsed resource."""

RAW = "json"
"""Name of the item that stands for the resource's own text."""


@dataclass(frozen=True)
class Plan:
    """A whole view in the intermediate form.

    `record` is what is wanted of each resource, `records` what is wanted of raw values
    inside it. With `as_sent`, decimals are stored as the text that was sent.
    `notes` tell the author what is always empty.
    """

    resource: str
    record: Record
    records: Mapping[str, Record]
    where: tuple[Expression, ...]
    rows: Rows
    as_sent: bool
    notes: tuple[str, ...]
