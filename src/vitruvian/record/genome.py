"""Genomes: what was looked at, what was found there, and who carries it.

Coordinates of `variant` and `genotype` are those of VCF: 1-based, the first base of REF.
Coordinates of `assay_region` are those of BED: 0-based, end exclusive.
A call is joined with its variant by source, record and allele.
`contig` is the plain name (7, X, MT) whatever the file called it; `build` says of which genome.

References
----------
VCF 4.3 specification, sections 1.4 and 1.6 (samtools/hts-specs).
GA4GH BED 1.0; GA4GH Variation Representation Specification 2.0.
"""

from __future__ import annotations

import pyarrow as pa

from vitruvian.record.columns import INSTANT, LINEAGE, Column, Table

_int = pa.int64()
_small = pa.int32()
_text = pa.string()
_number = pa.float64()
_half = pa.float32()

ASSAY = Table(
    "assay",
    "One specimen of one subject, looked at once: with what, where, how well.",
    (
        Column("assay_id", _int, "stable id of site, content and sample", required=True),
        Column(
            "subject_id", _int, "source identity; the sample's own when unlinked", required=True
        ),
        Column("version_id", _int, "the stored header that describes it", required=True),
        *LINEAGE,
        Column("sample", _text, "sample name in the file", required=True),
        Column("linked", pa.bool_(), "a sheet said whose sample it is", required=True),
        Column("build", _text, "GRCh37 or GRCh38", required=True),
        Column("origin", _text, "germline or somatic; null when not said"),
        Column("specimen", _text, "for people"),
        Column("tumour_purity", _number, "share of tumour cells, 0 to 1"),
        Column("time", INSTANT, "when the specimen was taken, else the date of the file"),
        Column("time_as_sent", _text, "that date as sent"),
        Column("content_hash", _text, "sha256 of the unpacked file", required=True),
        Column("annotation", _text, "who annotated: CSQ (VEP), ANN (SnpEff); null for nobody"),
        Column("record_count", _int, "lines of the file after its header"),
        Column("variant_count", _int, "alleles carried"),
        Column("finding_count", _int, "of these, annotated findings on the timeline"),
        Column("regions_told_by", _text, "bed, gvcf or null: nobody said what was called"),
        Column("called_bases", _int, "bases called; null when nobody said"),
    ),
    key="assay_id",
    cluster_by=("subject_id", "time"),
)

VARIANT = Table(
    "variant",
    "Alleles as normalised: split, trimmed, left-aligned where a reference was given.",
    (
        Column("variant_id", _int, "stable id of build, contig, position, ref, alt", required=True),
        *LINEAGE,
        Column("record", _small, "line of the file after its header, from 1", required=True),
        Column("allele", pa.int16(), "which ALT of that line, from 1", required=True),
        Column("byte_offset", _int, "where the line begins in the unpacked file", required=True),
        Column("build", _text, "GRCh37 or GRCh38", required=True),
        Column("contig", _text, "chromosome without chr; M is MT", required=True),
        Column("position", _int, "1-based, first base of ref", required=True),
        Column("end_position", _int, "1-based, last base; END of a symbolic allele", required=True),
        Column("ref", _text, "reference bases", required=True),
        Column("alt", _text, "bases, <SYMBOL>, breakend or *", required=True),
        Column("kind", _text, "snv, mnv, insertion, deletion, delins, symbolic, breakend, other"),
        Column("names", pa.list_(_text), "ID column: rs numbers and others"),
        Column("quality", _number, "QUAL, phred scaled"),
        Column("filter", _text, "FILTER as sent"),
        Column("gene", _text, "symbol, of the transcript shown"),
        Column("consequence", _text, "Sequence Ontology terms, & between"),
        Column("impact", _text, "HIGH, MODERATE, LOW or MODIFIER as the annotator says"),
        Column("transcript", _text, "which transcript"),
        Column("hgvs_c", _text, "change of the transcript"),
        Column("hgvs_p", _text, "change of the protein"),
        Column("significance", _text, "clinical significance as annotated"),
        Column("population_frequency", _number, "highest frequency annotated, 0 to 1"),
        Column("vrs_id", _text, "GA4GH VRS 2.0 identifier, ga4gh:VA...; null where not certain"),
    ),
    key="variant_id",
    cluster_by=("contig", "position"),
)

GENOTYPE = Table(
    "genotype",
    "Calls of one sample, a run of up to 4,096 alleles of one chromosome a row, as lists.",
    (
        Column("subject_id", _int, "source identity", required=True),
        Column("assay_id", _int, "which assay", required=True),
        *LINEAGE,
        Column("contig", _text, "as of the variants", required=True),
        Column("start", _int, "position of the first allele, 1-based", required=True),
        Column("end", _int, "last base of any of them, 1-based", required=True),
        Column("record", pa.list_(_small), "line after the header, from 1", required=True),
        Column("allele", pa.list_(pa.int16()), "which ALT of it, from 1", required=True),
        Column("position", pa.list_(_small), "as of the variant, 1-based", required=True),
        Column("genotype", pa.list_(_text), "GT as sent, indices of the record before splitting"),
        Column("copies", pa.list_(pa.int8()), "of this allele; null when not called"),
        Column("ploidy", pa.list_(pa.int8()), "alleles in GT; null without GT"),
        Column("phased", pa.list_(pa.bool_()), "GT says phased; null without GT"),
        Column("phase_set", pa.list_(_text), "PS as sent; no list where no line has it"),
        Column("depth", pa.list_(_small), "DP: reads at the site"),
        Column("quality", pa.list_(_half), "GQ, phred scaled"),
        Column("allele_depth", pa.list_(_small), "reads that carry this allele"),
        Column("vaf", pa.list_(_half), "share of reads with this allele, 0 to 1"),
        Column("passed", pa.list_(pa.bool_()), "neither the record nor the sample is filtered"),
        Column("sample_filter", pa.list_(_text), "FT as sent; no list where no line has it"),
    ),
    key="assay_id",
    cluster_by=("subject_id", "assay_id", "contig", "start"),
)

ASSAY_REGION = Table(
    "assay_region",
    "Where an assay was called and where it could not be called.",
    (
        Column("assay_id", _int, "which assay", required=True),
        Column("subject_id", _int, "source identity", required=True),
        *LINEAGE,
        Column("contig", _text, "chromosome without chr", required=True),
        Column("start", _int, "0-based", required=True),
        Column("end", _int, "0-based, exclusive", required=True),
        Column("called", pa.bool_(), "true: called; false: uncallable", required=True),
        Column("told_by", _text, "bed or gvcf", required=True),
    ),
    key="assay_id",
    cluster_by=("subject_id", "assay_id", "contig", "start"),
)

GENOME_TABLES = (ASSAY, VARIANT, GENOTYPE, ASSAY_REGION)
