"""The installed gate under real systemd: visitors, a silent eye, a loop that hangs, and bad input; by its pins.

The machine is some 18 times slower than the host: order and counts are judged, and times only from below.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from tests.appliance.machine import CARD, Machine, put_visitor

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(3000)]
Seen = dict[str, Any]
DARK = {"green": 0, "red": 0, "buzzer": 0, "relay": 1}  # the relay switches on at low level
SITE = """
place: {name: Chợ Mẫu, province: Quảng Ngãi}
camera: {source: replay, size: 640x480, frame_rate: 2, silent_after: 15s, start_deadline: 3m,
  replay: {path: /beside/show, show: 12s, gap: 6s, at_end: loop}}
pins:
  driver: lgpio
  green: 17
  red: 27
  buzzer: {pin: 22, sort: passive}
  relay: {pin: 23, active_high: false}
"""


@pytest.fixture(scope="module")
def seen(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What `look_at_gate` saw in the machine."""
    beside = tmp_path_factory.mktemp("gate")
    put_visitor(beside)
    (beside / "show").mkdir()
    for number, text in enumerate((CARD, "WIFI:T:WPA;S:Cho;P:12345678;;")):
        segno.make_qr(text, error="m", encoding="utf-8").save(str(beside / "code.png"), scale=5, border=6)
        with Image.open(beside / "code.png") as code:
            view = Image.new("L", (640, 480), 200)
            view.paste(code.convert("L"), (80, 40))
            view.save(beside / "show" / f"{number}.png")
    (beside / "site.yaml").write_text(SITE, encoding="utf-8")
    machine.run_unit("gate.sh", beside, MACHINE_TIMEOUT="2700", MACHINE_CPUS="2")
    found: Seen = json.loads(Path(beside / "gate.json").read_text(encoding="utf-8"))
    return found


def test_setup_installs_it_and_it_becomes_ready(seen: Seen) -> None:
    assert seen["install"][0] == 0, seen["install"]


def test_every_green_has_its_answer_and_every_answer_its_row(seen: Seen) -> None:
    visit = seen["visitors"]
    rises = [at for at, level in _changes(visit["green_ms"]) if level]
    assert len(rises) == len(visit["checked_in"]) >= 1
    assert set(visit["checked_in"]) <= set(visit["rows"])


def test_green_stays_for_its_time_and_holds_the_relay_with_it(seen: Seen) -> None:
    visit = seen["visitors"]
    changes = _changes(visit["green_ms"])
    assert [level for _, level in changes] == [1, 0] * (len(changes) // 2)
    assert all(down - up >= 1_499 for (up, _), (down, _) in zip(changes[::2], changes[1::2], strict=True))
    opened = [after for before, after in pairwise([1, *visit["relay"]]) if after != before]
    assert opened == [0, 1] * (len(changes) // 2)


def test_the_buzzer_sounds_and_every_line_is_off_afterwards(seen: Seen) -> None:
    visit = seen["visitors"]
    assert visit["buzzer_edges"] > 50
    assert visit["buzzer_last"] == [0]
    assert visit["after"] == DARK


def test_an_unknown_code_is_not_ours_lights_no_green_and_leaves_no_row(seen: Seen) -> None:
    visit = seen["visitors"]
    assert visit["foreign"]
    first = visit["checked_in"][0]  # before it: whoever came while it was being installed
    assert [row for row in visit["rows"] if row >= first] == visit["checked_in"]


def test_it_works_without_a_network_and_with_a_clock_that_nobody_has_set(seen: Seen) -> None:
    visit = seen["visitors"]
    assert visit["started"]["ActiveState"] == "active"
    assert visit["status"]["clock"]["trusted"] is False
    assert visit["status"]["machine"]["service_watchdog_s"] == 10


def test_somebody_may_see_the_lamps_of_the_running_gate_and_the_door_stays_shut(seen: Seen) -> None:
    assert seen["lights"]["told"] == {"ms": 1_500}
    assert set(seen["lights"]["green"]) == {0, 1}
    assert 0 not in seen["lights"]["relay"]


def test_a_silent_eye_is_shown_and_replaced_by_the_same_gate(seen: Seen) -> None:
    eye = seen["silent_eye"]
    assert eye["lost"].startswith("the eye was silent for 15 s")
    assert {"fault", "camera"} <= set(eye["troubles"])
    assert eye["red_writes"] >= 10  # the fast blinking of FAULT; READY winks once in 3 s
    assert (eye["replaced"], eye["same_gate"], eye["old_eye_gone"]) == (1, "0", True)
    assert ["event=eye-lost " in line for line in eye["lines"]] == [True, False]


def test_a_loop_that_hangs_is_killed_and_started_again_with_its_lamps_safe_in_between(seen: Seen) -> None:
    hang = seen["hanging_loop"]
    assert (hang["lit"]["green"], hang["lit"]["relay"]) == (1, 0)
    assert hang["between"] == DARK
    assert hang["watchdog"]


def test_a_read_only_card_is_fault_and_told_in_one_line(seen: Seen) -> None:
    card = seen["read_only"]
    assert card["started"]["ActiveState"] == "active"
    assert "fault" in card["troubles"]
    assert card["red_writes"] >= 10
    (line,) = card["lines"]
    assert "read-only" in line.lower()


def test_without_a_ledger_the_gate_waits_and_goes_on_by_itself(seen: Seen) -> None:
    assert seen["no_ledger"]["started"]["ActiveState"] == "active"
    assert seen["no_ledger"]["same_gate"]


def test_a_missing_group_is_named_and_tried_again(seen: Seen) -> None:
    (line,) = seen["no_group"]["lines"]
    assert "in the group gpio" in line


def test_mistakes_keep_it_down_are_shown_on_the_lamps_and_their_correction_starts_it(seen: Seen) -> None:
    mistaken = seen["mistakes"]
    assert (mistaken["down"]["ActiveState"], mistaken["down"]["ExecMainStatus"]) == ("failed", "78")
    assert mistaken["still_down"] in {"failed", "inactive"}
    assert len(mistaken["lines"]) == 2  # nothing is missing that is only misspelt
    assert any("did you mean province?" in line for line in mistaken["lines"])
    assert mistaken["red_writes"] >= 6
    assert mistaken["others_written"] == []
    assert (mistaken["up"], mistaken["mistakes_after"]) == ("active", "inactive")


def _changes(written: list[list[int]]) -> list[list[int]]:
    """Keep the writes that change the level, from 0 on."""
    kept, before = [], 0
    for at_ms, level in written:
        if level != before:
            kept.append([at_ms, level])
        before = level
    return kept
