"""Who answers for a guideline at a site: refused, unknown, known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from vitruvian.guides.engine.library import LIBRARY
from vitruvian.guides.engine.read import read_guide
from vitruvian.guides.owners import UNREADABLE, VARIABLE

GUIDE = "qsofa"
SHIPPED = read_guide(LIBRARY / GUIDE).card


@pytest.mark.parametrize(
    "said",
    [
        "qsofa = [",
        'qsofa = "somebody"',
        "[qsofa]\nreview_by = 2031-01-01",
        '[qsofa]\nowner = " "',
        '[qsofa]\nowner = "A"\nreview_by = "soon"',
        '[qsofa]\nowner = "A"\nreview_by = 2031-01-01T08:00:00',
    ],
)
def test_file_that_cannot_be_used__extends_no_review_and_says_so(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "owners.toml"
    path.write_text(said, "utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    card = read_guide(LIBRARY / GUIDE).card
    assert (card.owner, card.review_by) == (UNREADABLE, SHIPPED.review_by)


def test_file_that_is_not_there__is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere.toml"))
    assert read_guide(LIBRARY / GUIDE).card.owner == UNREADABLE


def test_guideline_that_the_site_does_not_name__keeps_its_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "owners.toml"
    path.write_text('[sofa]\nowner = "Intensive care"', "utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    assert read_guide(LIBRARY / GUIDE).card == SHIPPED


def test_owner_of_the_site__stands_on_the_card_with_its_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "owners.toml"
    path.write_text('[qsofa]\nowner = "Intensive care"\nreview_by = 2026-01-31', "utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    card = read_guide(LIBRARY / GUIDE).card
    assert (card.owner, card.review_by) == ("Intensive care", date(2026, 1, 31))
