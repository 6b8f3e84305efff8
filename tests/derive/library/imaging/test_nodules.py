"""Lung nodules: their kind and number in four languages, and where neither may be told."""

from __future__ import annotations

import pytest

from tests.derive.reading import read, read_in
from vitruvian.derive.engine.extractor import Finding

KIND, NUMBER = "VITRUVIAN//NODULE_TYPE", "VITRUVIAN//NODULE_NUMBER"


def said(findings: list[Finding], code: str) -> list[str | None]:
    return [one.text_value for one in findings if one.code == code]


@pytest.mark.parametrize(
    "text",
    [
        "CT: no solid nodule in the right upper lobe.",
        "Ultrasound: solid nodule of the right thyroid lobe, 12 mm.",
        "CT: 8 mm solid nodule.",
        "CT: 6 mm nodule in the RUL with surrounding ground glass opacity.",
        "CT: 6 mm subsolid nodule in the lingula.",
        "CT: solid and ground-glass nodules in both lungs.",
        "CT: 6 mm nodule of the right upper lobe is not solid.",
        "CT: solid lesion of the liver, 5 mm nodule in the right lower lobe.",
        "CT: ground glass in the left lung; 5 mm nodule in the right lower lobe.",
        "CT: 6 mm nodule of the right upper lobe. The thyroid is solid.",
        "CT: 6 mm nodule of the right upper lobe. It is not solid.",
        "CT: 6 mm nodule of the right upper lobe. The nodule is not solid.",
        "Ultrasound: 12 mm nodule of the right thyroid lobe. The nodule is solid.",
        "CT: 6 mm nodule in the RUL, 4 mm nodule in the LLL. The nodule is solid.",
        "CT: 6 mm nodule in the RUL. Liver clear. The nodule is solid.",
    ],
)
def test_kind__is_not_told(text: str) -> None:
    assert said(read("imaging", text), KIND) == []


@pytest.mark.parametrize(
    "text, kind",
    [
        ("CT: 8 mm solid nodule in the right upper lobe.", "solid"),
        ("CT: 7 mm non-calcified solid nodule in the right lower lobe.", "solid"),
        ("CT: nodule in the right upper lobe is solid and measures 8 mm.", "solid"),
        ("CT: 7 mm non-solid nodule in the left lung.", "ground glass"),
        ("CT: 7 mm GGN in the left upper lobe.", "ground glass"),
        ("CT: 9 mm ground-glass nodule in the RUL without a solid component.", "ground glass"),
        ("CT: 9 mm part-solid nodule in the RUL.", "part solid"),
        ("CT: 9 mm nodule in the RUL. It appears to be part-solid.", "part solid"),
        ("CT: 9 mm nodule in the RUL. The nodule is solid.", "solid"),
        ("CT: 9 mm nodule in the RUL. This nodule is unchanged. The nodule is solid.", "solid"),
        ("CT: 9 mm ground-glass nodule in the RUL with a 3 mm solid component.", "part solid"),
        ("CT: 9 mm ground-glass nodule in the RUL. There is a solid component.", "part solid"),
    ],
)
def test_kind__is_as_the_glossary_names_it(text: str, kind: str) -> None:
    assert said(read("imaging", text), KIND) == [kind]


@pytest.mark.parametrize(
    "language, text, kind, place, size_mm",
    [
        ("fr", "Scanner : nodule pulmonaire solide de 8 mm du lobe supérieur droit.",
         "solid", "right upper lobe", 8.0),
        ("fr", "Scanner : nodule en verre dépoli de 12 mm du lobe inférieur gauche.",
         "ground glass", "left lower lobe", 12.0),
        ("fr", "Scanner : nodule en verre dépoli de 12 mm du LSD avec composante solide.",
         "part solid", "right upper lobe", 12.0),
        ("nb", "CT: 8 mm solid nodulus i høyre overlapp.", "solid", "right upper lobe", 8.0),
        ("nb", "CT: Mattglassnodulus på 7 mm i høyre underlapp.",
         "ground glass", "right lower lobe", 7.0),
        ("nb", "CT: Delvis solid nodulus på 9 mm i venstre underlapp.",
         "part solid", "left lower lobe", 9.0),
        ("nb", "CT: 9 mm nodulus i venstre underlapp. Den er solid.",
         "solid", "left lower lobe", 9.0),
        ("zh", "CT:右肺上叶见磨玻璃结节,大小约8mm。", "ground glass", "right upper lobe", 8.0),
        ("zh", "CT:左肺下叶实性肺结节,直径7mm。", "solid", "left lower lobe", 7.0),
        ("zh", "CT:右肺上叶混合磨玻璃结节12mm。", "part solid", "right upper lobe", 12.0),
    ],
)  # fmt: skip
def test_kind__in_other_languages(
    language: str, text: str, kind: str, place: str, size_mm: float
) -> None:
    nodule, told = read_in(language, "imaging", text)
    assert (nodule.code, nodule.numeric_value, nodule.body_site) == ("TEXT//nodule", size_mm, place)
    assert (told.code, told.text_value, told.body_site) == (KIND, kind, place)


def test_kind_of_another_mass__is_not_that_of_the_nodule() -> None:
    findings = read_in("zh", "imaging", "CT:右肺上叶结节6mm。实性肿块位于肝脏。")
    assert said(findings, KIND) == []


def test_kind__that_is_likely_is_not_certain() -> None:
    _, kind = read("imaging", "CT: 7 mm nodule in the left upper lobe, likely part-solid.")
    assert (kind.text_value, kind.context.certainty) == ("part solid", "probable")


@pytest.mark.parametrize(
    "language, text, number",
    [
        ("en", "CT: nodule of the right upper lobe, unchanged on multiple scans.", []),
        ("en", "CT: nodule in the right upper lobe.", []),
        ("en", "CT: solitary 7 mm solid nodule in the right upper lobe.", ["single"]),
        ("en", "CT: multiple pulmonary nodules up to 5 mm.", ["multiple"]),
        ("fr", "Scanner : nodules pulmonaires multiples.", ["multiple"]),
        ("nb", "CT: Enkeltstående solid lungenodulus på 7 mm.", ["single"]),
        ("zh", "CT:双肺多发结节,较大者5mm。", ["multiple"]),
    ],
)
def test_number__is_that_in_words_beside_the_nodule(
    language: str, text: str, number: list[str]
) -> None:
    assert said(read_in(language, "imaging", text), NUMBER) == number


def test_organ__gives_way_to_the_lobe() -> None:
    nodule = read("imaging", "CT: 8 mm pulmonary nodule in the right upper lobe.")[0]
    assert nodule.body_site == "right upper lobe"


def test_nodule_named_again__is_the_one_before_and_no_second_nodule() -> None:
    nodule, kind = read("imaging", "CT: 9 mm nodule in the RUL. The nodule is solid.")
    assert (nodule.code, kind.body_site) == ("TEXT//nodule", "right upper lobe")
