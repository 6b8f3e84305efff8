"""What was still going on: an end that lies after the instant asked was not known then.

A source often tells an episode once, when it is over.
Its row is known from the start on, so as known in the middle its end would be news from the future.
The door therefore shows such a row as still open.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from vitruvian.record import Table

END = "end_time"
# The word beside an end speaks of the end too: a stay that goes on is not "completed".
# Words of HL7 FHIR R4 (4.0.1): EncounterStatus, EncounterLocationStatus, condition-clinical.
OPEN_WORD = {
    "event": ("state", "active"),
    "encounter": ("status", "in-progress"),
    "location_stay": ("status", "active"),
}


def shown_sql(table: Table, *, known_at: str | None) -> str:
    """The columns of a table for a SELECT; ends after `known_at`, an SQL literal, are open."""
    if known_at is None or table.name not in OPEN_WORD:
        return ", ".join(f'"{name}"' for name in table.column_names)
    word, still = OPEN_WORD[table.name]
    later = f'"{END}" > {known_at}'
    special = {
        END: f'CASE WHEN {later} THEN NULL ELSE "{END}" END AS "{END}"',
        word: f'CASE WHEN {later} THEN \'{still}\' ELSE "{word}" END AS "{word}"',
    }
    return ", ".join(special.get(name, f'"{name}"') for name in table.column_names)


def helper_columns(table: Table) -> tuple[str, ...]:
    """The columns that `with_open_ends` needs."""
    return (END,) if table.name in OPEN_WORD else ()


def with_open_ends(rows: pa.Table, *, table: str, known_at: datetime | None) -> pa.Table:
    """The same rows; ends after `known_at` are open."""
    if known_at is None or table not in OPEN_WORD:
        return rows
    word, still = OPEN_WORD[table]
    at = pa.scalar(known_at, rows.schema.field(END).type)
    later = pc.fill_null(pc.greater(rows.column(END), at), fill_value=False)
    for name, instead in ((word, still), (END, None)):
        place = rows.schema.get_field_index(name)
        if place >= 0:
            field = rows.schema.field(place)
            shown = pc.if_else(later, pa.scalar(instead, field.type), rows.column(name))
            rows = rows.set_column(place, field, shown)
    return rows
