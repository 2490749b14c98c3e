from __future__ import annotations

from pathlib import Path

from device.clock import SystemClock
from device.hub.folder import HubFolder


def test_a_hub_answers_to_the_names_it_was_made_with_on_any_port(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock(), ["Hub.example.vn", "10.0.0.7", "[fd00::1]"])
    identity = folder.public_identity()
    for authority in ("hub.example.vn", "HUB.example.vn:8443", "10.0.0.7:1", "[fd00::1]:8400", "[FD00::1]"):
        assert identity.is_called(authority)
    for authority in ("", "localhost", "example.vn", "hub.example.vn.evil.vn", "10.0.0.70"):
        assert not identity.is_called(authority)
