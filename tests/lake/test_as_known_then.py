"""Law 3 at the lake: every as-of answer equals a replay, and later data changes none of them.

The independent truth is a plain list of what was written, replayed in Python.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lake.rows import DAY, DOCTOR, START, TickingClock, arrow, event, ids, retirement
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

SUBJECTS = (1, 2)
DAYS = 4

known_days = st.integers(0, DAYS)
arrivals = st.lists(st.tuples(st.sampled_from(SUBJECTS), known_days), min_size=1, max_size=3)
endings = st.tuples(
    st.sampled_from(["event", "version", "derivation"]), st.integers(0, 30), known_days
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), arrivals),
        st.tuples(st.just("bulk"), arrivals),
        st.tuples(st.sampled_from(["retire", "retire in bulk", "correct"]), endings),
        st.tuples(st.sampled_from(["drain", "compact", "vacuum"]), st.none()),
    ),
    min_size=1,
    max_size=14,
)


@dataclass(frozen=True)
class Said:
    """One row as the plain replay remembers it."""

    row: dict[str, Any]
    recorded_at: datetime

    def holds(self, *, known_at: datetime | None, recorded_at: datetime | None) -> bool:
        known = known_at is None or self.row["known_at"] <= known_at
        return known and (recorded_at is None or self.recorded_at <= recorded_at)


@dataclass
class Replay:
    """All that was ever written, in plain Python."""

    events: list[Said] = field(default_factory=list)
    ends: list[Said] = field(default_factory=list)

    def answer(
        self, *, subjects: tuple[int, ...], known_at: datetime | None, recorded_at: datetime | None
    ) -> list[int]:
        ended = {
            (end.row["scope"], end.row["target_id"])
            for end in self.ends
            if end.holds(known_at=known_at, recorded_at=recorded_at)
        }
        return sorted(
            said.row["event_id"]
            for said in self.events
            if said.row["subject_id"] in subjects
            and said.holds(known_at=known_at, recorded_at=recorded_at)
            and ("event", said.row["event_id"]) not in ended
            and ("version", said.row["version_id"]) not in ended
            and ("derivation", said.row["derivation_id"]) not in ended
        )


@dataclass
class Play:
    """A lake and its replay, side by side."""

    lake: Lake
    replay: Replay = field(default_factory=Replay)
    instants: list[datetime] = field(default_factory=list)
    next_id: int = 0

    def step(self, kind: str, what: Any) -> None:
        if kind in {"drain", "compact", "vacuum"}:
            getattr(self.lake, kind)(SYSTEM)
        elif kind in {"append", "bulk"}:
            self.write("event", [self.new_event(*one) for one in what], bulk=kind == "bulk")
        else:
            self.end(kind, *what)

    def new_event(self, subject: int, known_day: int) -> dict[str, Any]:
        self.next_id += 1
        n = self.next_id
        return event(
            n, subject=subject, known_day=known_day, version_id=n // 2, derivation_id=n % 3
        )

    def end(self, kind: str, scope: str, target: int, known_day: int) -> None:
        """Retire something, which may not exist; a correction brings its successor as well."""
        self.next_id += 1
        targets = {"event": target, "version": target // 2, "derivation": target % 3}
        found = [s.row for s in self.replay.events if s.row[f"{scope}_id"] == targets[scope]]
        # A version is about one subject; a derivation about nobody in particular.
        subjects = {row["subject_id"] for row in found}
        subject = subjects.pop() if len(subjects) == 1 and scope != "derivation" else None
        gone = retirement(
            self.next_id, scope=scope, target=targets[scope], subject=subject, known_day=known_day
        )
        self.write("retirement", [gone], bulk=kind == "retire in bulk")
        if kind == "correct":
            self.write("event", [self.new_event(subject or 1, known_day)], bulk=False)

    def write(self, table: str, rows: list[dict[str, Any]], *, bulk: bool) -> None:
        if bulk:
            with self.lake.bulk(SYSTEM) as load:
                load.write(table, arrow(table, rows))
            with self.lake.read(DOCTOR) as reader:
                recorded_at = reader.snapshot.published_at
        else:
            recorded_at = self.lake.append(SYSTEM, {table: rows})
        self.instants.append(recorded_at)
        said = [Said(row, recorded_at) for row in rows]
        (self.replay.events if table == "event" else self.replay.ends).extend(said)

    def ask(
        self, *, known_at: datetime | None, recorded_at: datetime | None
    ) -> list[tuple[tuple[int, ...], list[pa.Table]]]:
        """The same question in every way the door can be asked."""
        with self.lake.read(DOCTOR, known_at=known_at, recorded_at=recorded_at) as reader:
            everybody = [
                reader.rows("event", columns=["event_id"]),
                reader.query("SELECT event_id FROM event", tables=["event"]),
            ]
            each = [((one,), [reader.rows("event", subjects=[one])]) for one in SUBJECTS]
        return [(SUBJECTS, everybody), *each]

    def differences(self) -> list[str]:
        """Every question at which the lake and the replay differ."""
        wrong = []
        for recorded_at in [None, *self.instants]:
            for known_at in [None, *(START + day * DAY for day in range(DAYS + 1))]:
                as_of = {"known_at": known_at, "recorded_at": recorded_at}
                for subjects, answers in self.ask(**as_of):
                    expected = self.replay.answer(subjects=subjects, **as_of)
                    if any(ids(one) != expected for one in answers):
                        wrong.append(f"{subjects} known {known_at} recorded {recorded_at}")
        return wrong


def play(moves: list[tuple[str, Any]]) -> list[str]:
    """Do the moves, asking after each for the newest answers, and at the end for all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Lake.create(Path(folder) / "lake", clock=TickingClock()) as lake,
    ):
        game = Play(lake)
        for kind, what in moves:
            game.step(kind, what)
        return game.differences()


COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=6, derandomize=True, **COMMON)  # type: ignore[arg-type]
@given(steps)
def test_every_as_of_answer__equals_the_replay(moves: list[tuple[str, Any]]) -> None:
    assert play(moves) == []


@pytest.mark.torture
@settings(max_examples=60, **COMMON)  # type: ignore[arg-type]
@given(steps)
def test_every_as_of_answer__equals_the_replay_at_length(moves: list[tuple[str, Any]]) -> None:
    assert play(moves) == []


def test_one_long_story__equals_the_replay() -> None:
    moves: list[tuple[str, Any]] = [
        ("append", [(1, 0), (2, 0)]),
        ("bulk", [(1, 3), (2, 1)]),
        ("correct", ("event", 1, 2)),
        ("drain", None),
        ("retire in bulk", ("derivation", 2, 1)),
        ("append", [(1, 4)]),
        ("drain", None),
        ("compact", None),
        ("vacuum", None),
        ("correct", ("version", 4, 4)),
        ("bulk", [(1, 0)]),
    ]
    assert play(moves) == []
