from __future__ import annotations

import logging

import pytest

from device.hub.paced_log import PacedLog
from tests.support.fakes import FakeClock


def test_a_thousand_of_a_kind_are_one_line_at_once_and_one_number_a_minute_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    paced = PacedLog(clock)
    for _ in range(1_000):
        paced.note("no-handshake")
    paced.note("idle")
    assert caplog.messages == [
        "event=hub-server reason=no-handshake count=1",
        "event=hub-server reason=idle count=1",
    ]
    clock.advance(60_000)
    paced.note("no-handshake")
    assert caplog.messages[2:] == ["event=hub-server reason=no-handshake count=1000"]


def test_what_was_counted_last_is_told_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    paced = PacedLog(FakeClock())
    for _ in range(3):
        paced.note("no-handshake")
    paced.flush()
    paced.flush()
    assert [line.rpartition("=")[2] for line in caplog.messages] == ["1", "2"]


def test_lines_of_another_library_are_counted_and_nothing_of_a_request_is_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = logging.getLogger("test.another.library")
    paced = PacedLog(FakeClock())
    other.addFilter(paced)
    other.warning("Invalid HTTP request received.")
    other.warning("%s asked for %r", "192.0.2.1", "079090001234")
    try:
        int("079090001234x")
    except ValueError:
        other.exception("Exception in ASGI application\n")
    other.removeFilter(paced)
    assert caplog.messages[:2] == [
        "event=hub-server reason=invalid-http-request-received count=1",
        "event=hub-server reason=asked-for count=1",
    ]
    assert caplog.messages[2].startswith("event=hub-server reason=ValueError-at-test_paced_log.py:")
    assert "0790" not in caplog.text


def test_reasons_without_end_end_in_one(caplog: pytest.LogCaptureFixture) -> None:
    paced = PacedLog(FakeClock())
    for number in range(1_000):
        paced.note(f"reason-{number}")
    assert len(caplog.messages) == 65
    assert caplog.messages[-1] == "event=hub-server reason=other count=1"


def test_of_one_cause_a_line_a_minute_is_told_with_how_many_were_left_out() -> None:
    clock = FakeClock()
    paced = PacedLog(clock)
    assert [paced.left_out("refused gate-a") for _ in range(4)] == [0, None, None, None]
    assert paced.left_out("refused gate-b") == 0
    clock.advance(59_999)
    assert paced.left_out("refused gate-a") is None
    clock.advance(1)
    assert [paced.left_out("refused gate-a") for _ in range(2)] == [4, None]


def test_causes_without_end_do_not_take_memory_without_end() -> None:
    paced = PacedLog(FakeClock())
    for number in range(30_000):
        paced.left_out(f"refused gate-{number}")
    assert paced.left_out("refused gate-29999") is None
    assert paced.left_out("refused gate-0") == 0, "it was forgotten"
