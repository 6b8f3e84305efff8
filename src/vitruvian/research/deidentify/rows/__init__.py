"""A lake's tables on their way into a research zone."""

from vitruvian.research.deidentify.rows.zone import Wanted, ZoneReport, deidentify

__all__ = ["Wanted", "ZoneReport", "deidentify"]
