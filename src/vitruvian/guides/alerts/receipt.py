"""What a silent trial found: how loud an alert would have been, and how often it was right."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter

Z_95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


@dataclass(frozen=True)
class Proportion:
    """A share with its 95 % interval; None where nothing was counted.

    Parameters
    ----------
    hits, of
        How many, out of how many.
    share, low, high
        0 to 1.
    """

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def proportion(hits: int, of: int) -> Proportion:
    """A share with Wilson's 95 % interval.

    Parameters
    ----------
    hits
        0 to `of`.
    of
        How many were counted; 0 gives no share.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat
    Assoc 1927; 22: 209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> found = proportion(81, 263)
    >>> round(found.low, 3), round(found.high, 3)
    (0.255, 0.366)
    """
    if of == 0:
        return Proportion(0, 0, None, None, None)
    share, square = hits / of, Z_95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    width = Z_95 / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return Proportion(hits, of, share, max(middle - width, 0.0), min(middle + width, 1.0))


@dataclass(frozen=True)
class Judged:
    """Fires held against an outcome.

    Parameters
    ----------
    title
        What the outcome is, in the words of its definition.
    within_hours
        A fire is right when the outcome begins after it, and no later than this.
    ppv
        Of the fires whose time is over, those that were right.
    first_ppv
        The same of each patient's first fire only: fires of one patient are not independent.
    open
        Fires of which nobody can tell yet: their time is not over, or the outcome is unknown.
    foreseen
        Of the outcomes in the stretch, those with a fire in the time before.
    """

    title: str
    within_hours: float
    ppv: Proportion
    first_ppv: Proportion
    open: int
    foreseen: Proportion


@dataclass(frozen=True)
class Receipt:
    """A silent trial over history, as it was recorded.

    Parameters
    ----------
    alert, guide, edition, fingerprint
        The rule that was tried, in which edition; the fingerprint is of all that decides.
    ran_at, ran_by
        When, and by whom.
    snapshot, published_at
        The state of the lake that it ran on.
    begin, end
        The stretch of history, by what was known.
    patients
        Of how many patients it was asked; the guideline is not made for the others.
    patient_days
        Days on which something of a patient became known or a stay went on, of all patients.
    moments
        How often the guideline was asked: whenever something new was known.
    unknown
        At how many of these moments it could not be answered.
    fires, patients_fired, repeats
        How often it would have spoken, about how many patients, and what was held back because
        the same had been told.
    answers
        Fires by answer.
    days
        Fires by day (UTC), days without one left out.
    missing
        At how many of the unknown moments each fact was missing, the most frequent ones.
    facts, facts_known_later
        How many facts the fires stand on, and how many of those were known later: always 0.
    judged
        Against an outcome; None when none was given.
    """

    alert: str
    guide: str
    edition: str
    fingerprint: str
    ran_at: datetime
    ran_by: str
    software: str
    snapshot: str
    published_at: datetime
    begin: datetime
    end: datetime
    patients: int
    patient_days: int
    moments: int
    unknown: int
    fires: int
    patients_fired: int
    repeats: int
    facts: int
    facts_known_later: int
    answers: dict[str, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    judged: Judged | None = None

    @property
    def fires_per_100_patient_days(self) -> float | None:
        """The burden; None where there is no patient-day."""
        return 100 * self.fires / self.patient_days if self.patient_days else None


@cache
def _reader() -> TypeAdapter[Receipt]:
    return TypeAdapter(Receipt)


def read_receipt(said: str) -> Receipt:
    """A receipt out of the JSON that it is kept as.

    Raises
    ------
    ValidationError
        When it is not one of ours.
    """
    return _reader().validate_json(said)
