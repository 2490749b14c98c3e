from __future__ import annotations

import pytest

from device.errors import ConfigurationError
from device.hub.folder import HubFolder


def test_a_hub_that_lost_its_database_does_not_get_an_empty_one(folder: HubFolder) -> None:
    database = folder.path / "hub.db"
    database.unlink()
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* missing"):
        folder.open_store()
    assert not database.exists()
    database.touch()
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* blank"):
        folder.open_store()


def test_a_damaged_database_is_named(folder: HubFolder) -> None:
    (folder.path / "hub.db").write_bytes(b"\x1b" * 40_960)
    with pytest.raises(ConfigurationError, match=r"hub\.db: .* damaged \(SQLITE_") as caught:
        folder.open_store()
    assert "\x1b" not in str(caught.value)
