"""Every kind of fact in Norwegian of both forms, in French and in Chinese."""

# ruff: noqa: RUF001  # signs of multiplication are what is tested

from __future__ import annotations

import pytest

from tests.derive.reading import read_in
from vitruvian.derive.engine.extractor import Finding

# The same said in bokmål and in nynorsk: extractor, both sentences, what is expected of each.
BOTH_FORMS = [
    ("allergies", "Allergisk mot penicillin, får utslett.", "Allergisk mot penicillin, får utslett.",
     ("penicillin", "affirmed", "utslett")),
    ("allergies", "Ingen kjente allergier.", "Ingen kjende allergiar.",
     ("No known allergy", "negated", None)),
    ("allergies", "Hun tåler ikke kodein.", "Ho toler ikkje kodein.", ("codeine", None, None)),
    ("procedures", "Koloskopi er planlagt.", "Koloskopi er planlagd.", ("Colonoscopy", None, None)),
    ("procedures", "Blindtarmen ble fjernet i 2010.", "Blindtarmen vart fjerna i 2010.",
     ("Appendectomy", "affirmed", None)),
    ("procedures", "Ultralyd av halsen viste normale funn.", "Ultralyd av halsen viste normale funn.",
     ("Ultrasonography", "affirmed", None)),
    ("imaging", "CT viser forstørret lymfeknute.", "CT viser forstørra lymfeknute.",
     ("Lymph node", "affirmed", None)),
    ("imaging", "Røntgen: ingen fortetninger.", "Røntgen: ingen fortettingar.",
     ("Opacity", "negated", None)),
    ("problems", "Pasienten har pustevansker.", "Pasienten har pustevanskar.",
     ("Dyspnoea", "affirmed", None)),
    ("problems", "Ingen hjertesvikt.", "Ingen hjartesvikt.", ("Heart failure", "negated", None)),
    ("medicines", "Metformin er seponert.", "Metformin vart seponert.", ("metformin", None, None)),
]  # fmt: skip

VALUES = [
    ("nb", "Hb 9,8 g/dl", "718-7", 98.0, "g/L"),
    ("nb", "Kreatinin målt til 134 µmol/l", "14682-9", 134.0, "umol/L"),
    ("nb", "Trombocytter 112", "777-3", 112.0, "10*9/L"),
    ("nb", "CRP under 5", "1988-5", 5.0, "mg/L"),
    ("nb", "Vekten er 83,5 kg", "29463-7", 83.5, "kg"),
    ("nn", "Vekta er 83,5 kg", "29463-7", 83.5, "kg"),
    ("nn", "Leukocyttar 3,1", "6690-2", 3.1, "10*9/L"),
    ("nn", "Hemoglobinet er 13,4 g/dl", "718-7", 134.0, "g/L"),
    ("nn", "Pulsen 88/min", "8867-4", 88.0, "/min"),
    ("fr", "Hémoglobine à 8,7 g/dl", "718-7", 87.0, "g/L"),
    ("fr", "Plaquettes 95 G/L", "777-3", 95.0, "10*9/L"),
    ("fr", "FC 88/min", "8867-4", 88.0, "/min"),
    ("fr", "Créatinine : 112 µmol/L", "14682-9", 112.0, "umol/L"),
    ("fr", "CRP inférieure à 4 mg/l", "1988-5", 4.0, "mg/L"),
    ("zh", "血红蛋白98g/L", "718-7", 98.0, "g/L"),
    ("zh", "WBC 2.4×10^9/L", "6690-2", 2.4, "10*9/L"),
    ("zh", "体温38.5℃", "8310-5", 38.5, "Cel"),
    ("zh", "CEA升至35.6ng/mL", "2039-6", 35.6, "ng/mL"),
]
NO_VALUES = [
    ("nb", "I alt 6 kurer gitt"),
    ("nb", "Kalium 750 mg"),
    ("nb", "Kreatinin 134-150"),
    ("nn", "Pulsen i 3 dagar"),
    ("fr", "Le poids de la preuve"),
    ("fr", "Potassium 600 mg"),
    ("fr", "TA 13/8"),
    ("zh", "呼吸音清"),
    ("zh", "血糖监测3天"),
]

SAID = [
    ("fr", "allergies", "Allergique à la pénicilline : urticaire.", ("penicillin", "affirmed", "urticaire")),
    ("fr", "allergies", "Pas d'allergie connue.", ("No known allergy", "negated", None)),
    ("fr", "procedures", "Appendicectomie en 1998.", ("Appendectomy", "affirmed", None)),
    ("fr", "imaging", "Scanner : pas d'épanchement pleural.", ("Pleural effusion", "negated", None)),
    ("fr", "problems", "Neutropénie fébrile.", ("Neutropenia", "affirmed", None)),
    ("zh", "allergies", "青霉素过敏。", ("penicillin", "affirmed", None)),
    ("zh", "allergies", "否认药物过敏史。", ("No known drug allergy", "negated", None)),
    ("zh", "procedures", "胃镜示胃窦溃疡。", ("Upper endoscopy", "affirmed", None)),
    ("zh", "procedures", "未行胃镜检查。", ("Upper endoscopy", "negated", None)),
    ("zh", "imaging", "CT未见胸腔积液。", ("Pleural effusion", "negated", None)),
    ("zh", "problems", "化疗后骨髓抑制。", ("Myelosuppression by medicines", "affirmed", None)),
]  # fmt: skip
SIZES = [
    ("nb", "CT viser en knute på 1,2 x 0,8 cm.", "Nodule", 12.0),
    ("nn", "CT viser ei fortetting på 9 mm.", "Opacity", 9.0),
    ("fr", "Scanner : nodule de 11 mm.", "Nodule", 11.0),
    ("fr", "Masse de 5,4 cm.", "Mass", 54.0),
    ("zh", "CT示肝右叶低密度灶, 大小约3.5cm×2.8cm。", "Lesion", 35.0),
    ("zh", "右肺上叶结节8毫米。", "Nodule", 8.0),
]
DOSES = [
    ("nb", "Eliquis 5 mg x 2.", "apixaban", 5.0, "5 mg x 2"),
    ("nn", "Selo-Zok 47,5 mg om morgonen.", "metoprolol", 47.5, "47,5 mg om morgonen"),
    ("fr", "Lévothyrox 75 µg le matin.", "levothyroxine", 75.0, "75 µg le matin"),
    ("zh", "二甲双胍0.5g 口服 每日三次。", "metformin", 0.5, "0.5g 口服 每日三次"),
    ("zh", "硝苯地平控释片30mg qd。", "nifedipine", 30.0, "30mg qd"),
]


def told(found: list[Finding]) -> list[tuple[str, str, str | None]]:
    return [(one.code_text, one.context.polarity, one.text_value) for one in found]


@pytest.mark.parametrize("case", BOTH_FORMS, ids=lambda case: case[1])
def test_both_forms_of_norwegian__say_the_same(
    case: tuple[str, str, str, tuple[str, str | None, str | None]],
) -> None:
    extractor, bokmaal, nynorsk, (name, polarity, said) = case
    read = [read_in("nb", extractor, bokmaal), read_in("nn", extractor, nynorsk)]
    assert told(read[0]) == told(read[1])
    assert [one.act for one in read[0]] == [one.act for one in read[1]]
    assert [one.state for one in read[0]] == [one.state for one in read[1]]
    assert (read[0][0].code_text, read[0][0].text_value) == (name, said)
    assert polarity in {None, read[0][0].context.polarity}


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case[1])
def test_value__is_read_in_the_stored_unit(case: tuple[str, str, str, float, str]) -> None:
    language, text, code, number, unit = case
    (found,) = read_in(language, "measurements", text)
    assert (found.code, found.unit) == (f"LOINC//{code}", unit)
    assert found.numeric_value == pytest.approx(number)


@pytest.mark.parametrize("case", NO_VALUES, ids=lambda case: case[1])
def test_what_is_no_value__is_none(case: tuple[str, str]) -> None:
    language, text = case
    assert read_in(language, "measurements", text) == []


@pytest.mark.parametrize("case", SAID, ids=lambda case: case[2])
def test_french_and_chinese__are_read(
    case: tuple[str, str, str, tuple[str, str, str | None]],
) -> None:
    language, extractor, text, expected = case
    assert told(read_in(language, extractor, text)) == [expected]


@pytest.mark.parametrize("case", SIZES, ids=lambda case: case[1])
def test_size__is_the_largest_in_millimetres(case: tuple[str, str, str, float]) -> None:
    language, text, name, size = case
    (found,) = read_in(language, "imaging", text)
    assert (found.code_text, found.numeric_value, found.unit) == (name, size, "mm")


@pytest.mark.parametrize("case", DOSES, ids=lambda case: case[1])
def test_dose__is_as_that_language_writes_it(case: tuple[str, str, str, float, str]) -> None:
    language, text, name, number, dose = case
    (found,) = read_in(language, "medicines", text)
    assert (found.code_text, found.numeric_value, found.dose_text) == (name, number, dose)


@pytest.mark.parametrize("language", ["nb", "fr"])
def test_substance_one_is_allergic_to__is_no_medicine(language: str) -> None:
    text = {"nb": "Allergisk mot ibuprofen.", "fr": "Allergique au tramadol."}[language]
    assert read_in(language, "medicines", text) == []


@pytest.mark.parametrize(
    "language, text, act",
    [
        ("nb", "Progresjon på letrozol, bytter nå til kapecitabin.", "ordered"),
        ("nb", "Trastuzumab pauses.", "stopped"),
        ("nb", "Vil få cetuksimab.", "planned"),
        ("fr", "On poursuit le nivolumab.", "reported"),
        ("fr", "Passage en deuxième ligne par docétaxel.", "ordered"),
        ("zh", "拟下周开始培美曲塞。", "planned"),
        ("zh", "耐药后改行培美曲塞。", "ordered"),
    ],
)
def test_course__is_begun_planned_or_ended_in_every_language(
    language: str, text: str, act: str
) -> None:
    told = [f for f in read_in(language, "oncology", text) if f.category == "medication"]
    assert (told[-1].state or told[-1].act) == act


@pytest.mark.parametrize(
    "language, text",
    [
        ("en", "Olaparib if BRCA1 is mutated."),
        ("nb", "Cetuksimab dersom RAS er villtype."),
        ("fr", "Si mutation ALK, alectinib."),
    ],
)
def test_biomarker__under_a_condition_is_no_answer(language: str, text: str) -> None:
    assert [f for f in read_in(language, "oncology", text) if f.category == "genomics"] == []
