"""A whole folder: every kind by its rules, nothing planted left, the rest left out."""

# ruff: noqa: E402 -- what is optional is asked for first

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")
pytest.importorskip("pydicom", reason="pydicom comes with the extra `imaging`")
wfdb = pytest.importorskip("wfdb", reason="wfdb reads the recordings written")

from tests.research.deidentify.dicom.test_images import PLANTED, picture
from tests.research.deidentify.test_headers import HEADER, PROJECT, VCF
from vitruvian.cli import main
from vitruvian.research.deidentify.files import deidentify_files


@pytest.mark.parametrize("held", [(), ("letter.txt",)])
def test_folder_with_nothing_to_clean__ends_in_failure_and_says_so(
    held: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in held:
        (source / name).write_text("Wendeline", "utf-8")
    words = ["deidentify-files", str(source), "--to", str(tmp_path / "out"), "--project", "p"]
    assert main([*words, "--key", str(tmp_path / "key")]) == 1
    assert "nothing was written" in capsys.readouterr().err


def test_folder__leaves_nothing_planted_in_names_or_bytes(tmp_path: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    picture().save_as(source / "Wendeline.dcm", enforce_file_format=True)
    (source / "Quillfeather.vcf").write_text(VCF, "utf-8")
    header = HEADER.replace(" 650000 ", " 4 ")
    (source / "Quillfeather.hea").write_text(header, "utf-8")
    (source / "Quillfeather.dat").write_bytes(bytes(12))
    (source / "letter.txt").write_text("Wendeline", "utf-8")
    report = deidentify_files([source], out, PROJECT)
    assert (report.images.written, report.genomes, report.recordings) == (1, 1, 1)
    assert len(report.images.unreadable) == 1
    for path in (one for one in out.rglob("*") if one.is_file()):
        assert [w for w in PLANTED if w in str(path.relative_to(out))] == []
        assert [w for w in PLANTED if w.encode() in path.read_bytes()] == []
    (record,) = out.rglob("*.hea")
    assert wfdb.rdrecord(str(record.with_suffix(""))).sig_len == 4
