"""The demo hospital's panels arrive as its truth says, and lead back to their lines."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ingest.library.vcf.samples import genomics
from tests.ingest.support import SYSTEM, take
from vitruvian.base.ids import stable_id
from vitruvian.demo import write_demo
from vitruvian.lake import Lake
from vitruvian.picture import trace_event
from vitruvian.record.gene_state import Region, gene_state

KRAS_EXON_2 = Region("GRCh38", "12", 25245273, 25245395)
NRAS_EXON_2 = Region("GRCh38", "1", 114716048, 114716177)


def test_panels__arrive_as_the_truth_says(lake: Lake, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", patients=16)
    report = take(lake, tmp_path / "demo" / "vcf")
    assert [source.outcome for source in report.sources if source.outcome != "loaded"] == []
    assert [each for source in report.sources for each in source.problems] == []
    lines = (tmp_path / "demo" / ".truth" / "genomics.ndjson").read_text("utf-8").splitlines()
    truth = [json.loads(line) for line in lines]
    expected = {
        (stable_id("test", f"Patient/{test['life']}"), words, test["collected"], test["reported"])
        for test in truth
        for words in test["findings"]
    }
    found = {
        (e["subject_id"], e["code_text"], e["time"].isoformat(), e["known_at"].isoformat())
        for e in genomics(lake)
        if e["code"].startswith("GENE//")
    }
    assert found == expected
    assert len(found) >= 4


def test_tumour__is_told_from_blood_and_from_what_nobody_looked_at(
    lake: Lake, tmp_path: Path
) -> None:
    write_demo(tmp_path / "demo", patients=1)
    take(lake, tmp_path / "demo" / "vcf")
    person = [stable_id("test", "Patient/s1-p1")]
    with lake.read(SYSTEM) as reader:
        assert gene_state(reader, person, KRAS_EXON_2, origin="somatic") == "variant"
        assert gene_state(reader, person, KRAS_EXON_2, origin="germline") == "wild type"
        assert gene_state(reader, person, NRAS_EXON_2) == "not looked"


def test_finding__shows_its_line_with_the_allele_marked(lake: Lake, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", patients=1)
    take(lake, tmp_path / "demo" / "vcf")
    for event in genomics(lake):
        with lake.read(SYSTEM) as reader:
            trace = trace_event(reader, event["event_id"])
        assert trace.recomputed == "same"
        marked = trace.text[trace.highlight_start : trace.highlight_end]
        assert marked == "A" if event["code"] == "GENE//KRAS" else marked.startswith("#CHROM")
