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
