"""Batch and transaction: many requests in one Bundle.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.0.11 batch/transaction: order of work, references between entries.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from vitruvian.api.routes.fhir.json import Json
from vitruvian.api.routes.fhir.outcome import BadRequest, outcome_of
from vitruvian.api.routes.fhir.search.declared import resource_types
from vitruvian.api.routes.fhir.serving.asking import search
from vitruvian.api.routes.fhir.serving.bundle import etag
from vitruvian.api.routes.fhir.serving.stored import (
    Stored,
    instant_text,
    read_current,
    read_version,
)
from vitruvian.api.routes.fhir.writing import acting
from vitruvian.api.routes.fhir.writing.checking import (
    BadResource,
    checked,
    of_type,
    with_references,
)
from vitruvian.api.routes.fhir.writing.writer import Done, Turn
from vitruvian.base.errors import VitruvianError

if TYPE_CHECKING:
    from vitruvian.api.routes.fhir.door import Call

MOST_ENTRIES = 5_000
ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET")
STATUS = {200: "200 OK", 201: "201 Created", 204: "204 No Content"}
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")


class BadEntry(BadRequest):
    """An entry of a batch or transaction cannot be done."""

    def __init__(self, number: int, *, why: str) -> None:
        super().__init__(f"Entry {number} of the Bundle cannot be done: {why}.")


class EntryFailed(BadRequest):
    """One entry failed, and so nothing of the transaction was done."""

    def __init__(self, number: int, failure: VitruvianError) -> None:
        super().__init__(f"Entry {number} of the transaction: {failure} Nothing was changed.")
        self.status = failure.status  # type: ignore[misc]  # as the entry's own


@dataclass(frozen=True)
class Entry:
    """One request of a Bundle."""

    number: int
    method: str
    path: str
    query: str
    resource: Json | None
    full_url: str
    said: Json

    @property
    def resource_type(self) -> str:
        """The type its address names."""
        return self.path.split("/")[0]


def run_bundle(call: Call, content: Json) -> Json:
    """The answer Bundle of a batch or transaction."""
    kind = content.get("type")
    if content["resourceType"] != "Bundle" or kind not in {"batch", "transaction"}:
        raise BadResource(why="expected a Bundle of type batch or transaction")
    entries = read_entries(content)
    done = _transaction(call, entries) if kind == "transaction" else _batch(call, entries)
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": done}


def read_entries(content: Json) -> list[Entry]:
    """The requests; raises `BadEntry`."""
    said = content.get("entry", [])
    if not isinstance(said, list) or len(said) > MOST_ENTRIES:
        raise BadResource(why=f"expected a list of at most {MOST_ENTRIES} entries")
    return [_entry(number, one) for number, one in enumerate(said)]


def _entry(number: int, said: Any) -> Entry:
    request = said.get("request") if isinstance(said, dict) else None
    if not isinstance(request, dict):
        raise BadEntry(number, why="it has no request")
    method, url = request.get("method"), request.get("url")
    if method not in ORDER or not isinstance(url, str):
        raise BadEntry(
            number, why="its request has no method of DELETE, POST, PUT, PATCH, GET and url"
        )
    path, _, query = url.removeprefix("/").partition("?")
    resource = said.get("resource")
    if method in {"POST", "PUT", "PATCH"} and resource is None:
        raise BadEntry(number, why="it has no resource")
    if path.split("/")[0] not in resource_types():
        raise BadEntry(number, why="its url names no resource type")
    full_url = said.get("fullUrl")
    checked_resource = None if resource is None else _checked(number, method, resource)
    given = full_url if isinstance(full_url, str) else ""
    return Entry(number, method, unquote(path), query, checked_resource, given, request)


def _checked(number: int, method: str, resource: Any) -> Json:
    if method == "PATCH":
        if isinstance(resource, dict) and resource.get("resourceType") == "Binary":
            return resource
        raise BadEntry(number, why="a patch travels as a Binary with JSON Patch in it")
    return checked(resource)


# ------------------------------------------------------------------ all or nothing


def _transaction(call: Call, entries: Sequence[Entry]) -> list[Json]:
    with call.running.writer.turn(call.access) as turn:
        known, keys = _planned(call, turn, entries)
        settled: dict[int, acting.Settled] = {}
        changing = sorted((e for e in entries if e.method != "GET"), key=_place)
        for entry in changing:
            work = partial(_settled, call, turn, entry, (known, keys))
            settled[entry.number] = _guarded(entry, work)
        done = acting.stored(turn, list(settled.values()))
    answers = {
        number: _answer(call, one, result)
        for (number, one), result in zip(settled.items(), done, strict=True)
    }
    for entry in entries:
        if entry.method == "GET":
            answers[entry.number] = _guarded(entry, partial(_got, call, entry))
    return [answers[entry.number] for entry in entries]


def _place(entry: Entry) -> int:
    return ORDER.index(entry.method)


def _guarded(entry: Entry, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except VitruvianError as failure:
        raise EntryFailed(entry.number, failure) from None


def _planned(
    call: Call, turn: Turn, entries: Sequence[Entry]
) -> tuple[dict[str, str], dict[int, str]]:
    """What each fullUrl and each conditional reference will be, and the key of each create."""
    known: dict[str, str] = {}
    keys: dict[int, str] = {}
    for entry in entries:
        if entry.method == "POST":
            condition = entry.said.get("ifNoneExist")
            there = None
            if isinstance(condition, str):
                there = _guarded(
                    entry, partial(acting.at_most_one, call, turn, entry.resource_type, condition)
                )
            keys[entry.number] = there or acting.new_key(entry.resource_type)
        elif entry.method == "PUT":
            keys[entry.number] = _put_key(call, turn, entry)
        if entry.full_url and entry.number in keys:
            known[entry.full_url] = keys[entry.number]
    for entry in entries:
        for said in _conditional_references(entry.resource):
            known.setdefault(said, _guarded(entry, partial(_resolved, call, turn, said)))
    return known, keys


def _put_key(call: Call, turn: Turn, entry: Entry) -> str:
    if not entry.query:
        return entry.path
    there = _guarded(
        entry, lambda: acting.at_most_one(call, turn, entry.resource_type, entry.query)
    )
    given = (entry.resource or {}).get("id")
    own = f"{entry.resource_type}/{given}" if given else acting.new_key(entry.resource_type)
    return there or own


def _conditional_references(content: Any) -> list[str]:
    if isinstance(content, list):
        return [said for one in content for said in _conditional_references(one)]
    if not isinstance(content, dict):
        return []
    said = content.get("reference")
    own = [said] if isinstance(said, str) and _CONDITIONAL.fullmatch(said) else []
    return own + [found for one in content.values() for found in _conditional_references(one)]


def _resolved(call: Call, turn: Turn, said: str) -> str:
    """The one resource that a conditional reference names."""
    found = _CONDITIONAL.fullmatch(said)
    if found is None or found[1] not in resource_types():
        raise BadResource(why="a conditional reference names no resource type")
    there = acting.at_most_one(call, turn, found[1], found[2])
    if there is None:
        raise BadResource(why="a conditional reference fits no resource")
    return there


def _settled(
    call: Call, turn: Turn, entry: Entry, planned: tuple[dict[str, str], dict[int, str]]
) -> acting.Settled:
    known, keys = planned
    if_match = entry.said.get("ifMatch")
    match = if_match if isinstance(if_match, str) else None
    if entry.method == "DELETE":
        if entry.query:
            return acting.settle_conditional_delete(call, turn, entry.resource_type, entry.query)
        return acting.settle_delete(turn, entry.path, if_match=match)
    content = with_references(entry.resource or {}, known)
    if entry.method == "PATCH":
        return acting.settle_patch(turn, entry.path, _patch_of(content), if_match=match)
    key = keys[entry.number]
    content = of_type(content, entry.resource_type)
    if entry.method == "POST":
        present = turn.present(key)
        if present.exists:
            return acting.Settled(None, 200, present)
        return acting.settle_create(call, turn, content, if_none_exist=None, key=key)
    resource_id = acting.checked_id(key.partition("/")[2])
    if not entry.query or content.get("id"):
        content = of_type(content, entry.resource_type, resource_id=resource_id)
    return acting.settle_update(turn, content, key, if_match=match)


def _patch_of(binary: Json) -> bytes:
    """The JSON Patch inside a Binary."""
    data = binary.get("data")
    try:
        return base64.b64decode(data if isinstance(data, str) else "", validate=True)
    except ValueError:
        raise BadResource(why="the Binary holds no base64 data") from None


def _answer(call: Call, settled: acting.Settled, done: Done | None) -> Json:
    response: Json = {"status": STATUS[settled.status]}
    if done is None or settled.status == 204:  # noqa: PLR2004
        return {"response": response}
    response |= _where(call, done.stored)
    return {"fullUrl": f"{call.base}/{done.stored.version.key}",
            "resource": done.stored.resource(), "response": response}  # fmt: skip


def _where(call: Call, stored: Stored) -> Json:
    version = stored.version
    return {
        "location": f"{call.base}/{version.key}/_history/{version.number}",
        "etag": etag(version.number),
        "lastModified": instant_text(version.recorded_at),
    }


def _got(call: Call, entry: Entry) -> Json:
    """The answer of a read or search inside a Bundle."""
    parts = entry.path.split("/")
    if len(parts) == 1:
        said = parse_qsl(entry.query, keep_blank_values=True)
        return {"resource": search(call, parts[0], said), "response": {"status": STATUS[200]}}
    call.expect("r", parts[0])
    with call.finder() as finder:
        if len(parts) == 4 and parts[2] == "_history":  # noqa: PLR2004
            found = read_version(finder.reader, f"{parts[0]}/{parts[1]}", parts[3])
        elif len(parts) == 2:  # noqa: PLR2004
            found = read_current(finder.reader, entry.path)
        else:
            raise BadEntry(entry.number, why="its url is not one that a Bundle may ask for")
    response = {"status": STATUS[200], **_where(call, found)}
    return {"resource": found.resource(), "response": response}


# ------------------------------------------------------------------ each by itself


def _batch(call: Call, entries: Sequence[Entry]) -> list[Json]:
    answers: dict[int, Json] = {}
    for entry in sorted(entries, key=_place):
        try:
            answers[entry.number] = _alone(call, entry)
        except VitruvianError as failure:
            told = {"status": str(failure.status), "outcome": outcome_of(failure)}
            answers[entry.number] = {"response": told}
    return [answers[entry.number] for entry in entries]


def _alone(call: Call, entry: Entry) -> Json:
    if entry.method == "GET":
        return _got(call, entry)
    with call.running.writer.turn(call.access) as turn:
        planned = _planned(call, turn, [entry])
        settled = _settled(call, turn, entry, planned)
        done = acting.stored(turn, [settled])[0]
    return _answer(call, settled, done)
