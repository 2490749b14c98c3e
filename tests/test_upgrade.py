"""How a version takes the place of another: ``systemd/upgrade.sh`` with a pretended systemd and a clock that jumps."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
EYE = ("gate-scanner-eye.socket", "gate-scanner-eye@.service")
OLD, NEW = "0.1.0-old-py313", "0.2.0-new-py313"

# setup.sh without its last line, which would run it; then everything that would leave the temporary folder is ours.
# The pretended systemd runs the version that is on trial, or else the current one; each has said what it reaches.
SCENE = r"""
source <(sed '$d' "$CHECKOUT/setup.sh")
source "$CHECKOUT/systemd/install.sh"
BASE=$SCENE/opt SITE=$SCENE/site.yaml
trial() { echo "$SCENE/run/$1"; }
sleep() { SECONDS=$((SECONDS + 30)); }
runs() { [[ -e $(trial gate-scanner.service) ]] && echo "$NEW" || current_name; }
systemctl() {
  echo "$*" >>"$SCENE/calls"
  case "$*" in
    *InvocationID*) if [[ -e $BASE/versions/$(runs)/restless ]]; then echo "$SECONDS"; else echo same; fi ;;
    *Result*) echo exit-code ;;
    restart*) [[ ! -e $BASE/versions/$(runs)/dead ]] ;;
  esac
}
journalctl() { echo "the last line of the journal"; }
systemd-cat() { shift 4 && "$@" >>"$SCENE/journal"; }
trap end EXIT
"""


@dataclass
class Scene:
    """A base folder with two versions."""

    folder: Path

    def version(self, name: str, *marks: str, **status: object) -> None:
        """Make a version whose gate tells *status*; *marks* are how it fails."""
        folder = self.folder / "opt" / "versions" / name
        (folder / "bin").mkdir(parents=True)
        (folder / "kit" / "systemd").mkdir(parents=True)
        self.put_unit(name, "gate-scanner.service")
        told = {"queue": {"recorded": 1}, "camera": {"alive": True}, "link": {"state": "online"}} | status
        (folder / "status.json").write_text(json.dumps(told))
        command = folder / "bin" / "gate-scanner"
        command.write_text(f'#!/bin/sh\ncat "{folder}/status.json"\nexit 1\n')  # 1: it is not well
        command.chmod(0o755)
        for mark in marks:
            (folder / mark).touch()

    def put_unit(self, name: str, unit: str) -> None:
        """Give a version a unit."""
        text = (CHECKOUT / "systemd" / unit).read_text().replace("/opt/gate-scanner", str(self.folder / "opt"))
        (self.folder / "opt" / "versions" / name / "kit" / "systemd" / unit).write_text(text)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", SCENE + script],
            env={"PATH": "/usr/bin:/bin", "CHECKOUT": str(CHECKOUT), "SCENE": str(self.folder), "NEW": NEW},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path)
    made.version(OLD)
    (tmp_path / "opt" / "current").symlink_to(f"versions/{OLD}")
    return made


def test_a_version_that_reaches_what_the_old_one_had_stays_without_another_start(scene: Scene) -> None:
    scene.version(NEW)
    run = scene.run(f"try_version {NEW}; grep -c versions/{NEW}/bin/ $(trial gate-scanner.service)")
    assert (run.returncode, run.stdout) == (0, "2\n"), run.stderr
    assert [call for call in scene.calls() if call.startswith("restart")] == ["restart gate-scanner.service"]
    assert not (scene.folder / "opt" / "given-up").exists()


def test_the_eye_of_the_version_that_is_tried_is_tried_with_it_and_goes_with_it(scene: Scene) -> None:
    scene.version(NEW)
    for unit in EYE:
        scene.put_unit(NEW, unit)
    run = scene.run(f"try_version {NEW}; cat '{scene.folder}/run/gate-scanner-eye@.service'")
    assert f"/versions/{NEW}/bin/python -P -m device.eye.child" in run.stdout
    begun = [call for call in scene.calls() if call.startswith("restart")]
    assert begun == ["restart gate-scanner-eye.socket", "restart gate-scanner.service"]
    scene.version("0.3.0-dead", "dead")
    assert scene.run("NEW=0.3.0-dead; try_version 0.3.0-dead").returncode == 1
    assert list((scene.folder / "run").iterdir()) == []


def test_a_version_from_before_the_eye_s_unit_is_tried_without_and_its_socket_is_stopped(scene: Scene) -> None:
    scene.version(NEW)
    assert scene.run(f"try_version {NEW}").returncode == 0
    assert "stop gate-scanner-eye.socket" in scene.calls()
    assert [path.name for path in (scene.folder / "run").iterdir()] == ["gate-scanner.service"]


def test_units_that_came_later_go_again_with_a_version_from_before_them(scene: Scene) -> None:
    scene.version(NEW)
    for unit in EYE:
        scene.put_unit(NEW, unit)
    for kit, there in ((CHECKOUT, EYE), (scene.folder / "opt" / "versions" / OLD / "kit", ())):
        run = scene.run(f"ROOT=$SCENE/root; UNITS=(${{EYE[@]}} gate-scanner.service); install_units '{kit}'")
        assert "adjtimex.conf" in run.stdout + run.stderr, run.stderr
        found = sorted(path.name for path in (scene.folder / "root/etc/systemd/system").iterdir() if path.is_file())
        assert found == sorted(["gate-scanner.service", *there])


@pytest.mark.parametrize(
    ("marks", "status", "why"),
    [
        (["dead"], {}, "it did not start: exit-code"),
        (["restless"], {}, "it ended and was started again"),
        ([], {"camera": {"alive": False}}, 'after 120 s it had reached "ready ledger hub", the version before'),
        ([], {"link": {"state": "offline"}}, 'after 120 s it had reached "ready ledger eye", the version before'),
        ([], {"link": None}, 'after 120 s it had reached "ready ledger eye", the version before'),
        ([], {"queue": {"error": "gone"}}, 'after 120 s it had reached "ready eye hub", the version before'),
    ],
)
def test_a_version_that_does_less_is_given_up_with_the_reason_and_the_old_one_is_started(
    scene: Scene, marks: list[str], status: dict[str, object], why: str
) -> None:
    scene.version(NEW, *marks, **status)
    run = scene.run(f"try_version {NEW}")
    assert run.returncode == 1
    kept = (scene.folder / "opt" / "given-up").read_text()
    assert kept.startswith(f"version {NEW} was given up at ")
    assert why in kept
    assert kept.endswith("the last line of the journal\n")
    assert why in (scene.folder / "journal").read_text()
    assert f"{OLD} runs again" in run.stderr
    assert not (scene.folder / "run" / "gate-scanner.service").exists()
    assert scene.calls()[-1] == "restart gate-scanner.service"


def test_what_the_old_one_had_not_is_not_asked_of_the_new_one(scene: Scene) -> None:
    (scene.folder / "opt" / "versions" / OLD / "status.json").write_text("no gate is running here")
    scene.version(NEW, camera={"alive": False}, link={"state": "offline"})
    assert scene.run(f"try_version {NEW}").returncode == 0


def test_a_trial_that_is_interrupted_brings_the_old_one_back(scene: Scene) -> None:
    scene.version(NEW)
    run = scene.run(f"sleep() {{ kill -INT $$; }}; try_version {NEW}")
    assert run.returncode != 0
    assert not (scene.folder / "run" / "gate-scanner.service").exists()
    assert scene.calls()[-1] == "restart gate-scanner.service"


@pytest.fixture
def fresh(scene: Scene) -> Scene:
    """A machine to which the first version has just come; its command takes no site file."""
    (scene.folder / "opt" / "current").unlink()
    scene.version(NEW)
    (scene.folder / "opt" / "versions" / NEW / "kit" / "config").mkdir()
    shipped = CHECKOUT / "config" / "minimal.yaml"
    for copy in (
        scene.folder / "opt" / "versions" / NEW / "kit" / "config" / "minimal.yaml",
        scene.folder / "site.yaml",
    ):
        copy.write_bytes(shipped.read_bytes())
    return scene


FIRST = f"""
put_version() {{ echo "put $1"; }}
systemctl() {{ echo "$*" >>"$SCENE/calls"; [[ $1 != show ]] || echo "$STATE"; [[ $1 != is-active ]]; }}
change_version {NEW}
"""


def test_the_example_as_it_was_put_there_is_no_failure_and_the_lamps_ask_for_a_site_file(fresh: Scene) -> None:
    run = fresh.run(f"STATE=inactive{FIRST}")
    assert (run.returncode, run.stderr) == (0, "")
    assert f"put {NEW}\nchanged  gate-scanner-mistakes.service runs\n" in run.stdout
    assert fresh.calls()[-1] == "start gate-scanner-mistakes.service"


def test_a_site_file_of_ones_own_with_mistakes_ends_the_first_installation_with_78(fresh: Scene) -> None:
    (fresh.folder / "site.yaml").write_text("place: {}\n")
    run = fresh.run(f"STATE=failed{FIRST}")
    assert run.returncode == 78
    assert "installed, not started: correct the lines above in " in run.stderr
    assert fresh.calls()[-1] == "start gate-scanner-mistakes.service"


@pytest.mark.parametrize("state", ["active", "activating", "deactivating"])
def test_a_gate_that_works_by_an_earlier_site_file_is_not_stopped_for_the_lamps(fresh: Scene, state: str) -> None:
    fresh.run(f"STATE={state}{FIRST}")
    assert not any(call.startswith("start") for call in fresh.calls())


def test_a_version_that_does_not_take_the_site_file_leaves_the_one_that_runs(fresh: Scene) -> None:
    (fresh.folder / "opt" / "current").symlink_to(f"versions/{OLD}")
    run = fresh.run(f"STATE=active{FIRST}")
    assert (run.returncode, run.stdout.count("put ")) == (1, 0)
    assert f"{OLD} stays" in run.stderr
