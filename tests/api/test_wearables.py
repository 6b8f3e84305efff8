"""Watches and apps, day by day: each device by itself."""

from __future__ import annotations

from tests.api.client import TestClient
from tests.api.conftest import FIRST
from tests.picture.rows import Row, at, event
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

WATCH, PHONE = "Watch 10.5", "Phone 17"


def worn(code: str, value: float, when: str, **said: object) -> Row:
    basic: Row = {
        "category": "wearable",
        "modality": "wearable",
        "numeric_value": value,
        "time": at(when),
        "device": WATCH,
        "utc_offset": 120,
    }
    return event(code, **(basic | said))


def told(lake: Lake, client: TestClient, *rows: Row) -> dict[str, dict[str, list[tuple[str, int]]]]:
    """Days with their lowest value, by device and code."""
    lake.append(SYSTEM, {"event": list(rows)})
    answer = client.get(f"/api/patients/{FIRST}/wearables").json()
    return {
        each["device"]: {
            one["code"]: [(day["day"], day["low"]) for day in one["days"]] for one in each["series"]
        }
        for each in answer
    }


def test_anonymous__sees_nothing(anonymous: TestClient) -> None:
    assert anonymous.get(f"/api/patients/{FIRST}/wearables").status_code == 401


def test_patient_without_a_device__has_none(rossi: TestClient) -> None:
    assert rossi.get(f"/api/patients/{FIRST}/wearables").json() == []


def test_steps_of_two_devices__are_never_blended(lake: Lake, rossi: TestClient) -> None:
    steps = "LOINC//41950-7"
    found = told(
        lake,
        rossi,
        worn(steps, 8_000, "2024-04-20T07:00"),
        worn(steps, 4_000, "2024-04-20T07:00", device=PHONE),
    )
    assert found == {
        PHONE: {steps: [("2024-04-20", 4_000)]},
        WATCH: {steps: [("2024-04-20", 8_000)]},
    }


def test_day__is_that_of_the_wearer_and_a_night_of_its_morning(
    lake: Lake, rossi: TestClient
) -> None:
    rate, sleep = "LOINC//8867-4", "LOINC//93832-4"
    found = told(
        lake,
        rossi,
        worn(rate, 60, "2024-04-20T22:30"),
        worn(sleep, 420, "2024-04-20T20:30", end_time=at("2024-04-21T04:00")),
        worn(rate, 70, "2024-04-20T12:00", end_time=at("2024-04-20T22:00")),
    )
    assert found[WATCH] == {rate: [("2024-04-20", 70), ("2024-04-21", 60)],
                            sleep: [("2024-04-21", 420)]}  # fmt: skip


def test_same_fact_by_two_exports__counts_once_and_taken_back_not_at_all(
    lake: Lake, rossi: TestClient
) -> None:
    rate = "LOINC//8867-4"
    rows = [
        worn(rate, 60, "2024-04-20T10:00", fact_key=7),
        worn(rate, 60, "2024-04-20T10:00", fact_key=7, source_id="bbbbbbbbbbbbbbbb"),
        worn(rate, 300, "2024-04-20T11:00", status="entered-in-error"),
    ]
    lake.append(SYSTEM, {"event": rows})
    (device,) = rossi.get(f"/api/patients/{FIRST}/wearables").json()
    (day,) = device["series"][0]["days"]
    assert (day["count"], day["low"], day["high"]) == (1, 60, 60)
    assert (device["zones"], device["zone_missing"]) == (["+02:00"], False)


def test_device_and_zone_that_were_not_told__are_said_to_be_missing(
    lake: Lake, rossi: TestClient
) -> None:
    lake.append(
        SYSTEM,
        {"event": [worn("LOINC//8867-4", 60, "2024-04-20T10:00", device=None, utc_offset=None)]},
    )
    (device,) = rossi.get(f"/api/patients/{FIRST}/wearables").json()
    assert (device["device"], device["zones"], device["zone_missing"]) == (
        "device not told",
        [],
        True,
    )
