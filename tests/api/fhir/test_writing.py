"""Writing: durable, versioned, on the timeline at once; conditions and races."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest
import uvicorn

from tests.api.client import TestClient
from tests.api.conftest import PASSWORD
from tests.api.fhir.conftest import Ids, Json, potassium, sent
from vitruvian.api.serve import Address, listen
from vitruvian.ingest import trace
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PATCH = "application/json-patch+json"


def person(family: str, **said: Any) -> Json:
    return {"resourceType": "Patient", "name": [{"family": family}]} | said


# ------------------------------------------------------------------ one after another


def test_create__answers_where_it_is_and_which_version(client: TestClient) -> None:
    answer = sent(client, "POST", "/Patient", person("Quux", id="ignored"))
    body = answer.json()
    assert answer.status_code == 201
    assert body["id"] != "ignored"
    assert answer.headers["location"].endswith(f"/fhir/Patient/{body['id']}/_history/1")
    assert answer.headers["etag"] == 'W/"1"'
    assert client.get(f"/fhir/Patient/{body['id']}").json() == body


def test_written_result__is_on_the_timeline_at_once_and_leads_to_its_bytes(
    client: TestClient, hospital: Lake
) -> None:
    sent(client, "PUT", "/Observation/k7", potassium("k7", "anna", "5.9", "2024-05-04T10:00:00Z"))
    with hospital.read(SYSTEM) as reader:
        found = reader.rows("event", where="code = 'LOINC//2823-3' AND numeric_value = 5.9")
        event = found.to_pylist()[0]
        record, again = trace(reader, event["event_id"])
    assert (event["category"], event["unit"]) == ("laboratory", "mmol/L")
    assert json.loads(record["bytes"])["id"] == "k7"
    fresh = next(x for x in again.to_pylist() if x["event_id"] == event["event_id"])
    assert fresh["numeric_value"] == 5.9
    assert fresh["flags"] == event["flags"]


def test_changed_result__takes_the_place_of_the_old_one_on_the_timeline(
    client: TestClient, hospital: Lake
) -> None:
    changed = potassium("k1", "anna", "4.2", "2024-05-01T10:00:00Z")
    assert sent(client, "PUT", "/Observation/k1", changed).status_code == 200
    assert values(hospital) == [4.2, 6.2]
    assert sent(client, "DELETE", "/Observation/k1").status_code == 204
    assert values(hospital) == [6.2]


def values(lake: Lake) -> list[float]:
    with lake.read(SYSTEM) as reader:
        anna = reader.rows("patient", where="family = 'Müller'").to_pylist()[0]["subject_id"]
        rows = reader.rows("event", subjects=[anna], where="code = 'LOINC//2823-3'").to_pylist()
    return sorted(row["numeric_value"] for row in rows)


def test_versions__are_dense_from_the_first_to_a_return_of_old_content(client: TestClient) -> None:
    one, two = person("One", id="v"), person("Two", id="v")
    assert sent(client, "PUT", "/Patient/v", one).status_code == 201
    assert sent(client, "PUT", "/Patient/v", two).status_code == 200
    assert sent(client, "PUT", "/Patient/v", one).headers["etag"] == 'W/"3"'
    assert sent(client, "DELETE", "/Patient/v").status_code == 204
    assert client.get("/fhir/Patient/v").status_code == 410
    assert client.get("/fhir/Patient/v/_history/4").status_code == 410
    assert sent(client, "PUT", "/Patient/v", one).status_code == 201
    history = client.get("/fhir/Patient/v/_history").json()["entry"]
    assert [entry["response"]["etag"] for entry in history] == [f'W/"{n}"' for n in (5, 4, 3, 2, 1)]
    assert [entry["request"]["method"] for entry in history] == [
        "PUT",
        "DELETE",
        "PUT",
        "PUT",
        "POST",
    ]
    names = [client.get(f"/fhir/Patient/v/_history/{n}").json()["name"] for n in (1, 2, 3, 5)]
    assert [name[0]["family"] for name in names] == ["One", "Two", "One", "One"]


def test_same_content_again__adds_no_version(client: TestClient) -> None:
    sent(client, "PUT", "/Patient/v", person("One", id="v"))
    again = sent(client, "PUT", "/Patient/v", person("One", id="v"))
    assert (again.status_code, again.headers["etag"]) == (200, 'W/"1"')


def test_if_match__guards_updates_patches_and_deletes(client: TestClient) -> None:
    sent(client, "PUT", "/Patient/v", person("One", id="v"))
    two = person("Two", id="v")
    assert sent(client, "PUT", "/Patient/v", two, If_Match='W/"2"').status_code == 412
    assert (
        sent(client, "PUT", "/Patient/new", person("N", id="new"), If_Match='W/"1"').status_code
        == 412
    )
    assert sent(client, "PUT", "/Patient/v", two, If_Match='W/"1"').status_code == 200
    patch = [{"op": "replace", "path": "/name/0/family", "value": "Three"}]
    stale = {"content_type": PATCH, "If_Match": 'W/"1"'}
    assert sent(client, "PATCH", "/Patient/v", patch, **stale).status_code == 412
    fresh = sent(client, "PATCH", "/Patient/v", patch, content_type=PATCH, If_Match='W/"2"')
    assert fresh.json()["name"] == [{"family": "Three"}]
    assert sent(client, "DELETE", "/Patient/v", If_Match='W/"1"').status_code == 412
    assert sent(client, "DELETE", "/Patient/v", If_Match='W/"3"').status_code == 204


def test_conditional_create__makes_one_finds_one_or_refuses_several(client: TestClient) -> None:
    body = person("Quux", identifier=[{"system": "urn:mrn", "value": "Q-1"}])
    condition = {"If_None_Exist": "identifier=urn:mrn|Q-1"}
    first = sent(client, "POST", "/Patient", body, **condition)
    second = sent(client, "POST", "/Patient", body, **condition)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    several = sent(client, "POST", "/Patient", body, If_None_Exist="_id=anna,bruno")
    assert several.status_code == 412
    assert sent(client, "POST", "/Patient", body, If_None_Exist="").status_code == 412


def test_conditional_update__changes_the_one_named_or_makes_it(
    client: TestClient, ids: Ids
) -> None:
    new = person("Quux", identifier=[{"system": "urn:mrn", "value": "Q-2"}])
    assert sent(client, "PUT", "/Patient?identifier=urn:mrn|Q-2", new).status_code == 201
    changed = new | {"name": [{"family": "Changed"}]}
    assert sent(client, "PUT", "/Patient?identifier=urn:mrn|Q-2", changed).status_code == 200
    assert len(ids("Patient?family=changed")) == 1
    assert sent(client, "PUT", "/Patient?gender=male,female", changed).status_code == 412
    assert sent(client, "PUT", "/Patient", changed).status_code == 412


def test_conditional_delete__removes_the_one_named(client: TestClient, ids: Ids) -> None:
    assert sent(client, "DELETE", "/Patient?gender=male,female").status_code == 412
    assert sent(client, "DELETE", "/Patient?family=bianchi").status_code == 204
    assert sent(client, "DELETE", "/Patient?family=bianchi").status_code == 204
    assert ids("Patient?family=bianchi") == []
    assert sent(client, "DELETE", "/Patient").status_code == 412


@pytest.mark.parametrize(
    "path, body, status",
    [
        ("/Patient", {"resourceType": "Observation"}, 400),
        ("/Patient", {"resourceType": "Nonsense"}, 400),
        ("/Patient", {"resourceType": {"a": 1}}, 400),
        ("", {"resourceType": ["Bundle"]}, 400),
        ("/Patient", ["Patient"], 400),
        ("/Patient", {}, 400),
        ("/Patient", {"resourceType": "Patient", "id": "a b"}, 400),
        ("/Patient", {"resourceType": "Patient", "meta": []}, 400),
        ("/Patient", {"resourceType": "Patient", "name": [{"family": "\ud800"}]}, 400),
        ("", {"resourceType": "Patient"}, 400),
        ("", {"resourceType": "Bundle", "type": "collection"}, 400),
    ],
)
def test_what_is_no_resource__is_refused(
    client: TestClient, path: str, body: object, status: int
) -> None:
    assert sent(client, "POST", path, body).status_code == status


def test_element_of_the_wrong_shape__is_refused_with_its_place_and_not_its_value(
    client: TestClient,
) -> None:
    body = {"resourceType": "Patient", "contact": [{}, {"name": {"given": "Smith"}}]}
    answer = sent(client, "POST", "/Patient", body)
    assert answer.status_code == 400
    assert "/contact/1/name/given" in answer.text
    assert "Smith" not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"NaN", b'{"resourceType":"Patient","x":NaN}', b"[" * 100_000]
)
def test_what_is_no_json__is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post(
        "/fhir/Patient", content=body, headers={"content-type": "application/fhir+json"}
    )
    assert answer.status_code == 400


def test_too_deep__is_refused(client: TestClient) -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = [deep]
    assert (
        sent(client, "POST", "/Patient", {"resourceType": "Patient", "a": deep}).status_code == 400
    )


def test_preference__shapes_the_answer(client: TestClient) -> None:
    minimal = sent(client, "POST", "/Patient", person("Q"), Prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    told = sent(client, "POST", "/Patient", person("Q"), Prefer="return=OperationOutcome")
    assert told.json()["resourceType"] == "OperationOutcome"


def test_written__is_still_there_after_a_drain_and_a_new_start(
    client: TestClient, hospital: Lake
) -> None:
    sent(client, "PUT", "/Patient/v", person("One", id="v"))
    sent(client, "PUT", "/Patient/v", person("Two", id="v"))
    assert hospital.drain(SYSTEM) > 0
    assert client.get("/fhir/Patient/v/_history/1").json()["name"] == [{"family": "One"}]
    assert sent(client, "PUT", "/Patient/v", person("Three", id="v")).headers["etag"] == 'W/"3"'
    assert list(hospital.check()) == []


# ------------------------------------------------------------------ all at once


@pytest.fixture
def served(client: TestClient) -> Any:
    """The same application behind a real socket, for clients that truly run at once."""
    listening = listen(Address(port=0))
    config = uvicorn.Config(client.app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"
    server.should_exit = True
    thread.join()


def at_once(number: int, work: Callable[[int], int]) -> Counter[int]:
    """Statuses of one work done by many at the same moment."""
    barrier = threading.Barrier(number)

    def one(place: int) -> int:
        barrier.wait()
        return work(place)

    with ThreadPoolExecutor(number) as pool:
        return Counter(pool.map(one, range(number)))


def raw(method: str, url: str, body: object = None, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.request(
        method,
        url,
        content=None if body is None else json.dumps(body),
        headers={"content-type": "application/fhir+json"} | named,
        auth=httpx.BasicAuth("rossi", PASSWORD),
        timeout=120,
    )
    return answer.status_code


def test_sixty_four_conditional_creates__make_exactly_one(served: str, ids: Ids) -> None:
    body = person("Race", identifier=[{"system": "urn:race", "value": "1"}])
    statuses = at_once(
        64, lambda _: raw("POST", f"{served}/Patient", body, If_None_Exist="identifier=urn:race|1")
    )
    assert statuses == {201: 1, 200: 63}
    assert len(ids("Patient?identifier=urn:race|1")) == 1


def test_updates_of_one_version__one_wins(served: str, client: TestClient) -> None:
    for turn in range(1, 4):
        match = f'W/"{turn}"'

        def work(place: int, match: str = match) -> int:
            body = person(f"W{match}{place}", id="anna")
            return raw("PUT", f"{served}/Patient/anna", body, If_Match=match)

        assert at_once(4, work) == {200: 1, 412: 3}
    history = client.get("/fhir/Patient/anna/_history").json()["entry"]
    assert [e["resource"]["meta"]["versionId"] for e in history] == ["4", "3", "2", "1"]


def test_create_against_delete__ends_in_one_order_or_the_other(
    served: str, client: TestClient
) -> None:
    def work(place: int) -> int:
        if place % 2:
            return raw("DELETE", f"{served}/Patient/flip")
        return raw("PUT", f"{served}/Patient/flip", person(f"Flip{place}", id="flip"))

    statuses = at_once(12, work)
    assert set(statuses) <= {200, 201, 204}
    assert_dense(client, "flip", statuses[200] + statuses[201])


def assert_dense(client: TestClient, name: str, written: int) -> None:
    """No update is lost: as many versions as were answered, numbered without a gap."""
    history = client.get(f"/fhir/Patient/{name}/_history?_count=500").json()["entry"]
    numbers = [int(entry["response"]["etag"][3:-1]) for entry in history]
    assert numbers == list(range(len(history), 0, -1))
    methods = Counter(entry["request"]["method"] for entry in history)
    assert methods["PUT"] + methods["POST"] == written
    instants = [entry["response"]["lastModified"] for entry in history]
    assert instants == sorted(instants, reverse=True)
    done = [entry["request"]["method"] for entry in history]
    assert ("DELETE", "DELETE") not in set(pairwise(done))
