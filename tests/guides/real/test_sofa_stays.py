"""SOFA of the first day of every intensive stay of the MIMIC-IV demo, against clifpy.

clifpy 2.1.0 (Apache-2.0) and polars under 2 are not installed for development, as clifpy holds
pandas under 3; without them this test is skipped. How to run it stands in
`docs/reference/guides-on-real-data.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.guides.real.held import Held, asked_at, persons_by_admission
from vitruvian.criteria import Range
from vitruvian.risks.library.sofa.model import WORST, organ_points
from vitruvian.risks.library.sofa2.model import (
    BILIRUBIN_UMOL_PER_MG_DL,
    CREATININE_UMOL_PER_MG_DL,
)

LESS_REASON = "clifpy 2.1.0 with polars under 2 is not installed beside the project"
SUPPORT = {"IMV", "NIPPV", "CPAP"}
DRUGS = {
    "dopamine": "dopamine_mcg_kg_min",
    "dobutamine": "dobutamine_mcg_kg_min",
    "adrenaline": "epinephrine_mcg_kg_min",
    "noradrenaline": "norepinephrine_mcg_kg_min",
}
# bands in mg/dL and in umol/L do not meet here: Vincent 1996, table 3
AMBIGUOUS_MG_DL = (1.2, 3.4)


@dataclass(frozen=True)
class Stay:
    """One stay: our score, theirs, and theirs by our rules over the values that they chose."""

    ours: Range
    theirs: int
    lung: int | None
    creatinine: float | None
    others: int

    @property
    def our_lung(self) -> float:
        """What our least score leaves for the lung when the others are as by their values."""
        return self.ours.low - self.others

    @property
    def kind(self) -> str:
        """How the two differ."""
        if self.ours.low == self.theirs:
            return "same"
        if self.creatinine in AMBIGUOUS_MG_DL:
            return "creatinine between the two columns of the table"
        if self.lung is None and self.ours.low == self.theirs + 2:
            return "PaO2/FiO2 under 200 without support: 2 points, none in clifpy"
        if self.ours.low <= self.theirs <= self.ours.high:
            return "within our range: gases and air that cannot all be paired"
        return "the lung: support, or oxygen, of another hour of the day"


def stays_of(folder: Path) -> list[dict[str, Any]]:
    """Every hospitalisation with intensive care, and the first hour of that."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        table = connection.execute(
            "SELECT hospitalization_id, min(admission_dttm) AS admitted, min(in_dttm) AS begin "
            f"FROM '{folder}/clif_adt.parquet' "
            f"JOIN '{folder}/clif_hospitalization.parquet' USING (hospitalization_id) "
            "WHERE location_category = 'icu' GROUP BY ALL ORDER BY hospitalization_id"
        ).to_arrow_table()
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def their_scores(folder: Path, stays: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What clifpy gives for the first 24 hours of each stay, with the values it chose."""
    polars = pytest.importorskip("polars", reason=LESS_REASON)
    clifpy = pytest.importorskip("clifpy.utils.sofa_polars", reason=LESS_REASON)
    cohort = polars.DataFrame(
        {
            "hospitalization_id": [each["hospitalization_id"] for each in stays],
            "start_dttm": [each["begin"] for each in stays],
            "end_dttm": [each["begin"] + timedelta(hours=24) for each in stays],
        }
    )
    scored = clifpy.compute_sofa_polars(
        str(folder), cohort, timezone="UTC", fill_na_scores_with_zero=False
    )
    return {each["hospitalization_id"]: each for each in scored.to_dicts()}


def by_our_rules(theirs: Mapping[str, Any]) -> int:
    """The least points of every organ but the lung, by our table over their values."""
    known = {
        "platelets": theirs["platelet_count"],
        "mean_pressure": theirs["map"],
        "coma": theirs["gcs_total"],
        **{name: theirs[column] or 0.0 for name, column in DRUGS.items()},
    }
    for name, column, molar in (
        ("bilirubin", "bilirubin_total", BILIRUBIN_UMOL_PER_MG_DL),
        ("creatinine", "creatinine", CREATININE_UMOL_PER_MG_DL),
    ):
        value = theirs[column]
        known[name] = None if value is None else value * molar
    points = organ_points({k: v for k, v in known.items() if v is not None} | {"urine": 9999.0})
    return sum(min(each) for organ, each in points.items() if organ != "lung")


def our_score(reader: Held, person: int, at: datetime) -> Range:
    """Our score without urine, which CLIF's tables of the demo do not hold."""
    decision = asked_at("sofa", reader, person, at)
    assert decision.trace is not None
    found = decision.trace["two_or_more"].numbers["sofa_by_creatinine"]
    assert found is not None
    return found


@pytest.mark.filterwarnings("ignore::UserWarning")  # polars, in code that is not ours
@pytest.mark.filterwarnings("ignore:the `default` parameter:DeprecationWarning")
def test_sofa_of_the_first_day__is_that_of_clifpy_or_the_difference_is_known(
    real_data: Path, request: pytest.FixtureRequest
) -> None:
    folder = real_data / "clinical" / "icu-clif-mimic-iv-demo"
    stays = stays_of(folder)
    theirs = their_scores(folder, stays)
    reader: Held = request.getfixturevalue("intensive")
    persons = persons_by_admission(reader)
    found = []
    for stay in stays:
        their = theirs[stay["hospitalization_id"]]
        at = stay["begin"].astimezone(UTC) + timedelta(hours=24)
        ours = our_score(reader, persons[stay["admitted"].astimezone(UTC)], at)
        found.append(
            Stay(
                ours=ours,
                theirs=their["sofa_total"],
                lung=their["sofa_resp"],
                creatinine=their["creatinine"],
                others=by_our_rules(their),
            )
        )
    # with the other organs as by the values they chose, ours leaves the lung 0 to 4 points
    assert [each for each in found if not 0 <= each.our_lung <= WORST] == []
    assert Counter(stay.kind for stay in found) == {
        "same": 58,
        "within our range: gases and air that cannot all be paired": 11,
        "creatinine between the two columns of the table": 2,
        "PaO2/FiO2 under 200 without support: 2 points, none in clifpy": 1,
        "the lung: support, or oxygen, of another hour of the day": 4,
    }
