"""Identifiers of alleles against the standard's own vectors and against ga4gh.vrs.

The vectors are those of the VRS 2.0 specification (validation/models.yaml, functions.yaml).
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitruvian.terms.genome import (
    Allele,
    Change,
    Literal,
    Repeated,
    allele_id,
    digest_of,
    fully_justified,
    location_digest,
    refget_accession,
)

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical" / "ga4gh-vrs"
SEQUENCE = "SQ." + "A" * 32
BASES = st.text("ACGT", min_size=1, max_size=6)


def test_other_sequence__has_no_accession() -> None:
    assert refget_accession("GRCh38", "GL000192.1") is None
    assert refget_accession("T2T", "1") is None


def test_insertion__without_the_genome_has_no_certain_place() -> None:
    assert fully_justified(SEQUENCE, Change(5, "A", "AT"), None) is None
    assert fully_justified(SEQUENCE, Change(5, "AT", "T"), None) is None


def test_no_change__is_no_allele() -> None:
    assert fully_justified(SEQUENCE, Change(5, "AC", "AC"), lambda _a, _b: "") is None


@pytest.mark.parametrize("blob, digest", [
    ("", "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXc"),
    ("ACGT", "aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2"),
])  # fmt: skip
def test_digest__is_that_of_the_specification(blob: str, digest: str) -> None:
    assert digest_of(blob) == digest


def test_location__is_that_of_the_specification() -> None:
    seven = refget_accession("GRCh38", "7") or ""
    assert location_digest(seven, 44908821, 44908822) == "4t6JnYWqHwYw9WzBT_lmWBb3tLQNalkT"


def test_allele_of_apoe__is_that_of_the_specification() -> None:
    allele = Allele(refget_accession("GRCh38", "19") or "", 44908821, 44908822, Literal("T"))
    assert allele_id(allele) == "ga4gh:VA.0AePZIWZUNsUlQTamyLrjm2HWUw2opLt"


def test_repeat__is_that_of_the_specification() -> None:
    one = refget_accession("GRCh38", "1") or ""
    allele = Allele(one, 40819438, 40819446, Repeated(11, 3))
    assert allele_id(allele) == "ga4gh:VA.Oop4kjdTtKcg1kiZjIJAAR3bp7qi4aNT"


@pytest.mark.skipif(not REAL.is_dir(), reason="the standard's vectors are not there")
def test_chromosomes__are_those_that_the_specification_names() -> None:
    """Accessions beside RefSeq names in the vectors and examples are those of the table."""
    yaml = pytest.importorskip("yaml")
    pairs: set[tuple[str, str]] = set()

    def look(said: Any) -> None:
        if isinstance(said, dict):
            pairs.add((str(said.get("id")), str(said.get("refgetAccession"))))
            said = list(said.values())
        for each in said if isinstance(said, list) else ():
            look(each)

    for path in REAL.rglob("*.yaml"):
        look(yaml.safe_load(path.read_text("utf-8")))
    builds = {"NC_000001.10": ("GRCh37", "1"), "NC_000002.11": ("GRCh37", "2"),
              "NC_000007.14": ("GRCh38", "7"), "NC_000019.10": ("GRCh38", "19")}  # fmt: skip
    told = [(builds[name], accession) for name, accession in pairs if name in builds]
    assert len(told) >= len({"GRCh37", "GRCh38"})
    assert all(refget_accession(*place) == accession for place, accession in told)


def theirs(sequence: str, change: Change, accession: str = SEQUENCE) -> str:
    """The identifier that ga4gh.vrs computes."""
    vrs = pytest.importorskip("ga4gh.vrs", reason="ga4gh.vrs, the oracle, is not installed")
    models, base = vrs.models, import_module("ga4gh.vrs.dataproxy")

    class Proxy(base._DataProxy):  # type: ignore[misc,name-defined]
        def get_sequence(self, identifier: str, start: Any = None, end: Any = None) -> str:
            del identifier
            return sequence[start:end]

        def get_metadata(self, identifier: str) -> dict[str, Any]:
            del identifier
            return {"length": len(sequence), "aliases": []}

    reference = models.SequenceReference(refgetAccession=accession)
    first = change.position - 1
    place = models.SequenceLocation(
        sequenceReference=reference, start=first, end=first + len(change.ref)
    )
    state = models.LiteralSequenceExpression(sequence=change.alt)
    allele = models.Allele(location=place, state=state)
    return str(import_module("ga4gh.core").ga4gh_identify(vrs.normalize(allele, Proxy())))


@settings(deadline=None)  # the oracle takes a second to load
@given(
    before=st.lists(st.sampled_from(["A", "C", "AT", "CAG", "TTTT"]), min_size=2, max_size=30),
    place=st.integers(0, 10_000),
    size=st.integers(1, 6),
    alt=st.one_of(BASES, st.integers(0, 6)),
)
def test_any_change__has_the_identifier_of_ga4gh_vrs(
    before: list[str], place: int, size: int, alt: str | int
) -> None:
    """A number as ``alt`` repeats or drops letters, which is where writing is ambiguous."""
    sequence = "".join(before)
    first = place % len(sequence)
    ref = sequence[first : first + size]
    after = sequence[first + len(ref) :]
    letters = alt if isinstance(alt, str) else (ref + after[:alt] if alt % 2 else ref[:1])
    change = Change(first + 1, ref, letters)
    ours = fully_justified(SEQUENCE, change, lambda a, b: sequence[a:b])
    if ref == letters:
        assert ours is None
    else:
        assert ours is not None
        assert allele_id(ours) == theirs(sequence, change)
