"""The code that enrols a gate: made where the hub is whole, and how gates reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.errors import ClockLeapt, ConfigurationError
from device.hub.enrolling import check_whole, gates_url, offer_code
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from tests.support.fakes import FakeClock


@pytest.mark.parametrize(
    ("names", "listen", "url"),
    [
        (("127.0.0.1", "hub.vn", "192.168.1.20"), "0.0.0.0:8400", "https://hub.vn:8400"),
        (("127.0.0.1", "192.168.1.20"), "0.0.0.0:9000", "https://192.168.1.20:9000"),
        (("127.0.0.1",), "127.0.0.1:8400", "http://127.0.0.1:8400"),
    ],
)
def test_gates_reach_the_hub_by_a_name_before_an_address_at_the_port_of_its_settings(
    tmp_path: Path, names: tuple[str, ...], listen: str, url: str
) -> None:
    folder = HubFolder.create(tmp_path / "hub", FakeClock(), settings=NewSettings(names, listen=listen))
    assert gates_url(folder) == url


def test_an_older_code_that_stays_good_is_told(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", FakeClock())
    check_whole(folder)
    store = folder.open_store()
    with store.begin() as connection:
        first = offer_code(connection, "Cổng A", None, store.now_ms())
        second = offer_code(connection, "Cổng A", None, store.now_ms())
        other = offer_code(connection, "Cổng B", None, store.now_ms())
    store.close()
    assert first.older_ms is None
    assert second.older_ms is not None
    assert second.older_ms > second.now_ms
    assert other.older_ms is None
    assert first.code.letters != second.code.letters


def test_a_hub_that_is_not_whole_or_whose_clock_leapt_offers_none(tmp_path: Path) -> None:
    clock = FakeClock()
    folder = HubFolder.create(tmp_path / "hub", clock)
    folder.open_store().close()
    check_whole(folder)
    clock.wall_ms += 40 * 86_400_000
    with pytest.raises(ClockLeapt):
        check_whole(folder)
    clock.wall_ms -= 40 * 86_400_000
    (tmp_path / "hub" / "root.key").unlink()
    with pytest.raises(ConfigurationError):
        check_whole(HubFolder(tmp_path / "hub", clock))
