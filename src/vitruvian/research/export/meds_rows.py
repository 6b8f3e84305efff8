"""Which events become MEDS rows, and under which code: SQL over the timeline.

What a criterion sees unless told otherwise keeps its code. What fails that is written under a
prefix where it still says something (negated, family, ordered, dispensed, reported), and left out
where it does not: cancelled, doubtful, hypothetical, planned or not done, without a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vitruvian.criteria.source import AXES
from vitruvian.research.export.spans import Span

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "NEG//": "polarity = 'negated'",
        "FAM//": "experiencer = 'family'",
        "ORDER//": "act = 'ordered'",
        "DISPENSE//": "act = 'dispensed'",
        "REPORT//": "act = 'reported'",
    }
)
"""What stands before the code of a row that fails the default, and when; in this order."""

START, END = "//start", "//end"
# A static fact of MEDS has no time; an undated diagnosis is not one, and its time is not known.
STATIC = "time IS NULL AND category = 'other'"


def _not_among(axis: str, *more: str) -> str:
    listed = ", ".join(f"'{word}'" for word in (*AXES[axis], *more))
    return f"{axis} NOT IN ({listed})"


DROPPED: Mapping[str, str] = MappingProxyType(
    {
        "cancelled": _not_among("status"),
        "doubtful": _not_among("certainty"),
        "hypothetical": _not_among("temporality"),
        "planned_or_not_done": _not_among("act", "ordered", "dispensed", "reported"),
        "undated": f"time IS NULL AND NOT ({STATIC})",
    }
)
"""Why a row is left out; the first reason that holds is counted."""

_CODE = "concat({prefixes}, code)".format(
    prefixes=", ".join(f"CASE WHEN {when} THEN '{word}' END" for word, when in PREFIXES.items())
)
_KEPT = " AND ".join(f"NOT ({when})" for when in DROPPED.values())
_COLUMNS = (
    "time, end_time, code, category, numeric_value, value_as_sent, unit, comparator, text_value, "
    "value_code, act, status, polarity, certainty, temporality, experiencer, event_id, fact_key, "
    "known_at"
)


_LINKED = f"""
    UNION ALL SELECT l.person AS person, {_COLUMNS}
    FROM (SELECT unnest(?) AS member, unnest(?) AS person) l JOIN event ON subject_id = member"""
_ONCE = f"""
    SELECT *, {_CODE} AS meds_code FROM told WHERE {_KEPT}
    QUALIFY row_number() OVER (
        PARTITION BY person, meds_code,
            CASE WHEN meds_code IN ('MEDS_BIRTH', 'MEDS_DEATH') THEN 0
                 ELSE coalesce(fact_key, event_id) END
        ORDER BY known_at, time, event_id) = 1"""
_VALUED = """
    SELECT o.*, numeric_value IS NOT NULL AND unit IS DISTINCT FROM one_unit AS other_unit
    FROM once o LEFT JOIN units ON of_code = code"""
_VALUES = """
    SELECT person, time, meds_code AS code,
        CASE WHEN NOT other_unit THEN TRY_CAST(numeric_value AS FLOAT) END AS numeric_value,
        coalesce(text_value, value_code,
            CASE WHEN other_unit OR comparator IS NOT NULL THEN concat_ws(' ',
                concat(comparator, coalesce(value_as_sent, numeric_value::VARCHAR)), unit)
            END) AS text_value,
        unit, known_at, event_id
    FROM valued"""


def _edge(time: str, suffix: str) -> str:
    """One end of every interval as a point of its own."""
    return f"""
    SELECT person, {time}, meds_code || '{suffix}', NULL, NULL, NULL, known_at, event_id
    FROM valued WHERE time IS NOT NULL AND end_time IS NOT NULL"""


def rows_sql(span: Span) -> str:
    """SQL of the MEDS rows of one span; its parameters are those of `params_of`, in order.

    One fact told by several sources is one row: the one that was known first. One birth and one
    death a person. A number in another unit than its code's is told in words only.
    """
    return f"""
    WITH units AS (SELECT unnest(?) AS of_code, unnest(?) AS one_unit),
    told AS (
        SELECT subject_id AS person, {_COLUMNS} FROM event
        WHERE subject_id BETWEEN ? AND ? AND subject_id NOT IN (SELECT unnest(?::BIGINT[]))
        {_LINKED if span.linked else ""}
    ),
    once AS ({_ONCE}),
    valued AS ({_VALUED}),
    points AS (
        {_VALUES}
        UNION ALL {_edge("time", START)}
        UNION ALL {_edge("end_time", END)}
    )
    SELECT person AS subject_id, time, code, numeric_value, text_value, unit, known_at, event_id
    FROM points ORDER BY person, time NULLS FIRST, code, event_id"""


def params_of(span: Span, *, units: Mapping[str, str | None]) -> list[object]:
    """The values for the question marks of `rows_sql`."""
    values: list[object] = [list(units), list(units.values()), span.low, span.high]
    values.append(list(span.others))
    if span.linked:
        values += [list(span.linked), list(span.linked.values())]
    return values


UNITS_SQL = """
    SELECT code, unit, count(*) AS n FROM event WHERE numeric_value IS NOT NULL GROUP BY ALL
    ORDER BY code, n DESC, unit NULLS LAST"""
NAMES_SQL = """
    SELECT code, code_text, count(*) AS n FROM event WHERE code_text IS NOT NULL GROUP BY ALL
    ORDER BY code, n DESC, code_text"""


def dropped_sql() -> str:
    """SQL of how many events are left out, by reason."""
    reasons = " ".join(f"WHEN {when} THEN '{word}'" for word, when in DROPPED.items())
    return f"""SELECT CASE {reasons} END AS reason, count(*) AS n FROM event
        GROUP BY 1 HAVING reason IS NOT NULL ORDER BY 1"""
