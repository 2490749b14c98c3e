"""The eye as a unit and a user of its own under real systemd: what code inside it reaches, and how it ends.

The machine is some 18 times slower than the host: order and counts are judged, and times only from below.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.appliance.machine import Machine, lay_down_eye
from tests.support.inside_the_eye import ATTEMPTS, NINE

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
Seen = dict[str, Any]


@pytest.fixture(scope="module")
def seen(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What `look_at_eye` saw in the machine."""
    beside = tmp_path_factory.mktemp("eye")
    lay_down_eye(beside)
    machine.run_unit("eye.sh", beside, MACHINE_TIMEOUT="2700", MACHINE_CPUS="2")
    found: Seen = json.loads(Path(beside / "eye.json").read_text(encoding="utf-8"))
    return found


def test_it_reads_a_card_as_a_user_of_its_own_that_alone_has_the_camera(seen: Seen) -> None:
    assert seen["install"][0] == 0, seen["install"]
    eye = seen["installed"]
    assert (eye["status"]["alive"], eye["status"]["own_unit"]) == (True, True)
    assert (eye["eyes"], eye["children_of_the_gate"], eye["in_video"]) == (1, [], ["eye"])
    assert {"User=gate-eye", "PrivateNetwork=yes"} <= set(eye["unit"].splitlines())


def test_it_walls_itself_off_inside_its_unit_too(seen: Seen) -> None:
    wall = seen["installed"]["status"]["wall"]
    assert wall["seccomp"]
    assert wall["landlock"] >= 1


@pytest.mark.parametrize("name", NINE)
def test_code_inside_is_refused_what_root_outside_is_granted(seen: Seen, name: str) -> None:
    outside, inside = (
        {line["attempt"]: line["reached"] for line in seen["attempts"][way]} for way in ("outside", "inside")
    )
    assert (outside[name], inside[name]) == (True, False)


def test_code_inside_reaches_nothing_else_and_the_gate_goes_on(seen: Seen) -> None:
    inside = seen["attempts"]["inside"]
    assert {line["attempt"] for line in inside} == set(ATTEMPTS)
    assert [line for line in inside if line["reached"]] == []
    assert (seen["attempts"]["reboot_asked"], seen["attempts"]["same_gate"]) == (False, True)


def test_a_killed_eye_is_followed_by_one_other_of_the_same_gate(seen: Seen) -> None:
    assert (seen["killed"]["eyes"], seen["killed"]["same_gate"]) == (1, True)
    assert "gate-scanner" not in seen["killed"]["failed"]


def test_one_that_stands_still_is_killed_and_followed_by_another(seen: Seen) -> None:
    assert seen["stopped"] == {"eyes": 1, "same_gate": True}


def test_code_that_closes_the_connection_and_stays_is_killed_with_its_lifeline(seen: Seen) -> None:
    assert seen["stays"] == {"eyes": 1, "same_gate": True}


def test_a_picture_that_crashes_eye_after_eye_fails_no_unit(seen: Seen) -> None:
    crash = seen["crashing"]
    assert set(crash["socket"].splitlines()) == {"Result=success", "ActiveState=active"}
    assert crash["state"] == "fault"
    failed = {line.split()[0] for line in crash["failed"].splitlines()}
    assert failed <= {"gate-scanner-health.service"}  # which says so, ten minutes after the start and every hour
    assert crash["eyes"] <= 1
    assert crash["lost"].startswith("the eye ended before it said anything")


def test_without_its_socket_the_gate_says_what_to_do_and_goes_on_by_itself(seen: Seen) -> None:
    assert seen["without_socket"] == {
        "lost": "nothing listens on /run/gate-scanner-eye/socket: systemctl restart gate-scanner-eye.socket",
        "state": "fault",
    }


def test_an_eye_that_the_kernel_does_not_end_holds_up_neither_the_gate_nor_its_stop(seen: Seen) -> None:
    stuck = seen["stuck"]
    assert (stuck["beside"]["state"], stuck["beside"]["ready"], stuck["same_gate"]) == ("D", "ready", True)
    assert stuck["after"] == {"state": "D", "gate": "success"}


def test_no_eye_outlives_its_gate_however_that_ends(seen: Seen) -> None:
    assert seen["gate_stops"] == {"eyes_after_kill": 1, "eyes": [], "socket": "active", "lines": []}
