"""Refusals first: what somebody sees who is not known, and how they become known."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import PASSWORD, House


def test_stranger__sees_the_door_and_no_patient(stranger: Page, house: House) -> None:
    stranger.goto("/")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    assert house.life(1).person.family not in stranger.content()


def test_wrong_password__says_so_and_stays(stranger: Page) -> None:
    stranger.goto("/sign-in")
    stranger.get_by_label("Account name").fill("nobody")
    stranger.get_by_label("Password", exact=True).fill("not the password at all")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    expect(stranger).to_have_url(re.compile(r"/sign-in$"))


def test_one_time_link__leaves_no_token_in_the_address(stranger: Page, house: House) -> None:
    link = house.new_account("ada")
    stranger.goto(link)
    stranger.get_by_label("New password").wait_for()
    assert "token" not in stranger.url
    stranger.go_back()
    assert "token" not in stranger.url


def test_one_time_link__pasted_where_the_sign_in_page_is_open_signs_in(
    stranger: Page, house: House
) -> None:
    stranger.goto("/sign-in")
    stranger.get_by_label("Account name").wait_for()
    stranger.goto(house.new_account("lise"))
    stranger.get_by_label("New password").wait_for()
    assert "token" not in stranger.url


def test_one_time_link__works_once(stranger: Page, house: House) -> None:
    link = house.new_account("grace")
    stranger.goto(link)
    stranger.get_by_label("New password").wait_for()
    stranger.context.clear_cookies()
    stranger.goto("about:blank")
    stranger.goto(link)
    expect(stranger.get_by_role("alert")).to_be_visible()


def test_unequal_passwords__are_not_sent(stranger: Page, house: House) -> None:
    stranger.goto(house.new_account("edith"))
    stranger.get_by_label("New password").fill(PASSWORD)
    stranger.get_by_label("The same again").fill(PASSWORD + "x")
    stranger.get_by_role("button", name="Set password").click()
    expect(stranger.get_by_text("The two are not the same")).to_be_visible()


def test_session_that_ended__comes_back_to_the_same_page(page: Page, house: House) -> None:
    page.goto("/about")
    page.get_by_role("heading", name="About this server").wait_for()
    page.context.clear_cookies()
    page.reload()
    page.get_by_label("Account name").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/about")
    expect(page.get_by_role("heading", name="About this server")).to_be_visible()


def test_signing_out__leaves_nothing_behind_the_back_button(stranger: Page, house: House) -> None:
    stranger.goto(house.new_account("rosalind"))
    stranger.get_by_label("New password").fill(PASSWORD)
    stranger.get_by_label("The same again").fill(PASSWORD)
    stranger.get_by_role("button", name="Set password").click()
    family = house.life(1).person.family
    stranger.get_by_text(family).first.wait_for()
    stranger.get_by_role("button", name="Your account").click()
    stranger.get_by_role("menuitem", name="Sign out").click()
    stranger.get_by_role("heading", name="Sign in").wait_for()
    stranger.go_back()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    assert family not in stranger.content()
