from __future__ import annotations

import threading

import pytest

from device.hub.db.fair_lock import FairLock
from tests.support.fakes import FakeClock


def test_who_asked_first_is_served_first() -> None:
    lock, order = FairLock(FakeClock()), list[int]()

    def work(number: int) -> None:
        with lock:
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    with lock:
        for number, thread in enumerate(threads):
            thread.start()
            while lock.waiting <= number:
                pass
    for thread in threads:
        thread.join(20)
    assert order == list(range(20))
    assert lock.taken == 21


def test_a_block_that_raises_lets_the_next_one_in() -> None:
    lock = FairLock(FakeClock())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), lock:
            raise ZeroDivisionError
    with lock:
        assert lock.waiting == 0


def test_the_longest_time_it_was_held_is_remembered() -> None:
    clock = FakeClock()
    lock = FairLock(clock)
    for held_ms in (20, 300, 10):
        with lock:
            clock.advance(held_ms)
    assert (lock.longest_ms, lock.longest_wait_ms) == (300, 0)
