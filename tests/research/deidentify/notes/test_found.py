"""What notes tell about a person is found where it stands; what tells of nobody stays."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from bench.research.planted import LANGUAGES, planted
from bench.research.score import Score, meddocan
from vitruvian.research.deidentify.notes import Finding, find, known_terms
from vitruvian.research.deidentify.notes.found import settled


def told(text: str) -> dict[str, str]:
    return {text[one.start : one.end]: one.kind for one in find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease is stable, Crohn disease in remission.",
        "Murphy sign negative, Glasgow Coma Scale 15, Foley catheter removed.",
        "Enfermedad de Parkinson, síndrome de Down, signo de Babinski.",
        "Maladie de Crohn en rémission, signe de Babinski absent.",
        "Parkinsons sykdom og Crohns sykdom i remisjon.",
        "Morbus Crohn, Morbus Parkinson, Babinski negativ.",
        "Hemoglobin 13.2 g/dl, platelets 250000, creatinine 1.2 mg/dl, BP 120/80.",
        "Chest pain for 5 years, metformin 850 mg every 12 hours.",
        "Lasègue negativo, prueba de Mantoux, sonda de Foley, test de Coombs.",
        "Aspirin, Lasix 40 mg and Coumadin were continued.",
    ],
)
def test_medicine__stays(text: str) -> None:
    assert told(text) == {}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Seen by Dr. Ōyama-Quist today.", {"Ōyama-Quist": "staff"}),
        ("Mrs. Featherstonehaugh has Parkinson's disease.", {"Featherstonehaugh": "patient"}),
        ("Apellidos: Val del Omar.", {"Val del Omar": "patient"}),
        ("Remitido por: Dra. Mª Paz Robledo", {"Mª Paz Robledo": "staff"}),
        ("MRN 0047119", {"0047119": "record"}),
        ("Tlf. 22 33 44 55", {"22 33 44 55": "phone"}),
        ("Fødselsnummer 15076500565", {"15076500565": "national"}),
        ("le 12 mars 2024", {"12 mars 2024": "date"}),
        ("Sie wohnt in der Lindenallee 4", {"Lindenallee 4": "street"}),
        ("a 97-year-old man", {"97-year-old": "age"}),
        # Names whose second half ends as words do, behind a cue that begins the sentence.
        ("Datteren Torvunn Skalicas har fylt ut skjemaet.", {"Torvunn Skalicas": "patient"}),
        ("Paciente Urkiane Bastadas, nacida aquí.", {"Urkiane Bastadas": "patient"}),
        ("Gespräch mit der Ehefrau Rautgund Pelkerös.", {"Rautgund Pelkerös": "patient"}),
        ("She lives at 15 Brandow Road, Thornkeit 24551.", {"Thornkeit": "place", "24551": "place"}),
        ("See https://a.example/b?c=1 or x.y@z.org.", {"https://a.example/b?c=1": "url", "x.y@z.org": "email"}),
    ],
)  # fmt: skip
def test_identifier__has_its_exact_span_and_kind(text: str, expected: dict[str, str]) -> None:
    found = told(text)
    assert {key: found.get(key) for key in expected} == expected


def test_number_with_a_wrong_check_digit__is_no_national_id() -> None:
    assert told("54362315K").get("54362315K") == "national"
    assert told("54362315Z").get("54362315Z") != "national"


def test_name_of_the_record__is_found_in_any_letters() -> None:
    known = known_terms([("Quillfeather", "patient"), ("4471-120", "record")])
    text = "quillfeather came again; her 4471-120 was checked. QUILLFEATHER!"
    found = [(text[one.start : one.end], one.kind) for one in find(text, known=known)]
    assert found == [
        ("quillfeather", "patient"),
        ("4471-120", "record"),
        ("QUILLFEATHER", "patient"),
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Dr. ", "Anna ", "Xyqua ", "12/3/2020 ", "\n", "NHC: ", "1234567", "ß", "é\u0301", "(", "calle ", "Hospital ", "12 ", "de ", "0" * 20, ".", "😀"]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_findings__are_ordered_lie_in_the_text_and_never_overlap(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert found == find(text)


spans = st.tuples(
    st.integers(0, 30), st.integers(1, 8), st.sampled_from(["date", "patient"]), st.integers(1, 3)
)


@given(st.lists(spans, max_size=12))
def test_settled__covers_exactly_what_was_found(raw: list[tuple[int, int, str, int]]) -> None:
    found = [Finding(a, a + n, kind, weight) for a, n, kind, weight in raw]  # type: ignore[arg-type]
    before = {at for one in found for at in range(one.start, one.end)}
    after = [at for one in settled(found) for at in range(one.start, one.end)]
    assert sorted(after) == sorted(before)


def test_planted_identifiers__are_hidden_although_no_list_knows_their_names() -> None:
    score = Score()
    each = {language: Score() for language in LANGUAGES}
    for note in planted(500, seed=71):
        found = [(one.start, one.end, one.kind) for one in find(note.text)]
        score.add(note.text, note.spans, found)
        each[note.language].add(note.text, note.spans, found)
    assert score.recall() >= 0.995
    assert score.clean / score.documents >= 0.99
    assert min(one.recall() for one in each.values()) >= 0.985


@pytest.mark.real_data
def test_meddocan__f1_of_rules_and_lists_alone() -> None:
    folder = Path(os.environ.get("VITRUVIAN_REAL_DATA", "")) / "clinical/deid/meddocan/train"
    if not folder.is_dir():
        pytest.skip("VITRUVIAN_REAL_DATA names no folder with MEDDOCAN")
    score = Score()
    for text, gold in meddocan(folder):
        score.add(text, gold, [(one.start, one.end, one.kind) for one in find(text)])
    assert score.documents > 200
    assert score.f1()[2] >= 0.9
    assert score.recall("patient") >= 0.995
