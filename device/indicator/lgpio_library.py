"""How lgpio is loaded, and which chips it finds.

It makes a fifo in ``LG_WD`` or the current folder, and makes that the current folder for good. Where it may not write
there it raises ``FileNotFoundError: '.lgd-nfy-3'``. So it gets a folder of its own where nobody has named one, which
may go as soon as the fifo is open; and the process stays where it was. Seen with lgpio 0.2.2.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from device.errors import PinUnavailable
from device.indicator.pin_causes import told
from device.words import say

FOLDER_VARIABLE: Final = "LG_WD"


def load_lgpio(load: Callable[[], object] | None = None) -> Any:  # noqa: ANN401 - lgpio is untyped
    """Return the module lgpio; whatever it raises while it is loaded is raised.

    Args:
        load: loads it; ``None`` imports it.
    """
    here = os.open(".", os.O_PATH | os.O_DIRECTORY)  # also one that has been removed
    try:
        if FOLDER_VARIABLE in os.environ or os.access(".", os.W_OK | os.X_OK):
            return (load or _import)()
        with tempfile.TemporaryDirectory(prefix="gate-scanner-lgpio-") as folder:
            os.environ[FOLDER_VARIABLE] = folder
            try:
                return (load or _import)()
            finally:
                del os.environ[FOLDER_VARIABLE]
                _go(here)
    finally:
        _go(here)
        os.close(here)


def _go(folder: int) -> None:
    with suppress(OSError):  # it may not be entered any more: what is read from now on has absolute names
        os.fchdir(folder)


def _import() -> object:
    import lgpio  # noqa: PLC0415 - exists on a Pi only

    return lgpio


def chip_labels(lgpio: Any, devices: Path = Path("/dev")) -> dict[int, str]:  # noqa: ANN401 - lgpio is untyped
    """Return what the kernel calls each chip that may be opened, by its number.

    Args:
        lgpio: the module.
        devices: where the chips are.

    Raises:
        PinUnavailable: there are none, or none of them may be opened.
    """
    labels, refused = dict[int, str](), ""
    for path in sorted(devices.glob("gpiochip*")):
        number = path.name.removeprefix("gpiochip")
        if not number.isdigit():
            continue
        try:
            handle = lgpio.gpiochip_open(int(number))
        except lgpio.error as error:
            refused = told(error)
            continue
        labels[int(number)] = str(lgpio.gpio_get_chip_info(handle)[3])
        lgpio.gpiochip_close(handle)
    if refused and not labels:
        raise PinUnavailable(say("pins.driver: there is no GPIO chip to open {why}", why=refused))
    if not labels:
        raise PinUnavailable(
            say("pins.driver: there is no GPIO chip to open: no /dev/gpiochip; write mock without pins")
        )
    return labels
