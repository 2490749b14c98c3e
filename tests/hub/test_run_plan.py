"""``hub.yaml`` and the options that go before it."""

from __future__ import annotations

import pytest

from device.errors import ConfigurationError
from device.hub.connections import Limits
from device.hub.run_plan import RunOptions, RunPlan, plan_of
from device.hub.settings.load import parse_settings
from device.hub.settings.schema import Role
from device.hub.settings.values import Address

SETTINGS, _ = parse_settings(
    "names: [a.vn]\nlisten: [{address: '0.0.0.0:9000'}, {address: '127.0.0.1:9001', tls: false}]\n"
    "database: {url: 'postgresql+psycopg://h@d/g'}\nlimits: {address_connections: 600}\nworkers: 3\nrole: ingest\n"
)
HERE = Address("127.0.0.1", 8400)


def test_without_settings_and_options_it_is_a_hub_for_this_machine_and_tells_no_metrics() -> None:
    assert plan_of(None, RunOptions()) == RunPlan()
    assert (RunPlan().doors, RunPlan().limits, RunPlan().metrics) == (((HERE, False),), Limits(), None)


@pytest.mark.parametrize(
    ("options", "doors"),
    [
        (RunOptions(host="0.0.0.0"), [(Address("0.0.0.0", 8400), True)]),
        (RunOptions(port=8500), [(Address("127.0.0.1", 8500), False)]),
        (RunOptions(tls=True), [(HERE, True)]),
        (RunOptions(host="10.0.0.1", tls=False), [(Address("10.0.0.1", 8400), False)]),
    ],
)
def test_without_settings_options_mean_what_they_always_did(
    options: RunOptions, doors: list[tuple[Address, bool]]
) -> None:
    assert list(plan_of(None, options).doors) == doors


def test_settings_say_all_and_each_option_goes_before_its_own() -> None:
    written = plan_of(SETTINGS, RunOptions())
    assert written.doors == ((Address("0.0.0.0", 9000), True), (Address("127.0.0.1", 9001), False))
    assert (written.limits.an_address, written.workers, written.role) == (600, 3, Role.INGEST)
    assert written.metrics == Address("127.0.0.1", 9464)
    given = plan_of(SETTINGS, RunOptions(port=8500, address_connections=9, workers=1, role=Role.DESK))
    assert given.doors == ((Address("0.0.0.0", 8500), True),)
    assert (given.limits.an_address, given.workers, given.role) == (9, 1, Role.DESK)


def test_sqlite_has_one_process_and_no_ingest_host() -> None:
    for settings in (None, parse_settings("names: [a.vn]")[0]):
        with pytest.raises(ConfigurationError, match="--workers: SQLite has one writer"):
            plan_of(settings, RunOptions(workers=2))
        with pytest.raises(ConfigurationError, match="--role ingest: needs"):
            plan_of(settings, RunOptions(role=Role.INGEST))
