"""A share of the notes read over Spark Connect, by its workers, with the facts one process finds.

Spark reads the notes of a pinned, drained state of the lake; each of its workers gets all notes of
its subjects, in order, and gives back events. They are written through the door, here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.derive.engine.extractor import Extractor
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.notes import AS_READ, IN_ORDER, Wanted, batches, notes_sql
from vitruvian.derive.engine.reading import read_by_name
from vitruvian.derive.engine.rows import SCHEMA, Derivation
from vitruvian.derive.errors import OtherKnowledge

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.engines.spark import Spark

BATCH = 500


def read_share(
    spark: Spark, reader: Reader, wanted: Wanted, derivations: Mapping[Extractor, Derivation]
) -> tuple[pa.Table, Counter[str]]:
    """What the extractors find in one share: rows of ``event``, and how many each found.

    Parameters
    ----------
    spark
        The session.
    reader
        The pinned state; it stays open until this returns.
    wanted
        The notes of the share.
    derivations
        The extractors that read, and what their events are signed with.

    Raises
    ------
    NotDrained
        When notes are still in the hot log.
    SparkFailed
        When Spark does not run it; also where a worker has another release of an extractor.
    """
    for table in ("note", "event"):
        spark.show_table(reader, table)
    signed = tuple(derivations.values())
    read = partial(read_part, derivations=signed)
    found = spark.read_by_workers(notes_sql(wanted), read, order=IN_ORDER, out=SCHEMA)
    return found, _facts(found, signed)


def read_part(
    rows: Iterator[pa.RecordBatch], *, derivations: tuple[Derivation, ...]
) -> Iterator[pa.RecordBatch]:
    """What one worker does with its notes; it has extractors of its own.

    Raises
    ------
    OtherKnowledge
        When one of them carries another release than the derivation says.
    """
    for one in derivations:
        said, own = json.loads(one.parameters).get("release"), extractor_named(one.name)
        if (one.version, said) != (own.manifest.version, own.release):
            raise OtherKnowledge(one.name)
    for whole in whole_subjects(rows):
        yield from read_by_name(whole, derivations).events.to_batches()


def whole_subjects(rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches that hold all notes of each of their subjects."""
    kept = AS_READ.empty_table()
    for batch in rows:
        told = pa.Table.from_batches([batch]).select(AS_READ.names).cast(AS_READ)
        kept = pa.concat_tables([kept, told])
        if kept.num_rows < BATCH:
            continue
        subjects = kept.column("subject_id")
        # The last subject may go on in the next batch.
        ready = pc.sum(pc.not_equal(subjects, subjects[-1])).as_py() or 0
        yield from batches(kept.slice(0, ready), size=BATCH)
        kept = kept.slice(ready)
    yield from batches(kept, size=BATCH)


def _facts(found: pa.Table, derivations: Sequence[Derivation]) -> Counter[str]:
    """How many events each extractor gave."""
    names = {one.number: one.name for one in derivations}
    counted: Counter[str] = Counter(dict.fromkeys(names.values(), 0))
    for each in found.column("derivation_id").value_counts().to_pylist():
        counted[names[each["values"]]] += each["counts"]
    return counted
