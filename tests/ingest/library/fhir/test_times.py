"""When an order ends, and times that are no times."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import PATIENT, bundle, ndjson, potassium, rows, take
from vitruvian.lake import Lake


def order(*bounds: dict[str, str] | None) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "prednisone"},
        "subject": {"reference": "Patient/ada"},
        "authoredOn": "2024-03-05",
        "dosageInstruction": [
            {"text": "one a day"} if one is None else {"timing": {"repeat": {"boundsPeriod": one}}}
            for one in bounds
        ],
    }


@pytest.mark.parametrize(
    "bounds, end",
    [
        ([{"end": "2024-03-12"}], datetime(2024, 3, 13, tzinfo=UTC)),
        (
            [{"end": "2024-04-01T12:00:00Z"}, {"end": "2024-03-20"}],
            datetime(2024, 4, 1, 12, tzinfo=UTC),
        ),
        ([{"end": "2024-03-20"}, {"start": "2024-03-20"}], None),
        ([{"end": "2024-03-20"}, None], None),
        ([None], None),
        ([], None),
    ],
)
def test_order__ends_with_its_last_bound_if_every_instruction_has_one(
    lake: Lake, inbox: Path, bounds: list[dict[str, str] | None], end: datetime | None
) -> None:
    take(lake, ndjson(inbox / "a.ndjson", PATIENT, order(*bounds)))
    (event,) = rows(lake, "event", where="act = 'ordered'")
    assert event["end_time"] == end
    assert event["time"] == datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "resource, pointer",
    [
        (PATIENT | {"birthDate": "in spring"}, "/birthDate"),
        (potassium("k", effectiveDateTime="yesterday"), "/effectiveDateTime"),
        (potassium("k", effectiveDateTime="2024-13-45"), "/effectiveDateTime"),
        (potassium("k", issued="soon"), "/issued"),
        ({"implicitRules": "soon"} | potassium("k", issued="soon"), "/issued"),
    ],
)
def test_time__that_is_none_is_told_with_its_pointer_and_the_record_kept(
    lake: Lake, inbox: Path, resource: dict[str, Any], pointer: str
) -> None:
    path = bundle(inbox / "a.json", {"resource": potassium("good")}, {"resource": resource})
    report = take(lake, path)
    problems = [each for each in report.sources[0].problems if each.code == "not-a-time"]
    (problem,) = problems
    assert (problem.record, problem.pointer) == (1, pointer)
    assert (report.loaded, report.rejected) == (2, 0)
    assert "spring" not in problem.message


def test_time__that_is_one_is_no_problem(lake: Lake, inbox: Path) -> None:
    partial = potassium("k", effectiveDateTime="2024-03")
    report = take(lake, ndjson(inbox / "a.ndjson", PATIENT, partial, order({"end": "2024"})))
    assert report.sources[0].problems == ()
