"""Every sample of real recordings against the `wfdb` package."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.derive.signals import channels_of, read_stretch
from vitruvian.ingest.library.wfdb.marks.reading import read_marks
from vitruvian.ingest.library.wfdb.samples import decode
from vitruvian.lake import Lake

numpy = pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

RECORDS = {
    "100": "100",
    "s0010_re": "s0010_re",
    "p10143": "p10143",
    "03700181": "03700181",
    "s25047-2704-05-04-10-44": "multi-segment/s25047/s25047-2704-05-04-10-44",
    "s25047-2704-05-04-10-44n": "multi-segment/s25047/s25047-2704-05-04-10-44n",
}
ANNOTATIONS = ["100.atr", "100.qrs", "03700181.gqrsh", "03700181.gqrsl", "03700181.sqrs"]
FORMATS = ["16", "24", "32", "80", "212"]  # those that the package can write


@pytest.fixture(scope="module")
def loaded(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with Lake.create(tmp_path_factory.mktemp("signals") / "lake", site="test") as lake:
        report = take(lake, real_data / "signals" / "wfdb")
        assert report.offered == report.loaded == 25 + len(ANNOTATIONS)
        yield lake


def expected(folder: Path, name: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wfdb: Any = pytest.importorskip("wfdb", reason="wfdb, the oracle, is not installed")
        found = wfdb.rdrecord(str(folder / RECORDS[name]), smooth_frames=False)
    several = found.e_p_signal if found.e_p_signal is not None else found.p_signal.T
    return dict(zip(found.sig_name, several, strict=True))


@pytest.mark.real_data
@pytest.mark.parametrize("name", RECORDS)
def test_every_sample__equals_the_wfdb_package(loaded: Lake, real_data: Path, name: str) -> None:
    theirs = expected(real_data / "signals" / "wfdb", name)
    subject = rows(loaded, "signal", where="recording = ?", params=[name])[0]["subject_id"]
    with loaded.read(SYSTEM) as reader:
        channels = channels_of(reader, subject)
        assert {each.channel for each in channels} == set(theirs)
        for each in channels:
            ours = read_stretch(
                reader, subject, int(each.recording_id),
                channel=each.channel, at_seconds=0, seconds=1e7,
            )  # fmt: skip
            values = numpy.array([numpy.nan if v is None else v for v in ours.values])
            assert numpy.array_equal(values, theirs[each.channel], equal_nan=True)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ANNOTATIONS)
def test_every_annotation__equals_the_wfdb_package(real_data: Path, name: str) -> None:
    wfdb: Any = pytest.importorskip("wfdb", reason="wfdb, the oracle, is not installed")
    path = real_data / "signals" / "wfdb" / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = wfdb.rdann(str(path.with_suffix("")), path.suffix[1:])
    ours = read_marks(path.read_bytes())
    # the package takes every note on the first sample for a definition, and drops it
    found = [each for each in ours.found if each.sample or each.symbol != '"']
    assert [each.sample for each in found] == theirs.sample.tolist()
    assert [each.symbol for each in found] == theirs.symbol
    assert [each.note for each in found] == [note.rstrip("\0") for note in theirs.aux_note]
    assert ours.rate in (None, theirs.fs)


@pytest.mark.real_data
def test_annotations_of_record_100__are_those_of_the_database(loaded: Lake) -> None:
    """MIT-BIH record 100: 2,239 normal beats, 33 atrial premature beats, one ventricular."""
    told = rows(loaded, "event", where="code = 'WFDB//annotations'")
    (reviewed,) = [row for row in told if row["status"] == "final"]
    assert reviewed["text_value"] == (
        "2239 normal beat, 33 atrial premature beat, 1 rhythm change, "
        "1 premature ventricular contraction"
    )
    assert len(told) == len(ANNOTATIONS)


@pytest.mark.real_data
def test_numerics_and_waveform__of_one_patient_begin_together(loaded: Lake) -> None:
    starts = {
        row["recording"]: row["start_time"]
        for row in rows(loaded, "signal", where="first_sample = 0 AND recording LIKE 's25047%'")
    }
    (numerics,) = [start for name, start in starts.items() if name.endswith("n")]
    first = rows(loaded, "event", where="code = 'WFDB//recording' AND time IS NOT NULL")
    assert {row["time"] for row in first if row["time"].year == 2704} == {numerics}


@pytest.mark.parametrize("kind", FORMATS)
def test_format__is_read_as_the_wfdb_package_writes_it(tmp_path: Path, kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wfdb: Any = pytest.importorskip("wfdb", reason="wfdb, the oracle, is not installed")
        values = numpy.random.default_rng(7).integers(-100, 100, (101, 1))
        wfdb.wrsamp(
            "r", fs=100, units=["mV"], sig_name=["II"], d_signal=values, fmt=[kind],
            adc_gain=[200.0], baseline=[0], write_dir=str(tmp_path),
        )  # fmt: skip
    assert decode((tmp_path / "r.dat").read_bytes(), kind).tolist()[:101] == values[:, 0].tolist()
