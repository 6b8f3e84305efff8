"""Which story a patient lives: a fixed list for the first thirty, then by share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

from vitruvian.demo.body import Body
from vitruvian.demo.chart import Chart
from vitruvian.demo.people import make_person
from vitruvian.demo.storylines.acute import covid, sepsis
from vitruvian.demo.storylines.everyday import adult, childhood, pregnancy
from vitruvian.demo.storylines.heart import atrial_fibrillation, cardiomyopathy
from vitruvian.demo.storylines.long_term import colorectal_cancer, diabetes, rare_disease

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from vitruvian.demo.life import Life


@dataclass(frozen=True, slots=True)
class Story:
    """A storyline: who lives it (age today, sex) and how common it is per thousand."""

    tell: Callable[[Chart], None] | None
    ages: tuple[float, float]
    per_thousand: int
    sex: str = ""


STORIES: dict[str, Story] = {
    "healthy": Story(None, (18, 92), 430),
    "childhood": Story(childhood.tell, (0.3, 17), 170, ""),
    "diabetes": Story(diabetes.tell, (42, 86), 130),
    "pregnancy": Story(pregnancy.tell, (21, 43), 80, "female"),
    "atrial_fibrillation": Story(atrial_fibrillation.tell, (60, 90), 60),
    "covid": Story(covid.tell, (40, 90), 55),
    "colorectal_cancer": Story(colorectal_cancer.tell, (48, 80), 25),
    "sepsis": Story(sepsis.tell, (42, 88), 20),
    "rare_disease": Story(rare_disease.tell, (20, 50), 15),
    "cardiomyopathy": Story(cardiomyopathy.tell, (24, 60), 15),
}
# The first patients: a story each, and how many days ago it began (None: by chance).
FIRST: tuple[tuple[str, float | None], ...] = (
    ("colorectal_cancer", 430),
    ("sepsis", 8),
    ("cardiomyopathy", 300),
    ("atrial_fibrillation", 700),
    ("diabetes", 1500),
    ("rare_disease", 900),
    ("covid", None),
    ("pregnancy", 200),
    ("childhood", None),
    ("healthy", None),
    ("sepsis", 1.8),
    ("pregnancy", 700),
    ("rare_disease", 1400),
    ("colorectal_cancer", None),
    ("covid", 5),
    ("cardiomyopathy", None),
    ("atrial_fibrillation", None),
    ("diabetes", None),
    ("healthy", None),
    ("childhood", None),
    ("sepsis", None),
    ("rare_disease", 2000),
    ("healthy", None),
    ("diabetes", None),
    ("pregnancy", None),
    ("covid", None),
    ("healthy", None),
    ("childhood", None),
    ("atrial_fibrillation", None),
    ("colorectal_cancer", 900),
)
_NAMES = list(STORIES)
_WEIGHTS = [story.per_thousand for story in STORIES.values()]
_SECOND_DIABETES = {"atrial_fibrillation": 0.2, "covid": 0.25, "sepsis": 0.3}


def live(*, seed: int, number: int, until: date) -> Life:
    """Give one life: the same for a seed, a number and a today, whatever else is made."""
    rng = Random(f"vitruvian/{seed}/{number}")
    named, anchor = _choose(number, rng)
    story = STORIES[named]
    sex = story.sex or rng.choice(["female", "male"])
    age_days = rng.triangular(story.ages[0], story.ages[1]) * 365.25
    now = until if isinstance(until, datetime) else datetime.combine(until, time(12), tzinfo=UTC)
    born = now.date() - timedelta(days=round(age_days))
    chart = Chart(
        seed=seed,
        number=number,
        rng=rng,
        person=make_person(rng, seed=seed, number=number, born=born, sex=sex),
        body=Body(rng, sex),
        now=now,
        anchor_days=anchor,
        storylines=[named],
    )
    _tell(chart, story)
    return chart.finish()


def _choose(number: int, rng: Random) -> tuple[str, float | None]:
    if number <= len(FIRST):
        return FIRST[number - 1]
    return rng.choices(_NAMES, weights=_WEIGHTS)[0], None


def _tell(chart: Chart, story: Story) -> None:
    named = chart.storylines[0]
    if chart.rng.random() < _SECOND_DIABETES.get(named, 0.0):
        chart.storylines.append("diabetes")
        anchor, chart.anchor_days = chart.anchor_days, None
        diabetes.tell(chart)
        chart.anchor_days = anchor
    if story.tell is not None:
        story.tell(chart)
    if named != "childhood":
        adult.tell(chart)
