"""Derive what is new."""

from __future__ import annotations

from collections.abc import Sequence

from vitruvian.derive.engine.library import extractor_named, extractors
from vitruvian.derive.engine.run import DeriveReport, Pace, Run
from vitruvian.derive.errors import PackageMissing
from vitruvian.lake import Lake
from vitruvian.trust import Access


def derive(
    lake: Lake, *, access: Access, only: Sequence[str] = (), pace: Pace | None = None
) -> DeriveReport:
    """Read every note that an extractor has not read yet, and publish the facts found.

    Parameters
    ----------
    lake
        Where notes lie and facts go.
    access
        Who asks and why.
    only
        Names of extractors; none means all that are installed.
    pace
        How many processes, how much at once, and who wants to know how far it has come.

    Raises
    ------
    NoSuchExtractor
        When a name is not one of an extractor.
    PackageMissing
        When an extractor that was named needs a package that is not installed.
    """
    chosen = tuple(extractor_named(name) for name in only) or extractors()
    if not chosen:
        raise PackageMissing("text", ("pyahocorasick", "google-re2"))
    return Run(lake, access, chosen, pace or Pace()).run()
