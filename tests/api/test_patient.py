"""One patient's page end to end over a small lake: as known then, once, and traced."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, Hands, patient
from tests.picture.rows import at, event, potassium
from vitruvian.lake import Lake, Reader
from vitruvian.trust import SYSTEM


def read(client: TestClient, path: str, **query: str) -> Any:
    answer = client.get(f"/api/patients/{FIRST}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def potassiums(picture: Any) -> list[str]:
    rows = [r for r in picture["panels"]["laboratory"]["rows"] if r["code"] == "LOINC//2823-3"]
    return [cell["value"] for row in rows for cell in row["cells"]]


def banner_item(picture: Any, key: str) -> Any:
    return next(item for item in picture["banner"]["items"] if item["key"] == key)


def test_picture__names_the_patient_with_identifier_age_and_ward(rossi: TestClient) -> None:
    picture = read(rossi, "picture")
    banner = picture["banner"]
    assert (banner["family"], banner["given"], banner["age_text"]) == ("Quux", "Anna", "73 years")
    assert [each["value"] for each in banner["identifiers"]] == ["MRN-1"]
    assert banner_item(picture, "ward")["value"] == "Ward 7"
    assert [fact["label"] for fact in picture["panels"]["problems"]] == ["Diabetes"]


def test_picture__as_known_before_a_result_does_not_hold_it(rossi: TestClient) -> None:
    before = read(rossi, "picture", known_at="2024-05-02T00:00:00Z")
    assert potassiums(before) == ["4.1"]
    assert potassiums(read(rossi, "picture")) == ["6.2", "4.1"]
    assert before["as_of"]["known_at"] == "2024-05-02T00:00:00Z"


def test_picture__before_anything_was_recorded_there_is_no_patient(rossi: TestClient) -> None:
    answer = rossi.get(
        f"/api/patients/{FIRST}/picture", params={"recorded_at": "2020-01-01T00:00:00Z"}
    )
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-patient")


def test_picture__later_data_changes_no_earlier_answer(
    rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    stored = clock.later(minutes=1)
    before = read(rossi, "picture", recorded_at=stored.isoformat())
    clock.later(minutes=10)
    late = potassium(2.8, time=at("2024-05-02"), known_at=at("2024-05-02T01:00"))
    lake.append(SYSTEM, {"event": [late]})
    after = read(rossi, "picture", recorded_at=stored.isoformat())
    assert after["panels"] == before["panels"]
    assert after["banner"] == before["banner"]
    assert "2.8" in potassiums(read(rossi, "picture"))


def test_picture__what_was_retired_is_counted_and_not_shown(
    rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    clock.later(minutes=1)
    lake.append(SYSTEM, {"retirement": [retirement(62)]})
    picture = read(rossi, "picture")
    assert potassiums(picture) == ["4.1"]
    assert picture["hidden_count"] == 1


def retirement(event_id: int) -> dict[str, object]:
    return {
        "retirement_id": event_id,
        "subject_id": FIRST,
        "scope": "event",
        "target_id": event_id,
        "reason": "deleted",
        "site": "st-elsewhere",
        "source_id": "bbbbbbbbbbbbbbbb",
        "known_at": at("2024-05-04"),
        "known_at_basis": "stated",
    }


NOBODY = 987_654_321
PAGES = (
    *("picture", "timeline", "new", "series?code=LOINC//2823-3", "notes/31", "imaging", "signals"),
    *("signals/recordings", "wearables", "held", "guides"),
)


def linked_elsewhere(lake: Lake, clock: Hands) -> None:
    """Subject 3, of another site, is the same person as the first patient."""
    clock.later(minutes=1)
    elsewhere = potassium(5.0, subject_id=3, time=at("2024-05-05"), site="st-mary")
    link = {"link_id": 1, "subject_id": 3, "person_id": FIRST, "linked": True}
    named = {
        "site": "s",
        "source_id": "c",
        "known_at": at("2024-05-05"),
        "known_at_basis": "stated",
    }
    lake.append(
        SYSTEM,
        {"event": [elsewhere], "patient": [patient(3)], "person_link": [link | named]},
    )


def test_picture__two_subjects_of_one_person_are_one_patient(
    rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    linked_elsewhere(lake, clock)
    picture = read(rossi, "picture")
    assert potassiums(picture) == ["5.0", "6.2", "4.1"]
    assert {each["site"] for each in picture["panels"]["freshness"]} == {"st-elsewhere", "st-mary"}


@pytest.mark.parametrize("page", PAGES)
def test_subject_that_is_another_person__answers_word_for_word_as_nobody(
    page: str, rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    linked_elsewhere(lake, clock)
    alias, nobody = (rossi.get(f"/api/patients/{one}/{page}") for one in (3, NOBODY))
    assert (alias.status_code, nobody.status_code) == (404, 404)
    assert said(alias) == said(nobody)


@pytest.mark.parametrize("text", ["", "potassium"])
def test_search_in_a_subject_that_is_another_person__finds_nobody(
    text: str, rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    linked_elsewhere(lake, clock)
    found = [rossi.post(f"/api/patients/{one}/search", json={"text": text}) for one in (3, NOBODY)]
    assert [one.status_code for one in found] == [404, 404]
    assert said(found[0]) == said(found[1])


def test_subject_that_is_another_person__costs_as_many_reads_as_nobody(
    rossi: TestClient, lake: Lake, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked_elsewhere(lake, clock)
    reads: list[str] = []
    rows = Reader.rows

    def counted(self: Reader, table: str, **wish: Any) -> Any:
        reads.append(table)
        return rows(self, table, **wish)

    monkeypatch.setattr(Reader, "rows", counted)
    each = []
    for one in (3, NOBODY):
        reads.clear()
        rossi.get(f"/api/patients/{one}/picture")
        each.append(tuple(reads))
    assert each[0] == each[1] != ()


def said(answer: Any) -> Any:
    """An answer without what differs from request to request."""
    body = answer.json()
    dropped = {"request_id", "instance"}
    return {k: v for k, v in body.items() if k not in dropped} if isinstance(body, dict) else body


def test_timeline__draws_each_lane_within_the_window(rossi: TestClient) -> None:
    whole = read(rossi, "timeline")
    lanes = {lane["lane"]: lane for lane in whole["lanes"]}
    assert lanes["laboratory"]["total"] == 2
    window = read(rossi, "timeline", start="2024-05-02T00:00:00Z", end="2024-05-04T00:00:00Z")
    points = {lane["lane"]: lane["points"] for lane in window["lanes"]}
    assert [point["value"] for point in points["laboratory"]] == ["6.2 mmol/L"]
    assert points["laboratory"][0]["abnormal"] is True
    assert points["problem"][0]["ongoing"] is True


def test_search__finds_words_whatever_their_case_and_accents(rossi: TestClient) -> None:
    def found(text: str) -> list[str]:
        answer = rossi.post(f"/api/patients/{FIRST}/search", json={"text": text}).json()
        assert answer["total"] == len(answer["facts"])
        return [fact["event_id"] for fact in answer["facts"]]

    assert found("POTÁSSIUM") == ["62", "41"]
    assert found("corridor appetite") == ["90"]
    assert found("corridor potassium") == []


def test_search__knows_nothing_of_what_came_later(rossi: TestClient) -> None:
    asked = {"text": "potassium", "known_at": "2024-05-02T00:00:00Z"}
    answer = rossi.post(f"/api/patients/{FIRST}/search", json=asked).json()
    assert [fact["event_id"] for fact in answer["facts"]] == ["41"]


def test_search__an_order_is_not_over_while_it_was_being_given(
    rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    clock.later(minutes=1)
    said = {"code_text": "Amoxicillin", "category": "medication", "act": "ordered"}
    order = event("RXNORM//723", state="completed", time=at("2024-05-01"), **said)
    lake.append(SYSTEM, {"event": [order]})

    def state(known_at: str | None) -> object:
        asked = {"text": "amoxicillin", "known_at": known_at}
        (fact,) = rossi.post(f"/api/patients/{FIRST}/search", json=asked).json()["facts"]
        return fact["state"]

    assert state("2024-05-02T00:00:00Z") is None
    assert state(None) == "completed"


def test_new__is_what_was_recorded_since_i_last_looked(
    rossi: TestClient, lake: Lake, clock: Hands
) -> None:
    assert read(rossi, "new") == {"since": None, "total": 0, "facts": []}
    clock.later(minutes=1)
    assert rossi.post(f"/api/patients/{FIRST}/seen").status_code == 204
    assert read(rossi, "new")["facts"] == []
    clock.later(minutes=10)
    lake.append(SYSTEM, {"event": [potassium(5.0, event_id=50, time=at("2024-05-09"))]})
    assert [fact["event_id"] for fact in read(rossi, "new")["facts"]] == ["50"]


def test_series__is_one_analyte_in_one_unit_oldest_first(rossi: TestClient) -> None:
    series = read(rossi, "series", code="LOINC//2823-3", unit="mmol/L")
    assert [(point["value"], point["abnormal"]) for point in series["points"]] == [
        (4.1, False),
        (6.2, True),
    ]
    assert series["label"] == "Potassium"


def test_note__is_read_with_its_text_and_leads_to_its_event(rossi: TestClient) -> None:
    note = read(rossi, "notes/700")
    assert note["text"] == "Walks along the corridor, appetite good."
    assert note["event_id"] == "90"


def test_note__of_another_patient_is_not_found(rossi: TestClient) -> None:
    assert rossi.get("/api/patients/2/notes/700").status_code == 404


def test_trace__of_an_event_without_stored_record_says_that_it_cannot_be_recomputed(
    rossi: TestClient,
) -> None:
    trace = rossi.get("/api/events/62/trace", params={"person_id": str(FIRST)}).json()
    assert (trace["recomputed"], trace["fact"]["value"]) == ("not-possible", "6.2")
    assert trace["known_at"] == "2024-05-03T02:00:00Z"


def test_trace__before_the_event_was_known_is_not_found(rossi: TestClient) -> None:
    answer = rossi.get("/api/events/62/trace", params={"known_at": "2024-05-02T00:00:00Z"})
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-event")


def test_worklist__shows_in_patients_first(rossi: TestClient) -> None:
    answer = rossi.get("/api/worklist").json()
    assert answer["total"] == 2
    assert [(each["given"], each["ward"]) for each in answer["patients"]] == [
        ("Anna", "Ward 7"),
        ("Bruno", None),
    ]
    assert answer["patients"][0]["problems"] == ["Diabetes"]


@pytest.mark.parametrize(
    "text, names",
    [
        ("quux", ["Anna", "Bruno"]),
        ("BRU qu", ["Bruno"]),
        ("mrn-1", ["Anna"]),
        ("1950-06", ["Anna", "Bruno"]),
        ("nna", []),
        ("%", []),
    ],
)
def test_patient_search__matches_the_beginnings_of_words(
    rossi: TestClient, text: str, names: list[str]
) -> None:
    answer = rossi.post("/api/patients/search", json={"text": text}).json()
    assert [each["given"] for each in answer["patients"]] == names
    assert answer["total"] == len(names)


def test_worklist__counts_what_is_unseen(rossi: TestClient, lake: Lake, clock: Hands) -> None:
    clock.later(minutes=1)
    rossi.post(f"/api/patients/{FIRST}/seen")
    clock.later(minutes=10)
    lake.append(SYSTEM, {"event": [event("LOINC//2160-0", time=at("2024-05-09"))]})
    first = rossi.get("/api/worklist").json()["patients"][0]
    assert (first["given"], first["unseen"]) == ("Anna", 1)
