"""Links to further pages: their owner's alone, and read under the policy of now."""

from __future__ import annotations

import json

import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import JSON_TYPE
from tests.trust.over_http.conftest import SignIn, consent


def following(client: TestClient, path: str) -> str:
    """The link to the second page of a search."""
    links = client.get(path).json()["link"]
    return str(next(one["url"] for one in links if one["relation"] == "next"))


@pytest.mark.parametrize("name", ["rossi", "hearty", "stew", "boss"])
def test_page__is_nobody_elses(name: str, sign_in: SignIn) -> None:
    link = following(sign_in("okoro"), "/fhir/Observation?_count=1")
    assert sign_in("okoro").get(link).status_code == 200
    assert sign_in(name).get(link).status_code == 410


def test_page__with_an_altered_link_holds_nothing(sign_in: SignIn) -> None:
    client = sign_in("okoro")
    whole, _, start = following(client, "/fhir/Observation?_count=1").rpartition(".")
    other = f"{whole[:-1]}{'A' if whole[-1] != 'A' else 'B'}.{start}"
    for link in (other, f"{whole}.-1", f"{whole}.", f"{whole}.1e3", whole):
        assert client.get(link).status_code in (400, 410), link
    beyond = client.get(f"{whole}.999999")
    assert beyond.status_code in (400, 410) or not beyond.json().get("entry")


def test_page__asked_for_after_a_withdrawal_holds_nothing_of_her(sign_in: SignIn) -> None:
    whole = following(sign_in("hearty"), "/fhir/_history?_count=1").rpartition(".")[0]
    links = [f"{whole}.{start}" for start in range(8)]
    assert "4.1" in "".join(sign_in("hearty").get(link).text for link in links)
    over = consent("anna-research", "anna", rule="OPTIN", purpose="HRESCH", status="inactive")
    body = json.dumps(over)
    put = sign_in("rossi").put("/fhir/Consent/anna-research", content=body, headers=JSON_TYPE)
    assert put.status_code == 200
    told = "".join(sign_in("hearty").get(link).text for link in links)
    assert not [word for word in ("4.1", "Müller") if word in told]
