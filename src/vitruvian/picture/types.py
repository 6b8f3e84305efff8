"""What the picture of a patient is made of: the shapes that the web page draws.

All ids are strings (a browser rounds beyond 2^53).
All instants are ISO 8601 with zone.
Numbers arrive with unit, time and the events they come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vitruvian.record.event import MACHINE_READ

Lane = Literal[
    "encounter",
    "problem",
    "medication",
    "laboratory",
    "vital",
    "procedure",
    "microbiology",
    "imaging",
    "document",
    "immunisation",
    "allergy",
    "family",
    "social",
    "genomics",
    "signal",
    "wearable",
    "other",
]
Trend = Literal["rising", "falling", "steady", "unknown"]


@dataclass(frozen=True)
class Origin:
    """One source that says so."""

    event_id: str
    source_id: str
    site: str
    known_at: datetime


@dataclass(frozen=True)
class Conflict:
    """Sources disagree: each answer with its origins."""

    answers: list[str]
    origins: list[Origin]


@dataclass(frozen=True)
class Fact:
    """One statement of the record, shown once with all its sources.

    `value` is the text to show, comparator included, without unit.
    """

    event_id: str
    category: Lane
    code: str
    label: str
    time: datetime | None
    time_as_sent: str | None
    end_time: datetime | None
    known_at: datetime
    known_at_basis: Literal["stated", "assumed"]
    value: str | None
    numeric_value: float | None
    unit: str | None
    comparator: str | None
    range_text: str | None
    interpretation: str | None
    act: str
    status: str
    state: str | None
    negated: bool
    certainty: str
    detail: str | None
    origins: list[Origin]
    conflict: Conflict | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def machine_read(self) -> bool:
        """Whether a machine read it in a text, and no record states it."""
        return MACHINE_READ in self.flags


@dataclass(frozen=True)
class Identifier:
    """One identifier of the patient."""

    label: str
    value: str
    system: str | None


@dataclass(frozen=True)
class BannerItem:
    """One line of the banner: a value with its time and source, or the word why there is none."""

    key: str
    label: str
    value: str | None
    absent: str | None
    time: datetime | None
    event_id: str | None
    alert: bool = False


@dataclass(frozen=True)
class Banner:
    """Who this is, at the top of every page and printout.

    `death_conflict` tells in words how the sources disagree over a death; None when they agree.
    """

    person_id: str
    family: str | None
    given: str | None
    sex: str | None
    birth_date: str | None
    age_text: str | None
    deceased: bool | None
    death_time: str | None
    death_conflict: str | None
    identifiers: list[Identifier]
    items: list[BannerItem]


@dataclass(frozen=True)
class LabCell:
    """One result in the cumulative table; `value` is the text to show, comparator included."""

    event_id: str
    time: datetime
    column: int
    value: str
    numeric_value: float | None
    comparator: str | None
    interpretation: str | None
    abnormal: bool | None
    status: str
    range_text: str | None
    sources: int
    conflict: bool
    machine_read: bool


@dataclass(frozen=True)
class LabRow:
    """One analyte in one unit, with that laboratory's own range or none."""

    code: str
    label: str
    unit: str | None
    group: str
    range_text: str | None
    trend: Trend
    trend_reason: str | None
    cells: list[LabCell]


@dataclass(frozen=True)
class LabTable:
    """Analytes by time; columns are collection times, newest first."""

    columns: list[datetime]
    rows: list[LabRow]
    truncated: bool


@dataclass(frozen=True)
class Medicine:
    """One substance with what was ordered, dispensed, given and reported."""

    code: str
    label: str
    current: Literal["current", "stopped", "completed", "unknown"]
    dose_text: str | None
    ordered: Fact | None
    dispensed: Fact | None
    last_given: Fact | None
    reported: Fact | None
    stopped: datetime | None
    administrations: int


@dataclass(frozen=True)
class AllergyPanel:
    """Allergies: recorded, none known, or nobody asked."""

    answer: Literal["recorded", "none-known", "not-asked"]
    facts: list[Fact]


@dataclass(frozen=True)
class Stay:
    """One ward, room or bed within an encounter."""

    location: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class EncounterCard:
    """One episode of care with its stays."""

    encounter_id: str
    label: str
    class_text: str | None
    status: str | None
    reason: str | None
    provider: str | None
    start: datetime | None
    end: datetime | None
    stays: list[Stay]
    event_id: str | None


@dataclass(frozen=True)
class Document:
    """One note or report; the text is read separately."""

    note_id: str
    title: str
    time: datetime | None
    known_at: datetime
    status: str | None
    preview: str | None
    event_id: str | None


@dataclass(frozen=True)
class ImagingItem:
    """One imaging study."""

    image_id: str
    study_uid: str | None
    modality: str | None
    description: str | None
    body_site: str | None
    time: datetime | None
    instance_count: int | None
    event_id: str | None


@dataclass(frozen=True)
class Freshness:
    """How recent the data of one source are."""

    site: str
    source: str
    latest_time: datetime | None
    latest_known_at: datetime | None
    events: int


@dataclass(frozen=True)
class Panels:
    """Everything below the banner except the timeline."""

    problems: list[Fact]
    medicines: list[Medicine]
    laboratory: LabTable
    vitals: LabTable
    encounters: list[EncounterCard]
    procedures: list[Fact]
    allergies: AllergyPanel
    immunisations: list[Fact]
    microbiology: list[Fact]
    genomics: list[Fact]
    documents: list[Document]
    imaging: list[ImagingItem]
    family: list[Fact]
    social: list[Fact]
    freshness: list[Freshness]


@dataclass(frozen=True)
class AsOf:
    """Which moment of knowledge the whole frame shows."""

    known_at: datetime | None
    recorded_at: datetime | None
    snapshot: str
    data_until: datetime | None


@dataclass(frozen=True)
class Picture:
    """One patient, aligned, as of a moment."""

    as_of: AsOf
    banner: Banner
    panels: Panels
    event_count: int
    hidden_count: int
    first_time: datetime | None
    last_time: datetime | None


@dataclass(frozen=True)
class TimelinePoint:
    """One event on a lane; `ongoing` when it lasts and has not ended."""

    event_id: str
    time: datetime
    end_time: datetime | None
    ongoing: bool
    label: str
    value: str | None
    act: str
    status: str
    abnormal: bool | None
    negated: bool
    machine_read: bool


@dataclass(frozen=True)
class TimelineBin:
    """Many events in one stretch of time."""

    start: datetime
    end: datetime
    count: int
    abnormal: int
    top_label: str


@dataclass(frozen=True)
class TimelineLane:
    """One lane: points where sparse, bins where dense."""

    lane: Lane
    total: int
    points: list[TimelinePoint]
    bins: list[TimelineBin]


@dataclass(frozen=True)
class Timeline:
    """The lanes between two instants."""

    as_of: AsOf
    start: datetime
    end: datetime
    lanes: list[TimelineLane]


@dataclass(frozen=True)
class Transformation:
    """One step from the source record to what is on the screen."""

    step: str
    detail: str
    version: str | None
    at: datetime | None


@dataclass(frozen=True)
class Trace:
    """Where one event comes from: its record's own bytes and each step to the value.

    The highlight counts UTF-16 code units, as browsers do; its end is exclusive.
    """

    event_id: str
    fact: Fact
    site: str
    source_id: str
    media_type: str | None
    adapter: str | None
    received_at: datetime | None
    record: int | None
    pointer: str | None
    resource_type: str | None
    text: str
    highlight_start: int | None
    highlight_end: int | None
    sha256: str
    steps: list[Transformation]
    recomputed: Literal["same", "different", "not-possible"]
    known_at: datetime
    known_at_basis: str
    recorded_at: datetime
