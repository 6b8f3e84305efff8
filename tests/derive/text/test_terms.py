"""Terms: whole words, the longest first, whatever the punctuation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from vitruvian.derive.text import Terms
from vitruvian.derive.text.fold import fold

TERMS = Terms(
    [
        ("lung cancer", "lung"),
        ("non-small cell lung cancer", "nsclc"),
        ("cancer", "any"),
        ("mi", "mi"),
    ],
    plurals=True,
)


@pytest.mark.parametrize(
    "text, meanings",
    [
        ("Non small-cell LUNG cancer.", ["nsclc"]),
        ("lung\n   cancer and cancers", ["lung", "any"]),
        ("mild cancerous milk", []),
        ("acute MI", ["mi"]),
        ("", []),
    ],
)
def test_terms__are_whole_words_and_the_longest(text: str, meanings: list[str]) -> None:
    assert [found.meaning for found in TERMS.find(fold(text).words)] == meanings


def test_no_terms__find_nothing() -> None:
    assert Terms([]).find("anything") == []


def test_terms__are_found_alike_in_several_threads() -> None:
    text = fold("Lung cancer, non-small cell. " * 50).words
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(TERMS.find, [text] * 40))
    assert found == [TERMS.find(text)] * 40
