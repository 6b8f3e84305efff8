"""Waveforms and numerics: one row a channel and stretch of at most ten minutes.

Dense data stays out of the timeline, under the same keys, clocks and lineage; the timeline
carries one event a recording and a value a minute.
"""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()
_number = pa.float64()

SIGNAL = Table(
    "signal",
    "Stretches of waveforms and numerics; the samples stand in blobs.",
    (
        Column("signal_id", _int, "stable id of recording, channel and stretch", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "the recording's record", required=True),
        *LINEAGE,
        Column("recording", _text, "name of the recording in its source", required=True),
        Column("channel", _text, "as the source calls it: II, ABP, SpO2, ...", required=True),
        Column("code", _text, "what is measured, as SYSTEM//code", required=True),
        Column("unit", _text, "as the source gives it"),
        Column("rate_hz", _number, "samples a second", required=True),
        Column("first_sample", _int, "its place in the channel, from 0", required=True),
        Column("sample_count", _int, "number of samples", required=True),
        Column("start_time", INSTANT, "of the first sample; null when the source tells no time"),
        Column("end_time", INSTANT, "of the last sample plus one, exclusive"),
        Column("gain", _number, "digital steps a unit", required=True),
        Column("baseline", _int, "digital value of zero units", required=True),
        Column("zero", _number, "the same, where it is no whole number; it holds before baseline"),
        Column("missing_value", _int, "digital value that says there is none"),
        Column(
            "number_type", _text, "of the samples: int16 or int32, little endian", required=True
        ),
        Column("blob_sha256", _text, "where the samples stand", required=True),
        Column("byte_offset", _int, "of the first sample in that blob", required=True),
        Column("file_sha256", _text, "the signal file as it came", required=True),
    ),
    key="signal_id",
    cluster_by=("subject_id", "start_time"),
)
