"""Records whose elements have the wrong shape: found set-wise, named with their JSON pointer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import not_on_the_timeline, types_on_the_timeline
from vitruvian.ingest.library.fhir.records.spool import cuts
from vitruvian.ingest.library.fhir.records.staging import STAGE
from vitruvian.ingest.report import Problem, Problems
from vitruvian.views.elements import is_resource
from vitruvian.views.elements.shape import Fault, find_fault

BUNCHES = "fhir_bunches"
# Records whose structures are read as one: the more, the cheaper each; the fewer, the less is
# read again where one of them is strange.
_BUNCH_RECORDS = 64
# Reading a structure takes many times the room of its text.
_BUNCH_BYTES = 1 << 20
# The engine works on the batches of a table in parallel.
_PART_BUNCHES = 8

Tell = Callable[[int, Problem], None]


def reject_by_type(connection: Any, name: str, batch: str, tell: Tell) -> bool:
    """Take records of a batch off the stage that are of no known type, or misshapen; report them.

    Parameters
    ----------
    name
        The resource type of every record of the batch.
    batch
        Relation of their texts: ``seq``, ``resource``; `BUNCHES` holds the same, `bunches_of` them.
    tell
        Is called with the number of the source and what is wrong.

    Returns
    -------
    bool
        Whether the type is one of FHIR R4.
    """
    if not is_resource(name):
        _reject_unknown(connection, name, tell)
        return False
    _reject_misshapen(connection, name, batch, tell)
    return True


def bunches_of(rows: pa.Table) -> pa.Table:
    """Texts of records in runs, to be read together: ``first`` and ``last`` seq, ``texts``.

    Parameters
    ----------
    rows
        ``seq`` ascending, and ``resource``.
    """
    seq, texts = (rows[name].combine_chunks() for name in ("seq", "resource"))
    places = cuts(texts, records=_BUNCH_RECORDS, bytes_=_BUNCH_BYTES)
    starts, ends = np.array(places[:-1]), np.array(places[1:])
    offsets = pa.array(np.append(0, ends), pa.int64())
    whole = pa.table(
        {
            "first": seq.take(pa.array(starts)),
            "last": seq.take(pa.array(ends - 1)),
            "texts": pa.LargeListArray.from_arrays(offsets, texts),
        }
    )
    parts = whole.combine_chunks().to_batches(max_chunksize=_PART_BUNCHES)
    return pa.Table.from_batches(parts, schema=whole.schema)


def report_unmapped(connection: Any, problems: Mapping[int, Problems]) -> None:
    """Say once a source which types it holds that the mapping does not know of."""
    for (name,) in connection.execute(f"SELECT DISTINCT resource_type FROM {STAGE}").fetchall():
        if name not in types_on_the_timeline() and name not in not_on_the_timeline():
            message = f"Resource type {name} is on neither list of the mapping; it is kept."
            _tell(connection, name, message, problems)


def _reject_unknown(connection: Any, name: str, tell: Tell) -> None:
    message = "The resourceType is not one of FHIR R4. Expected the name of a FHIR R4 resource."
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE resource_type = ? RETURNING source_no, record", [name]
    ).fetchall()
    for number, record in rows:
        tell(number, Problem(record, "/resourceType", "unknown-type", message, rejects=True))


def _tell(connection: Any, name: str, message: str, problems: Mapping[int, Problems]) -> None:
    rows = connection.execute(
        f"SELECT source_no, min(record) FROM {STAGE} WHERE resource_type = ? GROUP BY ALL", [name]
    ).fetchall()
    for number, record in rows:
        problems[number].add(Problem(record, "/resourceType", "type-not-mapped", message))


def _reject_misshapen(connection: Any, name: str, batch: str, tell: Tell) -> None:
    suspects = " UNION ".join(_suspects(connection, name, batch))
    if not suspects:
        return
    found = connection.execute(
        f"SELECT seq, resource FROM {batch} WHERE seq IN ({suspects})"
    ).fetchall()
    faults = {seq: find_fault(json.loads(text), name) for seq, text in found}
    _reject(connection, name, {seq: fault for seq, fault in faults.items() if fault}, tell)


_WHOLE = "(SELECT seq, '{name}' AS name, json_structure(resource) AS structure FROM {batch})"
_CONTAINED = (
    "(SELECT seq, part->>'$.resourceType' AS name, json_structure(part) AS structure FROM "
    "(SELECT seq, unnest(json_extract(resource, '$.contained[*]')) AS part FROM {batch}))"
)
_BUNCHED = f"""
    SELECT "first", "last", json_structure('[' || array_to_string(texts, ',') || ']')
    FROM {BUNCHES}
"""


def _suspects(connection: Any, name: str, batch: str) -> Iterator[str]:
    """Queries of the ``seq`` of records whose structure does not show that all shapes are right.

    A structure is the record with names of types for its values, and with one entry for all
    entries of a list. The records of a bunch are such a list: what stands in one of them stands
    in their structure, and where two differ in shape it says so. Only bunches that leave a doubt
    are read record by record; records of a type have few structures, each is looked at once.
    """
    bunches = connection.execute(_BUNCHED).fetchall()
    doubtful = [bunch for bunch in bunches if not _is_plain(bunch[2], name, bunch=True)]
    nesting = [bunch for bunch in bunches if '"contained"' in bunch[2]]
    for relation, those in ((_WHOLE, doubtful), (_CONTAINED, nesting)):
        if those:
            between = " OR ".join(f"seq BETWEEN {first} AND {last}" for first, last, _ in those)
            some = f"(SELECT * FROM {batch} WHERE {between})"
            yield from _strange(connection, relation.format(name=name, batch=some))


def _strange(connection: Any, relation: str) -> Iterator[str]:
    rows = connection.execute(f"SELECT DISTINCT name, structure FROM {relation}").fetchall()
    strange = {text for name, text in rows if not _is_plain(text, name or "")}
    if strange:
        listed = ", ".join(literal(text) for text in sorted(strange))
        yield f"SELECT seq FROM {relation} WHERE structure::VARCHAR IN ({listed})"


@lru_cache(maxsize=4096)
def _is_plain(structure: str, name: str, *, bunch: bool = False) -> bool:
    """Whether no record of a structure can have an element of the wrong shape.

    Parameters
    ----------
    structure
        Of one record, or of a list of records (``bunch``).
    name
        Their resource type.

    Examples
    --------
    >>> _is_plain('{"name":[{"given":["VARCHAR"]}]}', "Patient")
    True
    >>> _is_plain('{"name":[{"given":"VARCHAR"}]}', "Patient")
    False
    """
    # JSON stands where the entries of a list differ in shape, or an object is empty.
    if '"JSON"' in structure:
        return False
    told = json.loads(structure)
    return all(find_fault(one, name) is None for one in (told if bunch else [told]))


def _reject(connection: Any, name: str, faults: Mapping[int, Fault], tell: Tell) -> None:
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE seq IN (SELECT unnest(?::BIGINT[])) "
        "RETURNING seq, source_no, record",
        [list(faults)],
    ).fetchall()
    for seq, number, record in sorted(rows):
        fault = faults[seq]
        message = f"{name}: the element is of the wrong shape. Expected {fault.expected}."
        tell(number, Problem(record, fault.pointer, "wrong-shape", message, rejects=True))
