"""Signal files packed as FLAC, read through the package ``soundfile`` where it is installed.

References
----------
WFDB Applications Guide, signal(5): formats 508, 516 and 524, FLAC of 8, 16 and 24 bits, a channel a
signal; the header's offset counts samples of a channel.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np

from vitruvian.ingest.errors import Malformed, SourceBroken, Truncated

FLAC = {"508": 8, "516": 16, "524": 24}
"""Bits a sample at most, by format."""
KIND = "WFDB signal file of FLAC"
_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}
_READ_BITS = 32
_AT_ONCE = 1 << 20  # libsndfile fails beyond 2**24 samples in one read (its issue 431)
_MOST_SAMPLES = 1 << 27  # silence packs to next to nothing


class NoFlac(SourceBroken):
    """The package that unpacks FLAC is not installed."""

    code = "no-flac"

    def __init__(self) -> None:
        super().__init__(
            "The signal file is packed as FLAC, and the package soundfile is not installed here",
            expected="soundfile, or signals in another format",
            remedy='Install it with pip install "vitruvian[signals]", or convert it with xform of '
            "the WFDB software; nothing was loaded.",
        )


def unpacked(data: bytes, form: str, channels: int, *, offset: int) -> Any:
    """The samples of a file, (samples, channels) int32, from an offset on.

    Raises
    ------
    NoFlac
        When the package is not installed.
    Malformed
        When the file is none, has other channels, or finer or more samples than it may.
    Truncated
        When it holds fewer samples than it tells.
    """
    if find_spec("soundfile") is None:
        raise NoFlac
    library = import_module("soundfile")
    try:
        with library.SoundFile(BytesIO(data)) as packed:
            bits = _BITS.get(packed.subtype, _READ_BITS)
            if packed.format != "FLAC" or packed.channels != channels or bits > FLAC[form]:
                raise Malformed(KIND, "its channels or bits are not those that its header tells")
            if packed.frames * channels > _MOST_SAMPLES:
                raise Malformed(KIND, "more samples than any real one")
            total = packed.frames - packed.seek(offset)
            parts = [*packed.blocks(_AT_ONCE, dtype="int32", always_2d=True)]
    except library.SoundFileError:
        raise Malformed(KIND, "it cannot be unpacked") from None
    table = np.concatenate(parts or [np.zeros((0, channels), np.int32)])
    if len(table) < total:
        raise Truncated(KIND)
    return table >> (_READ_BITS - bits)  # the library fills the word from above
