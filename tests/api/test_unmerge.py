"""Merge, then unmerge: every answer is what it was, now and as of any moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD, Hands
from tests.ingest.support import PATIENT, ndjson, potassium, rows, take
from vitruvian.api import Settings, create_app
from vitruvian.identity.matching import pair_id
from vitruvian.identity.review import Answer, decide
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM, Access

NAMES = ("ada", "bea", "cyd")
PAIRS = (("ada", "bea"), ("ada", "cyd"), ("bea", "cyd"))
KEEPER = Access(who="keeper", role="administrator", purpose="operations")
# The high potassium is in one record, the diabetes in another.
DIABETES: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "diabetes",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
    "subject": {"reference": "Patient/ada"},
    "onsetDateTime": "2020-01-01",
    "recordedDate": "2020-01-01",
}
HIGH = potassium("high", subject={"reference": "Patient/cyd"}) | {
    "valueQuantity": {"value": 6.9, "unit": "mmol/L", "code": "mmol/L",
                      "system": "http://unitsofmeasure.org"},
}  # fmt: skip
COHORT = """
predicates:
  diabetes: {code: SNOMED//44054006}
  potassium: {code: LOINC//2823-3, value_min: 6}
trigger: potassium
windows:
  before:
    start: null
    end: trigger
    start_inclusive: true
    end_inclusive: true
    has:
      diabetes: (1, None)
"""
# Words that tell of which state an answer was drawn, or how long it took; nothing of a patient.
OF_THE_STATE = {"as_of", "snapshot", "milliseconds", "seconds", "lastUpdated", "timestamp"}


@pytest.fixture
def three(tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    """Three records, each offered as one person with each other one."""
    people = [PATIENT | {"id": name, "identifier": []} for name in NAMES]
    given = ndjson(tmp_path / "three.ndjson", *people, potassium("usual"), DIABETES, HIGH)
    with Lake.create(tmp_path / "three", site="test", clock=clock) as lake:
        take(lake, given)
        clock.later(days=1)
        lake.append(SYSTEM, {"look_alike": [offer(lake, ends) for ends in PAIRS]})
        lake.accounts.create("admin", display_name="Administrator", role="administrator")
        lake.accounts.set_password("admin", password=PASSWORD)
        yield lake


@pytest.fixture
def keeper(three: Lake, clock: Hands, tmp_path: Path) -> Iterator[TestClient]:
    """A browser signed in as the administrator, who sees everybody."""
    app = create_app(three, settings=Settings(clock=clock, static=tmp_path / "static"))
    with TestClient(app, base_url=ORIGIN, headers=OURS) as browser:
        signed = {"name": "admin", "password": PASSWORD}
        assert browser.post("/api/sign-in", json=signed).status_code == 200
        yield browser


def subject(lake: Lake, name: str) -> int:
    (row,) = rows(lake, "resource_key", where="key = ?", params=[f"Patient/{name}"])
    found: int = row["subject_id"]
    return found


def number(lake: Lake, ends: tuple[str, str]) -> int:
    return pair_id(*(subject(lake, name) for name in ends))


def offer(lake: Lake, ends: tuple[str, str]) -> dict[str, Any]:
    low, high = sorted(subject(lake, name) for name in ends)
    pair = pair_id(low, high)
    return {
        "row_id": pair, "pair_id": pair, "subject_id": low, "other_id": high, "offered": True,
        "site": "test", "source_id": "test", "known_at": lake.clock(), "known_at_basis": "stated",
    }  # fmt: skip


def steady(answer: Any) -> Any:
    """An answer without the words that tell of its state."""
    if isinstance(answer, dict):
        return {name: steady(said) for name, said in answer.items() if name not in OF_THE_STATE}
    return [steady(each) for each in answer] if isinstance(answer, list) else answer


def answers(browser: TestClient, lake: Lake, moments: tuple[dict[str, str], ...]) -> dict[str, Any]:
    """Picture and timeline of everybody at every moment, worklist, cohort, FHIR search."""
    said: dict[str, Any] = {}
    for name in NAMES:
        person = subject(lake, name)
        for at, moment in enumerate(moments):
            for page in ("picture", "timeline"):
                address = f"/api/patients/{person}/{page}"
                said[f"{name} {page} {at}"] = browser.get(address, params=moment)
        said[f"{name} fhir"] = browser.get("/fhir/Observation", params={"patient": name})
    said["worklist"] = browser.get("/api/worklist")
    for route in ("answer", "patients"):
        said[f"cohort {route}"] = browser.post(f"/api/cohorts/{route}", json={"text": COHORT})
    # An address that is not there would be the same before and after.
    assert not [name for name, each in said.items() if "no-such-page" in each.text]
    return {name: (each.status_code, told(each)) for name, each in said.items()}


def told(answer: Any) -> Any:
    """What an answer says; of a refusal only which one."""
    said = answer.json()
    return said.get("problem") if answer.status_code >= 400 else steady(said)


verdicts = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.sampled_from(["same", "same", "unknown"])),
    min_size=1,
    max_size=3,
)


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=verdicts)
def test_merge_then_unmerge__leaves_every_answer_identical(
    keeper: TestClient, three: Lake, clock: Hands, said: list[tuple[tuple[str, str], Answer]]
) -> None:
    begun = clock.now
    moments: tuple[dict[str, str], ...] = (
        {},
        {"known_at": "2024-03-05T10:00:00Z"},
        {"recorded_at": begun.isoformat()},
    )
    before = answers(keeper, three, moments)
    for ends, answer in [*said, *((each, "unknown") for each in {ends for ends, _ in said})]:
        clock.later(seconds=5)
        decide(three, number(three, ends), answer, access=KEEPER, clock=clock)
    clock.now = begun + timedelta(seconds=40)
    assert answers(keeper, three, moments) == before


@pytest.mark.parametrize("first", ["bea", "ada"])
def test_record_that_went_on_to_another_person__leaves_nothing_at_the_one_before(
    keeper: TestClient, three: Lake, clock: Hands, first: str
) -> None:
    before = answers(keeper, three, ({},))
    begun = clock.now
    pairs: tuple[tuple[str, str], ...] = (("bea", "cyd"), ("ada", "cyd"))
    undone: list[tuple[tuple[str, str], Answer]] = [
        (ends, "unknown") for ends in sorted(pairs, key=lambda ends: first not in ends)
    ]
    said: list[tuple[tuple[str, str], Answer]] = [(ends, "same") for ends in pairs]
    for ends, answer in [*said, *undone]:
        clock.later(seconds=5)
        decide(three, number(three, ends), answer, access=KEEPER, clock=clock)
    clock.now = begun + timedelta(seconds=40)
    assert answers(keeper, three, ({},)) == before


def test_merge__changes_the_answers_while_it_stands(keeper: TestClient, three: Lake) -> None:
    before = answers(keeper, three, ({},))
    assert {before[f"ada {page}"][0] for page in ("picture 0", "timeline 0", "fhir")} == {200}
    assert before["cohort answer"][0] == 200
    decide(three, number(three, ("ada", "cyd")), "same", access=KEEPER, clock=three.clock)
    after = answers(keeper, three, ({},))
    changed = {name for name, said in after.items() if said != before[name]}
    assert {"ada picture 0", "cyd picture 0", "worklist", "cohort answer"} <= changed
