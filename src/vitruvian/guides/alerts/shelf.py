"""The alerts of one lake: their rules, each step of each, and the receipts of their trials.

No patient is in them, so they lie beside the lake in a file of their own. Nothing is changed in
place: a state is the last step, and every receipt stays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias  # a connection of the lake's database

import orjson

from vitruvian.base.clock import Clock, system_clock
from vitruvian.guides.alerts.errors import AlertExists, AlertNotReady, BadAlert, NoSuchAlert
from vitruvian.guides.alerts.receipt import Receipt, read_receipt
from vitruvian.guides.alerts.rule import AlertRule
from vitruvian.guides.engine.library import guide_named
from vitruvian.lake.disk.database import Database

State: TypeAlias = Literal["draft", "silent", "active", "retired"]

FILE = "alerts.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rule (
    name TEXT PRIMARY KEY, guide TEXT NOT NULL, answers TEXT NOT NULL, quiet_hours REAL NOT NULL);
CREATE TABLE IF NOT EXISTS step (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, state TEXT NOT NULL,
    at INTEGER NOT NULL, by TEXT NOT NULL, owner TEXT NOT NULL, why TEXT NOT NULL,
    edition TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS step_of ON step (alert);
CREATE TABLE IF NOT EXISTS receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT, alert TEXT NOT NULL, fingerprint TEXT NOT NULL,
    said TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS progress (alert TEXT PRIMARY KEY, since INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS waiting (
    alert TEXT NOT NULL, subject_id INTEGER NOT NULL, PRIMARY KEY (alert, subject_id));
"""
NEXT: dict[State, tuple[State, ...]] = {
    "draft": ("silent", "active", "retired"),
    "silent": ("active", "retired"),
    "active": ("silent", "retired"),
    "retired": (),
}
LONGEST = 400


@dataclass(frozen=True)
class AlertStep:
    """One step of an alert: into which state, when, by whom, with which owner, and why."""

    state: State
    at: datetime
    by: str
    owner: str
    why: str
    edition: str
    fingerprint: str


@dataclass(frozen=True)
class Asks:
    """What somebody asks of an alert: the state it shall have."""

    state: State
    by: str
    owner: str = ""
    why: str = ""


@dataclass(frozen=True)
class Standing:
    """An alert as it stands.

    Parameters
    ----------
    rule
        What it tells, and when.
    steps
        The oldest first; the last one is its state.
    receipts
        Of its trials, the newest first.
    lacks
        Why it does not speak although its state would let it; empty when it may.
    """

    rule: AlertRule
    steps: tuple[AlertStep, ...]
    receipts: tuple[Receipt, ...]
    lacks: str = ""

    @property
    def state(self) -> State:
        """The state it was put in last."""
        return self.steps[-1].state

    @property
    def since(self) -> datetime:
        """Since when it has this state."""
        return self.steps[-1].at

    @property
    def owner(self) -> str:
        """Who answers for it; empty before somebody does."""
        return next((step.owner for step in reversed(self.steps) if step.owner), "")

    @property
    def trial(self) -> Receipt | None:
        """The newest trial of exactly this rule in this edition."""
        own = (each for each in self.receipts if each.fingerprint == self.rule.fingerprint)
        return next(own, None)

    @property
    def runs(self) -> bool:
        """Whether it looks at what comes in."""
        return self.state in {"silent", "active"} and not self.lacks

    @property
    def speaks(self) -> bool:
        """Whether it may interrupt."""
        return self.state == "active" and not self.lacks


class AlertShelf:
    """The alerts of one lake."""

    def __init__(self, lake: Path, *, clock: Clock = system_clock) -> None:
        self.database = Database(lake / FILE, durability="FULL", schema=_SCHEMA)
        self._clock = clock

    def draft(self, rule: AlertRule, *, by: str) -> Standing:
        """Keep a new alert as a draft; raises `AlertExists`."""
        with self.database.writing() as connection:
            found = connection.execute("SELECT 1 FROM rule WHERE name=?", (rule.name,))
            if found.fetchone():
                raise AlertExists(rule.name)
            said = (rule.name, rule.guide, json.dumps(rule.answers), rule.quiet_hours)
            connection.execute("INSERT INTO rule VALUES (?, ?, ?, ?)", said)
            self._step(connection, rule, Asks("draft", by))
        return self.get(rule.name)

    def all(self) -> tuple[Standing, ...]:
        """Every alert: those that speak first, the retired last, then by name."""
        order = {"active": 0, "silent": 1, "draft": 2, "retired": 3}
        names = [str(name) for (name,) in self.database.rows("SELECT name FROM rule")]
        found = map(self.get, names)
        return tuple(sorted(found, key=lambda each: (order[each.state], each.rule.name)))

    def get(self, name: str) -> Standing:
        """One alert; raises `NoSuchAlert`."""
        rows = self.database.rows("SELECT * FROM rule WHERE name=?", (name,))
        if not rows:
            known = self.database.rows("SELECT name FROM rule ORDER BY name")
            raise NoSuchAlert(tuple(str(one) for (one,) in known))
        _, guide, answers, hours = rows[0]
        rule = AlertRule(name, str(guide), tuple(json.loads(str(answers))), float(str(hours)))
        steps = self._steps(name)
        return Standing(rule, steps, self._receipts(name), self._lacks(rule, steps[-1]))

    def speaking(self) -> dict[tuple[str, str], AlertRule]:
        """The alerts that may interrupt, by guideline and answer."""
        rules = (each.rule for each in self.all() if each.speaks)
        return {(rule.guide, answer): rule for rule in rules for answer in rule.answers}

    def move(self, name: str, asks: Asks) -> Standing:
        """Put an alert in another state.

        Raises
        ------
        AlertNotReady
            When its state or what is on record does not allow that.
        BadAlert
            When the owner or the reason is too long.
        """
        standing = self.get(name)
        if max(len(asks.owner), len(asks.why)) > LONGEST:
            fault = "the owner or the reason is too long"
            raise BadAlert(fault, expected=f"{LONGEST} characters at most")
        asks = Asks(asks.state, asks.by, asks.owner.strip(), asks.why.strip())
        _expect_allowed(standing, asks, today=self._clock().date())
        with self.database.writing() as connection:
            last = connection.execute(
                "SELECT state FROM step WHERE alert=? ORDER BY id DESC LIMIT 1", (name,)
            ).fetchone()
            if last[0] != standing.state:
                raise AlertNotReady(
                    name, state=asks.state, lacks="somebody else has just moved it", then="Look."
                )
            self._step(connection, standing.rule, asks)
        return self.get(name)

    def keep(self, receipt: Receipt) -> None:
        """Keep the receipt of a trial."""
        said = orjson.dumps(receipt, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO receipt (alert, fingerprint, said) VALUES (?, ?, ?)",
                (receipt.alert, receipt.fingerprint, said),
            )

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def _step(self, connection: Any, rule: AlertRule, asks: Asks) -> None:
        edition = guide_named(rule.guide).card.edition
        row = (
            *(rule.name, asks.state, _micros(self._clock()), asks.by, asks.owner, asks.why),
            *(edition, rule.fingerprint),
        )
        connection.execute(
            "INSERT INTO step (alert, state, at, by, owner, why, edition, fingerprint) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def _steps(self, name: str) -> tuple[AlertStep, ...]:
        sql = (
            "SELECT state, at, by, owner, why, edition, fingerprint FROM step WHERE alert=? "
            "ORDER BY id"
        )
        return tuple(map(_step_of, self.database.rows(sql, (name,))))

    def _receipts(self, name: str) -> tuple[Receipt, ...]:
        rows = self.database.rows(
            "SELECT said FROM receipt WHERE alert=? ORDER BY id DESC", (name,)
        )
        return tuple(read_receipt(str(said)) for (said,) in rows)

    def _lacks(self, rule: AlertRule, last: AlertStep) -> str:
        guide = guide_named(rule.guide)
        if last.state not in {"silent", "active"}:
            return ""
        if guide.card.review_by < self._clock().date():
            return f"its guideline is past its review date ({guide.card.review_by.isoformat()})"
        if rule.fingerprint != last.fingerprint:
            return f"its guideline has changed since ({last.edition} then)"
        return ""


def any_runs(lake: Path) -> bool:
    """Whether an alert of a lake was put where it runs; one without alerts gets no file."""
    if not (lake / FILE).is_file():
        return False
    shelf = AlertShelf(lake)
    try:
        return any(each.runs for each in shelf.all())
    finally:
        shelf.close()


def _expect_allowed(standing: Standing, asks: Asks, *, today: date) -> None:
    """Refuse a state that is not open from here, or not earned yet."""
    name, again = standing.rule.name, standing.state == asks.state and bool(standing.lacks)
    if asks.state not in NEXT[standing.state] and not again:
        ways = ", ".join(NEXT[standing.state]) or "none: a retired alert stays so"
        lacks = f"it is {standing.state}, from which the ways are: {ways}"
        raise AlertNotReady(name, state=asks.state, lacks=lacks, then="Draft a new one if need be.")
    if asks.state == "retired":
        if not asks.why:
            raise AlertNotReady(name, state="retired", lacks="no reason is given", then="Say why.")
        return
    review = guide_named(standing.rule.guide).card.review_by
    if review < today:
        lacks = f"its guideline is past its review date ({review.isoformat()})"
        raise AlertNotReady(name, state=asks.state, lacks=lacks, then="Have it reviewed first.")
    if asks.state == "active":
        _expect_earned(standing, asks)


def _expect_earned(standing: Standing, asks: Asks) -> None:
    """Refuse to let a rule interrupt that was not tried, or that nobody answers for."""
    name, receipt = standing.rule.name, standing.trial
    if receipt is None:
        lacks = (
            "its trials were of another edition of the rule"
            if standing.receipts
            else "no silent trial of it is on record"
        )
        raise AlertNotReady(
            name, state="active", lacks=lacks, then=f"Run `vitruvian alert trial {name}` first."
        )
    if receipt.facts_known_later:
        lacks = "its trial stands on facts that were known later"
        raise AlertNotReady(name, state="active", lacks=lacks, then="Report this defect.")
    if not (asks.owner or standing.owner):
        then = "Name the clinician who answers for it (--owner)."
        raise AlertNotReady(name, state="active", lacks="nobody answers for it", then=then)


def _step_of(row: Sequence[object]) -> AlertStep:
    state, at, by, owner, why, edition, fingerprint = row
    states: tuple[State, ...] = ("draft", "silent", "active", "retired")
    return AlertStep(
        state=next(each for each in states if each == state),
        at=datetime.fromtimestamp(int(str(at)) / 1e6, UTC),
        by=str(by),
        owner=str(owner),
        why=str(why),
        edition=str(edition),
        fingerprint=str(fingerprint),
    )


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)
