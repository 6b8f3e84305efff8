"""An app is launched, allowed, refreshed and told of; other people's client walks it unmodified."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.api.conftest import ORIGIN, OURS, PASSWORD, Hands
from tests.api.smart.conftest import BACK, Walker
from vitruvian.api import create_app
from vitruvian.api.serve import Address, listen
from vitruvian.lake import Lake
from vitruvian.lake.apps.registry import App


def test_configuration__says_where_and_what(walk: Walker) -> None:
    walk.client.cookies.clear()
    said = walk.client.get("/fhir/.well-known/smart-configuration").json()
    assert said["authorization_endpoint"] == f"{ORIGIN}/oauth/authorize"
    assert said["token_endpoint"] == f"{ORIGIN}/oauth/token"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert {"permission-v2", "launch-standalone", "context-standalone-patient"} <= {
        *said["capabilities"]
    }
    metadata = walk.client.get("/fhir/metadata").json()
    security = metadata["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"


def test_question__is_asked_in_words(walk: Walker) -> None:
    query = walk.query("launch/patient patient/Observation.rs offline_access openid")
    answer = walk.client.get(f"/oauth/authorize?{query}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/allow?{query}"
    asked = walk.client.post("/api/apps/asked", json={"query": query}, headers=OURS).json()
    assert asked == {
        "app": "growth",
        "title": "Growth charts",
        "answer_goes_to": "app.example",
        "may": ["read results and measurements of the chosen patient", "know who you are"],
        "wants_patient": True,
        "person_id": None,
        "stays": "for 30 days, also while you are not signed in",
    }


def test_question__is_asked_by_a_form_too(walk: Walker) -> None:
    query = walk.query("launch/patient patient/Observation.rs")
    answer = walk.client.post("/oauth/authorize", data=dict(parse_qsl(query)))
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert (address.path, parse_qsl(address.query)) == ("/allow", parse_qsl(query))


def test_launch__the_patient_is_in_context(walk: Walker) -> None:
    query = walk.query("launch/patient patient/*.rs")
    back = walk.decide(query, person=walk.person("Müller"))
    assert (back["state"], back["iss"]) == ("s-123", ORIGIN)
    given = walk.redeem(back["code"])
    assert given.headers["cache-control"] == "no-store"
    said = given.json()
    assert (said["patient"], said["need_patient_banner"]) == ("anna", True)
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 900)
    assert said["scope"] == "launch/patient patient/*.rs"


def test_scopes__of_the_first_version_are_answered_in_its_words(walk: Walker) -> None:
    said = walk.launched("patient/Observation.read", person=walk.person("Müller"))
    assert said["scope"] == "patient/Observation.read"


def test_identity__is_signed_for_the_app(walk: Walker, hospital: Lake) -> None:
    hospital.desk.tie("rossi", kind="practitioner", value="Practitioner/who")
    back = walk.decide(walk.query("openid fhirUser profile user/Patient.rs", nonce="n-1"))
    text = walk.redeem(back["code"]).json()["id_token"]
    keys = KeySet.import_key_set(walk.client.get("/oauth/jwks").json())
    claims = jwt.decode(text, keys, algorithms=["RS256"]).claims
    assert (claims["aud"], claims["sub"], claims["nonce"]) == ("growth", "rossi", "n-1")
    assert claims["fhirUser"] == f"{ORIGIN}/fhir/Practitioner/who"
    assert claims["name"] == "Dr Rossi"


def test_keys__nothing_private_is_published(walk: Walker) -> None:
    (key,) = walk.client.get("/oauth/jwks").json()["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()


def test_refresh__goes_on_with_the_same_patient(walk: Walker, clock: Hands) -> None:
    person = walk.person("Müller")
    first = walk.launched("launch/patient patient/*.rs offline_access", person=person)
    walk.client.cookies.clear()
    clock.later(hours=1)
    assert walk.get("/fhir/Patient/anna", first["access_token"]).status_code == 401
    again = walk.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert again["patient"] == "anna"
    assert walk.get("/fhir/Patient/anna", again["access_token"]).status_code == 200
    clock.later(days=31)
    late = walk.token(grant_type="refresh_token", refresh_token=again["refresh_token"])
    assert late.json()["error"] == "invalid_grant"


def test_introspection__tells_the_app_of_its_own(walk: Walker) -> None:
    person = walk.person("Müller")
    given = walk.launched("patient/*.rs offline_access", person=person)
    for word in (given["access_token"], given["refresh_token"]):
        said = {"client_id": "growth", "token": word}
        told = walk.client.post("/oauth/introspect", data=said).json()
        assert (told["active"], told["patient"], told["sub"]) == (True, "anna", "rossi")


def test_account__that_is_gone_ends_its_apps(walk: Walker) -> None:
    given = walk.launched("user/Patient.rs")["access_token"]
    walk.client.cookies.clear()
    with walk.lake.accounts.database.writing() as connection:
        connection.execute("DELETE FROM account WHERE name='rossi'")
    assert walk.get("/fhir/Patient", given).status_code == 401


# ------------------------------------------------------------------ from a patient's page


def test_page__opens_an_app_with_its_patient(walk: Walker) -> None:
    at = "https://app.example/launch"
    app = App("ecg", "ECG", redirects=(BACK,), scopes="launch patient/*.rs", launch=at)
    walk.lake.apps.registry.add(app)
    listed = walk.client.get("/api/apps").json()
    assert listed == [{"app": "ecg", "title": "ECG"}]
    person = walk.person("Müller")
    opened = walk.client.post(f"/api/patients/{person}/apps/ecg", headers=OURS).json()["address"]
    assert opened.startswith(f"{at}?")
    said = dict(parse_qsl(urlsplit(opened).query))
    assert said["iss"] == f"{ORIGIN}/fhir"
    walk.app = "ecg"
    query = walk.query("launch patient/*.rs", launch=said["launch"])
    asked = walk.client.post("/api/apps/asked", json={"query": query}, headers=OURS).json()
    assert asked["person_id"] == person
    # Another patient than that of the page cannot be slipped in.
    back = walk.decide(query, person=walk.person("Bianchi"))
    assert walk.redeem(back["code"]).json()["patient"] == "anna"
    assert walk.decide(query)["error"] == "invalid_request"  # a launch is used once


def test_page__refuses_what_cannot_be_opened(walk: Walker, hospital: Lake) -> None:
    person = walk.person("Müller")
    for app in ("growth", "nobody"):
        path = f"/api/patients/{person}/apps/{app}"
        assert walk.client.post(path, headers=OURS).status_code == 404
    at = "https://app.example/launch"
    app_there = App("ecg", "ECG", redirects=(BACK,), scopes="launch patient/*.rs", launch=at)
    hospital.apps.registry.add(app_there)
    assert walk.client.post("/api/patients/7/apps/ecg", headers=OURS).status_code == 404
    opened = walk.client.post(f"/api/patients/{person}/apps/ecg", headers=OURS).json()["address"]
    word = dict(parse_qsl(urlsplit(opened).query))["launch"]
    hospital.accounts.create("holt", display_name="Dr Holt", role="clinician")
    hospital.accounts.set_password("holt", password=PASSWORD)
    signed = {"name": "holt", "password": PASSWORD}
    assert walk.client.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    walk.app = "ecg"
    sent = {"query": walk.query("launch patient/*.rs", launch=word), "allow": True}
    answer = walk.client.post("/api/apps/decided", json=sent, headers=OURS)
    assert (answer.status_code, answer.json()["problem"]) == (403, "other-launch")


# ------------------------------------------------------------------ fhirclient, as published


@pytest.fixture
def address(hospital: Lake) -> Iterator[str]:
    """A real server."""
    listening = listen(Address(port=0))
    config = uvicorn.Config(create_app(hospital), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def allowed_in_a_browser(url: str, *, family: str) -> str:
    """What a person does with the page an app sends them to; where the browser goes then."""
    base = url.partition("/oauth/")[0]
    with httpx.Client(base_url=base, headers=OURS) as browser:
        browser.post("/api/sign-in", json={"name": "rossi", "password": PASSWORD})
        page = browser.get(url).headers["location"]
        query = urlsplit(page).query
        found = browser.post("/api/patients/search", json={"text": family}).json()
        person = found["patients"][0]["person_id"]
        said = {"query": query, "allow": True, "person_id": person}
        return str(browser.post("/api/apps/decided", json=said).json()["address"])


@pytest.mark.parametrize("with_secret", [False, True])
def test_fhirclient__walks_the_flow_and_reads(
    address: str, hospital: Lake, *, with_secret: bool
) -> None:
    client = pytest.importorskip("fhirclient.client", reason="fhirclient is not installed")
    scopes = "launch/patient openid profile offline_access user/*.* patient/*.read"
    app = App("smart", "SMART app", redirects=(BACK,), scopes=scopes)
    secret = hospital.apps.registry.add(app, with_secret=with_secret)
    settings = {"app_id": "smart", "api_base": f"{address}/fhir", "redirect_uri": BACK}
    settings |= {"app_secret": secret} if secret else {}
    settings["scope"] = "patient/*.read offline_access openid profile"
    smart: Any = client.FHIRClient(settings={**settings, "patient_id": None})
    smart.wants_patient = True
    assert not smart.ready
    assert smart.prepare() is False
    back = allowed_in_a_browser(smart.authorize_url, family="Müller")
    smart.handle_callback(back)
    assert smart.ready
    assert smart.patient.birthDate.isostring == "1950-06-01"
    observation = importlib.import_module("fhirclient.models.observation").Observation
    found = observation.where({}).perform_resources_iter(smart.server)
    assert sorted(one.id for one in found) == ["k1", "k2"]
    assert smart.reauthorize()
    assert smart.patient.id == "anna"


def test_fhirclient__a_denied_app_stays_outside(address: str, hospital: Lake) -> None:
    client = pytest.importorskip("fhirclient.client", reason="fhirclient is not installed")
    settings = {"app_id": "growth", "api_base": f"{address}/fhir", "redirect_uri": BACK}
    smart: Any = client.FHIRClient(settings=settings)
    smart.prepare()
    said = dict(parse_qsl(urlsplit(smart.authorize_url).query))
    assert said["code_challenge_method"] == "S256"
    back = f"{BACK}?error=access_denied&state={said['state']}"
    with pytest.raises(Exception, match=r"[Dd]enied|resource owner"):
        smart.handle_callback(back)
    assert not smart.ready
