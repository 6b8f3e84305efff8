"""Where the events come from, and which of them count by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vitruvian.criteria.over_lake.observed import OBSERVED

AXES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "act": ("observed", "administered"),
        "status": ("final", "preliminary", "corrected"),
        "polarity": ("affirmed",),
        "certainty": ("certain",),
        "temporality": ("current", "historical"),
        "experiencer": ("patient",),
    }
)
"""What a predicate sees of the timeline unless it names another value: affirmed, certain, about
the patient, not cancelled nor entered in error, observed or administered, not hypothetical."""

WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "act": frozenset(
            {
                *("observed", "ordered", "dispensed", "administered"),
                *("reported", "planned", "not-done"),
            }
        ),
        "status": frozenset(
            {
                *("final", "preliminary", "corrected"),
                *("cancelled", "entered-in-error", "wrong-patient"),
            }
        ),
        "polarity": frozenset({"affirmed", "negated"}),
        "certainty": frozenset({"certain", "probable", "possible", "unknown"}),
        "temporality": frozenset({"current", "historical", "hypothetical"}),
        "experiencer": frozenset({"patient", "family"}),
    }
)
"""The words of the house for each axis."""


@dataclass(frozen=True)
class Source:
    """A relation of events.

    Parameters
    ----------
    relation
        Its name. Columns: subject_id, time, code, numeric_value, and those predicates name.
    instants
        Whether `time` knows its zone (TIMESTAMPTZ); answers then do so too.
    axes
        What a predicate sees unless it says otherwise, by column; empty sees all rows.
    fact_key
        Column that is equal for one fact told twice; such a fact counts once. None counts rows.
    event_id
        Column that names a row, for explanations; None when rows have no name.
    intervals
        Whether rows have an `end_time`, so that codes may say `//start` and `//end`.
    doubts
        Whether rows have `time_min`, `time_max` (partial dates) and `comparator` (`<0.2`), so
        that three-valued logic can tell a sure hit from a possible one.
    observed
        Relation of observation periods (subject_id, start_time, end_time); None: none known.
    by_person
        Whether the subjects of a reader of the lake are seen as the persons they are.
    """

    relation: str
    instants: bool = False
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fact_key: str | None = None
    event_id: str | None = None
    intervals: bool = False
    observed: str | None = None
    doubts: bool = False
    by_person: bool = False


LAKE = Source(
    relation="event",
    instants=True,
    axes=AXES,
    fact_key="fact_key",
    event_id="event_id",
    intervals=True,
    doubts=True,
    observed=OBSERVED,
    by_person=True,
)
"""The timeline of a lake by person, with the default visibility."""
