"""A visitor at a real gate, which delivers as a gate does by itself, is on the page within five seconds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from device.clock import SystemClock
from tests.browser.chromium import expect
from tests.browser.furnished import gate_of, in_vietnamese
from tests.browser.real_hub import RealHub
from tests.support.running_gate import MOST_S

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
WITHIN_S = 5.0


def test_a_scan_at_the_gate_is_on_the_page_within_five_seconds(
    hub: RealHub, technicians_page: Page, tmp_path: Path
) -> None:
    page, clock = technicians_page, SystemClock()
    page.goto("/")
    today = page.locator(".figures div", has_text=in_vietnamese("Check-ins today")).locator("dd")
    expect(today).to_have_text("0")
    with gate_of(hub, tmp_path, "Cổng chính") as (gate, _):
        assert gate.answered.wait(MOST_S)
        scanned_s = clock.monotonic_s()
        while today.inner_text() == "0" and clock.monotonic_s() < scanned_s + MOST_S:
            page.reload()
        took_s = clock.monotonic_s() - scanned_s
    assert took_s <= WITHIN_S
