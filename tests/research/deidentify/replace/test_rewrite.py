"""A rewritten note holds no identifier, and keeps one name and one shift a person."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from bench.research.planted import planted
from vitruvian.research.deidentify.notes import find
from vitruvian.research.deidentify.replace import Project, rewrite, shifted_date

PROJECT = Project("heart-1", b"0123456789abcdef0123456789abcdef")
PERSON = PROJECT.person(7)


def test_key_and_secret__are_never_shown() -> None:
    assert "0123" not in repr(PROJECT)
    assert repr(PERSON) == "Person()"


def test_other_project_or_key__gives_other_pseudonyms() -> None:
    others = [Project("heart-2", PROJECT.key), Project("heart-1", b"f" * 32)]
    assert all(other.number("subject", 7) != PROJECT.number("subject", 7) for other in others)
    assert len({PROJECT.number("subject", one) for one in range(5_000)}) == 5_000


def test_rewritten_note__holds_no_planted_word() -> None:
    for number, note in enumerate(planted(100, seed=5)):
        found = find(note.text)
        new = rewrite(note.text, found, PROJECT.person(number), language=note.language).text
        hidden = [
            note.text[a:b] for a, b, kind in note.spans if kind in ("name", "id", "phone", "email")
        ]
        covered = {note.text[one.start : one.end] for one in found}
        assert not [told for told in hidden if told in covered and told in new]


def test_same_name__becomes_the_same_name_in_every_note_of_a_person() -> None:
    first, second = "Mr. John Abernathy was seen.", "Seen again: Mr. ABERNATHY, John's brother."
    one = rewrite(first, find(first), PERSON).text
    other = rewrite(second, find(second), PERSON).text
    given_name, family = one.removeprefix("Mr. ").split(" was")[0].split(" ")
    assert family.upper() in other
    assert f"{given_name}'s brother" in other
    assert rewrite(first, find(first), PROJECT.person(8)).text != one


def test_mask__says_what_was_there_and_where() -> None:
    text = "Dr. Okonkwo, MRN 4471120, 12 May 2020, aged 93."
    written = rewrite(text, find(text), PERSON, way="mask")
    assert written.text == "Dr. [NAME], MRN [ID], [DATE], aged 90+."
    assert [written.text[a:b] for a, b, _ in written.spans] == ["[NAME]", "[ID]", "[DATE]", "90+"]


def test_age_up_to_89_and_sex__stay() -> None:
    text = "Varón de 89 años."
    assert rewrite(text, find(text), PERSON).text == text


days = st.integers(-400, 400)
FORMS = (
    ("%Y-%m-%d", ""), ("%d/%m/%Y", "es"), ("%d.%m.%Y", "de"), ("%m/%d/%Y", "en"), ("%Y%m%d", ""),
)  # fmt: skip


@given(st.dates(date(1925, 1, 1), date(2030, 12, 31)), days, st.sampled_from(FORMS))
def test_shifted_date__is_the_calendar_s(day: date, by: int, form: tuple[str, str]) -> None:
    written, language = form
    expected = (day + timedelta(days=by)).strftime(written)
    assert shifted_date(day.strftime(written), days=by, language=language) == expected


@pytest.mark.parametrize(
    "text, language, expected",
    [
        ("12 de marzo de 2004", "es", "22 de marzo de 2004"),
        ("Agosto 2006", "es", "Agosto 2006"),
        ("1er janvier 2020", "fr", "11er janvier 2020"),
        ("24. desember 2020", "nb", "3. januar 2021"),
        ("24.12.20", "de", "03.01.21"),
        ("MARCH 3, 2020", "en", "MARCH 13, 2020"),
        ("2020-02-28T23:10:00Z", "", "2020-03-09T23:10:00Z"),
    ],
)
def test_shifted_date__keeps_its_form(text: str, language: str, expected: str) -> None:
    assert shifted_date(text, days=10, language=language) == expected


@pytest.mark.parametrize("text", ["31/31/2020", "soon", "", "99"])
def test_what_is_no_date__is_not_guessed(text: str) -> None:
    assert shifted_date(text, days=10) is None
