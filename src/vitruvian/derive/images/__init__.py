"""Pixels of DICOM objects: frames, Hounsfield units, volumes, pictures to look at."""

from vitruvian.derive.images.errors import ImagingMissing, PixelsUnreadable
from vitruvian.derive.images.pixels import Window, frame_values, open_object, picture

__all__ = [
    "ImagingMissing",
    "PixelsUnreadable",
    "Window",
    "frame_values",
    "open_object",
    "picture",
]
