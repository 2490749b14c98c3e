"""What every tutorial does, kept only to be measured against: ``pyzbar.decode(frame)`` and nothing else.

The gate never runs this. It looks for every kind of bar code, only for dark codes on light ground, and
passes Vietnamese text through libzbar's guess of a code page.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from device.model import Luma


def naive() -> Callable[[Luma], list[bytes]]:
    """Make a function from one plane (H×W uint8) to what pyzbar says is written there.

    Raises:
        ImportError: pyzbar or libzbar is not installed.
    """
    # By name: `device.decoder.engines` stays the only file that imports pyzbar for the product.
    pyzbar = importlib.import_module("pyzbar.pyzbar")
    return lambda luma: [bytes(found.data) for found in pyzbar.decode(luma)]
