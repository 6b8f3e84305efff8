"""What is kept of a study: a record that names each series and each instance's file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.mapping import words
from vitruvian.ingest.library.dicom.reading.header import Header
from vitruvian.ingest.library.dicom.study.geometry import Finding, check_stack
from vitruvian.ingest.library.dicom.study.instance import Instance

STUDY = "DICOM/Study"


@dataclass(frozen=True)
class Series:
    """One series of a study, its instances in order."""

    instances: tuple[Instance, ...]

    @property
    def first(self) -> Instance:
        """The instance whose header speaks for the series."""
        return self.instances[0]

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong with its geometry."""
        return check_stack([each.header for each in self.instances if each.kind == "image"])


@dataclass(frozen=True)
class Study:
    """One study of one subject as it stands: without what a rejection note took out of use."""

    instances: tuple[Instance, ...]

    @cached_property
    def first(self) -> Instance:
        """The instance whose header speaks for the study."""
        return min(self.instances, key=lambda each: each.place)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """Its series, each in order."""
        found: dict[str, list[Instance]] = {}
        for each in sorted(self.instances, key=lambda each: each.place):
            found.setdefault(each.series_uid, []).append(each)
        return tuple(Series(tuple(some)) for some in found.values())

    @cached_property
    def content(self) -> bytes:
        """The study's record: header fields by their names, and which files it stands on."""
        said = {
            "study": told(self.first.header, words("study")),
            "series": [_series(each) for each in self.series],
        }
        return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "replace")

    @cached_property
    def content_hash(self) -> str:
        """Of the record."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def version_id(self) -> int:
        """Of the study as it stands with these files."""
        first = self.first
        return stable_id(first.origin.site, STUDY, first.study_uid, self.content_hash)


def told(header: Header, names: Mapping[str, str]) -> dict[str, Any]:
    """Elements that say something, by their names."""
    found = {name: header.text(tag) for name, tag in names.items()}
    return {name: text for name, text in found.items() if text}


def _series(series: Series) -> dict[str, Any]:
    said: dict[str, Any] = told(series.first.header, words("series"))
    if series.findings:
        said["geometry"] = [each.code for each in series.findings]
    said["instances"] = [_instance(each) for each in series.instances]
    return said


def _instance(each: Instance) -> dict[str, Any]:
    said: dict[str, Any] = {
        "SOPInstanceUID": each.uid,
        "kind": each.kind,
        "source": each.origin.source_id,
        "sha256": each.sha256,
    }
    if each.was_repaired:
        said["repaired"] = True
    return said


def standing(instances: Sequence[Instance]) -> Study | None:
    """The study without what its rejection notes take out of use; None when nothing is left."""
    rejected = frozenset[str]().union(*(each.rejects for each in instances))
    left = tuple(each for each in instances if each.uid not in rejected and not each.rejects)
    return Study(left) if left else None
