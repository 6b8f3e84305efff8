"""Writing the demo hospital to a folder: FHIR files, and the ground truth beside them."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import orjson

from vitruvian.demo.errors import FolderInUse, ImpossibleHospital
from vitruvian.demo.layouts import writer_for
from vitruvian.demo.mix import live
from vitruvian.demo.render.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vitruvian.demo.layouts import Layout
    from vitruvian.demo.life import Life

TODAY = date(2026, 6, 30)
"""The demo hospital's today: fixed, so that the files are the same on any day."""
_TRUTH = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was written: where, how many patients, how many resources of each type."""

    fhir: Path
    truth: Path
    patients: int
    resources: dict[str, int]

    @property
    def total(self) -> int:
        """Give the number of resources written."""
        return sum(self.resources.values())


def lives(seed: int, patients: int, *, until: date = TODAY) -> Iterator[Life]:
    """Give the lives of a demo hospital one by one; nothing is kept in memory.

    Parameters
    ----------
    seed
        Which hospital; 0 to 99, because the record numbers begin with it.
    patients
        How many lives, 1 to 9,999,999.
    until
        The hospital's today, at twelve o'clock UTC, or its present instant.

    Raises
    ------
    ImpossibleHospital
        If `seed` or `patients` is outside its bounds.

    Examples
    --------
    >>> [life.storylines[0] for life in lives(1, 2)]
    ['colorectal_cancer', 'sepsis']
    """
    _check(seed, patients)
    return (live(seed=seed, number=number, until=until) for number in range(1, patients + 1))


def _check(seed: int, patients: int) -> None:
    if not 0 <= seed <= 99:
        raise ImpossibleHospital(what="the seed is out of bounds", expected="0 to 99")
    if not 1 <= patients <= 9_999_999:
        raise ImpossibleHospital(
            what="the number of patients is out of bounds", expected="1 to 9,999,999"
        )


def write_demo(  # noqa: PLR0913 - the options of one command
    out: Path,
    *,
    patients: int = 200,
    seed: int = 1,
    layout: Layout = "bundles",
    until: date = TODAY,
    progress: Callable[[int], None] | None = None,
) -> DemoReport:
    """Write a demo hospital: FHIR under ``out/fhir``, ground truth in hidden ``out/.truth``.

    Pictures of some lives come under ``out/dicom``, curves under ``out/wfdb`` and ``out/edf``,
    what watches and apps export under ``out/wearables``.

    Parameters
    ----------
    out
        A new or empty folder.
    patients, seed, until
        As in `lives`.
    layout
        ``bundles`` (one transaction Bundle a patient) or ``ndjson`` (one file a type).
    progress
        Called with the number of patients written so far, after each.

    Raises
    ------
    FolderInUse
        If `out` holds anything.
    ImpossibleHospital
        If `seed` or `patients` is outside its bounds.
    """
    told = lives(seed, patients, until=until)
    if out.exists() and any(out.iterdir()):
        raise FolderInUse
    truth = out / ".truth" / "lives.ndjson"
    truth.parent.mkdir(parents=True)
    counts: Counter[str] = Counter()
    beside = Beside(out)
    with ExitStack() as open_files:
        writer = writer_for(out / "fhir", layout, open_files)
        truths = open_files.enter_context(truth.open("wb"))
        counts += writer.write_house()
        for life in told:
            counts += writer.write(life)
            beside.write(life)
            truths.write(orjson.dumps(life, option=_TRUTH))
            if progress is not None:
                progress(life.number)
    return DemoReport(out / "fhir", truth, patients, dict(sorted(counts.items())))
