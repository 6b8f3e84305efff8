"""One record out of many mentions; measured on planted truth that no note was made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.derive.library.oncology.charts import planted, read, recorded, with_cancer
from vitruvian.derive.records.tumour import TumourRecord

DAY = datetime(2024, 3, 1, 9, tzinfo=UTC)
# Share of planted fields found, and of found fields that were planted.
AT_LEAST = 0.95


def record(*texts: str) -> TumourRecord:
    return read([(DAY + timedelta(days=30 * n), text) for n, text in enumerate(texts)])


def field(found: TumourRecord, name: str) -> Any:
    return next((each for each in found.fields if each.name == name), None)


def test_notes_of_a_healthy_person__make_no_record() -> None:
    found = record("Routine check-up, feels well.", "Stage two of the operation. Gout.")
    assert (found.fields, found.lines) == ((), ())


def test_cancer_of_a_relative__is_not_the_patient_s() -> None:
    assert record("Her mother had adenocarcinoma of the colon.").fields == ()


def test_possible_cancer__is_no_field() -> None:
    assert field(record("Possible adenocarcinoma of the colon."), "histology") is None


def test_a_broader_site__supports_the_narrower() -> None:
    found = field(record("Colon cancer.", "Adenocarcinoma of the ascending colon."), "primary site")
    assert (found.code, len(found.supporting), found.contradicting) == ("ICDO3//C18.2", 2, ())


def test_what_was_said_otherwise__is_kept_against_it() -> None:
    found = field(
        record(
            "Adenocarcinoma of the ascending colon.",
            "Adenocarcinoma of the ascending colon.",
            "Adenocarcinoma of the sigmoid colon.",
        ),
        "primary site",
    )
    assert (found.value, len(found.supporting)) == ("Ascending colon", 2)
    assert len(found.contradicting) == 1


def test_metastasis_that_one_note_denies__keeps_both() -> None:
    found = field(record("No liver metastases.", "Known liver metastases."), "metastasis")
    assert (found.value, len(found.supporting), len(found.contradicting)) == ("Liver", 1, 1)


@pytest.mark.parametrize(
    "text, places",
    [
        ("Cancer of the ascending colon, liver metastases.", {"Liver"}),
        ("Liver, lung and bone metastases.", {"Liver", "Lung", "Bone"}),
        ("Breast cancer, metastatic to bone, liver and brain.", {"Bone", "Liver", "Brain"}),
        ("Metastases.", set()),
    ],
)
def test_places_of_metastases(text: str, places: set[str]) -> None:
    assert {f.value for f in record(text).fields if f.name == "metastasis"} == places


def test_metastasis_only_denied__is_none() -> None:
    assert field(record("Colon cancer. No liver metastases."), "metastasis") is None


def test_answer_that_is_pending__gives_way_to_the_one_that_came() -> None:
    found = field(record("KRAS pending.", "KRAS: p.Gly12Asp mutated."), "KRAS")
    assert found.code == "mutated"


def test_lines__follow_one_another_with_reason_and_response() -> None:
    first, second = record(
        "Colon cancer. Decision: FOLFOX and bevacizumab.",
        "Colon cancer. Cycle 1, FOLFOX and bevacizumab given.",
        "Colon cancer: partial response. FOLFOX was stopped because of neuropathy.",
        "Colon cancer. Cycle 1, FOLFIRI and bevacizumab.",
    ).lines
    assert first.treatments == ("FOLFOX", "bevacizumab")
    assert (first.start, first.cycles) == (DAY + timedelta(days=30), 1)
    assert (first.stopped, first.reason, first.response) == (True, "neuropathy", "partial response")
    assert (second.treatments, second.stopped) == (("FOLFIRI", "bevacizumab"), False)


def test_demo_truth__is_found_again() -> None:
    both = [(planted(life), recorded(found)) for life, found in with_cancer(120)]
    right = sum(len(truth & found) for truth, found in both)
    recall = right / sum(len(truth) for truth, _ in both)
    precision = right / sum(len(found) for _, found in both)
    wrong = [(truth - found, found - truth) for truth, found in both if truth != found]
    assert len(both) >= 5
    assert (recall >= AT_LEAST, precision >= AT_LEAST) == (True, True), (recall, precision, wrong)


@pytest.mark.parametrize(
    "text, code, place",
    [
        ("Invasive ductal carcinoma of the left breast.", "ONCOTREE//IDC", "Breast, left"),
        ("Gastric adenocarcinoma.", "ONCOTREE//STAD", "Stomach"),
        ("Non-small cell lung cancer.", "ONCOTREE//NSCLC", "Lung"),
        ("Prostate cancer.", "ONCOTREE//PRAD", "Prostate"),
        ("High-grade serous carcinoma of the ovary.", "ONCOTREE//HGSOC", "Ovary"),
    ],
)
def test_tumour__has_its_oncotree_type_and_place(text: str, code: str, place: str) -> None:
    found = record(text)
    assert field(found, "OncoTree").code == code
    assert field(found, "primary site").value == place.partition(",")[0]
