"""Metastases with their places, response and recurrence; and words that only look like them."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import named, spread_to, told
from tests.derive.reading import read
from vitruvian.derive.text import AFFIRMED


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Achieved 10 METs on the treadmill.", []),
        ("The patient met with her surgeon.", []),
        ("Mets: liver, bone.", ["C22.0", "C41.9"]),
        ("metastases (liver, lungs)", ["C22.0", "C34.9"]),
        ("Metastatic disease involving the liver.", ["C22.0"]),
        ("Metastatic breast cancer to bone.", ["C41.9"]),
        ("Oligometastatic disease in the lung.", ["C34.9"]),
        ("Bone metastases in the femur.", ["C40.2"]),
        ("Lesions in the liver consistent with metastases.", ["C22.0"]),
        ("Peritoneal carcinomatosis with omental caking.", ["C48.1", "C48.2"]),
        ("Malignant pleural effusion.", ["C38.4"]),
        ("Mediastinal nodal metastases.", ["C77.1"]),
        ("Widespread metastases.", ["-"]),
        ("pM1 (liver).", ["C22.0"]),
        ("Widespread metastatic disease including liver, lung and bone.",
         ["C22.0", "C34.9", "C41.9"]),
        ("Axillary lymph nodes: 3/15 involved by metastatic carcinoma.", ["C77.3"]),
        ("The lung nodules are metastases.", ["C34.9"]),
        ("Metastatic deposit in the right femur.", ["C40.2"]),
        ("Hilar adenopathy consistent with metastatic disease.", ["C77.1"]),
        ("Malignant pericardial effusion.", ["C38.0"]),
        ("Metastatic renal cell carcinoma involving pancreas and thyroid.", ["C25.9", "C73.9"]),
        ("Metastatic prostate cancer with extensive bony disease.", ["C41.9"]),
        ("Biopsy of a liver lesion confirmed metastatic breast cancer.", ["C22.0"]),
        ("Metastasised to adrenal glands, bone and brain.", ["C41.9", "C71.9", "C74.9"]),
        ("3 of 14 lymph nodes positive for metastatic carcinoma.", ["C77.9"]),
        ("Lesion at T4, in keeping with a metastasis.", ["C41.2"]),
        ("Liver: two enhancing lesions compatible with metastases.", ["C22.0"]),
        ("Liver: normal. No evidence of metastases.", ["-"]),
        ("Uptake in a left iliac node, suspicious for nodal metastasis.", ["C77.5"]),
        ("Uptake in the right femur and the skull, likely bone metastases.", ["C40.2", "C41.0"]),
        ("Cyst of the kidney. Likely bone metastases.", ["C41.9"]),
        ("Lung nodule, likely benign, no metastases.", ["-"]),
        ("There is a new deposit in the left femur.", ["C40.2"]),
        ("Lesion in the right cerebellum, consistent with metastasis in this man.", ["C71.6"]),
        ("Distant metastasis: not applicable.", []),
    ],
)  # fmt: skip
def test_metastasis(text: str, expected: list[str]) -> None:
    assert spread_to(text) == expected


@pytest.mark.parametrize(
    "text, count",
    [
        ("Colon cancer in 2019. Now recurrent urinary tract infections.", 0),
        ("Risks include bleeding, infection and recurrence.", 0),
        ("Lung cancer. Recurrence of pneumonia is likely.", 0),
        ("The recurrent laryngeal nerve was identified.", 0),
        ("Recurrent glioblastoma.", 1),
        ("Recurrence of the carcinoma.", 1),
        ("No evidence of local recurrence.", 1),
        ("First relapse in 2021.", 1),
        ("Lymphoma. Recurrence of disease in 2020.", 1),
        ("Breast cancer, recurrence score 18.", 0),
        ("Melanoma, better recurrence-free survival.", 0),
    ],
)
def test_recurrence__is_one_of_a_tumour(text: str, count: int) -> None:
    assert len(told(text, "Tumour recurrence")) == count


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Poor R wave progression.", []),
        ("Major depression in partial remission.", []),
        ("Sinus rhythm, showed PR interval of 118 ms; melanoma in 2001.", []),
        ("FOLFOX: near complete response.", ["partial response"]),
        ("Progression of disease on imaging.", ["progressive disease"]),
        ("Complete metabolic remission.", ["complete response"]),
        ("AML, in complete remission.", ["complete response"]),
        ("AML, in remission.", []),
        ("Glioma, pseudoprogression on MRI.", []),
        ("Lung cancer, SD after 3 cycles.", ["stable disease"]),
        ("Pembrolizumab until progression.", []),
        ("RECIST: PD.", ["progressive disease"]),
        ("Response assessment: SD", ["stable disease"]),
        ("PR: 80 %", []),
        ("Lung cancer. PET-CT: SD", ["stable disease"]),
        ("PET-CT: SD", []),
        ("The lymphoma has responded well to R-CHOP.", ["partial response"]),
        ("Residual cancer burden 0, pathologic complete response.", ["complete response"]),
    ],
)
def test_response(text: str, expected: list[str]) -> None:
    assert told(text, "Tumour response") == expected


@pytest.mark.parametrize(
    "text, grades",
    [
        ("Breast cancer on capecitabine, grade 2 hand-foot syndrome.", []),
        ("Lung cancer; diarrhoea grade 3.", []),
        ("Undifferentiated pleomorphic sarcoma of the thigh.", []),
        ("Colon polyp with high grade dysplasia, no carcinoma.", []),
        ("Breast cancer, grade 2.", ["G2"]),
    ],
)
def test_grade__is_one_of_a_tumour(text: str, grades: list[str]) -> None:
    assert told(text, "Histological grade") == grades


def test_place__is_told_before_a_size() -> None:
    text = "CT: two liver lesions, 34 and 21 mm, suspicious for metastases."
    (found,) = named(text, "Metastasis")
    assert (found.body_site, found.context.certainty) == ("Liver", "possible")


@pytest.mark.parametrize(
    "text, temporality",
    [
        ("Lung cancer; docetaxel is an option at next progression.", "hypothetical"),
        ("Lung cancer; at progression we would give docetaxel.", "hypothetical"),
        ("Lung cancer; at progression he was given docetaxel.", "current"),
    ],
)
def test_progression__that_a_plan_waits_for_has_not_come(text: str, temporality: str) -> None:
    (found,) = named(text, "Tumour response")
    assert found.context.temporality == temporality


@pytest.mark.parametrize(
    "text",
    [
        "Triple-negative breast cancer.",
        "Node-negative breast cancer.",
        "BRAF-negative melanoma.",
        "No recurrence of the bladder cancer.",
        "Suspected recurrence of the bladder cancer.",
        "Possible liver metastasis from the breast cancer.",
        "Has had no treatment for prostate cancer.",
    ],
)
def test_tumour__is_not_denied_with_what_is_told_of_it(text: str) -> None:
    (found,) = [f for f in read("oncology", text) if f.code.endswith("/3")]
    assert found.context == AFFIRMED


@pytest.mark.parametrize(
    "text", ["Biopsy negative for prostate cancer.", "No evidence of breast cancer."]
)
def test_tumour__that_is_not_there_is_denied(text: str) -> None:
    assert read("oncology", text)[0].context.polarity == "negated"


@pytest.mark.parametrize(
    "text",
    [
        "Melanoma in 2010, recurrence-free since.",
        "Breast cancer in 2001. It never came back.",
        "The lymphoma has not returned.",
    ],
)
def test_recurrence__that_never_came_is_denied(text: str) -> None:
    (found,) = named(text, "Tumour recurrence")
    assert found.context.polarity == "negated"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("No family history of breast or ovarian cancer.", ["C50.9", "C56.9"]),
        ("Colon, breast and lung cancer in the family.", ["C18.9", "C34.9", "C50.9"]),
        ("Breast cancer, lung nodules.", ["C50.9"]),
    ],
)
def test_cancers_that_share_the_word__are_one_each(text: str, expected: list[str]) -> None:
    codes = [f.code.removeprefix("ICDO3//") for f in read("oncology", text)]
    assert sorted(code for code in codes if "/" not in code) == expected
    assert codes.count("8000/3") == len(expected)


def test_side__stands_behind_its_organ() -> None:
    text = "Breast, right, core biopsy: invasive ductal carcinoma."
    assert read("oncology", text)[0].body_site == "Breast, right"


@pytest.mark.parametrize(
    "text, certainty",
    [
        ("Glioma. Pseudoprogression favoured over true progression.", "possible"),
        ("Glioma. Progression versus radiation necrosis.", "possible"),
        ("Glioma. Progression in the right temporal lobe.", "certain"),
    ],
)
def test_progression__weighed_against_another_reading(text: str, certainty: str) -> None:
    assert [one.context.certainty for one in named(text, "Tumour response")] == [certainty]
