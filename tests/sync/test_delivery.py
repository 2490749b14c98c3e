from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.clock import SystemClock
from device.crypto.sealing import new_key_pair
from device.errors import HubNonsense, HubRefused, HubRevoked, HubUnreachable, LedgerUnavailable
from device.gate.link_status import LinkState, LinkStatus
from device.gate.traffic import STEP_ASIDE_MOST_S, Traffic
from device.model import Batch, Receipt
from device.ports import Outbox
from device.sync.delivery import GREET_EVERY_S, Delivery, DeliveryEvents, Pace
from device.uplink.hub import HubClient
from device.uplink.retry import BACK_OFF_MOST_S, BackOff, RetryAction, retry_action_of
from device.wire.checkins import check_receipt
from tests.support.fake_enrolment import enrolled
from tests.support.fake_outbox import EPOCH, MemoryOutbox, chained_rows
from tests.support.fake_server import PATIENCE_S, RawServer, read_request, read_until_closed
from tests.support.fakes import FakeClock
from tests.support.threads import running

DEVICE = "gate-0a1b2c"
ROWS = chained_rows(DEVICE, new_key_pair()[0], 600)
Answer = Exception | Receipt | Callable[[Batch], Receipt] | None


class ScriptedUplink:
    """Gives the scripted answers, then settles everything; ``None`` settles the batch."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sizes: list[int] = []
        self.firsts: list[int] = []

    def deliver(self, batch: Batch) -> Receipt:
        self.sizes.append(len(batch.rows))
        self.firsts.append(batch.rows[0].seq)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(batch)
        receipt = answer or Receipt(batch.rows[-1].seq)
        check_receipt(batch, receipt)
        return receipt

    def close(self) -> None:
        pass


class Heard(DeliveryEvents):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.revocations: list[bytes] = []
        self.forks: list[tuple[str, int]] = []
        self.outbox: MemoryOutbox | None = None

    def revoked(self, statement: bytes) -> None:
        self.revocations.append(statement)

    def forked(self, epoch: str) -> None:
        assert self.outbox is not None
        self.forks.append((epoch, self.outbox.cursor))


class Bench:
    """A delivery over an outbox in memory that ends when everything is settled."""

    def __init__(self, *answers: Answer, rows: int = 600) -> None:
        self.clock = FakeClock()
        self.outbox = MemoryOutbox(DEVICE, ROWS[:rows])
        self.uplink = ScriptedUplink(*answers)
        self.opened = 0
        self.fail_to_open: list[Exception] = []
        self.link, self.traffic, self.new_row = LinkStatus(1_000_000), Traffic(self.clock), threading.Event()
        self.heard = Heard()
        self.heard.outbox = self.outbox
        self.delivery = Delivery(
            self.open,
            self.uplink,
            self.clock,
            self.link,
            self.traffic,
            self.new_row,
            self.heard,
            Pace(chance=lambda: 0.5),
        )
        ask = self.outbox.next_batch

        def next_batch(most_rows: int, most_bytes: int) -> Batch | None:
            batch = ask(most_rows, most_bytes)
            if batch is None:
                self.delivery.close()
            return batch

        self.outbox.next_batch = next_batch  # type: ignore[method-assign]

    def open(self) -> AbstractContextManager[Outbox]:
        self.opened += 1
        if self.fail_to_open:
            raise self.fail_to_open.pop(0)
        return self.outbox

    def run(self) -> Bench:
        self.delivery.run()
        return self


def test_everything_is_delivered_in_order_in_full_batches() -> None:
    bench = Bench().run()
    assert bench.uplink.sizes == [500, 100]
    assert bench.outbox.cursor == 600
    assert bench.clock.waits == []
    assert bench.link.now.state is LinkState.ONLINE


def test_the_time_of_the_last_receipt_is_kept_and_a_failure_does_not_move_it() -> None:
    bench = Bench(HubUnreachable("no"), rows=1)
    assert bench.link.now.settled_ms is None
    bench.delivery.run()
    assert bench.link.now.settled_ms == bench.clock.since_boot_ms


def test_a_revoked_gate_sends_nothing_more_and_keeps_every_row() -> None:
    bench = Bench(None, HubRevoked(403, b"signed"), None).run()
    assert bench.uplink.sizes == [500, 100]
    assert (bench.outbox.cursor, bench.outbox.parked) == (500, {})
    assert (bench.heard.revocations, bench.link.now.state) == ([b"signed"], LinkState.REVOKED)


def test_what_the_centre_parks_is_settled_and_the_line_goes_on() -> None:
    bench = Bench(Receipt(500, ((7, "fork"), (8, "fork")))).run()
    assert bench.outbox.parked == {7: "fork", 8: "fork"}
    assert bench.outbox.cursor == 600


@pytest.mark.parametrize("reason", ["fork", "chain-broken"])
def test_a_chain_that_is_not_the_centres_is_told_once_after_its_rows_are_settled(reason: str) -> None:
    bench = Bench(Receipt(500, ((7, "status-422"),)), Receipt(600, ((501, reason), (502, reason)))).run()
    assert bench.heard.forks == [(EPOCH, 600)]


def test_a_part_that_is_settled_is_not_sent_again() -> None:
    bench = Bench(Receipt(120)).run()
    assert bench.uplink.firsts == [1, 121]


def test_a_centre_that_is_behind_gets_what_it_lacks_after_a_pause() -> None:
    bench = Bench(None, Receipt(20)).run()
    assert bench.uplink.firsts == [1, 501, 21, 521]
    assert bench.clock.waits == [0.5]
    assert bench.outbox.cursor == 600


def test_a_centre_that_never_knew_the_ledger_gets_nothing_of_what_another_one_has() -> None:
    bench = Bench(None, Receipt(0)).run()
    assert bench.uplink.firsts == [1, 501, 501]
    assert bench.outbox.cursor == 600


def test_a_centre_that_stays_behind_and_takes_nothing_does_not_look_well() -> None:
    bench = Bench(*[Receipt(0)] * 3, HubUnreachable("no"))
    seen: list[tuple[LinkState, str | None]] = []
    wait = bench.clock.wait

    def looked(until: threading.Event, timeout_s: float) -> bool:
        seen.append((bench.link.now.state, bench.link.now.error))
        return wait(until, timeout_s)

    bench.clock.wait = looked  # type: ignore[method-assign]
    bench.run()
    refused = (LinkState.REFUSED, "behind")
    assert seen == [(LinkState.ONLINE, None), refused, refused, (LinkState.OFFLINE, "unreachable")]
    assert bench.link.now.state is LinkState.ONLINE
    assert bench.outbox.cursor == 600


def test_pauses_grow_to_a_cap_with_jitter_and_start_again_after_a_success() -> None:
    bench = Bench(*[HubUnreachable("no")] * 12, None, HubUnreachable("no")).run()
    assert bench.clock.waits == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150, 0.5]


def test_a_bad_line_gets_smaller_batches_which_grow_again() -> None:
    bench = Bench(HubUnreachable("no answer within 20 s")).run()
    assert bench.uplink.sizes == [500, 50, 100, 200, 250]


def test_what_the_hub_asks_for_is_waited_for() -> None:
    bench = Bench(HubRefused(429, timedelta(seconds=40)), HubRefused(503, timedelta(days=1))).run()
    assert bench.clock.waits == [40.5, 900.5]


def test_a_turn_that_the_hub_gave_holds_however_often_it_gives_one_and_nothing_grows() -> None:
    bench = Bench(*[HubRefused(429, timedelta(seconds=7))] * 30, HubUnreachable("no answer")).run()
    assert bench.clock.waits == [*[7.5] * 30, 0.5]


@pytest.mark.parametrize(
    ("status", "asked"), [(503, timedelta(seconds=5)), (429, None), (429, timedelta()), (500, None)]
)
def test_where_no_turn_is_given_pauses_grow_whatever_is_asked_for(status: int, asked: timedelta | None) -> None:
    bench = Bench(*[HubRefused(status, asked)] * 12).run()
    least_s = (asked or timedelta()).total_seconds()
    assert bench.clock.waits == [least_s + more_s for more_s in (0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150)]


@given(st.integers(1, 5_000), st.floats(0, 1))
def test_no_number_of_failures_breaks_the_back_off(failures: int, chance: float) -> None:
    back_off = BackOff(lambda: chance)
    pauses = [back_off.next_s() for _ in range(failures)]
    assert all(0 <= pause <= BACK_OFF_MOST_S for pause in pauses)


@pytest.mark.parametrize(
    ("status", "action"),
    [
        *[(status, RetryAction.SHOW) for status in (400, 401, 402, 403, 404, 405, 409, 410, 451)],
        *[(status, RetryAction.SPLIT) for status in (413, 422)],
        *[(status, RetryAction.WAIT) for status in (408, 425, 429, 500, 501, 502, 503, 504, 599)],
    ],
)
def test_each_status_has_its_fate(status: int, action: RetryAction) -> None:
    assert retry_action_of(status) is action


@pytest.mark.parametrize("status", [401, 403, 404, 409])
def test_a_refusal_is_shown_and_costs_no_row(status: int) -> None:
    states: list[LinkState] = []

    def look(batch: Batch) -> Receipt:
        states.append(bench.link.now.state)
        return Receipt(batch.rows[-1].seq)

    bench = Bench(HubRefused(status), look)
    bench.run()
    assert states == [LinkState.REFUSED]
    assert (bench.outbox.cursor, bench.outbox.parked) == (600, {})
    assert bench.uplink.sizes == [500, 500, 100]


@pytest.mark.parametrize("status", [413, 422])
def test_one_row_the_hub_cannot_take_is_found_and_parked_and_the_others_arrive(status: int) -> None:
    arrived: set[int] = set()

    def hub(batch: Batch) -> Receipt:
        if any(row.seq == 137 for row in batch.rows):
            raise HubRefused(status)
        arrived.update(row.seq for row in batch.rows)
        return Receipt(batch.rows[-1].seq)

    bench = Bench(*[hub] * 60).run()
    assert bench.outbox.parked == {137: f"status-{status}"}
    assert arrived == set(range(1, 601)) - {137}
    assert len(bench.clock.waits) == 1


def test_a_hub_that_refuses_every_row_parks_them_no_faster_than_the_pauses() -> None:
    bench = Bench(*[HubRefused(422)] * 14, rows=10).run()
    parked = len(bench.outbox.parked)
    assert parked == len(bench.clock.waits) > 5
    assert sum(bench.clock.waits) >= 2 ** (parked - 1) * 0.5 - 1


def test_the_link_is_logged_when_it_changes_and_only_then(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "device.sync.delivery")
    Bench(*[HubUnreachable("no")] * 5, HubNonsense("page"), HubRefused(500), None, HubUnreachable("no"), rows=600).run()
    states = [record.getMessage().split()[1] for record in caplog.records]
    assert states == ["state=offline", "state=online", "state=offline", "state=online"]


def test_the_link_says_since_when_and_why() -> None:
    seen: list[tuple[LinkState, int, str | None]] = []

    def look(batch: Batch) -> Receipt:
        link = bench.link.now
        seen.append((link.state, link.since_ms, link.error))
        return Receipt(batch.rows[-1].seq)

    bench = Bench(look, HubUnreachable("no"), HubRefused(503), look)
    bench.run()
    assert seen == [(LinkState.UNTRIED, 1_000_000, None), (LinkState.OFFLINE, 1_000_000, "status-503")]
    assert bench.link.now.error is None
    assert bench.link.now.since_ms == bench.clock.since_boot_ms


def test_no_log_line_holds_what_is_in_a_row(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Bench(HubUnreachable("no"), HubRefused(422), Receipt(50, ((7, "fork"),))).run()
    assert "Nguyễn" not in caplog.text
    assert ROWS[0].sealed.hex() not in caplog.text


def test_a_ledger_that_cannot_be_read_is_opened_again_after_a_pause() -> None:
    bench = Bench()
    bench.fail_to_open = [LedgerUnavailable("bad card"), LedgerUnavailable("bad card")]
    bench.run()
    assert (bench.opened, bench.outbox.cursor) == (3, 600)


def test_a_defect_ends_the_loop() -> None:
    bench = Bench(KeyError("x"))
    with pytest.raises(KeyError):
        bench.run()
    assert bench.outbox.cursor == 0


def test_delivery_steps_aside_while_a_code_is_in_view() -> None:
    bench = Bench()
    bench.traffic.code_in_view(bench.clock.since_boot_ms - 300)
    bench.run()
    assert bench.clock.waits == [0.05] * 4
    assert bench.outbox.cursor == 600


def test_a_poster_in_view_for_ever_does_not_stop_delivery() -> None:
    bench = Bench()
    bench.traffic.code_in_view(bench.clock.since_boot_ms + 10**6)
    bench.run()
    assert bench.outbox.cursor == 600
    assert sum(bench.clock.waits) <= 3 * (STEP_ASIDE_MOST_S + 0.1)


def test_an_empty_queue_is_looked_at_again_on_waking_and_else_at_the_interval() -> None:
    clock = FakeClock()
    outbox = MemoryOutbox(DEVICE, ())
    looks: list[float] = []

    def next_batch(most_rows: int, most_bytes: int) -> Batch | None:
        looks.append(clock.monotonic_s())
        if len(looks) == 2:
            new_row.set()  # a check-in while the outbox is looked at
        if len(looks) == 4:
            delivery.close()
        return None

    outbox.next_batch = next_batch  # type: ignore[method-assign]
    new_row = threading.Event()
    delivery = Delivery(lambda: outbox, ScriptedUplink(), clock, LinkStatus(0), Traffic(clock), new_row)
    delivery.run()
    assert looks == [1_000, 1_030, 1_030, 1_060]


class Idle(DeliveryEvents):
    """A delivery with nothing to deliver, for so many looks at the empty queue."""

    def __init__(self, looks: int, *answers: Exception | None) -> None:
        self.clock, self.greeted_s = FakeClock(), list[float]()
        self.answers, self.told = list(answers), list[bytes]()
        outbox = MemoryOutbox(DEVICE, ())
        left = iter(range(looks))

        def next_batch(most_rows: int, most_bytes: int) -> Batch | None:
            if next(left, None) is None:
                delivery.close()
            return None

        outbox.next_batch = next_batch  # type: ignore[method-assign]
        self.link = LinkStatus(0)
        delivery = Delivery(
            lambda: outbox,
            ScriptedUplink(),
            self.clock,
            self.link,
            Traffic(self.clock),
            threading.Event(),
            self,
            Pace(600, chance=lambda: 0.5),
        )
        delivery.run()

    def revoked(self, statement: bytes) -> None:
        self.told.append(statement)

    def greet(self) -> None:
        self.greeted_s.append(self.clock.monotonic_s() - 1_000)
        if self.answers and (answer := self.answers.pop(0)):
            raise answer


def test_a_gate_with_nothing_to_deliver_greets_its_centre_at_once_and_then_every_six_hours() -> None:
    assert Idle(looks=80).greeted_s == [0, GREET_EVERY_S, 2 * GREET_EVERY_S]


def test_a_centre_that_answers_no_greeting_is_greeted_again_after_a_pause_not_called_offline() -> None:
    idle = Idle(3, HubUnreachable("no"), HubRefused(404))
    assert idle.greeted_s == [0, 600, 1_200]
    assert idle.link.now.state is LinkState.UNTRIED


def test_a_withdrawn_gate_hears_it_without_having_anything_to_deliver() -> None:
    idle = Idle(9, HubRevoked(403, b"signed"))
    assert (idle.greeted_s, idle.told) == ([0], [b"signed"])
    assert idle.link.now.state is LinkState.REVOKED


def test_stopping_ends_a_pause_and_an_empty_wait() -> None:
    for rows, answers in ((1, [HubRefused(429, timedelta(minutes=15))]), (0, [])):
        asked = threading.Event()
        outbox = MemoryOutbox(DEVICE, ROWS[:rows])
        ask = outbox.next_batch

        def next_batch(
            most_rows: int,
            most_bytes: int,
            ask: Callable[[int, int], Batch | None] = ask,
            asked: threading.Event = asked,
        ) -> Batch | None:
            asked.set()
            return ask(most_rows, most_bytes)

        outbox.next_batch = next_batch  # type: ignore[method-assign]
        clock = SystemClock()
        delivery = Delivery(
            lambda outbox=outbox: outbox,  # type: ignore[misc]
            ScriptedUplink(*answers),
            clock,
            LinkStatus(0),
            Traffic(clock),
            threading.Event(),
        )
        with running(delivery):
            assert asked.wait(PATIENCE_S)


def test_stopping_ends_a_request_that_hangs_and_nothing_is_settled() -> None:
    reached = threading.Event()

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        reached.set()
        read_until_closed(connection)

    clock = SystemClock()
    with RawServer(silent) as server:
        uplink = HubClient(server.url, enrolled(), clock, deadline_s=600)
        outbox = MemoryOutbox(DEVICE, ROWS[:3])
        delivery = Delivery(lambda: outbox, uplink, clock, LinkStatus(0), Traffic(clock), threading.Event())
        with running(delivery):
            assert reached.wait(PATIENCE_S)
    assert outbox.cursor == 0
