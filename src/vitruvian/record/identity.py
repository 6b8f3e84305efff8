"""Records that may be one person, and what people decided about them."""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()

LOOK_ALIKE = Table(
    "look_alike",
    "Pairs of subjects that are likely one person, offered to people; the newest row holds.",
    (
        Column("row_id", _int, "stable id of this offer", required=True),
        Column("pair_id", _int, "stable id of the two subjects", required=True),
        Column("subject_id", _int, "the one with the lower number", required=True),
        Column("other_id", _int, "the other one", required=True),
        *LINEAGE,
        Column("offered", pa.bool_(), "false: no longer alike", required=True),
        Column("probability", pa.float64(), "that they are one person, 0 to 1"),
        Column("weight", pa.float64(), "log2 of the odds, prior included"),
        Column("held", _text, "why it is likely two people all the same; null for nothing"),
        Column("evidence", _text, "JSON: field, level of agreement, weight in bits; no values"),
    ),
    key="row_id",
    cluster_by=("subject_id",),
)

PAIR_VERDICT = Table(
    "pair_verdict",
    "What people said of such pairs; the newest row of a pair holds.",
    (
        Column("verdict_id", _int, "stable id", required=True),
        Column("pair_id", _int, "of the two subjects", required=True),
        Column("subject_id", _int, "the one with the lower number", required=True),
        Column("other_id", _int, "the other one", required=True),
        *LINEAGE,
        Column("answer", _text, "same, different, unknown", required=True),
        Column("who", _text, "account that said so", required=True),
    ),
    key="verdict_id",
    cluster_by=("subject_id",),
)

IDENTITY_TABLES = (LOOK_ALIKE, PAIR_VERDICT)
