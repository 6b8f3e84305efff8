"""A study's event told again from the stored files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.dicom.reading.header import read_header
from vitruvian.ingest.library.dicom.stored import instances_of
from vitruvian.ingest.library.dicom.study.instance import Instance
from vitruvian.ingest.library.dicom.study.record import Study
from vitruvian.ingest.library.dicom.study.rows import events_of
from vitruvian.record import table_named


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The study's record, and the event that its files give today.

    The header of the file that speaks for the study is read again from the file itself;
    of the others the stored headers stand, each under the hash of its file.
    """
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    if not found.num_rows:
        raise NotTraceable(event["event_id"], "the record of its study is not stored")
    record: Mapping[str, Any] = found.to_pylist()[0]
    hashes = {
        each["sha256"] for one in json.loads(record["bytes"])["series"] for each in one["instances"]
    }
    stored = instances_of(reader, [record["resource_id"]], site=record["site"])
    own = tuple(
        each for each in stored if each.sha256 in hashes and each.subject_id == record["subject_id"]
    )
    if not own:
        raise NotTraceable(event["event_id"], "the instances of its study are not stored")
    first = Study(own).first
    study = Study(tuple(_read_again(reader, each) if each is first else each for each in own))
    rows = list(events_of(study))
    return record, pa.Table.from_pylist(rows, schema=table_named("event").schema)


def _read_again(reader: Any, instance: Instance) -> Instance:
    data: bytes = reader.blob(instance.sha256)
    again = read_header(data, limit=len(data) * 1_000)
    return instance if again is None else replace(instance, header=again.header)
