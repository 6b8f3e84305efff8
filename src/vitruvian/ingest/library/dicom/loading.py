"""One bulk load of DICOM files: staged, checked against what is known, told study by study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.library.dicom import linking
from vitruvian.ingest.library.dicom.mapping import DERIVATION
from vitruvian.ingest.library.dicom.reading.header import Header
from vitruvian.ingest.library.dicom.reading.moments import Zone
from vitruvian.ingest.library.dicom.stored import instances_of, standing_versions, versions_of
from vitruvian.ingest.library.dicom.study.instance import Instance, Origin, issuer_of
from vitruvian.ingest.library.dicom.study.record import Study, standing
from vitruvian.ingest.library.dicom.study.rows import Row, instance_rows, study_rows
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa

_FILES_AT_ONCE = 256
_BYTES_AT_ONCE = 64 << 20
_KEPT = ("subject_id", "site", "source_id", "known_at", "known_at_basis", "locator")


@dataclass
class _Waiting:
    """One file whose bytes are not stored yet."""

    number: int
    instance: Instance
    data: bytes
    problems: Problems


@dataclass
class DicomLoading:
    """Files of one bulk load. Their bytes become blobs in portions, their rows at the end."""

    context: LoadContext
    waiting: list[_Waiting] = field(default_factory=list)
    accepted: dict[str, tuple[int, Instance]] = field(default_factory=dict)
    counts: dict[int, Counts] = field(default_factory=dict)
    sheets: list[tuple[Source, bytes]] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    # -------------------------------------------------------------- staging

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take one file in."""
        for data, context in zip(
            batch["bytes"].to_pylist(), batch["context"].to_pylist(), strict=True
        ):
            if context is None:
                self.sheets.append((source, data))
                continue
            instance = Instance(Header(json.loads(context)), source.sha256, self._origin(source))
            self.waiting.append(_Waiting(source.number, instance, data, problems))
        held = sum(len(each.data) for each in self.waiting)
        if len(self.waiting) >= _FILES_AT_ONCE or held >= _BYTES_AT_ONCE:
            self._settle()

    def _origin(self, source: Source) -> Origin:
        context = self.context
        zone = Zone(context.time_zone, declared=context.zone_declared)
        received = datetime.fromisoformat(context.received_at)
        return Origin(context.site, source.source_id, zone, received)

    def drop(self, source: Source) -> None:
        """Forget a file that turned out broken."""
        self.waiting = [each for each in self.waiting if each.number != source.number]
        self.sheets = [each for each in self.sheets if each[0].number != source.number]

    def _settle(self) -> None:
        """Accept what is new, skip what is known, refuse other bytes under a known UID."""
        uids = list({each.instance.uid for each in self.waiting})
        known = versions_of(self.context.bulk.reader, uids, site=self.context.site)
        for each in self.waiting:
            self.counts[each.number] = self._accept(each, known.get(each.instance.uid, set()))
        self.waiting = []

    def _accept(self, each: _Waiting, known: set[int]) -> Counts:
        instance = each.instance
        earlier = self.accepted.get(instance.uid)
        versions = known | ({earlier[1].version_id} if earlier else set())
        if instance.version_id in versions:
            return Counts(0, 1)
        if versions:
            each.problems.add(Problem(0, "/00080018", "same-uid-other-bytes", _OTHER, rejects=True))
            return Counts(0, 0)
        self.context.bulk.put_blob(each.data)
        self.accepted[instance.uid] = (each.number, instance)
        for table, row in instance_rows(instance):
            self._add(table, row)
        if instance.subject_id is None:
            each.problems.add(Problem(0, "/00100020", "no-patient", _NOBODY))
        return Counts(1, 0)

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Tell each study anew that this load touched, and write everything."""
        self._settle()
        self.counts |= linking.SHEET.take(self.sheets, self.context)
        self._tell_studies(problems)
        self._report_authorities(problems)
        self._report_repairs(problems)
        if self.accepted:
            DERIVATION.write(self.context)
        for table, rows in self.rows.items():
            write_rows(self.context.bulk, table, rows)
        return self.counts

    def _tell_studies(self, problems: Mapping[int, Problems]) -> None:
        reader, site = self.context.bulk.reader, self.context.site
        fresh = [instance for _, instance in self.accepted.values()]
        touched = sorted({each.study_uid for each in fresh})
        known = instances_of(reader, touched, site=site)
        studies: dict[tuple[str, int], list[Instance]] = {}
        for each in [*known, *fresh]:
            if each.subject_id is not None:
                studies.setdefault((each.study_uid, each.subject_id), []).append(each)
        earlier: dict[tuple[str, int], list[Row]] = {}
        for row in standing_versions(reader, touched, site=site):
            earlier.setdefault((row["resource_id"], row["subject_id"]), []).append(row)
        for key, instances in studies.items():
            self._tell(instances, earlier.get(key, []), problems)
        self._report_shared(studies, problems)

    def _tell(
        self, instances: list[Instance], earlier: Sequence[Row], problems: Mapping[int, Problems]
    ) -> None:
        """The study as it stands now, in place of what was told of it before."""
        study = standing(instances)
        for each in instances:
            for uid in each.rejects:
                self._retire_instances(each, [one for one in instances if one.uid == uid])
        known = {row["version_id"] for row in earlier}
        for row in earlier:
            if study is None or row["version_id"] != study.version_id:
                self._add("retirement", _retire(row, row["version_id"], "superseded"))
        if study is not None and study.version_id not in known:
            for table, row in study_rows(study):
                self._add(table, row)
            self._report_geometry(study, problems)

    def _retire_instances(self, note: Instance, rejected: Sequence[Instance]) -> None:
        for each in rejected:
            row = {**note.lineage, "subject_id": each.subject_id, "locator": "record 0"}
            retired = _retire(row, each.version_id, "rejected")
            if retired not in self.rows.get("retirement", ()):
                self._add("retirement", retired)

    # -------------------------------------------------------------- reporting

    def _report_geometry(self, study: Study, problems: Mapping[int, Problems]) -> None:
        for series in study.series:
            number = next((self._number(each) for each in series.instances), None)
            if number is not None:
                for finding in series.findings:
                    sentence = f"{finding.sentence} {_STACK}"
                    problems[number].add(Problem(0, None, finding.code, sentence))

    def _number(self, instance: Instance) -> int | None:
        found = self.accepted.get(instance.uid)
        return None if found is None else found[0]

    def _report_shared(
        self,
        studies: Mapping[tuple[str, int], Sequence[Instance]],
        problems: Mapping[int, Problems],
    ) -> None:
        whose: dict[str, set[int]] = {}
        for study, subject in studies:
            whose.setdefault(study, set()).add(subject)
        for number, instance in self.accepted.values():
            if len(whose.pop(instance.study_uid, ())) > 1:
                problem = Problem(0, "/0020000D", "study-of-several-patients", _SHARED)
                problems[number].add(problem)

    def _report_authorities(self, problems: Mapping[int, Problems]) -> None:
        """Say once of each patient that nobody declared who gave the number."""
        if not self.accepted:
            return
        declared = linking.authorities(linking.SHEET.all_of(self.sheets, self.context))
        said: set[int | None] = {None}
        for number, instance in self.accepted.values():
            if linking.system_of(issuer_of(instance.header), declared) is None:
                if instance.subject_id not in said:
                    problems[number].add(Problem(0, "/00100021", "no-authority", _UNLINKED))
                said.add(instance.subject_id)

    def _report_repairs(self, problems: Mapping[int, Problems]) -> None:
        """Say once of each series how many of its files had UIDs that are none."""
        repaired: dict[str, list[int]] = {}
        for number, instance in self.accepted.values():
            if instance.was_repaired:
                repaired.setdefault(instance.series_uid, []).append(number)
        for numbers in repaired.values():
            sentence = _REPAIRED.format(files=len(numbers))
            problems[numbers[0]].add(Problem(0, "/04000561", "repaired-uid", sentence))

    # -------------------------------------------------------------- rows

    def _add(self, table: str, row: Row) -> None:
        self.rows.setdefault(table, []).append(row)


def _retire(row: Mapping[str, Any], target: int, reason: str) -> Row:
    return {
        **{name: row[name] for name in _KEPT},
        "retirement_id": stable_id("DICOM", reason, str(target)),
        "scope": "version",
        "target_id": target,
        "reason": reason,
    }


_OTHER = (
    "An instance with this UID is here already, with other bytes. Expected one object a UID. "
    "The first one stays; ask the sender which is right, or load the other under a UID of its own."
)
_NOBODY = (
    "The file names no patient (0010,0020). "
    "It is kept and belongs to nobody. Ask the sender to fill it."
)
_SHARED = (
    "The study of this file holds objects of several patients. Each patient is shown only their "
    "own. Ask the sender which is right."
)
_UNLINKED = (
    "Nobody declares who gave the patient id of this file, so it is kept as a person of its own "
    "and not linked, because numbers alone can be equal by chance. Expected Issuer of Patient ID "
    "(0010,0021) or a sheet of authorities. Add the sheet and load it."
)
_REPAIRED = (
    "{files} file(s) of the series of this file have an empty or illegal UID. Expected digits and "
    "dots (PS3.5 section 9.1). UIDs were made by rule from what was there; the files are kept as "
    "they came, and what was sent stands in Original Attributes (0400,0561)."
)
_STACK = "It is kept as it came; what is measured on it has to allow for that."
