"""The questions a caller may ask: read, history, search, everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pyarrow as pa

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.outcome import BadRequest, NoSuchResource
from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.search.request import (
    IGNORED,
    BadControl,
    Include,
    Search,
    read_search,
)
from vitruvian.api.routes.fhir.search.statement import HEAD
from vitruvian.api.routes.fhir.serving.bundle import Page, bundle_of
from vitruvian.api.routes.fhir.serving.finding import Finder, Found
from vitruvian.api.routes.fhir.serving.pages import Kept, Kind
from vitruvian.api.routes.fhir.serving.stored import Version, read_current, versions_of
from vitruvian.trust.smart.scopes import ANY

if TYPE_CHECKING:
    from vitruvian.api.routes.fhir.door import Call

EVERYTHING = frozenset({"_since", "_type", "_count", "start", "end"})
HISTORY = frozenset({"_since", "_at", "_count"})
CARE_DATES = (
    *("effectiveDateTime", "effectivePeriod.start", "performedDateTime", "performedPeriod.start"),
    *("occurrenceDateTime", "period.start", "onsetDateTime", "authoredOn", "date", "started"),
)


class BadPage(BadRequest):
    """A link to a page was changed."""

    def __init__(self) -> None:
        super().__init__("This is no link to a page that this server gave. Search again.")


def search(call: Call, resource_type: str, said: Sequence[tuple[str, str]]) -> Json:
    """The first page of a search."""
    call.expect("s", resource_type)
    asked = read_search(resource_type, said, lenient=call.lenient)
    with call.finder() as finder:
        return _first(call, finder, ("searchset", asked, finder.find(asked)))


def _first(call: Call, finder: Finder, answer: tuple[Kind, Search, Found]) -> Json:
    """The first page; the rest is kept when there is any."""
    kind, asked, found = answer
    at = finder.reader.snapshot.published_at
    kept = Kept(call.access.holder, kind, asked, found, at)
    several = found.total > asked.count and asked.summary != "count"
    token = call.running.pages.keep(kept) if several else ""
    return bundle_of(finder, kept, Page(call.base, token))


def page(call: Call, said: str) -> Json:
    """Another page of an answer, as of the state it was first given on."""
    token, dot, start = said.rpartition(".")
    if not dot or not start.isascii() or not start.isdigit() or len(start) > 12:  # noqa: PLR2004
        raise BadPage
    kept = call.running.pages.get(token, who=call.access.holder)
    with call.finder(recorded_at=kept.recorded_at) as finder:
        return bundle_of(finder, kept, Page(call.base, token, int(start)))


# ------------------------------------------------------------------ history


def history(call: Call, *, resource_type: str = "", key: str = "") -> Json:
    """Versions of one resource (``Type/id``), of a type, or of all, newest first."""
    call.expect("r" if key else "s", key.partition("/")[0] or resource_type or ANY)
    asked = _controls(call, HISTORY, resource_type or key)
    since, at = _instant(call, "_since"), _instant(call, "_at")
    with call.finder() as finder:
        if key:
            versions = versions_of(finder.reader, [key]).get(key, [])
            if not versions:
                raise NoSuchResource(key.partition("/")[0])
            found = _found(one for one in reversed(versions) if _within(one, since, at))
        else:
            found = Found(finder.history(resource_type, since=since, until=at))
        return _first(call, finder, ("history", asked, found))


def _instant(call: Call, name: str) -> dates.Span | None:
    said = call.one(name)
    return None if said is None else dates.span_of(said.replace(" ", "+"))


def _within(one: Version, since: dates.Span | None, at: dates.Span | None) -> bool:
    recorded = one.recorded_at.astimezone(UTC).replace(tzinfo=None)
    after = since is None or recorded >= since.low
    return after and (at is None or recorded < at.high)


def _found(versions: Iterable[Version]) -> Found:
    some = list(versions)
    ids = pa.array([one.version_id for one in some], pa.int64())
    subjects = pa.array([one.subject_id for one in some], pa.int64())
    return Found(pa.table({"version_id": ids, "subject_id": subjects}))


def _controls(call: Call, known: frozenset[str], resource_type: str) -> Search:
    """The page size of an operation; unknown parameters are refused."""
    strange = [name for name, _ in call.said if name not in known | IGNORED]
    if strange and not call.lenient:
        raise BadControl("list", f"one of {', '.join(sorted(known))}")
    said = [(name, value) for name, value in call.said if name == "_count"]
    return replace(read_search(resource_type, said), used=tuple(call.said))


# ------------------------------------------------------------------ everything about one patient


def everything(call: Call, patient_id: str) -> Json:
    """A patient, everything about them, and what that refers to.

    References
    ----------
    HL7 FHIR R4 (4.0.1), operation Patient/$everything.
    """
    call.expect("r", "Patient")
    asked = _controls(call, EVERYTHING, "Patient")
    with call.finder() as finder:
        subject = read_current(finder.reader, f"Patient/{patient_id}").version.subject_id
        subjects = [] if subject is None else [subject]
        sql, values = _everything_sql(call)
        rows = finder.reader.query(sql, tables=["resource"], params=values, subjects=subjects)
        along = replace(asked, includes=(Include("*", "*"),))
        return _first(call, finder, ("searchset", along, Found(rows)))


def _everything_sql(call: Call) -> tuple[str, list[object]]:
    types, since = call.one("_type"), _instant(call, "_since")
    wanted = types.split(",") if types else sorted(resource_types())
    values: list[object] = [wanted]
    where = "doc IS NOT NULL"
    if since is not None:
        where += " AND timezone('UTC', recorded_at) >= ?"
        values.append(since.low)
    for name, test in (("start", "high > ?"), ("end", "low < ?")):
        span = _instant(call, name)
        if span is not None:
            # What has no date of care, such as an allergy, is always shown.
            where += f" AND coalesce({test}, true)"
            values.append(span.low if name == "start" else span.high)
    texts = ", ".join(f"json_extract_string(doc, '$.{path}')" for path in CARE_DATES)
    inner = (
        f"SELECT {HEAD}, recorded_at, coalesce({texts}) AS said, doc FROM (SELECT *, "  # noqa: S608  our own text; values are bound
        "CASE WHEN list_contains(?::VARCHAR[], resource_type) THEN decode(bytes) END AS doc "
        "FROM resource WHERE NOT deleted)"
    )
    ends = f"{dates.low_sql('said')} AS low, {dates.high_sql('said')} AS high"
    order = "resource_type <> 'Patient', resource_type, recorded_at DESC, resource_id"
    sql = (
        f"SELECT version_id, subject_id FROM (SELECT *, {ends} FROM ({inner})) "  # noqa: S608  our own text; values are bound
        f"WHERE {where} ORDER BY {order}"
    )
    return sql, values
