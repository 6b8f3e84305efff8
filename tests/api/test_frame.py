"""What surrounds every answer: headers, log lines, health, metrics, the web pages."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog
from structlog.testing import LogCapture

from tests.api.client import TestClient
from vitruvian.api.web import file_below
from vitruvian.lake import Lake


@pytest.mark.parametrize("path", ["/api/session", "/health", "/nowhere", "/api/nothing"])
def test_every_answer__carries_the_security_headers(anonymous: TestClient, path: str) -> None:
    headers = anonymous.get(path).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_answers_about_patients__are_kept_by_no_cache(rossi: TestClient) -> None:
    assert rossi.get("/api/patients/1/picture").headers["cache-control"] == "no-store"


def test_log_line__names_the_route_and_no_person(rossi: TestClient) -> None:
    heard = LogCapture()
    structlog.configure(processors=[heard])
    try:
        rossi.get("/api/patients/1/series", params={"code": "LOINC//2823-3"})
        rossi.post("/api/patients/search", json={"text": "Anna Quux"})
    finally:
        structlog.reset_defaults()
    routes = [entry["route"] for entry in heard.entries if entry["event"] == "request"]
    assert routes == ["/api/patients/{person_id}/series", "/api/patients/search"]
    said = str(heard.entries)
    assert "2823-3" not in said
    assert "Quux" not in said


def test_health__says_what_can_be_read(anonymous: TestClient) -> None:
    health = anonymous.get("/health").json()
    assert health["status"] == "ok"
    assert health["snapshot"]


def test_metrics__count_routes_not_people(rossi: TestClient) -> None:
    rossi.get("/api/patients/1/picture")
    text = rossi.get("/metrics").text
    line = 'method="GET",route="/api/patients/{person_id}/picture",status="200"} 1'
    assert line in text
    assert "/patients/1/" not in text


def test_web_pages__missing_say_how_to_build_them(anonymous: TestClient) -> None:
    answer = anonymous.get("/patients/1")
    assert answer.status_code == 503
    assert "make web" in answer.text


def test_web_pages__answer_every_address_with_the_page(
    anonymous: TestClient, tmp_path: Path
) -> None:

    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<p>page</p>", "utf-8")
    (static / "assets" / "a1.js").write_text("1", "utf-8")
    assert anonymous.get("/patients/1").text == "<p>page</p>"
    assert "immutable" in anonymous.get("/assets/a1.js").headers["cache-control"]
    assert anonymous.get("/").headers["cache-control"] == "no-cache"


def test_web_files__outside_the_folder_are_never_served(tmp_path: Path) -> None:

    root = tmp_path
    (root / "static").mkdir()
    (root / "secret").write_text("x", "utf-8")
    assert file_below(root / "static", "../secret") is None
    assert file_below(root / "static", "/etc/passwd") is None


def test_health__tells_an_alarm_of_the_audit_and_goes_on(
    anonymous: TestClient, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vitruvian.lake.disk.durable.os.pwrite", full)
    assert anonymous.get("/health").json()["status"] == "audit-alarm"
    assert "vitruvian_audit_sinks_down 1\n" in anonymous.get("/metrics").text
    monkeypatch.undo()
    assert anonymous.get("/health").json()["status"] == "ok"
    assert "vitruvian_audit_sinks_down 0\n" in anonymous.get("/metrics").text
