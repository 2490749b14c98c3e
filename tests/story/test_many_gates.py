"""The network comes back for all gates at one instant."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from device.clock import SystemClock
from device.errors import HubRefused
from device.hub.api.concurrency import MOST_WAITING_BYTES
from device.hub.api.turns import GATES_A_SECOND, Turns
from device.uplink.retry import BackOff
from tests.story.fleet import FleetGate, at_the_centre, names, patiently
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_server import HubThread
from tests.support.fakes import FakeClock
from tests.support.threads import running

GATES = 30
ROWS = 4
BATCH_BYTES = 2_000
"""A batch of four rows has some 1,700."""
FULL_BATCH_BYTES = 210_000


@both_databases
def test_gates_that_come_back_at_one_instant_are_let_in_a_few_at_a_time_and_none_is_forgotten(
    tmp_path: Path, database_url: str | None
) -> None:
    folder = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    with ExitStack() as opened:
        gates = [
            opened.enter_context(FleetGate(tmp_path / f"state-{number}", folder.add_gate(f"Cổng {number}")))
            for number in range(GATES)
        ]
        for number, gate in enumerate(gates):
            gate.record(*range(number * ROWS + 1, number * ROWS + ROWS + 1))
        hub = opened.enter_context(HubThread(folder, most_waiting_bytes=3 * BATCH_BYTES))
        with ExitStack() as threads:
            for gate in gates:
                threads.enter_context(running(gate.delivery(hub.url).delivery))
            patiently(lambda: not any(gate.waiting() for gate in gates))
        asked_to_wait = [gate for gate in gates if any(pause >= 1 for pause in gate.clock.pauses)]
    assert len(asked_to_wait) >= 3  # as Retry-After said
    assert at_the_centre(folder) == (names(*range(1, GATES * ROWS + 1)), [], 0)


def test_a_hundred_thousand_gates_share_a_hub_within_a_tenth_of_what_it_takes_at_least() -> None:
    """Every gate brings some batches; the hub takes what it can and gives the others turns. Time is counted, not spent.

    A tenth of them at a hub a tenth as quick: as many wait for each place.
    """
    gates, batches, a_second, seed = 10_000, 4, 20, random.Random(7)
    clock, refused = FakeClock(), 0
    turns, began_s = Turns(clock), clock.monotonic_s()
    waiting = [[began_s, number] for number in range(gates)]  # when each comes next
    left, back_offs = [batches] * gates, [BackOff(seed.random) for _ in range(gates)]
    done_s, free_at_s = [0.0] * gates, began_s
    heapq.heapify(waiting)
    while waiting:
        now_s, number = heapq.heappop(waiting)
        clock.advance(round(now_s * 1000) - clock.monotonic_ms())
        waits = max(0.0, free_at_s - now_s) * a_second
        if (waits + 1) * FULL_BATCH_BYTES > MOST_WAITING_BYTES:
            turn_s = turns.wait_s(f"gate-{number}", FULL_BATCH_BYTES, round(waits * FULL_BATCH_BYTES))
            again_s = now_s + back_offs[int(number)].after(HubRefused(429, timedelta(seconds=turn_s)))
            refused += 1
        else:
            free_at_s = max(free_at_s, now_s) + 1 / a_second
            turns.wrote(FULL_BATCH_BYTES, 1 / a_second)
            back_offs[int(number)].reset()
            left[int(number)] -= 1
            done_s[int(number)] = again_s = free_at_s
        if left[int(number)]:
            heapq.heappush(waiting, [again_s, number])
    floor_s = gates * batches / a_second
    assert max(done_s) - began_s <= 1.1 * floor_s
    assert refused / floor_s <= 1.5 * GATES_A_SECOND  # of 2 ms each


def test_ten_thousand_gates_leave_a_hub_alone_whose_database_is_away() -> None:
    gates, seed, asked = 1_000, random.Random(7), Counter[int]()
    for _ in range(gates):
        back_off, now_s = BackOff(seed.random), 0.0
        while now_s < 3_600:
            asked[int(now_s // 600)] += 1
            now_s += back_off.after(HubRefused(503, timedelta(seconds=5)))
    assert asked[5] / 600 * (10_000 / gates) <= 75
