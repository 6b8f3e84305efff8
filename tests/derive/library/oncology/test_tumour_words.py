"""Names of tumours, their kinds and places, and answers told in plain or in few words."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import kind_and_place, named, spread_to, told
from tests.derive.reading import read
from vitruvian.derive.library.oncology.tumours.words import Unexplained, in_short


@pytest.mark.parametrize(
    "text, expected",
    [
        ("NET of the terminal ileum.", ("8240/3", "Ileum")),
        ("Type: IDC (NST).", ("8500/3", "Breast")),
        ("Thyroid: papillary thyroid carcinoma, follicular variant.", ("8340/3", "Thyroid")),
        ("Cholangiocarcinoma, hilar.", ("8162/3", "Extrahepatic bile duct")),
        ("Liposarcoma, myxoid type, right thigh.",
         ("8852/3", "Soft tissue of lower limb, right")),
        ("Squamous cell carcinoma of the lower lip.", ("8070/3", "Lower lip")),
        ("Melanoma, desmoplastic type.", ("8745/3", None)),
        ("mRCC on pazopanib.", ("8312/3", "Kidney")),
        ("Oligodendroglioma, CNS WHO grade 2, R frontal lobe.", ("9450/3", "Frontal lobe, right")),
    ],
)  # fmt: skip
def test_tumour__as_the_words_tell_its_kind_and_place(
    text: str, expected: tuple[str, str | None]
) -> None:
    assert kind_and_place(text) == expected


@pytest.mark.parametrize(
    "text",
    ["Net fluid balance +500 ml.", "NET loss 2 L after pancreatitis.", "MCL tear of the knee.",
     "Germ cell tumour markers normal.", "Net weight of the prostate chips 12 g."],
)  # fmt: skip
def test_tumour__none_of_a_word_that_only_looks_like_one(text: str) -> None:
    assert not named(text, "Neuroendocrine tumour")
    assert not named(text, "Germinoma")
    assert not named(text, "Mantle cell lymphoma")


@pytest.mark.parametrize(
    "text, places",
    [
        ("Lung cancer, mets to L adrenal and T8 vertebral body.", ["C41.2", "C74.9"]),
        ("Metastatic to R femur, L lung and liver.", ["C22.0", "C34.9", "C40.2"]),
        ("Ovarian cancer with omental involvement.", ["C48.1"]),
    ],
)
def test_metastasis__in_places_with_a_side_in_one_letter(text: str, places: list[str]) -> None:
    assert spread_to(text) == places


@pytest.mark.parametrize(
    "text, polarity",
    [
        ("She worries that her lung cancer is back.", "affirmed"),
        ("No sign of your bowel cancer coming back.", "negated"),
        ("The melanoma never came back.", "negated"),
    ],
)
def test_recurrence__in_plain_words(text: str, polarity: str) -> None:
    assert [found.context.polarity for found in named(text, "Tumour recurrence")] == [polarity]


@pytest.mark.parametrize(
    "text, polarity",
    [
        ("No sign of your bowel cancer coming back.", "affirmed"),
        ("No evidence of breast cancer recurrence.", "affirmed"),
        ("No evidence of breast cancer.", "negated"),
        ("No breast cancer; recurrence of pneumonia.", "negated"),
    ],
)
def test_tumour__is_there_where_only_its_return_is_denied(text: str, polarity: str) -> None:
    found = named(text, "Malignant tumour")
    assert [one.context.polarity for one in found] == [polarity]


@pytest.mark.parametrize(
    "text, temporality",
    [
        ("Lung cancer in May, has had a partial response to carboplatin.", "current"),
        ("Breast cancer: had a partial response to FEC ten years ago.", "historical"),
    ],
)
def test_response__belongs_to_the_course_of_today(text: str, temporality: str) -> None:
    found = named(text, "Tumour response")
    assert [one.context.temporality for one in found] == [temporality]


@pytest.mark.parametrize(
    "text, count",
    [
        ("Rectal cancer, no regrowth at 12 months.", 1),
        ("Breast cancer; hair regrowth after chemotherapy.", 0),
    ],
)
def test_regrowth__is_a_recurrence_of_the_tumour_alone(text: str, count: int) -> None:
    assert len(named(text, "Tumour recurrence")) == count


def test_answer_in_short__means_what_the_table_of_the_language_says() -> None:
    assert told("Breast cancer. RECIST: PD", "Tumour response") == ["progressive disease"]
    own = in_short({"responses_in_short": {"stable disease": ["CS"]}}, _ENGLISH, "en")
    assert own["CS"] == "stable disease"


def test_answer_in_short__without_a_meaning_is_told_when_a_language_is_loaded() -> None:
    table = {"responses_in_short": {"stable disease": ["SD"]}}
    with pytest.raises(Unexplained, match=r"finds CR, PD, PR, VGPR; .*tumours\.en\.toml"):
        in_short(table, {}, "en")


_ENGLISH = {
    "responses_in_short": {
        "complete response": ["CR", "pCR", "cCR", "ypCR"],
        "partial response": ["PR", "VGPR"],
        "stable disease": ["SD"],
        "progressive disease": ["PD"],
    }
}


@pytest.mark.parametrize(
    "text, kind, place",
    [
        (
            "SPECIMEN: Left breast, mastectomy.\nInvasive ductal carcinoma.",
            "8500/3",
            "Breast, left",
        ),
        ("Right radical nephrectomy. Clear cell RCC.", "8310/3", "Kidney, right"),
        ("Gastrectomy: poorly differentiated adenocarcinoma.", "8140/3", "Stomach"),
        ("Left breast cores. Right breast cores. Invasive ductal carcinoma.", "8500/3", "Breast"),
        ("After mastectomy. Follicular lymphoma.", "9690/3", None),
        ("Right orchidectomy: mixed germ cell tumour.", "9085/3", "Testis, right"),
        ("Left mastectomy in 2005. Invasive ductal carcinoma.", "8500/3", "Breast"),
        ("Adenocarcinoma, Gleason 3+4, on biopsies.", "8140/3", "Prostate"),
        ("Glioblastoma, WHO grade 4, right parietal.", "9440/3", "Parietal lobe, right"),
        ("ALL in second remission.", "9835/3", "Bone marrow"),
    ],
)
def test_place__of_what_was_operated_on(text: str, kind: str, place: str | None) -> None:
    assert kind_and_place(text) == (kind, place)


@pytest.mark.parametrize(
    "text, polarity",
    [
        ("CT excluded metastases.", "negated"),
        ("MRI has ruled out bone metastases.", "negated"),
        ("Fracture was excluded, metastases are present.", "affirmed"),
    ],
)
def test_metastases__excluded_by_an_examination(text: str, polarity: str) -> None:
    assert [found.context.polarity for found in named(text, "Metastasis")] == [polarity]


def test_tumour__that_is_new_behind_a_past() -> None:
    text = "PMH: gout, asthma. Now presents with new dx of small cell lung cancer."
    (cancer,) = [one for one in read("oncology", text) if one.code == "ICDO3//8041/3"]
    assert cancer.context.temporality == "current"
