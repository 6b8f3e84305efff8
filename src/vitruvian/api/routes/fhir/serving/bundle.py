"""Bundles: pages of a search or of a history.

References
----------
HL7 FHIR R4 (4.0.1), 2.36 Bundle; 3.1.1.3 Search responses; 3.1.0.16 Paging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.outcome import issue, outcome
from vitruvian.api.routes.fhir.search.request import Search
from vitruvian.api.routes.fhir.serving.finding import Finder
from vitruvian.api.routes.fhir.serving.following import Follower
from vitruvian.api.routes.fhir.serving.pages import Kept
from vitruvian.api.routes.fhir.serving.shape import shaped
from vitruvian.api.routes.fhir.serving.stored import Stored, instant_text, load_ids

LEFT_OUT = "Parameters that this server does not know were left out of the search."
SAFE = "!$'()*,/:;?@|-._~"


@dataclass(frozen=True)
class Page:
    """One stretch of a kept answer.

    Parameters
    ----------
    base
        Address of this interface, without a slash at its end.
    token
        Of the kept answer; empty when it has one page only.
    start
        Place of the first entry.
    """

    base: str
    token: str
    start: int = 0


def bundle_of(finder: Finder, kept: Kept, page: Page) -> Json:
    """The Bundle of one page."""
    search = kept.search
    counted = search.summary == "count"
    wanted = [] if counted else kept.found.part(page.start, search.count)
    stored = load_ids(finder.reader, wanted)
    if kept.kind == "history":
        entries = [_version_entry(one, page.base) for one in stored]
    else:
        entries = _found_entries(stored, finder, search, page.base)
    bundle: Json = {"resourceType": "Bundle", "type": kept.kind}
    if search.total or counted:
        bundle["total"] = kept.found.total
    bundle["link"] = _links(kept, page)
    if entries:
        bundle["entry"] = entries
    return bundle


def _links(kept: Kept, page: Page) -> list[Json]:
    search, last = kept.search, kept.found.total
    links = [{"relation": "self", "url": _self_link(kept, page)}]

    def link(relation: str, start: int) -> Json:
        return {"relation": relation, "url": _page_link(kept, page, start)}

    if page.token:
        links.append(link("first", 0))
        if page.start > 0:
            links.append(link("previous", max(0, page.start - search.count)))
        if page.start + search.count < last:
            links.append(link("next", page.start + search.count))
    return links


def _self_link(kept: Kept, page: Page) -> str:
    """What was understood. Only the first page repeats the client's own words to it."""
    if page.start > 0:
        return _page_link(kept, page, page.start)
    path = "/_history" if kept.kind == "history" else ""
    type_path = f"/{kept.search.resource_type}" if kept.search.resource_type else ""
    said = urlencode(kept.search.used, quote_via=quote, safe=SAFE)
    return f"{page.base}{type_path}{path}{'?' + said if said else ''}"


def _page_link(kept: Kept, page: Page, start: int) -> str:
    type_path = f"/{kept.search.resource_type}" if kept.search.resource_type else ""
    return f"{page.base}{type_path}?_page={page.token}.{start}"


def _found_entries(
    stored: Sequence[Stored], finder: Finder, search: Search, base: str
) -> list[Json]:
    shown = [(one, one.resource()) for one in stored]
    entries = [_entry(one, shaped(content, search), base, mode="match") for one, content in shown]
    if search.includes:
        along = Follower(finder, search).along(shown)
        entries += [
            _entry(one, shaped(content, search), base, mode="include") for one, content in along
        ]
    if search.left_out:
        told = outcome(issue(LEFT_OUT, code="not-supported", severity="warning"))
        entries.append({"resource": told, "search": {"mode": "outcome"}})
    return entries


def _entry(stored: Stored, content: Json, base: str, *, mode: str) -> Json:
    return {
        "fullUrl": f"{base}/{stored.version.key}",
        "resource": content,
        "search": {"mode": mode},
    }


def _version_entry(stored: Stored, base: str) -> Json:
    """One version of a history: what was done, and the resource as it was then."""
    version = stored.version
    first = version.number == 1
    method = "DELETE" if stored.deleted else "POST" if first else "PUT"
    status = "204 No Content" if stored.deleted else "201 Created" if first else "200 OK"
    entry: Json = {"fullUrl": f"{base}/{version.key}"}
    if not stored.deleted:
        entry["resource"] = stored.resource()
    entry["request"] = {
        "method": method,
        "url": version.resource_type if method == "POST" else version.key,
    }
    entry["response"] = {
        "status": status,
        "etag": etag(version.number),
        "lastModified": instant_text(version.recorded_at),
    }
    return entry


def etag(number: int) -> str:
    """The weak entity tag of a version.

    Examples
    --------
    >>> etag(3)
    'W/"3"'
    """
    return f'W/"{number}"'
