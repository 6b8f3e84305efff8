"""Times that are none: found set-wise when they are read, named with their JSON pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow.compute as pc

from vitruvian.ingest.library.fhir.mapping import types_on_the_timeline
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK
from vitruvian.ingest.report import Problem, Problems

_MESSAGE = (
    "The element is no date or time. Expected one as FHIR R4 writes it, such as 2024-05-01. "
    "The record is kept, without that time."
)


def report_times(connection: Any, texts: Any, problems: Mapping[int, Problems]) -> None:
    """Report the records of the chunk that say when in words that are no date.

    Parameters
    ----------
    texts
        ``seq`` and ``resource`` of the chunk's records, as Arrow.
    """
    found = connection.execute(f"""
    SELECT seq, source_no, record, not_a_time FROM {CHUNK}
    WHERE not_a_time IS NOT NULL ORDER BY seq
    """).fetchall()
    for seq, number, record, said in found:
        text = texts["resource"][pc.index(texts["seq"], seq).as_py()].as_py()
        pointer = _place_of_time(said, json.loads(text))
        problems[number].add(Problem(record, pointer, "not-a-time", _MESSAGE))


def _place_of_time(said: str, resource: dict[str, Any]) -> str | None:
    """Where a resource says when in these words; another element may be the same text."""
    kind = types_on_the_timeline()[resource["resourceType"]]
    times = {path.split(".")[-1].split("[")[0] for path in (*kind.stated, *kind.happened)}
    places = places_of(said, resource, "")
    return min(places, key=lambda place: place.split("/")[-1] not in times, default=None)


def places_of(said: str, value: object, here: str) -> Iterator[str]:
    """JSON pointers of the elements that are this text.

    Examples
    --------
    >>> list(places_of("soon", {"period": {"end": "soon"}, "note": [{"time": "soon"}]}, ""))
    ['/period/end', '/note/0/time']
    """
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from places_of(said, inside, f"{here}/{name}")
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            yield from places_of(said, inside, f"{here}/{place}")
    elif str(value) == said:
        yield here
