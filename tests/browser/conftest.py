"""A Chromium for all of these tests, and a hub that a school, a market and a gate are known to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from device.hub.accounts.roles import AccountRole
from tests.browser.chromium import chromium
from tests.browser.furnished import furnish
from tests.browser.real_hub import RealHub
from tests.browser.walk import Walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHub]:
    """A hub that has been used; tests look, and leave it as it is."""
    folder = tmp_path_factory.mktemp("furnished")
    hub = RealHub(folder / "hub")
    with hub.running():
        furnish(hub, folder)
        yield hub


@pytest.fixture(scope="session")
def walk(furnished: RealHub, browser: Browser) -> Walk:
    return Walk(furnished, browser)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RealHub]:
    """A new hub, of one test."""
    made = RealHub(tmp_path / "hub")
    with made.running():
        yield made


@pytest.fixture
def page(hub: RealHub, browser: Browser) -> Iterator[Page]:
    """A window in front of the new hub, in which nobody is logged in."""
    context = hub.opened_by(browser, None)
    yield context.new_page()
    context.close()


@pytest.fixture
def technicians_page(hub: RealHub, browser: Browser) -> Iterator[Page]:
    """One in which a technician is logged in."""
    context = hub.opened_by(browser, AccountRole.TECHNICIAN)
    yield context.new_page()
    context.close()
