"""Searching the audit over HTTP: refused first, then each filter, paging, files, and its own rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, ORIGIN, OURS, PASSWORD, SECOND, Hands
from tests.picture.rows import lineage
from vitruvian.api import Settings, create_app
from vitruvian.lake import Lake
from vitruvian.lake.audit.checkpoints import make_checkpoint
from vitruvian.trust import SYSTEM, Access, Deed
from vitruvian.trust.audit.checkpoint import Signer
from vitruvian.trust.policy import DEFAULT

ROSSI = Access(who="rossi", role="clinician", purpose="treatment")
CHEN = Access(who="chen", role="clinician", purpose="quality")
SAME_NAME = Access(who="quux", role="clinician", purpose="treatment", reason="=HYPERLINK(1)")
As = Callable[[str], TestClient]


@pytest.fixture
def looked(lake: Lake, clock: Hands) -> Lake:
    """A lake with a few looks, an hour apart: the last by somebody of a patient's name."""
    lake.accounts.create("quux", display_name="Dr Lena Quux", role="clinician")
    guard = {**lineage(), "grant_id": 5, "subject_id": SECOND, "version_id": 5}
    lake.append(SYSTEM, {"grant": [{**guard, "kind": "guard", "actor": "vip", "readable": True}]})
    for access, deed in (
        (ROSSI, Deed("read", subjects=(FIRST,))),
        (ROSSI, Deed("refused", "refused")),
        (CHEN, Deed("read", definition="event")),
        (ROSSI, Deed("glass", subjects=(SECOND,))),
        (SAME_NAME, Deed("read", subjects=(FIRST,))),
    ):
        clock.later(hours=1)
        lake.audit.record(access, deed)
    return lake


@pytest.fixture
def sign_in(looked: Lake, clock: Hands, tmp_path: Path) -> Iterator[As]:
    """Browsers of accounts with any role."""
    settings = Settings(clock=clock, static=tmp_path / "static")
    with TestClient(create_app(looked, settings=settings), base_url=ORIGIN) as client:

        def signed(role: str) -> TestClient:
            name = role.replace(" ", "-")
            looked.accounts.create(name, display_name=f"One {role}", role=role)
            looked.accounts.set_password(name, password=PASSWORD)
            said = {"name": name, "password": PASSWORD}
            assert client.post("/api/sign-in", json=said, headers=OURS).status_code == 200
            client.headers.update(OURS)
            return client

        yield signed


def found(client: TestClient, **wish: Any) -> list[dict[str, Any]]:
    answer = client.post("/api/audit/search", json=wish)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def of(client: TestClient, **wish: Any) -> list[tuple[str, str]]:
    """Who and what of the rows found, oldest first, without those of the search itself."""
    rows = [row for row in found(client, **wish) if row["who"] in ("rossi", "chen", "quux")]
    return [(row["who"], row["kind"]) for row in reversed(rows)]


def test_nobody_signed_in__is_refused(anonymous: TestClient) -> None:
    assert anonymous.post("/api/audit/search", json={}, headers=OURS).status_code == 401


@pytest.mark.parametrize("role", ["clinician", "researcher", "data steward", "patient"])
def test_other_roles__are_refused_and_that_is_written_down(
    sign_in: As, looked: Lake, role: str
) -> None:
    client = sign_in(role)
    for answer in (
        client.post("/api/audit/search", json={}),
        client.post("/api/audit/export", json={"form": "csv"}),
    ):
        assert (answer.status_code, answer.json()["problem"]) == (403, "audit-closed")
    last = looked.audit.rows()[-1]
    assert (last.access.role, last.deed.outcome) == (role, "refused")


def test_policy_without_a_word_on_it__lets_the_auditor_alone(sign_in: As, looked: Lake) -> None:
    words = (
        DEFAULT.read_text("utf-8")
        .replace("[audit]", "")
        .replace('readers = ["auditor", "administrator"]', "")
    )
    (looked.path / "policy.toml").write_text(words)
    for role, status in (("administrator", 403), ("auditor", 200)):
        assert sign_in(role).post("/api/audit/search", json={}).status_code == status


def test_auditor__sees_who_looked_at_whom_when_and_why(sign_in: As) -> None:
    row = found(sign_in("auditor"), who="quux")[0]
    assert (row["name"], row["purpose"], row["reason"]) == (
        "Dr Lena Quux",
        "treatment",
        "=HYPERLINK(1)",
    )
    assert (row["persons"], row["patients"], row["at"]) == ([str(FIRST)], 1, "2024-05-10T17:00:00Z")
    assert row["flags"] == ["family"]


FILTERS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"who": "chen"}, [("chen", "read")]),
    ({"who": "Chen'; DROP TABLE audit; --"}, []),
    ({"person_id": str(FIRST)}, [("rossi", "read"), ("quux", "read")]),
    ({"identifier": "MRN-2"}, [("rossi", "glass")]),
    ({"purposes": ["quality"]}, [("chen", "read")]),
    ({"kinds": ["refused", "glass"]}, [("rossi", "refused"), ("rossi", "glass")]),
    ({"outcomes": ["refused"]}, [("rossi", "refused")]),
    ({"flags": ["family"]}, [("quux", "read")]),
    ({"flags": ["vip", "broken-glass"]}, [("rossi", "glass")]),
    ({"flags": ["own-record"]}, []),
    (
        {"since": "2024-05-10T15:00:00Z", "until": "2024-05-10T19:00:00+02:00"},
        [("chen", "read"), ("rossi", "glass")],
    ),
    ({"who": "rossi", "kinds": ["read"]}, [("rossi", "read")]),
]
MEANINGLESS: list[dict[str, Any]] = [
    {"person_id": "-1"},
    {"person_id": "1 OR 1=1"},
    {"purposes": ["curiosity"]},
    {"since": "yesterday"},
    {"limit": 100_000},
    {"before": 0},
    {"patient": "Anna"},
]


def test_each_filter__leaves_what_it_says(sign_in: As) -> None:
    client = sign_in("auditor")
    assert [of(client, **wish) for wish, _ in FILTERS] == [expected for _, expected in FILTERS]


def test_words_that_mean_nothing__are_refused(sign_in: As) -> None:
    client = sign_in("auditor")
    for wish in MEANINGLESS:
        answer = client.post("/api/audit/search", json=wish)
        assert answer.status_code == 422, wish
        assert "Anna" not in answer.text


def test_identifier_of_nobody__is_told(sign_in: As) -> None:
    answer = sign_in("auditor").post("/api/audit/search", json={"identifier": "MRN-none"})
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-patient")


def test_upkeep__is_left_out_when_it_is_not_wanted(sign_in: As) -> None:
    client = sign_in("auditor")
    assert {row["who"] for row in found(client)} >= {"system", "auditor", "rossi"}
    assert {row["who"] for row in found(client, upkeep=False)} == {"rossi", "chen", "quux"}


def test_pages__hold_every_row_once(sign_in: As, looked: Lake) -> None:
    client = sign_in("auditor")
    rows = len(looked.audit.rows())
    numbers: list[int] = []
    before = None
    while True:
        wish = {"limit": 3, "before": before} if before else {"limit": 3}
        page = client.post("/api/audit/search", json=wish).json()
        numbers += [row["row"] for row in page["rows"]]
        before = page["before"]
        if before is None:
            break
    assert numbers == sorted(set(numbers), reverse=True)
    assert set(range(1, rows + 1)) <= set(numbers)


def test_search__stands_in_the_audit_without_its_words_and_with_whose_record_was_meant(
    sign_in: As, looked: Lake
) -> None:
    found(sign_in("auditor"), identifier="MRN-2", who="rossi")
    rows = [row for row in looked.audit.rows() if row.access.who == "auditor"]
    deed, access = rows[-1].deed, rows[-1].access
    assert (deed.kind, deed.subjects) == ("read", (SECOND,))
    assert deed.definition == "audit search by identifier who"
    assert access.purpose == "operations"


def test_name_of_a_patient__stands_in_no_answer(sign_in: As) -> None:
    client = sign_in("auditor")
    for wish in ({}, {"identifier": "MRN-2"}):
        assert "Bruno" not in client.post("/api/audit/search", json=wish).text


def test_sheet__runs_no_formula_and_has_what_was_meant(sign_in: As, looked: Lake) -> None:
    answer = sign_in("auditor").post("/api/audit/export", json={"form": "csv", "who": "quux"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    row = next(csv.DictReader(io.StringIO(answer.text)))
    assert (row["who"], row["reason"], row["subjects"]) == ("quux", "'=HYPERLINK(1)", str(FIRST))
    assert looked.audit.rows()[-1].deed.kind == "export"


def test_cef__has_the_flags(sign_in: As) -> None:
    answer = sign_in("auditor").post("/api/audit/export", json={"form": "cef", "who": "quux"})
    (line,) = answer.text.splitlines()
    assert line.startswith("CEF:0|Vitruvian|")
    assert "cs2=family" in line


def test_file_of_too_many_rows__is_refused(sign_in: As, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vitruvian.api.routes.audit.routes.MOST_EXPORTED", 3)
    answer = sign_in("auditor").post("/api/audit/export", json={"form": "csv"})
    assert (answer.status_code, answer.json()["problem"]) == (422, "too-many-rows")


def test_rare_word_in_a_long_audit__is_looked_for_in_stretches(
    sign_in: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.lake.audit.search.MOST_LOOKED", 2)
    client = sign_in("auditor")
    first = client.post("/api/audit/search", json={"who": "chen"}).json()
    assert (first["rows"], first["before"] is None) == ([], False)
    before, seen = first["before"], []
    while before is not None:
        page = client.post("/api/audit/search", json={"who": "chen", "before": before}).json()
        seen += page["rows"]
        before = page["before"]
    assert [row["who"] for row in seen] == ["chen"]


def test_state__says_how_far_the_audit_is_signed(sign_in: As, looked: Lake) -> None:
    client = sign_in("auditor")
    assert client.post("/api/audit/search", json={}).json()["state"]["signed_rows"] is None
    made = make_checkpoint(looked, Signer(b"o" * 32))
    said = client.post("/api/audit/search", json={}).json()["state"]
    assert (said["signed_rows"], said["down"]) == (made.rows, [])
    assert said["rows"] > made.rows
