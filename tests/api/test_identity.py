"""Who is who over the web: refusals, the pairs, one side by side, verdicts and their undoing."""

from __future__ import annotations

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, ORIGIN, OURS, PASSWORD, SECOND, patient
from vitruvian.identity.matching import pair_id
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PAIR = pair_id(FIRST, SECOND)


@pytest.fixture
def alike(lake: Lake) -> Lake:
    """The lake with its two patients offered as one person."""
    offer = {
        "row_id": 1, "pair_id": PAIR, "subject_id": FIRST, "other_id": SECOND, "offered": True,
        "probability": 0.97, "weight": 5.0, "evidence": '[["family", "same", 6.5]]',
        **{name: patient(FIRST)[name] for name in ("site", "source_id", "known_at")},
        "known_at_basis": "stated",
    }  # fmt: skip
    lake.append(SYSTEM, {"look_alike": [offer]})
    return lake


@pytest.fixture
def keeper(anonymous: TestClient, alike: Lake) -> TestClient:
    """A browser signed in as somebody who keeps the records."""
    alike.accounts.create("keeper", display_name="Records office", role="data steward")
    alike.accounts.set_password("keeper", password=PASSWORD)
    signed = {"name": "keeper", "password": PASSWORD}
    assert anonymous.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    anonymous.headers.update(OURS)
    return anonymous


@pytest.mark.parametrize("path", ["pairs", f"pairs/{PAIR}"])
def test_pairs__without_signing_in_are_refused(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(f"{ORIGIN}/api/identity/{path}").status_code == 401


@pytest.mark.parametrize("path", ["pairs", f"pairs/{PAIR}"])
def test_pairs__are_not_for_those_who_treat(rossi: TestClient, alike: Lake, path: str) -> None:
    assert rossi.get(f"/api/identity/{path}").status_code == 403


def test_verdict__of_one_who_treats_links_nobody(rossi: TestClient, alike: Lake) -> None:
    refused = rossi.post(f"/api/identity/pairs/{PAIR}/verdict", json={"answer": "same"})
    assert refused.status_code == 403
    with alike.read(SYSTEM) as reader:
        assert reader.persons() == {}


def test_pair__never_offered_is_not_found(keeper: TestClient) -> None:
    assert keeper.get("/api/identity/pairs/7").json()["problem"] == "no-such-pair"


def test_verdict__that_is_no_answer_is_refused(keeper: TestClient) -> None:
    said = keeper.post(f"/api/identity/pairs/{PAIR}/verdict", json={"answer": "perhaps"})
    assert said.status_code == 422


def test_two_records__stand_side_by_side(keeper: TestClient) -> None:
    (item,) = keeper.get("/api/identity/pairs").json()["items"]
    assert (item["left"], item["right"]) == (
        "Quux, Anna · 1950-06-01", "Quux, Bruno · 1950-06-01",
    )  # fmt: skip
    told = keeper.get(f"/api/identity/pairs/{item['pair_id']}").json()
    fields = {each["field"]: each for each in told["fields"]}
    assert (fields["family"]["agreement"], fields["family"]["weight"]) == ("same", 6.5)
    assert (fields["given"]["left"], fields["given"]["right"]) == ("Anna", "Bruno")
    assert told["left"]["facts"] == 4


def test_verdict__links_under_the_accounts_name_and_another_undoes_it(keeper: TestClient) -> None:
    address = f"/api/identity/pairs/{PAIR}"
    before = keeper.get(f"/api/patients/{SECOND}").status_code
    done = keeper.post(f"{address}/verdict", json={"answer": "same"}).json()
    assert (done["who"], done["changed"]) == ("keeper", 1)
    told = keeper.get(address).json()
    assert (told["linked"], told["answer"], told["who"]) == (True, "same", "keeper")
    assert keeper.get("/api/identity/pairs").json()["items"] == []
    assert keeper.get(f"/api/patients/{SECOND}").status_code == 404
    keeper.post(f"{address}/verdict", json={"answer": "unknown"})
    assert keeper.get(f"/api/patients/{SECOND}").status_code == before
    assert keeper.get(address).json()["linked"] is False
