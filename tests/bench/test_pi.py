"""What is made of counted instructions: figures, times on each board, goals, what has moved. Without the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from device.credential import recognise
from device.model import Credential, Verification
from device.settings.load import load
from device.trust.trust_list import load_trust
from tests.bench.__main__ import main
from tests.bench.pi import ACCEPTED, judge
from tests.bench.pi_boards import PI_4, PI_5, ZERO_2_W
from tests.bench.pi_report import PiFigures, figures, goals, lines, moved
from tests.bench.pi_scene import put_certificate, put_gates

COUNTED: dict[str, Any] = {
    "ns_per_instruction": 1.0003,
    "certificate_ns": 2_000_000,
    "record_ns": 5_000_000,
    "still_ns": 3_000_000,
    "empty_ns": 10_000_000,
    "between_ns": 60_000_000,
    "somebody_ns": 40_000_000,
    "busy_ns": 66_000_000,
    "still_frame_ns": 13_000_000,
    "ready_gate_ns": 3_000_000_000,
    "ready_eye_ns": 960_000_000,
    "gate_rss": 64_000_000,
    "gate_pss": 50_000_000,
    "eye_rss": 44_000_000,
    "eye_peak": 50_000_000,
    "eye_pss": 34_000_000,
    "visitors": [
        {"name": "citizen card", "lamp_ns": 66_000_000},
        {"name": "a worn-out code", "lamp_ns": 132_000_000},
        {"name": "phone", "lamp_ns": 33_000_000},
    ],
}


def seen(**changed: float | str) -> PiFigures:
    return replace(figures(COUNTED), **changed)  # type: ignore[arg-type]


def test_an_instruction_is_a_nanosecond_and_a_figure_is_a_million_of_them() -> None:
    assert (seen().certificate, seen().record, seen().still, seen().busy) == (2, 5, 3, 66)
    assert (seen().ready, seen().gate_mb, seen().eye_pss_mb) == (3_960, 64, 34)


def test_a_lamp_is_told_as_median_and_as_the_slowest_with_the_visitors_name() -> None:
    assert (seen().lamp_p50, seen().lamp_p99, seen().lamp_slowest) == (66, 132, "a worn-out code")


def test_a_frame_with_somebody_there_costs_what_surrounds_the_decoder_too() -> None:
    assert seen().nobody == 10 + (13 - 3)
    assert seen().background == 60 + (13 - 3)
    assert seen().somebody == 40 + (13 - 3)


@pytest.mark.parametrize("loop_ns", [None, 0.4, 1.02])
def test_a_machine_whose_clock_counts_no_instructions_is_refused(loop_ns: float | None) -> None:
    with pytest.raises(ValueError, match="what was measured are no instructions"):
        figures(COUNTED | {"ns_per_instruction": loop_ns})


def test_a_visitor_without_a_lamp_is_named() -> None:
    with pytest.raises(ValueError, match="no lamp for: phone"):
        figures(COUNTED | {"visitors": [*COUNTED["visitors"][:2], {"name": "phone", "lamp_ns": None}]})
    with pytest.raises(ValueError, match="no lamp for: anybody"):
        figures(COUNTED | {"visitors": []})


def test_a_board_needs_its_clock_and_its_instructions_a_cycle_for_the_time() -> None:
    assert PI_4.ms(1_320) == pytest.approx(1_000)
    assert PI_5.ms(2_448) == pytest.approx(1_000)
    assert ZERO_2_W.ms(440) == pytest.approx(1_000)
    assert PI_4.share(44, 15) == pytest.approx(0.5)


def test_a_board_chooses_the_pace_that_its_gate_would_choose() -> None:
    assert PI_5.pace(66) == ((1296, 972), 25)
    assert ZERO_2_W.pace(66) == ((1296, 972), 5)
    assert ZERO_2_W.pace(600) == ((1152, 864), 5)


def test_each_goal_is_met_at_its_limit_and_missed_beyond() -> None:
    at = seen(lamp_p99=122.4, nobody=13.2, somebody=52.8, ready=7_920, gate_mb=100, eye_peak_mb=50)
    assert [goal.met for goal in goals(at)] == [True] * 7
    assert [goal.what for goal in goals(seen(lamp_p99=310)) if not goal.met] == [
        "Pi 5: frame to lamp, p99",
        "Zero 2 W: frame to lamp, p99",
        "Pi 4: of one core, nobody there, 15 frames a second",
    ]
    over = seen(lamp_p99=331, nobody=13.3, somebody=53, ready=7_930, gate_mb=100, eye_peak_mb=50.1)
    assert [goal.met for goal in goals(over)] == [False] * 7


def test_what_differs_by_more_than_5_percent_has_moved_either_way() -> None:
    accepted = asdict(seen())
    assert moved(seen(record=5.25, certificate=1.901), accepted) == []
    assert moved(seen(record=5.26, certificate=1.89), accepted) == [
        "certificate: 2.0 -> 1.89 (-5.5%)",
        "record: 5.0 -> 5.26 (+5.2%)",
    ]
    assert moved(seen(lamp_p99=145), accepted) == []
    assert moved(seen(lamp_p99=146), accepted) == ["lamp_p99: 132.0 -> 146 (+10.6%)"]
    assert moved(seen(gate_pss_mb=1, eye_pss_mb=1), accepted) == []
    assert moved(seen(lamp_slowest="phone"), accepted) == ["lamp_slowest: a worn-out code -> phone"]
    assert moved(seen(), {})[0] == "lamp_p50: 66.0, was never accepted"


def test_accepting_writes_the_figures_that_the_next_run_is_held_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    good = seen(lamp_p99=100, nobody=13)
    assert judge(good, file, accept=False, as_json=False) == 1
    assert not file.exists()
    assert judge(good, file, accept=True, as_json=False) == 0
    assert judge(good, file, accept=False, as_json=False) == 0
    capsys.readouterr()
    assert judge(replace(good, busy=80), file, accept=False, as_json=False) == 1
    assert "MOVED    busy: 66.0 -> 80 (+21.2%)" in capsys.readouterr().out


def test_a_missed_goal_fails_whatever_was_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(seen(lamp_p99=900), tmp_path / "figures.json", accept=True, as_json=False) == 1
    assert "MISSED  Pi 4: frame to lamp, p99: 682 ms (goal: 250 ms)" in capsys.readouterr().out


def test_json_has_the_figures_the_boards_and_the_goals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judge(seen(), tmp_path / "figures.json", accept=True, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["record"] == 5
    assert [board["per_cycle"] for board in told["boards"]] == [0.88, 1.02, 0.44]
    assert told["goals"][0] == {"what": "Pi 4: frame to lamp, p99", "seen": "100 ms", "most": "250 ms", "met": True}


def test_every_line_has_the_time_of_each_board() -> None:
    told = list(lines(seen()))
    assert "frame to lamp, p50                            66.0       50 ms       27 ms      150 ms" in told
    assert "of it at 15 frames/s, somebody                             57%         31%        170%" in told
    assert "memory: gate 64 + eye 44 = 108 MB (RSS)" in told
    assert "Zero 2 W: Cortex-A53 at 1.0 GHz, 0.44 instructions a cycle" in told


def test_what_was_accepted_last_meets_every_goal() -> None:
    accepted = PiFigures(**json.loads(ACCEPTED.read_text(encoding="utf-8")))
    assert [goal.what for goal in goals(accepted) if not goal.met] == []


def test_counts_that_were_kept_are_judged_without_a_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "counted.json"
    kept.write_text(json.dumps(COUNTED), encoding="utf-8")
    assert main(["pi", "--counted", str(kept)]) == 1
    assert "frame to lamp, p99" in capsys.readouterr().out
    assert main(["pi", "--counted", str(tmp_path / "none.json")]) == 1
    assert "none.json" in capsys.readouterr().err


def test_counting_is_refused_on_another_machine_than_the_one_with_a_pis_processor(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.appliance.count", str(tmp_path)]
    environment = os.environ | {"GATE_MACHINE": "amd64"}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) == (
        1,
        "it needs root and GATE_MACHINE=arm64: sudo ./setup.sh bench pi\n",
    )


def test_the_machine_is_given_gates_that_load_and_a_certificate_that_is_believed(tmp_path: Path) -> None:
    put_gates(tmp_path, str(tmp_path))
    put_certificate(tmp_path)
    shown = load(tmp_path / "show.yaml")
    assert (shown.camera.replay.path, shown.pins.driver) == (tmp_path / "visitors.y4m", "mock")
    assert load(tmp_path / "empty.yaml").store.folder == tmp_path / "stores" / "empty"
    claim = recognise((tmp_path / "certificate.txt").read_bytes(), load_trust(tmp_path / "trust.json"))
    assert isinstance(claim, Credential)
    assert claim.verified is Verification.YES
