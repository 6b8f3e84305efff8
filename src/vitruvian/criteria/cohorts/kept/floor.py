"""Small counts, withheld from roles that see counts only.

A count under the site's floor is withheld, and any other is rounded to a multiple of the floor,
so that nobody learns a small count as the difference of two large ones.

References
----------
NHS England, Hospital Episode Statistics analysis guide: small numbers are suppressed and others
rounded to a multiple.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vitruvian.criteria.cohorts.answer import Answer, Step
from vitruvian.criteria.cohorts.compare import Comparison, Group
from vitruvian.criteria.cohorts.shown.breakdown import Bar, Breakdown

NO_FLOOR = 0
COUNTS_ONLY = 10
SEES_PATIENTS = ("clinician", "administrator", "operator", "system")
"""Roles that see patients, unless the site says otherwise; every other role sees counts only."""


@dataclass(frozen=True)
class Floor:
    """The least count that a role sees; 0 sees all counts, and patients."""

    least: int = NO_FLOOR

    @property
    def sees_patients(self) -> bool:
        """Whether single patients may be listed."""
        return self.least == NO_FLOOR

    def count(self, number: int | None) -> int | None:
        """A count as it is told; None is withheld.

        Examples
        --------
        >>> [Floor(10).count(number) for number in (0, 3, 10, 17)]
        [0, None, 10, 20]
        """
        if number is None or number == 0 or self.sees_patients:
            return number
        if number < self.least:
            return None
        return (number + self.least // 2) // self.least * self.least

    def step(self, step: Step) -> Step:
        """A step as it is told."""
        return replace(step, persons=self.count(step.persons), triggers=self.count(step.triggers))

    def steps(self, answer: Answer) -> tuple[Step, ...]:
        """The steps of an answer as they are told."""
        return tuple(map(self.step, answer.steps))

    def breakdown(self, whole: Breakdown) -> Breakdown:
        """A breakdown as it is told; by sex within a bar it would tell too much."""
        bars = ([self._bar(bar) for bar in bars] for bars in (whole.sex, whole.age, whole.year))
        return Breakdown(*map(tuple, bars))

    def _bar(self, bar: Bar) -> Bar:
        return bar if self.sees_patients else Bar(bar.name, self.count(bar.total), {})

    def comparison(self, whole: Comparison) -> Comparison:
        """A comparison as it is told; no patients are listed."""
        return whole if self.sees_patients else Comparison(tuple(map(self._group, whole.groups)))

    def _group(self, group: Group) -> Group:
        persons, triggers = self.count(group.persons), self.count(group.triggers)
        return replace(group, listed=(), persons=persons, triggers=triggers)
