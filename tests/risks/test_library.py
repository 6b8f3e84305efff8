"""What holds for every score."""

from __future__ import annotations

import pytest

from vitruvian.risks import manifests, score_named, scores
from vitruvian.risks.errors import NoSuchScore


def test_score_nobody_made__is_refused_by_name() -> None:
    with pytest.raises(NoSuchScore, match="'apgar'"):
        score_named("apgar")


@pytest.mark.parametrize("name", sorted(scores()))
def test_score__says_nothing_when_nothing_is_known(name: str) -> None:
    assert scores()[name].value({}) is None


@pytest.mark.parametrize("name", sorted(manifests()))
def test_model__yields_and_reads_what_its_manifest_says(name: str) -> None:
    manifest = manifests()[name]
    assert {yielded for yielded in manifest.yields if yielded not in scores()} == set()
    for yielded in manifest.yields:
        assert set(scores()[yielded].inputs) == set(manifest.reads)
