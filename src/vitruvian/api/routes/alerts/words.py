"""What a page says and hears of alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vitruvian.guides.alerts.page import AlertPage
from vitruvian.guides.alerts.rule import MOST_QUIET_HOURS, QUIET_HOURS
from vitruvian.guides.alerts.shelf import LONGEST

AlertName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["deterioration"])]
MOST_TEXT = 20_000
MOST_WITHIN_HOURS = 24.0 * 366


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class NewAlert(_Said):
    """A draft to be made; no answers means those that the guideline calls a warning or critical."""

    name: str = Field(max_length=60)
    guide: str = Field(max_length=60)
    answers: list[str] = Field(default_factory=list, max_length=40)
    quiet_hours: float = Field(default=QUIET_HOURS, ge=0, le=MOST_QUIET_HOURS)


class NewState(_Said):
    """The state an alert shall have, who answers for it, and why."""

    state: Literal["silent", "active", "retired"]
    owner: str = Field(default="", max_length=LONGEST)
    why: str = Field(default="", max_length=LONGEST)


class NewTrial(_Said):
    """A trial to be run; `outcome` is a definition in YAML, held against within so many hours."""

    begin: AwareDatetime | None = None
    end: AwareDatetime | None = None
    outcome: str | None = Field(default=None, max_length=MOST_TEXT)
    within_hours: float = Field(default=24, gt=0, le=MOST_WITHIN_HOURS)


@dataclass(frozen=True)
class TrialProgress:
    """How far a trial is; asked again until `finished`, when the alert with its receipt comes."""

    done: int
    of: int
    finished: bool
    alert: AlertPage | None


@dataclass(frozen=True)
class AlertAnswer:
    """An answer of a guideline that can fire; `loud` when it calls it a warning or critical."""

    answer: str
    loud: bool


@dataclass(frozen=True)
class AlertGuide:
    """A guideline that may become an alert."""

    guide: str
    title: str
    edition: str
    answers: list[AlertAnswer]


@dataclass(frozen=True)
class OutcomeChoice:
    """An outcome that a trial may be held against."""

    title: str
    text: str


@dataclass(frozen=True)
class AlertChoices:
    """What a new alert, or a trial, may be made of."""

    guides: list[AlertGuide]
    outcomes: list[OutcomeChoice]
    owner: str
