"""What can go wrong with a stored object or its place, beside its being missing or damaged."""

from __future__ import annotations

from vitruvian.base.errors import BadInput


class BlobTooLarge(BadInput):
    """An image or attachment is larger than may be opened here."""

    status = 413

    def __init__(self, *, most: int) -> None:
        super().__init__(
            f"The object has more than the {most >> 20} MiB that are opened here at once. "
            "Retrieve the whole file as it was stored, which is sent piece by piece, and open it "
            "there."
        )


class FileInTheWay(BadInput):
    """Where a folder is to be made lies a file."""

    def __init__(self) -> None:
        super().__init__(
            "A folder is to be made where a file lies. Expected a folder, or a name that is free, "
            "and so above it. Nothing was changed. Name another folder, or move the file away."
        )
