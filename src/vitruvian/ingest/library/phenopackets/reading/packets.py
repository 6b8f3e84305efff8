"""Phenopackets found in a file: one document, or one a line; every field name in camelCase.

References
----------
GA4GH Phenopacket Schema 2.0; Protocol Buffers, "ProtoJSON format" (readers accept lowerCamelCase
names and the original ones with underscores).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

from vitruvian.ingest.engine.adapter import RECORDS, Source
from vitruvian.ingest.errors import DocumentTooLarge, LineTooLong, Malformed, Truncated
from vitruvian.ingest.report import Problem, Problems

KIND = "phenopacket"
PACKET = "PHENOPACKETS/packet"
_TELLING = re.compile(
    rb'"(?:phenopacketSchemaVersion|phenopacket_schema_version|phenotypicFeatures|'
    rb'phenotypic_features|progressStatus|genomicInterpretations)"\s*:'
)
_UNDERSCORE = re.compile(r"_([a-z0-9])")
_HUMAN = "NCBITaxon:9606"
Packet = dict[str, Any]


def looks_like_packets(head: bytes) -> bool:
    """Whether a file begins like phenopackets in JSON; a FHIR resource is none."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return begins.startswith(b"{") and _TELLING.search(head) is not None and (
        b'"resourceType"' not in head
    )  # fmt: skip


def packets(source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Each packet as a record, verbatim.

    Raises
    ------
    DocumentTooLarge, LineTooLong
        When one packet is larger than the limit.
    Malformed
        When the file is neither one JSON document nor one a line.
    """
    with source.open() as stream:
        first = stream.readline(source.limits.line_bytes + 1)
    if _loaded(first) is not None:
        yield from _lines(source, problems)
        return
    with source.open() as stream:
        whole = stream.read(source.limits.document_bytes + 1)
    if len(whole) > source.limits.document_bytes:
        raise DocumentTooLarge(source.limits.document_bytes)
    if _loaded(whole) is None:
        raise Malformed(KIND, "it is no JSON object, and its lines are none")
    yield _batch([(0, whole)])


def _lines(source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
    """One packet a line; a last line cut short refuses the file."""
    limit = source.limits.line_bytes
    with source.open() as stream:
        for number, line in enumerate(iter(lambda: stream.readline(limit + 1), b"")):
            if len(line) > limit:
                raise LineTooLong(limit, record=number)
            if not line.strip():
                continue
            if _loaded(line) is None and not line.endswith(b"\n"):
                raise Truncated(KIND, record=number)
            if _loaded(line) is None:
                problems.add(_refused(number, "the line is no JSON object", unread=True))
            else:
                yield _batch([(number, line)])


def _batch(found: list[tuple[int, bytes]]) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array([number for number, _ in found], pa.int64()),
            "locator": pa.array([f"record {number}" for number, _ in found], pa.string()),
            "bytes": pa.array([data for _, data in found], pa.large_binary()),
            "context": pa.array([PACKET] * len(found), pa.string()),
        },
        schema=RECORDS,
    )


def _loaded(data: bytes) -> Packet | None:
    try:
        read = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None


def packet_of(data: bytes) -> Packet:
    """A stored packet, its field names in camelCase."""
    read: Packet = _camel(_loaded(data) or {})
    return read


def _camel(said: Any) -> Any:
    if isinstance(said, dict):
        return {
            _UNDERSCORE.sub(lambda m: m[1].upper(), key): _camel(each) for key, each in said.items()
        }
    return [_camel(each) for each in said] if isinstance(said, list) else said


def fault_of(packet: Mapping[str, Any]) -> str | None:
    """In words why a packet cannot be used; None when it can."""
    version = _dict(packet.get("metaData")).get("phenopacketSchemaVersion")
    subject = _dict(packet.get("subject"))
    if version is not None and not str(version).startswith("2"):
        return "it follows another version of the schema than 2"
    if not subject.get("id"):
        return "it names no subject"
    taxonomy = _dict(subject.get("taxonomy")).get("id")
    if taxonomy not in (None, "", _HUMAN):
        return "its subject is not human"
    return None


def _dict(said: object) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def refused(number: int, data: bytes) -> Problem | None:
    """A packet that cannot be used, as a problem."""
    fault = fault_of(packet_of(data))
    return None if fault is None else _refused(number, fault)


def _refused(number: int, fault: str, *, unread: bool = False) -> Problem:
    message = (
        f"The phenopacket cannot be used: {fault}. Expected a JSON object of Phenopacket Schema 2 "
        "with subject.id and a human subject. Correct it and load it again."
    )
    return Problem(number, None, "bad-phenopacket", message, rejects=True, unread=unread)
