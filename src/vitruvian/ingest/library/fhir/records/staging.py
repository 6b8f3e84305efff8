"""Key columns and content hash of records, in the engine's own memory.

Their texts stay outside it (``spool``). Everything here is set-wise SQL over a batch of texts;
only records that fail are looked at one by one.
"""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import reference_paths, types_on_the_timeline

STAGE = "fhir_stage"
FRESH = "fhir_fresh"
MOST_DEEP = 500
"""Levels of objects and lists within one another in one record."""

_COLUMNS = """
    seq BIGINT, source_no INTEGER, source_id VARCHAR, record BIGINT, locator VARCHAR,
    full_url VARCHAR, deleted BOOLEAN,
    resource_type VARCHAR, given_id VARCHAR, version VARCHAR, last_updated TIMESTAMPTZ,
    subject_ref VARCHAR, subject_identifier VARCHAR, encounter_ref VARCHAR,
    medicine_ref VARCHAR, whole_ref VARCHAR, content_hash VARCHAR,
    stated_as VARCHAR, happened_as VARCHAR, state_word VARCHAR, suspect BOOLEAN,
    resource_id VARCHAR, version_id BIGINT
"""


def create_stage(connection: Any) -> None:
    """An empty stage and the functions that fill it."""
    connection.execute(f"CREATE OR REPLACE TABLE {STAGE} ({_COLUMNS})")
    macros = {
        "fhir_canonical(doc, volatile, bare)": _CANONICAL,
        "fhir_hash(doc, volatile, bare)": _HASH,
    }
    for name, body in macros.items():
        connection.execute(f"CREATE OR REPLACE MACRO {name} AS {body}")
    connection.execute(f"CREATE OR REPLACE MACRO fhir_literal(ref) AS {_LITERAL}")


# The text itself is hashed, so that 1.50 is not 1.5; only white space between its words and
# the server's own words in meta are left out. Text that the engine would write in the same
# length has no such white space, and is not copied; text that it cannot write is no JSON.
_LENGTH = "TRY(strlen(json(resource)))"
_BARE = r"""CASE WHEN bare THEN doc
    ELSE regexp_replace(doc, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') END"""
_MEMBER = r'"(?:versionId|lastUpdated)":"[^"]*"'
_CANONICAL = f"""CASE WHEN volatile THEN replace(replace(regexp_replace(regexp_replace({_BARE},
            '{_MEMBER},', '', 'g'), ',?{_MEMBER}', '', 'g'),
        '"meta":{{}},', ''), ',"meta":{{}}', '')
    ELSE {_BARE} END"""
_HASH = """CASE WHEN NOT volatile AND bare THEN sha256(doc)
    ELSE sha256(fhir_canonical(doc, volatile, bare)) END"""

# Type/id at the end of a relative or absolute reference, a version after it left out.
# Nearly all are nothing but that, which is quickly seen.
_LITERAL = r"""CASE
    WHEN length(ref) < 64 AND regexp_full_match(ref, '[A-Z][A-Za-z]+/[A-Za-z0-9.-]+') THEN ref
    ELSE regexp_extract(ref, '(?:^|/)([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$', 1)
    END"""

_FIRST = ("resourceType", "id", "meta.versionId", "meta.lastUpdated")
_OTHERS = ("medicationReference.reference", "partOf.reference")


def _path_list() -> tuple[list[str], dict[str, str]]:
    """Paths read in one go, and the expression that picks each reference out of them."""
    paths, picks = list(_FIRST), {}
    for what in ("subject", "subject_identifier", "encounter"):
        own = reference_paths(what)
        if what == "subject_identifier":
            names = [f"{path}.{end}" for path in own for end in ("system", "value")]
        else:
            names = list(own)
        first = len(paths) + 1
        paths += names
        picks[what] = _pick(what, first, len(names))
    return [*paths, *_OTHERS], picks


def _pick(what: str, first: int, count: int) -> str:
    places = range(first, first + count)
    if what != "subject_identifier":
        return f"coalesce({', '.join(f'k[{place}]' for place in places)})"
    pairs = [f"coalesce(k[{place}], '') || '|' || k[{place + 1}]" for place in places[::2]]
    return f"coalesce({', '.join(pairs)})"


def suspects(column: str) -> str:
    """SQL for JSON that the engine lets pass and the standard (RFC 8259) does not, or too deep.

    What holds few openings cannot be deep; the engine's stack overflows at some 15,000 levels.
    """
    openings = " + ".join(
        f"strlen({column}) - strlen(replace({column}, '{one}', ''))" for one in "{["
    )
    return (
        f"(regexp_matches({column}, ',\\s*[\\]}}]') OR contains({column}, 'NaN') "
        f"OR contains({column}, 'Infinity') "
        f"OR CASE WHEN strlen({column}) > {2 * MOST_DEEP} THEN {openings} > {MOST_DEEP} "
        "ELSE false END)"
    )


def stage_sql(batch: str, *, site: str) -> str:
    """SQL that moves a batch of records into the stage; what may be no resource is marked."""
    paths, picks = _path_list()
    listed = ", ".join(f"'$.{path}'" for path in paths)
    return f"""
    INSERT INTO {STAGE}
    SELECT *, {_identity_sql(site)}
    FROM (
        SELECT seq, source_no, source_id, record, locator, context ->> '$.full_url' AS full_url,
            false, k[1] AS resource_type, k[2] AS given_id, k[3], try_cast(k[4] AS TIMESTAMPTZ),
            {picks["subject"]}, {picks["subject_identifier"]}, {picks["encounter"]},
            CASE WHEN k[1] LIKE 'Medication%' THEN k[-2] END,
            CASE WHEN k[1] = 'Encounter' THEN k[-1] END,
            CASE WHEN valid THEN fhir_hash(
                resource, coalesce(k[3], k[4]) IS NOT NULL, length_written = strlen(resource)
            ) END AS content_hash,
            w[1], {_first_of("w", 2, _HAPPENED)}, w[-1],
            NOT coalesce(regexp_matches(k[1], '^[A-Z]'), false) OR {suspects("resource")}
        FROM (
            SELECT *, CASE WHEN valid THEN {_clock_words()} END AS w
            FROM (
                SELECT *, CASE WHEN valid THEN json_extract_string(resource, [{listed}]) END AS k
                FROM (
                    SELECT *, length_written IS NOT NULL AS valid
                    FROM (SELECT *, {_LENGTH} AS length_written FROM {batch})
                )
            )
        )
    )
    """


def _identity_sql(site: str) -> str:
    """The id and the version id of a record."""
    given = "coalesce(given_id, regexp_extract(full_url, '^urn:uuid:(.+)$', 1))"
    name = f"coalesce(nullif({given}, ''), left(content_hash, 32))"
    return f"{name} AS resource_id, {version_sql(site)}"


def version_sql(site: str) -> str:
    """The version id of a staged record, by its type, its id and its content."""
    return stable_id_sql(literal(site), "resource_type", "resource_id", "content_hash")


_HAPPENED = max(len(one.happened) for one in types_on_the_timeline().values())
_NOWHERE = "$.-"


def _clock_words() -> str:
    """What a record says of when: stated, happened in the order of preference, its status."""
    cases = []
    for name, one in types_on_the_timeline().items():
        paths = [*(f"$.{path}" for path in one.stated or "-"), *(f"$.{p}" for p in one.happened)]
        paths += [_NOWHERE] * (1 + _HAPPENED - len(paths))
        cases.append(f"WHEN {literal(name)} THEN {_texts_at([*paths, '$.status'])}")
    others = _texts_at([*[_NOWHERE] * (1 + _HAPPENED), "$.status"])
    return f"CASE k[1] {' '.join(cases)} ELSE {others} END"


def _texts_at(paths: list[str]) -> str:
    return f"json_extract_string(resource, [{', '.join(literal(path) for path in paths)}])"


def _first_of(words: str, first: int, count: int) -> str:
    return f"coalesce({', '.join(f'{words}[{n}]' for n in range(first, first + count))})"


def stage_deleted_sql(batch: str, *, site: str) -> str:
    """The same for Bundle entries that say a resource is gone."""
    return f"""
    INSERT INTO {STAGE}
    SELECT *, {_identity_sql(site)}
    FROM (
        SELECT seq, source_no, source_id, record, locator, NULL AS full_url, true,
            split_part(target, '/', 1) AS resource_type, split_part(target, '/', 2) AS given_id,
            coalesce(resource ->> '$.resource.meta.versionId',
                regexp_extract(resource ->> '$.response.etag', '"([^"]+)"', 1)),
            try_cast(coalesce(resource ->> '$.response.lastModified',
                resource ->> '$.resource.meta.lastUpdated') AS TIMESTAMPTZ),
            NULL, NULL, NULL, NULL, NULL, sha256(resource) AS content_hash,
            NULL, NULL, NULL, false
        FROM (SELECT *, fhir_literal(context ->> '$.url') AS target FROM {batch})
    )
    """
