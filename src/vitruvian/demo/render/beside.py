"""What other devices of the hospital write of the same lives, in folders beside ``fhir``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.render import edf, wearables
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
    """Writes pictures, curves, calls and exports into folders; the truth into ``.truth``."""

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
            (folder / "SEG0001.dcm").write_bytes(study.drawing())
            self._tell("imaging", study.truth())
        for strip in strips(life):
            folder = self.out / "wfdb"
            folder.mkdir(exist_ok=True)
            for name, data in strip.files():
                (folder / name).write_bytes(data)
            self._link("wfdb", _SHEET_HEAD, strip.link)
        for test in gene_tests(life):
            self._genes(test)
        self._worn(life)

    def _worn(self, life: Life) -> None:
        """What a watch, an app and the sleep laboratory export."""
        for watch in wearables.watches(life):
            self._export("wearables", watch.name, watch.data)
            self._link("wearables", wearables.WATCH_HEAD, watch.link, name="watches.csv")
            self._tell("wearables", watch.truth())
        for diary in wearables.diaries(life):
            self._export("wearables", diary.name, diary.data)
            self._link("wearables", wearables.DIARY_HEAD, diary.link, name="apps.csv")
        for night in edf.nights(life):
            self._export("edf", night.name, night.data)
            self._link("edf", edf.SHEET_HEAD, night.link)
            self._tell("sleep", night.truth())

    def _export(self, folder: str, name: str, data: bytes) -> None:
        (self.out / folder).mkdir(exist_ok=True)
        (self.out / folder / name).write_bytes(data)

    def _link(self, folder: str, head: str, line: str, *, name: str = "patients.csv") -> None:
        """Add a line to the sheet that tells whose the files of a folder are."""
        sheet = self.out / folder / name
        begun = sheet.exists()
        with sheet.open("a", encoding="utf-8") as lines:
            lines.write(line if begun else head + line)

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
