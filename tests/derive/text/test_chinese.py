"""Chinese: context, oncology and smoking in sentences of our own, without a space."""

# ruff: noqa: RUF001  # full-width signs are what is tested

from __future__ import annotations

from datetime import date

import pytest

from tests.derive.reading import read_in
from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.text import Context, Note, language_told, pack_for


def read(extractor: str, text: str) -> list[Finding]:
    return read_in("zh", extractor, text)


def said(text: str) -> dict[str, Context]:
    return {each.code_text: each.context for each in read("problems", text)}


@pytest.mark.parametrize(
    "text, problem, polarity",
    [
        ("患者咳嗽伴发热。", "Fever", "affirmed"),
        ("无发热、咳嗽。", "Cough", "negated"),
        ("否认高血压、糖尿病病史。", "Diabetes mellitus", "negated"),
        ("无发热，有咳嗽。", "Cough", "affirmed"),
        ("未见胸腔积液；腹水少量。", "Ascites", "affirmed"),
        ("未见胸腔积液；腹水少量。", "Pleural effusion", "negated"),
        ("无明显诱因出现咳嗽。", "Cough", "affirmed"),
        ("否认发热。咳嗽3天。", "Cough", "affirmed"),
    ],
)
def test_polarity(text: str, problem: str, polarity: str) -> None:
    assert said(text)[problem].polarity == polarity


def test_context__tells_past_doubt_and_condition() -> None:
    assert said("既往史：高血压10年。")["Hypertension"].temporality == "historical"
    assert said("肺栓塞不除外。")["Pulmonary embolism"].certainty == "possible"
    assert said("考虑肺炎。")["Pneumonia"].certainty == "probable"
    assert said("如出现发热及时就诊。")["Fever"].temporality == "hypothetical"


def test_relative__is_named() -> None:
    (found,) = read("oncology", "母亲患乳腺癌。")[:1]
    assert (found.context.experiencer, found.context.relation) == ("family", "ROLECODE//MTH")
    denied = read("oncology", "否认肝癌家族史。")[0].context
    assert (denied.polarity, denied.experiencer) == ("negated", "family")


@pytest.mark.parametrize(
    "text, code, place",
    [
        ("右肺上叶腺癌。", "ICDO3//8140/3", "Upper lobe of lung, right"),
        ("左乳浸润性导管癌。", "ICDO3//8500/3", "Breast, left"),
        ("乙状结肠中分化腺癌。", "ICDO3//8140/3", "Sigmoid colon"),
        ("确诊胃癌2年。", "ICDO3//8000/3", "Stomach"),
        ("非小细胞肺癌。", "ICDO3//8046/3", "Lung"),
    ],
)
def test_tumour__has_kind_and_place(text: str, code: str, place: str) -> None:
    assert (code, place) in [(f.code, f.body_site) for f in read("oncology", text)]


def test_words_with_the_sign_of_cancer__are_no_tumour() -> None:
    assert read("oncology", "癌胚抗原升高，肝功能正常。") == []


@pytest.mark.parametrize(
    "text, places, polarity",
    [
        ("肝、肺转移。", {"Liver", "Lung"}, "affirmed"),
        ("未见骨转移。", {"Bone"}, "negated"),
        ("肿瘤转移至脑。", {"Brain"}, "affirmed"),
        ("腹膜后淋巴结转移。", {"Lymph node"}, "affirmed"),
    ],
)
def test_metastases__have_their_places(text: str, places: set[str], polarity: str) -> None:
    found = [f for f in read("oncology", text) if f.code_text == "Metastasis"]
    assert {f.body_site for f in found} == places
    assert {f.context.polarity for f in found} == {polarity}


@pytest.mark.parametrize(
    "text, stage",
    [
        ("结肠癌Ⅳ期。", ["IV"]),
        ("肺癌IIIB期。", ["IIIB"]),
        ("慢性肾脏病3期。", []),
        ("胃癌III期临床试验。", []),
    ],
)
def test_stage__is_that_of_a_cancer(text: str, stage: list[str]) -> None:
    found = read("oncology", text)
    assert [f.text_value for f in found if f.code_text == "Cancer stage group"] == stage


def test_tnm__is_read_in_full_width() -> None:
    found = [f.text_value for f in read("oncology", "分期：ｃＴ３Ｎ１Ｍ０。")]
    assert found == ["cT3", "cN1", "cM0"]


@pytest.mark.parametrize(
    "text, name, status",
    [
        ("KRAS基因突变。", "KRAS", "mutated"),
        ("KRAS G12D突变。", "KRAS", "mutated"),
        ("未检出EGFR基因突变。", "EGFR", "wild-type"),
        ("BRAF野生型。", "BRAF", "wild-type"),
        ("HER2（3+）。", "HER2", "positive"),
        ("ER（+），PR（-）。", "PR", "negative"),
        ("ER（90%+），PR（-）。", "ER", "positive"),
        ("MLH1、PMS2表达缺失。", "MLH1", "lost"),
        ("微卫星稳定。", "MSI", "stable"),
        ("ALK阴性。", "ALK", "negative"),
        ("PD-L1检测结果未出。", "PD-L1", "pending"),
    ],
)
def test_biomarker__has_its_answer(text: str, name: str, status: str) -> None:
    assert (name, status) in [(f.code_text, f.text_value) for f in read("oncology", text)]


def test_performance_and_treatment__are_read() -> None:
    (ecog,) = read("oncology", "ECOG评分１分。")
    assert ecog.numeric_value == 1
    first, second = read("oncology", "予奥沙利铂+卡培他滨第2周期化疗。")
    assert (first.code_text, second.code_text) == ("oxaliplatin", "capecitabine")
    assert first.dose_text == "cycle 2"


@pytest.mark.parametrize(
    "text, status",
    [
        ("否认吸烟史。", "Never smoker"),
        ("不吸烟。", "Non-smoker"),
        ("吸烟30年，已戒5年。", "Former smoker"),
        ("吸烟史20年。", "Smoker"),
    ],
)
def test_smoking__is_told(text: str, status: str) -> None:
    assert [f.text_value for f in read("smoking", text)] == [status]


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("2021年3月确诊肺炎。", date(2021, 3, 1), date(2021, 3, 31)),
        ("２０２１年３月５日肺炎。", date(2021, 3, 5), date(2021, 3, 5)),
        ("咳嗽3天。", date(2024, 3, 12), date(2024, 3, 12)),
        ("脑梗死两年前。", date(2022, 1, 1), date(2022, 12, 31)),
    ],
)
def test_date__is_resolved(text: str, first: date, last: date) -> None:
    note = Note(text, pack_for("zh"))
    (found,) = read("problems", text)
    when = note.date_of(found.start, found.end, seen=date(2024, 3, 15), lasting=True)
    assert when is not None
    assert (when.first, when.last) == (first, last)


def test_chinese__is_known_by_its_signs() -> None:
    assert language_told("患者，女，56岁，因咳嗽入院。") == "zh"
    assert language_told("The mass (肿瘤) was seen in the left lung and was not painful.") == "en"


def test_a_long_line__is_read() -> None:
    assert len(read("problems", "无发热" * 4_000)) == 4_000
