"""What each kind of parameter, modifier and prefix means, case by case from the specification.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.4 Search Parameter Types, with its own examples.
"""

from __future__ import annotations

import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import Ids, sent


@pytest.mark.parametrize(
    "query, expected",
    [
        # string: begins with, without case and accents; exact; contains
        ("Patient?family=mull", ["anna"]),
        ("Patient?family=MÜLLER", ["anna"]),
        ("Patient?family=ller", []),
        ("Patient?family:contains=LLER", ["anna"]),
        ("Patient?family:exact=Müller", ["anna"]),
        ("Patient?family:exact=müller", []),
        ("Patient?name=nan", ["anna"]),
        ("Patient?given=sofia", ["anna"]),
        ("Patient?family=mull,bian&_sort=_id", ["anna", "bruno"]),
        ("Patient?family=mull&given=bruno", []),
        # token: code, system|code, |code, system|
        ("Patient?identifier=A-1", ["anna"]),
        ("Patient?identifier=urn:mrn|A-1", ["anna"]),
        ("Patient?identifier=urn:other|A-1", []),
        ("Patient?identifier=|A-1", []),
        ("Patient?identifier=urn:mrn|&_sort=_id", ["anna", "bruno"]),
        ("Patient?gender=male", ["bruno"]),
        ("Patient?gender:not=male", ["anna"]),
        ("Observation?code=2823-3&_sort=_id", ["k1", "k2", "k3"]),
        ("Observation?code=http://loinc.org|2823-3&_sort=_id", ["k1", "k2", "k3"]),
        ("Observation?code=http://other.example|2823-3", []),
        ("Observation?code:text=potas&_sort=_id", ["k1", "k2", "k3"]),
        ("Condition?code:text=diab", ["diabetes"]),
        ("Encounter?class=IMP", ["stay"]),
        ("Patient?deceased=true", ["bruno"]),
        ("Patient?deceased=false", ["anna"]),
        # date: implicit ranges and prefixes
        ("Patient?birthdate=1950", ["anna"]),
        ("Patient?birthdate=1950-06-01", ["anna"]),
        ("Patient?birthdate=1971-05", []),
        ("Patient?birthdate=ge1971-05", ["bruno"]),
        ("Patient?birthdate=gt1971-05", ["bruno"]),
        ("Patient?birthdate=gt1971", []),
        ("Patient?birthdate=lt1971", ["anna"]),
        ("Patient?birthdate=le1971&_sort=_id", ["anna", "bruno"]),
        ("Patient?birthdate=ne1971", ["anna"]),
        ("Patient?birthdate=sa1970", ["bruno"]),
        ("Patient?birthdate=eb1971", ["anna"]),
        ("Encounter?date=2024-05", ["stay"]),
        ("Encounter?date=2024-05-01", []),
        ("Encounter?date=gt2024-05-03", ["stay"]),
        ("Encounter?date=lt2024-05-01", []),
        ("Encounter?date=sa2024-04-30", ["stay"]),
        ("Observation?date=ge2024-05-02T00:00:00Z&date=lt2024-05-03", ["k3"]),
        ("Observation?date=2024-05-01T12:00:00%2B02:00", ["k1"]),
        ("Condition?onset-date=2019", ["diabetes"]),
        # quantity: implicit precision, units
        ("Observation?value-quantity=4.1", ["k1"]),
        ("Observation?value-quantity=4&_sort=_id", ["k1", "k3"]),
        ("Observation?value-quantity=4.10", ["k1"]),
        ("Observation?value-quantity=gt6", ["k2"]),
        ("Observation?value-quantity=le4.1&_sort=_id", ["k1", "k3"]),
        ("Observation?value-quantity=ap4&_sort=_id", ["k1", "k3"]),
        ("Observation?value-quantity=6.2|http://unitsofmeasure.org|mmol/L", ["k2"]),
        ("Observation?value-quantity=6.2||mmol/L", ["k2"]),
        ("Observation?value-quantity=6.2||mg/dL", []),
        ("Observation?value-quantity=6.2e0", ["k2"]),
        # reference: id, Type/id, address, type
        ("Observation?patient=bruno", ["k3"]),
        ("Observation?subject=Patient/bruno", ["k3"]),
        ("Observation?subject:Patient=bruno", ["k3"]),
        ("Observation?subject=http://127.0.0.1/fhir/Patient/bruno", ["k3"]),
        ("Observation?subject:Group=bruno", []),
        ("Observation?encounter=stay&_sort=_id", ["k1", "k2"]),
        ("Patient?general-practitioner=Practitioner/who", ["anna"]),
        # missing
        ("Observation?encounter:missing=true", ["k3"]),
        ("Patient?death-date:missing=false", ["bruno"]),
        # chains, both ways
        ("Observation?subject:Patient.family=bian", ["k3"]),
        ("Observation?patient.gender=male", ["k3"]),
        ("Observation?encounter.class=IMP&_sort=_id", ["k1", "k2"]),
        ("Observation?patient.general-practitioner.family=ros&_sort=_id", ["k1", "k2"]),
        ("Patient?organization.name=ward", ["anna"]),
        ("Patient?_has:Observation:patient:value-quantity=gt6", ["anna"]),
        ("Patient?_has:Condition:subject:code=44054006", ["anna"]),
        ("Encounter?_has:Observation:encounter:value-quantity=gt6", ["stay"]),
        ("Practitioner?_has:Patient:general-practitioner:family=mull", ["who"]),
        (
            "Practitioner?_has:Patient:general-practitioner:_has:Condition:patient:code=44054006",
            ["who"],
        ),
        # composite
        ("Observation?code-value-quantity=http://loinc.org|2823-3$gt6", ["k2"]),
        ("Observation?code-value-quantity=718-7$gt6", []),
        # what every type has
        ("Patient?_id=anna", ["anna"]),
        ("Patient?_id=anna,bruno&_sort=-_id", ["bruno", "anna"]),
        ("Patient?_id:not=anna", ["bruno"]),
        ("Patient?_lastUpdated=lt2000", []),
        ("Patient?_lastUpdated=gt2000&_sort=_id", ["anna", "bruno"]),
        # order
        ("Observation?_sort=date", ["k1", "k3", "k2"]),
        ("Observation?_sort=-date", ["k2", "k3", "k1"]),
        ("Observation?_sort=value-quantity", ["k3", "k1", "k2"]),
        ("Observation?_sort=status,-_id", ["k3", "k2", "k1"]),
        ("Patient?_sort=family", ["bruno", "anna"]),
        ("Observation?_sort=-encounter,_id", ["k1", "k2", "k3"]),
    ],
)
def test_search__means_what_the_specification_says(
    ids: Ids, query: str, expected: list[str]
) -> None:
    assert ids(query) == expected


def test_escaped_marks__are_part_of_the_value(client: TestClient, ids: Ids) -> None:
    names = [{"family": "O'Brien, Jr"}, {"family": "A|B$C"}]
    sent(client, "PUT", "/Patient/marks", {"resourceType": "Patient", "id": "marks", "name": names})
    assert ids(r"Patient?family=o'brien\, jr") == ["marks"]
    assert ids(r"Patient?family:exact=A\|B\$C") == ["marks"]


def test_profile_tag_and_source__are_searched_in_meta(client: TestClient, ids: Ids) -> None:
    meta = {
        "profile": ["http://p.example/one"],
        "tag": [{"system": "urn:t", "code": "x"}],
        "source": "http://lab.example/a",
    }
    sent(client, "PUT", "/Patient/m", {"resourceType": "Patient", "id": "m", "meta": meta})
    for query in (
        "_profile=http://p.example/one",
        "_profile:below=http://p.example/",
        "_tag=urn:t|x",
        "_tag=x",
        "_source=http://lab.example/a",
    ):
        assert ids(f"Patient?{query}") == ["m"]
    assert ids("Patient?_profile=http://p.example/") == []


def test_component__is_searched_and_kept_apart(client: TestClient, ids: Ids) -> None:
    parts = [
        {
            "code": {"coding": [{"code": "8480-6"}]},
            "valueQuantity": {"value": 141, "code": "mm[Hg]"},
        },
        {
            "code": {"coding": [{"code": "8462-4"}]},
            "valueQuantity": {"value": 82, "code": "mm[Hg]"},
        },
    ]
    pressure = {"resourceType": "Observation", "id": "bp", "status": "final", "component": parts,
                "code": {"coding": [{"code": "85354-9"}]}}  # fmt: skip
    sent(client, "PUT", "/Observation/bp", pressure)
    assert ids("Observation?component-code=8480-6") == ["bp"]
    assert ids("Observation?component-value-quantity=gt140") == ["bp"]
    assert ids("Observation?combo-code=85354-9") == ["bp"]
    assert ids("Observation?value-quantity=gt140") == []


def test_reference_by_identifier__is_found(client: TestClient, ids: Ids) -> None:
    logical = {"identifier": {"system": "urn:lab", "value": "7"}}
    observation = {"resourceType": "Observation", "id": "o", "status": "final", "performer": [logical],
                   "code": {"text": "x"}}  # fmt: skip
    sent(client, "PUT", "/Observation/o", observation)
    assert ids("Observation?performer:identifier=urn:lab|7") == ["o"]


def test_identifier_of_a_type__is_found(client: TestClient, ids: Ids) -> None:
    kind = {"coding": [{"system": "urn:v2-0203", "code": "MR"}]}
    identifier = [{"type": kind, "system": "urn:x", "value": "77"}]
    sent(
        client,
        "PUT",
        "/Patient/t",
        {"resourceType": "Patient", "id": "t", "identifier": identifier},
    )
    assert ids("Patient?identifier:of-type=urn:v2-0203|MR|77") == ["t"]
    assert ids("Patient?identifier:of-type=urn:v2-0203|SS|77") == []


def test_retired_version__is_not_found_by_what_it_said(client: TestClient, ids: Ids) -> None:
    sent(
        client,
        "PUT",
        "/Patient/bruno",
        {"resourceType": "Patient", "id": "bruno", "gender": "other"},
    )
    assert ids("Patient?gender=male") == []
    assert ids("Patient?gender=other") == ["bruno"]
