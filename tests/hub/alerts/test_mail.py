"""Mail: over TLS, with a deadline, a Vietnamese subject that is read right, and nothing in it that becomes a header."""

from __future__ import annotations

import smtplib
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from device.clock import SystemClock
from device.errors import AlertUntold
from device.hub.alerts.deadline import Visitor
from device.hub.alerts.mail import TLS_PORT, MailAddress, MailSink, _secure
from device.hub.alerts.message import Event, Message, What, messages_of
from device.hub.alerts.rules import Found, Rule
from device.hub.alerts.sinks import Sender, trust_of, why_untold
from device.words import Language, speaking_here
from tests.support.authority import authority
from tests.support.fake_mail import MailServer
from tests.support.fake_server import PATIENCE_S, RawServer, StageClock

AT_MS = 1_767_571_200_000
SENDER = Sender("hub.example.vn", "0011223344556677", "https://hub.example.vn:8443/alerts")
TO = ("guard@example.vn", "office@example.vn")


def message(name: str = "Cổng A") -> Message:
    found = Found(name, "Chợ Mới", "Huế", "gate-1", "place-1", AT_MS - 60_000)
    return messages_of([Event.of(What.BEGAN, Rule.SILENT, "gate-1", found, AT_MS)], 5)[0]


def address_of(server: RawServer) -> MailAddress:
    return MailAddress("127.0.0.1", server.port, "hub@example.vn", TO, deadline_s=PATIENCE_S)


def sink_of(address: MailAddress) -> MailSink:
    return MailSink(address, SENDER, Visitor(SystemClock()))


def word_of(sink: MailSink) -> str:
    with pytest.raises(AlertUntold) as caught:
        sink.tell("hub/1/2", AT_MS, message())
    assert why_untold(caught.value.word) != ""
    return caught.value.word


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "mail.password"
    path.write_text("geheim\n")
    path.chmod(0o600)
    return path


def test_a_mail_says_what_is_wrong_in_vietnamese_and_is_named_the_same_when_it_comes_again() -> None:
    with MailServer() as server, speaking_here(Language.VIETNAMESE):
        for _ in range(2):
            sink_of(address_of(server)).tell("hub/1/2", AT_MS, message())
    first, again = server.mails
    assert first["Subject"] == "[hub.example.vn] máy quét mất liên lạc: Cổng A (Chợ Mới)"
    assert (first["From"], first["To"]) == ("hub@example.vn", "guard@example.vn, office@example.vn")
    assert first["Message-ID"] == again["Message-ID"] == "<hub.1.2@gate-hub.invalid>"
    assert first["Date"] == "Mon, 05 Jan 2026 00:00:00 +0000"
    text = first.get_content()
    assert "máy quét mất liên lạc: Cổng A (Chợ Mới), từ" in text
    assert "https://hub.example.vn:8443/alerts" in text
    receivers = [line.partition(":")[2] for line in server.heard if line.upper().startswith("RCPT")]
    assert receivers == [f"<{one}>" for one in TO * 2]


@pytest.mark.parametrize("name", ["A\r\nBcc: all@evil.vn\r\n\r\nx", "A\nX-Evil: 1", "\r\n.\r\nQUIT", "Cổng" * 500])
def test_no_name_becomes_a_header_or_an_end(name: str) -> None:
    with MailServer() as server:
        sink_of(address_of(server)).tell("hub/1/2", AT_MS, message(name))
    (mail,) = server.mails
    assert set(mail.keys()) == {
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    assert "evil" not in " ".join(line for line in server.heard if line.upper().startswith("RCPT"))


def test_where_there_is_tls_everything_said_is_under_it_and_an_unknown_authority_gets_nothing(
    tmp_path: Path, password_file: Path
) -> None:
    made = authority(tmp_path / "ca")
    with MailServer(tls=made.context) as server:
        address = replace(address_of(server), user="hub", password_file=password_file)
        assert word_of(sink_of(address)) == "untrusted"
        assert not [line for line in server.heard if line.startswith(("AUTH", "mail"))]
    with MailServer(tls=made.context) as server:
        address = replace(address_of(server), user="hub", password_file=password_file, ca_file=made.ca_file)
        sink_of(address).tell("hub/1/2", AT_MS, message())
    assert (len(server.mails), server.secured) == (1, 1)
    said = [line.partition(" ")[0].upper() for line in server.heard]
    assert said.index("STARTTLS") < said.index("AUTH") < said.index("MAIL")


def test_a_server_elsewhere_that_offers_no_tls_gets_no_password_and_no_mail() -> None:
    line = smtplib.SMTP()
    for server in ("mail.example.vn", "192.0.2.1"):
        with pytest.raises(AlertUntold, match="no-tls"):
            _secure(line, server, trust_of(None))
    _secure(line, "127.0.0.1", trust_of(None))
    assert TLS_PORT == 465


@pytest.mark.parametrize(
    ("says", "word"),
    [
        ({"AUTH": "535 no"}, "refused-login"),
        ({"RCPT": "550 nobody"}, "refused"),
        ({"MAIL": "550 not you"}, "refused"),
        ({"DATA": "554 spam: geheim"}, "status-554"),
        ({"HELLO": "554 go away"}, "nonsense"),
        ({"HELLO": "SSH-2.0-OpenSSH"}, "nonsense"),
    ],
)
def test_what_a_server_refuses_is_a_word_and_nothing_of_what_it_said(
    says: dict[str, str], word: str, password_file: Path
) -> None:
    with MailServer(says) as server:
        address = replace(address_of(server), user="hub", password_file=password_file)
        assert word_of(sink_of(address)) == word


@pytest.mark.parametrize("beginning", [b"", b"220", b"220-a\r\n"])
def test_a_mail_server_that_hangs_is_left_at_the_deadline(beginning: bytes) -> None:
    clock = StageClock(SystemClock())

    def hang(connection: socket.socket) -> None:
        connection.sendall(beginning)
        clock.stage.set()
        while connection.recv(1024):
            pass

    with RawServer(hang) as server:
        assert word_of(MailSink(replace(address_of(server), deadline_s=0.2), SENDER, Visitor(clock))) == "late"


def test_a_password_that_cannot_be_read_or_a_server_that_is_not_there_is_a_word(password_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = MailAddress("127.0.0.1", free.getsockname()[1], "hub@example.vn", TO, deadline_s=PATIENCE_S)
    assert word_of(sink_of(address)) == "unreachable"
    password_file.chmod(0o644)
    assert word_of(sink_of(replace(address, user="hub", password_file=password_file))) == "file"
