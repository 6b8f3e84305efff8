"""Records whose elements have the wrong shape: found set-wise, named with their JSON pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import not_on_the_timeline, types_on_the_timeline
from vitruvian.ingest.library.fhir.records.staging import STAGE
from vitruvian.ingest.report import Problem, Problems
from vitruvian.views.elements import is_resource
from vitruvian.views.elements.shape import Fault, find_fault


def reject_by_type(
    connection: Any, name: str, batch: str, problems: Mapping[int, Problems]
) -> bool:
    """Take records of a batch off the stage that are of no known type, or misshapen; report them.

    Parameters
    ----------
    name
        The resource type of every record of the batch.
    batch
        Relation of their texts: ``seq``, ``resource``.

    Returns
    -------
    bool
        Whether the type is one of FHIR R4.
    """
    if not is_resource(name):
        _reject_unknown(connection, name, problems)
        return False
    _reject_misshapen(connection, name, batch, problems)
    return True


def report_unmapped(connection: Any, problems: Mapping[int, Problems]) -> None:
    """Say once a source which types it holds that the mapping does not know of."""
    for (name,) in connection.execute(f"SELECT DISTINCT resource_type FROM {STAGE}").fetchall():
        if name not in types_on_the_timeline() and name not in not_on_the_timeline():
            message = f"Resource type {name} is on neither list of the mapping; it is kept."
            _tell(connection, name, message, problems)


def _reject_unknown(connection: Any, name: str, problems: Mapping[int, Problems]) -> None:
    message = "The resourceType is not one of FHIR R4. Expected the name of a FHIR R4 resource."
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE resource_type = ? RETURNING source_no, record", [name]
    ).fetchall()
    for number, record in rows:
        problem = Problem(record, "/resourceType", "unknown-type", message, rejects=True)
        problems[number].add(problem)


def _tell(connection: Any, name: str, message: str, problems: Mapping[int, Problems]) -> None:
    rows = connection.execute(
        f"SELECT source_no, min(record) FROM {STAGE} WHERE resource_type = ? GROUP BY ALL", [name]
    ).fetchall()
    for number, record in rows:
        problems[number].add(Problem(record, "/resourceType", "type-not-mapped", message))


def _reject_misshapen(
    connection: Any, name: str, batch: str, problems: Mapping[int, Problems]
) -> None:
    suspects = " UNION ".join(_suspects(connection, name, batch))
    if not suspects:
        return
    found = connection.execute(
        f"SELECT seq, resource FROM {batch} WHERE seq IN ({suspects})"
    ).fetchall()
    faults = {seq: find_fault(json.loads(text), name) for seq, text in found}
    _reject(connection, name, {seq: fault for seq, fault in faults.items() if fault}, problems)


_CONTAINED = (
    "(SELECT seq, part->>'$.resourceType' AS name, json_structure(part) AS structure FROM "
    "(SELECT seq, unnest(json_extract(resource, '$.contained[*]')) AS part FROM {batch}))"
)


def _suspects(connection: Any, name: str, batch: str) -> Iterator[str]:
    """Queries of the ``seq`` of records whose structure does not show that all shapes are right.

    A structure is the record with names of types for its values, and with one entry for all
    entries of a list. Records of a type have few of them: each is looked at once.
    """
    whole = f"(SELECT seq, '{name}' AS name, json_structure(resource) AS structure FROM {batch})"
    structures = _structures(connection, whole)
    yield from _those(whole, structures)
    if any('"contained"' in structure for _, structure in structures):
        inner = _CONTAINED.format(batch=batch)
        yield from _those(inner, _structures(connection, inner))


def _structures(connection: Any, relation: str) -> list[tuple[str | None, str]]:
    rows = connection.execute(f"SELECT DISTINCT name, structure FROM {relation}").fetchall()
    return [(name, structure) for name, structure in rows]


def _those(relation: str, structures: Sequence[tuple[str | None, str]]) -> Iterator[str]:
    strange = {text for name, text in structures if not _is_plain(text, name or "")}
    if strange:
        listed = ", ".join(literal(text) for text in sorted(strange))
        yield f"SELECT seq FROM {relation} WHERE structure::VARCHAR IN ({listed})"


@lru_cache(maxsize=4096)
def _is_plain(structure: str, name: str) -> bool:
    """Whether no record of a structure can have an element of the wrong shape.

    Examples
    --------
    >>> _is_plain('{"name":[{"given":["VARCHAR"]}]}', "Patient")
    True
    >>> _is_plain('{"name":[{"given":"VARCHAR"}]}', "Patient")
    False
    """
    # JSON stands where the entries of a list differ in shape, or an object is empty.
    return '"JSON"' not in structure and find_fault(json.loads(structure), name) is None


def _reject(
    connection: Any, name: str, faults: Mapping[int, Fault], problems: Mapping[int, Problems]
) -> None:
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE seq IN (SELECT unnest(?::BIGINT[])) "
        "RETURNING seq, source_no, record",
        [list(faults)],
    ).fetchall()
    for seq, number, record in sorted(rows):
        fault = faults[seq]
        message = f"{name}: the element is of the wrong shape. Expected {fault.expected}."
        problem = Problem(record, fault.pointer, "wrong-shape", message, rejects=True)
        problems[number].add(problem)
