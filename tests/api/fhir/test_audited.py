"""Every answer of the FHIR interface about patients has its row in the audit, files of exports too.

The client looks for it.
"""

from __future__ import annotations

from tests.api.client import TestClient
from tests.api.fhir.test_export import exported

ASKED = (
    *("Patient/anna", "Patient/anna/_history", "Patient/anna/_history/1"),
    *("Patient/anna/$everything", "Patient", "Patient/_history", "_history"),
    *("Observation?patient=anna&_include=*", "Observation?_summary=count"),
    "Patient?_has:Observation:patient:code=2823-3",
)


def test_every_answer__is_written_down(client: TestClient) -> None:
    manifest, _ = exported(client, "/$export")
    first = client.get("/fhir/Observation?_count=1").json()
    (following,) = [one["url"] for one in first["link"] if one["relation"] == "next"]
    files = [one["url"] for one in manifest["output"]]
    answers = [client.get(f"/fhir/{one}") for one in ASKED]
    answers += [client.get(one) for one in (following, *files)]
    answers.append(client.post("/fhir/Patient/_search", data={"family": "x"}))
    assert len(files) > 3
    assert {answer.status_code for answer in answers} == {200}
