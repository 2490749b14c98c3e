"""The power goes while a gate works, again and again; the card is made of what a real process did to its files."""

from __future__ import annotations

import shutil

import pytest

from tests.bench.powercuts import Scenario, cut_power

pytestmark = [
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (setup.sh test installs it)"),
    pytest.mark.timeout(300),
]


def test_after_five_hundred_power_cuts_every_acknowledged_check_in_is_there_once() -> None:
    result = cut_power(500, 1)
    assert (result.cuts, result.refused) == (500, 0)
    assert result.acknowledged > 10_000
    assert (result.losing, result.lost) == (0, 0)
    assert result.again == 0
    assert result.damaged == 0
    assert result.good


def test_a_ledger_that_syncs_less_often_is_found_out() -> None:
    result = cut_power(60, 1, Scenario(normal=True))
    assert result.losing > 5
    assert not result.good


EIO_OF_A_SYNC = "fdatasync:error=EIO:when="


@pytest.mark.parametrize(
    ("inject", "start_anew"),
    [
        (f"{EIO_OF_A_SYNC}47", False),
        (f"{EIO_OF_A_SYNC}47", True),
        (f"{EIO_OF_A_SYNC}60+9", False),
        ("pwrite64:error=EIO:when=300", False),
        ("pwrite64:error=EIO:when=300", True),
        ("pwrite64:error=ENOSPC:when=300..320", False),
        ("pwrite64:error=ENOSPC:when=300..306", True),
        ("pwrite64:error=EROFS:when=300..325", False),
        ("pwrite64:error=EROFS:when=300..305", True),
    ],
)
def test_a_card_that_refused_a_write_or_a_sync_costs_nothing_that_was_acknowledged(
    inject: str, *, start_anew: bool
) -> None:
    result = cut_power(60, 1, Scenario(120, inject=inject, start_anew=start_anew))
    assert result.refused > 0
    assert result.acknowledged > 1000
    assert (result.losing, result.again, result.damaged) == (0, 0, 0)
