"""A hub folder made by the version of before there were migrations, as a file (`tests/golden/hub`)."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.enrolment.document import Enrolment, read
from tests.support.fakes import FakeClock

_FILE = Path(__file__).parents[1] / "golden" / "hub" / "version-1.tar.xz"


@dataclass(frozen=True)
class OldHub:
    """That folder, unpacked.

    Attributes:
        path: of the folder.
        told: what its own version told of it.
        gates: the enrolments of its gates, by name.
        clock: that stands where it stood.
    """

    path: Path
    told: dict[str, Any]
    gates: dict[str, Enrolment]
    clock: FakeClock


def old_hub(into: Path) -> OldHub:
    """Unpack the folder."""
    with tarfile.open(_FILE) as file:
        if hasattr(tarfile, "data_filter"):  # Debian 12's Python has none, and asks for none
            file.extraction_filter = tarfile.data_filter
        file.extractall(into)
    told: dict[str, Any] = json.loads((into / "told.json").read_text("utf-8"))
    gates: dict[str, Enrolment] = {}
    for device_id, name, *_ in told["gates"]:
        if (enrolled := read(into / f"{device_id}.json")) is not None:
            gates[name] = enrolled
    clock = FakeClock(wall_ms=told["wall_ms"], monotonic_ms=told["monotonic_ms"])
    return OldHub(into / "hub", told, gates, clock)
