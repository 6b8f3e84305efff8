"""What every extractor promises, run over every plug-in folder there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitruvian.base.manifest import find_plugins, read_manifest
from vitruvian.derive.engine.extractor import Extractor, release_of
from vitruvian.derive.engine.library import LIBRARY, extractor_named, extractors
from vitruvian.derive.text import LANGUAGES, Note, pack_for
from vitruvian.record import TABLES
from vitruvian.record.event import EVENT

MANIFESTS = [read_manifest(folder) for folder in find_plugins(LIBRARY)]
# Those that need settings of the site promise the same, beside their own tests.
NAMES = [each.name for each in MANIFESTS if not each.settings]
LANES = "encounter problem medication laboratory vital procedure microbiology imaging document"
LANES += " immunisation allergy family social genomics signal wearable other"

# One note in which every extractor finds something.
NOTE = """\
HISTORY OF PRESENT ILLNESS: 61-year-old smoker, 30 pack-years, with cough and fever.
No weight loss. His father had colon cancer. Takes metformin 500 mg twice a day.
Alcohol: 2 beers a week. BP 128/76, pulse 88, temperature 38.4 degrees C, hemoglobin 10.2 g/dL, creatinine 88 umol/L.
ALLERGIES: Penicillin (rash). Colonoscopy was done. CT: 12 mm nodule in the right upper lobe.
PATHOLOGY: Adenocarcinoma of the colon, pT3 pN1b (2/19), KRAS G12D mutated, MSS. ECOG 1.
"""
HOSTILE = {
    "nothing": "",
    "spaces": " \n\t " * 200,
    "one long word": "a" * 200_000,
    "open brackets": "(" * 50_000,
    "numbers": "1," * 50_000,
    "stops": ". " * 50_000,
    "quotes": "\"'" * 50_000,
    "control characters": "".join(map(chr, range(32))) * 500,
    "headings": "A:" * 30_000,
    "doses": "mg " * 20_000 + "metformin " + "1" * 5_000 + " mg",
    "stages": "stage " * 20_000,
    "TNM": "T1" * 20_000,
    "marks": "e" + "\u0301" * 20_000,
    "cues": "no not denies without if history of " * 3_000,
}
ALPHABET = st.sampled_from(
    [
        "no ",
        "fever ",
        "mg ",
        "metformin ",
        "12",
        ".",
        " ",
        "\n",
        "KRAS ",
        "\u0301",
        "😀",
        "T3 ",
        "BP ",
    ]
)


@pytest.fixture(params=NAMES)
def extractor(request: pytest.FixtureRequest) -> Extractor:
    return extractor_named(request.param)


def test_plugins__are_found_by_their_folder() -> None:
    found = {each.manifest.name for each in extractors()}
    assert found == {m.name for m in MANIFESTS if not (m.missing_packages or m.settings)}


def test_manifest__reads_and_yields_tables_of_the_house(extractor: Extractor) -> None:
    assert set(extractor.manifest.reads) <= set(TABLES)
    assert set(extractor.manifest.yields) <= set(TABLES)


def test_release__is_another_when_the_words_of_a_language_are(tmp_path: Path) -> None:
    words = tmp_path / "xx.toml"
    words.write_text("no = 1", "utf-8")
    before = release_of(LIBRARY / "problems", tmp_path)
    words.write_text("no = 2", "utf-8")
    assert release_of(LIBRARY / "problems", tmp_path) != before
    assert extractor_named("problems").release == release_of(LIBRARY / "problems", LANGUAGES)


def test_release__is_said_and_stays(extractor: Extractor) -> None:
    assert extractor.release
    assert extractor.release == extractor.release


def test_findings__are_facts_of_the_timeline(extractor: Extractor) -> None:
    note = Note(NOTE, pack_for("en"))
    found = list(extractor.extract(note))
    assert found != []
    for finding in found:
        assert 0 <= finding.start < finding.end <= len(note.folded.shown)
        assert finding.category in LANES.split()
        assert "//" in finding.code
        assert finding.unit is None or finding.numeric_value is not None
    assert set(found[0]._fields) - {"start", "end", "context"} <= set(EVENT.column_names)


def test_findings__are_the_same_twice(extractor: Extractor) -> None:
    first = list(extractor.extract(Note(NOTE, pack_for("en"))))
    assert list(extractor.extract(Note(NOTE, pack_for("en")))) == first


def test_a_language_without_words__yields_nothing_wrong(extractor: Extractor) -> None:
    assert list(extractor.extract(Note("\u767a\u71b1\u304c\u4e09\u65e5", pack_for("ja")))) == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text__is_read_to_its_end(extractor: Extractor, kind: str) -> None:
    note = Note(HOSTILE[kind], pack_for("en"))
    assert all(0 <= f.start <= f.end <= len(note.folded.shown) for f in extractor.extract(note))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ALPHABET, max_size=40))
def test_any_text__gives_spans_within_it(extractor: Extractor, words: list[str]) -> None:
    text = "".join(words)
    note = Note(text, pack_for("en"))
    for finding in extractor.extract(note):
        start, end = note.folded.origin(finding.start, finding.end)
        assert 0 <= start < end <= len(text)
