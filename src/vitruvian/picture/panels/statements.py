"""Panels that list statements: problems, procedures, allergies, family, social and others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from vitruvian.picture.facts.events import EPOCH, Aligned, instant, stamp
from vitruvian.picture.facts.words import facts
from vitruvian.picture.panels.choices import none_known
from vitruvian.picture.types import AllergyPanel, Fact, Freshness

OVER = frozenset({"inactive", "remission", "resolved", "completed"})


def is_current(aligned: Aligned, row: int, *, at: datetime) -> bool:
    """Whether a problem is going on at a moment: by its own state, else by its end."""
    state = aligned.events.column("state")[row]
    end = aligned.events.column("end_time")[row]
    if end is not None and end <= stamp(at):
        return False
    return str(state) not in OVER


def applies(aligned: Aligned, row: int) -> bool:
    """Affirmed, about the patient, not hypothetical."""
    column = aligned.events.column
    stated = (column(name)[row] for name in ("polarity", "experiencer"))
    return (*stated,) == ("affirmed", "patient") and (
        str(column("temporality")[row]) != "hypothetical"
    )


def repeated(aligned: Aligned, rows: Sequence[int], *, by: Callable[[int], Hashable]) -> list[Fact]:
    """The newest fact of each kind, which says how often it was recorded and since when."""
    kinds: dict[Hashable, list[int]] = {}
    for row in rows:
        kinds.setdefault(by(row), []).append(row)
    newest = facts(aligned, [same[0] for same in kinds.values()])
    return [
        with_count(found, count=len(same), since=instant(aligned.events.when[same[-1]]))
        for found, same in zip(newest, kinds.values(), strict=True)
    ]


def with_count(found: Fact, *, count: int, since: datetime | None) -> Fact:
    """A fact that says it was recorded more than once."""
    if count == 1 or since is None:
        return found
    words = f"recorded {count} times since {since.date().isoformat()}"
    return replace(found, detail=f"{found.detail}; {words}" if found.detail else words)


def problems(aligned: Aligned, *, at: datetime) -> list[Fact]:
    """Problems of the patient: those going on first, and what records state before notes.

    Refuted ones only mark the timeline.
    """
    rows = told_once(aligned, [row for row in aligned.where("problem") if applies(aligned, row)])
    current = {row: is_current(aligned, row, at=at) for row in rows}
    machine = aligned.events.machine_read
    rows.sort(key=lambda row: (not current[row], row in machine))
    return repeated(aligned, rows, by=lambda row: (current[row], *problem_name(aligned, row)))


def problem_name(aligned: Aligned, row: int) -> tuple[str, bool]:
    """What makes two problems one line: the code; words where a machine read them in a note."""
    if row not in aligned.events.machine_read:
        return str(aligned.events.column("code")[row]), False
    words = aligned.events.column("code_text")[row] or aligned.events.column("code")[row]
    return str(words).casefold(), True


def told_once(aligned: Aligned, rows: Sequence[int]) -> list[int]:
    """Without what a note repeats of a problem that a record states, by code or by name."""
    machine = aligned.events.machine_read
    if not machine:
        return list(rows)
    codes, words = aligned.events.column("code"), aligned.events.column("code_text")
    stated = {codes[row] for row in rows if row not in machine}
    stated |= {words[row].casefold() for row in rows if row not in machine and words[row]}
    return [
        row
        for row in rows
        if row not in machine or not {codes[row], (words[row] or "").casefold()} & stated
    ]


def procedures(aligned: Aligned) -> list[Fact]:
    """What was done, ordered or left undone; each kind once, with its count."""
    codes, acts = aligned.events.column("code"), aligned.events.column("act")
    return repeated(aligned, aligned.where("procedure"), by=lambda row: (codes[row], acts[row]))


def social(aligned: Aligned) -> list[Fact]:
    """The newest answer to each social question."""
    codes = aligned.events.column("code")
    return repeated(aligned, aligned.where("social"), by=lambda row: codes[row])


def listed(aligned: Aligned, category: str) -> list[Fact]:
    """Every fact of one lane, newest first."""
    return facts(aligned, aligned.where(category))


def allergies(aligned: Aligned) -> AllergyPanel:
    """Recorded, none known, or nobody asked: three different answers.

    A single refuted allergy or "no known food allergy" does not mean that none is known.
    An allergy that a machine read in a note is shown as one, because missing it may harm;
    that none is known is believed only where a record states it.
    """
    found = listed(aligned, "allergy")
    if any(not each.negated for each in found):
        return AllergyPanel("recorded", [each for each in found if each.code not in none_known()])
    if any(each.code in none_known() and not each.machine_read for each in found):
        return AllergyPanel("none-known", found)
    return AllergyPanel("not-asked", found)


def source_label(source_id: str, row: Mapping[str, Any] | None) -> str:
    """What people call a source: kind and day received; an id only where nothing else is kept.

    Examples
    --------
    >>> source_label("5c0f9a31aa", {"adapter": "fhir", "media_type": None, "received_at": 0})
    'fhir, received 1970-01-01'
    """
    received = None if row is None else instant(row["received_at"])
    if row is None or received is None:
        return source_id[:8]
    kind = ", ".join(row[name] for name in ("adapter", "media_type") if row[name])
    return f"{kind or source_id[:8]}, received {received.date().isoformat()}"


def freshness(aligned: Aligned, *, sources: Mapping[str, Mapping[str, Any]]) -> list[Freshness]:
    """How recent each source is, the most recent first.

    Files of one kind that one site sent on one day are one source to people.
    `sources` gives the stored row of each source by its id.
    """
    columns = (aligned.events.column(name) for name in ("site", "source_id", "time", "known_at"))
    told: dict[tuple[str, str], list[tuple[int | None, int]]] = {}
    for site, source, time, known in zip(*columns, strict=True):
        told.setdefault((site, source), []).append((time, known))
    found: dict[tuple[str, str], Freshness] = {}
    for (site, source), times in told.items():
        name = (site, source_label(source, sources.get(source)))
        newest = max((time for time, _ in times if time is not None), default=None)
        known_at = instant(max(known for _, known in times))
        one = Freshness(*name, instant(newest), known_at, len(times))
        found[name] = together(found[name], one) if name in found else one
    return sorted(found.values(), key=lambda each: each.latest_known_at or EPOCH, reverse=True)


def together(one: Freshness, other: Freshness) -> Freshness:
    """Two files that people see as one source."""
    return replace(
        one,
        latest_time=latest(one.latest_time, other.latest_time),
        latest_known_at=latest(one.latest_known_at, other.latest_known_at),
        events=one.events + other.events,
    )


def latest(*moments: datetime | None) -> datetime | None:
    """The last of some moments; None when none is known."""
    return max((each for each in moments if each is not None), default=None)
