"""A stored row as a fact on the page: label, value in words, range, origins, conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vitruvian.picture.facts.events import Aligned, instant
from vitruvian.picture.facts.judgement import Reading
from vitruvian.picture.types import Conflict, Fact, Origin

Row = Mapping[str, Any]
MILLION = 1e6
MOST_DIGITS = 9
TO = "\N{EN DASH}"


def number_text(value: float) -> str:
    """A number for people: at most six significant digits, whole from a million on.

    Examples
    --------
    >>> number_text(7.8000001), number_text(250000.0)
    ('7.8', '250000')
    """
    return f"{value:.6g}" if abs(value) < MILLION else f"{value:.0f}"


def label(row: Row) -> str:
    """What a fact is called: its words, else its code with the system it belongs to.

    Examples
    --------
    >>> label({"code_text": None, "code": "LOINC//2823-3"})
    'LOINC 2823-3'
    """
    return str(row["code_text"] or row["code"].replace("//", " ", 1))


def value_text(row: Row) -> str | None:
    """The value as shown: comparator and digits as sent where the unit was kept, else words."""
    number = row["numeric_value"]
    if number is None:
        code = row["value_code"]
        words = row["text_value"] or (code_words(code) if code else None)
        return None if words is None else str(words)
    return (row["comparator"] or "") + digits(number, row["value_as_sent"])


def code_words(code: str) -> str:
    """A coded answer without words; a bare number says which system it belongs to.

    Examples
    --------
    >>> code_words("SNOMED//10828004"), code_words("V2//POS")
    ('SNOMED 10828004', 'POS')
    """
    system, _, bare = code.rpartition("//")
    readable = any(letter.isalpha() for letter in bare)
    return bare if readable or not system else f"{system} {bare}"


def digits(number: float, as_sent: str | None) -> str:
    """The digits as sent, when they are still the same number and short enough to be read.

    Some sources send a dozen decimals; the record behind the fact keeps them all.

    Examples
    --------
    >>> digits(5.1, "5.10"), digits(9.99, "180"), digits(76.07982376, "76.07982376")
    ('5.10', '9.99', '76.0798')
    """
    try:
        same = as_sent is not None and float(as_sent) == number
    except ValueError:
        same = False
    short = as_sent is not None and len(as_sent) <= MOST_DIGITS
    return str(as_sent) if same and short else number_text(number)


def range_text(row: Row) -> str | None:
    """The laboratory's own range, in the unit shown."""
    low, high = row["range_low"], row["range_high"]
    if low is not None and high is not None:
        return f"{number_text(low)}{TO}{number_text(high)}"
    if low is not None:
        return f"≥ {number_text(low)}"
    if high is not None:
        return f"≤ {number_text(high)}"
    return None if row["range_text"] is None else str(row["range_text"])


def reading(row: Row) -> Reading:
    """What is needed to judge a result."""
    return Reading(
        value=row["numeric_value"],
        comparator=row["comparator"],
        low=row["range_low"],
        high=row["range_high"],
        interpretation=row["interpretation"],
    )


def detail(row: Row) -> str | None:
    """Dose, place, specimen, method, device and relative in one line."""
    relative = row["relation"].rpartition("//")[2] if row["relation"] else None
    names = ("dose_text", "body_site", "specimen", "method", "device")
    parts = [relative, *(row[name] for name in names)]
    return "; ".join(str(part) for part in parts if part) or None


def origin(row: Row) -> Origin:
    """The source behind one row."""
    return Origin(
        event_id=str(row["event_id"]),
        source_id=row["source_id"],
        site=row["site"],
        known_at=instant(row["known_at"]),  # type: ignore[arg-type]  # known_at is never null
    )


def answer_text(row: Row) -> str:
    """What one side of a disagreement says."""
    value = value_text(row)
    if value is None:
        return "refuted" if row["polarity"] == "negated" else "stated"
    return f"{value} {row['unit']}" if row["unit"] else value


def facts(aligned: Aligned, rows: Sequence[int]) -> list[Fact]:
    """Facts for some of the rows shown, in the order asked for."""
    behind = [aligned.told_by(row) for row in rows]
    wanted = sorted({*rows, *(each for told in behind for each in told)})
    read = dict(zip(wanted, aligned.events.rows(wanted), strict=True))
    return [
        fact(read[row], told=[read[each] for each in told], disputed=row in aligned.rivals)
        for row, told in zip(rows, behind, strict=True)
    ]


def conflict(told: Sequence[Row]) -> Conflict:
    """Each answer once, with every origin."""
    answers = list(dict.fromkeys(answer_text(row) for row in told))
    return Conflict(answers=answers, origins=[origin(row) for row in told])


def fact(row: Row, *, told: Sequence[Row], disputed: bool) -> Fact:
    """One fact from its row and all the rows that tell it."""
    return Fact(
        event_id=str(row["event_id"]),
        category=row["category"],
        code=row["code"],
        label=label(row),
        time=instant(row["time"]),
        time_as_sent=row["time_as_sent"],
        end_time=instant(row["end_time"]),
        known_at=instant(row["known_at"]),  # type: ignore[arg-type]  # known_at is never null
        known_at_basis=row["known_at_basis"],
        value=value_text(row),
        numeric_value=row["numeric_value"],
        unit=row["unit"],
        comparator=row["comparator"],
        range_text=range_text(row),
        interpretation=row["interpretation"],
        act=row["act"],
        status=row["status"],
        state=row["state"],
        negated=row["polarity"] == "negated",
        certainty=row["certainty"],
        detail=detail(row),
        origins=[origin(each) for each in told],
        conflict=conflict(told) if disputed else None,
        flags=list(row["flags"] or []),
    )
