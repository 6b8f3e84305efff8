"""What waits for a clinician before its patient sees it, found in what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any  # rows of Arrow

import orjson
import pyarrow as pa

from vitruvian.terms import code_of
from vitruvian.trust.grants import MARKS, security_of
from vitruvian.trust.own_record import Holding, Key, Piece, Why, held

# Reads every version of one table for some subjects, with the columns named.
Read = Callable[[str, Sequence[str]], pa.Table]
NAMED = re.compile(rb'["/]([A-Z][A-Za-z]{2,}/[A-Za-z0-9.\-]{1,64})(?=["/|])')
BY_UUID = re.compile(rb'"(urn:(?:uuid|oid):[A-Za-z0-9.\-]{1,64})"')
GENETIC_MARKS = (b'"GE"', b"genomics-reporting")
RESOURCE = ("version_id", "resource_type", "resource_id", "bytes")
EVENT = ("version_id", "event_id", "category", "code", "codings", "experiencer")
# Tables of which a row is of a type whatever its record says.
ALWAYS = {"note": "DocumentReference", "assay": "MolecularSequence"}
# Rows without a version of their own, which go by the assay they belong to.
OF_AN_ASSAY = ("genotype", "assay_region")


@dataclass(frozen=True)
class HeldBack:
    """What waits of some subjects.

    Parameters
    ----------
    why
        Every version and lone event that waits, and why.
    whose_genome
        Subjects of whom an assay waits; their genotypes wait with it.
    """

    why: Mapping[Key, Why]
    whose_genome: frozenset[int]

    @property
    def versions(self) -> frozenset[int]:
        """Record versions that wait."""
        return frozenset(ident for ident, alone in self.why if not alone)

    @property
    def events(self) -> frozenset[int]:
        """Events without a record that wait."""
        return frozenset(ident for ident, alone in self.why if alone)


def held_back(
    read: Read,
    holding: Holding,
    *,
    labels: Mapping[int, frozenset[str]],
    released: frozenset[Key] = frozenset(),
) -> HeldBack:
    """What waits of the subjects that are read.

    Parameters
    ----------
    read
        Reads every version of a table for them.
    holding
        The rule of the policy.
    labels
        What is sensitive about record versions and lone events.
    released
        What a clinician has released.
    """
    pieces = _pieces(read, labels)
    why = held(holding, pieces.values(), released=released)
    assays = read("assay", ("subject_id", "version_id")).to_pylist()
    waiting = {row["subject_id"] for row in assays if (row["version_id"], False) in why}
    return HeldBack(why, frozenset(waiting))


def _pieces(read: Read, labels: Mapping[int, frozenset[str]]) -> dict[Key, Piece]:
    found: dict[Key, Piece] = {}
    for row in read("resource", RESOURCE).to_pylist():
        key = (row["version_id"], False)
        found[key] = _piece(key, row, labels.get(key[0], frozenset()))
    for table, kind in ALWAYS.items():
        for version in read(table, ("version_id",)).column(0).to_pylist():
            key = (version, False)
            found[key] = replace(found.get(key, Piece(key)), type=kind)
    for row in read("event", EVENT).to_pylist():
        alone = row["version_id"] is None
        key = (row["event_id"] if alone else row["version_id"], alone)
        told = found.get(key) or Piece(key, labels=labels.get(key[0], frozenset()))
        found[key] = _with_event(told, row)
    return found


def _piece(key: Key, row: Mapping[str, Any], labels: frozenset[str]) -> Piece:
    body, kind, ident = row["bytes"] or b"", row["resource_type"], row["resource_id"]
    refers = {*NAMED.findall(body), *BY_UUID.findall(body)}
    own = frozenset({f"{kind}/{ident}", f"urn:uuid:{ident}", f"urn:oid:{ident}"})
    return Piece(
        key,
        type=kind,
        names=own,
        labels=labels,
        security=_security(body),
        genetics=any(mark in body for mark in GENETIC_MARKS),
        refers=frozenset(one.decode() for one in refers) - own,
    )


def _security(body: bytes) -> frozenset[str]:
    if not any(re.search(mark, body) for mark in MARKS):
        return frozenset()
    try:
        resource = orjson.loads(body)
    except orjson.JSONDecodeError:
        return frozenset()
    return security_of(resource) if isinstance(resource, dict) else frozenset()


def _with_event(told: Piece, row: Mapping[str, Any]) -> Piece:
    codes = {
        row["code"],
        *(code_of(one["system"], one["code"] or "") for one in row["codings"] or ()),
    }
    return replace(
        told,
        codes=told.codes | codes,
        lanes=told.lanes | {row["category"]},
        about_others=told.about_others or row["experiencer"] != "patient",
    )
