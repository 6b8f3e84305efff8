"""Random deeds of several callers at once, while the server is stopped, resumed and killed.

In every history of every resource, one order explains all answers: nothing acknowledged is lost,
no update overwrites one it did not know, nobody reads back in time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import PASSWORD
from tests.api.fhir.conftest import JSON_TYPE
from tests.api.fhir.history import Deed, faults
from tests.api.test_emergency import Server, started
from vitruvian.lake import Lake

KEYS = ("a", "b")
CALLERS = 4
REFUSED = frozenset({409, 412})
ABSENT = frozenset({404, 410})


def written(value: str, number: int, began: float, ended: float, **more: int | None) -> Deed:
    return Deed("write", began, ended, value=value, number=number, **more)  # type: ignore[arg-type]


# ------------------------------------------------------------------ the checker finds what is wrong


def test_checker__accepts_what_one_order_explains() -> None:
    deeds = [
        written("x", 1, 0, 3),
        written("y", 2, 1, 2),
        Deed("read", 2.5, 4, value="y", number=2),
        Deed("write", 5, value="z", expected=2),
        Deed("read", 6, 7, value="z", number=3),
        Deed("write", 8, 9, value="w", expected=2, refused=True),
        Deed("delete", 10, 11),
        Deed("read", 12, 13),
    ]
    assert list(faults(deeds, {1: "x", 2: "y", 3: "z", 4: None})) == []


@pytest.mark.parametrize(
    "deeds, versions, word",
    [
        ([written("x", 1, 0, 1), written("y", 2, 2, 3)], {1: "x"}, "lost"),
        ([written("x", 1, 0, 1), written("y", 1, 2, 3)], {1: "y"}, "lost"),
        ([written("x", 2, 0, 1), written("y", 1, 2, 3)], {1: "y", 2: "x"}, "only one after"),
        (
            [written("x", 1, 0, 1), written("y", 2, 2, 3), written("z", 3, 4, 5, expected=1)],
            {1: "x", 2: "y", 3: "z"},
            "took the place of another",
        ),
        (
            [
                written("x", 1, 0, 1),
                written("y", 2, 2, 3),
                Deed("read", 4, 5, value="x", number=1),
            ],
            {1: "x", 2: "y"},
            "told of version 1",
        ),
        ([written("x", 1, 0, 1), Deed("read", 2, 3)], {1: "x"}, "found nothing"),
        ([written("x", 1, 0, 1), Deed("delete", 2, 3)], {1: "x"}, "left nothing"),
        ([Deed("write", 0, value="x")], {1: "x", 2: "x"}, "twice"),
        ([written("x", 1, 0, 1)], {1: "x", 3: "y"}, "dense"),
        (
            [written("x", 1, 0, 1), Deed("write", 2, 3, value="y", expected=1, refused=True)],
            {1: "x"},
            "refused, and only that",
        ),
        (
            [written("x", 1, 0, 1), Deed("write", 2, 3, value="y", expected=0, refused=True)],
            {1: "x", 2: "y"},
            "nobody wrote, or that was refused",
        ),
    ],
)
def test_checker__finds_what_no_order_explains(
    deeds: list[Deed], versions: dict[int, str | None], word: str
) -> None:
    assert any(word in fault for fault in faults(deeds, versions))


# ------------------------------------------------------------------ histories of a real server


@dataclass
class Scene:
    """A server that is stopped and killed, and what its callers saw."""

    lake: Path
    server: Server
    seen: dict[str, list[Deed]] = field(default_factory=lambda: {key: [] for key in KEYS})
    guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, deed: Deed) -> None:
        with self.guard:
            self.seen[key].append(deed)

    def killed_and_started(self) -> None:
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.communicate()
        self.server = started(self.lake, link=False)

    def paused(self, seconds: float) -> None:
        os.kill(self.server.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(self.server.process.pid, signal.SIGCONT)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Lake.create(tmp_path / "lake") as lake:
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
    made = Scene(tmp_path / "lake", started(tmp_path / "lake", link=False))
    yield made
    made.server.process.kill()
    made.server.process.communicate()


class Caller:
    """Does one random thing after another to a few resources."""

    def __init__(self, scene: Scene, name: int, seed: int) -> None:
        self.scene, self.name = scene, name
        self.dice = random.Random(f"{seed} {name}")
        self.known: dict[str, int] = {}
        self.client = httpx.Client(
            auth=httpx.BasicAuth("rossi", PASSWORD), timeout=60, headers=JSON_TYPE
        )

    def work(self, count: int) -> None:
        with self.client:
            for number in range(count):
                key = self.dice.choice(KEYS)
                kind = self.dice.choice(["put", "put", "cas", "cas", "read", "read", "delete"])
                self.deed(key, kind, f"{self.name}-{number}")

    def deed(self, key: str, kind: str, value: str) -> None:
        method = {"read": "GET", "delete": "DELETE"}.get(kind, "PUT")
        word = {"GET": "read", "DELETE": "delete", "PUT": "write"}[method]
        expected = self.known.get(key) if kind == "cas" else None
        headers = {} if expected is None else {"if-match": f'W/"{expected}"'}
        said = {"resourceType": "Patient", "id": key, "name": [{"text": value}]}
        body = json.dumps(said).encode() if method == "PUT" else None
        sent = value if method == "PUT" else None
        began = time.monotonic()
        try:
            answer = self.client.request(
                method, f"{self.scene.server.base}/fhir/Patient/{key}", content=body,
                headers=headers,
            )  # fmt: skip
        except httpx.TransportError:
            # Whether it was done nobody knows; the next server is asked the next thing.
            self.scene.note(key, Deed(word, began, value=sent, expected=expected))  # type: ignore[arg-type]
            time.sleep(0.5)
            return
        ended = time.monotonic()
        self.scene.note(key, self.told(answer, Deed(word, began, ended, sent, expected=expected)))  # type: ignore[arg-type]
        if answer.status_code in {200, 201}:
            self.known[key] = number_of(answer)

    def told(self, answer: httpx.Response, deed: Deed) -> Deed:
        status = answer.status_code
        if deed.kind == "read":
            assert status in {200, *ABSENT}
            if status in ABSENT:
                return deed
            shown = answer.json()["name"][0]["text"]
            return Deed("read", deed.began, deed.ended, shown, number_of(answer))
        if deed.kind == "delete":
            assert status in {200, 204}
            return deed
        if status in REFUSED:
            assert deed.expected is not None
            return Deed(**{**deed.__dict__, "refused": True})
        assert status in {200, 201}, answer.text
        return Deed(**{**deed.__dict__, "number": number_of(answer)})


def number_of(answer: httpx.Response) -> int:
    return int(answer.json()["meta"]["versionId"])


def stored_in_the_end(scene: Scene, key: str) -> dict[int, str | None]:
    with httpx.Client(auth=httpx.BasicAuth("rossi", PASSWORD), timeout=60) as client:
        answer = client.get(f"{scene.server.base}/fhir/Patient/{key}/_history?_count=1000")
    if answer.status_code in ABSENT:
        return {}
    found: dict[int, str | None] = {}
    times = []
    for entry in answer.json().get("entry", []):
        etag = entry["response"]["etag"]
        resource = entry.get("resource")
        found[int(etag.strip('W/"'))] = resource["name"][0]["text"] if resource else None
        times.append(entry["response"]["lastModified"])
    assert times == sorted(times, reverse=True)
    return found


def lived_through(scene: Scene, *, seed: int, count: int, kills: int) -> list[str]:
    """What no order explains, after callers worked while the server was paused and killed."""
    dice = random.Random(seed)
    with ThreadPoolExecutor(CALLERS) as pool:
        work = [pool.submit(Caller(scene, name, seed).work, count) for name in range(CALLERS)]
        for _ in range(kills):
            time.sleep(dice.uniform(0.5, 2.5))
            scene.paused(dice.uniform(0.05, 0.5))
            time.sleep(dice.uniform(0.0, 1.0))
            scene.killed_and_started()
        for one in work:
            one.result()
    assert sum(map(len, scene.seen.values())) == CALLERS * count
    ends = {key: stored_in_the_end(scene, key) for key in KEYS}
    return [fault for key in KEYS for fault in faults(scene.seen[key], ends[key])]


def test_a_sample_of_histories__has_one_order_for_every_resource(scene: Scene) -> None:
    assert lived_through(scene, seed=1, count=8, kills=1) == []
    with Lake.open(scene.lake) as lake:
        assert lake.site == "hospital"


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(20))
def test_many_histories__have_one_order_for_every_resource(scene: Scene, seed: int) -> None:
    assert lived_through(scene, seed=seed, count=40, kills=4) == []
