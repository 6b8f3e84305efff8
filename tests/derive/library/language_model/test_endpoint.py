"""Which endpoint is asked, and one that answers late, endlessly, wrongly or not at all."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.derive.library.language_model.server import Model, completion, honest, running
from vitruvian.derive.engine.extractor import Extractor, Finding, left_out
from vitruvian.derive.errors import EndpointNotOurs, EndpointSilent, SettingsMissing
from vitruvian.derive.text import Note, pack_for

ADDRESS, HOSTS = "VITRUVIAN_LANGUAGE_MODEL", "VITRUVIAN_LANGUAGE_MODEL_HOSTS"
SECONDS = "VITRUVIAN_LANGUAGE_MODEL_SECONDS"
TEXT = "She has fever since Monday."


def read(extractor: Extractor, text: str = TEXT) -> list[Finding]:
    return list(extractor.extract(Note(text, pack_for("en"))))


@pytest.mark.parametrize(
    "address",
    [
        "http://192.0.2.7:8080/v1",
        "http://model.example.org/v1",
        "http://127.0.0.1@model.example.org/v1",
        "http://127.0.0.1.example.org/v1",
        "http://[::ffff:192.0.2.7]/v1",
        "http://declared.example.org/v1",
        "ftp://127.0.0.1/v1",
        "127.0.0.1:8080",
        "http://127.0.0.1:99999/v1",
        "http://[127.0.0.1/v1",
        "http://127.0.0.1/v1?to=elsewhere",
    ],
)
def test_address_elsewhere__is_refused_before_anything_is_sent(
    extractor: Extractor, model: Model, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(ADDRESS, address)
    monkeypatch.setenv(HOSTS, "declared.example.org")
    with pytest.raises(EndpointNotOurs, match="nothing was sent"):
        read(extractor)
    assert model.asked == []


def test_name_of_this_machine_that_leads_elsewhere__is_refused(
    extractor: Extractor, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, model.address.replace("127.0.0.1", "localhost"))
    peer = ("192.0.2.7", 80)

    class Elsewhere(socket.socket):
        def getpeername(self) -> Any:
            return peer

    monkeypatch.setattr(socket, "socket", Elsewhere)
    with pytest.raises(EndpointNotOurs, match="leads to another"):
        read(extractor)
    assert model.asked == []


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1e9", "nan"])
def test_wait_of_no_sense__is_refused(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch, seconds: str
) -> None:
    monkeypatch.setenv(SECONDS, seconds)
    with pytest.raises(EndpointNotOurs, match="seconds"):
        read(extractor)


def test_without_settings__it_says_which_are_missing(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ADDRESS)
    with pytest.raises(SettingsMissing, match=f"{ADDRESS} not set"):
        read(extractor)


def test_nobody_listening__ends_the_run(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    monkeypatch.setenv(ADDRESS, f"http://127.0.0.1:{port}/v1")
    with pytest.raises(EndpointSilent, match="ConnectionRefusedError"):
        read(extractor)


@pytest.mark.parametrize("status", [301, 307, 401, 403, 404])
def test_endpoint_set_up_differently__ends_the_run_and_no_redirect_is_followed(
    extractor: Extractor, model: Model, status: int
) -> None:
    model.answer = lambda _: status
    with pytest.raises(EndpointSilent, match=f"HTTP {status}"):
        read(extractor)
    assert len(model.asked) == 1


def test_proxy_of_the_environment__gets_nothing(
    extractor: Extractor, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        assert [found.code for found in read(extractor)] == ["TEXT//fever"]
        assert proxy.asked == []
    assert len(model.asked) == 1


def test_key__is_sent_and_shown_nowhere(
    extractor: Extractor, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VITRUVIAN_LANGUAGE_MODEL_KEY", "sesame")
    read(extractor)
    assert model.headers[0]["authorization"] == "Bearer sesame"
    model.answer = lambda _: 401
    with pytest.raises(EndpointSilent) as told:
        read(extractor)
    assert "sesame" not in f"{told.value!r} {extractor.release}"


def unending(file: Any) -> None:
    file.write(b"\r\n")
    for _ in itertools.count():
        file.write(b" " * 65_536)


def unending_chunks(file: Any) -> None:
    file.write(b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in itertools.count():
        file.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")


def unending_heads(file: Any) -> None:
    for number in itertools.count():
        file.write(b"X-%d: more\r\n" % number)


def half(file: Any) -> None:
    file.write(b'Content-Length: 900\r\n\r\n{"choices": [{"mess')


def hang_up(file: Any) -> None:
    file.write(b"Content-Len")


BAD = {
    "too-long": lambda _: unending,
    "too-long ": lambda _: unending_chunks,
    "connection-broken": lambda _: unending_heads,
    "not-a-completion     ": lambda _: hang_up,
    "not-a-completion": lambda _: half,
    "not-a-completion ": lambda _: b"<html>Bad gateway</html>",
    "not-a-completion  ": lambda _: b'{"choices": []}',
    "not-a-completion   ": lambda _: b'{"choices": [{"message": "fever"}]}',
    "not-a-completion    ": lambda _: b"[" * 100_000,
    "not-json": lambda _: json.dumps(completion('{"facts": [{"kind": "pro')).encode(),
    "not-json ": lambda _: json.dumps(completion("She has fever.")).encode(),
    "not-json  ": lambda _: json.dumps(completion("[" * 100_000)).encode(),
    "not-the-form": lambda _: json.dumps(completion('["fever"]')).encode(),
    "not-the-form ": lambda _: json.dumps(completion('{"facts": [], "to": 2}')).encode(),
    "refused": lambda _: json.dumps(completion("", message={"refusal": "I cannot."})).encode(),
    "cut-short": lambda _: json.dumps(completion("{}", finish_reason="length")).encode(),
    "http-400": lambda _: 400,
    "http-429": lambda _: 429,
    "http-500": lambda _: 500,
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_answer__is_counted_and_the_next_note_is_read(
    extractor: Extractor, model: Model, kind: str
) -> None:
    model.answer = BAD[kind]
    assert read(extractor) == []
    model.answer = honest
    assert len(read(extractor)) == 1
    assert left_out([extractor]) == {kind.strip(): 1}
    assert left_out([extractor]) == {}


@pytest.mark.parametrize("busy", [False, True])
def test_answer_that_does_not_come__is_waited_for_no_longer_than_said(
    extractor: Extractor, model: Model, monkeypatch: pytest.MonkeyPatch, *, busy: bool
) -> None:
    def slow(file: Any) -> None:
        while not model.over.wait(0.01):
            file.write(b"X" if busy else b"")

    model.answer = lambda _: slow
    monkeypatch.setenv(SECONDS, "0.3")
    assert read(extractor) == []
    assert left_out([extractor]) == {"timed-out": 1}


def failing(model: Model, times: int) -> Callable[[str], Any]:
    return lambda part: 503 if len(model.asked) <= times else honest(part)


def test_endpoint_that_keeps_failing__ends_the_run(extractor: Extractor, model: Model) -> None:
    model.answer = failing(model, 5)
    for _ in range(4):
        assert read(extractor) == []
    with pytest.raises(EndpointSilent, match="5 questions in a row, http-503"):
        read(extractor)


def test_endpoint_that_recovers__is_asked_on(extractor: Extractor, model: Model) -> None:
    model.answer = failing(model, 4)
    found = [read(extractor) for _ in range(6)]
    assert [len(each) for each in found] == [0, 0, 0, 0, 1, 1]
