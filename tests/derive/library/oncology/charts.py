"""Lives of the demo hospital as notes read by the oncology extractor, beside what was planted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from vitruvian.demo import lives
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.reading import read_batch
from vitruvian.derive.engine.rows import derivation_of
from vitruvian.derive.records.tumour import TumourRecord, tumour_record


def read(notes: list[tuple[Any, str]]) -> TumourRecord:
    """The record out of notes with their times."""
    rows = [
        {
            "note_id": number, "subject_id": 1, "version_id": number, "site": "test",
            "source_id": "test", "locator": f"record {number}", "known_at": time, "time": time,
            "known_at_basis": "stated", "language": "en", "text": text, "is_new": True,
        }
        for number, (time, text) in enumerate(sorted(notes, key=lambda note: note[0]))
    ]  # fmt: skip
    oncology = extractor_named("oncology")
    batch = pa.RecordBatch.from_pylist(rows, schema=AS_READ)
    return tumour_record(read_batch(batch, {oncology: derivation_of(oncology)}).events.to_pylist())


def with_cancer(count: int) -> Iterator[tuple[Any, TumourRecord]]:
    """Lives with colorectal cancer, and the record out of their notes alone."""
    for life in lives(3, count):
        if "colorectal_cancer" in life.storylines:
            yield life, read([(paper.time, paper.text) for paper in life.documents])


Truth = set[tuple[str, str]]


def planted(life: Any) -> Truth:
    """What the ground truth holds: coded conditions, results, doses given; never a note."""
    codes = {coding.code for c in life.conditions for coding in c.concept.codings}
    (stage,) = (c.stage for c in life.conditions if c.stage)
    truth = {("primary site", code) for code in codes if code.startswith("C18")}
    truth |= {("metastasis", "Liver") for code in codes if code == "C78.7"}
    # The notes tell M1 without its letter, so the letter is not asked for.
    told = stage.partition("(")[2].strip(")").removesuffix("a").split()
    truth |= {(part.lstrip("pc")[0], part) for part in told}
    for result in life.measurements:
        name = result.concept.text.split()[0]
        if name in {"KRAS", "BRAF"}:
            said = result.finding.text.lower()
            truth.add((name, "wild-type" if said.startswith(("no", "wild")) else "mutated"))
    for drug, regimen in (("oxaliplatin", "FOLFOX"), ("irinotecan", "FOLFIRI")):
        given = [d.start for d in life.administrations if d.drug.text.lower() == drug]
        if given:
            truth.add((f"{regimen} begun", str(min(given).date())))
            truth.add((f"{regimen} cycles", str(len(given))))
    return truth


def recorded(record: TumourRecord) -> Truth:
    """The same fields of a record."""
    names = {"primary site", "metastasis", "T", "N", "M", "KRAS", "BRAF"}
    found = set()
    for field in record.fields:
        if field.name in names:
            code = (field.code or "").removeprefix("ICDO3//")
            by_code = field.name in {"primary site", "KRAS", "BRAF"}
            found.add((field.name, code if by_code else field.value))
    for line in record.lines:
        for regimen in {"FOLFOX", "FOLFIRI"} & set(line.treatments):
            begun = line.start.date() if line.start and line.last_given else None
            if begun is not None:
                found.add((f"{regimen} begun", str(begun)))
                found.add((f"{regimen} cycles", str(line.cycles)))
    return found
