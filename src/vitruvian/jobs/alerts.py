"""Alerts on new data, as a process of its own: `python -m vitruvian.jobs.alerts DIR`.

Each alert remembers up to which instant it has looked. What was recorded since is first written
down as waiting, in one transaction with that instant; then each waiting patient is judged, what
fires is stored in the lake, and only then the patient waits no more. Killed at any moment, the next
run goes on; what was stored already fires no second time, as an alert's row is named by what it
says and of which facts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.errors import VitruvianError
from vitruvian.base.ids import stable_id
from vitruvian.guides.alerts import AlertShelf, Standing
from vitruvian.guides.alerts.rule import Fire, Hush, fire_of
from vitruvian.guides.engine.asked import AskedAt
from vitruvian.guides.engine.bedside import EPOCH, micros
from vitruvian.guides.engine.decide import decide_all
from vitruvian.guides.engine.library import guide_named
from vitruvian.jobs.upkeep import BUSY, DONE, FAILED, NICENESS
from vitruvian.lake import Lake, Reader
from vitruvian.lake.disk.durable import writer_lock
from vitruvian.lake.errors import WriterBusy
from vitruvian.trust import SYSTEM

# Any: one stored row
Told: TypeAlias = dict[str, Any]

AT_ONCE = 100
"""So many patients are judged and stored together."""


@dataclass(frozen=True)
class Watched:
    """What one run did: how many patients it judged, and how many alerts it wrote."""

    judged: int = 0
    fired: int = 0


@dataclass(frozen=True)
class Watch:
    """One run over one lake."""

    lake: Lake
    shelf: AlertShelf
    clock: Clock = system_clock

    def run(self) -> Watched:
        """Judge every patient of whom something new is known, by every alert that runs.

        Raises
        ------
        WriterBusy
            When another run goes on.
        """
        judged = fired = 0
        with writer_lock(self.lake.path / "alerts.lock"):
            for standing in self.shelf.all():
                if not standing.runs:
                    continue
                self._take_down(standing)
                while batch := self._waiting(standing.rule.name):
                    fired += self._judge(standing, batch)
                    judged += len(batch)
        return Watched(judged, fired)

    def _take_down(self, standing: Standing) -> None:
        """Write down whom to judge, and up to which instant that is known."""
        name = standing.rule.name
        since = self._since(standing)
        with self.lake.read(SYSTEM) as reader:
            subjects = _changed(reader, standing, since)
            until = reader.snapshot.published_at
        with self.shelf.database.writing() as connection:
            rows = [(name, subject) for subject in subjects]
            connection.executemany("INSERT OR IGNORE INTO waiting VALUES (?, ?)", rows)
            sql = "INSERT OR REPLACE INTO progress VALUES (?, ?)"
            connection.execute(sql, (name, micros(until)))

    def _since(self, standing: Standing) -> datetime:
        """Up to when it has looked; never before it began to run: the past is for trials."""
        sql = "SELECT since FROM progress WHERE alert=?"
        rows = self.shelf.database.rows(sql, (standing.rule.name,))
        begun = next(
            step.at
            for before, step in zip((None, *standing.steps), standing.steps, strict=False)
            if step.state in {"silent", "active"}
            and (before is None or before.state not in {"silent", "active"})
        )
        looked = datetime.fromtimestamp(int(str(rows[0][0])) / 1e6, UTC) if rows else EPOCH
        return max(looked, begun)

    def _waiting(self, name: str) -> list[int]:
        sql = "SELECT subject_id FROM waiting WHERE alert=? ORDER BY subject_id LIMIT ?"
        return [int(str(one)) for (one,) in self.shelf.database.rows(sql, (name, AT_ONCE))]

    def _judge(self, standing: Standing, subjects: Sequence[int]) -> int:
        """Judge some patients, store what fires, and let them wait no more; how many fired."""
        now = self.clock()
        name = standing.rule.name
        with self.lake.read(SYSTEM, known_at=now) as reader, reader.over_many(f"alert {name}"):
            people = sorted({reader.person_of(subject) for subject in subjects})
            found = [_fired(reader, standing, person, now) for person in people]
        rows = [_row(self.lake.site, standing, *each) for each in found if each is not None]
        if rows:
            self.lake.append(SYSTEM, {"alert": rows})
        with self.shelf.database.writing() as connection:
            done = [(name, subject) for subject in subjects]
            connection.executemany("DELETE FROM waiting WHERE alert=? AND subject_id=?", done)
        return len(rows)


_CHANGED = """
SELECT DISTINCT subject_id FROM event WHERE recorded_at > ? AND code IN ({codes})
UNION SELECT DISTINCT subject_id FROM encounter WHERE recorded_at > ?
"""


def _changed(reader: Reader, standing: Standing, since: datetime) -> list[int]:
    """The subjects of whom something was recorded that the guideline looks at."""
    atoms = guide_named(standing.rule.guide).plan.atoms.values()
    codes = sorted({code for plain in atoms for code in plain.codes.values})
    sql = _CHANGED.format(codes=", ".join(f"'{code}'" for code in codes))
    found = reader.query(sql, tables=["event", "encounter"], params=[since, since])
    return [int(one) for one in found["subject_id"].to_pylist()]


def _fired(
    reader: Reader, standing: Standing, person: int, now: datetime
) -> tuple[Fire, int] | None:
    """What an alert tells of one patient now, and of which subject; None for nothing new."""
    rule = standing.rule
    guide = guide_named(rule.guide)
    (decision,) = decide_all((guide,), AskedAt(reader, person, now))
    fire = fire_of(decision, rule=rule, guide=guide, person_id=person, at=now)
    if fire is None:
        return None
    members = reader.subjects_of(person)
    hush = Hush(rule.quiet)
    columns = ("name", "fingerprint", "answer", "fired_at", "facts")
    for row in reader.rows("alert", subjects=members, columns=columns).to_pylist():
        if row["name"] == rule.name and row["fingerprint"] == rule.fingerprint:
            hush.tell(Fire(person, row["fired_at"], row["answer"], tuple(row["facts"])))
    return None if hush.repeats(fire) else (fire, members[0])


def _row(site: str, standing: Standing, fire: Fire, subject: int) -> Told:
    rule = standing.rule
    said = (rule.name, rule.fingerprint, str(fire.person_id), fire.answer)
    facts = fire.facts or (micros(fire.at),)
    return {
        "alert_id": stable_id(*said, *map(str, facts)),
        "subject_id": subject,
        "site": site,
        "source_id": f"alert:{rule.name}",
        "locator": rule.fingerprint,
        "known_at": fire.at,
        "known_at_basis": "stated",
        "name": rule.name,
        "guide": rule.guide,
        "edition": guide_named(rule.guide).card.edition,
        "fingerprint": rule.fingerprint,
        "state": standing.state,
        "answer": fire.answer,
        "fired_at": fire.at,
        "facts": list(fire.facts),
    }


def main(path: Path) -> int:
    """One run, at the lowest claim on the processor; how it went."""
    os.nice(NICENESS)
    try:
        with Lake.open(path) as lake:
            shelf = AlertShelf(path)
            try:
                Watch(lake, shelf).run()
            finally:
                shelf.close()
    except WriterBusy:
        return BUSY  # another run goes on, and sees what we would
    except VitruvianError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    return DONE


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
