"""One chunk of resources of one type into rows of every table they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vitruvian.ingest.library.fhir.mapping import types_on_the_timeline
from vitruvian.ingest.library.fhir.rows.notes import VIEWS, map_notes
from vitruvian.ingest.library.fhir.rows.people import map_people
from vitruvian.ingest.library.fhir.rows.pictures import map_images
from vitruvian.ingest.library.fhir.rows.stays import map_encounters
from vitruvian.ingest.library.fhir.timeline.coding import forget_codes
from vitruvian.ingest.library.fhir.timeline.events import Place, map_events


def map_chunk(
    connection: Any, resource_type: str, place: Place, put_blob: Callable[[bytes], str]
) -> Iterator[tuple[str, Any]]:
    """Table name and rows (Arrow) for each table that the chunk's type fills.

    Reads ``fhir_chunk``: resource, keys, clocks, subject and encounter of each record.
    """
    if resource_type == "Patient":
        patients, events = map_people(connection, place)
        yield "patient", patients
        yield "event", events
        return
    yield "event", map_events(connection, types_on_the_timeline()[resource_type], place)
    if resource_type == "Encounter":
        encounters, stays = map_encounters(connection, place)
        yield "encounter", encounters
        yield "location_stay", stays
    elif resource_type == "ImagingStudy":
        yield "image", map_images(connection, place)
    elif resource_type in VIEWS:
        yield "note", map_notes(connection, resource_type, place.site, put_blob)
    forget_codes(connection)
