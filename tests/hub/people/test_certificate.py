"""The certificate for people's phones: what is wrong with one, and how a running hub gets another."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from device.errors import ConfigurationError
from device.hub.people.certificate import (
    SOON_DAYS,
    WatchedCertificate,
    bare_context,
    ends_soon,
    objections,
    read_certificate,
)
from tests.hub.people.certificates import DAY_S, NOW_S, locked_key, write_certificate
from tests.support.fakes import FakeClock

LOOK_MS = 30_000


def test_a_certificate_says_its_names_and_when_it_ends(tmp_path: Path) -> None:
    found = read_certificate(*write_certificate(tmp_path, ("hub.vn", "*.cho.vn", "10.0.0.1", "fd00::1")))
    assert found.names == ("hub.vn", "*.cho.vn", "10.0.0.1", "fd00::1")
    assert found.last_day == "2026-04-01"


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("hub.vn", True),
        ("HUB.vn.", True),
        ("moi.cho.vn", True),
        ("a.moi.cho.vn", False),
        ("cho.vn", False),
        ("10.0.0.1", True),
        ("fd00:0::1", True),
        ("10.0.0.2", False),
        ("xhub.vn", False),
    ],
)
def test_a_name_is_covered_as_browsers_read_it(tmp_path: Path, host: str, *, covered: bool) -> None:
    found = read_certificate(*write_certificate(tmp_path, ("hub.vn", "*.cho.vn", "10.0.0.1", "fd00::1")))
    told = objections(found, host, NOW_S)
    assert (not told) is covered
    assert all(f", not for {host}" in line for line in told)


@pytest.mark.parametrize(
    ("begins", "ends", "told"),
    [
        (-9, 60, []),
        (-60, -1, ["ended on 2025-12-31; get another one"]),
        (3, 60, ["begins on 2026-01-04 only, by this machine's clock"]),
    ],
)
def test_dates_that_are_over_or_to_come_are_told(tmp_path: Path, begins: int, ends: int, told: list[str]) -> None:
    found = read_certificate(*write_certificate(tmp_path, begins=begins, ends=ends))
    assert objections(found, "hub.vn", NOW_S) == told


def test_its_end_is_told_three_weeks_before(tmp_path: Path) -> None:
    found = read_certificate(*write_certificate(tmp_path, ends=90))
    at_s = NOW_S + (90 - SOON_DAYS) * DAY_S
    assert [ends_soon(found, at_s - 1), ends_soon(found, at_s + 1)] == ["", "ends in 20 days; renew it"]
    assert ends_soon(found, NOW_S + 91 * DAY_S) == ""  # it has ended, which is told otherwise


def test_one_without_names_is_for_nobody(tmp_path: Path) -> None:
    found = read_certificate(*write_certificate(tmp_path, ()))
    assert objections(found, "hub.vn", NOW_S) == ["is for –, not for hub.vn"]


def spoil_certificate(certificate: Path, _: Path) -> None:
    certificate.write_bytes(b"\xff\xfe no certificate")


def take_away_certificate(certificate: Path, _: Path) -> None:
    certificate.unlink()


def make_certificate_huge(certificate: Path, _: Path) -> None:
    certificate.write_bytes(certificate.read_bytes() + b"\n" * 100_000)


def make_certificate_a_folder(certificate: Path, _: Path) -> None:
    certificate.unlink()
    certificate.mkdir()


def spoil_key(_: Path, key: Path) -> None:
    key.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")


def lock_key(_: Path, key: Path) -> None:
    key.write_bytes(locked_key())


def open_key(_: Path, key: Path) -> None:
    key.chmod(0o644)


def take_another_key(certificate: Path, key: Path) -> None:
    before = certificate.read_bytes()
    write_certificate(key.parent)
    certificate.write_bytes(before)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_certificate, "people.pem: no certificate (PEM)"),
        (take_away_certificate, "people.pem: cannot be read (No such file or directory)"),
        (make_certificate_huge, "people.pem: no certificate (PEM)"),
        (make_certificate_a_folder, "people.pem: cannot be read (Is a directory)"),
        (spoil_key, "people.key: no private key (PEM)"),
        (lock_key, "people.key: has a password, which nobody is there to type"),
        (open_key, "people.key: others may read it or write to it; chmod 640 "),
        (take_another_key, "people.key: is not the key of "),
    ],
)
def test_what_cannot_be_served_with_is_told_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path, Path], None], told: str
) -> None:
    files = write_certificate(tmp_path)
    spoil(*files)
    with pytest.raises(ConfigurationError) as caught:
        read_certificate(*files)
    assert told in str(caught.value)


class Watched:
    """A watched certificate, and what was taken of it."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.taken = FakeClock(), list[ssl.SSLContext]()
        self.files = (folder / "people.pem", folder / "people.key")
        self.watched = WatchedCertificate(self.files, "hub.vn", self.clock, self.taken.append)
        self.watched.beat()

    def after(self, ms: int = LOOK_MS) -> int:
        """Let time pass, and return how many certificates were taken since the beginning."""
        self.clock.advance(ms)
        self.watched.beat()
        return len(self.taken)


def test_a_changed_file_is_taken_at_the_next_look_and_one_that_stays_is_not_read_again(tmp_path: Path) -> None:
    write_certificate(tmp_path)
    watched = Watched(tmp_path)
    assert [len(watched.taken), watched.after(1_000), watched.after()] == [1, 1, 1]
    write_certificate(tmp_path)
    assert [watched.after(1_000), watched.after()] == [1, 2]


def test_a_broken_file_leaves_the_one_before_and_a_mended_one_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, key = write_certificate(tmp_path)
    watched = Watched(tmp_path)
    right = key.read_bytes()
    key.write_text("half a ke")
    assert [watched.after(), watched.after()] == [1, 1]
    assert [line for line in caplog.messages if "refused" in line] == [
        f"event=people-certificate-refused served=the-one-before reason='{key}: no private key (PEM)'"
    ]
    key.write_bytes(right)
    assert watched.after() == 2


def test_files_that_come_later_are_taken_without_a_new_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(tmp_path)
    assert watched.taken == []
    assert "served=none" in caplog.text
    write_certificate(tmp_path)
    assert watched.after() == 1


def test_its_end_is_in_the_log_once_a_day_and_after_a_renewal_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")
    write_certificate(tmp_path, ends=10)
    watched = Watched(tmp_path)
    for _ in range(5):
        watched.after()
    assert caplog.messages == ["event=people-certificate reason='ends in 10 days; renew it'"]
    watched.after(DAY_S * 1000)
    assert caplog.messages[1:] == ["event=people-certificate reason='ends in 8 days; renew it'"]
    write_certificate(tmp_path)
    watched.after()
    watched.after(DAY_S * 1000)
    assert len(caplog.messages) == 2


@contextmanager
def answering(context: ssl.SSLContext) -> Iterator[int]:
    """Shake hands with one that comes, on a thread; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            accepted, _ = server.accept()
            accepted.settimeout(20)
            with accepted, suppress(OSError):
                context.wrap_socket(accepted, server_side=True).close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(20)
        assert not thread.is_alive()


def shakes_hands(context: ssl.SSLContext) -> bool:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with answering(context) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            trusting.wrap_socket(connection).close()
        except OSError:
            return False
    return True


def test_with_a_certificate_hands_are_shaken_and_without_one_they_are_not(tmp_path: Path) -> None:
    assert shakes_hands(read_certificate(*write_certificate(tmp_path)).context)
    assert not shakes_hands(bare_context())
