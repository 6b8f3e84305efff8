"""The sheet beside a VCF: whose each sample is, germline or somatic, of what, how pure.

A CSV with a header; the columns ``sample``, ``patient`` and ``origin`` must be there.

References
----------
RFC 4180, Common Format and MIME Type for CSV Files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import pyarrow as pa

from vitruvian.ingest.engine.adapter import RECORDS, Source
from vitruvian.ingest.errors import DocumentTooLarge, Malformed
from vitruvian.ingest.report import Problem, Problems

SHEET = "sheet"
SPECIMEN, EVERY = "Specimen", "*"
REQUIRED = frozenset({"sample", "patient", "origin"})
_ORIGINS = {"germline", "somatic"}


@dataclass(frozen=True)
class SheetRow:
    """One line of the sheet; None where it says nothing.

    Parameters
    ----------
    sample
        The name in the VCF's column line; ``*`` for every sample without a line of its own.
    patient
        ``Patient/<id>``, a value of one of the patient's identifiers, ``Specimen/<id>``, or
        ``Specimen``: the sample's name is an identifier of a specimen, in ``system``.
    system
        The system of that identifier, to tell equal values apart.
    origin
        germline or somatic.
    tumour_purity
        0 to 1.
    collected, reported
        ISO 8601 date or time: of the specimen, and when the result could be seen.
    called, uncallable
        File names of BED files beside the sheet.
    file
        The one VCF that is meant, where sample names repeat between files.
    """

    sample: str
    patient: str
    origin: str | None
    specimen: str | None = None
    tumour_purity: float | None = None
    system: str | None = None
    collected: str | None = None
    reported: str | None = None
    called: str | None = None
    uncallable: str | None = None
    file: str | None = None


COLUMNS = tuple(field.name for field in fields(SheetRow))


def is_sheet(head: bytes) -> bool:
    """Whether the first line names the columns of a sheet."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    if b"\0" in first or not first.strip():
        return False
    return set(_columns(first.decode("utf-8", "replace"))) >= REQUIRED


def _cells(line: str) -> list[str]:
    """One line of a CSV; nothing when its quotes are not those of a CSV."""
    try:
        return next(csv.reader([line.strip("\r\n")]), [])
    except csv.Error:
        return []


def _columns(line: str) -> list[str]:
    return [name.strip().lower().replace(" ", "_") for name in _cells(line)]


def read_sheet(source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
    """One record a line, each with the line of column names before it.

    Raises
    ------
    DocumentTooLarge, Malformed
        When it is no sheet of samples by its size or its letters.
    """
    with source.open() as stream:
        data = stream.read(source.limits.document_bytes + 1)
    if len(data) > source.limits.document_bytes:
        raise DocumentTooLarge(source.limits.document_bytes)
    try:
        head, *lines = data.decode("utf-8-sig").split("\n")
    except (UnicodeDecodeError, ValueError):
        raise Malformed("sheet of samples", "it is not UTF-8 text") from None  # noqa: TRY003
    del problems
    held = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if held:
        yield _batch(head, held)


def _batch(head: str, held: Sequence[tuple[int, str]]) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array([number for number, _ in held], pa.int64()),
            "locator": pa.array([f"record {number}" for number, _ in held], pa.string()),
            "bytes": pa.array(
                [f"{head}\n{line}\n".encode() for _, line in held], pa.large_binary()
            ),
            "context": pa.array([SHEET] * len(held), pa.string()),
        },
        schema=RECORDS,
    )


def sheet_row(data: bytes) -> SheetRow | str:
    """One line with its column names, or in words why it cannot be used."""
    head, line = data.decode().split("\n", 1)
    cells = _cells(line)
    said = {
        name: cell.strip()
        for name, cell in zip(_columns(head), cells, strict=False)
        if name in COLUMNS and cell.strip()
    }
    fault = _unnamed(said)
    if fault is not None:
        return fault
    origin = said.get("origin", "").lower()
    if origin and origin not in _ORIGINS:
        return "origin is neither germline nor somatic"
    for name in ("collected", "reported"):
        if name in said and not _is_moment(said[name]):
            return f"{name} is not a date or time of ISO 8601"
    purity = _purity(said.pop("tumour_purity", None))
    if purity is not None and not 0 <= purity <= 1:
        return "tumour_purity is not a share from 0 to 1 (or 0 % to 100 %)"
    return SheetRow(**{**said, "origin": origin or None}, tumour_purity=purity)  # type: ignore[arg-type]  # names are checked above


def _unnamed(said: Mapping[str, str]) -> str | None:
    """In words why a line names nobody; None when it does."""
    if "sample" not in said or "patient" not in said:
        return "it names no sample or no patient"
    if said["patient"] == SPECIMEN and "system" not in said:
        return "a specimen's identifier needs its system"
    if said["sample"] == EVERY and said["patient"] != SPECIMEN:
        return "every sample (*) can only be found by the identifier of its specimen"
    return None


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) >= len("2026-01-01")


def _purity(text: str | None) -> float | None:
    """A share; per cent are divided; -1 for what is no number.

    Examples
    --------
    >>> _purity("40%"), _purity("0.4"), _purity(None)
    (0.4, 0.4, None)
    """
    if text is None:
        return None
    try:
        return float(text.rstrip("% ")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return -1.0


def refused(record: int, fault: str) -> Problem:
    """A line of a sheet that cannot be used."""
    message = (
        f"The line of the sheet cannot be used: {fault}. "
        "Expected sample, patient, origin (germline or somatic), and what the page on VCF lists. "
        "Correct the sheet and load it again."
    )
    return Problem(record, None, "bad-sheet-line", message, rejects=True)
