"""What an alert says, and when: the rule of one alert, and what it stands on."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vitruvian.guides.alerts.errors import BadAlert
from vitruvian.guides.engine.decide import Decision
from vitruvian.guides.engine.guide import Guide
from vitruvian.guides.engine.library import LIBRARY, guide_named

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
QUIET_HOURS = 8.0
"""So long the same words about the same patient are not repeated, unless the site says otherwise.

A working shift, as for cards of CDS Hooks here: an organisational choice, no medical threshold.
"""
MOST_QUIET_HOURS = 24.0 * 365
LOUD = ("warning", "critical")


@dataclass(frozen=True)
class AlertRule:
    """One alert: whenever something new is known of a patient, the guideline is asked.

    Parameters
    ----------
    name
        What the site calls it.
    guide
        The guideline whose answer it tells.
    answers
        The answers that fire it.
    quiet_hours
        So long the same answer about the same patient is not repeated.
    """

    name: str
    guide: str
    answers: tuple[str, ...]
    quiet_hours: float = QUIET_HOURS

    @property
    def quiet(self) -> timedelta:
        """The same as a span of time."""
        return timedelta(hours=self.quiet_hours)

    @property
    def fingerprint(self) -> str:
        """A hash of everything that decides when it fires: another one is another edition."""
        said = (_decides(self.guide), sorted(self.answers), float(self.quiet_hours))
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


def _decides(guide: str) -> list[Any]:
    """What of a guideline's files decides; its owner and review date do not."""
    folder = LIBRARY / guide
    combine = tomllib.loads((folder / "combine.toml").read_text("utf-8"))
    combine["guide"] = {"edition": combine["guide"]["edition"]}
    known = guide_named(guide)
    # a site's own codes beside ours decide too
    codes = {name: sorted(plain.codes.values) for name, plain in known.plan.atoms.items()}
    written = (folder / "criteria.yaml").read_text("utf-8")
    return [guide, known.manifest.version, codes, written, combine]


def rule_for(
    name: str, guide: Guide, *, answers: Sequence[str] = (), quiet_hours: float | None = None
) -> AlertRule:
    """The rule of a new alert.

    Parameters
    ----------
    name
        Small letters, digits and underscores.
    guide
        The guideline that is asked.
    answers
        Those that fire it; none means every answer that the guideline calls a warning or critical.
    quiet_hours
        0 to a year; None means 8.

    Raises
    ------
    BadAlert
        When the name or an answer cannot be used, or the guideline never becomes an alert.
    """
    if not NAME.fullmatch(name):
        fault = "its name cannot be used"
        raise BadAlert(fault, expected="small letters, digits and _, a letter first, 60 at most")
    _expect_interrupting(guide)
    loud = tuple(row.answer for row in guide.rows if row.urgency in LOUD)
    chosen = tuple(dict.fromkeys(answers)) or loud
    known = [row.answer for row in guide.rows if row.urgency != "none"]
    if not chosen or any(each not in known for each in chosen):
        fault = "an answer is none that can fire" if chosen else "no answer of it is a warning"
        listed = "; ".join(known) or "another guideline: this one has no answer to tell"
        raise BadAlert(fault, expected=f"answers among: {listed}")
    hours = QUIET_HOURS if quiet_hours is None else quiet_hours
    if not 0 <= hours <= MOST_QUIET_HOURS:
        fault = "so many quiet hours are not possible"
        raise BadAlert(fault, expected=f"0 to {MOST_QUIET_HOURS:.0f} hours")
    return AlertRule(name, guide.name, chosen, hours)


def _expect_interrupting(guide: Guide) -> None:
    if guide.manifest.status == "retired":
        fault = f"guideline {guide.name!r} is an older edition"
        raise BadAlert(fault, expected="the edition in use")
    if not guide.card.interrupts:
        fault = f"guideline {guide.name!r} is shown, and by its own words never an alert"
        raise BadAlert(fault, expected="a guideline that interrupts")
    if not guide.in_memory:
        fault = f"guideline {guide.name!r} cannot be replayed over history in memory"
        raise BadAlert(fault, expected="a guideline without formulas over whole records")


@dataclass(frozen=True)
class Fire:
    """One alert about one patient.

    Parameters
    ----------
    person_id
        Whom it is about.
    at
        When it fired: the instant at which something new was known.
    answer
        What the guideline answered.
    facts
        The events that it stands on, ascending.
    """

    person_id: int
    at: datetime
    answer: str
    facts: tuple[int, ...]


def fire_of(
    decision: Decision, *, rule: AlertRule, guide: Guide, person_id: int, at: datetime
) -> Fire | None:
    """What a rule would tell of a decision, whether or not it was told before."""
    if decision.status != "answered" or decision.answer not in rule.answers:
        return None
    row = next(row for row in guide.rows if row.answer == decision.answer)
    verdicts = decision.trace or {}
    behind = {event for name in row.criteria for event in verdicts[name].events if event > 0}
    return Fire(person_id, at, decision.answer, tuple(sorted(behind)))


@dataclass
class Hush:
    """What one patient's alert told already: the same is not told again.

    Neither within the quiet hours, nor ever of the very same facts.
    """

    quiet: timedelta
    told: dict[str, datetime] = field(default_factory=dict)
    facts: set[tuple[str, tuple[int, ...]]] = field(default_factory=set)

    def repeats(self, fire: Fire) -> bool:
        """Whether this was told already."""
        last = self.told.get(fire.answer)
        if last is not None and fire.at - last < self.quiet:
            return True
        return bool(fire.facts) and (fire.answer, fire.facts) in self.facts

    def tell(self, fire: Fire) -> None:
        """Remember that it was told."""
        self.told[fire.answer] = max(fire.at, self.told.get(fire.answer, fire.at))
        self.facts.add((fire.answer, fire.facts))
