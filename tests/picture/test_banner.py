"""The banner: who this is, and what nobody measured or asked is said in words."""

from __future__ import annotations

from datetime import date

import pytest

from tests.picture.rows import NOON, Row, aligned, at, event
from vitruvian.picture.panels import statements
from vitruvian.picture.panels.banner import Sources, age_text, banner
from vitruvian.picture.types import Banner


@pytest.mark.parametrize(
    "birth, words",
    [
        ("2024-04-29", "2 days"),
        ("2024-04-30", "1 day"),
        ("2023-05-02", "11 months"),
        ("2022-05-02", "23 months"),
        ("2022-05-01", "2 years"),
        ("1950-05-02", "73 years"),
        ("1950-05", "about 74 years"),
        ("1950", "about 74 years"),
        ("2025-01-01", None),
        ("unknown", None),
        (None, None),
    ],
)
def test_age__in_the_unit_of_the_ward(birth: str | None, words: str | None) -> None:
    assert age_text(birth, at=date(2024, 5, 1)) == words


def banner_of(*rows: Row, **said: object) -> Banner:
    return banner_by([said], *rows)


def banner_by(sources: list[Row], *rows: Row) -> Banner:
    """The banner by several sources, the newest first."""
    found = aligned(*rows)
    names = ["family", "given", "sex", "birth_date", "deceased", "death_time", "identifiers"]
    patients = [
        dict.fromkeys(names) | {"subject_id": number} | said
        for number, said in enumerate(sources, start=1)
    ]
    allergies = statements.allergies(found)
    return banner(1, Sources(patients, found, allergies, None, at=NOON))


def item(found: Banner, key: str) -> tuple[str | None, str | None, bool]:
    line = next(each for each in found.items if each.key == key)
    return line.value, line.absent, line.alert


def test_banner__says_what_nobody_measured_or_asked() -> None:
    found = banner_of()
    assert item(found, "weight") == (None, "not measured", False)
    assert item(found, "allergies") == (None, "not asked", False)
    assert item(found, "ward") == (None, "not in hospital", False)


def test_banner__shows_the_newest_weight_with_its_unit() -> None:
    weights = [
        event("LOINC//29463-7", category="vital", numeric_value=kg, unit="kg", time=at(day))
        for kg, day in [(80.0, "2024-01-01"), (78.5, "2024-04-01")]
    ]
    assert item(banner_of(*weights), "weight") == ("78.5 kg", None, False)


def test_banner__a_limit_on_resuscitation_alerts_and_full_treatment_does_not() -> None:
    def status(value: str, code: str) -> Row:
        return event("LOINC//100822-6", category="other", text_value=value, value_code=code)

    full = banner_of(status("Yes CPR", "LOINC//LA33470-8"))
    limited = banner_of(status("No CPR", "LOINC//LA33471-6"))
    assert item(full, "code-status")[2] is False
    assert item(limited, "code-status") == ("No CPR", None, True)


def test_banner__asks_a_man_nothing_about_pregnancy() -> None:
    assert "pregnancy" not in {each.key for each in banner_of(sex="male").items}
    assert item(banner_of(sex="female"), "pregnancy") == (None, "not recorded", False)


def test_banner__a_death_after_the_moment_asked_about_was_not_known_then() -> None:
    later = banner_of(deceased=True, death_time="2024-06-01", birth_date="1950-01-01")
    assert (later.deceased, later.death_time, later.age_text) == (None, None, "74 years")
    earlier = banner_of(deceased=True, death_time="2020-06-01", birth_date="1950-01-01")
    assert (earlier.deceased, earlier.age_text) == (True, "died aged 70 years")


def test_banner__a_death_without_a_day_leaves_no_age() -> None:
    found = banner_of(deceased=True, birth_date="1950-01-01")
    assert (found.deceased, found.age_text) == (True, "died, day not recorded")


DEAD: Row = {"sex": "female", "deceased": True, "death_time": "2024-04-20"}
SILENT: Row = {"sex": "female"}
ALIVE: Row = {"sex": "female", "deceased": False}


@pytest.mark.parametrize(
    "sources, words",
    [
        ([DEAD, SILENT], "said by 1 of 2 sources"),
        ([SILENT, DEAD], "said by 1 of 2 sources"),
        ([ALIVE, DEAD, SILENT], "said by 1 of 3 sources; 1 says alive"),
        (
            [DEAD, DEAD | {"death_time": "2024-04-22"}],
            "said by 2 of 2 sources; on different days: 2024-04-20, 2024-04-22",
        ),
        ([DEAD, DEAD | {"death_time": "2024-04"}], None),
        ([DEAD, DEAD | {"death_time": "2024-04-20T10:00:00Z"}], None),
        ([DEAD, DEAD | {"death_time": None}], None),
        ([DEAD], None),
        ([SILENT, ALIVE], None),
        ([DEAD | {"death_time": "2025-04-20"}, SILENT], None),
    ],
)
def test_death__known_to_some_sources_only_shows_as_conflict(
    sources: list[Row], words: str | None
) -> None:
    assert banner_by(sources).death_conflict == words


def test_death__is_not_disputed_by_an_identity_that_is_only_a_number() -> None:
    recording: Row = {"identifiers": [{"system": None, "value": "s1", "label": "WFDB record"}]}
    assert banner_by([DEAD, recording]).death_conflict is None
