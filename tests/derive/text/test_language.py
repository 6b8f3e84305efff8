"""Which language a note without a language tag is read in."""

from __future__ import annotations

import pytest

from vitruvian.derive.engine.rows import read_note
from vitruvian.derive.text import language_told


@pytest.mark.parametrize(
    "text, language",
    [
        ("", "en"),
        ("Pneumonia.", "en"),
        ("The patient was seen for a cough and has no fever.", "en"),
        ("Pasienten har ikke feber, men er tungpust og med hoste.", "nb"),
        ("Ho har ikkje vondt i magen, men er kvalm.", "nb"),
        ("A mass of 5 cm in a lobe, ER positive, de novo.", "en"),
        ("Feber og hoste.", "en"),
        ("+1 234 ... 500 mg", "en"),
    ],
)
def test_untold_language__is_that_of_the_small_words(text: str, language: str) -> None:
    assert language_told(text) == language


def test_language_that_is_told__is_believed() -> None:
    text = "Pasienten har ikke feber, men er tungpust."
    assert read_note(text, "en").pack.language == "en"
    assert read_note(text, "und").pack.language == "nb"
    assert read_note(text, None).pack.language == "nb"
