"""What other devices of the hospital write of the same lives, in folders beside ``fhir``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.render.dicom import ct_studies

if TYPE_CHECKING:
    from pathlib import Path

    from vitruvian.demo.life import Life

PILOTS = 60
"""Pictures and curves are large: they are written for the first lives only."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Writes pictures into ``dicom``, and what is in them into ``.truth``."""

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

    def _tell(self, what: str, truth: dict[str, Any]) -> None:
        with (self.out / ".truth" / f"{what}.ndjson").open("ab") as lines:
            lines.write(orjson.dumps(truth, option=orjson.OPT_APPEND_NEWLINE))
