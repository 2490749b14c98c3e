"""Logging in as people do it: the first administrator by the link, a code of the phone, the language, log-out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pyotp
import pytest
from PIL import Image

from device.cli.hub_accounts import FIRST, add_first
from device.decoder import still_reader
from device.hub.accounts.roles import AccountRole
from tests.browser.chromium import expect
from tests.browser.real_hub import PASSWORD, RealHub

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def test_the_first_administrator_sets_a_password_scans_the_code_and_is_in(hub: RealHub, page: Page) -> None:
    (link,) = (line.strip() for line in add_first(hub.folder) if "/link/" in line)
    page.goto(link)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button")
    expect(page).to_have_url(f"{hub.desk_url}/log-in?set")
    log_in(page, FIRST)
    expect(page).to_have_url(f"{hub.desk_url}/second-factor")
    totp = pyotp.parse_uri(code_on(page))
    assert isinstance(totp, pyotp.TOTP)
    page.fill("#code", totp.now())
    page.click("main button")
    expect(page).to_have_url(f"{hub.desk_url}/")
    expect(page.locator("h1")).to_have_text("Tổng quan")
    assert page.goto(link).status == 404  # it was good once


def code_on(page: Page) -> str:
    """Read the code of a page as a phone does: with a camera in front of the screen."""
    drawn = page.locator("figure.code").screenshot()
    luma = np.array(Image.open(io.BytesIO(drawn)).convert("L"))
    (payload,) = set(still_reader()(luma))
    return payload.decode()


def log_in(page: Page, name: str) -> None:
    """Fill in the form, and send it."""
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")


def test_whoever_logs_out_is_out_also_by_going_back_and_in_another_window(hub: RealHub, page: Page) -> None:
    hub.account("Lan Anh", AccountRole.TECHNICIAN)
    page.goto("/log-in")
    log_in(page, "Lan Anh")
    expect(page).to_have_url(f"{hub.desk_url}/")
    other = page.context.new_page()
    other.goto("/account")
    expect(other).to_have_url(f"{hub.desk_url}/account")
    page.click("header form[action='/log-out'] button")
    expect(page).to_have_url(f"{hub.desk_url}/log-in")
    page.go_back()
    expect(page).to_have_url(f"{hub.desk_url}/log-in")
    other.reload()
    expect(other).to_have_url(f"{hub.desk_url}/log-in")


def test_a_wrong_password_is_told_beside_the_form_and_the_name_stays(hub: RealHub, page: Page) -> None:
    page.goto("/log-in")
    log_in(page, "Nobody")
    expect(page.locator("[role=alert]")).to_have_text("Sai tên hoặc mật khẩu.")
    expect(page.locator("#name")).to_have_value("Nobody")
    expect(page.locator("#password")).to_have_value("")


def test_the_language_is_switched_on_any_page_and_stays(hub: RealHub, page: Page) -> None:
    switch = "header form[action='/language'] button"
    page.goto("/log-in")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    page.click(switch)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Log in")
    hub.account("Lan Anh", AccountRole.TECHNICIAN)
    log_in(page, "Lan Anh")
    expect(page.locator("h1")).to_have_text("Overview")
    page.goto("/account")
    page.click(switch)
    expect(page).to_have_url(f"{hub.desk_url}/account")
    expect(page.locator("html")).to_have_attribute("lang", "vi")


def test_without_script_an_administrator_adds_resets_and_disables_an_account(hub: RealHub, browser: Browser) -> None:
    context = hub.opened_by(browser, AccountRole.ADMINISTRATOR, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts")
    page.fill("#name", "Bình")
    page.select_option("#role", "owner")
    page.click("form[action='/accounts'] button")
    link = page.locator("code.link").inner_text()
    page.goto("/accounts")
    row = page.locator("tr", has_text="Bình")
    row.locator("summary").click()
    row.locator("form[action$='/reset'] button").click()
    newer = page.locator("code.link").inner_text()
    assert newer != link
    visitor = hub.opened_by(browser, None, java_script_enabled=False).new_page()
    assert visitor.goto(link).status == 404
    visitor.goto(newer)
    visitor.fill("#password", PASSWORD)
    visitor.fill("#again", PASSWORD)
    visitor.click("main button")
    log_in(visitor, "Bình")
    expect(visitor).to_have_url(f"{hub.desk_url}/")
    page.goto("/accounts")
    row.locator("summary").click()
    row.locator("form[action$='/disable'] button").click()
    expect(page).to_have_url(f"{hub.desk_url}/accounts")
    visitor.reload()
    expect(visitor).to_have_url(f"{hub.desk_url}/log-in")  # a session dies with its account
    visitor.context.close()
    context.close()


def test_by_keys_alone_somebody_logs_in_skips_to_the_content_and_logs_out(hub: RealHub, page: Page) -> None:
    hub.account("Lan Anh", AccountRole.TECHNICIAN)
    page.goto("/log-in")
    keys = page.keyboard
    press_to(page, "#name")
    keys.type("Lan Anh")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page).to_have_url(f"{hub.desk_url}/")
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    press_to(page, "header form[action='/log-out'] button")
    keys.press("Enter")
    expect(page).to_have_url(f"{hub.desk_url}/log-in")


def press_to(page: Page, where: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(40):
        if page.evaluate("where => document.activeElement.matches(where)", where):
            return
        page.keyboard.press("Tab")
    raise AssertionError(where)
