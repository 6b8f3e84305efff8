"""The one timeline: a lane for each kind of data, points where sparse, bins where dense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast, get_args

from vitruvian.picture.facts.events import SAME_FACT, Aligned, align, instant, names, stamp
from vitruvian.picture.facts.judgement import abnormal
from vitruvian.picture.facts.words import label, reading, value_text
from vitruvian.picture.moment import Moment
from vitruvian.picture.record import as_of, read_events
from vitruvian.picture.types import (
    AsOf,
    Lane,
    Timeline,
    TimelineBin,
    TimelineLane,
    TimelinePoint,
)

if TYPE_CHECKING:
    from vitruvian.lake import Reader

COLUMNS = sorted(
    {
        *SAME_FACT,
        *names("event_id time end_time known_at status state source_id code_text numeric_value"),
        *names("value_as_sent unit comparator range_low range_high interpretation text_value"),
        *names("value_code flags"),
    }
)
DRAWN = names(
    "event_id end_time code code_text numeric_value value_as_sent comparator text_value value_code "
    "unit act status polarity"
)
LANES: tuple[Lane, ...] = get_args(Lane)
MOST_BINS = 240
MARGIN = 50
LASTING = frozenset({"problem", "medication", "encounter", "allergy"})
GOING_ON = frozenset({"active", "in-progress", "recurrence", "relapse", "on-hold"})
HOUR = 3_600_000_000
JUDGED_BY = names("numeric_value comparator range_low range_high interpretation")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Window:
    """What is looked at: from, until, and how many items may be drawn."""

    start: datetime | None = None
    end: datetime | None = None
    points: int = 2000


@dataclass(frozen=True)
class Stretch:
    """The window in microseconds since 1970, end exclusive."""

    start: int
    end: int

    def place(self, moment: int, *, bins: int) -> int:
        """Which of some equal bins an instant falls into."""
        return min((moment - self.start) * bins // (self.end - self.start), bins - 1)

    def edge(self, place: int, *, bins: int) -> datetime:
        """The instant at which a bin begins."""
        begins = self.start + (self.end - self.start) * place // bins
        return cast("datetime", instant(begins))


def build_timeline(
    reader: Reader, person_id: int, *, moment: Moment, window: Window | None = None
) -> Timeline:
    """The lanes of one person between two instants; the whole life when none are given.

    Raises
    ------
    NoSuchPatient
        When nothing is stored about that person at the moment asked about.
    """
    events = read_events(reader, person_id, columns=COLUMNS)
    return timeline_of(align(events), window or Window(), as_of=as_of(reader, moment, events))


def timeline_of(aligned: Aligned, window: Window, *, as_of: AsOf) -> Timeline:
    """The lanes from aligned events."""
    placed = placed_rows(aligned)
    stretch = stretch_of(aligned, placed, window)
    lanes = by_lane(aligned, placed, stretch)
    share = shares({lane: len(rows) for lane, rows in lanes.items()}, most=window.points)
    return Timeline(
        as_of=as_of,
        start=cast("datetime", instant(stretch.start)),
        end=cast("datetime", instant(stretch.end)),
        lanes=[
            lane_of(lane, rows, aligned=aligned, stretch=stretch, share=share[lane])
            for lane, rows in lanes.items()
        ],
    )


def placed_rows(aligned: Aligned) -> list[int]:
    """The events that belong on a time axis; what has no time, like sex, does not."""
    times, lanes = aligned.events.column("time"), aligned.events.column("category")
    return [row for row in aligned.shown if times[row] is not None or lanes[row] != "other"]


def stretch_of(aligned: Aligned, placed: Sequence[int], window: Window) -> Stretch:
    """The window asked for, else from the first to the last event and a little more."""
    moments = [aligned.events.when[row] for row in placed]
    first, last = min(moments, default=0), max(moments, default=0)
    margin = max((last - first) // MARGIN, HOUR)
    start = first - margin if window.start is None else stamp(window.start)
    end = last + margin if window.end is None else stamp(window.end)
    return Stretch(start, max(end, start + 1))


def by_lane(aligned: Aligned, placed: Sequence[int], stretch: Stretch) -> dict[Lane, list[int]]:
    """The rows of each lane that lie in the window or reach into it, in the order of lanes."""
    ends, lanes = aligned.events.column("end_time"), aligned.events.column("category")
    when, lasting = aligned.events.when, ongoing(aligned)
    found: dict[Lane, list[int]] = {}
    for row in placed:
        starts, ends_at = when[row], ends[row]
        if starts >= stretch.end:
            continue
        reaches = row in lasting if ends_at is None else ends_at > stretch.start
        if starts >= stretch.start or reaches:
            found.setdefault(lanes[row], []).append(row)
    return {lane: found[lane] for lane in LANES if lane in found}


def ongoing(aligned: Aligned) -> frozenset[int]:
    """What lasts, has begun and has not ended, by its source's own word."""
    ends, states = aligned.events.column("end_time"), aligned.events.column("state")
    return frozenset(
        row
        for lane in LASTING
        for row in aligned.where(lane)
        if ends[row] is None and states[row] in GOING_ON
    )


def shares(totals: Mapping[Lane, int], *, most: int) -> dict[Lane, int]:
    """How many items each lane may draw: what small lanes leave over goes to the larger."""
    given: dict[Lane, int] = {}
    left = most
    ordered = sorted(totals, key=lambda lane: totals[lane])
    for place, lane in enumerate(ordered):
        given[lane] = min(totals[lane], left // (len(ordered) - place))
        left -= given[lane]
    return given


def lane_of(
    lane: Lane, rows: Sequence[int], *, aligned: Aligned, stretch: Stretch, share: int
) -> TimelineLane:
    """One lane, drawn event by event if its share allows, else in bins."""
    if len(rows) <= share:
        return TimelineLane(lane, len(rows), points_of(aligned, rows), [])
    bins = max(1, min(MOST_BINS, share))
    return TimelineLane(lane, len(rows), [], bins_of(aligned, rows, stretch=stretch, bins=bins))


def points_of(aligned: Aligned, rows: Sequence[int]) -> list[TimelinePoint]:
    """Each event by itself, newest first."""
    lasting, flags, when = ongoing(aligned), flagged(aligned, rows), aligned.events.when
    machine = aligned.events.machine_read
    return [
        point(read, when=when[row], signs=Signs(row in lasting, flag, row in machine))
        for row, flag, read in zip(
            rows, flags, aligned.events.rows(rows, columns=DRAWN), strict=True
        )
    ]


class Signs(NamedTuple):
    """How one event is drawn."""

    ongoing: bool
    abnormal: bool | None
    machine_read: bool


def point(row: Row, *, when: int, signs: Signs) -> TimelinePoint:
    """One event on a lane."""
    value = value_text(row)
    return TimelinePoint(
        event_id=str(row["event_id"]),
        time=cast("datetime", instant(when)),
        end_time=instant(row["end_time"]),
        ongoing=signs.ongoing,
        label=label(row),
        value=f"{value} {row['unit']}" if value is not None and row["unit"] else value,
        act=row["act"],
        status=row["status"],
        abnormal=signs.abnormal,
        negated=row["polarity"] == "negated",
        machine_read=signs.machine_read,
    )


def bins_of(
    aligned: Aligned, rows: Sequence[int], *, stretch: Stretch, bins: int
) -> list[TimelineBin]:
    """Equal stretches of the window with how many events begin in each."""
    when = aligned.events.when
    filled: dict[int, list[int]] = {}
    for row in rows:
        place = stretch.place(max(when[row], stretch.start), bins=bins)
        filled.setdefault(place, []).append(row)
    flags = dict(zip(rows, flagged(aligned, rows), strict=True))
    words, codes = aligned.events.column("code_text"), aligned.events.column("code")
    return [
        TimelineBin(
            start=stretch.edge(place, bins=bins),
            end=stretch.edge(place + 1, bins=bins),
            count=len(inside),
            abnormal=sum(1 for row in inside if flags[row]),
            top_label=Counter(words[r] or codes[r] for r in inside).most_common(1)[0][0],
        )
        for place, inside in sorted(filled.items())
    ]


def flagged(aligned: Aligned, rows: Sequence[int]) -> list[bool | None]:
    """Whether each row is abnormal by its flag or its own range; equal results are judged once."""
    columns = [aligned.events.column(name) for name in JUDGED_BY]
    judged: dict[tuple[Any, ...], bool | None] = {}
    found = []
    for row in rows:
        key = tuple(column[row] for column in columns)
        if key not in judged:
            judged[key] = abnormal(reading(dict(zip(JUDGED_BY, key, strict=True))))
        found.append(judged[key])
    return found
