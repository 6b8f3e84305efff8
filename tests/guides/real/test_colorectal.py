"""Colorectal guidelines over four published studies, against answers by hand from their tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.guides.real.held import Held, asked_at
from tests.ingest.support import SYSTEM, take
from vitruvian.guides import Decision
from vitruvian.lake import Lake

MAPPING = Path(__file__).parent / "colorectal.toml"
NOT_FOR = "not for this patient"
STUDIES = {
    "msk": ("cbioportal-studies/crc_msk_2017/data_clinical_sample.txt.gz", "\t"),
    "cptac": ("cbioportal-studies/coad_cptac_2019/data_clinical_sample.txt", "\t"),
    "dfci": ("cbioportal-studies/coadread_dfci_2016/data_clinical_sample.txt", "\t"),
    "tcga": ("tcga-colorectal/data_clinical_patient.csv", ","),
}
RIGHT = {
    *("Cecum", "Ascending Colon", "Hepatic Flexure", "Hepatix Flexure", "Transverse Colon"),
    *("C18.0", "C18.1", "C18.2", "C18.3", "C18.4"),
}
LEFT = {
    *("Splenic Flexure", "Descending Colon", "Sigmoid Colon", "Rectosigmoid", "Rectum"),
    *("C18.5", "C18.6", "C18.7", "C19", "C20"),
}
Row = Mapping[str, str | None]


@dataclass
class Patient:
    """What the tables hold of one patient; None where they say nothing."""

    spread: bool | None = None
    high: bool = False
    stable: bool = False
    pole: bool = False
    right: bool = False
    left: bool = False

    def add(self, row: Row) -> None:
        """One more sample."""
        said = row.get("MCRC_TYPE") or row.get("STAGE") or row.get("TUMOR_STAGE")
        stage = said or row.get("PATH_M_STAGE")
        if stage in {"mCRC Primary", "mCRC Metastasis", "Stage IV", "IV", "M1", "M1A", "M1B"}:
            self.spread = True
        elif stage not in {None, "NA", "MX"}:
            self.spread = bool(self.spread)
        self.high |= row.get("MSI_STATUS") in {"MSI", "MSI-H", "MSI-high"}
        self.stable |= row.get("MSI_STATUS") == "MSS"
        self.pole |= row.get("MOLECULAR_SUBTYPE") == "POLE"
        site = row.get("PRIMARY_SITE") or row.get("TUMOR_SITE") or row.get("ICD_10")
        self.right |= site in RIGHT
        self.left |= site in LEFT

    def options(self) -> list[str]:
        """The options that ASCO 2022 and ESMO 2023 leave open without KRAS, NRAS, BRAF, HER2."""
        if self.high:
            return ["checkpoint inhibitor"]
        open_ = [] if self.stable else ["checkpoint inhibitor"]
        if self.pole:
            return [*open_, "checkpoint inhibitor to be discussed"]
        targeted = ["BRAF inhibitor with anti-EGFR", "KRAS G12C inhibitor with anti-EGFR"]
        left = self.left or not self.right
        anti_egfr = ["anti-EGFR with chemotherapy"] if left else []
        last = ["chemotherapy, no anti-EGFR first", "chemotherapy, no anti-EGFR"]
        return [*open_, *targeted, "anti-HER2", *anti_egfr, *last]

    def next_test(self) -> str:
        """NICE DG27: the next step from instability alone."""
        if self.high:
            return "test BRAF V600E"
        return "no further test" if self.stable else "test the tumour"


def tables(folder: Path, out: Path) -> dict[str, Patient]:
    """The tables without their heads of comments, and every patient by hand."""
    by_hand: dict[str, Patient] = {}
    with duckdb.connect() as connection:
        for name, (path, delimiter) in STUDIES.items():
            read = (
                f"FROM read_csv('{folder / path}', delim='{delimiter}', comment='#', "
                "header=true, all_varchar=true)"
            )
            connection.execute(f"COPY ({read}) TO '{out / name}.csv' (HEADER)")
            for row in connection.execute(read).to_arrow_table().to_pylist():
                by_hand.setdefault(row["PATIENT_ID"], Patient()).add(row)
    return by_hand


def people(reader: Held) -> dict[str, int]:
    """Who is who."""
    sql = "SELECT DISTINCT subject_id, text_value FROM event WHERE code = 'STUDY//patient'"
    found = reader.query(sql, tables=["event"]).to_pylist()
    return {each["text_value"]: reader.person_of(each["subject_id"]) for each in found}


def left_open(decision: Decision) -> list[str]:
    """The answers that a guideline leaves open, if it is for this patient."""
    return [each for each in decision.possible if each != NOT_FOR]


def answers(
    by_hand: Mapping[str, Patient], asked: Iterable[tuple[str, Decision, Decision, Decision]]
) -> tuple[list[str], Counter[str]]:
    """Who is answered otherwise than by hand, and how many of each kind there are."""
    different, kinds = [], Counter[str]()
    for name, options, wanted, lynch in asked:
        patient = by_hand[name]
        if left_open(lynch) != [patient.next_test()]:
            different.append(f"{name}: {lynch.possible}")
        kinds[f"Lynch: {patient.next_test()}"] += 1
        kinds[f"metastases: {patient.spread}"] += 1
        if patient.spread is False:
            if (options.because, wanted.because) != (("metastases",), ("metastases",)):
                different.append(f"{name}: {options.because}")
            continue
        if left_open(options) != patient.options() or left_open(wanted) != ["results missing"]:
            different.append(f"{name}: {options.possible} {wanted.possible}")
        if patient.spread:
            kinds[f"first option left open: {patient.options()[0]}"] += 1
    return different, kinds


@pytest.mark.torture
def test_every_patient__is_answered_as_by_hand(real_data: Path, tmp_path: Path) -> None:
    by_hand = tables(real_data / "clinical", tmp_path)
    with Lake.create(tmp_path / "lake", site="studies") as lake:
        report = take(lake, MAPPING, *(tmp_path / f"{name}.csv" for name in STUDIES))
        assert report.rejected == 0
        now = datetime.now(UTC) + timedelta(days=1)
        with lake.read(SYSTEM, known_at=now) as reader:
            held = Held(reader)
            asked = [
                (
                    name,
                    asked_at("mcrc_options", held, person, now),
                    asked_at("mcrc_biomarkers", held, person, now),
                    asked_at("lynch_reflex", held, person, now),
                )
                for name, person in people(held).items()
            ]
    assert len(asked) == len(by_hand)
    different, kinds = answers(by_hand, asked)
    assert different == []
    assert kinds == {
        "Lynch: test BRAF V600E": 143,
        "Lynch: no further test": 769,
        "Lynch: test the tumour": 676,
        "metastases: True": 726,
        "metastases: False": 779,
        "metastases: None": 83,
        "first option left open: checkpoint inhibitor": 298,
        "first option left open: checkpoint inhibitor to be discussed": 3,
        "first option left open: BRAF inhibitor with anti-EGFR": 425,
    }
