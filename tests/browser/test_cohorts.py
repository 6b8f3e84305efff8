"""Cohorts and decision support in the browser."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import PATIENTS, House
from tests.browser.steps import open_patient, panel, source
from tests.browser.test_looks import looks, nothing_wrong, problem

SEPSIS = 2
Scheme = Literal["light", "dark"]


def open_sepsis(page: Page) -> None:
    """The cohort page with the example about sepsis."""
    page.goto("/cohorts")
    page.get_by_role("button", name="Open").click()
    page.get_by_role("menuitem", name="Sepsis, lactate measured in time").click()
    expect(page.get_by_text("has sepsis")).to_be_visible()


def text_of(page: Page) -> str:
    return page.get_by_label("The definition as YAML").input_value()


def test_example__is_counted_line_by_line(page: Page) -> None:
    open_sepsis(page)
    steps = page.get_by_role("list", name="What is left after each line").get_by_role("listitem")
    expect(steps.first).to_contain_text(f"has a record{PATIENTS}")
    expect(steps.last).to_contain_text("in for sure")
    page.get_by_role("button", name="line 11").click()
    selected = "() => { const f = document.activeElement; return f.value.slice(f.selectionStart, f.selectionEnd); }"
    assert page.evaluate(selected) == "trigger: sepsis"


def test_form__changes_the_text_and_the_text_changes_the_form(page: Page) -> None:
    open_sepsis(page)
    page.get_by_label("Value above").last.fill("2")
    page.keyboard.press("Enter")
    expect(page.get_by_label("The definition as YAML")).to_have_value(re.compile("value_min: 2"))
    changed = text_of(page).replace("value_min: 2", "value_min: 4")
    page.get_by_label("The definition as YAML").fill(changed)
    expect(page.get_by_label("Value above").last).to_have_value("4")


def test_examples_that_do_not_come__are_told_and_nothing_seems_to_be_counted(page: Page) -> None:
    page.route("**/api/cohorts/saved", problem(403, "Not open to this role"))
    page.goto("/cohorts")
    expect(page.get_by_text("Not open to this role")).to_be_visible()
    expect(page.get_by_text("Nothing is counted until")).to_be_visible()


def test_mistake__is_told_under_the_text_with_its_line(page: Page) -> None:
    open_sepsis(page)
    wrong = text_of(page).replace("trigger: sepsis", "trigger: sepsys")
    page.get_by_label("The definition as YAML").fill(wrong)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Line 11.")
    expect(alert).to_contain_text("Did you mean `sepsis`?")
    expect(page.get_by_role("button", name="Save")).to_be_disabled()


def test_patient__is_explained_down_to_a_fact(page: Page, house: House) -> None:
    open_sepsis(page)
    family = house.life(SEPSIS).person.family
    page.get_by_role("button", name=f"Why {family}?").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("around holds at least 1 lactate")
    expect(drawer).to_contain_text(re.compile(r"first lactate [\d.]+ mmol/L"))
    drawer.get_by_role("button", name=re.compile("^Lactate")).first.click()
    expect(page).to_have_url(re.compile("/events/"))


def test_version__is_saved_and_compared(page: Page, house: House) -> None:
    open_sepsis(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Name").fill("sepsis")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    stricter = text_of(page).replace("lactate: (2, None)", "lactate: (99, None)")
    page.get_by_label("The definition as YAML").fill(stricter)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_label("Compare with").first.click()
    page.get_by_role("option", name=re.compile("^sepsis, version 1")).click()
    expect(page.get_by_text("split by line 28")).to_be_visible()
    expect(
        page.get_by_role("link", name=re.compile(house.life(SEPSIS).person.family))
    ).to_be_visible()


def test_another_day__names_who_came_in_since(page: Page, house: House) -> None:
    open_sepsis(page)
    page.get_by_role("tab", name="Compare").click()
    page.get_by_text("Another day").click()
    expect(page.get_by_text("Choose a moment")).to_be_visible()
    page.get_by_label("What was known at").fill("2001-01-01T00:00")
    expect(page.get_by_text("split by line 11")).to_be_visible()
    family = house.life(SEPSIS).person.family
    expect(page.get_by_role("link", name=re.compile(family))).to_be_visible()
    expect(page.get_by_text("Two sites")).to_have_count(0)
    assert looks(page) == nothing_wrong()


def test_export__for_meds_is_a_file_of_labels(page: Page, tmp_path: Path) -> None:
    open_sepsis(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="MEDS labels").click()
    assert coming.value.suggested_filename == "labels.parquet"
    coming.value.save_as(tmp_path / "labels.parquet")
    labels = pq.read_table(tmp_path / "labels.parquet")
    assert labels.column_names[:2] == ["subject_id", "prediction_time"]
    assert labels.num_rows > 0


def test_export__is_a_group_of_the_patients_who_are_in(page: Page, tmp_path: Path) -> None:
    open_sepsis(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="FHIR Group").click()
    file = tmp_path / "group.json"
    coming.value.save_as(file)
    group = json.loads(file.read_text("utf-8"))
    assert (group["resourceType"], group["quantity"]) == ("Group", len(group["member"]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_cohort_page__is_readable_at_every_width(page: Page, width: int, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    open_sepsis(page)
    page.get_by_role("button", name=re.compile("^Why ")).first.wait_for()
    assert looks(page) == nothing_wrong()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_decision_support__opened_is_readable(page: Page, house: House, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    open_patient(page, house, number=SEPSIS)
    support = panel(page, "Decision support")
    closed = support.get_by_role("button", expanded=False)
    closed.first.wait_for()
    while closed.count():
        closed.first.click()
    expect(support).to_contain_text("RCP 2017, charts 2 and 4")
    assert looks(page) == nothing_wrong()


def test_decision_support__leads_from_a_fact_to_its_source(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    support = panel(page, "Decision support")
    support.get_by_role("button", name=re.compile("Acute kidney injury")).click()
    more = support.get_by_role("button", name=re.compile("other criteria"))
    if more.count():
        more.first.click()
    facts = support.get_by_title("Where does this come from?")
    if facts.count():
        facts.first.click()
        expect(source(page)).to_be_visible(timeout=15_000)
    else:
        expect(support).to_contain_text("Not known:")
