"""What the unit promises, one sentence each."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from device.app.accounts import UNSEEN, UNSEEN_BY_EYE, WRITABLE
from device.eye.starts import MOST_LEFT
from device.hub.supervisor import SILENT_S, STOP_S

FOLDER = Path(__file__).parent.parent / "systemd"
UNIT_FILE = FOLDER / "gate-scanner.service"
COMMAND = "/opt/gate-scanner/current/bin/gate-scanner"
SITE = "/etc/gate-scanner/site.yaml"
UNITS = [path for path in FOLDER.iterdir() if path.suffix in {".service", ".path", ".socket", ".timer"}]
ALL = [path for path in FOLDER.iterdir() if path.suffix not in {".md", ".sh"}]
MOST_OPEN = {"gate-scanner.service": 13, "gate-scanner-eye@.service": 6}
"""In tenths, of systemd's own score."""
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")


def parse(text: str) -> dict[str, dict[str, list[str]]]:
    """Return section → key → every value given, in order."""
    unit: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, f"not a setting: {line}"
            unit[section][key].append(value)
    return unit


UNIT = parse(UNIT_FILE.read_text())
SERVICE = UNIT["Service"]
EYE = parse((FOLDER / "gate-scanner-eye@.service").read_text())
SOCKET = parse((FOLDER / "gate-scanner-eye.socket").read_text())["Socket"]


def only(key: str, section: str = "Service") -> str:
    """Return the one value of a key."""
    (value,) = UNIT[section][key]
    return value


def test_the_unit_starts_the_current_version_with_the_sites_file() -> None:
    assert only("ExecStart") == f"{COMMAND} run --config {SITE}"


def test_the_gate_says_itself_when_it_is_ready_and_only_its_main_process_may() -> None:
    assert only("Type") == "notify"
    assert only("NotifyAccess") == "main"


def test_a_scan_loop_that_hangs_for_ten_seconds_is_killed() -> None:
    assert only("WatchdogSec") == "10"


def test_it_comes_back_however_it_ended_but_not_with_a_mistake_in_the_yaml() -> None:
    assert only("Restart") == "always"
    assert only("RestartPreventExitStatus") == "78"


def test_trying_again_and_again_ends_in_a_reboot_and_not_in_silence() -> None:
    assert only("StartLimitAction", "Unit") == "reboot"
    tries, pause_s, within_s = int(only("StartLimitBurst", "Unit")), int(only("RestartSec")), 15 * 60
    assert only("StartLimitIntervalSec", "Unit") == "15min"
    assert tries * pause_s < within_s  # else the limit could never be reached


def test_lamps_and_relay_are_made_safe_after_every_end_and_a_failure_of_that_hides_nothing() -> None:
    assert only("ExecStopPost") == f"-{COMMAND} safe-pins --config {SITE}"


def test_stopping_asks_the_gate_first_and_then_kills_what_is_left() -> None:
    assert only("KillMode") == "mixed"
    assert 2 < int(only("TimeoutStopSec")) <= 10


def test_a_restart_in_which_the_old_process_had_to_be_killed_goes_on() -> None:
    assert only("OnFailureJobMode", "Unit") == "fail"  # else the lamps' unit, which conflicts, cancels the start


def test_it_waits_for_nothing_but_the_socket_of_its_eye_and_starts_without_that_too() -> None:
    assert only("After", "Unit") == only("Wants", "Unit") == "gate-scanner-eye.socket"
    assert not {"Requires", "Requisite", "BindsTo"} & set(UNIT["Unit"])
    assert f"GATE_EYE_SOCKET={SOCKET['ListenStream'][0]}" in SERVICE["Environment"]


def test_it_starts_at_boot() -> None:
    assert only("WantedBy", "Install") == "multi-user.target"


def test_nothing_about_people_reaches_the_card_by_swap_or_core_dump() -> None:
    assert only("MemorySwapMax") == "0"
    assert only("LimitMEMLOCK") == "infinity"
    assert only("LimitCORE") == "0"


def test_gate_and_eye_are_two_users_one_in_the_group_of_the_pins_and_one_in_that_of_the_camera() -> None:
    for unit, user, group in ((SERVICE, "gate-scanner", "gpio"), (EYE["Service"], "gate-eye", "video")):
        assert (unit["User"], unit["Group"], unit["SupplementaryGroups"]) == ([user], [user], [group])


def test_the_driver_of_the_pins_is_named_and_drops_its_fifo_in_the_runtime_folder() -> None:
    assert only("WorkingDirectory") == "/run/" + only("RuntimeDirectory")
    assert set(SERVICE["Environment"]) >= {"LG_WD=/run/gate-scanner", "GPIOZERO_PIN_FACTORY=lgpio"}


def test_check_knows_what_the_units_hide_and_what_the_gate_s_may_write_to() -> None:
    homes = {"/home", "/root", "/run/user"}  # systemd.exec(5): ProtectHome
    for unit, unseen in ((SERVICE, UNSEEN), (EYE["Service"], UNSEEN_BY_EYE)):
        assert (unit["ProtectHome"], unit["PrivateTmp"]) == (["yes"], ["yes"])
        named = {path.lstrip("-") for line in unit["InaccessiblePaths"] for path in line.split()}
        assert set(unseen) == named | homes | {"/tmp", "/var/tmp"}
    own = {f"/var/lib/{only('StateDirectory')}", f"/run/{only('RuntimeDirectory')}"}
    assert set(WRITABLE) == own | {"/tmp", "/var/tmp"}
    assert "ReadWritePaths" not in SERVICE


def test_it_keeps_what_it_writes_in_its_own_folder_for_itself_alone() -> None:
    assert only("StateDirectory") == "gate-scanner"
    assert only("StateDirectoryMode") == "0700"
    assert only("UMask") == "0077"
    assert only("ProtectSystem") == "strict"


def test_the_gate_may_open_pins_the_eye_cameras_and_neither_another_device() -> None:
    for unit, kinds in ((SERVICE, {"gpiochip"}), (EYE["Service"], {"video4linux", "media", "dma_heap"})):
        assert unit["DevicePolicy"] == ["closed"]
        assert set(unit["DeviceAllow"]) == {f"char-{kind} rw" for kind in kinds}


def test_what_would_break_camera_or_pins_is_not_switched_on() -> None:
    assert EYE["Service"]["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]  # libcamera looks for devices by udev
    assert only("RestrictAddressFamilies") == "AF_UNIX AF_INET AF_INET6"
    assert only("ProcSubset") == "all"  # gpiozero reads the board's revision in /proc/cpuinfo
    assert not {"PrivateDevices", "PrivateNetwork", "IPAddressDeny"} & set(SERVICE)
    assert "PrivateDevices" not in EYE["Service"]


def test_the_eye_sees_neither_the_network_nor_a_folder_of_the_gate_s() -> None:
    hidden = {path.lstrip("-") for line in EYE["Service"]["InaccessiblePaths"] for path in line.split()}
    assert {"/etc/gate-scanner", "/var/lib/gate-scanner", "/run/gate-scanner", "/run/gate-scanner-eye"} <= hidden
    assert EYE["Service"]["PrivateNetwork"] == ["yes"]
    assert EYE["Service"]["CapabilityBoundingSet"] == EYE["Service"]["AmbientCapabilities"] == [""]


def test_only_the_gate_has_an_eye_started_and_each_connection_is_one() -> None:
    assert (SOCKET["SocketUser"], SOCKET["SocketMode"], SOCKET["Accept"]) == (["gate-scanner"], ["0600"], ["yes"])
    assert EYE["Service"]["StandardInput"] == ["socket"]
    assert EYE["Service"]["ExecStart"] == ["/opt/gate-scanner/current/bin/python -P -m device.eye.child"]


def test_eyes_that_crash_one_after_the_other_fail_no_unit_and_leave_none_behind() -> None:
    assert SOCKET["TriggerLimitIntervalSec"] == EYE["Unit"]["StartLimitIntervalSec"] == ["0"]  # the gate paces itself
    assert EYE["Unit"]["CollectMode"] == ["inactive-or-failed"]
    assert int(SOCKET["MaxConnections"][0]) > MOST_LEFT + 1


def test_an_eye_that_hangs_or_outlives_its_gate_is_killed() -> None:
    unit = EYE["Service"]
    assert (unit["WatchdogSec"], unit["WatchdogSignal"], unit["KillSignal"]) == (["10"], ["SIGKILL"], ["SIGKILL"])
    assert EYE["Unit"]["StopPropagatedFrom"] == ["gate-scanner.service"]


def test_what_a_greedy_eye_takes_has_an_end_and_it_dies_before_the_gate() -> None:
    assert {"MemoryMax", "LimitDATA", "TasksMax", "LimitNOFILE"} <= set(EYE["Service"])
    assert int(EYE["Service"]["OOMScoreAdjust"][0]) > 0


def test_what_an_eye_says_is_of_one_level_and_no_emergency() -> None:
    assert EYE["Service"]["SyslogLevelPrefix"] == ["no"]
    assert EYE["Service"]["UnsetEnvironment"] == ["JOURNAL_STREAM"]  # else its own lines would begin with a prefix
    assert "SyslogLevel" not in EYE["Service"]


def test_it_has_no_capability_and_no_call_for_the_clock() -> None:
    assert only("ProtectClock") == "yes"
    assert only("CapabilityBoundingSet") == only("AmbientCapabilities") == ""
    assert only("NoNewPrivileges") == "yes"


def test_beside_another_time_service_it_may_ask_the_kernel_about_the_clock() -> None:
    beside = parse((FOLDER / "adjtimex.conf").read_text())["Service"]
    assert beside == {"ProtectClock": ["no"], "SystemCallFilter": ["adjtimex clock_adjtime"]}


def test_the_hub_runs_as_its_own_user_without_any_device_and_stays_down_without_its_folder() -> None:
    hub = parse((FOLDER / "gate-hub.service").read_text())["Service"]
    assert hub["User"] == hub["Group"] == hub["StateDirectory"] == ["gate-hub"]
    assert hub["PrivateDevices"] == ["yes"]
    assert hub["RestartPreventExitStatus"] == ["78"]
    assert "u gate-hub - " in (FOLDER / "gate-hub.sysusers").read_text()
    assert "d /var/lib/gate-hub 0700 gate-hub gate-hub -" in (FOLDER / "gate-hub.tmpfiles").read_text()


def test_a_changed_site_file_starts_the_gate_only_when_it_is_right() -> None:
    path, changed = (parse((FOLDER / name).read_text()) for name in ("gate-scanner.path", "gate-scanner-site.service"))
    assert path["Path"] == {"PathChanged": [SITE], "Unit": ["gate-scanner-site.service"]}
    assert changed["Service"]["ExecCondition"] == [f"{COMMAND} check {SITE}"]
    assert changed["Service"]["ExecStart"][-1] == "+/usr/bin/systemctl --no-block start gate-scanner.service"
    assert changed["Service"]["Type"] == ["oneshot"]


def test_the_machine_restarts_before_the_counter_of_a_pi_runs_out_and_the_journal_has_an_end() -> None:
    watched = parse((FOLDER / "system.conf").read_text())["Manager"]
    assert int(watched["RuntimeWatchdogSec"][0]) <= 15  # the Pi counts to 16 s
    journal = parse((FOLDER / "journald.conf").read_text())["Journal"]
    assert set(journal) == {"SystemMaxUse", "RuntimeMaxUse"}


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.name)
def test_no_line_is_a_template_or_a_specifier_but_for_the_name_of_one_of_several_hubs(file: Path) -> None:
    text = file.read_text()
    assert not set("%{$") & set(text.replace("%i", "") if file.name == "gate-hub@.service" else text)


def test_one_of_several_hubs_is_as_the_only_one_with_a_folder_of_its_own() -> None:
    only_one, one = ((FOLDER / name).read_text() for name in ("gate-hub.service", "gate-hub@.service"))
    named = one.replace("gate-hub-%i", "gate-hub").replace("Gate hub %i", "Gate hub")
    assert parse(named) == parse(only_one)


def test_a_hub_says_when_gates_may_come_and_one_that_hangs_is_killed() -> None:
    hub = parse((FOLDER / "gate-hub.service").read_text())["Service"]
    assert (hub["Type"], hub["NotifyAccess"], hub["WatchdogSec"]) == (["notify"], ["main"], ["60"])
    assert int(hub["WatchdogSec"][0]) >= SILENT_S
    assert int(hub["TimeoutStopSec"][0]) > 2 * STOP_S


def test_the_user_and_the_folders_of_the_unit_are_made_by_its_neighbours() -> None:
    users = [line.split()[:3] for line in (FOLDER / "gate-scanner.sysusers").read_text().splitlines()]
    folders = [line.split()[:5] for line in (FOLDER / "gate-scanner.tmpfiles").read_text().splitlines()]
    assert ["u", "gate-scanner", "-"] in users
    assert ["u", "gate-eye", "-"] in users
    assert [user[1:] for user in users if user[0] == "m"] == [["gate-scanner", "gpio"], ["gate-eye", "video"]]
    assert ["d", "/etc/gate-scanner", "0750", "root", "gate-scanner"] in folders
    assert ["d", "/var/lib/gate-scanner", "0700", "gate-scanner", "gate-scanner"] in folders


def test_every_setting_has_its_reason_in_the_readme() -> None:
    reasons = (FOLDER / "README.md").read_text()
    files = [*UNITS, *FOLDER.glob("*.conf")]
    keys = {key for file in files for section in parse(file.read_text()).values() for key in section}
    assert sorted(key for key in keys if f"`{key}" not in reasons) == []


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    for path in UNITS:  # verify wants the programs and the units they name to exist
        text = re.sub(
            r"/opt/gate-[a-z]+/current/(bin/gate-scanner|bin/python|kit/setup.sh)", "/bin/true", path.read_text()
        )
        (tmp_path / path.name).write_text(text)
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit.name],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert [line for line in run.stderr.splitlines() if unit.name in line] == []
    assert run.returncode == 0


@needs_systemd
@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_what_stays_open_is_at_most_1_5_and_of_gate_and_eye_1_3_and_0_6(unit: Path) -> None:
    run = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={MOST_OPEN.get(unit.name, 15)}",
            "--no-pager",
            unit,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout
