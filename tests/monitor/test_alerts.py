"""What of a gate's standing a person should see to."""

from __future__ import annotations

from typing import Any

import pytest

from device.errors import HubRefused
from device.monitor.alerts import LONG_OFFLINE_S, alerts_in, link_error
from device.words import Language, speaking
from device.words.heard import heard

WELL: dict[str, Any] = {
    "state": "ready",
    "lamps_failing": False,
    "camera": {"lost": None, "engines_left_out": []},
    "queue": {"undelivered": 3, "parked": 0, "oldest_s": 60},
    "link": {"state": "offline", "error": "unreachable"},
    "clock": {"trusted": True, "doubted": False},
    "sealing": {"key_day": "2026-01-01", "today": "2026-01-01", "late": False},
    "policy": {"refused": []},
    "trust": None,
    "bundles": {"error": "unreachable", "kinds": [{"kind": "policy", "version": 7, "refused": None, "old": False}]},
    "machine": {
        "temperature_c": 61.0,
        "under_voltage": False,
        "disk_free_bytes": 1 << 30,
        "hardware_watchdog": {"armed": True},
    },
}


def found(part: str, **changes: object) -> list[str]:
    told = {**WELL, part: {**(WELL[part] or {}), **changes}}
    return [trouble["what"] for trouble in alerts_in(told)]


def test_a_gate_that_records_without_a_network_is_well() -> None:
    assert alerts_in(WELL) == []
    assert alerts_in({}) == []


@pytest.mark.parametrize("state", ["fault", "not-enrolled", "revoked"])
def test_a_state_in_which_nobody_is_recorded_is_a_trouble(state: str) -> None:
    assert [trouble["what"] for trouble in alerts_in({**WELL, "state": state})] == [state]


def test_a_hub_that_is_not_called_as_hub_url_says_is_told_what_to_write() -> None:
    told = link_error("status-421")
    assert told == str(HubRefused(421))
    assert told.endswith("write hub.url as `hub code` prints it")
    assert link_error("status-404") == str(HubRefused(404)) == "the hub answered 404"
    with speaking(Language.VIETNAMESE):
        assert heard(told) == link_error("status-421") != told


def test_a_gate_that_the_hub_answers_401_is_told_to_enrol_anew() -> None:
    told = link_error("status-401")
    assert told == str(HubRefused(401))
    assert "enrol the gate anew (hub code NAME --again)" in told
    with speaking(Language.VIETNAMESE):
        assert heard(told) == link_error("status-401") != told


def test_lamps_that_cannot_be_set_are_a_trouble() -> None:
    assert [trouble["what"] for trouble in alerts_in({**WELL, "lamps_failing": True})] == ["lamps"]


@pytest.mark.parametrize(
    ("part", "changes", "what"),
    [
        ("camera", {"lost": "the ribbon"}, "camera"),
        ("camera", {"slow": "the camera gives 2 frames a second, 15 were asked"}, "camera-slow"),
        ("bundles", {"error": "the hub answered 421", "refused": True, "kinds": []}, "bundles"),
        ("bundles", {"kinds": [{"kind": "policy", "version": 7, "refused": "older"}]}, "policy-refused"),
        ("bundles", {"kinds": [{"kind": "roster", "version": 7, "refused": None, "old": True}]}, "roster-old"),
        ("clock", {"doubted": True}, "clock"),
        ("sealing", {"late": True}, "sealing-key"),
        ("camera", {"engines_left_out": ["zbar"]}, "engine-left-out"),
        ("queue", {"error": "the ledger is read-only"}, "queue"),
        ("queue", {"parked": 2}, "parked"),
        ("queue", {"oldest_s": LONG_OFFLINE_S + 1}, "offline"),
        ("link", {"state": "refused"}, "link"),
        ("policy", {"refused": ["policy.yaml:1:1: x"]}, "policy-refused"),
        ("trust", {"refused": ["trust.json:1:1: x"]}, "trust-refused"),
        ("machine", {"under_voltage": True}, "under-voltage"),
        ("machine", {"temperature_c": 80.5}, "hot"),
        ("machine", {"disk_free_bytes": 1 << 20}, "disk"),
        ("machine", {"hardware_watchdog": {"armed": False}}, "watchdog"),
    ],
)
def test_each_trouble_has_its_word(part: str, changes: dict[str, object], what: str) -> None:
    assert found(part, **changes) == [what]


def test_a_queue_that_waits_without_any_hub_is_meant_so() -> None:
    assert alerts_in({**WELL, "link": None, "queue": {"undelivered": 3, "oldest_s": LONG_OFFLINE_S + 1}}) == []
