"""The timeline: one row an event, in the spirit of MEDS, with lineage.

References
----------
MEDS, Medical Event Data Standard 0.4 (doi:10.48550/arXiv.2406.19653 uses it);
HL7 FHIR R4 (4.0.1) for the vocabularies of status and interpretation.
"""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table

_int = pa.int64()
_text = pa.string()
_number = pa.float64()

CODING = pa.struct([("system", _text), ("code", _text), ("display", _text)])

WHEN = (
    Column("time", INSTANT, "when it happened: earliest instant; null when static or not said"),
    Column("time_min", INSTANT, "earliest instant that the sent date allows"),
    Column("time_max", INSTANT, "latest instant that the sent date allows, exclusive"),
    Column("end_time", INSTANT, "end of an interval, exclusive; null for a point or while open"),
    Column("utc_offset", pa.int16(), "minutes east of UTC as sent; null when none was sent"),
    Column("time_as_sent", _text, "the date or time exactly as sent"),
)

WHAT = (
    Column("category", _text, "lane: laboratory, vital, problem, medication, ...", required=True),
    Column("modality", _text, "kind of data: record, note, image, signal, genome, wearable"),
    Column("code", _text, "the chosen coding as SYSTEM//code", required=True),
    Column("code_text", _text, "for people"),
    Column("codings", pa.list_(CODING), "all codings as sent, in order"),
    Column("numeric_value", _number, "in `unit`"),
    Column("value_as_sent", _text, "the number exactly as sent, trailing zeros kept"),
    Column("unit_as_sent", _text, "unit exactly as sent"),
    Column("unit", _text, "canonical UCUM unit"),
    Column("comparator", _text, "<, <=, >=, > or null"),
    Column("range_low", _number, "that laboratory's lower limit, in `unit`"),
    Column("range_high", _number, "that laboratory's upper limit, in `unit`"),
    Column("range_text", _text, "that laboratory's range when given as text"),
    Column("interpretation", _text, "H, L, N, A, HH, LL, ... as the laboratory gave it"),
    Column("text_value", _text, "a value in words"),
    Column("value_code", _text, "a coded value as SYSTEM//code"),
)

HOW = (
    Column(
        "act",
        _text,
        "observed, ordered, dispensed, administered, reported, planned or not-done",
        required=True,
    ),
    Column(
        "status",
        _text,
        "final, preliminary, corrected, cancelled, entered-in-error or wrong-patient",
        required=True,
    ),
    Column("polarity", _text, "affirmed or negated", required=True),
    Column("certainty", _text, "certain, probable, possible or unknown", required=True),
    Column("temporality", _text, "current, historical or hypothetical", required=True),
    Column("experiencer", _text, "patient or family", required=True),
    Column("relation", _text, "which relative, as SYSTEM//code, when experiencer is family"),
    Column("state", _text, "the source's own status word: active, resolved, stopped, ..."),
    Column("body_site", _text, "for people"),
    Column("specimen", _text, "for people"),
    Column("method", _text, "for people"),
    Column("device", _text, "for people"),
    Column("dose_text", _text, "dose, route and timing for people"),
    Column("confidence", _number, "0 to 1 where a machine read it; null where it was stated"),
    Column("flags", pa.list_(_text), "implausible, unit-unknown, assumed-zone, ..."),
)

# The flag of a fact that a machine read in a text and that no record states.
MACHINE_READ = "machine-read"

EVENT = Table(
    "event",
    "The timeline of every patient.",
    (
        Column("event_id", _int, "stable id of version, locator, derivation", required=True),
        Column("subject_id", _int, "one source identity; never changes", required=True),
        *WHEN,
        *WHAT,
        *HOW,
        Column("encounter_id", _int, "during this encounter"),
        Column("version_id", _int, "the resource version it was read from"),
        Column("derivation_id", _int, "the mapping or extractor that made it"),
        Column("fact_key", _int, "equal for the same fact told by several sources"),
        *LINEAGE,
    ),
    key="event_id",
    cluster_by=("subject_id", "time"),
)
