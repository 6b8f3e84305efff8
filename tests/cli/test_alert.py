"""`vitruvian alert`: refusals in one sentence, and the walk from a draft to a retired alert."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.guides.alerts.ward import admitted, hour, ill, man, tables
from tests.lakes import empty_lake
from vitruvian.cli import main
from vitruvian.cli.guides.drawing import spark
from vitruvian.guides.alerts.page import DayCount
from vitruvian.trust import SYSTEM

BAD_INPUT = 2


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """Two men in hospital; one falls ill."""
    path = tmp_path / "lake"
    with empty_lake(path) as made:
        events = [*man(1), *man(2), *ill(1, hour(6), number=1)]
        made.append(SYSTEM, tables(events, [admitted(1, until=hour(40)), admitted(2)]))
    return str(path)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that ends well says."""
    assert main(["alert", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is refused says."""
    assert main(["alert", *words]) == BAD_INPUT
    return capsys.readouterr().err


def test_alert__nobody_knows_is_one_sentence(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "vitruvian alert draft" in refused(capsys, "show", "nothing", "--lake", lake)
    assert "No alert yet" in said(capsys, "list", "--lake", lake)


def test_walk__from_draft_to_retired(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = ("deterioration", "--lake", lake)
    draft = said(capsys, "draft", *name, "--guide", "news2", "--answer", "high")
    assert "none yet; run: vitruvian alert trial" in draft
    assert "no silent trial" in refused(capsys, "activate", *name, "--owner", "Dr. Vega")

    assert main(["alert", "trial", *name, "--outcome", "death", "--json"]) == 0
    told = capsys.readouterr()
    assert "trial: 2 of 2 patients" in told.err
    trial = json.loads(told.out)["trial"]
    assert (trial["patients"], trial["fires"], trial["current"]) == (2, 1, True)

    assert "nobody answers" in refused(capsys, "activate", *name)
    assert "active" in said(capsys, "activate", *name, "--owner", "Dr. Vega")
    shown = said(capsys, "show", *name)
    assert "Dr. Vega" in shown
    assert "0 of 5 facts behind were known later" in shown
    assert "deterioration" in said(capsys, "list", "--lake", lake)
    assert "no reason" in refused(capsys, "retire", *name)
    assert "retired" in said(capsys, "retire", *name, "--why", "a better one came")


def test_outcome_file_that_is_not_there__is_one_sentence(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = ("deterioration", "--lake", lake)
    said(capsys, "draft", *name, "--guide", "news2")
    assert "--outcome" in refused(capsys, "trial", *name, "--outcome", "nowhere.yaml")


def test_days__are_drawn_to_scale_and_a_long_stretch_in_wider_steps() -> None:
    short = [DayCount(date(2024, 5, 1), 1), DayCount(date(2024, 5, 4), 8)]
    assert spark(short) == "2024-05-01 ▂  █ 2024-05-04, at most 8 a day"
    long = [DayCount(date(2024, 1, 1), 3), DayCount(date(2024, 12, 31), 3)]
    assert "in 7 days" in spark(long)
    assert spark([]) == ""
