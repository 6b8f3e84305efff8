"""Records whose elements have the wrong shape: found set-wise, named with their JSON pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import not_on_the_timeline, types_on_the_timeline
from vitruvian.ingest.library.fhir.records.staging import STAGE
from vitruvian.ingest.report import Problem, Problems
from vitruvian.views.elements import PRIMITIVES, find_element, is_resource

_WORDS = {"ARRAY": "a list", "OBJECT": "an object", "PRIMITIVE": "a single value"}


def reject_by_type(
    connection: Any, name: str, batch: str, problems: Mapping[int, Problems]
) -> bool:
    """Take records of a batch off the stage that are of no known type, or misshapen; report them.

    Parameters
    ----------
    name
        The resource type of every record of the batch.
    batch
        Relation of their texts: ``seq``, ``resource``.

    Returns
    -------
    bool
        Whether the type is one of FHIR R4.
    """
    if not is_resource(name):
        _reject_unknown(connection, name, problems)
        return False
    if name in types_on_the_timeline():
        _reject_misshapen(connection, name, batch, problems)
    return True


def report_unmapped(connection: Any, problems: Mapping[int, Problems]) -> None:
    """Say once a source which types it holds that the mapping does not know of."""
    for (name,) in connection.execute(f"SELECT DISTINCT resource_type FROM {STAGE}").fetchall():
        if name not in types_on_the_timeline() and name not in not_on_the_timeline():
            message = f"Resource type {name} is on neither list of the mapping; it is kept."
            _tell(connection, name, message, problems)


def _reject_unknown(connection: Any, name: str, problems: Mapping[int, Problems]) -> None:
    message = "The resourceType is not one of FHIR R4. Expected the name of a FHIR R4 resource."
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE resource_type = ? RETURNING source_no, record", [name]
    ).fetchall()
    for number, record in rows:
        problem = Problem(record, "/resourceType", "unknown-type", message, rejects=True)
        problems[number].add(problem)


def _tell(connection: Any, name: str, message: str, problems: Mapping[int, Problems]) -> None:
    rows = connection.execute(
        f"SELECT source_no, min(record) FROM {STAGE} WHERE resource_type = ? GROUP BY ALL", [name]
    ).fetchall()
    for number, record in rows:
        problems[number].add(Problem(record, "/resourceType", "type-not-mapped", message))


@cache
def expected_shapes(name: str) -> dict[str, str]:
    """Path of each checked element -> ARRAY, OBJECT or PRIMITIVE, for one resource type.

    Examples
    --------
    >>> expected_shapes("Patient")["$.name"], expected_shapes("Patient")["$.name[0].given"]
    ('ARRAY', 'ARRAY')
    """
    found: dict[str, str] = {}
    for element in ("id", "meta", *_elements_of(name)):
        _add_shape(found, name, element, "$", deep=True)
    return found


_CHECKED = (
    "name identifier birthDate gender deceased code subject patient encounter category status "
    "value component effective issued onset abatement recordedDate clinicalStatus "
    "verificationStatus medication authoredOn dosageInstruction performed vaccineCode occurrence "
    "period class type location content presentedForm section series started referenceRange "
    "interpretation condition relationship dataAbsentReason bodySite date"
).split()


def _elements_of(name: str) -> list[str]:
    return [element for element in _CHECKED if find_element(name, element) is not None]


def _add_shape(found: dict[str, str], owner: str, name: str, path: str, *, deep: bool) -> None:
    element = find_element(owner, name)
    if element is None:
        return
    for kind in element.types:
        here = f"{path}.{element.json_name(kind)}"
        single = "PRIMITIVE" if kind in PRIMITIVES else "OBJECT"
        found[here] = "ARRAY" if element.many else single
        inside = f"{here}[0]" if element.many else here
        if element.many:
            found[inside] = single
        if deep and single == "OBJECT":
            for child in (
                "coding",
                "text",
                "value",
                "family",
                "given",
                "start",
                "end",
                "reference",
            ):
                _add_shape(found, kind, child, inside, deep=False)


def _reject_misshapen(
    connection: Any, name: str, batch: str, problems: Mapping[int, Problems]
) -> None:
    shapes = _shapes_present(connection, name, batch)
    if not shapes:
        return
    kinds = f"json_type(resource, [{', '.join(literal(path) for path in shapes)}])"
    # Records of a type have few shapes: each is looked at once.
    found = connection.execute(f"SELECT DISTINCT {kinds} FROM {batch}").fetchall()
    same = f"SELECT seq FROM {batch} WHERE {kinds} IS NOT DISTINCT FROM ?::VARCHAR[]"
    for (shape,) in found:
        path = _fault(shape, shapes)
        if path is not None:
            _reject_shape(connection, name, (same, shape), (path, shapes[path], problems))


def _shapes_present(connection: Any, name: str, batch: str) -> dict[str, str]:
    """The expected shapes of those elements that any record of the batch has."""
    keys = f"SELECT DISTINCT unnest(json_keys(resource)) FROM {batch}"
    present = {f"$.{key}" for (key,) in connection.execute(keys).fetchall()}
    return {
        path: wanted for path, wanted in expected_shapes(name).items() if _top_of(path) in present
    }


def _top_of(path: str) -> str:
    """The path of the element of the resource that a path leads through.

    Examples
    --------
    >>> _top_of("$.name[0].given"), _top_of("$.name")
    ('$.name', '$.name')
    """
    return "$." + path[2:].partition(".")[0].partition("[")[0]


def _fault(shape: Sequence[str | None], shapes: Mapping[str, str]) -> str | None:
    """The path of the first element whose type is not the one expected; null and absent pass."""
    for one, (path, wanted) in zip(shape, shapes.items(), strict=True):
        kind = one if one in {"ARRAY", "OBJECT"} else "PRIMITIVE"
        if one not in {None, "NULL"} and kind != wanted:
            return path
    return None


def _reject_shape(
    connection: Any,
    name: str,
    same: tuple[str, Sequence[str | None]],
    fault: tuple[str, str, Mapping[int, Problems]],
) -> None:
    path, wanted, problems = fault
    those, shape = same
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE seq IN ({those}) RETURNING source_no, record",
        [shape],
    ).fetchall()
    pointer = path.removeprefix("$").replace(".", "/").replace("[0]", "/0")
    message = f"{name}: the element is of the wrong shape. Expected {_WORDS[wanted]}."
    for number, record in rows:
        problems[number].add(Problem(record, pointer, "wrong-shape", message, rejects=True))
