"""The changes a caller may ask for: create, update, patch, delete, each also conditional.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.0 RESTful API: create, update, patch, delete and their conditions.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from vitruvian.api.routes.fhir.json import Json, parsed
from vitruvian.api.routes.fhir.outcome import (
    BadRequest,
    NoSuchResource,
    ResourceGone,
    SeveralMatch,
    VersionMismatch,
)
from vitruvian.api.routes.fhir.search.request import read_search
from vitruvian.api.routes.fhir.serving.stored import load_ids
from vitruvian.api.routes.fhir.writing.checking import ID, BadResource, checked, of_type
from vitruvian.api.routes.fhir.writing.patch import patched
from vitruvian.api.routes.fhir.writing.writer import Change, Done, Present, Turn
from vitruvian.trust.smart import expect_scope

if TYPE_CHECKING:
    from vitruvian.api.routes.fhir.door import Call

_TAG = re.compile(r'\s*(?:W/)?"?([^"\s]+)"?\s*')


class EmptyCondition(BadRequest):
    """A conditional change came without a condition."""

    status = 412

    def __init__(self) -> None:
        super().__init__("A conditional change needs search parameters that name the resource.")


@dataclass(frozen=True)
class Settled:
    """What a request comes to once the present state is known.

    Parameters
    ----------
    change
        What is to be stored; None when nothing is.
    status
        Of the answer.
    present
        What there was.
    """

    change: Change | None
    status: int
    present: Present


def new_key(resource_type: str) -> str:
    """``Type/id`` with an id nobody has."""
    return f"{resource_type}/{uuid.uuid4()}"


def matching(call: Call, turn: Turn, resource_type: str, condition: str) -> list[str]:
    """Which resources a condition names, as ``Type/id``; two at most are told."""
    said = parse_qsl(condition.lstrip("?"), keep_blank_values=True)
    if not said:
        raise EmptyCondition
    call.expect("s", resource_type)
    asked = read_search(resource_type, said)
    if not asked.filters:
        raise EmptyCondition
    found = call.finder_on(turn.reader).find(asked)
    return [one.version.key for one in load_ids(turn.reader, found.part(0, 2))]


def at_most_one(call: Call, turn: Turn, resource_type: str, condition: str) -> str | None:
    """The one resource a condition names; raises `SeveralMatch`."""
    found = matching(call, turn, resource_type, condition)
    if len(found) > 1:
        raise SeveralMatch(resource_type)
    return found[0] if found else None


def check_match(present: Present, if_match: str | None) -> None:
    """Raise `VersionMismatch` unless the version that holds is the one named."""
    if if_match is None or if_match.strip() == "*":
        return
    found = _TAG.fullmatch(if_match)
    number = present.current.version.number if present.current else None
    if found is None or str(number) != found[1] or not present.exists:
        raise VersionMismatch(present.key.partition("/")[0])


# ------------------------------------------------------------------ what each request comes to


def settle_create(
    call: Call, turn: Turn, content: Json, *, if_none_exist: str | None, key: str | None = None
) -> Settled:
    """A create, unless its condition names something that is there."""
    resource_type = content["resourceType"]
    if if_none_exist is not None:
        there = at_most_one(call, turn, resource_type, if_none_exist)
        if there is not None:
            return Settled(None, 200, turn.present(there))
    present = Present(key or new_key(resource_type))
    return Settled(Change(present, content), 201, present)


def settle_update(turn: Turn, content: Json, key: str, *, if_match: str | None) -> Settled:
    """An update, or a create under an id that the client chose."""
    present = turn.present(key)
    check_match(present, if_match)
    return Settled(Change(present, content), 200 if present.exists else 201, present)


def settle_conditional_update(
    call: Call, turn: Turn, content: Json, condition: str, *, if_match: str | None = None
) -> Settled:
    """An update of the one that a condition names; a create when it names none."""
    resource_type = content["resourceType"]
    there = at_most_one(call, turn, resource_type, condition)
    said = content.get("id")
    if there is None:
        key = f"{resource_type}/{said}" if said else new_key(resource_type)
        if said and turn.present(key).exists:
            raise SeveralMatch(resource_type)
        return settle_update(turn, content, key, if_match=if_match)
    if said and there != f"{resource_type}/{said}":
        raise BadResource(why="its id is not that of the resource which the condition names")
    return settle_update(turn, content, there, if_match=if_match)


def settle_patch(turn: Turn, key: str, data: bytes, *, if_match: str | None) -> Settled:
    """A patch of what is there."""
    resource_type, _, resource_id = key.partition("/")
    # The answer shows the whole record.
    expect_scope(turn.access, "r", resource_type)
    present = turn.present(key)
    if present.current is None:
        raise NoSuchResource(resource_type)
    if not present.exists:
        raise ResourceGone(resource_type)
    check_match(present, if_match)
    content = checked(patched(parsed(present.current.data), data))
    content = of_type(content, resource_type, resource_id=resource_id)
    return Settled(Change(present, content), 200, present)


def settle_delete(turn: Turn, key: str, *, if_match: str | None) -> Settled:
    """A deletion; what is gone already, or never was, stays so."""
    present = turn.present(key)
    if not present.exists:
        return Settled(None, 204, present)
    check_match(present, if_match)
    return Settled(Change(present, None), 204, present)


def settle_conditional_delete(
    call: Call, turn: Turn, resource_type: str, condition: str
) -> Settled:
    """A deletion of the one that a condition names."""
    there = at_most_one(call, turn, resource_type, condition)
    if there is None:
        return Settled(None, 204, Present(f"{resource_type}/-"))
    return settle_delete(turn, there, if_match=None)


def stored(turn: Turn, settled: Sequence[Settled]) -> list[Done | None]:
    """Store what several requests came to, together; None where nothing holds afterwards."""
    done = iter(turn.write([one.change for one in settled if one.change is not None]))
    return [_standing(one) if one.change is None else next(done) for one in settled]


def _standing(settled: Settled) -> Done | None:
    current = settled.present.current
    return None if current is None else Done(current, changed=False)


def checked_id(resource_id: str) -> str:
    """An id from an address; raises `BadResource`."""
    if not ID.fullmatch(resource_id):
        raise BadResource(
            why="the id in the address is not 1 to 64 letters, digits, dots or dashes"
        )
    return resource_id
