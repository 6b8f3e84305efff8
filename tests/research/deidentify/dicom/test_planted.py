"""Identifiers planted everywhere in DICOM objects, and the action that the standard asks for each."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")
pytest.importorskip("pydicom", reason="pydicom comes with the extra `imaging`")

from bench.research.images import as_dataset, burned, by_hand, cleaned, scored
from vitruvian.research.deidentify.dicom import text_finder
from vitruvian.research.deidentify.dicom.pixels import blank_text
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
    picture, inks = burned(random.Random(11))
    dataset = as_dataset(picture)
    blank_text(dataset, find_text)
    after = dataset.pixel_array
    assert [float((after[ink] == 255).mean()) for ink in inks] == pytest.approx([0] * 4, abs=0.01)
