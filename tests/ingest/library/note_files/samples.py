"""Small notes, made up, in every form that is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

SYSTEM = "https://ward.example/mrn"
HEAD = "note_id,identifier_system,patient_id,time,title,status,text,file,addends\n"
RTF = rb"{\rtf1\ansi\deff0 {\fonttbl{\f0 Arial;}}\f0 Chest pain since 6\'e9 this morning.\par Troponin 12 ng/L.}"
SECTION = """<component><section>
<code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title><text>{text}</text>
</section></component>"""
CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
<id root="2.16.840.1.1" extension="{number}"/>
<code code="34117-2" codeSystem="2.16.840.1.113883.6.1" displayName="History and physical note"/>
<title>{title}</title><effectiveTime value="202403050715+0100"/><languageCode code="en-US"/>
<setId root="2.16.840.1.1" extension="{number}"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="1.2.3.4" extension="M-1"/><patient>
<name><given>Test</given><family>Ward</family></name><administrativeGenderCode code="F"/>
<birthTime value="19500214"/></patient></patientRole></recordTarget>
{signed}
<component><structuredBody>{sections}</structuredBody></component>
</ClinicalDocument>
"""
SIGNED = '<legalAuthenticator><time value="202403051100+0100"/><signatureCode code="S"/></legalAuthenticator>'


def row(
    number: str,
    text: str = "",
    *,
    file: str = "",
    status: str = "signed",
    patient: str = "M-1",
    addends: str = "",
    time: str = "2024-03-05T07:15:00+01:00",
) -> str:
    quoted = text.replace('"', '""')
    return f'{number},{SYSTEM},{patient},{time},Ward round,{status},"{quoted}",{file},{addends}\n'


def sheet(path: Path, rows: Sequence[str]) -> Path:
    path.write_text(HEAD + "".join(rows), "utf-8", newline="")
    return path


def document(
    path: Path, *, number: str = "d1", signed: str = SIGNED, title: str = "H and P"
) -> Path:
    """A C-CDA document of two sections."""
    table = "<table><tbody><tr><td>Aspirin</td><td>75 mg</td></tr></tbody></table>"
    sections = SECTION.format(code="10160-0", title="Medications", text=table) + SECTION.format(
        code="10164-2", title="History", text="<paragraph>No fever.</paragraph>Slept well."
    )
    path.write_text(CDA.format(number=number, title=title, signed=signed, sections=sections))
    return path


def lines(path: Path, count: int = 5) -> Path:
    said = [
        {"note_id": f"j{n}", "identifier_system": SYSTEM, "patient_id": "M-1",
         "time": "2024-03-05T07:15:00Z", "title": "Nursing", "text": f"Calm night {n}."}
        for n in range(count)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(each) + "\n" for each in said))
    return path


def samples(folder: Path) -> list[Path]:
    """A sheet with its texts inside, JSON lines, and a document."""
    inside = sheet(folder / "notes.csv", [row("n1", "First."), row("n2", "Second,\nof two lines.")])
    return [inside, lines(folder / "lines.jsonl"), document(folder / "document.xml")]
