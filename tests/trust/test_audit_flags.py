"""Look-ups that should be asked about, and the lines by which they leave."""

from __future__ import annotations

import re

import pytest

from tests.trust.test_audit_chain import chain
from vitruvian.trust import Access, AuditRow, Deed, chained
from vitruvian.trust.audit import DeedKind
from vitruvian.trust.audit.cef import as_cef
from vitruvian.trust.audit.flags import Around, Flag, Known, flags_of, folded

KNOWN = Known(
    accounts={
        "ibarra": Around(
            own=frozenset({1}), kin=frozenset({2}), names=frozenset({"nunez ibarra", "ibarra"})
        )
    },
    guards={5: frozenset({"vip"}), 6: frozenset({"staff"}), 7: frozenset({"another"})},
    families={1: frozenset({"ibarra"}), 3: frozenset({"ibarra"}), 4: frozenset({"quux"})},
)


def look(*subjects: int, who: str = "ibarra", kind: DeedKind = "read", said: str = "") -> AuditRow:
    access = Access(who, "clinician", "treatment")
    return chained(
        AuditRow(1, "2026-06-30T09:00:00+00:00", access, Deed(kind, "done", subjects, said), "0")
    )


@pytest.mark.parametrize(
    "person, expected",
    [
        (4, ()),
        (7, ()),
        (None, ()),
        (1, ("own-record",)),
        (2, ("family",)),
        (3, ("family",)),
        (5, ("vip",)),
        (6, ("staff",)),
    ],
)
def test_look_up__is_flagged_by_whom_it_shows(
    person: int | None, expected: tuple[Flag, ...]
) -> None:
    assert flags_of(look(9), person, KNOWN) == expected


def test_account_of_which_nothing_is_known__is_close_to_nobody() -> None:
    assert flags_of(look(3, who="other"), 3, KNOWN) == ()
    assert flags_of(look(5, who="other"), 5, KNOWN) == ("vip",)


def test_broken_glass__is_always_asked_about() -> None:
    assert flags_of(look(4, kind="glass"), 4, KNOWN) == ("broken-glass",)
    assert flags_of(look(kind="glass"), None, KNOWN) == ("broken-glass",)


@pytest.mark.parametrize(
    "one, other", [("NÚÑEZ", "nunez"), ("O'Brien", "O\u2019brien"), ("A  B", "a-b")]
)
def test_names__are_compared_without_case_accents_and_joints(one: str, other: str) -> None:
    assert folded(one) == folded(other)


# ---------------------------------------------------------------- CEF


def parsed(line: str) -> tuple[list[str], dict[str, str]]:
    """A line taken apart as the format says: header by unescaped bars, extension by keys."""
    *head, rest = re.split(r"(?<!\\)\|", line, maxsplit=7)
    keys = list(re.finditer(r"(?:^| )(\w+)=", rest))
    ends = [hit.start() for hit in keys[1:]] + [len(rest)]
    found = {hit[1]: rest[hit.end() : end] for hit, end in zip(keys, ends, strict=True)}
    return head, found


def test_line__says_who_what_when_and_how_much_it_matters() -> None:
    head, said = parsed(as_cef(look(4, 9), version="1.0"))
    assert head == ["CEF:0", "Vitruvian", "Vitruvian", "1.0", "read", "read done", "2"]
    assert said["rt"] == "1782810000000"  # date -u -d 2026-06-30T09:00 +%s
    assert (said["suser"], said["cn1"], said["cs1"]) == ("ibarra", "2", "4 9")
    assert said["fileHash"] == look(4, 9).hash


def test_flagged_row__matters_more() -> None:
    head, said = parsed(as_cef(look(5), version="1.0", flags=("vip",)))
    assert (head[6], said["cs2"]) == ("7", "vip")


@pytest.mark.parametrize("word", ["a=b", "a\\b", "a\nCEF:0|x", "a|b", "a\r\nb"])
def test_words__cannot_break_out_of_their_place(word: str) -> None:
    line = as_cef(look(said=word), version="1|0")
    assert "\n" not in line
    assert "\r" not in line
    head, said = parsed(line)
    assert head[3] == "1\\|0"
    assert said["suser"] == "ibarra"
    unescaped = {"\\\\": "\\", "\\=": "=", "\\n": "\n", "\\r": "\r"}
    back = re.sub(r"\\[\\=nr]", lambda hit: unescaped[hit[0]], said["requestContext"])
    assert back == word


def test_every_row__is_one_line() -> None:
    assert all("\n" not in as_cef(row, version="1") for row in chain(3))
