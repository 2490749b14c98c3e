"""The gate in its unit on the booted machine, with everybody's rights thrown open: what still holds is the unit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.appliance.machine import Aside

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
OWN_DEVICES = re.compile(r"/dev/gpiochip[0-9]+")
EVERYBODYS = {"full", "null", "ptmx", "pts/ptmx", "random", "tty", "urandom", "zero", "rtc0"}  # rtc0 for reading


@pytest.fixture(scope="module")
def beside(aside: Aside) -> Path:
    """What was seen in the machine."""
    return aside("hardening")


@pytest.fixture(scope="module")
def probe(beside: Path) -> dict[str, Any]:
    """What a process in the very sandbox of the gate could do."""
    found: dict[str, Any] = json.loads((beside / "probe.json").read_text(encoding="utf-8"))
    return found


def shown(beside: Path, name: str) -> dict[str, str]:
    """Return the properties that ``systemctl show`` gave."""
    lines = (beside / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Za-z]+=", line))


def test_systemd_gives_the_gate_at_most_1_3_and_its_eye_0_6(beside: Path) -> None:
    told = (beside / "security.txt").read_text()
    scored = dict(re.findall(r"exposure level for (gate-scanner|gate-scanner-eye)[@0-9-]*.service: ([0-9.]+)", told))
    assert float(scored["gate-scanner"]) <= 1.3
    assert float(scored["gate-scanner-eye"]) <= 0.6


def test_the_gate_works_in_there(beside: Path) -> None:
    status = json.loads((beside / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["lamps_failing"]) == ("ready", False)
    assert status["camera"]["alive"]
    assert status["machine"]["memory_locked"] is True
    assert status["scans"]["last_cue"] == "granted"
    assert status["queue"]["recorded"] == 1
    assert shown(beside, "unit")["NRestarts"] == "0"


def test_its_eye_is_walled_off_with_all_that_the_kernel_of_debian_13_has(beside: Path) -> None:
    status = json.loads((beside / "status.json").read_text(encoding="utf-8"))
    assert status["camera"]["wall"] == {"seccomp": True, "landlock": 6}


def test_the_relay_is_held_for_root_and_not_for_the_gate_s_own_user(beside: Path) -> None:
    said = (beside / "lights.txt").read_text(encoding="utf-8")
    assert "root: 0\n" in said
    assert said.endswith(
        "only root may let the gate hold the relay: sudo gate-scanner lights … --relay\ngate-scanner: 1\n"
    )


def test_it_can_open_what_it_uses_and_no_other_device(probe: dict[str, Any]) -> None:
    others = {device for device in probe["devices"] if not OWN_DEVICES.fullmatch(device)}
    assert others <= {f"/dev/{name}" for name in EVERYBODYS}
    assert "/dev/gpiochip0" in probe["devices"]


def test_it_can_write_to_its_own_folders_only(probe: dict[str, Any]) -> None:
    assert probe["writable"] == ["/run/gate-scanner", "/tmp", "/var/lib/gate-scanner", "/var/tmp"]  # two are private


def test_it_sees_no_other_process_and_nobody_s_home_and_may_ask_for_nothing(probe: dict[str, Any]) -> None:
    assert probe["other_processes"] == []
    assert {name: words for name, words in probe["calls"].items() if not words} == {}
    assert probe["home"]


def test_it_knows_that_the_clock_is_set_without_asking_the_kernel(probe: dict[str, Any]) -> None:
    assert probe["calls"]["adjtimex"] == "Operation not permitted"
    assert probe["clock"] == "synchronised"


def test_what_it_knows_about_people_cannot_reach_the_card_by_itself(beside: Path) -> None:
    unit = shown(beside, "unit")
    assert (unit["MemorySwapMax"], unit["LimitCORE"]) == ("0", "0")


def test_a_gate_without_a_hub_can_reach_nothing_and_one_with_an_address_only_that(beside: Path) -> None:
    assert set(shown(beside, "unit")["IPAddressDeny"].split()) == {"0.0.0.0/0", "::/0"}
    assert set(shown(beside, "unit")["IPAddressAllow"].split()) == {"127.0.0.0/8", "::1/128"}
    assert set(shown(beside, "started")["IPAddressAllow"].split()) == {"127.0.0.0/8", "::1/128", "10.1.2.3/32"}


def test_the_machine_s_watchdog_is_armed_with_what_the_hardware_took(beside: Path) -> None:
    seen = (beside / "watchdog.txt").read_text()
    assert "state:active" in seen
    assert "timeout:15" in seen


def test_the_hourly_question_gets_its_answer_into_the_journal(beside: Path) -> None:
    told = (beside / "health.txt").read_text(encoding="utf-8")
    assert "replay sees" in told
    assert "1 waiting of 1 recorded" in told


def test_the_journal_has_an_end(beside: Path) -> None:
    assert "max 64M" in (beside / "journal.txt").read_text()


def test_a_mistake_in_the_site_file_keeps_it_down_until_it_is_put_right_then_it_starts_itself(
    beside: Path,
) -> None:
    for moment in ("mistake", "still_wrong"):
        down = shown(beside, moment)
        assert (down["ActiveState"], down["ExecMainStatus"], down["NRestarts"]) == ("failed", "78", "0")
    assert "site.yaml:7:1: pin: unknown key; did you mean pins?" in (beside / "still_wrong.txt").read_text()
    assert shown(beside, "started")["ActiveState"] == "active"


def test_a_site_file_from_the_boot_partition_is_taken_over_or_answered_with_its_lines(beside: Path) -> None:
    adopted = (beside / "adopted.txt").read_text(encoding="utf-8-sig")
    assert "Site.YAML.txt was taken over" in adopted
    assert 'hub: {url: "https://10.9.9.9"}\n/etc/gate-scanner/site.yaml root:gate-scanner 640\n' in adopted
    assert "IPAddressAllow=10.9.9.9" in adopted
    refused = (beside / "not_adopted.txt").read_text(encoding="utf-8-sig")
    assert "Not taken over" in refused
    assert "site.yaml:1:1: pin: unknown key; did you mean pins?" in refused


def test_the_boot_partition_is_fat_and_keeps_what_the_firmware_reads(beside: Path) -> None:
    kind, *rest = (beside / "boot.txt").read_text().splitlines()
    assert kind == "msdos"
    assert {"site-taken.txt", "cmdline.txt", "config.txt", "site-answer.txt", "site.yaml"} <= set(rest)
    assert rest[-3:] == [
        "dtparam=i2c_arm=on",
        "dtoverlay=vc4-kms-v3d",
        "console=tty1 root=PARTUUID=0123abcd-02 rootwait",
    ]


def test_a_weak_power_supply_is_seen_from_inside_the_sandbox(beside: Path) -> None:
    found = [json.loads((beside / f"power_{alarm}.json").read_text())["machine"] for alarm in (0, 1)]
    assert [(machine["under_voltage"], machine["throttled"]) for machine in found] == [(False, False), (True, True)]


def test_a_hub_is_installed_serves_in_its_unit_and_goes_again(beside: Path) -> None:
    said = {name: (beside / f"{name}.txt").read_text() for name in ("hub", "hub_again", "hub_runs", "hub_gone")}
    assert "changed  gate-hub.service runs" in said["hub"]
    assert "install: 0 changed, " in said["hub_again"]
    assert "ActiveState=active" in said["hub_runs"]
    assert "NRestarts=0" in said["hub_runs"]
    assert "hub on https://0.0.0.0:8400" in said["hub_runs"]
    assert "Verify return code: 0 (ok)" in said["hub_runs"]
    assert "nothing was due" in said["hub_runs"]
    assert "skipped  /etc/gate-hub /var/lib/gate-hub, and the user they belong to" in said["hub_gone"]
