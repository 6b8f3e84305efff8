"""Whether the sources agree that a patient has died, and on which day.

Silence is told too: a death that one hospital knows and another does not is the kind of
disagreement that lets letters and orders go to the dead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
_ABOUT_A_PERSON = ("family", "given", "birth_date", "sex", "deceased")
_DAY = len("2024-05-01")


def death_conflict(
    patients: Sequence[Row], *, happened: Callable[[str | None], bool]
) -> str | None:
    """How the sources disagree over a death, in words; None when they agree or nobody tells one.

    Parameters
    ----------
    patients
        Who the patient is by each source identity, the newest first.
        Identities that are only a number, as of a recording, say nothing and do not count.
    happened
        Whether a death of that day, as sent, lies before the moment asked about.

    Examples
    --------
    >>> told = {"subject_id": 1, "deceased": True, "death_time": "2024-05-01", "sex": "female"}
    >>> silent = {"subject_id": 2, "deceased": None, "death_time": None, "sex": "female"}
    >>> death_conflict([told, silent], happened=lambda day: True)
    'said by 1 of 2 sources'
    """
    speakers = _speakers(patients)
    dead = [row for row in speakers if row["deceased"] is True and happened(row["death_time"])]
    alive = sum(row["deceased"] is False for row in speakers)
    days = _days(row["death_time"] for row in dead)
    if not dead or (len(dead) == len(speakers) and len(days) <= 1):
        return None
    words = [f"said by {len(dead)} of {len(speakers)} sources"]
    if alive:
        words.append(f"{alive} {'says' if alive == 1 else 'say'} alive")
    if len(days) > 1:
        words.append(f"on different days: {', '.join(days)}")
    return "; ".join(words)


def _speakers(patients: Iterable[Row]) -> list[Row]:
    """The newest row of each source identity that tells anything of a person."""
    found: dict[int, Row] = {}
    for row in patients:
        if any(row.get(name) is not None for name in _ABOUT_A_PERSON):
            found.setdefault(row["subject_id"], row)
    return list(found.values())


def _days(said: Iterable[str | None]) -> list[str]:
    """Days that differ; a partial date agrees with every day within it."""
    found: list[str] = []
    for day in sorted({each[:_DAY] for each in said if each}, key=len, reverse=True):
        if not any(known.startswith(day) for known in found):
            found.append(day)
    return sorted(found)
