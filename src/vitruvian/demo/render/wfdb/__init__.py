"""A bedside monitor in intensive care: a strip of ECG and arterial pressure, in WFDB."""

from vitruvian.demo.render.wfdb.strip import Strip, strips

__all__ = ["Strip", "strips"]
