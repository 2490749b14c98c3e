"""A gate's memory in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from device.crypto.sealing import Sealer, SealingKey, new_key_pair
from device.model import CheckIn
from device.store.ledger import SqliteLedger
from tests.support.fakes import FakeClock
from tests.support.visitors import visitor

DEVICE = "gate-1"


@pytest.fixture(scope="session")
def key_pair() -> tuple[SealingKey, bytes]:
    return new_key_pair()


@pytest.fixture
def sealer(key_pair: tuple[SealingKey, bytes]) -> Sealer:
    return Sealer(DEVICE, [key_pair[0]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def open_ledger(folder: Path, sealer: Sealer) -> Iterator[Callable[[], SqliteLedger]]:
    """Open the ledger; everything opened is closed in the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(SqliteLedger.open(folder, DEVICE, sealer))


@pytest.fixture
def ledger(open_ledger: Callable[[], SqliteLedger]) -> SqliteLedger:
    return open_ledger()


@pytest.fixture
def fact() -> Callable[[int], CheckIn]:
    """Make the check-in of an invented visitor; a minute passes between any two."""
    clock = FakeClock()

    def make(number: int) -> CheckIn:
        clock.advance(60_000)
        return visitor(number, clock)

    return make
