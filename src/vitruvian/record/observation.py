"""When a site would have seen something, had it happened.

References
----------
OMOP Common Data Model 5.4, table OBSERVATION_PERIOD.
"""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()

OBSERVATION_PERIOD = Table(
    "observation_period",
    "When a site would have seen something; encounters count too and are not repeated here.",
    (
        Column("period_id", _int, "stable id of site and period", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "the record it was read from", required=True),
        *LINEAGE,
        Column("start_time", INSTANT, "start", required=True),
        Column("end_time", INSTANT, "end, exclusive; null while it goes on"),
        Column("basis", _text, "what says so: enrolment, registration, claims, ...", required=True),
    ),
    key="period_id",
    cluster_by=("subject_id", "start_time"),
)
