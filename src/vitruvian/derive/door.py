"""Derive what is new, and put what was derived about one person together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vitruvian.derive.engine.library import extractor_named, extractors
from vitruvian.derive.engine.run import DeriveReport, Pace, Run
from vitruvian.derive.errors import NotOnSpark, PackageMissing, SettingsMissing
from vitruvian.derive.records.tumour import COLUMNS, TumourRecord, tumour_record
from vitruvian.lake import Lake
from vitruvian.record.event import MACHINE_READ
from vitruvian.trust import Access


def derive(
    lake: Lake,
    *,
    access: Access,
    only: Sequence[str] = (),
    beside: Sequence[str] = (),
    pace: Pace | None = None,
) -> DeriveReport:
    """Read every note that an extractor has not read yet, and publish the facts found.

    Parameters
    ----------
    lake
        Where notes lie and facts go.
    access
        Who asks and why.
    only
        Names of extractors; none means all that are installed and need no settings.
    beside
        Names of extractors that read too: those that work only when they are asked for.
    pace
        How many processes, how much at once, and who wants to know how far it has come.

    Raises
    ------
    NoSuchExtractor
        When a name is not one of an extractor.
    PackageMissing
        When an extractor that was named needs a package that is not installed.
    SettingsMissing
        When one that was named needs settings that the site has not made.
    NotOnSpark
        When one that needs settings is to read on Spark.
    """
    chosen = tuple(extractor_named(name) for name in only) or extractors()
    chosen += tuple(extractor_named(name) for name in beside if name not in only)
    pace = pace or Pace()
    for each in chosen:
        if each.manifest.missing_settings:
            raise SettingsMissing(each.manifest.name, each.manifest.missing_settings)
        if each.manifest.settings and pace.spark is not None:
            raise NotOnSpark(each.manifest.name)
    if not chosen:
        raise PackageMissing("text", ("ahocorasick-rs", "google-re2"))
    return Run(lake, access, chosen, pace).run()


def tumour_record_of(reader: Any, person_id: int) -> TumourRecord:
    """What the notes of one person say of a tumour, out of the facts derived from them.

    Parameters
    ----------
    reader
        The door, as of the moment asked about.
    person_id
        The person; somebody without such facts has an empty record.
    """
    events = reader.rows(
        "event",
        subjects=reader.subjects_of(person_id),
        columns=COLUMNS,
        where=f"list_contains(flags, '{MACHINE_READ}')",
    )
    return tumour_record(events.to_pylist())
