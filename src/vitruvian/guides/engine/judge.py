"""Each criterion of a guideline: yes, no or unknown, with what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from vitruvian.criteria import Measure, Range
from vitruvian.criteria.language.formula import Formula, names_in
from vitruvian.criteria.scores import holds
from vitruvian.guides.engine.facts import Facts, Found
from vitruvian.guides.engine.guide import Criterion, FedScore, Guide, Seen

Numbers = Mapping[str, Range | None]


@dataclass(frozen=True)
class Verdict:
    """One criterion for one patient.

    Parameters
    ----------
    criterion
        What was asked, with its citation.
    holds
        Yes, no, or None: unknown.
    numbers
        The numbers its formula speaks of.
    events
        Ids of the events that it stands on.
    missing
        Names of the facts that would tell; empty unless unknown.
    not_recorded
        Unknown, but a no if what is not on record here never was: to be shown as such.
    measured
        Whether a measurement is known that its numbers are made of, by themselves or by a score.
    """

    criterion: Criterion
    holds: bool | None
    numbers: Numbers
    events: tuple[int, ...]
    missing: tuple[str, ...]
    not_recorded: bool = False
    measured: bool = False


def judge(guide: Guide, facts: Facts, *, scores: Mapping[str, Measure]) -> dict[str, Verdict]:
    """The verdict on every criterion, by name."""
    seen = _seen(guide, facts)
    told = {**facts.numbers, **seen}
    numbers = {**told}
    for name in seen:
        needs = guide.criteria[name].needs
        if needs is not None and holds(needs, told) is not True:
            numbers[name] = None
    for name, fed in guide.scores.items():
        numbers[name] = _scored(scores[fed.by], fed, numbers)
    bench = _Bench(guide, facts, numbers)
    assumed = {**numbers, **dict.fromkeys(_not_recorded(guide, facts), Range(0, 0))}
    return {
        name: _marked(bench.verdict(criterion), assumed)
        for name, criterion in guide.criteria.items()
    }


def _not_recorded(guide: Guide, facts: Facts) -> list[str]:
    """The criteria looked for that nothing speaks of, in a record that somebody kept."""
    return [
        name
        for name, each in guide.criteria.items()
        if isinstance(each.asks, Seen)
        and each.observed_within is not None
        and facts.found[each.asks].seen is None
        and facts.found[each.asks].none_told
        and facts.presence.observed_within(each.observed_within)
    ]


def _marked(verdict: Verdict, assumed: Numbers) -> Verdict:
    """The verdict, marked where only what is not on record keeps it from being a no."""
    criterion = verdict.criterion
    if verdict.holds is not None:
        return verdict
    if isinstance(criterion.asks, Seen):
        spared = assumed.get(criterion.name) == Range(0, 0)
    else:
        needed = criterion.needs is None or holds(criterion.needs, assumed) is True
        spared = needed and holds(criterion.asks, assumed) is False
    return replace(verdict, not_recorded=spared)


def _seen(guide: Guide, facts: Facts) -> dict[str, Range | None]:
    """What was looked for, as 1, 0 or None."""
    seen: dict[str, Range | None] = {}
    for name, criterion in guide.criteria.items():
        if isinstance(criterion.asks, Seen):
            answer = facts.found[criterion.asks].seen
            seen[name] = None if answer is None else Range(float(answer), float(answer))
    return seen


def _scored(score: Measure, fed: FedScore, numbers: Numbers) -> Range | None:
    """The score over every value that its parts may have; missing parts by the guide's names."""
    known = {part: found for part, name in fed.inputs.items() if (found := numbers[name])}
    ends = product(*({found.low, found.high} for found in known.values()))
    ranges = [score.value(dict(zip(known, each, strict=True))) for each in ends]
    sure = [each for each in ranges if each is not None]
    if len(sure) < len(ranges):
        return None
    low, high = min(each.low for each in sure), max(each.high for each in sure)
    parts = {part for each in sure for part in each.missing}
    parts |= {part for part, found in known.items() if low < high and found.low < found.high}
    return Range(low, high, tuple(fed.inputs[part] for part in fed.inputs if part in parts))


@dataclass(frozen=True)
class _Bench:
    guide: Guide
    facts: Facts
    numbers: Numbers

    def verdict(self, criterion: Criterion) -> Verdict:
        if isinstance(criterion.asks, Seen):
            return self._seen(criterion, self.facts.found[criterion.asks])
        asks, needs = criterion.asks, criterion.needs
        names = sorted(names_in(asks) | (names_in(needs) if needs is not None else set()))
        answer = holds(asks, self.numbers)
        if needs is not None and holds(needs, self.numbers) is not True:
            answer = None
        return Verdict(
            criterion=criterion,
            holds=answer,
            numbers={name: self.numbers[name] for name in names},
            events=tuple(dict.fromkeys(each for name in names for each in self._events(name))),
            missing=self._missing(names, asks) if answer is None else (),
            measured=any(self._measured(name) for name in names),
        )

    def _measured(self, name: str) -> bool:
        """Whether a number is a known measurement, or a score of one; how many is none."""
        if name in self.guide.scores:
            return any(self._measured(part) for part in self.guide.scores[name].inputs.values())
        if name not in self.guide.measured or self.numbers[name] is None:
            return False
        return self.guide.task.constructs.measures[name].take != "count"

    def _seen(self, criterion: Criterion, found: Found) -> Verdict:
        answer = self.numbers[criterion.name]
        return Verdict(
            criterion=criterion,
            holds=None if answer is None else bool(answer.low),
            numbers={},
            events=found.events,
            missing=self._absent(criterion.name) if answer is None else (),
        )

    def _events(self, name: str) -> tuple[int, ...]:
        if name in self.guide.scores:
            parts = self.guide.scores[name].inputs.values()
            return tuple(each for part in parts for each in self._events(part))
        asks = self.guide.criteria[name].asks if name in self.guide.criteria else None
        seen = asks if isinstance(asks, Seen) else self.guide.measured.get(name)
        return () if seen is None else self.facts.events_behind(seen)

    def _missing(self, names: list[str], asks: Formula) -> tuple[str, ...]:
        """Facts without which the formula has no answer; its own names when all are there."""
        absent = dict.fromkeys(each for name in names for each in self._absent(name))
        return tuple(absent) or tuple(sorted(names_in(asks)))

    def _absent(self, name: str) -> tuple[str, ...]:
        found = self.numbers[name]
        if name in self.guide.scores:
            if found is None:
                fed = self.guide.scores[name].inputs.values()
                return tuple(each for part in fed for each in self._absent(part))
            # a part that the score names may be known, and not be enough
            return tuple(each for part in found.missing for each in self._absent(part) or (part,))
        asks = self.guide.criteria[name].asks if name in self.guide.criteria else None
        if found is None and isinstance(asks, Seen):
            return self.facts.found[asks].missing or (asks.predicate,)
        return (name,) if found is None else found.missing if found.low < found.high else ()
