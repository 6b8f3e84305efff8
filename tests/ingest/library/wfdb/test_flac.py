"""Signal files packed as FLAC, as the wfdb package writes them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ingest.support import rows, take
from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.ingest.library.wfdb import flac
from vitruvian.ingest.library.wfdb.flac import FLAC, NoFlac
from vitruvian.ingest.library.wfdb.header import Signal, read_record
from vitruvian.ingest.library.wfdb.samples import MISSING, channels
from vitruvian.lake import Lake

wfdb: Any = pytest.importorskip("wfdb", reason="wfdb, the oracle, is not installed")
pytest.importorskip("soundfile", reason="the extra 'signals' is not installed")

NAMES = ["II", "ABP"]


def packed(folder: Path, kind: str) -> Any:
    """A record of two channels with the value that says none; its samples, (101, 2)."""
    values = np.random.default_rng(7).integers(-100, 100, (101, 2))
    values[5] = MISSING[kind]
    values[6] = [(1 << (FLAC[kind] - 1)) - 1, 1 - (1 << (FLAC[kind] - 1))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wfdb.wrsamp(
            "r", fs=100, units=["mV", "mmHg"], sig_name=NAMES, d_signal=values, fmt=[kind] * 2,
            adc_gain=[200.0, 10.0], baseline=[0, 0], write_dir=str(folder),
        )  # fmt: skip
    return values


def signals(folder: Path) -> tuple[Signal, ...]:
    return read_record((folder / "r.hea").read_bytes()).signals


# ------------------------------------------------------------------ refusals first


def test_flac__without_its_package_is_refused_in_one_sentence(
    lake: Lake, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(inbox, "516")
    monkeypatch.setattr(flac, "find_spec", lambda _: None)
    (source, *_) = take(lake, inbox / "r.hea", inbox / "r.dat").sources
    assert (source.outcome, source.problems[0].code) == ("refused", NoFlac.code)


@pytest.mark.parametrize("keep", [0, 3, 60])
def test_flac__cut_short_or_garbage_is_refused(tmp_path: Path, keep: int) -> None:
    packed(tmp_path, "516")
    data = (tmp_path / "r.dat").read_bytes()[:keep]
    with pytest.raises((Malformed, Truncated)):
        channels(data, signals(tmp_path), 101)


def test_flac__that_is_not_what_its_header_tells_is_refused(tmp_path: Path) -> None:
    packed(tmp_path, "524")
    told, data = signals(tmp_path), (tmp_path / "r.dat").read_bytes()
    with pytest.raises(Malformed):
        channels(data, told[:1], 101)
    with pytest.raises(Truncated):
        channels(data, told, 102)
    (tmp_path / "finer").mkdir()
    packed(tmp_path / "finer", "508")
    with pytest.raises(Malformed):
        channels(data, signals(tmp_path / "finer"), 101)


# ------------------------------------------------------------------ what is there


@pytest.mark.parametrize("kind", FLAC)
def test_flac__is_read_as_the_wfdb_package_writes_it(tmp_path: Path, kind: str) -> None:
    values = packed(tmp_path, kind)
    found = channels((tmp_path / "r.dat").read_bytes(), signals(tmp_path), 101)
    assert [each.tolist() for each in found] == values.T.tolist()


def test_recording__of_flac_stands_on_the_timeline(lake: Lake, inbox: Path) -> None:
    values = packed(inbox, "516")
    assert take(lake, inbox / "r.hea", inbox / "r.dat").loaded == 1
    stretches = {row["channel"]: row for row in rows(lake, "signal")}
    assert {name: row["sample_count"] for name, row in stretches.items()} == dict.fromkeys(
        NAMES, len(values)
    )
    assert {row["missing_value"] for row in stretches.values()} == {-32768}
