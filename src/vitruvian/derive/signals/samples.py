"""What one stored stretch of a channel holds: its samples, or their lowest and highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_TYPES = {"int16": "<i2", "int32": "<i4"}
Row = Mapping[str, Any]
Numbers = Any  # numpy.ndarray, whose shape and type each docstring says


class Bins(NamedTuple):
    """Lowest and highest of equal bins of samples, aligned to the channel's own count.

    Parameters
    ----------
    first
        Number of the first bin: bin ``k`` holds the samples from ``k * size`` on.
    low, high
        (bins,) float64 in the channel's unit; nan where nothing was measured.
    measured
        (bins,) int64, how many samples of each bin were measured.
    """

    first: int
    low: Numbers
    high: Numbers
    measured: Numbers


def digital(row: Row, reader: Reader, *, first: int, end: int) -> Numbers:
    """The stored whole numbers of some samples of a stretch.

    Parameters
    ----------
    row
        A row of ``signal``.
    reader
        The door.
    first, end
        Numbers of samples in the channel, half-open, within the stretch.

    Returns
    -------
    numpy.ndarray
        (end - first,) int16 or int32.
    """
    kind = np.dtype(_TYPES[row["number_type"]])
    offset = row["byte_offset"] + (first - row["first_sample"]) * kind.itemsize
    return np.frombuffer(reader.blob(row["blob_sha256"]), kind, end - first, offset)


def physical(row: Row, numbers: Numbers) -> Numbers:
    """Whole numbers of a stretch in the channel's unit: (n,) float64, nan where there is none."""
    zero = row["baseline"] if row["zero"] is None else row["zero"]
    values = (numbers.astype(np.float64) - zero) / row["gain"]
    if row["missing_value"] is not None:
        values[numbers == row["missing_value"]] = np.nan
    return values


def binned(row: Row, numbers: Numbers, *, first: int, size: int) -> Bins:
    """Lowest and highest of bins of ``size`` samples, the first of which is number ``first``.

    Nothing is left out, so that no spike between two points is lost: an envelope, no sampling.
    """
    at = first // size
    cuts = np.arange((at + 1) * size - first, len(numbers), size)
    starts = np.concatenate(([0], cuts)).astype(np.int64)
    missing = row["missing_value"]
    if missing is None or not (absent := numbers == missing).any():
        low, high = np.minimum.reduceat(numbers, starts), np.maximum.reduceat(numbers, starts)
        measured = np.diff(np.append(starts, len(numbers)))
        return Bins(at, *_ordered(row, low, high), measured)
    edge = np.iinfo(numbers.dtype)
    low = np.minimum.reduceat(np.where(absent, edge.max, numbers), starts)
    high = np.maximum.reduceat(np.where(absent, edge.min, numbers), starts)
    measured = np.add.reduceat((~absent).astype(np.int64), starts)
    lowest, highest = _ordered(row, low, high)
    lowest[measured == 0] = highest[measured == 0] = np.nan
    return Bins(at, lowest, highest, measured)


def _ordered(row: Row, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """In the channel's unit; a negative gain turns lowest and highest round."""
    whole = {**row, "missing_value": None}
    one, other = physical(whole, low), physical(whole, high)
    return np.minimum(one, other), np.maximum(one, other)


def plain(values: Numbers) -> list[float | None]:
    """As JSON knows them: None where nothing was measured."""
    told: list[float | None] = values.tolist()
    for at in np.flatnonzero(np.isnan(values)).tolist():
        told[at] = None
    return told
