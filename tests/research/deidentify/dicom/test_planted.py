"""Identifiers planted everywhere in DICOM objects, and the action that the standard asks for each."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")
pytest.importorskip("pydicom", reason="pydicom comes with the extra `imaging`")

from bench.research.images import burned, by_hand, cleaned, noise, painted, scored
from vitruvian.research.deidentify.dicom import text_finder
from vitruvian.research.deidentify.errors import TextReaderAbsent

pytestmark = pytest.mark.filterwarnings("ignore")  # planted values are no tidy DICOM


def test_hurried_hand__does_not_pass() -> None:
    """What is measured can be failed."""
    asked, right, _ = scored(3, by_hand, seed=11)
    assert right.total() / asked.total() < 0.5


def test_required_actions__are_right_but_for_one_in_a_thousand() -> None:
    """Another seed than that of the bench."""
    asked, right, wrong = scored(12, cleaned, seed=11)
    assert asked.total() > 1_500
    assert right.total() / asked.total() >= 0.999, wrong.most_common(5)
    assert asked["anything left"] == right["anything left"], wrong


def test_burned_in_lines__are_painted_over() -> None:
    try:
        find_text = text_finder()
    except TextReaderAbsent:
        pytest.skip("rapidocr-onnxruntime comes with the extra `ocr`")
    rng = random.Random(11)
    made = burned(rng, noise(rng), sizes=(14, 30), shades=(255,))
    gone, lines, _ = painted([made], find_text)
    assert (gone, lines) == (4, 4)
