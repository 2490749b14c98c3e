"""Between two visitors the delivery thread keeps the ledger small."""

from __future__ import annotations

import threading
from pathlib import Path

from device.app.site_plans import store_limits
from device.crypto.sealing import Sealer, new_key_pair
from device.model import Batch, Receipt
from device.settings.load import parse
from device.store.ledger import SqliteLedger
from device.store.limits import Limits
from device.store.outbox import SqliteOutbox
from device.store.reading import read_back
from device.sync.delivery import Delivery, DeliveryEvents
from tests.support.delivering import Delivering
from tests.support.fakes import FakeClock
from tests.support.visitors import visitor

DEVICE = "gate-1"
DAY_MS = 86_400_000


class IdleClock(FakeClock):
    """Stops the delivery the first time it waits for something to do."""

    delivery: Delivery

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        self.delivery.close()
        return super().wait(until, timeout_s)


class Centre:
    """Takes everything, and remembers in which order it and the upkeep came."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def deliver(self, batch: Batch) -> Receipt:
        self.steps.append(f"batch to {batch.rows[-1].seq}")
        return Receipt(batch.rows[-1].seq)

    def close(self) -> None:
        pass


def test_a_month_that_was_delivered_is_deleted_in_pieces_when_nothing_is_to_be_sent(tmp_path: Path) -> None:
    clock, centre, key = IdleClock(), Centre(), new_key_pair()[0]
    with SqliteLedger.open(tmp_path / "store", DEVICE, Sealer(DEVICE, [key])) as ledger:
        for number in range(600):
            ledger.record(visitor(number, clock))
        clock.advance(30 * DAY_MS + 1)
        for number in range(30):
            ledger.record(visitor(number, clock))
        outbox = SqliteOutbox(tmp_path / "store", damaged=ledger.condemn)

        class Tidying(DeliveryEvents):
            def idle(self) -> bool:
                more = outbox.tidy(30 * DAY_MS, clock.reading())
                centre.steps.append("a piece deleted" if more else "nothing to delete")
                return more

        clock.delivery = Delivering(lambda: outbox, centre, clock, Tidying()).delivery
        clock.delivery.run()
    assert centre.steps == ["batch to 500", "batch to 630", *["a piece deleted"] * 3, "nothing to delete"]
    assert [row.seq for row in read_back(tmp_path / "store")] == list(range(601, 631))


def test_what_the_site_file_says_is_what_the_ledger_heeds() -> None:
    least = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"
    assert store_limits(parse(least)) == Limits(1_000_000, 700_000_000, drop_delivered=True, volatile_ok=False)
    written = "store: {max_rows: 5000, max_size: 16MB, at_cap: refuse_new, volatile_ok: true}\n"
    assert store_limits(parse(least + written)) == Limits(5_000, 16_000_000, drop_delivered=False, volatile_ok=True)
