"""From the keys of a declaration to subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.identity.declaration import Authority, Declaration, Pair

if TYPE_CHECKING:
    from vitruvian.lake import Reader


@dataclass(frozen=True)
class Resolved:
    """Pairs of subjects that a declaration makes one, and the lines that lead to nobody.

    ``known`` tells since when a subject's pair is known, where the file says so.
    """

    edges: tuple[tuple[int, int], ...]
    unresolved: tuple[int, ...] = ()
    known: Mapping[int, datetime] = field(default_factory=dict)


def resolve(reader: Reader, declaration: Declaration) -> Resolved:
    """The subjects a declaration speaks of.

    A key that names nobody, or several subjects, links nothing; its line is told.
    """
    if declaration.authority is not None:
        return Resolved(tuple(_by_authority(reader, declaration.authority)))
    return _by_pairs(reader, declaration.pairs)


def resolve_all(reader: Reader, declarations: Sequence[Declaration]) -> list[tuple[int, int]]:
    """The pairs of subjects of many declarations; those by pairs are looked up together."""
    edges = [
        edge
        for each in declarations
        if each.authority is not None
        for edge in _by_authority(reader, each.authority)
    ]
    pairs = tuple(pair for each in declarations for pair in each.pairs)
    return edges + list(_by_pairs(reader, pairs).edges)


def _by_pairs(reader: Reader, pairs: Sequence[Pair]) -> Resolved:
    if not pairs:
        return Resolved(())
    keys = sorted({key for pair in pairs for key in (pair.left, pair.right)})
    rows = reader.rows(
        "resource_key",
        columns=["key", "subject_id"],
        where="key IN (SELECT unnest(?::VARCHAR[])) AND subject_id IS NOT NULL",
        params=[keys],
    ).to_pylist()
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row["key"], set()).add(row["subject_id"])
    edges, unresolved, known = [], [], dict[int, datetime]()
    for pair in pairs:
        left, right = found.get(pair.left, set()), found.get(pair.right, set())
        if len(left) == len(right) == 1:
            edge = (next(iter(left)), next(iter(right)))
            edges.append(edge)
            if pair.known_at is not None:
                known.update(dict.fromkeys(edge, pair.known_at))
        else:
            unresolved.append(pair.line)
    return Resolved(tuple(edges), tuple(unresolved), known)


def _by_authority(reader: Reader, authority: Authority) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for number, subject in sorted({*_by_key(reader, authority), *_by_record(reader, authority)}):
        one = first.setdefault(number, subject)
        if one != subject:
            yield one, subject


def _by_key(reader: Reader, authority: Authority) -> Iterator[tuple[str, int]]:
    """Numbers of stored records' keys, with whom they are about."""
    starts = " OR ".join("starts_with(key, ?)" for _ in authority.systems)
    prefixes = [f"Patient?{system}|" for system in authority.systems]
    rows = reader.rows(
        "resource_key",
        columns=["key", "subject_id"],
        where=f"({starts}) AND subject_id IS NOT NULL",
        params=prefixes,
    ).to_pylist()
    for row in rows:
        prefix = next(each for each in prefixes if row["key"].startswith(each))
        yield row["key"].removeprefix(prefix), row["subject_id"]


def _by_record(reader: Reader, authority: Authority) -> Iterator[tuple[str, int]]:
    """Numbers that a person's own row carries: messages of a feed leave no keys."""
    rows = reader.rows("patient", columns=["subject_id", "identifiers"]).to_pylist()
    for row in rows:
        for each in row["identifiers"] or ():
            if each["system"] in authority.systems and each["value"]:
                yield each["value"], row["subject_id"]
