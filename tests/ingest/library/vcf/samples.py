"""Good VCF files with their sheet and regions, and the words that tests make them of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.lake import Lake

CSQ = "Allele|Consequence|IMPACT|SYMBOL|Feature|HGVSc|HGVSp|CANONICAL|CLIN_SIG|MAX_AF"
FORMATS = ("GT", "DP", "GQ", "AD", "AF", "PS", "FT")


def header(*samples: str, build: str = "GRCh38", more: tuple[str, ...] = ()) -> str:
    """The header of a file about these samples."""
    lengths = {"GRCh37": 133851895, "GRCh38": 133275309, "none": 1}
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
    lines = [
        "##fileformat=VCFv4.2",
        "##fileDate=20240305",
        f"##contig=<ID=chr12,length={lengths[build]}>",
        *(f'##FORMAT=<ID={key},Number=1,Type=String,Description="{key}">' for key in FORMATS),
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: {CSQ}">',
        '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
        *more,
        "\t".join([*columns, *(["FORMAT", *samples] if samples else [])]),
    ]
    return "\n".join(lines) + "\n"


def line(
    pos: int,
    change: str = "C>T",
    *cells: str,
    chrom: str = "chr12",
    filters: str = "PASS",
    info: str = ".",
    form: str = "GT:DP:GQ:AD",
    name: str = ".",
) -> str:
    """One line; `change` is REF>ALT."""
    ref, alt = change.split(">", 1)
    fixed = [chrom, str(pos), name, ref, alt, "50", filters, info]
    return "\t".join([*fixed, *([form, *cells] if cells else [])]) + "\n"


def effect(**said: str) -> str:
    """An INFO field as VEP writes it."""
    return "CSQ=" + "|".join(said.get(name, "") for name in CSQ.split("|"))


KRAS = effect(
    Allele="T",
    Consequence="missense_variant",
    IMPACT="MODERATE",
    SYMBOL="KRAS",
    Feature="ENST00000311936.8",
    HGVSc="ENST00000311936.8:c.35G>A",
    HGVSp="ENSP00000308495.3:p.Gly12Asp",
    CANONICAL="YES",
)
KRAS_LINE = line(25245350, "C>T", "0/1:210:99:162,48", info=KRAS)
SHEET = "sample,patient,origin,specimen,tumour_purity,collected,reported,called,uncallable,file\n"


def vcf(path: Path, *lines: str, head: str | None = None) -> Path:
    path.write_text((head or header("TUMOUR")) + "".join(lines), "utf-8")
    return path


def sheet(path: Path, *lines: str) -> Path:
    path.write_text(SHEET + "".join(each + "\n" for each in lines), "utf-8")
    return path


def samples(folder: Path) -> list[Path]:
    """A sheet, a BED file, and a VCF with everything in it."""
    bed = folder / "panel.bed"
    bed.write_text("chr12\t25205245\t25250929\tKRAS\n", "utf-8")
    told = sheet(
        folder / "samples.csv",
        "TUMOUR,Patient/ada,somatic,colon biopsy,40%,2024-03-01,2024-03-09T10:00:00Z,panel.bed,,",
    )
    many = vcf(
        folder / "calls.vcf",
        KRAS_LINE,
        line(25245351, "CA>C,CAA", "1/2:30:40:2,14,14"),
        line(25246000, "C><NON_REF>", "0/0:30:99:30", info="END=25246100"),
        line(25247000, "N><DEL>", "0/1:30:99:15,15", info="END=25248000"),
    )
    return [bed, told, many]


def load(lake: Lake, *paths: Path) -> Any:
    report = take(lake, *paths)
    assert report.rejected == 0
    return report


def calls(lake: Lake) -> list[dict[str, Any]]:
    """Every call with its variant, in the order of the file, sample by sample."""
    sql = """
    SELECT a.sample, v.contig, v.position, v.ref, v.alt, v.filter, c.* FROM (
        SELECT g.assay_id, g.source_id, unnest(g.record) AS record, unnest(g.allele) AS allele,
            unnest(g.genotype) AS genotype, unnest(g.copies) AS copies,
            unnest(g.ploidy) AS ploidy, unnest(g.phased) AS phased,
            unnest(coalesce(g.phase_set, g.genotype)) AS phase_set, unnest(g.depth) AS depth,
            unnest(g.quality) AS quality, unnest(g.allele_depth) AS allele_depth,
            unnest(g.vaf) AS vaf, unnest(g.passed) AS passed FROM genotype g
    ) c JOIN assay a USING (assay_id)
    JOIN variant v ON v.source_id = c.source_id AND v.record = c.record AND v.allele = c.allele
    ORDER BY a.sample, c.record, c.allele
    """
    with lake.read(SYSTEM) as reader:
        found: list[dict[str, Any]] = reader.query(
            sql, tables=["genotype", "assay", "variant"]
        ).to_pylist()
    return found


def genomics(lake: Lake) -> list[dict[str, Any]]:
    return rows(lake, "event", where="category = 'genomics'")
