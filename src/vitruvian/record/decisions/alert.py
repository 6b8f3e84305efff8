"""What alerts told, or would have told: one row each time one fired on new data."""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()

ALERT = Table(
    "alert",
    "Alerts that fired on new data, each written once; known_at is when.",
    (
        Column("alert_id", _int, "stable id of alert, patient, answer and facts", required=True),
        Column("subject_id", _int, "whom it is about", required=True),
        *LINEAGE,
        Column("name", _text, "of the alert", required=True),
        Column("guide", _text, "the guideline that was asked", required=True),
        Column("edition", _text, "and its edition", required=True),
        Column("fingerprint", _text, "hash of all that decides when it fires", required=True),
        Column("state", _text, "silent: nobody was told; active: it may interrupt", required=True),
        Column("answer", _text, "what the guideline answered", required=True),
        Column("fired_at", INSTANT, "when it fired", required=True),
        Column("facts", pa.list_(_int), "the events that it stands on", required=True),
    ),
    key="alert_id",
    cluster_by=("subject_id", "fired_at"),
)
