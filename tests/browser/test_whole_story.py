"""A new owner's first day, in one flow: place, poster, gate, somebody comes, the gate falls silent, it is revoked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
import pypdfium2
import pytest

from device.decoder import still_reader
from device.hub.accounts.roles import AccountRole
from device.model import Cue
from tests.browser.chromium import expect
from tests.browser.furnished import arrived, in_vietnamese
from tests.browser.real_hub import RealHub
from tests.support.running_gate import MOST_S, Running, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PLACE, ENTRANCE, GATE = "Trường THPT Hoa Phượng", "Cổng sau", "Cổng chính"
DPI = 150


def test_from_the_first_place_to_a_gate_that_is_revoked(hub: RealHub, browser: Browser, tmp_path: Path) -> None:
    window = hub.opened_by(browser, AccountRole.TECHNICIAN)
    page = window.new_page()
    place = register(page)
    payload = poster_of(page, place)
    assert payload_printed(page) == payload
    with enrolled(hub, page, tmp_path) as (gate, gates_page):
        guard(page, gates_page)
        expect_scan(page, place, gates_page)
        revoke(page, gates_page)
        assert gate.sees_cue(Cue.REVOKED)
    window.close()


def register(page: Page) -> str:
    """Register a place; return the path of its page."""
    page.goto("/places")
    page.click("a[href='/places/new']")
    page.fill("#name", PLACE)
    page.fill("#province", "Hải Phòng")
    page.select_option("#kind", "school")
    page.fill("#responsible", "Nguyễn Thị Minh")
    page.fill("#opening_hours", "T2-CN 0:00-24:00")
    page.click("main form.card > button")
    expect(page.locator("h1")).to_contain_text(PLACE)
    return str(re.findall(r"/places/place-[0-9a-f]{12}", page.url)[0])


def poster_of(page: Page, place: str) -> str:
    """Make a poster of an entrance, and open the page that prints it; return what its code must say."""
    page.goto(place)
    page.fill("#entrance", ENTRANCE)
    page.click("form:has(#entrance) button")
    told: str = page.locator("#posters ~ section", has_text=ENTRANCE).locator(".hint").first.inner_text()
    page.click(f"a[href^='{place}/posters/'][href$='/a4']")
    expect(page.locator("article.sheet").first).to_contain_text(PLACE)
    return told.rpartition(" ")[2]


def payload_printed(page: Page) -> str:
    """Print the page, and read the code on the first sheet as a phone does."""
    pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
    try:
        assert len(pdf) == 2  # the poster, and how to hang it
        plane = pdf[0].render(scale=DPI / 72, grayscale=True).to_numpy().copy()
    finally:
        pdf.close()
    (payload,) = set(still_reader()(np.ascontiguousarray(plane)))
    return payload.decode()


@contextmanager
def enrolled(hub: RealHub, page: Page, folder: Path) -> Iterator[tuple[Running, str]]:
    """Make a code on the page, and start a gate with it in its site file; yield it with the path of its page."""
    page.goto("/gates")
    page.click("a[href='/gates/enrol']")
    page.fill("#name", GATE)
    page.click("main form button")
    code = page.locator("main code.link").inner_text()
    with running(folder, f'hub: {{url: "{hub.url}", enrol_code: {code}}}', enrolled=False) as gate:
        assert gate.answered.wait(MOST_S)
        assert arrived(hub, 1)
        page.goto("/gates")
        page.click(f"main table a:has-text('{GATE}')")
        expect(page.locator("h1")).to_have_text(GATE)
        yield gate, str(urlsplit(page.url).path)


def guard(page: Page, gates_page: str) -> None:
    """Say on the gate's page which place it guards."""
    page.goto(gates_page)
    page.fill("#place", PLACE)
    page.click("form[action$='/place'] button")
    expect(page.locator("[role=status]")).to_be_visible()


def expect_scan(page: Page, place: str, gates_page: str) -> None:
    """See on the first page that somebody came, and on the place's who guards it."""
    page.goto("/")
    expect(page.locator(".figures div", has_text=in_vietnamese("Check-ins today")).locator("dd")).not_to_have_text("0")
    page.goto(place)
    expect(page.locator(f"a[href='{gates_page}']")).to_have_text(GATE)


def revoke(page: Page, gates_page: str) -> None:
    """Withdraw the gate's key."""
    page.goto(gates_page)
    page.click(f"a[href='{gates_page}/revoke']")
    page.click("main form button.bad")
    expect(page.locator(".state.revoked")).to_be_visible()
