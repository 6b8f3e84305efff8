"""What other devices of the hospital write of the same lives, in folders beside ``fhir``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.render.dicom import ct_studies
from vitruvian.demo.render.vcf import gene_tests, panel_files
from vitruvian.demo.render.wfdb import strips

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.demo.life import Life
    from vitruvian.demo.render.vcf import GeneTest

PILOTS = 60
"""Pictures and curves are large: they are written for the first lives only."""


_SHEET_HEAD = "wfdb_record,identifier_system,patient_id\n"


@dataclass(frozen=True, slots=True)
class Beside:
    """Writes pictures into ``dicom`` and curves into ``wfdb``; the truth into ``.truth``."""

    out: Path

    def write(self, life: Life) -> None:
        """Write what belongs to one life; most have nothing."""
        if life.number > PILOTS:
            return
        for study in ct_studies(life):
            folder = self.out / "dicom" / f"ct-{life.number:07d}"
            folder.mkdir(parents=True, exist_ok=True)
            for number, data in enumerate(study.files(), start=1):
                (folder / f"IM{number:04d}.dcm").write_bytes(data)
            self._tell("imaging", study.truth())
        for strip in strips(life):
            folder = self.out / "wfdb"
            folder.mkdir(exist_ok=True)
            for name, data in strip.files():
                (folder / name).write_bytes(data)
            sheet = folder / "patients.csv"
            begun = sheet.exists()
            with sheet.open("a", encoding="utf-8") as lines:
                lines.write(strip.link if begun else _SHEET_HEAD + strip.link)
        for test in gene_tests(life):
            self._genes(test)

    def _genes(self, test: GeneTest) -> None:
        """Calls and their sheet; the panels' regions once for all."""
        folder = self.out / "vcf"
        if not folder.is_dir():
            folder.mkdir()
            for name, text in panel_files():
                (folder / name).write_text(text, "utf-8")
        stem = f"{test.panel}-{test.life.number:07d}"
        (folder / f"{stem}.vcf").write_text(test.calls(), "utf-8")
        (folder / f"{stem}.csv").write_text(test.sheet(), "utf-8")
        self._tell("genomics", test.truth())

    def _tell(self, what: str, truth: dict[str, Any]) -> None:
        with (self.out / ".truth" / f"{what}.ndjson").open("ab") as lines:
            lines.write(orjson.dumps(truth, option=orjson.OPT_APPEND_NEWLINE))
