"""Every page of the desk, found by its links: what axe-core says, its width on a phone, its weight, keys, print.

A page that lands is looked at by itself: the table of rights names its route, and some page must lead to it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from tests.browser.chromium import PHONE, axe_source
from tests.browser.keyboard import reached, to_be_reached
from tests.browser.walk import ROUTES, Walk

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = pytest.mark.browser
every_page = pytest.mark.parametrize("route", ROUTES)
MOST_BYTES = 100_000
LOOKS = (("vi", "light", 1280), ("en", "dark", PHONE))
WIDEST = "document.documentElement.scrollWidth"
WIDER = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
  .map(one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""
A4_PAGES = 4


def findings(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds serious or critical."""
    found = page.evaluate("() => axe.run().then(done => done.violations)")
    return [
        {"rule": one["id"], "why": one["help"], "where": [node["html"][:120] for node in one["nodes"]][:3]}
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def test_a_page_leads_to_every_page(walk: Walk) -> None:
    assert walk.missing() == []


@every_page
@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS, ids=["Vietnamese, light", "English, dark, phone"])
def test_nothing_keeps_anybody_from_using_it(walk: Walk, route: str, language: str, scheme: str, width: int) -> None:
    size = {"width": width, "height": 800}
    # What these pages forbid to load is what axe-core is: it alone is let in.
    with walk.opened(route, language=language, color_scheme=scheme, viewport=size, bypass_csp=True) as page:
        if page is None:
            return
        page.evaluate(f"() => {{ {axe_source()} }}")
        assert findings(page) == []


@every_page
def test_on_a_small_phone_nothing_must_be_scrolled_sideways(walk: Walk, route: str) -> None:
    with walk.opened(route, viewport={"width": PHONE, "height": 640}, has_touch=True, is_mobile=True) as page:
        if page is None:
            return
        assert page.evaluate(WIDEST) <= PHONE, page.evaluate(WIDER)


@every_page
def test_all_that_it_loads_is_light_and_comes_from_the_hub(walk: Walk, route: str) -> None:
    asked: list[Request] = []
    with walk.opened(route, watched=asked.append) as page:
        if page is None:
            return
        page.wait_for_load_state("networkidle")
        here = f"{page.url.split('//')[0]}//{page.url.split('/')[2]}/"
        assert [one.url for one in asked if not one.url.startswith(here)] == []
        sizes = {one.url: one.sizes() for one in asked}
        weights = {url: size["responseHeadersSize"] + size["responseBodySize"] for url, size in sizes.items()}
        assert len(weights) >= 2
        assert sum(weights.values()) <= MOST_BYTES, json.dumps(weights, indent=1)


@every_page
def test_every_action_is_reached_by_the_keyboard_and_the_focus_is_seen(walk: Walk, route: str) -> None:
    with walk.opened(route) as page:
        if page is None:
            return
        wanted = to_be_reached(page)
        seen = reached(page, wanted)
        assert [one for one in wanted if one not in seen] == []
        assert [one for one, is_seen in seen.items() if not is_seen] == []


@every_page
def test_printed_it_is_the_page_without_what_only_a_screen_needs(walk: Walk, route: str) -> None:
    with walk.opened(route) as page:
        if page is None:
            return
        page.emulate_media(media="print")
        titles = page.locator("h1:visible").all_inner_texts()  # a poster has none: it is what is printed
        pdf = pypdfium2.PdfDocument(page.pdf(format="A4"))
        try:
            words = ["".join(pdf[number].get_textpage().get_text_range().split()) for number in range(len(pdf))]
        finally:
            pdf.close()
    assert words[0]
    assert all("".join(title.split()) in words[0] for title in titles)
    assert "Đăngxuất" not in "".join(words)
    assert len(words) <= A4_PAGES
