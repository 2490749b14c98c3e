"""README's pictures of the desk, from a hub that runs: ``./setup.sh test --browser --pictures``."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

from device.hub.accounts.roles import AccountRole
from tests.browser.chromium import chromium
from tests.browser.furnished import GATE, furnish
from tests.browser.real_hub import RealHub

FOLDER: Final = Path(__file__).parent
PICTURES: Final = {"overview.png": ("/", ""), "gate.png": ("/gates", GATE)}
"""File → the page, or the one that a link of it leads to."""
_SIZE: Final = {"width": 1000, "height": 640}
_COLOURS: Final = 64


def draw(hub: RealHub, folder: Path) -> None:
    """Write the pictures into *folder*."""
    with chromium() as browser:
        window = hub.opened_by(browser, AccountRole.TECHNICIAN, viewport=_SIZE)
        page = window.new_page()
        for name, (path, link) in PICTURES.items():
            page.goto(path)
            if link:
                page.click(f"main a:has-text('{link}')")
                page.wait_for_load_state()
            drawn = Image.open(io.BytesIO(page.screenshot()))
            drawn.convert("RGB").quantize(_COLOURS).save(folder / name, optimize=True)
            sys.stdout.write(f"{folder / name}\n")
        window.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gate-scanner-pictures-") as made:
        hub = RealHub(Path(made) / "hub")
        with hub.running():
            furnish(hub, Path(made), awkward=False)
            draw(hub, FOLDER)
