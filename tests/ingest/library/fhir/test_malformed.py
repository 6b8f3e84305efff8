"""Malformed resources: reported with record and pointer, the load goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import PATIENT, bundle, ndjson, potassium, rows, take
from vitruvian.lake import Lake


@pytest.mark.parametrize(
    "resource, pointer, code",
    [
        (PATIENT | {"name": "just words"}, "/name", "wrong-shape"),
        (PATIENT | {"name": [{"given": "one"}]}, "/name/0/given", "wrong-shape"),
        (PATIENT | {"birthDate": {"year": 1950}}, "/birthDate", "wrong-shape"),
        (potassium("k", code="K"), "/code", "wrong-shape"),
        (potassium("k", subject="Patient/ada"), "/subject", "wrong-shape"),  # type: ignore[arg-type]
        (potassium("k", valueQuantity=4.1), "/valueQuantity", "wrong-shape"),
        (potassium("k", component={"code": {}}), "/component", "wrong-shape"),
        (
            PATIENT | {"name": [{"given": ["Ada"]}, {"given": [{"of": "one"}]}]},
            "/name/1/given/0",
            "wrong-shape",
        ),
        (
            potassium(
                "k", component=[{"valueQuantity": {"value": 1}}, {"valueQuantity": {"value": [1]}}]
            ),
            "/component/1/valueQuantity/value",
            "wrong-shape",
        ),
        (
            PATIENT
            | {"extension": [{"url": "u", "extension": [{"url": "v", "valueCoding": "c"}]}]},
            "/extension/0/extension/0/valueCoding",
            "wrong-shape",
        ),
        (PATIENT | {"_birthDate": [{"id": "b"}]}, "/_birthDate", "wrong-shape"),
        (
            potassium("k", contained=[{"resourceType": "Patient", "name": [{"family": {}}]}]),
            "/contained/0/name/0/family",
            "wrong-shape",
        ),
        (
            {"resourceType": "Claim", "id": "c", "item": [{"detail": [{"subDetail": {}}]}]},
            "/item/0/detail/0/subDetail",
            "wrong-shape",
        ),
        ({"resourceType": "Patientt", "id": "x"}, "/resourceType", "unknown-type"),
        ({"id": "x"}, "/resourceType", "no-type"),
        ({"resourceType": 5, "id": "x"}, "/resourceType", "no-type"),
    ],
)
def test_resource__that_is_misshapen_is_told_with_its_pointer(
    lake: Lake, inbox: Path, resource: dict[str, Any], pointer: str, code: str
) -> None:
    good = potassium("good")
    report = take(lake, ndjson(inbox / "a.ndjson", good, resource))
    (problem,) = report.sources[0].problems
    assert (problem.record, problem.pointer, problem.code) == (1, pointer, code)
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)
    assert [row["resource_id"] for row in rows(lake, "resource")] == ["good"]


@pytest.mark.parametrize(
    "line, code",
    [
        (b'{"resourceType": "Patient", "id": }', "not-json"),
        (b'{"resourceType": "Patient", "id": "a",}', "not-json"),
        (b'{"resourceType": "Patient", "multipleBirthInteger": NaN}', "not-json"),
        (b'{"resourceType": "Patient", "id": "\xff\xfe"}', "not-utf-8"),
        (b'["resourceType", "Patient"]', "not-an-object"),
        (b"resourceType", "not-json"),
        (b'{"resourceType": "Patient", "language": "\\ud800n"}', "not-readable"),
        (b'{"resourceType": null, "resourceType": "Patient"}', "not-readable"),
    ],
)
def test_line__that_is_no_resource_is_told_with_its_number(
    lake: Lake, inbox: Path, line: bytes, code: str
) -> None:
    path = ndjson(inbox / "a.ndjson", PATIENT, potassium("k"))
    path.write_bytes(path.read_bytes() + line + b"\n")
    report = take(lake, path)
    (problem,) = report.sources[0].problems
    assert (problem.record, problem.code) == (2, code)
    assert (report.offered, report.loaded, report.rejected) == (3, 2, 1)


@pytest.mark.parametrize("levels", [600, 5_000, 200_000])
def test_record__nested_too_deep_is_told_and_the_load_goes_on(
    lake: Lake, inbox: Path, levels: int
) -> None:
    path = ndjson(inbox / "a.ndjson", PATIENT, potassium("k"))
    deep = b'{"a":' * levels + b"1" + b"}" * levels
    path.write_bytes(b'{"resourceType":"Patient","id":"d","x":' + deep + b"}\n" + path.read_bytes())
    report = take(lake, path)
    (problem,) = report.sources[0].problems
    assert (problem.record, problem.code) == (0, "too-deep")
    assert (report.offered, report.loaded, report.rejected) == (3, 2, 1)


def test_document__nested_too_deep_is_refused(lake: Lake, inbox: Path) -> None:
    path = bundle(inbox / "a.json", {"resource": PATIENT})
    path.write_text(path.read_text().replace('"ada"', '{"a":' * 5_000 + "1" + "}" * 5_000, 1))
    (source,) = take(lake, path).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "malformed")


def test_entry__without_a_type_is_told_and_the_bundle_goes_on(lake: Lake, inbox: Path) -> None:
    path = bundle(inbox / "a.json", {"resource": {"id": "x"}}, {"resource": PATIENT})
    report = take(lake, path)
    assert (report.offered, report.loaded, report.rejected) == (2, 1, 1)


@pytest.mark.parametrize(
    "kind", ["transaction", "batch", "collection", "searchset", "history", "document", "message"]
)
def test_bundle__of_every_type_is_read(lake: Lake, inbox: Path, kind: str) -> None:
    inner = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": potassium("k")}]}
    path = bundle(inbox / "a.json", {"resource": PATIENT}, {"resource": inner}, kind=kind)
    assert take(lake, path).loaded == 2


def test_bundle__of_answers_without_resources_holds_no_record(lake: Lake, inbox: Path) -> None:
    path = bundle(
        inbox / "a.json", {"response": {"status": "201 Created"}}, kind="transaction-response"
    )
    report = take(lake, path)
    assert (report.offered, report.refused) == (0, 0)


def test_empty_elements__are_no_fault(lake: Lake, inbox: Path) -> None:
    bare = {"resourceType": "Observation", "id": "bare", "subject": {"reference": "Patient/ada"}}
    report = take(lake, ndjson(inbox / "a.ndjson", bare))
    assert (report.loaded, report.sources[0].problem_count) == (1, 0)
    (event,) = rows(lake, "event")
    assert (event["code"], event["time"]) == ("FHIR//Observation", None)


@pytest.mark.parametrize(
    "extra",
    [
        {"name": [{"given": ["Ada", None], "_given": [None, {"id": "g"}]}]},
        {"birthDate": None, "_birthDate": {"extension": []}},
        {"contact": [{}, {"name": {"family": "Lind"}}]},
        {"colour": [1, {"by": "someone else"}]},
        {"contained": [{"resourceType": "Organization", "name": "N"}, {"name": "no type"}]},
    ],
)
def test_element__that_is_empty_or_foreign_is_no_fault(
    lake: Lake, inbox: Path, extra: dict[str, Any]
) -> None:
    report = take(lake, ndjson(inbox / "a.ndjson", PATIENT | extra))
    assert (report.loaded, report.rejected) == (1, 0)
