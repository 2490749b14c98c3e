from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from device.errors import LedgerUnavailable
from device.model import CheckIn
from device.store.checkup import Checkup
from device.store.ledger import SqliteLedger
from device.store.reading import read_back

Make = Callable[[int], CheckIn]
Open = Callable[[], SqliteLedger]


def spoil_a_middle_page(folder: Path) -> None:
    """Change a page that opening the ledger does not look at."""
    with (folder / "ledger.db").open("r+b") as file:
        pages = file.seek(0, 2) // 4096
        file.seek(pages // 2 * 4096)
        file.write(b"\xa5" * 4096)


def test_a_file_that_is_well_stays(open_ledger: Open, folder: Path, fact: Make) -> None:
    ledger = open_ledger()
    for number in range(200):
        ledger.record(fact(number))
    epoch = ledger.epoch
    Checkup(ledger, folder).run()
    assert ledger.epoch == epoch


def test_damage_that_opening_did_not_see_makes_a_new_epoch_while_the_gate_runs(
    open_ledger: Open, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with open_ledger() as ledger:
        for number in range(400):
            ledger.record(fact(number))
    spoil_a_middle_page(folder)
    ledger = open_ledger()
    epoch = ledger.epoch
    assert ledger.record(fact(0)) == 401  # its tail is whole
    with caplog.at_level(logging.ERROR):
        checking = threading.Thread(target=Checkup(ledger, folder).run)
        checking.start()
        checking.join(30)
    assert ledger.epoch != epoch
    assert ledger.record(fact(1)) == 1
    assert "event=ledger-damaged" in caplog.text
    assert [row.seq for row in read_back(folder)] == [1]


def test_a_file_that_is_no_database_any_more_makes_a_new_epoch_while_the_gate_runs(
    open_ledger: Open, folder: Path, fact: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with open_ledger() as ledger:
        ledger.record(fact(1))
    ledger = open_ledger()
    epoch = ledger.epoch
    with (folder / "ledger.db").open("r+b") as file:
        file.write(bytes(100))
    with caplog.at_level(logging.ERROR):
        Checkup(ledger, folder).run()
    assert ledger.epoch != epoch
    assert "what stands in it cannot be read" in caplog.text
    assert ledger.record(fact(1)) == 1


def test_a_check_that_is_stopped_before_it_began_does_nothing(ledger: SqliteLedger, folder: Path) -> None:
    spoil_a_middle_page(folder)
    epoch = ledger.epoch
    checkup = Checkup(ledger, folder)
    checkup.close()
    checkup.run()
    assert ledger.epoch == epoch


def test_a_ledger_that_cannot_be_checked_is_said_and_left(
    ledger: SqliteLedger, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.close()
    with caplog.at_level(logging.WARNING):
        Checkup(ledger, folder).run()
    assert "event=ledger-check-failed" in caplog.text


def test_only_the_epoch_that_was_looked_at_is_set_aside(ledger: SqliteLedger, folder: Path, fact: Make) -> None:
    old = ledger.epoch
    assert ledger.condemn(old, "a test")
    assert not ledger.condemn(old, "a test again")
    assert ledger.record(fact(1)) == 1
    ledger.close()
    assert not ledger.condemn(old, "too late")
    with pytest.raises(LedgerUnavailable):
        _ = ledger.epoch
