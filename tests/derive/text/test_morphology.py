"""Kinds of tumour by their own names, outside English; terms as WHO's ICD-O names them."""

from __future__ import annotations

import pytest

from tests.derive.reading import read_in


@pytest.mark.parametrize(
    "language, text, kind",
    [
        ("nb", "Mantelcellelymfom.", "9673/3"),
        ("nb", "Akutt lymfatisk leukemi.", "9835/3"),
        ("nb", "Liposarkom i låret.", "8850/3"),
        ("fr", "Leucémie aiguë myéloïde.", "9861/3"),
        ("fr", "Carcinome médullaire de la thyroïde.", "8345/3"),
        ("fr", "Thymome opéré.", "8580/3"),
        ("zh", "套细胞淋巴瘤。", "9673/3"),
        ("zh", "甲状腺髓样癌。", "8345/3"),
        ("zh", "急性髓系白血病。", "9861/3"),
    ],
)
def test_kind__is_read_in_every_language(language: str, text: str, kind: str) -> None:
    codes = {one.code for one in read_in(language, "oncology", text)}
    assert f"ICDO3//{kind}" in codes


@pytest.mark.parametrize(
    "language, text",
    [
        ("nb", "Ikke-småcellet lungekreft stadium IIIB."),
        ("nb", "Ikke-muskelinvasivt urotelialt karsinom i blæren."),
        ("fr", "Cancer du sein triple négatif."),
        ("zh", "病理为鳞癌,切缘阴性。"),
    ],
)
def test_no_within_a_name__denies_nothing(language: str, text: str) -> None:
    told = [one for one in read_in(language, "oncology", text) if one.code.startswith("ICDO3")]
    assert told
    assert {one.context.polarity for one in told} == {"affirmed"}
