"""Findings as reports tell them: their place as written, their size of today, and who saw them."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text, place",
    [
        ("CT: opacity in the right lower zone.", "right lower zone"),
        ("US: 9 mm calculus in the lower pole of the right kidney.", "lower pole of the right kidney"),
        ("MRI: tear of the posterior horn of the medial meniscus.",
         "posterior horn of the medial meniscus"),
        ("MRI: lesion in the right posterolateral peripheral zone at the midgland.",
         "right posterolateral peripheral zone"),
        ("XR: fractures of the left 7th to 9th ribs.", "left 7th to 9th ribs"),
        ("US: intramural fibroid at the fundus.", "fundus"),
        ("XR: ulnar styloid fracture.", "ulnar styloid"),
        ("US: right ovary: 5.1 cm complex cyst.", "right ovary"),
        ("US: left lobe nodule.", "left lobe"),
        ("US neck. Left axilla shows a 9 mm node.", "left axilla"),
        ("MRI. L5/S1: protrusion contacting the traversing S1 root.", "L5/S1"),
        ("CT: mass in vastus intermedius.", "vastus intermedius"),
        ("CT: intramuscular mass in vastus intermedius.", "vastus intermedius"),
        ("TOE: mobile vegetation, 12 mm.", None),
        ("CT: hepatic lesions.", "hepatic"),
        ("The CT of her chest showed a mass of 3.6 cm in the right upper lobe.", "right upper lobe"),
        ("MRI: focal lesions in T4 and L2, up to 16 mm.", "T4 and L2"),
        ("MRI: periventricular and juxtacortical lesions.", "periventricular and juxtacortical"),
        ("CT: 4 mm perifissural nodule.", "perifissural"),
        ("US: anterior fibroid 55 mm.", "anterior"),
        ("MRI: intratesticular lesion in the upper pole of the left testis.",
         "upper pole of the left testis"),
        ("XR: fracture through the base of the 5th metatarsal.", "base of the 5th metatarsal"),
        ("CT chest: 12 mm nodule.", None),
        ("XR: fractures of the left superior and inferior pubic rami.",
         "left superior and inferior pubic rami"),
        ("XR: erosions at the second and third MCP joints.", "second and third MCP joints"),
        ("CT: 4 mm defect of the vomer.", "vomer"),
        ("CT: 8 mm cyst in the interval.", None),
        ("CT: the liver contains cysts, the largest 1.7 cm in segment IVa.", "liver"),
    ],
)  # fmt: skip
def test_place__stands_as_written(text: str, place: str | None) -> None:
    (found,) = read("imaging", text)
    assert found.body_site == place


@pytest.mark.parametrize(
    "text, place",
    [
        ("CT: 8 mm nodule in the apex of the RUL.", "right upper lobe"),
        ("CT: 8 mm nodule in the periphery of the left lower lobe.", "left lower lobe"),
    ],
)
def test_place__of_a_lung_nodule_has_the_name_of_the_lobe(text: str, place: str) -> None:
    nodule = read("imaging", text)[0]
    assert nodule.body_site == place


def test_place__of_the_next_finding_is_not_that_of_the_first() -> None:
    first, second = read("imaging", "CXR: bibasal atelectasis, small right effusion.")
    assert (first.body_site, second.body_site) == ("bibasal", "right")


@pytest.mark.parametrize(
    "text, size",
    [
        ("CT: hematoma measuring up to 9 mm.", 9.0),
        ("MRI: 2,8 cm lesion in segment 7.", 28.0),
        ("CT: nodule in the lingula, previously 9 mm, now measures 6 mm.", 6.0),
        ("CT: the previously described 9 mm nodule in the lingula now measures 6 mm.", 6.0),
        ("CT: the aortic aneurysm has increased from 4.7 cm to 5.2 cm.", 52.0),
        ("CT: the nodule has shrunk from 9 to 6 mm.", 6.0),
        ("MRI: two lesions, 7 and 4 mm.", 7.0),
        ("US: several liver cysts. The largest measures 3.4 cm.", 34.0),
        ("MRI: 8 mm focus of enhancement.", 8.0),
        ("CT: rectal mass 5 cm from the anal verge.", None),
        ("CT: dilated loops up to 4.5 cm, transition point in the RIF.", None),
        ("US: several gallstones, wall 2 mm.", None),
        ("US: tear of 18 mm with 2 cm retraction.", 18.0),
        ("MRI: focal lesions in T4 and L2, up to 16 mm.", 16.0),
        ("Sigmoidoscopy: polyp at 25 cm.", None),
        ("CT head without contrast: 5 mm rightward midline shift.", 5.0),
    ],
)
def test_size__is_that_of_today_and_of_the_finding(text: str, size: float | None) -> None:
    (found,) = read("imaging", text)
    assert found.numeric_value == size


@pytest.mark.parametrize(
    "text, names",
    [
        (
            "CXR: normal heart. No pleural effusion. No pneumothorax. No collapse seen on the film.",
            3,
        ),
        ("Small right pleural effusion. No focal consolidation or mass.", 3),
        ("Enlarged lymph node in the left hilum.", 1),
        ("X-ray: no #.", 1),
        ("X-ray elbow, # clinic in a week.", 0),
        ("On examination a mass of the abdomen.", 0),
        ("CT is normal. On examination there is a mass of the abdomen.", 0),
        ("Pigmented 8 mm lesion of the cheek.", 0),
        ("Encourage fluids. CT: liver clear.", 0),
        ("CT: left hydronephrosis, hiatus hernia, ascites.", 0),
        ("CT: 2 cm hiatus hernia.", 1),
        ("Cardiac MRI: late enhancement of the wall.", 1),
        ("CXR: patchy opacities.", 1),
        ("Mr Smith fell. No bleeding.", 0),
        ("CT: liver clear. Continue fluids, watch for bleeding.", 0),
    ],
)
def test_finding__is_what_a_picture_shows(text: str, names: int) -> None:
    assert len(read("imaging", text)) == names


@pytest.mark.parametrize(
    "text, polarity, certainty, temporality",
    [
        ("X-ray: no effusion, ? posterior fat pad sign.", "affirmed", "possible", "current"),
        ("MRI: old infarct in the left cerebellum.", "affirmed", "certain", "historical"),
        ("CT head without contrast: left subdural hematoma.", "affirmed", "certain", "current"),
        ("US: non-compressible veins with thrombus.", "affirmed", "certain", "current"),
        ("CT: previously seen opacity has cleared.", "negated", "certain", "current"),
        ("MRI: no restricted diffusion to suggest acute infarct.", "negated", "certain", "current"),
    ],
)
def test_context__of_the_last_finding(
    text: str, polarity: str, certainty: str, temporality: str
) -> None:
    context = read("imaging", text)[-1].context
    assert (context.polarity, context.certainty, context.temporality) == (
        polarity, certainty, temporality,
    )  # fmt: skip
