"""The state report on the wire: strict both ways, never larger than it may be, the oldest hours first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import UnknownContract, WireError
from device.model import KNOWN_HOURS, MOST_COUNT, Count, Cue, HourCounts, hour_of, hour_text
from device.wire.bundle import BundleKind
from device.wire.state import (
    LEAST_HOURS,
    MOST_BYTES,
    MOST_HOURS,
    MOST_POLICY_BYTES,
    MOST_S,
    MOST_TROUBLES,
    SERIES,
    VERSION,
    WORD,
    decode_answer,
    decode_state,
    encode_answer,
    encode_state,
)
from device.wire.state_records import (
    BundleState,
    CameraState,
    ClockTrust,
    GateState,
    MachineState,
    PolicyState,
    QueueState,
    StateAnswer,
)
from tests.support.gate_states import QUIET

GOLDEN = Path(__file__).parents[1] / "golden" / "wire"
REPORT = (GOLDEN / "state.json").read_bytes().rstrip(b"\n")
ANSWER = (GOLDEN / "state-answer.json").read_bytes().rstrip(b"\n")
FULL_HOURS = [HourCounts(500_000 + hour, (MOST_COUNT,) * len(Count)) for hour in range(MOST_HOURS)]
MOST = st.integers(0, MOST_S)
FLAG = st.booleans()


def matching(pattern: Any) -> st.SearchStrategy[str]:  # noqa: ANN401 - a compiled pattern
    return st.from_regex(pattern, fullmatch=True)


def or_none(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


POLICY = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=24)
STATES = st.builds(
    GateState,
    version=matching(VERSION),
    lamps=matching(WORD),
    uptime_s=MOST,
    restarts=MOST,
    camera=st.builds(
        CameraState,
        matching(WORD),
        FLAG,
        or_none(st.integers(0, 10_000)),
        or_none(st.integers(0, 60_000_000)),
        or_none(st.integers(0, 1000)),
        or_none(st.integers(0, 1000)),
    ),
    queue=or_none(st.builds(QueueState, MOST, MOST, or_none(MOST))),
    clock=st.builds(ClockTrust, st.integers(-(2**53) + 1, 2**53 - 1), FLAG, FLAG, FLAG),
    policy=st.builds(PolicyState, POLICY, MOST, FLAG),
    bundles=st.lists(
        st.builds(
            BundleState, st.sampled_from(BundleKind), or_none(st.integers(0, 2**53 - 1)), or_none(MOST), FLAG, FLAG
        ),
        max_size=len(BundleKind),
    ).map(tuple),
    machine=st.builds(MachineState, or_none(st.integers(-1000, 2000)), or_none(FLAG), or_none(MOST)),
    troubles=st.lists(matching(WORD), max_size=MOST_TROUBLES).map(tuple),
    series=matching(SERIES),
    unplaced=MOST,
)
HOURS = st.lists(
    st.builds(
        HourCounts,
        st.sampled_from(KNOWN_HOURS),
        st.tuples(*[st.integers(0, MOST_COUNT) for _ in Count]),
    ),
    max_size=60,
    unique_by=lambda hour: hour.hour,
)  # fmt: skip


def test_the_golden_report_and_answer_are_read_and_written_byte_for_byte() -> None:
    state, hours = decode_state(REPORT)
    assert encode_state(state, hours) == REPORT
    assert (state.camera.fps_tenths, state.policy.version) == (148, "Trường Hoa Phượng 2026-11")
    assert [hour_text(hour.hour) for hour in hours] == ["2026-11-30T05", "2026-11-30T06"]
    assert hours[0].counts[list(Count).index(Count.PASSED)] == 131
    answer = decode_answer(ANSWER)
    assert answer == StateAnswer(frozenset(hour.hour for hour in hours))
    assert encode_answer(answer) == ANSWER


@settings(deadline=None)
@given(STATES, HOURS)
def test_any_report_within_bounds_is_read_as_it_was_written(state: GateState, hours: list[HourCounts]) -> None:
    body = encode_state(state, hours)
    assert len(body) <= MOST_BYTES
    read, counted = decode_state(body)
    assert read == state
    assert list(counted) == hours[: len(counted)]
    assert len(counted) >= min(LEAST_HOURS, len(hours))


def test_of_the_largest_report_the_oldest_hours_come_and_of_a_usual_one_half_of_two_days() -> None:
    longest = "w" * 24
    most = GateState(
        version="v" * 32,
        lamps=longest,
        uptime_s=MOST_S,
        restarts=MOST_S,
        camera=CameraState(longest, False, 10_000, 60_000_000, 1000, 1000),  # noqa: FBT003 - false is longer
        queue=QueueState(MOST_S, MOST_S, MOST_S),
        clock=ClockTrust(-(2**53) + 1, trusted=False, known=False, doubted=False),
        policy=PolicyState("ấ" * ((MOST_POLICY_BYTES - 2) // 3), MOST_S, refused=False),
        bundles=tuple(BundleState(kind, 2**53 - 1, MOST_S, old=False, refused=False) for kind in BundleKind),
        machine=MachineState(-1000, under_voltage=False, disk_free_mb=MOST_S),
        troubles=(longest,) * MOST_TROUBLES,
        series="f" * 16,
        unplaced=MOST_S,
    )
    _, hours = decode_state(encode_state(most, FULL_HOURS))
    assert LEAST_HOURS <= len(hours) < MOST_HOURS
    assert list(hours) == FULL_HOURS[: len(hours)]
    usual = [HourCounts(500_000 + hour, (120, 3, 1, 14, 9, 2, 131)) for hour in range(MOST_HOURS)]
    assert len(decode_state(encode_state(QUIET, usual))[1]) >= MOST_HOURS / 2


def spoilt(path: str, value: object) -> bytes:
    """Return the golden report with another value at a path like ``camera.alive``."""
    found = json.loads(REPORT)
    *way, last = path.split(".")
    part = found
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[int(last) if isinstance(part, list) else last] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", "-"),
        ("version", 1),
        ("lamps", "READY"),
        ("lamps", "x" * 25),
        ("uptime_s", -1),
        ("uptime_s", True),
        ("uptime_s", MOST_S + 1),
        ("camera", None),
        ("camera.alive", None),
        ("camera.fps_tenths", 10_001),
        ("camera.more", 1),
        ("queue", 3),
        ("queue.waiting", None),
        ("clock.wall_ms", 2**53),
        ("policy.version", "x" * MOST_POLICY_BYTES),
        ("policy.version", "a\nb"),
        ("bundles.0.kind", "gossip"),
        ("bundles", [{}]),
        ("bundles", "policy"),
        ("machine.temperature_tenths", 2001),
        ("troubles", ["camera"] * (MOST_TROUBLES + 1)),
        ("troubles", ["Nguyễn Văn A"]),
        ("series", "0" * 15),
        ("unplaced", None),
        ("hours", [["2026-11-30T05", 1, 2, 3, 4, 5, 6]]),
        ("hours", [["2026-11-30T05", 1, 2, 3, 4, 5, 6, MOST_COUNT + 1]]),
        ("hours", [["2026-11-30T24", 1, 2, 3, 4, 5, 6, 7]]),
        ("hours", [["2026-02-30T05", 1, 2, 3, 4, 5, 6, 7]]),
        ("hours", [["1999-11-30T05", 1, 2, 3, 4, 5, 6, 7]]),
        ("hours", [["2026-11-30T05", 1, 2, 3, 4, 5, 6, 7]] * 2),
        ("hours", {}),
        ("person", "051090001234"),
    ],
)
def test_a_report_that_breaks_the_contract_is_refused_and_never_repeated(path: str, value: object) -> None:
    with pytest.raises(WireError) as caught:
        decode_state(spoilt(path, value))
    assert "Nguyễn" not in str(caught.value)
    assert "051090001234" not in str(caught.value)


def test_another_version_of_the_contract_and_a_report_that_is_too_large_are_told_apart() -> None:
    with pytest.raises(UnknownContract):
        decode_state(spoilt("contract", "gate/2"))
    with pytest.raises(WireError, match="larger"):
        decode_state(REPORT + b" " * MOST_BYTES)


@pytest.mark.parametrize("read", [decode_state, decode_answer])
@given(body=st.binary(max_size=200))
def test_any_bytes_end_in_a_wire_error(read: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(WireError):
        read(body)


def test_an_answer_may_say_more_and_must_name_hours() -> None:
    more = json.dumps({**json.loads(ANSWER), "later": {"x": 1}}).encode()
    assert decode_answer(more) == decode_answer(ANSWER)
    for wrong in (b'["05"]', b'["2026-11-30T05", 1]', b'"2026-11-30T05"', b"null"):
        with pytest.raises(WireError):
            decode_answer(b'{"contract":"gate/1","taken":' + wrong + b',"refused":[]}')


@given(st.sampled_from(KNOWN_HOURS))
def test_the_name_of_an_hour_leads_back_to_it(hour: int) -> None:
    assert hour_of(hour_text(hour)) == hour


def test_what_lamps_say_is_a_word_of_the_report() -> None:
    assert all(WORD.fullmatch(cue) for cue in Cue)
