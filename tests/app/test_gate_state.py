"""What the hub is told is what `gate-scanner status` says, cut down, and fits the wire whatever that was."""

from __future__ import annotations

from device.app.gate_state import state_of
from device.clock import JudgedClock
from device.model import Count
from device.store.tally import Tally
from device.wire.bundle import BundleKind
from device.wire.state import decode_state, encode_state
from device.wire.state_records import BundleState, CameraState, MachineState, PolicyState, QueueState
from tests.support.fakes import BelievingMark, FakeClock

TOLD: dict[str, object] = {
    "version": "0.1.0",
    "state": "ready",
    "uptime_s": 60,
    "camera": {
        "source": "picamera2",
        "alive": True,
        "fps": 14.8,
        "decode_ms": 21.5,
        "view": {"width_share": 0.56, "height_share": None},
    },
    "queue": {"recorded": 9, "undelivered": 3, "parked": 1, "oldest_s": 42},
    "clock": {"trusted": True, "judged_known": True, "doubted": False},
    "machine": {
        "temperature_c": 51.4,
        "under_voltage": False,
        "under_voltage_since_start": True,
        "disk_free_bytes": 9_120_000_000,
    },
    "policy": {"version": "record-all", "in_force_s": 10, "refused": []},
    "bundles": {
        "kinds": [
            {"kind": "policy", "version": 7, "age_s": 9, "old": True, "refused": None},
            {"kind": "roster", "version": None, "refused": "line 3: write a number"},
        ]
    },
    "troubles": [{"what": "parked", "do": "gate-scanner queue parked"}],
}


def tally() -> Tally:
    return Tally(JudgedClock(FakeClock(), BelievingMark()), None)


def test_the_report_has_the_figures_of_the_status() -> None:
    state = state_of(TOLD, 1_796_018_400_000, tally())
    assert state.camera == CameraState("picamera2", True, 148, 21_500, 560, None)  # noqa: FBT003 - alive
    assert state.queue == QueueState(3, 1, 42)
    assert state.machine == MachineState(514, under_voltage=True, disk_free_mb=9_120)
    assert state.policy == PolicyState("record-all", 10, refused=False)
    assert state.bundles == (
        BundleState(BundleKind.POLICY, 7, 9, old=True, refused=False),
        BundleState(BundleKind.ROSTER, None, None, old=False, refused=True),
    )
    assert (state.lamps, state.troubles, state.version) == ("ready", ("parked",), "0.1.0")
    assert decode_state(encode_state(state, []))[0] == state


def test_whatever_the_status_says_the_report_keeps_to_the_contract_and_holds_no_sentence() -> None:
    failed = {"error": "the gate could not tell"}
    odd: dict[str, object] = {
        "version": "1 2",
        "state": None,
        "uptime_s": None,
        "camera": {"source": "Nguyễn Văn A", "fps": 1e9, "decode_ms": -3.0, "view": {"width_share": 7.0}},
        "queue": {"error": "the ledger cannot be read"},
        "clock": failed,
        "machine": {"temperature_c": -300.0, "disk_free_bytes": 10**30},
        "policy": {"version": '\N{LATIN SMALL LETTER A WITH CIRCUMFLEX AND ACUTE}\x00"' * 64, "in_force_s": -1},
        "bundles": failed,
        "troubles": [{"what": "A Sentence", "do": ""}] * 40,
    }
    for told in (odd, {}, dict.fromkeys(TOLD, failed)):
        state = state_of(told, -(2**40), tally())
        body = encode_state(state, [])
        assert decode_state(body)[0] == state
        assert b"Nguy" not in body
        assert b"Sentence" not in body


def test_the_counts_that_have_no_hour_are_told_with_their_series() -> None:
    counts = tally()
    counts.count(Count.PASSED)
    (hour,) = counts.unsent()
    counts.settled([], [hour.hour])
    state = state_of(TOLD, 0, counts)
    assert (state.series, state.unplaced) == (counts.series, 1)
