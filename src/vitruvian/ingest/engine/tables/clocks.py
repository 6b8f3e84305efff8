"""Dates and times as text, as instants: in the zone that the mapping declares.

References
----------
ISO 8601-1:2019; time zones by their IANA names.
"""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.engine.tables.language.mapping import TableRule

_ZONE = r"'(Z|[+-]\d\d(:?\d\d)?)$'"


def create_clocks(connection: Any, rule: TableRule, *, zone: str) -> None:
    """SQL functions over the text of a time, for one table.

    ``tab_from(t)``
        earliest instant; null when the text is no time
    ``tab_until(t)``
        latest instant, exclusive, of a date; null for a full instant
    ``tab_offset(t)``
        minutes east of UTC as sent; null when none was sent
    """
    for name, body in _macros(rule, zone=zone).items():
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {name}(t) AS ({body})")


def _macros(rule: TableRule, *, zone: str) -> dict[str, str]:
    here = literal(zone)
    day = f"coalesce({_strptime(rule.date_formats)}, CASE length(t) {_PARTIAL} END)"
    step = (
        f"CASE WHEN {_strptime(rule.date_formats)} IS NOT NULL OR length(t) = 10 "
        "THEN INTERVAL 1 DAY WHEN length(t) = 7 THEN INTERVAL 1 MONTH "
        "WHEN length(t) = 4 THEN INTERVAL 1 YEAR END"
    )
    full = (
        f"CASE WHEN length(t) > 10 THEN coalesce("
        f"timezone({here}, {_strptime(rule.time_formats)}), "
        f"CASE WHEN regexp_matches(t, {_ZONE}) THEN try_cast(t AS TIMESTAMPTZ) "
        f"ELSE timezone({here}, try_cast(t AS TIMESTAMP)) END) END"
    )
    return {
        "tab_day": day,
        "tab_from": f"coalesce(timezone({here}, tab_day(t)), {full})",
        "tab_until": f"timezone({here}, tab_day(t) + {step})",
        "tab_offset": _offset(),
    }


def _strptime(formats: tuple[str, ...]) -> str:
    if not formats:
        return "NULL::TIMESTAMP"
    return f"try_strptime(t, [{', '.join(literal(each) for each in formats)}])"


_PARTIAL = (
    "WHEN 10 THEN try_cast(t AS TIMESTAMP) "
    "WHEN 7 THEN try_cast(t || '-01' AS TIMESTAMP) "
    "WHEN 4 THEN try_cast(t || '-01-01' AS TIMESTAMP)"
)


def _offset() -> str:
    sign = "CASE WHEN t[-6] = '-' OR t[-5] = '-' OR t[-3] = '-' THEN -1 ELSE 1 END"
    digits = r"replace(regexp_extract(t, '[+-](\d\d(:?\d\d)?)$', 1), ':', '')"
    over = f"coalesce(try_cast(substr({digits}, 3) AS INTEGER), 0)"
    minutes = f"try_cast(left({digits}, 2) AS INTEGER) * 60 + {over}"
    return (
        "CASE WHEN length(t) <= 10 THEN NULL WHEN t[-1] = 'Z' THEN 0 "
        rf"WHEN regexp_matches(t, {_ZONE}) THEN {sign} * ({minutes}) END::SMALLINT"
    )
