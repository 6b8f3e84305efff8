"""The bill of materials and the look-up of advisories."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.house_rules.tree import ROOT
from tools import advisories, sbom
from tools.advisories import CLEAN, FOUND, NOT_REACHED, accepted_now
from tools.sbom import Library, bill, libraries, of_python, of_web


def test_bill__is_valid_cyclonedx() -> None:
    validation = pytest.importorskip(
        "cyclonedx.validation.json", reason="the oracle of CycloneDX is not installed"
    )
    schema = pytest.importorskip("cyclonedx.schema")
    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(bill(libraries()))) is None


def test_bill__has_every_line_of_both_locks() -> None:
    found = {one.purl for one in libraries()}
    lock = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pinned = [line.split()[0].partition(";")[0] for line in lock if "==" in line.split(" ")[0]]
    assert len(pinned) > 100
    for line in pinned:
        name, _, version = line.partition("==")
        assert f"pkg:pypi/{name}@{version}" in found
    web = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    direct = web["packages"][""]["dependencies"]
    assert direct
    for name in direct:
        version = web["packages"][f"node_modules/{name}"]["version"]
        assert f"pkg:npm/{name.replace('@', '%40')}@{version}" in found


def test_bill__tells_what_an_installation_needs_from_what_it_may_leave() -> None:
    required = {one.name for one in libraries() if one.required}
    assert {"duckdb", "pyarrow", "fastapi", "starlette", "react"} <= required
    assert not {"pytest", "mypy", "vite"} & required


def test_bill__is_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert sbom.main([str(tmp_path / name)]) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_locks__are_read_line_by_line() -> None:
    lock = "no-such-thing-here==1.2 \\\n    --hash=sha256:00\n    # via x\nOther.Name==3 ; x\n"
    assert [one.purl for one in of_python(lock)] == [
        "pkg:pypi/no-such-thing-here@1.2",
        "pkg:pypi/other-name@3",
    ]
    web = {
        "packages": {
            "": {"name": "web"},
            "node_modules/@a/b": {"version": "1", "integrity": "sha512-AAE="},
            "node_modules/@a/b/node_modules/c": {"version": "2", "dev": True},
        }
    }
    assert list(of_web(web)) == [
        Library("npm", "@a/b", "1", required=True, sha512="0001"),
        Library("npm", "c", "2", required=False),
    ]


# ---------------------------------------------------------------- advisories


@contextmanager
def source(answers: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """A source on this machine that gives the answers in turn, and what it was asked."""
    asked: list[Any] = []

    class Speaker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.path, body))
            said = answers.pop(0)
            data = said if isinstance(said, bytes) else json.dumps(said(body)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Speaker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def saying(**by_name: list[str]) -> Any:
    """Answers as OSV words them: one result a query, empty where nothing is known."""

    def said(body: Any) -> Any:
        purls = [query["package"]["purl"] for query in body["queries"]]
        found = [by_name.get(purl.split("/")[1].partition("@")[0], []) for purl in purls]
        return {
            "results": [{"vulns": [{"id": one} for one in some]} if some else {} for some in found]
        }

    return said


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"results": []}', b'{"code": 3}'])
def test_answer_that_is_none__is_not_taken_for_nothing_known(
    answer: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with source([answer]) as (address, _):
        assert advisories.main(["--source", address]) == NOT_REACHED
    assert capsys.readouterr().out.startswith("NOT LOOKED UP")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "file:///etc/hosts", "nowhere.invalid"])
def test_source_that_is_not_reached__says_so(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisories.main(["--source", address]) == NOT_REACHED
    assert "NOT LOOKED UP" in capsys.readouterr().out


def test_nothing_known__is_clean_and_every_library_was_asked_about() -> None:
    with source([saying()]) as (address, asked):
        assert advisories.main(["--source", address]) == CLEAN
    ((path, body),) = asked
    assert path == "/v1/querybatch"
    assert len(body["queries"]) == len(libraries())


def test_weakness__is_told_with_its_library_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with source([saying(duckdb=["GHSA-made-up"], vite=["CVE-0"])]) as (address, _):
        assert advisories.main(["--source", address]) == FOUND
    out = capsys.readouterr().out
    assert "WEAKNESS GHSA-made-up in duckdb" in out
    assert "(installed): https://osv.dev/GHSA-made-up" in out
    assert "WEAKNESS CVE-0 in vite" in out


def test_further_pages__are_asked_for() -> None:
    def first(body: Any) -> Any:
        rest: list[dict[str, Any]] = [{} for _ in body["queries"][1:]]
        return {"results": [{"vulns": [{"id": "A"}], "next_page_token": "t"}, *rest]}

    with source([first, saying()]) as (address, asked):
        assert advisories.main(["--source", address]) == FOUND
    assert asked[1][1]["queries"] == [
        {"package": {"purl": asked[0][1]["queries"][0]["package"]["purl"]}, "page_token": "t"}
    ]


def test_accepted_advisory__needs_a_reason_and_a_day_that_has_not_passed() -> None:
    rules = {
        "A": {"why": "not our part", "until": dt.date(2026, 6, 30)},
        "B": {"why": "not our part", "until": dt.date(2026, 6, 29)},
        "C": {"why": "", "until": dt.date(2027, 1, 1)},
    }
    assert accepted_now(rules, today=dt.date(2026, 6, 30)) == {"A"}
