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


def suspects(column: str) -> str:
    """SQL for JSON that the engine lets pass and the standard (RFC 8259) does not."""
    return (
        f"(regexp_matches({column}, ',\\s*[\\]}}]') OR contains({column}, 'NaN') "
        f"OR contains({column}, 'Infinity'))"
    )


def report_shapes(connection: Any, problems: Mapping[int, Problems]) -> None:
    """Take records of an unknown type or with misshapen elements off the stage, and report them."""
    for (name,) in connection.execute(f"SELECT DISTINCT resource_type FROM {STAGE}").fetchall():
        if not is_resource(name):
            _reject_unknown(connection, name, problems)
        elif name in types_on_the_timeline():
            _reject_misshapen(connection, name, problems)
        elif name not in not_on_the_timeline():
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


def _reject_misshapen(connection: Any, name: str, problems: Mapping[int, Problems]) -> None:
    shapes = expected_shapes(name)
    paths = ", ".join(literal(path) for path in shapes)
    wanted = ", ".join(literal(shape) for shape in shapes.values())
    listed = ", ".join(literal(path) for path in shapes)
    rows = connection.execute(f"""
    SELECT seq, source_no, record, wrong.path, wrong.wanted FROM (
        SELECT seq, source_no, record, list_filter(
            list_zip([{listed}], [{wanted}], json_type(resource, [{paths}])),
            lambda z: z[3] IS NOT NULL AND z[3] <> 'NULL' AND z[2] <> (CASE
                WHEN z[3] IN ('ARRAY', 'OBJECT') THEN z[3] ELSE 'PRIMITIVE' END)) AS faults
        FROM {STAGE} WHERE resource_type = {literal(name)} AND NOT deleted
    ), LATERAL (SELECT struct_pack(path := faults[1][1], wanted := faults[1][2]) AS wrong)
    WHERE len(faults) > 0
    """).fetchall()
    for _, number, record, path, shape in rows:
        pointer = path.removeprefix("$").replace(".", "/").replace("[0]", "/0")
        message = f"{name}: the element is of the wrong shape. Expected {_WORDS[shape]}."
        problems[number].add(Problem(record, pointer, "wrong-shape", message, rejects=True))
    if rows:
        bad = [row[0] for row in rows]
        connection.execute(f"DELETE FROM {STAGE} WHERE seq IN (SELECT unnest(?::BIGINT[]))", [bad])
