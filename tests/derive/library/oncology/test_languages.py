"""A language joins the words of oncology in its tables, never in code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.derive.reading import read_in
from vitruvian.derive.engine.extractor import knowledge
from vitruvian.derive.library.oncology.ways import FOLDER, as_written, search

ENGLISH = knowledge(FOLDER, "terms", "en")["patterns"]
CODE = "\n".join(path.read_text("utf-8") for path in Path(FOLDER).rglob("*.py"))
# Patterns for whole notes, in the syntax of RE2.
WHOLE = {"stage", "ecog", "karnofsky", "grade_line", "response_line", "response_short",
         "response_alone", *(name for name in ENGLISH if name.endswith("_word"))}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nb", "fr", "zh"])
def test_pattern__is_one_that_the_code_asks_for(language: str) -> None:
    said = knowledge(FOLDER, "terms", language)["patterns"]
    assert set(said) <= set(ENGLISH)
    assert [name for name in said if f'"{name}"' not in CODE] == []


@pytest.mark.parametrize("language", ["en", "nb", "fr", "zh"])
def test_pattern__can_be_read(language: str) -> None:
    assert all(re.compile(as_written(name, language)) for name in ENGLISH)
    assert [name for name in WHOLE if [*search(name, language).finditer("Feels well.")]] == []


@pytest.mark.parametrize(
    "language, text, place",
    [
        ("en", "R breast cancer", "Breast, right"),
        ("nb", "Kreft i venstre bryst.", "Breast, left"),
        ("nb", "L mamma: kreft", "Breast"),
    ],
)
def test_side_in_a_letter__is_one_where_a_language_has_it(
    language: str, text: str, place: str
) -> None:
    assert {found.body_site for found in read_in(language, "oncology", text)} == {place}
