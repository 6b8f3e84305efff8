"""Which reports speak of a study: by its accession number, or because they refer to it.

Reports and pictures come by different roads, so what joins them is what radiology joins them
by. Two records are never joined because their times are near or their words alike.

References
----------
HL7 FHIR R4, DiagnosticReport, ImagingStudy, ServiceRequest; HL7 table 0203: ACSN, accession ID.
IHE Radiology Technical Framework 2x, appendix B (HL7 order mapping to DICOM MWL): OBR-18 is the
Accession Number (0008,0050). DICOM PS3.16 CID 7012: 113014, Study; IHE RAD-28 sends the study's
UID as an observation of that code (OBX-3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ACCESSION_ID = "ACSN"
_STUDY_CODE = "113014"
_REFERRING = ("basedOn", "imagingStudy", "related")
_FIELD, _FILLER, _PLACER_1, _OBX_CODE, _OBX_VALUE = 4, 3, 18, 3, 5

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What a study is called in other people's records."""

    uid: str
    accessions: frozenset[str]
    references: frozenset[str] = frozenset()

    def in_fhir(self, resource: Json) -> str | None:
        """How a FHIR resource speaks of the study: by accession number, by reference, or not."""
        own = list(_identifiers(resource.get("identifier")))
        pointed = list(_pointers(resource))
        logical = [each for one in pointed for each in _identifiers(one.get("identifier"))]
        if any(kind in {_ACCESSION_ID, ""} and value in self.accessions
               for kind, value in own + logical):  # fmt: skip
            return "accession number"
        uids = {value.removeprefix("urn:oid:") for _, value in own + logical}
        targets = {_target(str(one.get("reference") or "")) for one in pointed}
        return "reference" if self.uid in uids or targets & self.references else None

    def in_message(self, data: bytes) -> str | None:
        """How an HL7 v2 message speaks of it: OBR-18 or OBR-3, or an OBX with the study's UID."""
        lines = data.decode("utf-8", "replace").replace("\n", "\r").split("\r")
        if not lines or len(lines[0]) <= _FIELD:
            return None
        mark, part = lines[0][3], lines[0][4]
        found = [line.split(mark) for line in lines]
        orders = [{_first(each, at, part) for at in (_PLACER_1, _FILLER)}
                  for each in found if each[0] == "OBR"]  # fmt: skip
        # A message that reports several studies is left alone: its texts cannot be told apart here.
        if orders and all(self.accessions & each for each in orders):
            return "accession number"
        told = {_first(each, _OBX_VALUE, part) for each in found
                if each[0] == "OBX" and _first(each, _OBX_CODE, part) == _STUDY_CODE}  # fmt: skip
        return "reference" if told == {self.uid} else None

    def in_note(self, text: str, record: bytes) -> str | None:
        """How a note speaks of it: a field of its record, or the number after its name."""
        for each in self.accessions:
            said = rf"accession\s*(?:number|no\.?|nr\.?|id|#)?\s*[:=#]?\s*{re.escape(each)}(?!\w)"
            if re.search(said, text, re.IGNORECASE) or each in _fields(record):
                return "accession number"
        return None


def _identifiers(said: object) -> Iterator[tuple[str, str]]:
    """Kind and value of identifiers; the kind is empty where none is told."""
    for each in said if isinstance(said, list) else [said]:
        if isinstance(each, dict) and each.get("value"):
            codings = (each.get("type") or {}).get("coding") or []
            dicom = "uid" if each.get("system") == "urn:dicom:uid" else ""
            yield next((str(one.get("code") or "") for one in codings), dicom), str(each["value"])


def _pointers(resource: Json) -> Iterator[Json]:
    context = resource.get("context")
    for place in (resource, context if isinstance(context, dict) else {}):
        for name in _REFERRING:
            said = place.get(name)
            yield from (each for each in said or [] if isinstance(each, dict))


def _target(reference: str) -> str:
    """Type and id of a reference, without its server.

    Examples
    --------
    >>> _target("https://ward.example/fhir/ImagingStudy/7")
    'ImagingStudy/7'
    """
    return "/".join(reference.split("/")[-2:])


def _first(fields: Sequence[str], at: int, part: str) -> str:
    return fields[at].split(part)[0].strip() if len(fields) > at else ""


def _fields(record: bytes) -> set[str]:
    """Values of a sheet's row: of its fields that are called accession, or of every cell."""
    text = record.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except ValueError:
        return {cell.strip().strip('"') for cell in re.split(r"[,;\t\r\n]", text)}
    named = said.items() if isinstance(said, dict) else ()
    return {str(value) for name, value in named if "accession" in str(name).lower()}


def study_references(names: Names, resources: Sequence[tuple[str, Json]]) -> Names:
    """The study with the FHIR resources that stand for it: its ImagingStudy, its order.

    Parameters
    ----------
    names
        The study by UID and accession number.
    resources
        Type and id, and content, of the patient's ImagingStudy and ServiceRequest resources.
    """
    studies = {name: each for name, each in resources
               if name.startswith("ImagingStudy/") and names.in_fhir(each)}  # fmt: skip
    orders = {_target(str(one.get("reference") or "")) for each in studies.values()
              for one in each.get("basedOn") or []}  # fmt: skip
    orders |= {name for name, each in resources
               if name.startswith("ServiceRequest/") and names.in_fhir(each)}  # fmt: skip
    return Names(names.uid, names.accessions, frozenset(studies) | orders)
