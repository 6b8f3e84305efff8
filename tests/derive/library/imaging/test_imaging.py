"""Imaging findings: size in millimetres, place, and what is no picture."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text", ["Skin lesion on the arm.", "Mass felt in the abdomen.", "Ankle fracture in the past."]
)
def test_finding__without_a_picture_or_a_size_is_none(text: str) -> None:
    assert read("imaging", text) == []


@pytest.mark.parametrize(
    "text, size, place",
    [
        ("A 12 mm nodule in the right upper lobe.", 12.0, "right upper lobe"),
        ("Nodule of the left lower lobe measuring 1.2 x 0.8 cm.", 12.0, "left lower lobe"),
        ("Left kidney stone, 14 x 9 mm.", 14.0, "left kidney"),
        ("MRI shows a mass in the pancreatic head.", None, "pancreatic head"),
        ("Infrarenal aorta aneurysm of 4.5 cm.", 45.0, "infrarenal aorta"),
    ],
)
def test_size__is_the_largest_in_millimetres(text: str, size: float | None, place: str) -> None:
    (found,) = read("imaging", text)
    assert (found.numeric_value, found.body_site) == (size, place)


def test_place__belongs_to_its_own_finding() -> None:
    text = "CT: nodule in the right upper lobe and no pleural effusion."
    nodule, effusion = read("imaging", text)
    assert (nodule.body_site, effusion.body_site) == ("right upper lobe", None)
    assert (nodule.context.polarity, effusion.context.polarity) == ("affirmed", "negated")


def test_size__belongs_to_its_own_finding() -> None:
    text = "CT shows a 5 mm nodule and a mass of 3 cm."
    assert [f.numeric_value for f in read("imaging", text)] == [5.0, 30.0]


@pytest.mark.parametrize(
    "text, place",
    [
        ("CT: 25 mm nodule in segment VI of the liver.", "segment VI of the liver"),
        ("MRI spine: 20 mm lytic lesion in L3.", "L3"),
        ("Ultrasound: 5 mm calculus in the distal left ureter.", "distal left ureter"),
        ("CT: 92 mm mass of the right thigh.", "right thigh"),
        ("CT: fracture of the left fifth rib.", "left fifth rib"),
    ],
)
def test_place__is_told_with_its_side(text: str, place: str) -> None:
    (found,) = read("imaging", text)
    assert found.body_site == place


@pytest.mark.parametrize(
    "text, place",
    [
        ("MRI spine.\nL4/5: 6 mm protrusion.", "L4/5"),
        ("CT chest: small right effusion.", "right"),
        ("CT: 41 mm mass RLL.", "right lower lobe"),
        ("Ultrasound: thrombus in the left popliteal vein.", "left popliteal vein"),
    ],
)
def test_place__is_that_of_the_line_or_a_side(text: str, place: str) -> None:
    (found,) = read("imaging", text)
    assert found.body_site == place


@pytest.mark.parametrize(
    "text, sizes",
    [
        ("CT: appendix of 11 mm with fat stranding.", [None]),
        ("CT: 46 mm mass with stranding.", [46.0, None]),
        ("Ultrasound: no hydronephrosis, simple cyst 2.2 cm.", [22.0]),
        ("CT: two nodules under 4 mm.", [None]),
        ("CT: nodule 8 mm, mass 3 cm.", [8.0, 30.0]),
    ],
)
def test_size__belongs_to_one_finding_that_is_there(text: str, sizes: list[float | None]) -> None:
    assert [found.numeric_value for found in read("imaging", text)] == sizes


def test_finding__that_only_a_picture_shows_needs_no_word_of_one() -> None:
    (found,) = read("imaging", "Small right pleural effusion.")
    assert found.body_site == "right"
    assert read("imaging", "PMH: pleural effusion.") == []
