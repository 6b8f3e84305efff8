"""Lists of patients that are kept from state to state say what is stored now, after every write.

What is kept is compared with what a lake without memory says, and the order and the search with a
plain reading of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Hands, encounter, patient, stay
from tests.picture.rows import Row, at, event, lineage, table
from vitruvian.lake import Lake, Reader
from vitruvian.lake.engines.arrow import KeyReader
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.picture import Moment, Page, find_patients, worklist
from vitruvian.picture.answers import PatientList
from vitruvian.terms import fold
from vitruvian.trust import SYSTEM, Access

SUBJECTS = range(1, 8)
NAMES = (("Quux", "Anna"), ("Quux", None), ("Årud", "Bo Ib"), (None, None), ("Zeta", "Anna"))
WORDS = ("an", "quux", "q", "mrn-1", "arud b", "1950", "zeta an", "bo", "nobody")
CLINICIAN = Access(who="rossi", role="clinician", purpose="treatment")
STEWARD = Access(who="ana", role="data steward", purpose="operations")
KEEPER = Access(who="bo", role="administrator", purpose="operations")
WHOLE = Page(limit=200)


class World:
    """A lake, a clock, and chance."""

    def __init__(self, path: Path, seed: int) -> None:
        self.clock = Hands(at("2024-05-10T12:00"))
        self.lake = Lake.create(path, site="st-elsewhere", clock=self.clock)
        for who in (CLINICIAN, STEWARD, KEEPER):
            self.lake.accounts.create(who.who, display_name=who.who, role=who.role)
        self.chance = Random(seed)
        self.number = 10_000
        self.versions: list[tuple[int, int]] = []
        for subject in (1, 2, 3):
            self.person(subject)

    def next(self) -> int:
        self.number += 1
        return self.number

    def someone(self) -> int:
        return self.chance.choice(SUBJECTS)

    def some_time(self) -> datetime:
        return self.clock.now + timedelta(hours=self.chance.choice((-999, -30, -1, 0, 1, 5, 30)))

    def put(self, name: str, row: Row) -> None:
        self.lake.append(SYSTEM, {name: [row]})

    def person(self, subject: int | None = None) -> None:
        whose = self.someone() if subject is None else subject
        family, given = self.chance.choice(NAMES)
        version = self.next()
        words = fold(" ".join(filter(None, (given, family, f"mrn-{whose}"))))
        names = {"family": family, "given": given, "search_text": words}
        dead = self.chance.choice((None, None, True))
        self.put("patient", patient(whose, version_id=version, deceased=dead, **names))
        self.versions.append((whose, version))

    def visit(self) -> None:
        whose, number = self.someone(), self.next()
        end = self.chance.choice((None, None, self.some_time()))
        status = self.chance.choice(("in-progress", "finished", "planned"))
        begins = {"start_time": self.some_time(), "end_time": end, "status": status}
        self.put("encounter", encounter(number, whose, **begins))
        self.put("location_stay", stay(number, whose, **(begins | {"status": "active"})))
        self.versions.append((whose, number))

    def fact(self) -> None:
        whose, number = self.someone(), self.next()
        lane = self.chance.choice(("problem", "laboratory", "vital", "other"))
        said = {"category": lane, "time": self.some_time(), "state": "active"}
        end = self.chance.choice((None, self.some_time()))
        status = self.chance.choice(("final", "final", "entered-in-error"))
        ids = {"event_id": number, "version_id": number, "subject_id": whose}
        self.put("event", event(f"TEXT//{number % 9}", **ids, **said, end_time=end, status=status))
        self.versions.append((whose, number))

    def retire(self, *, named: bool = True) -> None:
        whose, target = self.chance.choice(self.versions)
        said = {"retirement_id": self.next(), "scope": "version", "target_id": target}
        about = {"subject_id": whose if named else None, "reason": "superseded"}
        self.put("retirement", {**said, **about, **lineage(known_at=self.clock.now)})

    def retire_unnamed(self) -> None:
        self.retire(named=False)

    def link(self) -> None:
        one, other = sorted((self.someone(), self.someone()))
        said = {"link_id": self.next(), "subject_id": other, "person_id": one}
        linked = self.chance.choice((True, True, False))
        self.put("person_link", {**said, "linked": linked, **lineage(known_at=self.clock.now)})

    def guard(self) -> None:
        said = {"grant_id": self.next(), "subject_id": self.someone(), "version_id": self.next()}
        row = {**said, "kind": "guard", "actor": "vip", "readable": True}
        self.put("grant", {**row, **lineage()})

    def label(self) -> None:
        whose, version = self.chance.choice(self.versions)
        said = {"sensitive_id": self.next(), "subject_id": whose, "version_id": version}
        self.put("sensitive", {**said, "label": "hiv", **lineage()})

    def load(self) -> None:
        with self.lake.bulk(SYSTEM) as load:
            whose, version = self.someone(), self.next()
            load.write("patient", table("patient", patient(whose, version_id=version)))
            said = {"event_id": self.next(), "version_id": version, "subject_id": whose}
            load.write("event", table("event", event("TEXT//loaded", category="problem", **said)))
        self.versions.append((whose, version))

    def drain(self) -> None:
        self.lake.drain(SYSTEM)

    def compact(self) -> None:
        self.lake.compact(SYSTEM)
        self.lake.vacuum(SYSTEM)

    def erase(self) -> None:
        eraser = Eraser(self.lake, keeps_ledger=False)
        with self.lake.read(SYSTEM) as reader:
            known = reader.rows("patient", columns=["subject_id"]).column(0).to_pylist()
        if known:
            request = eraser.ask(STEWARD, self.chance.choice(known), ground="objection")
            eraser.approve(KEEPER, request.id)
        eraser.close()

    def time_passes(self) -> None:
        self.clock.later(hours=self.chance.choice((0.01, 1, 2, 40)))

    def clock_is_set_back(self) -> None:
        self.clock.later(seconds=-self.chance.choice((1, 7200)))

    def looks(self) -> None:
        seen = self.clock.now
        self.lake.accounts.seen("rossi", person_id=self.someone(), at=seen)


STEPS: tuple[Callable[[World], None], ...] = (
    *(World.person, World.visit, World.visit, World.fact, World.fact, World.retire),
    *(World.retire_unnamed, World.link, World.guard, World.label, World.load, World.drain),
    *(World.compact, World.erase, World.time_passes, World.clock_is_set_back, World.looks),
)


def answers(reader: Reader, world: World) -> list[PatientList]:
    """The worklist and several searches."""
    moment = Moment(world.clock.now)
    page = Page(last_seen=lambda one: world.lake.accounts.last_seen("rossi", person_id=one))
    found = [worklist(reader, moment=moment, page=page)]
    return found + [find_patients(reader, words, moment=moment, page=page) for words in WORDS]


def expect_as_stored(world: World, access: Access) -> None:
    """What is kept says what a lake without memory says, and the plain rows say too."""
    with world.lake.read(access) as reader:
        kept = answers(reader, world)
        noted = set(reader.noted)
    remembers = world.lake._near
    world.lake._near = KeyReader()
    with world.lake.read(access) as reader:
        assert answers(reader, world) == kept
        assert reader.noted == noted
    world.lake._near = remembers
    with world.lake.read(access) as reader:
        assert [one.person_id for one in kept[0].patients] == plain_order(reader, world.clock.now)
        for words, found in zip(WORDS, kept[1:], strict=True):
            assert [one.person_id for one in found.patients] == plain_search(reader, words)


def plain_order(reader: Reader, now: datetime) -> list[str]:
    """In-patients first, then by the latest encounter, then by id: row by row."""
    visits = reader.rows("encounter").to_pylist()
    known = {reader.person_of(one) for one in reader.rows("patient")["subject_id"].to_pylist()}

    def key(person: int) -> tuple[bool, float, int]:
        own = [v for v in visits if reader.person_of(v["subject_id"]) == person]
        begun = [v for v in own if v["start_time"] <= now]
        here = any(
            v["status"] in ("in-progress", "onleave")
            and v["end_time"] is None
            and v["class_code"].endswith("//IMP")
            for v in begun
        )
        latest = max((v["start_time"].timestamp() for v in begun), default=0.0)
        return (not here, -latest, person)

    return [str(one) for one in sorted(known, key=key)]


def plain_search(reader: Reader, text: str) -> list[str]:
    """Every word begins a word of one record; in the order of those records."""
    wanted = fold(text).split()
    found: list[tuple[Any, ...]] = []
    for row in reader.rows("patient").to_pylist():
        own = [*row["search_text"].split(), row["birth_date"]]
        if all(any(one.startswith(word) for one in own) for word in wanted):
            name = [(row[part] is None, row[part] or "") for part in ("family", "given")]
            found.append((*name, reader.person_of(row["subject_id"])))
    return list(dict.fromkeys(str(one[-1]) for one in sorted(found)))


def expect_each_step(world: World, steps: list[Callable[[World], None]]) -> None:
    """Take the steps, and look at what is kept after each of them."""
    try:
        for step in steps:
            step(world)
            for access in (SYSTEM, CLINICIAN):
                expect_as_stored(world, access)
    finally:
        world.lake.close()


WALKS = st.lists(st.sampled_from(STEPS), min_size=4, max_size=14)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@given(WALKS, st.integers(0, 2**32))
@settings(max_examples=5, deadline=None, suppress_health_check=SLOW)
def test_lists_that_are_kept__say_what_is_stored_after_every_write(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Callable[[World], None]], seed: int
) -> None:
    expect_each_step(World(tmp_path_factory.mktemp("lists") / "lake", seed), steps)


@pytest.mark.torture
@given(WALKS, st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
def test_lists_that_are_kept__say_what_is_stored_after_many_writes(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Callable[[World], None]], seed: int
) -> None:
    expect_each_step(World(tmp_path_factory.mktemp("lists") / "lake", seed), steps)
