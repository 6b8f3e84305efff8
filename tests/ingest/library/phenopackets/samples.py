"""A packet with everything in it, and one a line: made up, in the words of the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PACKET: dict[str, Any] = {
    "id": "packet-1",
    "subject": {
        "id": "proband A",
        "alternateIds": ["A-77"],
        "dateOfBirth": "2001-03-14T00:00:00Z",
        "sex": "FEMALE",
        "vitalStatus": {"status": "ALIVE"},
    },
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0001250", "label": "Seizure"},
            "onset": {"age": {"iso8601duration": "P1Y6M"}},
            "severity": {"id": "HP:0012828", "label": "Severe"},
        },
        {"type": {"id": "HP:0000252", "label": "Microcephaly"}, "excluded": True},
        {
            "type": {"id": "HP:0001263", "label": "Global developmental delay"},
            "onset": {"ontologyClass": {"id": "HP:0011463", "label": "Childhood onset"}},
        },
    ],
    "measurements": [
        {
            "assay": {"id": "LOINC:2823-3", "label": "Potassium"},
            "value": {
                "quantity": {
                    "unit": {"id": "UCUM:mmol/L", "label": "mmol/L"},
                    "value": 4.1,
                    "referenceRange": {"low": 3.5, "high": 5.1},
                }
            },
            "timeObserved": {"timestamp": "2020-05-01T08:00:00Z"},
        }
    ],
    "diseases": [
        {
            "term": {"id": "OMIM:614959", "label": "DEE 14"},
            "onset": {"age": {"iso8601duration": "P2M"}},
        }
    ],
    "interpretations": [
        {
            "id": "i-1",
            "progressStatus": "SOLVED",
            "diagnosis": {
                "disease": {"id": "OMIM:614959", "label": "DEE 14"},
                "genomicInterpretations": [
                    {
                        "subjectOrBiosampleId": "proband A",
                        "interpretationStatus": "CAUSATIVE",
                        "variantInterpretation": {
                            "acmgPathogenicityClassification": "PATHOGENIC",
                            "variationDescriptor": {
                                "id": "v-1",
                                "geneContext": {"valueId": "HGNC:18865", "symbol": "KCNT1"},
                                "expressions": [
                                    {"syntax": "hgvs.c", "value": "NM_020822.3:c.1283G>A"},
                                    {"syntax": "hgvs.p", "value": "NP_065873.2:p.(Arg428Gln)"},
                                ],
                                "vcfRecord": {
                                    "genomeAssembly": "hg38",
                                    "chrom": "chr9",
                                    "pos": "135765706",
                                    "ref": "G",
                                    "alt": "A",
                                },
                                "moleculeContext": "genomic",
                                "allelicState": {"id": "GENO:0000135", "label": "heterozygous"},
                            },
                        },
                    }
                ],
            },
        }
    ],
    "medicalActions": [
        {"treatment": {"agent": {"id": "RxNorm:39998", "label": "zonisamide"}}},
        {
            "procedure": {
                "code": {"id": "NCIT:C38101", "label": "Electroencephalography"},
                "performed": {"timestamp": "2003-01-05T09:00:00Z"},
            }
        },
    ],
    "metaData": {
        "created": "2021-05-14T10:35:00Z",
        "createdBy": "a clinician",
        "resources": [],
        "phenopacketSchemaVersion": "2.0",
    },
}


def packet(path: Path, **changed: Any) -> Path:
    path.write_text(json.dumps(PACKET | changed, indent=2), "utf-8")
    return path


def samples(folder: Path) -> list[Path]:
    """One packet in a file, and two as lines."""
    lines = [
        PACKET | {"id": f"line-{n}", "subject": {"id": f"S{n}", "sex": "MALE"}} for n in (1, 2)
    ]
    for each in lines:
        inner = json.loads(json.dumps(each["interpretations"]))
        inner[0]["diagnosis"]["genomicInterpretations"][0]["subjectOrBiosampleId"] = ""
        each["interpretations"] = inner
    many = folder / "many.jsonl"
    many.write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")
    return [many, packet(folder / "one.json")]
