"""What the documents claim to be shown by a test is shown by a test that is there."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.house_rules.tree import ROOT, SOURCE, files_under, functions_of, short

CLAIM = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
STRIDE = ["S", "T", "R", "I", "D", "E"]
THREATS = ROOT / "docs" / "why" / "threat-model.md"
SAFETY = ROOT / "docs" / "why" / "clinical-safety.md"
NOT_ACCEPTABLE = 9


@cache
def names_in(path: str) -> frozenset[str]:
    place = ROOT / path
    return frozenset(one.name for one in functions_of(place)) if place.is_file() else frozenset()


def sections() -> dict[str, list[list[str]]]:
    """Rows of the table below each heading, as cells."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in THREATS.read_text("utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif re.match(r"\| [STRIDE] \|", line):
            found.setdefault(heading, []).append([cell.strip() for cell in line.split("|")[1:-1]])
    return found


def test_every_test_that_a_page_names__is_there() -> None:
    claims = [
        (short(page), path, name)
        for page in files_under("docs", suffix=".md")
        for path, name in CLAIM.findall(page.read_text("utf-8"))
    ]
    assert len(claims) > 80
    assert [claim for claim in claims if claim[2] not in names_in(claim[1])] == []


def test_every_room__has_its_threats() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()}
    told = {room for heading in sections() for room in heading.split(", ")}
    assert rooms - told == set(), "a new room has threats: docs/why/threat-model.md"


@pytest.mark.parametrize("heading", sections())
def test_every_room__is_asked_all_six_questions_in_order(heading: str) -> None:
    kinds = [row[0] for row in sections()[heading]]
    assert list(dict.fromkeys(kinds)) == STRIDE


def test_every_threat__names_its_test_or_says_that_it_is_open() -> None:
    silent = [
        (heading, row[1])
        for heading, rows in sections().items()
        for row in rows
        if not CLAIM.search(row[3]) and "**open**" not in " ".join(row)
    ]
    assert silent == []


def test_every_hazard__is_acceptable_or_has_a_further_control_and_names_its_test() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in SAFETY.read_text("utf-8").splitlines()
        if re.match(r"\| [^|]+\|[^|]+\| [1-5] \| [1-5] \|", line)
    ]
    assert len(rows) >= 10
    for hazard, _, severity, likelihood, control, shown in rows:
        assert CLAIM.search(shown), hazard
        if int(severity) * int(likelihood) >= NOT_ACCEPTABLE:
            assert "Further control" in control, hazard
