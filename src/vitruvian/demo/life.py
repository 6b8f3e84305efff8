"""One made-up patient's whole life: the ground truth from which every format is written.

All instants are in UTC; the hospital's wall clock appears only when a format is rendered.
Each fact carries an ``id`` that is unique inside its life, and two clocks: when it happened
and when the care team could know it. Numbers are kept as the laboratory printed them, so
that ``4.10`` stays ``4.10`` in every format.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of one code system, with the system's own words for it."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a clinician means, in the hospital's words, with the codes that say the same."""

    text: str
    codings: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who the patient is; every value is invented."""

    mrn: str
    insurance_number: str
    family: str
    given: tuple[str, ...]
    sex: str
    born: date
    died: datetime | None
    phone: str
    street: str
    city: str
    postal_code: str
    language: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Time spent on one ward (`ward` names a location of the hospital)."""

    ward: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Encounter:
    """A visit or an admission; `end` is None while the patient is still there."""

    id: str
    setting: str
    kind: Concept
    start: datetime
    end: datetime | None
    reason: Concept | None
    stays: tuple[Stay, ...]
    practitioner: str
    discharged_to: str
    part_of: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis, finding or phenotype; `abated` is None while it lasts."""

    id: str
    concept: Concept
    category: str
    onset: datetime | date
    abated: datetime | date | None
    recorded: datetime
    verification: str
    encounter: str | None
    stage: str


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a compound measurement, such as the systolic pressure."""

    concept: Concept
    value: str
    unit: str
    ucum: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """A laboratory result, vital sign, score or answer.

    `value` is the printed number (empty when the result is a `finding` or has only
    `components`); `low` and `high` are this laboratory's own limits, as printed.
    """

    id: str
    concept: Concept
    category: str
    time: datetime
    known_at: datetime
    value: str
    comparator: str
    unit: str
    ucum: str
    low: str
    high: str
    interpretation: str
    finding: Concept | None
    components: tuple[Component, ...]
    encounter: str | None
    specimen: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Specimen:
    """What was taken from the patient, and when."""

    id: str
    kind: Concept
    collected: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A laboratory panel, a pathology or microbiology report, a radiologist's report."""

    id: str
    concept: Concept
    category: str
    time: datetime
    known_at: datetime
    results: tuple[str, ...]
    conclusion: str
    encounter: str | None
    specimen: str | None
    order: str | None
    imaging: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A request for a laboratory panel, an image or a consultation."""

    id: str
    concept: Concept
    category: str
    time: datetime
    status: str
    encounter: str | None


@dataclass(frozen=True, slots=True)
class Prescription:
    """A drug ordered, with its dose and how often; `stop` is None while it goes on."""

    id: str
    drug: Concept
    dose: str
    unit: str
    route: str
    times_a_day: int
    start: datetime
    stop: datetime | None
    status: str
    reason: str | None
    encounter: str | None
    practitioner: str


@dataclass(frozen=True, slots=True)
class Dispense:
    """A pack handed over by the pharmacy."""

    id: str
    prescription: str
    drug: Concept
    time: datetime
    quantity: int
    days: int


@dataclass(frozen=True, slots=True)
class Administration:
    """A dose given at the bedside, or deliberately not given."""

    id: str
    prescription: str | None
    drug: Concept
    start: datetime
    end: datetime | None
    dose: str
    unit: str
    rate: str
    rate_unit: str
    status: str
    why_not: str
    encounter: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A drug the patient says they take."""

    id: str
    drug: Concept
    start: date
    asserted: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """Something done to the patient, or planned and not done."""

    id: str
    concept: Concept
    start: datetime
    end: datetime
    status: str
    why_not: str
    encounter: str | None
    site: Concept | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A note in free text; known once its author has signed it."""

    id: str
    kind: Concept
    time: datetime
    known_at: datetime
    author: str
    text: str
    encounter: str | None


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy or intolerance, or the recorded absence of any."""

    id: str
    concept: Concept
    recorded: datetime
    criticality: str
    reaction: Concept | None
    none_known: bool


@dataclass(frozen=True, slots=True)
class Immunisation:
    """A vaccine given, or refused."""

    id: str
    vaccine: Concept
    time: datetime
    dose_number: int
    lot: str
    status: str
    encounter: str | None


@dataclass(frozen=True, slots=True)
class Series:
    """One series of an imaging study."""

    uid: str
    modality: str
    description: str
    instances: int


@dataclass(frozen=True, slots=True)
class ImagingStudy:
    """An imaging study as the picture archive lists it."""

    id: str
    uid: str
    modality: str
    concept: Concept
    body_site: Concept
    time: datetime
    series: tuple[Series, ...]
    order: str | None
    encounter: str | None


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the family and what they had; a `note` alone says what they did not have."""

    id: str
    relation: Coding
    recorded: datetime
    affected: Concept | None
    onset_age_years: int | None
    died_age_years: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning every team should see."""

    id: str
    concept: Concept
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient allowed or refused."""

    id: str
    scope: str
    decision: str
    time: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who looks after the patient together."""

    id: str
    name: str
    start: datetime
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """A whole life up to the demo hospital's today, or to death."""

    seed: int
    number: int
    storylines: tuple[str, ...]
    person: Person
    encounters: tuple[Encounter, ...]
    conditions: tuple[Condition, ...]
    measurements: tuple[Measurement, ...]
    specimens: tuple[Specimen, ...]
    reports: tuple[Report, ...]
    orders: tuple[Order, ...]
    prescriptions: tuple[Prescription, ...]
    dispenses: tuple[Dispense, ...]
    administrations: tuple[Administration, ...]
    statements: tuple[Statement, ...]
    procedures: tuple[Procedure, ...]
    documents: tuple[Document, ...]
    allergies: tuple[Allergy, ...]
    immunisations: tuple[Immunisation, ...]
    imaging: tuple[ImagingStudy, ...]
    relatives: tuple[Relative, ...]
    flags: tuple[Flag, ...]
    consents: tuple[Consent, ...]
    teams: tuple[Team, ...]

    @property
    def key(self) -> str:
        """Give the short name of this life, unique over seeds and numbers.

        Examples
        --------
        >>> from vitruvian.demo import lives
        >>> next(lives(1, 1)).key
        's1-p1'
        """
        return f"s{self.seed}-p{self.number}"
