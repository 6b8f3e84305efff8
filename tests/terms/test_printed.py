"""Units as people read them, in the terminal as on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vitruvian.terms.printed import printed_quantity, printed_unit

_WEB_CASES = Path(__file__).parents[2] / "web/tests/words.test.ts"


def cases_of_the_page() -> list[tuple[str, str]]:
    """Every pair that the test of the web application expects of its `printedUnit`."""
    told = _WEB_CASES.read_text("utf-8").split('])("%s is printed as %s"')[0]
    return re.findall(r'\["([^"]*)", "([^"]*)"\]', told)


@pytest.mark.parametrize("ucum, printed", cases_of_the_page())
def test_unit__is_printed_as_on_the_page(ucum: str, printed: str) -> None:
    assert printed_unit(ucum) == printed


def test_unit__cases_of_the_page_are_found() -> None:
    assert ("10*12/L", "10¹²/L") in cases_of_the_page()


@pytest.mark.parametrize("text", ["<0.20 umol/L", "Allergy to penicillin", "120", "1/4 of a day"])
def test_quantity__keeps_its_number_to_the_digit(text: str) -> None:
    assert re.findall(r"[\d.<]+", printed_quantity(text)) == re.findall(r"[\d.<]+", text)
