"""Debian's Chromium, driven by Playwright; both are there after ``./setup.sh test --browser``, and not before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

EXECUTABLE: Final = os.environ.get("SETUP_CHROMIUM", "/usr/bin/chromium")
AXE: Final = Path.home() / ".cache/gate-scanner/npm/node_modules/axe-core/axe.min.js"
MISSING: Final = "is not there: ./setup.sh test --browser installs what is needed"
PATIENCE_MS: Final = 20_000
"""A limit for a machine that hangs, not a measure."""
_ARGUMENTS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
)
PHONE: Final = 360
"""Width of a small phone, CSS pixels."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it, without a window; as root without its sandbox, which refuses root."""
    try:
        from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - the usual tests have none
    except ModuleNotFoundError:
        pytest.fail(f"Playwright {MISSING}")
    if not Path(EXECUTABLE).exists():
        pytest.fail(f"{EXECUTABLE} {MISSING}")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=EXECUTABLE, args=list(_ARGUMENTS), chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


def expect(seen: object) -> Any:  # noqa: ANN401 - of a page, or of a part of one
    """Return Playwright's assertions about a page or a part of one, which wait until they hold."""
    from playwright.sync_api import expect as expected  # noqa: PLC0415 - the usual tests have none

    return expected(seen)


def axe_source() -> str:
    """Return axe-core."""
    if not AXE.exists():
        pytest.fail(f"axe-core {MISSING}")
    return AXE.read_text("utf-8")
