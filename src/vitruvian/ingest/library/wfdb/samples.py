"""The samples of a WFDB signal file as whole numbers, and which of them say "none".

References
----------
WFDB Applications Guide, signal(5): "WFDB signal file formats".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.ingest.library.wfdb.flac import FLAC, unpacked
from vitruvian.ingest.library.wfdb.header import FORMATS, KIND, Signal

_FILE = "WFDB signal file"
MISSING = {
    "16": -32768, "24": -8388608, "32": -2147483648, "61": -32768, "80": -128,
    "160": -32768, "212": -2048, "310": -512, "311": -512,
    "508": -128, "516": -32768, "524": -8388608,
}  # fmt: skip
_PLAIN = {"16": ("<i2", 0), "61": (">i2", 0), "32": ("<i4", 0), "80": ("u1", 128),
          "160": ("<u2", 32768), "8": ("i1", 0)}  # fmt: skip
Numbers = Any  # numpy.ndarray of int64, (samples,)


def decode(data: bytes, kind: str) -> Numbers:
    """Every sample of a file of one format, in the order they stand."""
    if kind in _PLAIN:
        shape, shift = _PLAIN[kind]
        whole = len(data) - len(data) % np.dtype(shape).itemsize
        return np.frombuffer(data[:whole], shape).astype(np.int64) - shift
    if kind == "212":
        return _twelve_bits(data)
    if kind == "24":
        parts = _bytes(data, 3)
        return _signed(parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16, 24)
    return _ten_bits(data, kind)


def _bytes(data: bytes, size: int) -> Numbers:
    whole = len(data) - len(data) % size
    return np.frombuffer(data[:whole], np.uint8).astype(np.int64).reshape(-1, size)


def _signed(values: Numbers, bits: int) -> Numbers:
    half = 1 << (bits - 1)
    return (values + half) % (1 << bits) - half


def _twelve_bits(data: bytes) -> Numbers:
    """Two samples in three bytes; a last one alone takes two."""
    odd = len(data) % 3 == 2  # noqa: PLR2004  two of three bytes
    parts = _bytes(data + b"\0" if odd else data, 3)
    first = parts[:, 0] | (parts[:, 1] & 0x0F) << 8
    second = parts[:, 2] | (parts[:, 1] & 0xF0) << 4
    both = np.stack([first, second], axis=1).reshape(-1)
    return _signed(both[:-1] if odd else both, 12)


def _ten_bits(data: bytes, kind: str) -> Numbers:
    """Three samples in four bytes."""
    parts = _bytes(data, 4)
    if kind == "310":
        low, high = parts[:, 0] | parts[:, 1] << 8, parts[:, 2] | parts[:, 3] << 8
        third = (low >> 11 & 0x1F) | (high >> 11 & 0x1F) << 5
        three = [low >> 1 & 0x3FF, high >> 1 & 0x3FF, third]
    else:
        word = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16 | parts[:, 3] << 24
        three = [word & 0x3FF, word >> 10 & 0x3FF, word >> 20 & 0x3FF]
    return _signed(np.stack(three, axis=1).reshape(-1), 10)


def channels(data: bytes, signals: Sequence[Signal], frames: int | None) -> list[Numbers]:
    """The samples of each channel of one signal file, skew taken out.

    Parameters
    ----------
    data
        The whole file.
    signals
        The channels that share it, in order; samples stand frame by frame, in FLAC apart.
    frames
        How many frames the header tells; None: as many as there are.

    Returns
    -------
    list of numpy.ndarray
        (frames * samples a frame,) int64 for each channel.
        Where a skewed channel ends early, the value that says "none" follows.

    Raises
    ------
    Truncated
        When the file holds fewer frames than the header tells.
    Malformed
        For a format that is not read here.
    NoFlac
        For FLAC where the package that unpacks it is not installed.
    """
    kind = signals[0].format
    if kind not in FORMATS or any(each.format != kind for each in signals):
        raise Malformed(KIND, f"signal format {kind}, which is not read here")
    if kind in FLAC:
        return _packed(data, signals, frames)
    values = decode(data[signals[0].offset :], kind)
    width = sum(each.frame for each in signals)
    held = len(values) // width
    if frames is not None and held < frames:
        raise Truncated(_FILE)
    table = values[: held * width].reshape(held, width)
    found, column = [], 0
    for each in signals:
        own = table[:, column : column + each.frame].reshape(-1)
        own = each.first + own.cumsum() if kind == "8" else own
        found.append(_without_skew(own, each, (frames or held) * each.frame))
        column += each.frame
    return found


def _packed(data: bytes, signals: Sequence[Signal], frames: int | None) -> list[Numbers]:
    """The channels of a file of FLAC, which has one rate for all of them."""
    first = signals[0]
    if any(each.frame != first.frame for each in signals):
        raise Malformed(KIND, "channels of several rates in one file of FLAC")
    table = unpacked(data, first.format, len(signals), offset=first.offset)
    held = len(table) // first.frame
    if frames is not None and held < frames:
        raise Truncated(_FILE)
    length = (frames or held) * first.frame
    columns = table[: held * first.frame].T.astype(np.int64)
    return [_without_skew(own, each, length) for own, each in zip(columns, signals, strict=True)]


def _without_skew(values: Numbers, signal: Signal, length: int) -> Numbers:
    shifted = values[signal.skew * signal.frame :][:length]
    lacking = length - len(shifted)
    return np.pad(shifted, (0, lacking), constant_values=MISSING.get(signal.format, 0))
