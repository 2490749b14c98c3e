from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import HTTPException

from device.clock import SystemClock
from device.errors import WireError
from device.hub.api.concurrency import SMALL_BYTES, InProgress, UnfinishedBodies, WriteQueue
from device.hub.connections import Connection, ConnectionTable, Limits, Phase
from device.hub.folder import HubFolder
from device.hub.paced_log import PacedLog
from device.uplink.hub import compressed
from device.wire import checkins as wire
from tests.support.bad_line import read_message
from tests.support.databases import both_databases
from tests.support.fake_outbox import batch_of, chained_rows, sent
from tests.support.fake_server import HubThread
from tests.support.fakes import FakeClock
from tests.support.raw_request import signed_head
from tests.support.running_hub import RunningHub

TABLE = ConnectionTable(Limits(), PacedLog(FakeClock()))


class Line(Connection):
    """A connection that is in *phase*, and remembers that it was cut."""

    def __init__(self, phase: Phase) -> None:
        super().__init__(TABLE, "192.0.2.1")
        self.phase = phase
        self.was_cut = False
        self.ends_by(self._note_end)

    def _note_end(self) -> None:
        self.was_cut = True


def test_a_third_request_of_a_gate_ends_its_oldest_whose_body_is_not_whole() -> None:
    in_progress, answered, sending, newest = InProgress(), Line(Phase.ANSWER), Line(Phase.BODY), Line(Phase.BODY)
    with (
        in_progress.one_of("gate-a", answered),
        in_progress.one_of("gate-a", sending),
        in_progress.one_of("gate-a", newest),
    ):
        assert (answered.was_cut, sending.was_cut, newest.was_cut) == (False, True, False)


def test_a_gate_gets_two_at_work_and_another_gate_is_not_held_up() -> None:
    in_progress = InProgress()
    with in_progress.one_of("gate-a", Line(Phase.ANSWER)), in_progress.one_of("gate-a", Line(Phase.ANSWER)):
        with pytest.raises(HTTPException) as caught, in_progress.one_of("gate-a", Line(Phase.BODY)):
            pass
        with in_progress.one_of("gate-b", Line(Phase.BODY)):
            pass
    assert (caught.value.status_code, caught.value.headers) == (429, {"Retry-After": "1"})
    with in_progress.one_of("gate-a", Line(Phase.BODY)):
        pass


def test_all_gates_together_have_a_limit_too_and_who_is_too_many_comes_within_half_a_minute() -> None:
    in_progress, told = InProgress(1), list[int]()
    with in_progress.one_of("gate-a", Line(Phase.ANSWER)):
        for number in range(300):
            with pytest.raises(HTTPException) as caught, in_progress.one_of(f"gate-{number}", Line(Phase.BODY)):
                pass
            told.append(int((caught.value.headers or {})["Retry-After"]))
    assert Counter(told) == dict.fromkeys(range(1, 31), 10)


def test_bodies_that_are_being_sent_fill_no_memory_the_one_that_took_longest_goes() -> None:
    bodies, first, second = UnfinishedBodies(100), Line(Phase.BODY), Line(Phase.BODY)
    with bodies.of(first) as count_first, bodies.of(second) as count_second:
        count_first(60)
        count_second(40)
        assert not first.was_cut
        count_second(1)
        assert (first.was_cut, second.was_cut) == (True, False)
        count_second(59)
        count_first(1000)  # what it still had in hand
        assert not second.was_cut


@both_databases
def test_batches_that_would_wait_too_long_are_told_to_come_again_and_all_else_is_answered(folder: HubFolder) -> None:
    gate = folder.add_gate("Cổng A")
    batch = batch_of(gate.device_id, chained_rows(gate.device_id, gate.sealing_keys[-1], 5))
    body = compressed(wire.encode_batch(batch, gate.key.sign(wire.head_of(batch)), sent()))
    with HubThread(folder, most_waiting_bytes=len(body) // 2) as server:
        hub = RunningHub(folder, server.url, server.store, gate)
        answer = hub.post(body)
        assert hub.get("/v1/health").status_code == 200
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json() == {"error": "too many gates at once"}
    with HubThread(folder, most_waiting_bytes=len(body)) as server:
        hub = RunningHub(folder, server.url, server.store, gate)
        assert [hub.post(body).status_code for _ in range(3)] == [200] * 3


def test_a_batch_that_finds_no_room_is_refused_before_it_is_read_and_its_line_goes_on(tmp_path: Path) -> None:
    folder = HubFolder.create(tmp_path / "hub", SystemClock())
    gate, body = folder.add_gate("Cổng A"), bytes(900_000)
    with HubThread(folder, most_waiting_bytes=len(body) - 1) as server:
        where = urlsplit(server.url)
        head = signed_head(gate, where.netloc, "/v1/checkins", body, "gzip")
        with socket.create_connection((where.hostname or "", where.port or 0), 20) as line:
            line.sendall(head)
            refused = read_message(line)  # not a byte of the body is there
            line.sendall(body + b"GET /v1/health HTTP/1.1\r\nHost: " + where.netloc.encode() + b"\r\n\r\n")
            assert b" 200 " in read_message(line).partition(b"\r\n")[0]
    assert b" 429 " in refused.partition(b"\r\n")[0]
    assert b"retry-after: 1\r\n" in refused


def test_who_keeps_up_finds_room_beside_those_who_catch_up_and_these_come_one_after_the_other(
    hub: RunningHub,
) -> None:
    async def run() -> list[str | int]:
        queue, begin, told = WriteQueue(hub.store, 400_000), threading.Event(), list[str | int]()

        async def ask(size: int) -> None:
            try:
                told.append(await queue.run(size, lambda: lambda: "taken", f"gate-{len(told)}"))
            except HTTPException as refused:
                told.append(int((refused.headers or {})["Retry-After"]))

        first = asyncio.create_task(queue.run(400_000, lambda: lambda: begin.wait(20)))
        await asyncio.sleep(0)
        for _ in range(3):
            await ask(10_000_000)
        small = [asyncio.create_task(ask(SMALL_BYTES)) for _ in range(7)]
        await asyncio.sleep(0)
        begin.set()
        await asyncio.gather(first, *small)
        return told

    told = asyncio.run(run())
    assert told == [1, 2, 4, 1, *["taken"] * 6]


def test_small_batches_that_find_no_room_come_one_after_the_other_too(hub: RunningHub) -> None:
    async def run() -> list[int]:
        queue, begin, told = WriteQueue(hub.store, 4_000_000), threading.Event(), list[int]()
        first = [
            asyncio.create_task(queue.run(size, lambda: lambda: begin.wait(20)))
            for size in (4_000_000, *[SMALL_BYTES] * 61)
        ]
        await asyncio.sleep(0)
        for number in range(2_000):
            with pytest.raises(HTTPException) as refused:
                queue.must_have_room(SMALL_BYTES, f"gate-{number}")
            told.append(int((refused.value.headers or {})["Retry-After"]))
        begin.set()
        await asyncio.gather(*first)
        return told

    told = asyncio.run(run())
    assert told == sorted(told)
    assert (told[0], told[-1]) == (1, 7)


@both_databases
def test_a_batch_is_read_before_the_database_is_locked_for_it(hub: RunningHub) -> None:
    async def run() -> list[bool]:
        queue, held = WriteQueue(hub.store), list[bool]()

        def prepare() -> Callable[[], str]:
            with hub.store.writers:  # nobody has it
                held.append(False)
            return write

        def write() -> str:
            held.append(True)
            return "done"

        answers = await asyncio.gather(*(queue.run(1, prepare) for _ in range(3)))
        assert answers == ["done"] * 3
        return held

    assert asyncio.run(run()) == [False] * 3 + [True] * 3


def test_what_cannot_be_prepared_fails_alone(hub: RunningHub) -> None:
    def spoilt() -> Callable[[], str]:
        raise WireError("body: not gzip")

    async def run() -> list[str | BaseException]:
        queue = WriteQueue(hub.store)
        works = (lambda: lambda: "a", spoilt, lambda: lambda: "b")
        return await asyncio.gather(*(queue.run(1, work) for work in works), return_exceptions=True)

    first, failed, last = asyncio.run(run())
    assert (first, str(failed), last) == ("a", "body: not gzip", "b")
