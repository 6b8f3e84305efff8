"""A folder of files, each kind by its own rules, under names that say nothing."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from vitruvian.lake import Reader
from vitruvian.research.deidentify.dicom import FindText, Images, deidentify_images
from vitruvian.research.deidentify.extras import expect_notes_extra
from vitruvian.research.deidentify.headers import clean_vcf, clean_wfdb_header, record_of
from vitruvian.research.deidentify.replace import Project

_GENOMES = (".vcf", ".vcf.gz", ".vcf.bgz")
_PACKED = (".gz", ".bgz")


@dataclass
class Files:
    """What became of the files.

    Parameters
    ----------
    images
        Of the DICOM files and of everything that is none of the kinds known.
    genomes, recordings
        How many VCF files and WFDB records were written.
    """

    images: Images = field(default_factory=Images)
    genomes: int = 0
    recordings: int = 0

    @property
    def written(self) -> int:
        """How many files or records were written."""
        return self.images.written + self.genomes + self.recordings

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            **self.images.as_json(),
            "genomes": self.genomes,
            "recordings": self.recordings,
        }


def deidentify_files(
    paths: Sequence[Path],
    to: Path,
    project: Project,
    *,
    find_text: FindText | None = None,
    who: Callable[[str], object] = lambda patient_id: patient_id,
) -> Files:
    """Write DICOM, VCF and WFDB files below some folders without what identifies.

    Parameters
    ----------
    paths, to, project, find_text, who
        As for `deidentify_images`. A WFDB record names no patient: its own name is taken as such.
    """
    expect_notes_extra()
    report = Files()
    rest: list[Path] = []
    listed = [p for path in paths for p in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    recorded = {signal for path in listed if path.suffix == ".hea" for signal in _signals(path)}
    for path in (one for one in listed if one.is_file()):
        if path.name.lower().endswith(_GENOMES):
            report.genomes += 1
            _genome(path, to, (project, report.genomes))
        elif path.suffix == ".hea":
            _recording(path, to, project, days=project.person(who(path.stem)).days)
            report.recordings += 1
        elif path not in recorded:
            rest.append(path)
    report.images = deidentify_images(rest, to, project, find_text=find_text, who=who)
    return report


def _genome(path: Path, to: Path, named: tuple[Project, int]) -> None:
    project, number = named
    folder = to / "genomes"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        _opened(path) as source,
        (folder / f"{number:05d}.vcf").open("w", encoding="utf-8") as target,
    ):
        target.writelines(f"{line}\n" for line in clean_vcf(source, project))


def _opened(path: Path) -> IO[str]:
    if path.name.lower().endswith(_PACKED):
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _signals(header: Path) -> list[Path]:
    """The signal files that a header names, beside it."""
    lines = [
        line
        for line in header.read_text("utf-8", errors="replace").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    names = {line.split()[0] for line in lines[1:]}
    return [header.parent / name for name in sorted(names) if "/" not in name]


def _recording(header: Path, to: Path, project: Project, *, days: int) -> None:
    """The header written again, its signal files beside it: samples name nobody."""
    folder = to / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    old, new = header.stem, record_of(header.stem, project)
    text = header.read_text("utf-8", errors="replace")
    cleaned = clean_wfdb_header(text, project, days=days, record=old)
    (folder / f"{new}.hea").write_text(cleaned, "utf-8")
    for path in _signals(header):
        if path.is_file() and path.name.startswith(old):
            shutil.copyfile(path, folder / (new + path.name[len(old) :]))


def persons_by_number(reader: Reader) -> Callable[[str], object]:
    """Which person of a lake has an identifier; one that nobody has, is a person by itself."""
    persons = reader.persons()
    known: dict[str, int] = {}
    for row in reader.rows("patient", columns=["subject_id", "identifiers"]).to_pylist():
        for one in row["identifiers"] or ():
            if one["value"]:
                known[one["value"]] = persons.get(row["subject_id"], row["subject_id"])
    return lambda patient_id: known.get(patient_id, patient_id)
