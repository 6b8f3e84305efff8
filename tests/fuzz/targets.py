"""The parsers: what each is handed, and how it may refuse.

A target takes bytes. It may read them or refuse them in words of the house; whatever else it raises
is a defect, and so is a hang.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

LIMIT = 2**20
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2024-05-01T08:00:00+02:00",
    "valueQuantity": {"value": 4.1, "unit": "mmol/L", "comparator": "<"},
}
CONSENT = {
    "resourceType": "Consent",
    "status": "active",
    "scope": {"coding": [{"code": "research"}]},
    "provision": {"type": "permit", "period": {"start": "2024", "end": "2030-01-01"}},
}
VIEW = {
    "resource": "Observation",
    "constant": [{"name": "system", "valueString": "http://loinc.org"}],
    "select": [
        {"column": [{"name": "id", "path": "getResourceKey()"}]},
        {
            "forEach": "code.coding.where(system = %system)",
            "column": [{"name": "code", "path": "code", "type": "code"}],
            "unionAll": [{"column": [{"name": "x", "path": "display"}]}],
        },
    ],
    "where": [{"path": "status = 'final' and value.ofType(Quantity).value > 1.5"}],
}
PATHS = (
    b"name.where(use = 'official').given.first() | name.family",
    b"(value as Quantity).value * -2 div 3 >= 1.5 and @2024-05-01 < effective",
    b"`odd`.extension('http://x').value.ofType(string).join(', ')[0]",
)
TASK = b"""
predicates:
  potassium: {code: LOINC//2823-3, value_min: 6, value_min_inclusive: true}
  sick: {expr: "or(potassium, potassium)"}
trigger: potassium
windows:
  gap:
    start: trigger
    end: start + 48h
    start_inclusive: false
    end_inclusive: true
    label: sick
    has:
      sick: (1, None)
"""
HL7 = (
    b"MSH|^~\\&|LAB|H|V|H|20240501080000+0200||ORU^R01|1|P|2.5|||||||UNICODE UTF-8\r"
    b"PID|1||77^^^H^MR||Quux^Anna||19500601|F\r"
    b"OBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|3.5-5.1|N|||F|||20240501\r"
)
VCF = (
    b"##fileformat=VCFv4.3\n##reference=GRCh38\n##contig=<ID=chr1,length=248956422>\n"
    b'##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
    b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
CELLS = b"chr1\t100\trs1\tA\tC,<DEL>\t50.5\tPASS\tAF=0.5;DB\tGT:DP\t0|1:30\nchr1\t7\t.\tG\tT\t.\t.\t.\tGT\t./.\n"
WFDB = (
    b"r1 2 250/125(0) 1000 12:00:00 01/05/2024\n"
    b"r1.dat 212 200(1024)/mV 11 1024 995 -22131 0 MLII\n"
    b"r1.dat 212 200 11 1024 1011 20052 0 V5\n# age: 69\n"
)
EDF = (
    b"0       " + b"X F 01-JAN-1950 Quux".ljust(80) + b"Startdate 01-MAY-2024 X X X".ljust(80)
    + b"01.05.2408.00.00512     " + b"".ljust(44) + b"1       1       1   " + b"ECG".ljust(16)
    + b"".ljust(80) + b"mV".ljust(8) + b"-1      1       -32768  32767   " + b"".ljust(80)
    + b"4       " + b"".ljust(32) + b"\x00\x01" * 4
)  # fmt: skip
# A part-10 head, then patient id, study and modality in explicit little endian.
DICOM = (
    b"\x00" * 128
    + b"DICM\x02\x00\x00\x00UL\x04\x00\x1a\x00\x00\x00\x02\x00\x10\x00UI\x12\x00"
    + b"1.2.840.10008.1.2.1\x00"[:18]
    + b"\x08\x00\x60\x00CS\x02\x00CT\x10\x00\x20\x00LO\x02\x0077\x20\x00\x0d\x00UI\x04\x001.2\x00"
)


@dataclass(frozen=True)
class Target:
    """One parser.

    Parameters
    ----------
    modules
        Packages whose branches the fuzzer watches.
    parse
        Reads bytes.
    seeds
        Bytes that it can read, to begin with.
    refusal
        What it may raise beside the errors of the house: module and name, imported late so that
        the fuzzer can watch that module too.
    """

    modules: tuple[str, ...]
    parse: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusal: tuple[str, str] = ("base.errors", "VitruvianError")

    def reads(self, data: bytes) -> bool:
        """Whether bytes are read, or refused; raises whatever else happens."""
        try:
            self.parse(data)
        except (of("base.errors", "VitruvianError"), of(*self.refusal)):
            return False
        return True


def text(data: bytes) -> str:
    """Bytes as somebody's text."""
    return data.decode("utf-8", errors="replace")


def of(module: str, name: str) -> Any:
    """Something of a module of ours, imported when it is needed first."""
    return getattr(import_module(f"vitruvian.{module}"), name)


def fhir(data: bytes) -> None:
    of("api.routes.fhir.writing.checking", "read_resource")(data)


def search(data: bytes) -> None:
    said = parse_qsl(text(data), keep_blank_values=True)
    of("api.routes.fhir.search.request", "read_search")("Observation", said)


def consent(data: bytes) -> None:
    said = json_object(data)
    if said is not None:
        of("trust.consent.reading", "read_consent")(said)


def json_object(data: bytes) -> dict[str, Any] | None:
    """What a FHIR parser let through before; None for anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def view(data: bytes) -> None:
    found = of("views", "parse_view")(data)
    for engine in ("duckdb", "spark"):
        of("views", "compile_view")(
            found, source="s", options=of("views", "Options")(engine=engine)
        )


def path(data: bytes) -> None:
    of("views.fhirpath.parser", "parse_path")(text(data))


def task(data: bytes) -> None:
    of("criteria", "parse_task")(text(data))


def hl7(data: bytes) -> None:
    split = of("ingest.library.hl7v2.reading.framing", "split_messages")
    for one in split(BytesIO(data), limit=LIMIT):
        message = of("ingest.library.hl7v2.reading.message", "parse_message")(one)
        zones = of("ingest.library.hl7v2.reading.moments", "zones_of")("Europe/Oslo", declared=True)
        for segment in message.segments:
            for number in range(1, 20):
                of("ingest.library.hl7v2.reading.moments", "read_moment")(
                    segment.text(number), zones
                )


def vcf(data: bytes) -> None:
    of("ingest.library.vcf.reading.header", "read_header")(data)


def cells(data: bytes) -> None:
    lines = data[: data.rfind(b"\n") + 1]  # what reads a file hands over whole lines
    if lines:
        of("ingest.library.vcf.reading.cells", "cut")(lines, 10)


def bed(data: bytes) -> None:
    of("ingest.library.vcf.reading.bed", "regions")(data)


def dicom(data: bytes) -> None:
    of("ingest.library.dicom.reading.header", "read_header")(data, limit=LIMIT)


def edf(data: bytes) -> None:
    header = of("ingest.library.edf.header", "read_header")(data, size=len(data))
    of("ingest.library.edf.header", "start_of")(header, "Europe/Oslo")


def wfdb(data: bytes) -> None:
    header = of("ingest.library.wfdb.header", "read_record")(data)
    of("ingest.library.wfdb.header", "start_of")(header, "Europe/Oslo")


def marks(data: bytes) -> None:
    of("ingest.library.wfdb.marks.reading", "read_marks")(data)


def scopes(data: bytes) -> None:
    of("trust.smart.scopes", "read_scopes")(text(data))


def in_json(said: object) -> bytes:
    return json.dumps(said).encode()


SEARCHES = (
    b"code=http://loinc.org|2823-3&date=ge2024-05&_sort=-date&_count=5",
    b"subject:Patient.name=quux&_has:Observation:patient:code=1&_include=Observation:subject",
    b"value-quantity=lt5.4||mmol/L&_elements=id,code&_total=none&status:not=final",
)
TARGETS: Mapping[str, Target] = {
    "fhir": Target(("vitruvian.api.routes.fhir", "vitruvian.views.elements.shape"), fhir, (in_json(OBSERVATION), in_json(CONSENT))),
    "search": Target(("vitruvian.api.routes.fhir.search",), search, SEARCHES),
    "consent": Target(("vitruvian.trust.consent",), consent, (in_json(CONSENT),)),
    "view": Target(("vitruvian.views",), view, (in_json(VIEW),)),
    "fhirpath": Target(("vitruvian.views.fhirpath",), path, PATHS, ("views.fhirpath.lexer", "PathSyntaxError")),
    "criteria": Target(("vitruvian.criteria.language",), task, (TASK,)),
    "hl7v2": Target(("vitruvian.ingest.library.hl7v2.reading",), hl7, (HL7,), ("ingest.library.hl7v2.reading.message", "NotAMessage")),
    "vcf header": Target(("vitruvian.ingest.library.vcf.reading",), vcf, (VCF,)),
    "vcf cells": Target(("vitruvian.ingest.library.vcf.reading",), cells, (CELLS,)),
    "bed": Target(("vitruvian.ingest.library.vcf.reading",), bed, (b"chr1\t1\t20\tx\nchr2\t5\t9\n",)),
    "dicom": Target(("vitruvian.ingest.library.dicom.reading", "pydicom"), dicom, (DICOM,)),
    "edf": Target(("vitruvian.ingest.library.edf",), edf, (EDF,)),
    "wfdb header": Target(("vitruvian.ingest.library.wfdb",), wfdb, (WFDB,)),
    "wfdb marks": Target(("vitruvian.ingest.library.wfdb.marks",), marks, (b"\x12\x04\x08\x08\x00\x00",)),
    "scopes": Target(("vitruvian.trust.smart",), scopes, (b"patient/Observation.rs?x=y user/*.cruds launch",)),
}  # fmt: skip
