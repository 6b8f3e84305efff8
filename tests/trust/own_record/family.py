"""A made-up family: Greta with records that wait, her daughter Nina, and Nina's cousin Otto."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.api.fhir.conftest import LOINC, potassium, take_in
from tests.trust.over_http.conftest import consent, enrolled, patient, subject_of
from vitruvian.lake import Lake
from vitruvian.trust.policy import DEFAULT

Json = dict[str, Any]
GENETICS = {"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
# Words that stand in records that wait, and in no other.
WAITING = (
    "ZGENE",
    "ZREPORT",
    "ZUNCLE",
    "ZLETTER",
    "ZNOPAT",
    "ZSUSCEPT",
    "ZSEQ",
    "ZPLAN",
    "ZFOLLOW",
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def about(kind: str, ident: str, whom: str = "greta", **said: Any) -> Json:
    whose = {"FamilyMemberHistory": "patient"}.get(kind, "subject")
    ref = {whose: {"reference": f"Patient/{whom}"}}
    return {"resourceType": kind, "id": ident, "status": "final"} | ref | said


def gene(name: str, words: str) -> Json:
    return about(
        "Observation",
        name,
        category=[{"coding": [GENETICS]}],
        code={"coding": [{"system": LOINC, "code": "69548-6", "display": "Variant assessment"}]},
        effectiveDateTime="2024-05-01T10:00:00Z",
        valueString=words,
    )


RECORDS: list[Json] = [
    patient("greta", "Ossler", "Greta", mrn="G-1", birthDate="1980-01-01"),
    potassium("k1", "greta", "4.1", "2024-05-01T10:00:00Z"),
    consent("greta-research", "greta", rule="OPTIN", purpose="HRESCH"),
    enrolled("heart", "greta"),
    gene("g1", "ZGENE c.68_69del"),
    about("DiagnosticReport", "dr1", code={"text": "report"}, result=[{"reference": "Observation/g1"}],
          conclusion="ZREPORT likely pathogenic", effectiveDateTime="2024-05-02"),
    about("CarePlan", "cp1", status="active", intent="plan", description="ZPLAN screening",
          supportingInfo=[{"reference": "DiagnosticReport/dr1"}]),
    about("MolecularSequence", "ms1", type="dna", coordinateSystem=0, observedSeq="ZSEQ",
          patient={"reference": "Patient/greta"}),
    about("FamilyMemberHistory", "f1", status="completed", name="ZUNCLE",
          relationship={"text": "uncle"}, condition=[{"code": {"text": "ZUNCLE had it"}}]),
    about("DocumentReference", "d1", status="current", type={"text": "letter"}, date="2024-05-02T10:00:00Z",
          content=[{"attachment": {"contentType": "text/plain",
                    "data": base64.b64encode(b"Seen today. ZLETTER names somebody.").decode()}}]),
    about("Observation", "n1", code={"text": "ZNOPAT remark"}, effectiveDateTime="2024-05-02",
          valueString="ZNOPAT", meta={"security": [{"code": "NOPAT"}]}),
    about("Condition", "c1", code={"coding": [{"system": ICD, "code": "Z15.01", "display": "ZSUSCEPT"}]},
          recordedDate="2024-05-02"),
    patient("nina", "Ossler-Berg", "Nina", mrn="N-1", birthDate="2008-03-02"),
    potassium("k2", "nina", "4.4", "2024-05-01T10:00:00Z"),
    patient("otto", "Ohnegeburt", "Otto", mrn="O-1", birthDate=None),
    potassium("k3", "otto", "3.3", "2024-05-01T10:00:00Z"),
    patient("zara", "Fremd", "Zara", mrn="Z-1"),
    potassium("k4", "zara", "8.8", "2024-05-01T10:00:00Z"),
    {"resourceType": "ResearchStudy", "id": "heart", "status": "active", "title": "Heart and time"},
]  # fmt: skip
ACCOUNTS = (
    ("rossi", "clinician"),
    ("gene", "geneticist"),
    ("hearty", "researcher"),
    ("stew", "data steward"),
    ("greta", "patient"),
    ("parent", "proxy"),
    ("lonely", "patient"),
)


def build(folder: Path) -> Path:
    """The lake, made once."""
    path = folder / "lake"
    with Lake.create(path, site="st-elsewhere") as made:
        heart = '\n[study.heart]\npatients = "enrolled"\n'
        (path / "policy.toml").write_text(DEFAULT.read_text("utf-8") + heart, "utf-8")
        take_in(made, [{k: v for k, v in one.items() if v is not None} for one in RECORDS], folder)
        for name, role in ACCOUNTS:
            made.accounts.create(name, display_name=name.title(), role=role)
        made.desk.tie("hearty", kind="study", value="heart")
        tie(made, "greta", "self", "Ossler")
        tie(made, "parent", "proxy", "Ossler-Berg")
        tie(made, "parent", "proxy", "Ohnegeburt")
    return path


def tie(lake: Lake, name: str, kind: Any, family: str) -> None:
    lake.desk.tie(name, kind=kind, value=str(subject_of(lake, family)))


def copy(at_rest: Path, to: Path) -> Path:
    shutil.copytree(at_rest, to)
    return to
