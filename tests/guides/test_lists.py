"""A site's own list of medicines: refused, unknown, known. The rows below are made up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.guides.vignettes import asked, events_of, vignettes_of
from vitruvian.guides.engine.library import LIBRARY
from vitruvian.guides.engine.read import read_guide
from vitruvian.guides.errors import BadList
from vitruvian.guides.lists import read_own_list, read_site_list

VARIABLE = "VITRUVIAN_QT_MEDICINES"
DECLARED = """
source = "The hospital's list"
edition = "2026-10-01"
file = "list.json"
counts = ["R"]
others = ["P", "C"]
"""
ROWS: list[dict[str, Any]] = [
    {"generic_name": "Madeupine", "rxnorm_id": "99999991", "atc_code": "X99XX01", "category": "R"},
    {"generic_name": "Possibline", "rxnorm_id": "99999992", "atc_code": "", "category": "P"},
    {"generic_name": "Uncodine", "rxnorm_id": None, "atc_code": "", "category": "R"},
]
MADE_UP = {"made_up": {"code": "RXNORM//99999991", "act": "ordered", "hours": 5}}
SOTALOL = "ATC//C07AA07"


def site(folder: Path, *, declared: str = DECLARED, rows: object = None) -> Path:
    """A declaration, and the list beside it."""
    (folder / "list.json").write_text(json.dumps({"Results": rows or ROWS}), "utf-8")
    path = folder / "declared.toml"
    path.write_text(declared, "utf-8")
    return path


@pytest.mark.parametrize(
    "declared, fault",
    [
        ("a = [", "no TOML"),
        (DECLARED.replace("source", "sauce"), "lacks 'source'"),
        (DECLARED.replace('"2026-10-01"', '""'), "lacks 'edition'"),
        (DECLARED.replace('counts = ["R"]', ""), "which categories count"),
        (DECLARED.replace('counts = ["R"]', 'counts = "R"'), "which categories count"),
        (DECLARED.replace("list.json", "nowhere.json"), "no JSON or CSV"),
        (DECLARED.replace('["P", "C"]', "[]"), "entry 2 has no category"),
        (DECLARED.replace('"R"', '"Z"').replace('"P"', '"R"'), "entry 2 has no category"),
    ],
)
def test_declaration_that_says_too_little__is_refused(
    declared: str, fault: str, tmp_path: Path
) -> None:
    with pytest.raises(BadList, match=fault):
        read_site_list(site(tmp_path, declared=declared))


@pytest.mark.parametrize(
    "change, fault",
    [
        ({"rxnorm_id": "RX 7"}, "entry 1 holds what is not an RxNorm number"),
        ({"atc_code": "C07"}, "entry 1 holds what is not an ATC code"),
        ({"generic_name": " "}, "entry 1 has no name"),
        ({"category": None}, "entry 1 has no category"),
        ({"rxnorm_id": "", "atc_code": ""}, "no entry counts and has a code"),
    ],
)
def test_entry_that_cannot_be_used__is_refused_by_its_number(
    change: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    rows = [{**ROWS[0], **change}, *ROWS[1:]]
    with pytest.raises(BadList, match=fault) as refused:
        read_site_list(site(tmp_path, rows=rows))
    assert "Madeupine" not in str(refused.value)


def test_declaration_that_is_not_there__is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadList, match="is not there"):
        read_site_list(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("text", ["[1, 2]", '{"Results": "all"}', "{", "[[]]"])
def test_file_without_entries__is_refused(text: str, tmp_path: Path) -> None:
    path = site(tmp_path)
    (tmp_path / "list.json").write_text(text, "utf-8")
    with pytest.raises(BadList):
        read_site_list(path)


def test_name_without_a_code__is_counted_and_matches_nobody(tmp_path: Path) -> None:
    found = read_site_list(site(tmp_path))
    assert found.uncoded == 1
    assert [each.name for each in found.entries] == ["Madeupine"]


def test_category_that_counts__is_known_by_every_code(tmp_path: Path) -> None:
    found = read_site_list(site(tmp_path))
    assert found.codes == ("RXNORM//99999991", "ATC//X99XX01")
    assert (found.source, found.edition) == ("The hospital's list", "2026-10-01")


def test_table_with_other_columns__is_read_as_declared(tmp_path: Path) -> None:
    more = '\n[columns]\nname = "Drug"\nrxnorm = "RxCUI"\natc = "ATC"\ncategory = "Risk"\n'
    declared = DECLARED.replace("list.json", "list.csv").replace('["R"]', '["Known"]') + more
    path = site(tmp_path, declared=declared)
    table = "Drug,RxCUI,ATC,Risk\nMadeupine,99999991;99999993,X99XX01,Known\n"
    (tmp_path / "list.csv").write_text(table, "utf-8")
    assert read_site_list(path).codes == ("RXNORM//99999991", "RXNORM//99999993", "ATC//X99XX01")


@pytest.mark.parametrize(
    "instead, by_site, by_label",
    [
        ("", "prolonged with a listed medicine", "prolonged with a listed medicine"),
        ("instead = true\n", "prolonged with a listed medicine", "prolonged"),
    ],
)
def test_site_list__decides_beside_the_guideline_s_own_or_in_its_place(
    instead: str, by_site: str, by_label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(site(tmp_path, declared=instead + DECLARED)))
    guide = read_guide(LIBRARY / "qtc")
    paper = vignettes_of("qtc")
    paper = replace(paper, facts={**paper.facts, **MADE_UP})
    known = {**paper.patient, "qt": 470}
    tracing = events_of(paper, known)
    assert asked(guide, events_of(paper, {**known, "made_up": True})).answer == by_site
    assert asked(guide, events_of(paper, {**known, "sotalol": True})).answer == by_label
    assert "The hospital's list, 2026-10-01" in asked(guide, tracing).edition


def test_site_list_that_is_refused__silences_no_guideline_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(site(tmp_path, declared="a = [")))
    guide = read_guide(LIBRARY / "qtc")
    paper = vignettes_of("qtc")
    found = asked(guide, events_of(paper, {**paper.patient, "qt": 501, "sotalol": True}))
    assert found.answer == "very long with a listed medicine"
    assert "cannot be used" in found.edition
    assert VARIABLE in found.edition


def test_no_site_list__leaves_the_guideline_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    own = read_own_list(LIBRARY / "qtc" / "qt_medicines.toml")
    assert SOTALOL in own.codes
    assert read_guide(LIBRARY / "qtc").card.edition.endswith(f"{own.source}, {own.edition}")


def test_own_list__cites_each_entry_and_names_each_code_once() -> None:
    own = read_own_list(LIBRARY / "qtc" / "qt_medicines.toml")
    assert all(each.cite and each.codes for each in own.entries)
    every = [code for each in own.entries for code in each.codes]
    assert len(every) == len(set(every))
    page = Path("docs/reference/guides/qtc.md").read_text("utf-8")
    assert [each.name for each in own.entries if f"| {each.name} |" not in page] == []
