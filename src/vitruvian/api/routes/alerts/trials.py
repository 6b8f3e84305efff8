"""Trials that run a little with every request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from vitruvian.api.deps import Visit
from vitruvian.api.routes.alerts.words import NewTrial
from vitruvian.criteria.cohorts import read_definition
from vitruvian.guides.alerts.outcome import outcome_of
from vitruvian.guides.alerts.rule import AlertRule
from vitruvian.guides.alerts.shelf import AlertShelf
from vitruvian.guides.alerts.trial import RanOn, Trial, receipt_of, trial_for
from vitruvian.picture import Moment
from vitruvian.trust.access import Operation

if TYPE_CHECKING:
    from vitruvian.lake import Reader

SECONDS = 1.5
"""How long one request runs a trial; the page asks again for the rest."""
MOST_KEPT = 16


@dataclass
class _Kept:
    trial: Trial
    recorded_at: datetime
    guard: Lock = field(default_factory=Lock)


@dataclass
class Trials:
    """The trials of this server that are under way, the oldest dropped first."""

    kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)
    guard: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> _Kept | None:
        """A trial under way."""
        with self.guard:
            return self.kept.get(key)

    def begin(self, key: Hashable, trial: Trial, reader: Reader) -> _Kept:
        """A trial that somebody else may have begun just now."""
        with self.guard:
            found = self.kept.setdefault(key, _Kept(trial, reader.snapshot.published_at))
            while len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
            return found

    def end(self, key: Hashable) -> None:
        """A trial whose receipt is kept."""
        with self.guard:
            self.kept.pop(key, None)


@dataclass(frozen=True)
class Running:
    """One request to go on with a trial."""

    visit: Visit
    shelf: AlertShelf
    trials: Trials
    operation: Operation

    def go_on(self, rule: AlertRule, asked: NewTrial) -> Trial:
        """Go on for a moment; a finished trial leaves its receipt on the shelf."""
        if asked.outcome is not None:
            read_definition(asked.outcome)  # refused before the work, not after it
        who = self.visit.session.account.name
        key = (who, rule.name, rule.fingerprint, asked.model_dump_json())
        kept = self.trials.find(key) or self._begin(key, rule, asked)
        trial, until = kept.trial, monotonic() + SECONDS
        with kept.guard, self._reading(trial.end, kept.recorded_at) as reader:
            with reader.over_many(f"trial of alert {rule.name}"):
                trial.advance(reader, enough=lambda: monotonic() > until)
            if trial.finished and self.trials.find(key) is not None:
                self._keep(trial, reader, asked)
                self.trials.end(key)
        return trial

    def _begin(self, key: Hashable, rule: AlertRule, asked: NewTrial) -> _Kept:
        moment = Moment(self.visit.clock(), known_at=asked.end)
        with self.visit.read(moment, operation=self.operation) as reader:
            trial = trial_for(rule, reader, begin=asked.begin, end=asked.end)
            return self.trials.begin(key, trial, reader)

    def _reading(self, known_at: datetime, recorded_at: datetime) -> AbstractContextManager[Reader]:
        """What comes in meanwhile is not part of the trial."""
        moment = Moment(self.visit.clock(), known_at=known_at, recorded_at=recorded_at)
        return self.visit.read(moment, operation=self.operation)

    def _keep(self, trial: Trial, reader: Reader, asked: NewTrial) -> None:
        outcome = None
        if asked.outcome is not None:
            within = timedelta(hours=asked.within_hours)
            outcome = outcome_of(read_definition(asked.outcome), reader, within=within)
        ran = RanOn(
            at=self.visit.clock(),
            by=self.visit.session.account.name,
            snapshot=reader.snapshot.id,
            published_at=reader.snapshot.published_at,
        )
        self.shelf.keep(receipt_of(trial, ran, outcome=outcome))
