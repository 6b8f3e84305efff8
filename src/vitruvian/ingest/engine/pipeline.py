"""From paths to published records: recognise, read, stage, map, publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from vitruvian.ingest.engine.adapter import (
    PROBE_BYTES,
    Adapter,
    Counts,
    Linking,
    LoadContext,
    Loading,
    Probe,
    Source,
    version_of,
)
from vitruvian.ingest.engine.library import adapters, recognise
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.progress import Silent, Watcher
from vitruvian.ingest.engine.walk import (
    SOURCE_ID_LETTERS,
    Offered,
    digest_of,
    open_content,
    translated,
    unread_id,
    walk,
)
from vitruvian.ingest.errors import NothingRecognised, NothingToRead, SourceBroken
from vitruvian.ingest.report import (
    IngestReport,
    Problem,
    Problems,
    SourceReport,
    stored_problems,
)
from vitruvian.ingest.zones import Assumed
from vitruvian.record import table_named


@dataclass(frozen=True)
class Setting:
    """What holds for one whole ingestion."""

    lake: Any  # lake.Lake; typed there
    access: Any  # trust.Access; typed there
    site: str
    time_zone: str
    zone_declared: bool
    limits: Limits = field(default_factory=Limits)
    watcher: Watcher = field(default_factory=Silent)


@dataclass(frozen=True)
class _Claimed:
    source: Source
    adapter: Adapter


@dataclass
class _Group:
    """Sources that become visible together."""

    context: LoadContext
    assumed: Assumed = field(default_factory=Assumed)
    loadings: dict[str, Loading] = field(default_factory=dict)
    members: list[_Claimed] = field(default_factory=list)
    problems: dict[int, Problems] = field(default_factory=dict)
    offered: dict[int, int] = field(default_factory=dict)
    refused: list[tuple[_Claimed, SourceReport]] = field(default_factory=list)
    staged_bytes: int = 0


class Ingestion:
    """One call of ``ingest``."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._reports: list[SourceReport] = []
        self._known, self._refused = _known_sources(setting)
        self._number = 0

    def run(self, paths: Sequence[Path]) -> IngestReport:
        """Take in everything below the paths."""
        claimed = self._claim(walk(paths, limits=self._setting.limits))
        while (first := next(claimed, None)) is not None:
            with self._setting.lake.bulk(self._setting.access) as bulk:
                self._load_group(bulk, chain([first], claimed))
        if self._number == 0:
            raise NothingToRead(len(paths))
        if all(report.outcome == "not-recognised" for report in self._reports):
            names = tuple(each.manifest.title for each in adapters())
            report = IngestReport(tuple(self._reports))
            raise NothingRecognised(self._number, names, report=report)
        if any(report.loaded for report in self._reports):
            self._link()
        return IngestReport(tuple(self._reports))

    def _link(self) -> None:
        """Let formats find their patients among those that every format brought."""
        with self._setting.lake.bulk(self._setting.access) as bulk:
            for each in adapters():
                if isinstance(each, Linking):
                    each.link(bulk, site=self._setting.site)

    def _claim(self, offers: Iterator[Offered]) -> Iterator[_Claimed]:
        """Those sources that are new and have an adapter; the others are reported at once."""
        for offered in offers:
            self._number += 1
            source_id = unread_id(self._number)
            try:
                source = self._identify(offered)
                source_id = source.source_id
                adapter = _adapter_of(source)
            except SourceBroken as fault:
                self._refuse(source_id, None, fault)
                continue
            if adapter is None:
                self._reports.append(SourceReport(source.source_id, None, "not-recognised"))
                continue
            earlier = self._known.get((source.sha256, _stamp(adapter, source)))
            if earlier is not None:
                self._reports.append(_known_report(source, adapter, earlier))
                continue
            self._known[(source.sha256, _stamp(adapter, source))] = {"offered": 0, "rejected": 0}
            yield _Claimed(source, adapter)

    def _identify(self, offered: Offered) -> Source:
        if offered.fault is not None:
            raise offered.fault
        sha256, size = digest_of(offered)
        return Source(
            source_id=sha256[:SOURCE_ID_LETTERS],
            sha256=sha256,
            byte_count=size,
            suffix=offered.suffix,
            open=lambda: open_content(offered, limits=self._setting.limits),
            number=self._number,
            limits=self._setting.limits,
            name=offered.name,
            beside=offered.beside,
            mappings=offered.mappings,
        )

    def _load_group(self, bulk: Any, claimed: Iterator[_Claimed]) -> None:
        # the engine's own bar would write into what we print on standard output
        bulk.connection.execute("SET enable_progress_bar = false")
        bulk.file_bytes = self._setting.limits.file_bytes
        group = _Group(self._context(bulk))
        bulk.watch(group.assumed.look)
        for each in claimed:
            self._stage(group, each)
            if group.staged_bytes >= self._setting.limits.publish_bytes:
                break
        counts: dict[int, Counts] = {}
        for loading in group.loadings.values():
            counts.update(loading.finish(group.problems))
        reports = [_report(group, each, counts) for each in group.members]
        if reports or group.refused:
            bulk.write("source", _source_rows(group, reports))
        self._reports.extend(reports)

    def _context(self, bulk: Any) -> LoadContext:
        setting = self._setting
        return LoadContext(
            bulk=bulk,
            site=setting.site,
            time_zone=setting.time_zone,
            zone_declared=setting.zone_declared,
            received_at=datetime.now(UTC).isoformat(),
        )

    def _stage(self, group: _Group, each: _Claimed) -> None:
        source, adapter = each.source, each.adapter
        problems, name = Problems(), adapter.manifest.name
        if name not in group.loadings:
            group.loadings[name] = adapter.begin(group.context)
        try:
            staged, size = self._read(group.loadings[name], each, problems)
        except SourceBroken as fault:
            group.loadings[name].drop(source)
            report = self._refuse(source.source_id, name, fault)
            key = (source.sha256, _stamp(adapter, source))
            del self._known[key]  # the same bytes offered once more are refused once more
            if key not in self._refused:
                self._refused.add(key)
                group.refused.append((each, report))
            return
        group.members.append(each)
        group.problems[source.number] = problems
        group.offered[source.number] = staged
        group.staged_bytes += size

    def _read(self, loading: Loading, each: _Claimed, problems: Problems) -> tuple[int, int]:
        records = size = 0
        with translated("packed file"):
            for batch in each.adapter.read(each.source, problems):
                loading.stage(each.source, batch, problems)
                records += batch.num_rows
                size += batch.nbytes
                self._setting.watcher.advance(0, batch.num_rows)
        self._setting.watcher.advance(each.source.byte_count, 0)
        return records, size

    def _refuse(self, source_id: str, adapter: str | None, fault: SourceBroken) -> SourceReport:
        problem = Problem(fault.record, None, fault.code, f"Source {source_id}: {fault}")
        report = SourceReport(source_id, adapter, "refused", problem_count=1, problems=(problem,))
        self._reports.append(report)
        return report


def _adapter_of(source: Source) -> Adapter | None:
    with translated("packed file"), source.open() as stream:
        head = _read_up_to(stream, PROBE_BYTES)
    whole = len(head) < PROBE_BYTES
    return recognise(
        Probe(head, source.suffix, whole=whole, mappings=source.mappings, open=source.open)
    )


def _read_up_to(stream: BinaryIO, size: int) -> bytes:
    parts, missing = [], size
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _stamp(adapter: Adapter, source: Source) -> str:
    return f"{adapter.manifest.name} {version_of(adapter, source)}"


_Key = tuple[str, str]


def _known_sources(setting: Setting) -> tuple[dict[_Key, Mapping[str, Any]], set[_Key]]:
    """Sources of this site by hash and adapter version: those taken in, and those refused."""
    columns = ["site", "sha256", "adapter", "adapter_version", "offered", "rejected", "outcome"]
    with setting.lake.read(setting.access) as reader:
        rows = reader.rows("source", columns=columns).to_pylist()
    known: dict[_Key, Mapping[str, Any]] = {}
    refused: set[_Key] = set()
    for row in rows:
        key = (row["sha256"], f"{row['adapter']} {row['adapter_version']}")
        if row["site"] != setting.site:
            continue
        if row["outcome"] == "refused":
            refused.add(key)
        else:
            known[key] = row
    return known, refused


def _known_report(source: Source, adapter: Adapter, earlier: Mapping[str, Any]) -> SourceReport:
    offered, rejected = earlier["offered"], earlier["rejected"]
    return SourceReport(
        source.source_id,
        adapter.manifest.name,
        "known",
        offered=offered,
        skipped=offered - rejected,
        rejected=rejected,
    )


def _report(group: _Group, each: _Claimed, counts: Mapping[int, Counts]) -> SourceReport:
    number = each.source.number
    problems, count = group.problems[number], counts.get(number, Counts(0, 0))
    return SourceReport(
        each.source.source_id,
        each.adapter.manifest.name,
        "partial" if problems.rejected else "loaded",
        offered=group.offered[number] + problems.rejected_unread,
        loaded=count.loaded,
        skipped=count.skipped,
        rejected=problems.rejected,
        assumed_zone=group.assumed.of[each.source.source_id],
        problem_count=problems.count,
        problems=tuple(replace(problem) for problem in problems.kept),
    )


def _source_rows(group: _Group, reports: Sequence[SourceReport]) -> pa.Table:
    taken = [
        _source_row(
            group,
            each,
            report,
            stored_problems(group.problems[each.source.number], assumed_zone=report.assumed_zone),
        )
        for each, report in zip(group.members, reports, strict=True)
    ]
    refused = [
        _source_row(group, each, report, stored_problems(report.problems))
        for each, report in group.refused
    ]
    rows = [*taken, *refused]
    names = set(rows[0])
    schema = pa.schema([each for each in table_named("source").schema if each.name in names])
    return pa.Table.from_pylist(rows, schema=schema)


def _source_row(
    group: _Group, each: _Claimed, report: SourceReport, problems: str | None
) -> dict[str, Any]:
    context = group.context
    received = datetime.fromisoformat(context.received_at)
    return {
        "site": context.site,
        "source_id": report.source_id,
        "known_at": received,
        "known_at_basis": "stated",
        "sha256": each.source.sha256,
        "media_type": each.adapter.manifest.reads[0],
        "adapter": each.adapter.manifest.name,
        "adapter_version": version_of(each.adapter, each.source),
        "time_zone": context.time_zone if context.zone_declared else None,
        "received_at": received,
        "byte_count": each.source.byte_count,
        "offered": report.offered,
        "loaded": report.loaded,
        "skipped": report.skipped,
        "rejected": report.rejected,
        "outcome": report.outcome,
        "problems": problems,
    }
