"""Retention by kind of data: counts only, and nothing unknown is old."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.lake.rows import arrow, lineage, link, resource
from vitruvian.cli import main
from vitruvian.jobs.retention_by_kind import DueData, look_by_kind
from vitruvian.lake import Lake
from vitruvian.lake.erasing.retention import NAME, BadRetention, DataRule, before_of, read_retention
from vitruvian.trust import SYSTEM
from vitruvian.trust.own_record import birthday

PERSONS = """
child_below_years = 18
hold = [14]

[[rule]]
kind = "adult"
years = 10
words = "made up for a test"
"""
DATA = """
[[data]]
kind = "{kind}"
years = {years}
words = "made up for a test"
"""
RULES = PERSONS + "".join(
    DATA.format(kind=kind, years=years)
    for kind, years in (("note", 10), ("image", 20), ("record", 1), ("signal", 1), ("audit", 1))
)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def note(number: int, subject: int, time: datetime | None) -> dict[str, Any]:
    said = {"note_id": number, "subject_id": subject, "version_id": number, "time": time}
    return {**said, **lineage()}


def image(number: int, subject: int, time: datetime) -> dict[str, Any]:
    return {"image_id": number, "subject_id": subject, "time": time, **lineage()}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="s", clock=lambda: NOW) as made:
        (made.path / NAME).write_text(RULES)
        old, new = datetime(2010, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
        notes = [note(1, 11, old), note(2, 11, new), note(3, 12, None), note(4, 14, old)]
        with made.bulk(SYSTEM) as load:
            load.write("note", arrow("note", [*notes, note(5, 15, old)]))
            load.write("image", arrow("image", [image(1, 11, old)]))
            load.write("resource", arrow("resource", [resource(1, subject=None)]))
            load.write("person_link", arrow("person_link", [link(1, subject=15, person=11)]))
        yield made


def by_kind(lake: Lake) -> dict[str, DueData]:
    rules = read_retention(lake.path)
    assert rules is not None
    return {one.kind: one for one in look_by_kind(lake, SYSTEM, rules)}


@pytest.mark.parametrize(
    "data",
    [
        DATA.format(kind="note", years=0),
        DATA.format(kind="letter", years=5),
        DATA.format(kind="note", years=5) * 2,
    ],
)
def test_rules__that_cannot_be_read_make_nothing_due(tmp_path: Path, data: str) -> None:
    (tmp_path / NAME).write_text(PERSONS + data)
    with pytest.raises(BadRetention):
        read_retention(tmp_path)


def test_notes__young_held_and_without_time_are_not_due(lake: Lake) -> None:
    found = by_kind(lake)["note"]
    assert (found.rows, found.due, found.held, found.untold) == (5, 2, 1, 1)
    assert found.persons == 1, "two linked identities are one person"
    assert found.oldest == datetime(2010, 1, 1, tzinfo=UTC)


def test_each_kind__goes_by_its_own_period(lake: Lake) -> None:
    found = by_kind(lake)
    assert (found["image"].rows, found["image"].due) == (1, 0)
    assert (found["record"].due, found["record"].persons) == (1, 0)
    assert (found["signal"].rows, found["signal"].oldest) == (0, None)
    assert (found["audit"].due, found["audit"].oldest) == (0, None)
    assert found["audit"].rows > 0


def test_rows_of_the_audit__are_due_after_their_period(lake: Lake) -> None:
    lake.clock = lambda: NOW + timedelta(days=400)
    found = by_kind(lake)["audit"]
    assert (found.due > 0, found.oldest) == (True, NOW)


def test_look__changes_nothing(lake: Lake) -> None:
    by_kind(lake)
    with lake.read(SYSTEM) as reader:
        assert reader.rows("note", subjects=[11]).num_rows == 2


@given(
    some.datetimes(datetime(1960, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001 - zone below
    some.integers(1, 60),
    some.datetimes(datetime(2000, 1, 1), datetime(2040, 12, 31)),  # noqa: DTZ001 - zone below
)
def test_nothing__is_due_before_its_period_is_over(
    happened: datetime, years: int, now: datetime
) -> None:
    happened, now = happened.replace(tzinfo=UTC), now.replace(tzinfo=UTC)
    before = before_of(DataRule("note", years, "w"), now)
    assert happened >= before or birthday(happened, years=years) <= now


def test_command__counts_and_says_that_nothing_was_changed(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["retention", "due", "--lake", str(lake.path)]
    assert main(words) == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["kind"] == "note"
    (lake.path / NAME).write_text(PERSONS)
    assert main(words) == 0
    assert "states no period by kind of data" in capsys.readouterr().out


def test_command__asks_and_another_account_approves(
    lake: Lake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, role in (("vega", "data steward"), ("rossi", "administrator")):
        lake.accounts.create(name, display_name=name, role=role)
        lake.accounts.set_password(name, password="four quiet herons")

    def typed(*words: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("four quiet herons\n"))
        assert main([*words, "--lake", str(lake.path)]) == 0
        return capsys.readouterr().out

    said = typed("retention", "due", "--ask-as", "vega")
    assert "every note before" in said
    assert said.count("asked:") == 1, "records and the audit go with nobody's asking"
    assert "asked:" not in typed("retention", "due", "--ask-as", "vega")
    ident = said.split("asked: ")[1].split(",")[0]
    assert "2 note" in typed("erase", "approve", ident, "--as", "rossi")
    assert "every note before" in typed("erase", "list")
    assert by_kind(lake)["note"].due == 0
