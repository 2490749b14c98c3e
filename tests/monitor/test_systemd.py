"""What systemd hears, read from a real datagram socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.monitor.systemd import SystemdNotifier


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.settimeout(5)
        yield bound


def test_each_word_is_one_datagram(tmp_path: Path, listener: socket.socket) -> None:
    notifier = SystemdNotifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    notifier.ready()
    notifier.alive()
    notifier.status("two\nlines")
    notifier.stopping()
    heard = [listener.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STATUS=two lines", b"STOPPING=1"]
    notifier.close()
    notifier.close()


def test_without_a_socket_it_is_silent() -> None:
    notifier = SystemdNotifier({})
    notifier.ready()
    notifier.alive()


def test_a_systemd_that_went_away_does_not_stop_the_gate(tmp_path: Path, listener: socket.socket) -> None:
    notifier = SystemdNotifier({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    listener.close()
    notifier.alive()
    notifier.close()


def test_an_abstract_socket_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind("\0gate-scanner-test")
        bound.settimeout(5)
        notifier = SystemdNotifier({"NOTIFY_SOCKET": "@gate-scanner-test"})
        notifier.ready()
        assert bound.recv(100) == b"READY=1"
        notifier.close()
