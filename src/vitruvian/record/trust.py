"""What stored records say about who may see whom: the door reads these before it opens."""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()

GRANT = Table(
    "grant",
    "What consents, care teams and studies allow, computed when their records are written.",
    (
        Column("grant_id", _int, "stable id of version, kind and actor", required=True),
        Column("subject_id", _int, "whom it is about", required=True),
        Column("version_id", _int, "the resource version that says it", required=True),
        *LINEAGE,
        Column("kind", _text, "consent, care-team, study or guard", required=True),
        Column("actor", _text, "whom it concerns: reference, study, or word of a guard"),
        Column("start_time", _text, "from when it holds, ISO 8601 UTC; null is open"),
        Column("end_time", _text, "until when, exclusive; null is open"),
        Column("terms", _text, "of a consent: what it permits and denies, as JSON"),
        Column("readable", pa.bool_(), "whether all of it could be read", required=True),
    ),
    key="grant_id",
    cluster_by=("subject_id", "kind"),
)

SENSITIVE = Table(
    "sensitive",
    "Which record versions are sensitive, and how; most have no row here.",
    (
        Column("sensitive_id", _int, "stable id of version and label", required=True),
        Column("subject_id", _int, "whom it is about", required=True),
        Column("version_id", _int, "the record that is sensitive", required=True),
        *LINEAGE,
        Column("label", _text, "as the policy calls it", required=True),
        Column("resource_type", _text, "FHIR type; null where only the timeline tells"),
    ),
    key="sensitive_id",
    cluster_by=("subject_id", "version_id"),
)
