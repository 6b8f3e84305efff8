"""A sleep laboratory: half an hour of a night, in EDF+."""

from vitruvian.demo.render.edf.night import SHEET_HEAD, Night, nights

__all__ = ["SHEET_HEAD", "Night", "nights"]
