"""The torture patient: what it promises to hold, it holds; what it declares, is declared well."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from vitruvian.demo.torture import FILES, expected, write_torture
from vitruvian.record.event import EVENT

COLUMNS = {column.name for column in EVENT.columns}
BESIDE_COLUMNS = {
    "empty",
    "code_prefix",
    "has_value",
    "codings_count",
    "note_text",
    "note_contains",
    "note_length",
}


@cache
def texts() -> tuple[str, ...]:
    folder = resources.files("vitruvian.demo.torture")
    return tuple(folder.joinpath(name).read_text("utf-8") for name in FILES)


@cache
def entries() -> tuple[dict[str, Any], ...]:
    return tuple(entry for text in texts() for entry in json.loads(text)["entry"])


@cache
def resources_of(kind: str) -> tuple[dict[str, Any], ...]:
    held = [entry["resource"] for entry in entries() if "resource" in entry]
    return tuple(one for one in held if one["resourceType"] == kind)


def test_written_files__are_the_packaged_bytes(tmp_path: Path) -> None:
    paths = write_torture(tmp_path / "new")
    assert [path.read_text("utf-8") for path in paths] == list(texts())


def test_every_record__has_its_declared_truth() -> None:
    held = {entry["request"]["url"] for entry in entries()}
    assert held == set(expected())


def test_declared_columns__exist_on_the_timeline() -> None:
    named = {key for one in expected().values() for event in one.events for key in event}
    named |= {
        key for one in expected().values() for event in one.events for key in event.get("empty", [])
    }
    assert named - BESIDE_COLUMNS <= COLUMNS


def test_declared_instants__are_in_utc() -> None:
    for one in expected().values():
        for event in one.events:
            for key in ("time", "time_max", "end_time", "known_at"):
                if key in event:
                    assert datetime.fromisoformat(event[key]).utcoffset() is not None
                    assert event[key].endswith("Z")


def test_blood_pressure__is_declared_as_two_events() -> None:
    assert len(expected()["Observation/torture-pressure"].events) == 2


@pytest.mark.parametrize(
    "status",
    [
        "registered",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "cancelled",
        "entered-in-error",
        "unknown",
    ],
)
def test_observation__is_there_in_every_status(status: str) -> None:
    assert status in {one["status"] for one in resources_of("Observation")}


@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">="])
def test_comparator__is_there(comparator: str) -> None:
    assert any(f'"comparator":"{comparator}"' in text for text in texts())


@pytest.mark.parametrize(
    "element",
    [
        "Quantity",
        "CodeableConcept",
        "String",
        "Boolean",
        "Integer",
        "Range",
        "Ratio",
        "SampledData",
        "Time",
        "DateTime",
        "Period",
    ],
)
def test_value_type__is_there(element: str) -> None:
    assert any(f"value{element}" in one for one in resources_of("Observation"))


@pytest.mark.parametrize(
    "form",
    [
        r'"\d{4}"',
        r'"\d{4}-\d\d"',
        r'"\d{4}-\d\d-\d\d"',
        r'"[^"]+T[\d:]+\.\d{3}Z"',
        r'"[^"]+T[\d:]+\+05:30"',
        r'"[^"]+T[\d:]+-05:00"',
    ],
)
def test_date_form__is_there(form: str) -> None:
    assert re.search(f'"effective(DateTime|Instant)":{form}', texts()[0])


@pytest.mark.parametrize(
    "verification",
    ["confirmed", "refuted", "unconfirmed", "provisional", "differential", "entered-in-error"],
)
def test_condition__is_there_in_every_verification(verification: str) -> None:
    assert expected()[
        f"Condition/torture-condition-{verification.replace('entered-in-error', 'in-error')}"
    ].events
    assert any(verification in json.dumps(one) for one in resources_of("Condition"))


@pytest.mark.parametrize(
    "act", ["observed", "ordered", "dispensed", "administered", "reported", "planned", "not-done"]
)
def test_act__is_declared(act: str) -> None:
    acts = {event.get("act") for one in expected().values() for event in one.events}
    assert act in acts


@pytest.mark.parametrize(
    "reference",
    [
        r"urn:uuid:",
        r"Patient/torture-patient\"",
        r"https://[^\"]+/Patient/",
        r"Patient\?identifier=",
        "_history/1",
    ],
)
def test_reference__is_there_in_every_form(reference: str) -> None:
    assert re.search(f'"reference":"{reference}|/{reference}"', texts()[0])


def test_numbers__keep_zeros_digits_and_exponents_in_the_bytes() -> None:
    for number in ("120.000", "0.1234567890123456789", "1.50e2", "4.10"):
        assert f'"value":{number}' in texts()[0]


def test_history__corrects_one_result_and_deletes_another() -> None:
    methods = [entry["request"]["method"] for entry in json.loads(texts()[1])["entry"]]
    assert methods == ["PUT", "POST", "DELETE", "POST"]
    assert expected()["Observation/torture-deleted"].events == ()
