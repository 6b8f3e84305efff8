"""Records of one source and device put together: a minute of samples, a day of pieces, a night.

Sources are never put together: a watch and a phone that count the same steps are two rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from vitruvian.ingest.library.apple_health.reading.fields import (
    Fields,
    iso,
    kind_of,
    kinds,
    number_of,
    origin,
    plain,
)
from vitruvian.ingest.library.apple_health.reading.xml import Element

Key = tuple[str, str | None, str | None, str | None]
_NOON, _MINUTE = timedelta(hours=12), 60
_STAGE = "HKCategoryValueSleepAnalysis"


def group_of(element: Element) -> Key | None:
    """The table, the source and the span of time that a record belongs to; None for none."""
    start = _instant(element, "startDate")
    if element.name != "Record" or start is None or _instant(element, "endDate") is None:
        return None
    span = _span(element, start)
    if span is None:
        return None
    held = origin(element)
    return span, held["source"], held["device"], element.attributes.get("unit")


def _span(element: Element, start: datetime) -> str | None:
    """Table, kind and minute, day or night; None for a record that stands for itself."""
    kind = kind_of(element.attributes.get("type", ""))
    if kind == kinds()["sleep"]["kind"]:
        return f"sleep {start + _NOON:%Y-%m-%d}" if _stage(element) else None
    if number_of(element) is None:
        return None
    if kind in kinds()["sampled"]:
        return f"sampled {kind} {start:%Y-%m-%dT%H:%M%z}"
    return f"summed {kind} {start:%Y-%m-%d}" if kind in kinds()["summed"] else None


def _instant(element: Element, name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(iso(element.attributes.get(name)) or "")
    except ValueError:
        return None


def _stage(element: Element) -> str | None:
    said = element.attributes.get("value", "").removeprefix(_STAGE)
    found: str | None = kinds()["sleep"]["stages"].get(said)
    return found


class Groups:
    """Groups that are still open, within a bound of bytes; the longest untouched goes first."""

    def __init__(self, byte_count: int) -> None:
        self._most = byte_count
        self._held = 0
        self._open: OrderedDict[Key, list[Element]] = OrderedDict()

    def add(self, key: Key, element: Element) -> Iterator[list[Element]]:
        """Take a record in; groups that must go to make room for it."""
        self._open.setdefault(key, []).append(element)
        self._open.move_to_end(key)
        self._held += len(element.data)
        while self._held > self._most:
            _, oldest = self._open.popitem(last=False)
            self._held -= sum(len(each.data) for each in oldest)
            yield oldest

    def rest(self) -> Iterator[list[Element]]:
        """Every group that is still open."""
        while self._open:
            yield self._open.popitem(last=False)[1]


def folded(group: Sequence[Element]) -> tuple[str, Fields]:
    """Table and fields of records put together.

    The order in which they stand in the export makes no difference.
    """
    ordered = sorted(group, key=lambda each: (_instant(each, "startDate"), each.data))
    first = ordered[0]
    key = group_of(first)
    table = "" if key is None else key[0].partition(" ")[0]
    last = max(ordered, key=lambda each: str(_instant(each, "endDate")))
    fields = {**origin(first), "end": iso(last.attributes.get("endDate"))}
    fields["sensor"] = f"{fields['source']}, {fields['device']}"
    if table == "sleep":
        return table, {**fields, **_night(ordered)}
    fields["kind"] = kind_of(first.attributes.get("type", ""))
    fields["unit"] = first.attributes.get("unit")
    numbers = [each for each in map(number_of, ordered) if each is not None]
    if table == "summed":
        how = f"sum of {len(ordered)} records"
        return table, {**fields, "sum": plain(sum(numbers, Decimal())), "how": how}
    return table, {**fields, **_minute(numbers)}


def _minute(numbers: Sequence[Decimal]) -> Fields:
    """Mean, lowest and highest of the samples of a minute; a single one is itself."""
    low, high = plain(min(numbers)), plain(max(numbers))
    if len(numbers) == 1:
        return {"mean": low, "low": low, "high": high, "how": None, "span": None}
    mean = plain(round(sum(numbers, Decimal()) / len(numbers), 6))
    how = f"mean of {len(numbers)} samples"
    return {"mean": mean, "low": low, "high": high, "how": how, "span": f"{low} to {high}"}


def _night(records: Sequence[Element]) -> Fields:
    """Minutes of each stage of a night; a stage that nobody recorded is absent, not zero."""
    minutes: dict[str, float] = {}
    for each in records:
        start, end, stage = _instant(each, "startDate"), _instant(each, "endDate"), _stage(each)
        if start is not None and end is not None and stage is not None:
            spent = (end - start).total_seconds() / _MINUTE
            minutes[stage] = minutes.get(stage, 0.0) + spent
    asleep = [minutes[each] for each in ("unspecified", "light", "deep", "rem") if each in minutes]
    told = {**minutes, **({"asleep": sum(asleep)} if asleep else {})}
    names = ("asleep", "light", "deep", "rem", "awake", "in_bed")
    fields: Fields = {name: f"{told[name]:.10g}" if name in told else None for name in names}
    return {**fields, "how": f"sum of {len(records)} records"}
