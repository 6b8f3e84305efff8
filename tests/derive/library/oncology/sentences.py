"""Words tests use to ask what one English sentence says of a cancer."""

from __future__ import annotations

from tests.derive.reading import read
from vitruvian.derive.engine.extractor import Finding


def named(text: str, name: str) -> list[Finding]:
    """What a sentence says under one name: "Tumour response"."""
    return [found for found in read("oncology", text) if found.code_text == name]


def told(text: str, name: str) -> list[str | None]:
    """The same, each as its value alone."""
    return [found.text_value for found in named(text, name)]


def acts(text: str) -> list[str]:
    """Each course with what was done: "FOLFOX ordered"."""
    courses = [found for found in read("oncology", text) if found.category == "medication"]
    return [f"{course.code_text} {course.state or course.act}" for course in courses]


def spread_to(text: str) -> list[str]:
    """The codes of the places of metastases, in order; a dash for one without a place."""
    return sorted((f.value_code or "-").removeprefix("ICDO3//") for f in named(text, "Metastasis"))


def kind_and_place(text: str) -> tuple[str, str | None]:
    """The first tumour's morphology, and its place with the side."""
    codes = [(found.code.partition("//")[2], found.body_site) for found in read("oncology", text)]
    return next((code, place) for code, place in codes if "/" in code)
