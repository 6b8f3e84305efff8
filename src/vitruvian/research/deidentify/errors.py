"""What can go wrong on the way into a research zone."""

from __future__ import annotations

from vitruvian.base.errors import BadInput, Conflict, Unavailable


class ZoneInUse(Conflict):
    """The lake that should become the zone holds something already."""

    def __init__(self) -> None:
        super().__init__(
            "The lake given with --to holds data already, and a zone is always made anew: what was "
            "de-identified twice could be compared. Name a folder that does not exist; nothing was "
            "changed."
        )


class KeyInZone(BadInput):
    """The key would lie where those who use the zone can read it."""

    def __init__(self) -> None:
        super().__init__(
            "The key file lies inside the zone, where it would undo every pseudonym. "
            "Expected a path outside the folder given with --to. Nothing was written."
        )


class KeyUnusable(BadInput):
    """The key file is no key."""

    def __init__(self) -> None:
        super().__init__(
            "The file given with --key holds no key: expected 32 random bytes as 64 hexadecimal "
            "digits. Name the file that an earlier run wrote, or one that does not exist."
        )


class Expired(BadInput):
    """The zone would end before it begins."""

    def __init__(self) -> None:
        super().__init__(
            "The expiry date is no day in the future. Expected --expires YYYY-MM-DD, the day on "
            "which the zone must be deleted."
        )


class NoBasis(BadInput):
    """Nobody said on what legal ground, or for which project."""

    def __init__(self) -> None:
        super().__init__(
            "A research zone needs a project and a legal basis in words: give both with --project "
            "and --basis. Nothing was written."
        )


class NotesExtraAbsent(Unavailable):
    """The packages that find identifiers in texts are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "De-identification needs google-re2 and ahocorasick-rs, which are absent. Install: "
            "pip install 'vitruvian[notes]'."
        )


class ImagingExtraAbsent(Unavailable):
    """The packages that read DICOM are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "De-identification of images needs pydicom, which is not installed. "
            "Install the extra: pip install 'vitruvian[imaging]'."
        )


class TextReaderAbsent(Unavailable):
    """The package that finds text in pictures is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Finding text in pictures needs rapidocr-onnxruntime, which is not installed. "
            "Install it, or leave out --ocr: files that may show text are then held back."
        )
