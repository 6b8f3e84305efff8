"""What the cohort page sends and gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vitruvian.criteria.cohorts import Descendants, Example, Step
from vitruvian.criteria.cohorts.kept.saved import Saved
from vitruvian.criteria.cohorts.shown.breakdown import Breakdown
from vitruvian.criteria.errors import Complaint
from vitruvian.guides.cards import CardFact
from vitruvian.picture.answers import PatientSummary

LONGEST = 200_000


class Asking(BaseModel):
    """The moment asked about."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    known_at: AwareDatetime | None = None
    recorded_at: AwareDatetime | None = None


class Written(Asking):
    """A definition, and the moment asked about."""

    text: str = Field(max_length=LONGEST)


class Page(Written):
    """A definition, and which part of its list of patients is wanted."""

    verdict: Literal["in", "unknown"] = "in"
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=25, ge=1, le=100)


class OnePerson(Written):
    """A definition, and whom to explain."""

    person_id: str = Field(pattern=r"^[0-9]{1,19}$")


class Two(Asking):
    """Two definitions, or one at two moments or two sites.

    `known_at`, `recorded_at` and `site` are those of the second, and of the first where it names
    none of its own.
    """

    first: str = Field(max_length=LONGEST)
    second: str = Field(max_length=LONGEST)
    first_known_at: AwareDatetime | None = None
    first_recorded_at: AwareDatetime | None = None
    first_site: str | None = Field(default=None, max_length=200)
    site: str | None = Field(default=None, max_length=200)

    def of_first(self) -> Asking:
        """The moment that the first is asked about."""
        return Asking(
            known_at=self.first_known_at or self.known_at,
            recorded_at=self.first_recorded_at or self.recorded_at,
        )


class Exporting(Written):
    """A definition, and the form wanted."""

    form: Literal["csv", "group", "meds"]


class Draft(BaseModel):
    """A definition as text, or as the form edits it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str | None = Field(default=None, max_length=LONGEST)
    # Any: the elements of a definition, looked at one by one when it is read
    document: dict[str, Any] | None = None


class Saving(BaseModel):
    """A definition to keep, under a name of one's own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=120)
    text: str = Field(max_length=LONGEST)


class CodeSearch(BaseModel):
    """Words that a code, or what it is called, must hold."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    text: str = Field(max_length=200)


@dataclass(frozen=True)
class Checked:
    """A definition as text and as elements, and what is wrong with it; None when nothing is."""

    text: str
    document: dict[str, Any] | None
    title: str | None
    logic: str | None
    complaint: Complaint | None


@dataclass(frozen=True)
class Count:
    """How many are in, and how many nobody can tell; None where a count is withheld."""

    in_cohort: int | None
    unknown: int | None


@dataclass(frozen=True)
class OpenLine:
    """A line that nobody could answer, and for how many triggers."""

    at: str
    line: int | None
    triggers: int | None


@dataclass(frozen=True)
class CohortAnswer:
    """How many are in, and the way there. `floor` is the least count shown to this role.

    `descendants` are the codes that counted with all their kinds, and by which releases.
    """

    title: str
    logic: str
    snapshot: str
    persons: Count
    triggers: Count
    steps: tuple[Step, ...]
    open_lines: list[OpenLine]
    breakdown: Breakdown
    floor: int
    descendants: tuple[Descendants, ...]


@dataclass(frozen=True)
class CohortPatients:
    """One page of the patients of a cohort, and how many there are in all."""

    total: int
    patients: list[PatientSummary]


@dataclass(frozen=True)
class WhyLineShown:
    """One line for one trigger, with the facts that it counted."""

    at: str
    line: int | None
    says: str
    answer: Literal["in", "out", "unknown"]
    count: int | None
    facts: list[CardFact]
    missing: list[str]


@dataclass(frozen=True)
class WhyTriggerShown:
    """One trigger: the answer, the line that decided it, every line, and the numbers' units."""

    trigger: datetime
    answer: Literal["in", "out", "unknown"]
    decided_at: str | None
    lines: list[WhyLineShown]
    measures: dict[str, float | None]
    units: dict[str, str]


@dataclass(frozen=True)
class WhyShown:
    """One person; without triggers nothing in the record starts the question."""

    person_id: str
    triggers: list[WhyTriggerShown]


@dataclass(frozen=True)
class Split:
    """All triggers that one line split the same way, and the first patients of them."""

    first: Literal["in", "out", "unknown", "no trigger"]
    second: Literal["in", "out", "unknown", "no trigger"]
    at: str
    of: str
    line: int | None
    persons: int | None
    triggers: int | None
    patients: list[PatientSummary]


@dataclass(frozen=True)
class Compared:
    """What differs between two definitions, the line that splits most first."""

    splits: list[Split]
    floor: int


@dataclass(frozen=True)
class SavedList:
    """Every version that this account saved, the newest first, and the examples."""

    saved: tuple[Saved, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class SiteList:
    """The sites whose sources told of any patient."""

    sites: tuple[str, ...]


@dataclass(frozen=True)
class FoundCode:
    """A code of this lake, what it is called, and how many persons have it."""

    code: str
    label: str
    category: str
    persons: int | None


@dataclass(frozen=True)
class FoundCodes:
    """Codes that hold the words, the most common first."""

    codes: list[FoundCode]
