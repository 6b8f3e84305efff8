"""The files of labels are well formed, enough, and labelled twice where they should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.derive.labelled.adjudication import adjudicated, differences, third
from tests.derive.labelled.agreement import asked
from tests.derive.labelled.forms import LANGUAGES, Item, Label, Malformed, items
from tests.derive.labelled.ours import labels
from tests.derive.labelled.scoring import answers, count, differing, interval, kappa, pairs, total

SENTENCES = {"en": 600, "nb": 150, "fr": 150, "zh": 150}
NOTES = {"en": 60}
GOOD = """
writer = "a reader"
[[sentence]]
id = "en-1"
text = "No fever, no fever today. Her mother had breast cancer."
facts = [
  { kind = "problem", quote = "fever", nth = 2, polarity = "negated" },
  { kind = "problem", quote = "breast cancer", experiencer = "family", relation = "MTH" },
]
"""


def written(folder: Path, text: str) -> tuple[Item, ...]:
    path = folder / "en" / "first" / "one.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return items("en", root=folder)


@pytest.mark.parametrize(
    "before, after, fault",
    [
        ("nth = 2", "nth = 3", "does not hold"),
        ('"MTH"', '"AUNTIE"', "relation"),
        ('kind = "problem", quote = "breast', 'kind = "disease", quote = "breast', "kind"),
        ('polarity = "negated"', 'number = "3"', "has no number"),
        ('id = "en-1"', 'id = "en-1"\nnote = "x"', "no meaning"),
    ],
)
def test_file__with_a_fault_is_refused_by_name(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    assert before in GOOD
    with pytest.raises(Malformed, match=fault) as raised:
        written(tmp_path, GOOD.replace(before, after, 1))
    assert "en-1" in str(raised.value)


def test_note__needs_its_day(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="day"):
        written(tmp_path, GOOD.replace("[[sentence]]", "[[note]]"))


def test_quote__is_the_place_asked_for(tmp_path: Path) -> None:
    (item,) = written(tmp_path, GOOD)
    first, second = item.labels
    assert item.text[first.start : first.end] == "fever"
    assert first.start == item.text.rindex("fever")
    assert second.says == {"experiencer": "family", "relation": "MTH"}


def test_example__of_the_guidelines_is_well_formed_and_reads_as_it_says(tmp_path: Path) -> None:
    page = Path(__file__).parents[3] / "docs/reference/derive/labelled-set.md"
    sentence, note = written(tmp_path, page.read_text("utf-8").split("```")[1].removeprefix("toml"))
    assert note.whole
    for item in (sentence, note):
        found = count(item.labels, labels(item.text, item.language, item.day), strict=True)
        assert found.theirs == 0


def test_scoring__counts_a_wrong_context_as_found_and_not_right() -> None:
    gold = [Label(0, 5, "problem", {"polarity": "negated"}), Label(9, 12, "problem")]
    ours = [Label(0, 5, "problem"), Label(20, 25, "problem")]
    assert count(gold, ours, strict=False) == (1, 1, 1)
    assert count(gold, ours, strict=True) == (0, 2, 2)
    assert differing(gold[0], ours[0]) == ["polarity"]


def test_scoring__compares_codes_by_category_and_optional_fields_where_given() -> None:
    gold = Label(0, 5, "problem", {"code": "E11.9"})
    assert not differing(gold, Label(0, 5, "problem", {"code": "ICD10//E11"}))
    assert differing(gold, Label(0, 5, "problem", {"code": "ICD10//E10"})) == ["code"]
    assert not differing(Label(0, 5, "problem"), Label(0, 5, "problem", {"code": "ICD10//E10"}))


def test_scoring__a_dose_that_the_reader_does_not_see_is_wrong() -> None:
    gold = Label(0, 5, "medicine", {"name": "metformin"})
    ours = Label(0, 5, "medicine", {"name": "Metformin", "number": 500.0, "act": "reported"})
    assert "number" in differing(gold, ours)


def test_pairs__give_each_fact_once_and_the_fitting_one_first() -> None:
    gold = [Label(0, 10, "tnm", {"value": "pN1"}), Label(0, 10, "tnm", {"value": "pT3"})]
    ours = [Label(0, 10, "tnm", {"value": "pT3"}), Label(0, 10, "tnm", {"value": "pN1"})]
    assert total([count(gold, ours, strict=True)]) == (2, 0, 0)
    assert len(pairs(gold, ours)) == 2


def test_interval__of_perfect_agreement_is_one() -> None:
    perfect = [count([Label(0, 5, "problem")], [Label(0, 5, "problem")], strict=True)] * 20
    assert interval(perfect) == (1.0, 1.0)


def test_kappa__of_a_fact_only_one_reader_sees_is_below_one() -> None:
    one = [Label(0, 5, "problem"), Label(9, 12, "problem", {"polarity": "negated"})]
    told = answers(one, one[:1]) + answers(one, one)
    assert kappa(answers(one, one)) == 1.0
    assert kappa(told) < 1.0


@pytest.mark.parametrize("language", LANGUAGES)
def test_set__is_well_formed_and_large_enough(language: str) -> None:
    first = items(language)
    names = [item.id for item in first]
    assert len(set(names)) == len(names)
    assert len({item.text for item in first if not item.whole}) >= SENTENCES[language]
    assert sum(item.whole for item in first) >= NOTES.get(language, 0)
    share = sum(item.is_test for item in first) / len(first)
    assert 0.4 < share < 0.6


@pytest.mark.parametrize("language", LANGUAGES)
def test_set__has_a_second_reader_on_a_fifth(language: str) -> None:
    first = {item.id: item for item in items(language)}
    second = items(language, reader="second")
    assert len(second) >= len(first) / 5
    assert all(item.text == first[item.id].text for item in second)
    told = [pair for item in second for pair in answers(first[item.id].labels, item.labels)]
    assert kappa(told) > 0.6  # substantial: Landis JR, Koch GG. Biometrics 1977;33:159-174


ADJUDICATED = """
[[difference]]
id = "en-1"
reason = "slip of first"
first = { kind = "problem", quote = "fever", nth = 2, polarity = "negated" }
label = { kind = "problem", quote = "fever", polarity = "negated" }
"""


@pytest.mark.parametrize(
    "before, after, fault",
    [("slip of first", "it pleased", "reason"), ("nth = 2, ", "", "no such problem")],
)
def test_adjudication__of_no_known_reason_or_of_a_label_that_is_not_there_is_refused(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    written(tmp_path, GOOD)
    path = tmp_path / "en" / "adjudicated.toml"
    path.write_text(ADJUDICATED.replace(before, after), "utf-8")
    with pytest.raises(Malformed, match=fault):
        adjudicated("en", root=tmp_path)


def test_adjudication__puts_one_label_for_another_and_leaves_the_text(tmp_path: Path) -> None:
    (before,) = written(tmp_path, GOOD)
    (tmp_path / "en" / "adjudicated.toml").write_text(ADJUDICATED, "utf-8")
    (after,) = adjudicated("en", root=tmp_path)
    assert (after.id, after.text) == (before.id, before.text)
    moved, kept = before.labels
    assert after.labels == (kept, Label(before.text.index("fever"), 8, "problem", moved.says))


def test_adjudication__settles_every_fact_that_only_one_of_two_readers_saw() -> None:
    read = {item.id: asked(item) for item in third("en")}
    settled = [(one.id, one.kind) for one in differences("en")]
    alone = {
        (item.id, one.kind)
        for item in items("en")
        for pair in pairs(asked(item), read[item.id])
        if None in pair
        for one in pair
        if one
    }
    assert len(alone) > 50
    assert alone <= set(settled)


def test_adjudication__leaves_texts_and_other_languages_alone() -> None:
    assert adjudicated("nb") == items("nb")
    assert [item.text for item in adjudicated("en")] == [item.text for item in items("en")]
    assert adjudicated("en") != items("en")


@pytest.mark.parametrize(
    "kind, field, theirs, ours",
    [
        ("biomarker", "status", "negative", "wild-type"),
        ("tnm", "value", "N0", "cN0"),
        ("tnm", "value", "cN0", "N0"),
        ("medicine", "name", "aspirin", "acetylsalicylic acid"),
        ("medicine", "name", "co-trimoxazole", "sulfamethoxazole and trimethoprim"),
    ],
)
def test_scoring__takes_either_way_of_saying_the_same(
    kind: str, field: str, theirs: str, ours: str
) -> None:
    one, other = Label(0, 5, kind, {field: theirs}), Label(0, 5, kind, {field: ours})
    assert field not in differing(one, other)
    assert field in differing(one, Label(0, 5, kind, {field: "another"}))


@pytest.mark.parametrize(
    "text, kinds",
    [
        ("Started paclitaxel 80 mg weekly.", ["medicine"]),
        ("Responded to FOLFOX with bevacizumab.", ["treatment", "treatment"]),
    ],
)
def test_cancer_medicine__is_a_medicine_with_a_dose_and_a_course_without(
    text: str, kinds: list[str]
) -> None:
    assert [label.kind for label in labels(text, "en")] == kinds
