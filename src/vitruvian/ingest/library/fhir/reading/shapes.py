"""Records whose elements have the wrong shape: found set-wise, named with their JSON pointer."""

from __future__ import annotations

from collections.abc import Mapping
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
    shapes = expected_shapes(name)
    paths = ", ".join(literal(path) for path in shapes)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE fhir_shape AS
    SELECT seq, array_to_string(list_transform(json_type(resource, [{paths}]),
        lambda t: coalesce(t[1], '-')), '') AS shape
    FROM {batch}
    """)
    found = connection.execute("SELECT DISTINCT shape FROM fhir_shape").fetchall()
    faults = {shape: path for (shape,) in found if (path := _fault(shape, shapes))}
    for shape, path in faults.items():
        _reject_shape(connection, name, shape, (path, shapes[path], problems))


def _fault(shape: str, shapes: Mapping[str, str]) -> str | None:
    """The path of the first element whose first letter of type is not the one expected."""
    for letter, (path, wanted) in zip(shape, shapes.items(), strict=True):
        kind = {"A": "ARRAY", "O": "OBJECT"}.get(letter, "PRIMITIVE")
        # N and - stand for null and absent
        if letter not in "N-" and kind != wanted:
            return path
    return None


def _reject_shape(
    connection: Any, name: str, shape: str, fault: tuple[str, str, Mapping[int, Problems]]
) -> None:
    path, wanted, problems = fault
    rows = connection.execute(
        f"DELETE FROM {STAGE} WHERE seq IN (SELECT seq FROM fhir_shape WHERE shape = ?) "
        "RETURNING source_no, record",
        [shape],
    ).fetchall()
    pointer = path.removeprefix("$").replace(".", "/").replace("[0]", "/0")
    message = f"{name}: the element is of the wrong shape. Expected {_WORDS[wanted]}."
    for number, record in rows:
        problems[number].add(Problem(record, pointer, "wrong-shape", message, rejects=True))
