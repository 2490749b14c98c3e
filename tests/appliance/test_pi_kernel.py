"""The wall round the eye on a kernel as Raspberry Pi OS has it: without Landlock, and no memory groups.

Debian's kernel has both; its command line leaves them out. What else a Pi has of its own stands where it is used:
the device tree and the firmware's files (`machines.sh`, `pi_firmware.c`), the boot partition (`test_hardening.py`), the
label of the header's chip (`test_pins_on_lgpio.py`).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.appliance.machine import Aside
from tests.support.inside_the_eye import ATTEMPTS, NINE

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
Seen = dict[str, Any]


@pytest.fixture(scope="module")
def seen(aside: Aside) -> Seen:
    """What `look_at_eye` saw of an installed eye and of code inside it."""
    found: Seen = json.loads((aside("pi_kernel") / "eye.json").read_text(encoding="utf-8"))
    return found


def test_the_gate_is_installed_and_told_what_keeps_it_out_of_swap(seen: Seen) -> None:
    code, last = seen["install"]
    assert (code, "skipped" in last[0]) == (0, True), seen["install"]


def test_the_eye_reads_a_card_behind_a_wall_of_system_calls_alone(seen: Seen) -> None:
    eye = seen["installed"]["status"]
    assert (eye["alive"], eye["own_unit"], eye["wall"]) == (True, True, {"seccomp": True, "landlock": 0})


@pytest.mark.parametrize("name", NINE)
def test_code_inside_is_refused_the_nine_things_all_the_same(seen: Seen, name: str) -> None:
    (tried,) = [line for line in seen["attempts"]["inside"] if line["attempt"] == name]
    assert not tried["reached"]


def test_of_everything_else_it_reaches_only_what_every_user_may_read(seen: Seen) -> None:
    inside = seen["attempts"]["inside"]
    assert {line["attempt"] for line in inside} == set(ATTEMPTS)
    assert [line["attempt"] for line in inside if line["reached"]] == ["read-the-password-file"]  # /etc/passwd


def test_a_killed_eye_is_followed_by_one_other(seen: Seen) -> None:
    assert (seen["killed"]["eyes"], seen["killed"]["same_gate"]) == (1, True)
