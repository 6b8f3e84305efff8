"""A server under load: the one too many is told to wait, the one too slow is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from tests.api.client import TestClient
from tests.api.conftest import OURS
from vitruvian.api import Settings, create_app
from vitruvian.api.guard.load import Bounds, Load
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

ENDLESS = "SELECT count(*) FROM range(1000000000000) a WHERE a.range % 7 = 3"


def scope_of(path: str, *, client: str = "192.0.2.1") -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [],
        "query_string": b"",
        "client": (client, 1),
    }


class Heard:
    """What a server sent."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): word.decode() for name, word in message["headers"]}
        self.body += message.get("body", b"")


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


class Held:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await self.go.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(load: Load, path: str, client: str) -> Heard:
    heard = Heard()
    await load(scope_of(path, client=client), nothing, heard)
    return heard


async def crowd(asking: list[tuple[str, str]], *, bounds: Bounds) -> list[int]:
    """Ask all at once; what each was answered once the first were let go."""
    held = Held()
    load = Load(held, bounds=bounds)
    waiting = [asyncio.ensure_future(ask(load, path, client)) for path, client in asking]
    for _ in range(5):
        await asyncio.sleep(0)
    held.go.set()
    answered = [one.status for one in await asyncio.gather(*waiting)]
    again = await ask(load, "/api/session", "192.0.2.1")
    assert again.status == 204, "every place is free again"
    return answered


def test_one_too_many__is_told_to_wait() -> None:
    asking = [("/api/session", f"192.0.2.{n}") for n in range(4)]
    bounds = Bounds(at_once=3, of_one=3)
    assert asyncio.run(crowd(asking, bounds=bounds)) == [204, 204, 204, 429]


def test_one_machine__does_not_take_every_place() -> None:
    asking = [("/api/session", "192.0.2.1")] * 3 + [("/api/session", "192.0.2.2")]
    bounds = Bounds(at_once=9, of_one=2)
    assert asyncio.run(crowd(asking, bounds=bounds)) == [204, 204, 429, 204]


def test_monitor__is_answered_when_nobody_else_is() -> None:
    asking = [("/api/session", "192.0.2.1")] * 2 + [("/health", "192.0.2.1")]
    bounds = Bounds(at_once=1, of_one=1)
    assert asyncio.run(crowd(asking, bounds=bounds)) == [204, 429, 204]


@pytest.mark.parametrize(
    "path, shape", [("/api/session", b'"too-busy"'), ("/fhir/Patient", b"OperationOutcome")]
)
def test_being_told_to_wait__has_the_shape_of_its_interface(path: str, shape: bytes) -> None:
    heard = asyncio.run(ask(Load(Held(), bounds=Bounds(at_once=0)), path, "192.0.2.1"))
    assert (heard.status, heard.headers["retry-after"]) == (429, "1")
    assert shape in heard.body


@pytest.fixture
def hasty(lake: Lake) -> Iterator[TestClient]:
    """A server that gives a request little time, and a route that never ends."""
    app = create_app(lake, settings=Settings(bounds=Bounds(seconds=0.3)))
    assert isinstance(app, FastAPI)

    def endless() -> None:
        with lake.read(SYSTEM) as reader:
            reader.query(ENDLESS, tables=[])

    app.get("/fhir-endless")(endless)
    app.router.routes.insert(0, app.router.routes.pop())
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def test_query_without_end__is_stopped_and_answered_with_a_time_to_wait(
    hasty: TestClient, lake: Lake
) -> None:
    answer = hasty.get("/fhir-endless")  # comes back only when the query was stopped
    assert (answer.status_code, answer.json()["problem"]) == (503, "took-too-long")
    assert answer.headers["retry-after"] == "30"
    assert lake.audit.rows()[-1].deed.outcome == "failed"
    assert hasty.get("/health").status_code == 200


def test_upload__takes_as_long_as_it_takes() -> None:
    async def slow_upload() -> int:
        left = iter([True, True, True, True, False])

        async def piece() -> Message:
            await asyncio.sleep(0.08)
            return {"type": "http.request", "body": b"x", "more_body": next(left)}

        async def takes_all(scope: Scope, receive: Receive, send: Send) -> None:
            while (await receive())["more_body"]:
                pass
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        heard = Heard()
        await Load(takes_all, bounds=Bounds(seconds=0.3))(scope_of("/api/x"), piece, heard)
        return heard.status

    assert asyncio.run(slow_upload()) == 201


def test_every_answer_that_says_later__says_when(rossi: TestClient) -> None:
    rossi.cookies.clear()
    wrong = {"name": "rossi", "password": "not-the-one-at-all"}
    answers = [rossi.post("/api/sign-in", json=wrong, headers=OURS) for _ in range(21)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
