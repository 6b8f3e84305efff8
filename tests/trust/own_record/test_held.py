"""What waits for a clinician is in no answer its patient gets, by whatever way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import take_in
from tests.lake.rows import lineage
from tests.trust.over_http.conftest import subject_of
from tests.trust.own_record.conftest import Hand, SignIn
from tests.trust.own_record.family import WAITING, gene
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM, Access

SEARCHES = (
    *("Patient", "Observation", "Observation/g1", "Observation/g1/_history", "_history"),
    *("DiagnosticReport", "DiagnosticReport?_include=DiagnosticReport:result", "CarePlan"),
    *("MolecularSequence", "MolecularSequence/ms1", "FamilyMemberHistory", "DocumentReference"),
    *("Condition", "Condition?code=Z15.01", "Patient?_revinclude=Observation:subject"),
    *("Patient/greta/$everything", "Observation?code=69548-6", "Observation?category=GE"),
)
COHORT = """
title: carriers
predicates:
  gene: {code: LOINC//69548-6}
trigger: gene
windows: {}
"""


def everywhere(client: TestClient, lake: Lake, family: str) -> Iterator[tuple[str, httpx.Response]]:
    """Every way by which a record can be asked for."""
    person = subject_of(lake, family)
    for path in SEARCHES:
        yield path, client.get(f"/fhir/{path}")
    for page in ("picture", "timeline", "new", "guides", "series?code=LOINC//69548-6"):
        yield page, client.get(f"/api/patients/{person}/{page}")
    for word in ("variant", "letter", "uncle"):
        found = client.post(f"/api/patients/{person}/search", json={"text": word})
        yield f"in record {word}", found
    with lake.read(SYSTEM) as reader:
        events = reader.rows("event", subjects=[person], columns=["event_id"]).column(0).to_pylist()
        notes = reader.rows("note", subjects=[person], columns=["note_id"]).column(0).to_pylist()
    for event in events:
        yield "trace", client.get(f"/api/events/{event}/trace")
    for note in notes:
        yield "note", client.get(f"/api/patients/{person}/notes/{note}")
    yield "worklist", client.get("/api/worklist")
    yield "answer", client.post("/api/cohorts/answer", json={"text": COHORT})
    yield from exported(client)


def exported(client: TestClient) -> Iterator[tuple[str, httpx.Response]]:
    begun = client.get("/fhir/$export", headers={"prefer": "respond-async"})
    yield "$export", begun
    if begun.status_code == 202:
        where = begun.headers["content-location"]
        while (state := client.get(where)).status_code == 202:
            time.sleep(0.02)
        for one in state.json()["output"]:
            yield f"$export {one['type']}", client.get(one["url"])


def told(answers: Iterator[tuple[str, httpx.Response]]) -> list[str]:
    return [f"{name}: {word}" for name, found in answers for word in WAITING if word in found.text]


def test_what_waits__is_in_no_answer_the_patient_gets(home: Lake, sign_in: SignIn) -> None:
    answers = list(everywhere(sign_in("greta"), home, "Ossler"))
    assert told(iter(answers)) == []
    assert [name for name, found in answers if found.status_code >= 500] == []


def test_ordinary_results__are_seen_by_the_patient_and_everything_by_the_doctor(
    home: Lake, sign_in: SignIn
) -> None:
    assert sign_in("greta").get("/fhir/Observation/k1").status_code == 200
    seen = " ".join(found.text for _, found in everywhere(sign_in("rossi"), home, "Ossler"))
    assert [word for word in WAITING if word not in seen and word != "ZFOLLOW"] == []


def test_new_result__waits_from_the_moment_it_comes(
    home: Lake, sign_in: SignIn, tmp_path: object
) -> None:
    client = sign_in("greta")
    assert client.get("/fhir/Observation").json()["total"] == 1
    take_in(home, [gene("g2", "ZFOLLOW up")], tmp_path)  # type: ignore[arg-type]
    assert "ZFOLLOW" not in client.get("/fhir/Observation").text
    assert client.get("/fhir/Observation").json()["total"] == 1


def test_proxy__sees_the_child_until_the_birthday_and_nobody_without_a_birth(
    home: Lake, sign_in: SignIn, clock: Hand
) -> None:
    nina, otto = subject_of(home, "Ossler-Berg"), subject_of(home, "Ohnegeburt")
    client = sign_in("parent")
    assert client.get(f"/api/patients/{nina}/picture").status_code == 200
    assert client.get(f"/api/patients/{otto}/picture").status_code == 404
    assert [one["resource"]["id"] for one in client.get("/fhir/Patient").json()["entry"]] == [
        "nina"
    ]
    clock.now += timedelta(days=1)  # she comes of age
    client = sign_in("parent")
    assert client.get(f"/api/patients/{nina}/picture").status_code == 404
    assert client.get("/fhir/Patient").json()["total"] == 0


@pytest.mark.parametrize("name", ["greta", "parent", "lonely"])
def test_somebody_else__is_refused_by_every_way(name: str, home: Lake, sign_in: SignIn) -> None:
    for _, found in everywhere(sign_in(name), home, "Fremd"):
        assert "Zara" not in found.text
        assert "8.8" not in found.text


def test_genome__waits_with_its_genotypes_until_its_assay_is_released(home: Lake) -> None:
    greta = subject_of(home, "Ossler")
    whose = {"subject_id": greta, "assay_id": 71, **lineage()}
    assay = {**whose, "version_id": 72, "sample": "s", "linked": True, "build": "GRCh38"}
    assay |= {"content_hash": "c" * 64}
    place = {"contig": "17", "start": 43_045_711, "end": 43_045_711}
    lists = {"record": [1], "allele": [1], "position": [43_045_711]}
    region = {**whose, **place, "called": True, "told_by": "bed"}
    rows = {"assay": [assay], "genotype": [{**whose, **place, **lists}], "assay_region": [region]}
    home.append(SYSTEM, rows)
    assert seen(home, "rossi", "clinician") == dict.fromkeys(rows, 1)
    assert seen(home, "greta", "patient") == dict.fromkeys(rows, 0)
    home.desk.release([(72, False)], subject=greta, by="rossi")
    assert seen(home, "greta", "patient") == dict.fromkeys(rows, 1)


def seen(lake: Lake, who: str, role: str) -> dict[str, int]:
    with lake.read(Access(who, role, "treatment")) as reader:
        return {name: reader.rows(name).num_rows for name in ("assay", "genotype", "assay_region")}
