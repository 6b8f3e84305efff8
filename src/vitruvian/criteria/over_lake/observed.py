"""When a site would have seen something, out of encounters and stated periods.

The rule: an encounter that took place is observed from its start to its end; one that goes on, to
the instant asked; one that ended without saying when, at its start only. Encounters and stated
periods no more than 60 days apart are one period. Before the first and after the last nothing is
observed, nor is anything after the instant asked.

References
----------
OHDSI THEMIS, observation periods for EHR data: a person comes back to the same provider within
60 days. Ours is stricter: it does not go on for 60 days behind the last encounter.
HL7 FHIR R4 (4.0.1), EncounterStatus.
"""

from __future__ import annotations

from datetime import datetime

OBSERVED = "observed"
"""Name of the relation: subject_id, start_time, end_time."""
TABLES = ("encounter", "observation_period")
BRIDGED_DAYS = 60

_GOING_ON = "'arrived', 'triaged', 'in-progress', 'onleave'"
_PERIODS = f"""
SELECT subject_id, start_time, CASE WHEN end_time IS NOT NULL THEN least(end_time, {{now}})
    WHEN status IN ({_GOING_ON}) THEN {{now}} ELSE start_time END AS end_time
FROM encounter WHERE start_time <= {{now}} AND status IN ({_GOING_ON}, 'finished')
UNION ALL SELECT subject_id, start_time, least(coalesce(end_time, {{now}}), {{now}})
FROM observation_period WHERE start_time <= {{now}}"""

_ISLANDS = """
SELECT subject_id, min(start_time) AS start_time, max(end_time) AS end_time FROM (
    SELECT *, sum(fresh) OVER (PARTITION BY subject_id ORDER BY start_time, end_time
        ROWS UNBOUNDED PRECEDING) AS island
    FROM (SELECT *, CASE WHEN start_time <= INTERVAL {days} DAY + max(end_time) OVER (
            PARTITION BY subject_id ORDER BY start_time, end_time
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS fresh
        FROM ({periods})))
GROUP BY subject_id, island"""


ITSELF = "SELECT subject_id, start_time, end_time FROM ({periods})"
"""The person of a period, when nobody linked its subject."""


def observed_sql(now: datetime, *, whose: str = ITSELF) -> str:
    """SELECT of the periods in which the site would have seen something.

    Parameters
    ----------
    now
        The instant asked; what goes on is observed until then.
    whose
        SELECT of the person, start and end of each of the `{periods}`.
    """
    periods = _PERIODS.format(now=f"TIMESTAMPTZ '{now.isoformat()}'")
    return _ISLANDS.format(days=BRIDGED_DAYS, periods=whose.format(periods=periods))
