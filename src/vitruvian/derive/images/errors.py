"""What can go wrong with pixels.

Unavailable
`-- ImagingMissing       the optional packages for imaging are not installed
BadInput
|-- PixelsUnreadable     a file's pixels cannot be decoded
|-- NoVolume             the images of a series are not one even stack
`-- OverlayRefused       what was drawn does not lie on the voxels of a series
"""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Unavailable


class ImagingMissing(Unavailable):
    """The optional packages for imaging are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "The optional packages that read DICOM files are not installed here. "
            'Install them with: pip install "vitruvian[imaging]".'
        )


class PixelsUnreadable(BadInput):
    """A file's pixels cannot be decoded."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The pixels of this object cannot be decoded: {reason}. Expected an image in a "
            "transfer syntax of DICOM PS3.5 annex A. Retrieve the object itself instead."
        )


class NoVolume(BadInput):
    """The images of a series are not one even stack."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This series cannot be shown as one volume: {reason}. "
            "Expected one even stack of slices. Look at its images one by one."
        )


class OverlayRefused(BadInput):
    """What was drawn does not lie on the voxels of a series."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This object cannot be shown over this series: {reason}. Expected a segmentation or "
            "a structure set drawn on its images. Choose the series that it was drawn on."
        )
