"""The least of a site file, and what is complained of one."""

from __future__ import annotations

import pytest

from device.errors import Complaints
from device.settings.load import parse

PLACE = "place: {name: Chợ Hoa, province: Huế}\n"
LEAST = PLACE + "pins: {green: 17, red: 27}\n"
COLON = "a colon cannot stand here; check the indentation, the colon of the line above, or put quotes around the text"


def complained(text: str) -> list[str]:
    with pytest.raises(Complaints) as caught:
        parse(text)
    return [f"{c.line}:{c.column} {c.key}: {c.message}" for c in caught.value.complaints]
