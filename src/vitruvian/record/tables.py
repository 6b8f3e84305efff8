"""The stored tables. The timeline itself is in ``record.event``."""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table
from vitruvian.record.decisions.alert import ALERT
from vitruvian.record.event import EVENT
from vitruvian.record.genome import GENOME_TABLES
from vitruvian.record.identity import IDENTITY_TABLES
from vitruvian.record.observation import OBSERVATION_PERIOD
from vitruvian.record.signal import SIGNAL
from vitruvian.record.trust import GRANT, SENSITIVE

_int = pa.int64()
_text = pa.string()

SOURCE = Table(
    "source",
    "One row a file or message received.",
    (
        *LINEAGE,
        Column("sha256", _text, "of the bytes received", required=True),
        Column("media_type", _text, "as recognised"),
        Column("adapter", _text, "which adapter read it"),
        Column("adapter_version", _text, "and its version"),
        Column("time_zone", _text, "IANA zone declared for times without one"),
        Column("received_at", INSTANT, "when it was offered"),
        Column("byte_count", _int, "size in bytes"),
        Column("offered", _int, "records found"),
        Column("loaded", _int, "records stored"),
        Column("skipped", _int, "records already known"),
        Column("rejected", _int, "records refused, each reported"),
        Column("outcome", _text, "loaded, partial, refused"),
        Column("problems", _text, "what was wrong in it, kind by kind, as JSON; null for nothing"),
    ),
    key="source_id",
    cluster_by=("source_id",),
)

RESOURCE = Table(
    "resource",
    "FHIR resources, every version, with the verbatim bytes of each record.",
    (
        Column("version_id", _int, "this version: site, type, id and content", required=True),
        Column("subject_id", _int, "the source identity it is about; null if about nobody"),
        *LINEAGE,
        Column("record", _int, "ordinal in the source, from 0", required=True),
        Column("resource_type", _text, "FHIR R4 type", required=True),
        Column("resource_id", _text, "logical id, given or derived", required=True),
        Column("version", _text, "meta.versionId as sent"),
        Column("last_updated", INSTANT, "meta.lastUpdated"),
        Column("content_hash", _text, "sha256 without volatile meta", required=True),
        Column("deleted", pa.bool_(), "this version says the resource is gone", required=True),
        Column("bytes", pa.large_binary(), "the record as it came", required=True),
    ),
    key="version_id",
    cluster_by=("subject_id", "resource_type", "resource_id"),
)

RESOURCE_KEY = Table(
    "resource_key",
    "Look-ups that do not know the subject: by type and id, or by identifier.",
    (
        Column("key_id", _int, "stable id of the key text", required=True),
        Column("key", _text, "Type/id, or Type?system|value", required=True),
        Column("subject_id", _int, "whom it is about"),
        Column("version_id", _int, "the resource version that carries it", required=True),
        *LINEAGE,
        Column("resource_type", _text, "FHIR R4 type", required=True),
        Column("resource_id", _text, "logical id", required=True),
    ),
    key="key_id",
    cluster_by=("key_id",),
)

PATIENT = Table(
    "patient",
    "Who a subject is, as its source says: for banners and search.",
    (
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "the resource version it was read from", required=True),
        *LINEAGE,
        Column("family", _text, "family name"),
        Column("given", _text, "given names, space between"),
        Column("birth_date", _text, "as sent, may be partial"),
        Column("birth_time_min", INSTANT, "earliest instant of birth"),
        Column("sex", _text, "administrative gender: male, female, other, unknown"),
        Column("deceased", pa.bool_(), "known to be dead; null when not said"),
        Column("death_time", _text, "as sent"),
        Column(
            "identifiers",
            pa.list_(pa.struct([("system", _text), ("value", _text), ("label", _text)])),
            "every identifier",
        ),
        Column("search_text", _text, "names and identifiers folded for search"),
    ),
    key="version_id",
    cluster_by=("subject_id",),
)

ENCOUNTER = Table(
    "encounter",
    "Episodes of care.",
    (
        Column("encounter_id", _int, "stable id of site and encounter", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "resource version", required=True),
        *LINEAGE,
        Column("part_of_id", _int, "the encounter this one is part of"),
        Column("status", _text, "planned, in-progress, finished, ..."),
        Column("class_code", _text, "inpatient, ambulatory, emergency, ... as SYSTEM//code"),
        Column("class_text", _text, "for people"),
        Column("type_text", _text, "for people"),
        Column("reason_text", _text, "for people"),
        Column("start_time", INSTANT, "start"),
        Column("end_time", INSTANT, "end, exclusive; null while open"),
        Column("provider_text", _text, "organisation as sent"),
    ),
    key="version_id",
    cluster_by=("subject_id", "start_time"),
)

LOCATION_STAY = Table(
    "location_stay",
    "Which ward, room or bed, from when to when.",
    (
        Column("stay_id", _int, "stable id", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("encounter_id", _int, "of this encounter", required=True),
        Column("version_id", _int, "resource version", required=True),
        *LINEAGE,
        Column("location_text", _text, "for people"),
        Column("location_ref", _text, "reference as sent"),
        Column("level", _text, "FHIR location physical type: wa, ro, bd, ..."),
        Column("status", _text, "planned, active, reserved, completed"),
        Column("start_time", INSTANT, "start"),
        Column("end_time", INSTANT, "end, exclusive; null while open"),
    ),
    key="stay_id",
    cluster_by=("subject_id", "start_time"),
)

NOTE = Table(
    "note",
    "Documents with their text.",
    (
        Column("note_id", _int, "stable id", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "resource version", required=True),
        *LINEAGE,
        Column("encounter_id", _int, "during this encounter"),
        Column("time", INSTANT, "what time the note is about"),
        Column("title", _text, "kind of document, for people"),
        Column("code", _text, "kind of document as SYSTEM//code"),
        Column("status", _text, "current, superseded, entered-in-error"),
        Column("language", _text, "BCP 47"),
        Column("media_type", _text, "of the attachment"),
        Column("text", _text, "plain text; null when the attachment holds none"),
        Column("blob_sha256", _text, "attachment bytes, when not text"),
        Column("url", _text, "where the attachment lies, when it was not sent"),
    ),
    key="note_id",
    cluster_by=("subject_id", "time"),
)

IMAGE = Table(
    "image",
    "Index of imaging studies and series; pixels stay in DICOM blobs.",
    (
        Column("image_id", _int, "stable id", required=True),
        Column("subject_id", _int, "source identity", required=True),
        Column("version_id", _int, "resource version"),
        *LINEAGE,
        Column("encounter_id", _int, "during this encounter"),
        Column("study_uid", _text, "DICOM study instance UID"),
        Column("series_uid", _text, "DICOM series instance UID"),
        Column("accession", _text, "accession number"),
        Column("modality", _text, "DICOM modality code"),
        Column("body_site", _text, "for people"),
        Column("description", _text, "for people"),
        Column("time", INSTANT, "study or series start"),
        Column("instance_count", _int, "number of instances"),
    ),
    key="image_id",
    cluster_by=("subject_id", "time"),
)

DERIVATION = Table(
    "derivation",
    "Which mapping or extractor, version and parameters made which rows.",
    (
        Column("derivation_id", _int, "stable id of name, version and parameters", required=True),
        *LINEAGE,
        Column("name", _text, "of the mapping or extractor", required=True),
        Column("version", _text, "of it", required=True),
        Column("parameters", _text, "JSON"),
    ),
    key="derivation_id",
    cluster_by=("derivation_id",),
)

READING = Table(
    "reading",
    "How long reading notes took: one row a share of them that was published.",
    (
        Column("reading_id", _int, "stable id of its derivations", required=True),
        *LINEAGE,
        Column("upto", INSTANT, "notes recorded until then; the shares of a run have the same"),
        Column("notes", _int, "how many notes were read", required=True),
        Column("facts", _int, "how many facts they gave", required=True),
        Column("seconds", pa.float64(), "how long that took", required=True),
    ),
    key="reading_id",
    cluster_by=("reading_id",),
)

RETIREMENT = Table(
    "retirement",
    "What no longer holds, from when on, and why. Nothing is updated in place.",
    (
        Column("retirement_id", _int, "stable id", required=True),
        Column("subject_id", _int, "whom it is about"),
        *LINEAGE,
        Column("scope", _text, "event, version or derivation", required=True),
        Column("target_id", _int, "event_id, version_id or derivation_id", required=True),
        Column("reason", _text, "superseded, deleted, re-derived, ...", required=True),
    ),
    key="retirement_id",
    cluster_by=("subject_id", "target_id"),
)

PERSON_LINK = Table(
    "person_link",
    "Which subjects are one person, with the evidence.",
    (
        Column("link_id", _int, "stable id", required=True),
        Column("subject_id", _int, "source identity", required=True),
        *LINEAGE,
        Column("person_id", _int, "the person", required=True),
        Column("linked", pa.bool_(), "true: is this person; false: no longer", required=True),
        Column("evidence", _text, "why"),
    ),
    key="link_id",
    cluster_by=("subject_id",),
)

TERMINOLOGY = Table(
    "terminology",
    "Releases of code systems that the site loaded; of each name the newest load is in force.",
    (
        Column("release_id", _int, "stable id of name, edition and content", required=True),
        *LINEAGE,
        Column("name", _text, "athena, snomed, loinc or rxnorm", required=True),
        Column("edition", _text, "as the release's own files say it", required=True),
        Column("concepts", _int, "how many concepts it holds", required=True),
        Column("links", _int, "how many links from a concept to what it is a kind of"),
    ),
    key="release_id",
    cluster_by=("release_id",),
)

CONCEPT = Table(
    "concept",
    "Codes with their names, of every release that was loaded.",
    (
        Column("code_id", _int, "stable id of the code", required=True),
        Column("release_id", _int, "the release that says so", required=True),
        *LINEAGE,
        Column("code", _text, "as SYSTEM//code", required=True),
        Column("display", _text, "its name in the release"),
        Column("active", pa.bool_(), "whether the release still has it in use", required=True),
    ),
    key="code_id",
    cluster_by=("code_id", "release_id"),
)

CONCEPT_PARENT = Table(
    "concept_parent",
    "What is a kind of what, directly or further up, of every release that was loaded.",
    (
        Column("parent_id", _int, "code_id of the wider concept", required=True),
        Column("child_id", _int, "code_id of a concept that is a kind of it", required=True),
        Column("release_id", _int, "the release that says so", required=True),
        *LINEAGE,
    ),
    key="parent_id",
    cluster_by=("parent_id", "child_id"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        SOURCE,
        RESOURCE,
        RESOURCE_KEY,
        PATIENT,
        EVENT,
        ENCOUNTER,
        LOCATION_STAY,
        OBSERVATION_PERIOD,
        NOTE,
        IMAGE,
        SIGNAL,
        DERIVATION,
        READING,
        RETIREMENT,
        PERSON_LINK,
        GRANT,
        SENSITIVE,
        ALERT,
        TERMINOLOGY,
        CONCEPT,
        CONCEPT_PARENT,
        *GENOME_TABLES,
        *IDENTITY_TABLES,
    )
}


def table_named(name: str) -> Table:
    """The description of one stored table; KeyError for a name that does not exist."""
    return TABLES[name]
