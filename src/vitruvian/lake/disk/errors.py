"""What can go wrong with a stored object, beside its being missing or damaged."""

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
