"""A record system opens this server by SMART App Launch: what is refused, then what opens."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD, Hands
from tests.api.launch.conftest import (
    ENCOUNTER,
    PATIENT,
    Json,
    begun,
    declare,
    opened,
    person,
    signed_in,
)
from tests.api.launch.fake import Fake, answering
from vitruvian.api import create_app
from vitruvian.lake import Lake

HIDDEN = ("A-1", "B-2", "Bianchi", "Müller", "p-9", "Practitioner/7")


def expect_refused(answer: Any, browser: TestClient, problem: str, status: int = 401) -> None:
    """Nobody entered, and the answer names nobody."""
    assert (answer.status_code, answer.json()["problem"]) == (status, problem), answer.text
    assert not [word for word in HIDDEN if word in answer.text]
    assert not signed_in(browser)


# ------------------------------------------------------------------ before anything is asked


def test_system__that_is_not_declared_is_never_asked(browser: TestClient, ehr: Fake) -> None:
    with answering(Fake()) as stranger:
        expect_refused(begun(browser, ehr, iss=stranger.issuer), browser, "unknown-system")
        assert stranger.asked == []
    assert ehr.asked == []


ALMOST: list[str] = [
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:22/fhir",
    "file:///etc/passwd",
    "gopher://127.0.0.1/fhir",
    "{issuer}@evil.example/fhir",
    "{issuer}/../admin",
    "{issuer}?x=",
    "{issuer}#",
    "{upper}",
    "",
]


def test_system__named_almost_right_is_never_asked(browser: TestClient, ehr: Fake) -> None:
    for iss in ALMOST:
        said = iss.format(issuer=ehr.issuer, upper=ehr.issuer.upper())
        expect_refused(begun(browser, ehr, iss=said), browser, "unknown-system")
        assert ehr.asked == []


PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ELSEWHERE: list[Any] = [
    "http://169.254.169.254/token",
    "http://127.0.0.1:1/token",
    "https://evil.example/token",
    "javascript:alert(1)",
    "https://evil.example:99999999/",
    "file:///etc/passwd",
    "",
    7,
    None,
]


def test_system__that_points_elsewhere_is_not_followed(browser: TestClient, ehr: Fake) -> None:
    for name, address in itertools.product(PLACES, ELSEWHERE):
        ehr.asked.clear()
        ehr.described = {name: address}
        expect_refused(begun(browser, ehr), browser, "not-opened")
        assert ehr.asked == ["/fhir/.well-known/smart-configuration"]


def test_system__that_sends_the_server_elsewhere_is_not_followed(
    browser: TestClient, ehr: Fake
) -> None:
    with answering(Fake()) as inside:
        ehr.elsewhere = f"{inside.address}/secret"
        expect_refused(begun(browser, ehr), browser, "not-fetched", 503)
        assert inside.asked == []


NO_PKCE: list[Any] = [None, [], ["plain"], "S256"]


def test_system__without_pkce_is_refused(browser: TestClient, ehr: Fake) -> None:
    for methods in NO_PKCE:
        ehr.described = {"code_challenge_methods_supported": methods}
        expect_refused(begun(browser, ehr), browser, "not-opened")


# ------------------------------------------------------------------ on the way back


def test_answer__of_another_browser_opens_nothing(
    browser: TestClient, ehr: Fake, hospital: Lake
) -> None:
    back = ehr.back(begun(browser, ehr).json()["address"])
    with TestClient(create_app(hospital), base_url=ORIGIN, headers=OURS) as other:
        expect_refused(other.post("/api/launch/answered", json=back), other, "not-opened")
    wrong = browser.post("/api/launch/answered", json=back | {"state": "another"})
    expect_refused(wrong, browser, "not-opened")
    empty = browser.post("/api/launch/answered", json=back | {"state": ""})
    expect_refused(empty, browser, "not-opened")
    browser.cookies.clear()
    expect_refused(browser.post("/api/launch/answered", json=back), browser, "not-opened")
    assert "/token" not in ehr.asked


def test_answer__is_taken_once(browser: TestClient, ehr: Fake) -> None:
    back = ehr.back(begun(browser, ehr).json()["address"])
    cookies = dict(browser.cookies)
    assert browser.post("/api/launch/answered", json=back).status_code == 200
    browser.cookies.clear()
    browser.cookies.update(cookies)
    expect_refused(browser.post("/api/launch/answered", json=back), browser, "not-opened")


def test_code__that_was_used_before_opens_nothing(browser: TestClient, ehr: Fake) -> None:
    back = ehr.back(begun(browser, ehr).json()["address"])
    assert browser.post("/api/launch/answered", json=back).status_code == 200
    browser.cookies.clear()
    again = ehr.back(begun(browser, ehr).json()["address"])
    replayed = again | {"code": back["code"]}
    expect_refused(browser.post("/api/launch/answered", json=replayed), browser, "not-opened")


def test_answer__that_comes_late_opens_nothing(
    browser: TestClient, ehr: Fake, clock: Hands
) -> None:
    back = ehr.back(begun(browser, ehr).json()["address"])
    clock.later(minutes=11)
    expect_refused(browser.post("/api/launch/answered", json=back), browser, "not-opened")


def test_answer__of_another_system_or_without_a_code(browser: TestClient, ehr: Fake) -> None:
    expect_refused(opened(browser, ehr, iss="https://other.example"), browser, "not-opened")
    expect_refused(opened(browser, ehr, code=""), browser, "not-opened")
    expect_refused(opened(browser, ehr, error="access_denied", code=""), browser, "not-opened")
    ehr.described = {"authorization_response_iss_parameter_supported": True}
    expect_refused(opened(browser, ehr), browser, "not-opened")
    assert opened(browser, ehr, iss=ehr.address).status_code == 200


FORGED: list[str] = ["none", "HS256", "other"]


def test_identity__signed_otherwise_is_not_believed(browser: TestClient, ehr: Fake) -> None:
    for sign in FORGED:
        ehr.sign = sign
        expect_refused(opened(browser, ehr), browser, "not-opened")


UNFIT: list[Json] = [
    {"iss": "https://other.example"},
    {"aud": "another-app"},
    {"aud": ["vitruvian", "another"], "azp": "another"},
    {"exp": 1_000},
    {"iat": 99_999_999_999},
    {"nonce": "another"},
    {"nonce": None},
    {"fhirUser": None},
    {"fhirUser": "https://other.example/fhir/Practitioner/7"},
    {"fhirUser": "Practitioner/7/../8"},
    {"fhirUser": ["Practitioner/7"]},
]


def test_identity__that_does_not_fit_opens_nothing(browser: TestClient, ehr: Fake) -> None:
    for claims in UNFIT:
        ehr.claims = claims
        expect_refused(opened(browser, ehr), browser, "not-opened")


USELESS: list[Json] = [
    {"id_token": None},
    {"id_token": "a.b.c"},
    {"access_token": "two\r\nx-injected: 1"},
    {"access_token": None},
    {"patient": None},
    {"patient": "../../admin"},
    {"patient": ".."},
    {"patient": {"reference": "Patient/p-9"}},
    {"patient": "unknown"},
]


def test_token_answer__that_cannot_be_used_opens_nothing(browser: TestClient, ehr: Fake) -> None:
    for answer in USELESS:
        ehr.answer = answer
        expect_refused(opened(browser, ehr), browser, "not-opened")
        assert not [path for path in ehr.asked if "admin" in path or ".." in path]


# ------------------------------------------------------------------ whom nobody knows here


def test_user__without_an_account_stays_outside(
    browser: TestClient, ehr: Fake, hospital: Lake
) -> None:
    ehr.claims = {"fhirUser": "Practitioner/8"}
    expect_refused(opened(browser, ehr), browser, "unknown-user")
    hospital.accounts.create("holt", display_name="Dr Holt", role="clinician")
    hospital.desk.tie("holt", kind="practitioner", value=f"{ehr.issuer}/Practitioner/7")
    ehr.claims = {}
    # Two accounts are one too many to choose from.
    expect_refused(opened(browser, ehr), browser, "unknown-user")


UNAGREED: list[Any] = [
    [],
    None,
    "A-1",
    [{"system": "urn:other", "value": "A-1"}],
    [{"system": "urn:mrn", "value": "A-1", "use": "old"}],
    [{"system": "urn:mrn", "value": "A-10"}],
    [{"system": "urn:mrn", "value": ["A-1"]}],
    [{"system": "urn:mrn", "value": "%"}],
]


def test_patient__not_known_by_the_agreed_identifier_is_not_guessed(
    browser: TestClient, ehr: Fake
) -> None:
    for identifier in UNAGREED:
        # The name and birth date are those of somebody here, and do not count.
        known = {"name": [{"family": "Müller", "given": ["Anna"]}], "birthDate": "1950-06-01"}
        ehr.records["Patient/p-9"] = PATIENT | known | {"identifier": identifier}
        expect_refused(opened(browser, ehr), browser, "unknown-patient", 404)


def test_patient__whose_identifiers_are_of_two_people_opens_neither(
    browser: TestClient, ehr: Fake
) -> None:
    both = [{"system": "urn:mrn", "value": one} for one in ("A-1", "B-2")]
    ehr.records["Patient/p-9"] = PATIENT | {"identifier": both}
    expect_refused(opened(browser, ehr), browser, "contradictory-context", 409)


def test_record__of_somebody_else_than_was_named_opens_nothing(
    browser: TestClient, ehr: Fake
) -> None:
    for change in ({"id": "p-10"}, {"resourceType": "Person"}):
        ehr.records["Patient/p-9"] = PATIENT | change
        expect_refused(opened(browser, ehr), browser, "contradictory-context", 409)


def test_encounter__of_another_patient_opens_nothing(browser: TestClient, ehr: Fake) -> None:
    ehr.answer = {"encounter": "e-1"}
    ehr.records["Encounter/e-1"] = ENCOUNTER | {"subject": {"reference": "Patient/p-10"}}
    expect_refused(opened(browser, ehr), browser, "contradictory-context", 409)
    # There it is this patient's, and here another's.
    theirs = {"identifier": [{"system": "urn:visit", "value": "V-2"}]}
    ehr.records["Encounter/e-1"] = ENCOUNTER | theirs
    expect_refused(opened(browser, ehr), browser, "contradictory-context", 409)


def test_role__that_may_see_nobody_opens_nobody(
    browser: TestClient, ehr: Fake, hospital: Lake
) -> None:
    hospital.desk.untie("rossi", kind="practitioner", value=f"{ehr.issuer}/Practitioner/7")
    hospital.accounts.create("audit", display_name="Auditor", role="auditor")
    hospital.desk.tie("audit", kind="practitioner", value=f"{ehr.issuer}/Practitioner/7")
    answer = opened(browser, ehr)
    assert answer.status_code in {403, 404}, answer.text
    assert not signed_in(browser)


def test_wrong_attempts__run_out(browser: TestClient, ehr: Fake) -> None:
    said = {"state": "x", "code": "y"}
    for _ in range(20):
        assert browser.post("/api/launch/answered", json=said).status_code == 401
    assert browser.post("/api/launch/answered", json=said).status_code == 429


# ------------------------------------------------------------------ what opens


def test_launch__asks_for_no_more_than_who_is_open(browser: TestClient, ehr: Fake) -> None:
    address = begun(browser, ehr).json()["address"]
    said = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{ehr.address}/authorize?")
    assert said["scope"].split() == [
        *("launch", "openid", "fhirUser", "profile"),
        *("patient/Patient.r", "patient/Encounter.r"),
    ]
    assert (said["aud"], said["launch"]) == (ehr.issuer, "word-of-the-launch")
    assert (said["code_challenge_method"], len(said["code_challenge"])) == ("S256", 43)
    assert said["redirect_uri"] == f"{ORIGIN}/launch/answered"


def test_launch__lands_on_the_patient_as_the_account(
    browser: TestClient, ehr: Fake, hospital: Lake
) -> None:
    ehr.answer = {"encounter": "e-1"}
    answer = opened(browser, ehr)
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    said = browser.get("/api/session").json()
    assert (said["name"], said["must_set_password"]) == ("rossi", False)
    assert answer.json() == {"person_id": person(hospital, browser, "Müller")}
    context = browser.get("/api/context").json()["context"]
    assert (context["ehr"], context["person_id"]) == ("North Hospital", answer.json()["person_id"])
    assert (context["family"], context["birth_date"]) == ("Müller", "1950-06-01")
    assert context["encounter"]["start_time"].startswith("2024-05-01T08:00")
    row = list(hospital.audit.rows())[-1]
    written = [one for one in hospital.audit.rows() if "opened from north" in one.deed.definition]
    assert [one.access.who for one in written] == ["rossi"], row


def test_encounter__that_is_not_known_here_is_left_out(browser: TestClient, ehr: Fake) -> None:
    ehr.answer = {"encounter": "e-1"}
    unknown = {"identifier": [{"system": "urn:visit", "value": "V-404"}]}
    ehr.records["Encounter/e-1"] = ENCOUNTER | unknown
    assert opened(browser, ehr).status_code == 200
    assert browser.get("/api/context").json()["context"]["encounter"] is None


def test_context__ends_with_leaving_and_belongs_to_one_session(
    browser: TestClient, ehr: Fake
) -> None:
    assert browser.get("/api/context").status_code == 401
    assert opened(browser, ehr).status_code == 200
    assert browser.get("/api/context").json()["context"] is not None
    assert browser.post("/api/context/leave").status_code == 204
    assert browser.get("/api/context").json() == {"context": None}
    assert signed_in(browser)
    browser.cookies.clear()
    said = {"name": "rossi", "password": PASSWORD}
    assert browser.post("/api/sign-in", json=said).status_code == 200
    assert browser.get("/api/context").json() == {"context": None}


def test_session__that_another_system_opened_sets_no_password(
    browser: TestClient, ehr: Fake
) -> None:
    assert opened(browser, ehr).status_code == 200
    answer = browser.post("/api/password", json={"password": "another-long-passphrase-9"})
    assert (answer.status_code, answer.json()["problem"]) == (403, "not-by-yourself")


def test_user__can_be_known_by_a_claim_that_is_the_accounts_name(
    browser: TestClient, ehr: Fake, hospital: Lake
) -> None:
    said = {"issuer": ehr.issuer, "client_id": "vitruvian", "user": "preferred_username"}
    declare(hospital, **said)
    expect_refused(opened(browser, ehr), browser, "not-opened")
    ehr.claims = {"preferred_username": "nobody"}
    expect_refused(opened(browser, ehr), browser, "unknown-user")
    ehr.claims = {"preferred_username": "rossi"}
    assert opened(browser, ehr).status_code == 200
