"""Messages by mail (SMTP), always over TLS unless the server is this same machine.

On port 465 TLS comes first, on every other one by STARTTLS, which a server must have. A name of a gate or a place is in
subject and text as it is; nothing in it can become a header, for what cannot be printed was replaced
(`device.hub.alerts.message`), and the header is written by `email`. A message that was sent and whose answer was lost
comes again under the same Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from device.errors import AlertUntold
from device.hub.alerts.deadline import Visit, Visitor
from device.hub.alerts.message import Message
from device.hub.alerts.sinks import (
    NO_TLS,
    NONSENSE,
    REFUSED,
    REFUSED_LOGIN,
    Sender,
    SinkName,
    trust_of,
    untold,
)
from device.hub.alerts.wording import body_of, subject_of
from device.hub.settings.secret_file import text_in_secret
from device.settings.address import is_this_machine

TLS_PORT: Final = 465
_READY: Final = 220


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where mail goes, and through which server.

    Attributes:
        server: its name.
        port: of it.
        sender: from whom.
        to: to whom.
        user: who logs in; ``None``: nobody has to.
        password_file: holds the password.
        ca_file: the certificates to trust instead of the usual ones.
        deadline_s: for one mail, everything in it.
    """

    server: str
    port: int
    sender: str
    to: tuple[str, ...]
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    deadline_s: float = 20.0


class MailSink:
    """A `device.hub.alerts.sinks.Sink`.

    Args:
        address: to whom, and how.
        sender: who tells.
        visitor: visits the server.
    """

    name = SinkName.MAIL

    def __init__(self, address: MailAddress, sender: Sender, visitor: Visitor) -> None:
        self._address = address
        self._sender = sender
        self._visitor = visitor

    def tell(self, message_id: str, made_ms: int, message: Message) -> None:
        """Send it; raises `AlertUntold`."""
        try:
            mail = mail_of(message_id, made_ms, message, self._sender, self._address)
            password = None if self._address.password_file is None else text_in_secret(self._address.password_file)
            self._visitor.visit(lambda visit: self._send(visit, mail, password), self._address.deadline_s)
        except smtplib.SMTPException as error:
            raise AlertUntold(_word_of(error)) from None
        except Exception as error:  # noqa: BLE001 - texts of smtplib's and ssl's errors hold what the server said
            raise untold(error) from None

    def close(self) -> None:
        """End what goes on."""
        self._visitor.close()

    def _send(self, visit: Visit, mail: MIMEText, password: str | None) -> None:
        address = self._address
        trust = trust_of(address.ca_file)
        line = smtplib.SMTP(timeout=address.deadline_s, local_hostname="localhost")
        line.sock = visit.connected(address.server, address.port, address.deadline_s)
        try:
            if address.port == TLS_PORT:
                line.sock = trust.wrap_socket(line.sock, server_hostname=address.server)
            line.file = None
            if line.getreply()[0] != _READY:
                raise AlertUntold(NONSENSE)
            line.ehlo()
            if address.port != TLS_PORT:
                _secure(line, address.server, trust)
            if address.user is not None and password is not None:
                line.login(address.user, password)
            line.send_message(mail, address.sender, list(address.to))
            line.docmd("QUIT")
        finally:
            line.close()


def _secure(line: smtplib.SMTP, server: str, trust: ssl.SSLContext) -> None:
    """Let TLS begin; what the server said before counts no more. Only this machine itself may be without."""
    if not line.has_extn("starttls"):
        if is_this_machine(server):
            return
        raise AlertUntold(NO_TLS)
    if line.docmd("STARTTLS")[0] != _READY or line.sock is None:
        raise AlertUntold(NO_TLS)
    line.sock = trust.wrap_socket(line.sock, server_hostname=server)
    line.file = None
    line.esmtp_features = {}
    line.ehlo()


def mail_of(message_id: str, made_ms: int, message: Message, sender: Sender, address: MailAddress) -> MIMEText:
    """Return a message as a mail.

    The subject is encoded whole: `email.policy` of Python 3.11 loses blanks between words with marks.
    """
    mail = MIMEText(body_of(message, sender.page), "plain", "utf-8")
    mail["Subject"] = Header(subject_of(message, sender.hub), "utf-8")  # type: ignore[assignment] # it takes one
    mail["From"] = address.sender
    mail["To"] = ", ".join(address.to)
    mail["Date"] = format_datetime(datetime.fromtimestamp(made_ms / 1000, UTC))
    mail["Message-ID"] = f"<{message_id.replace('/', '.')}@gate-hub.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _word_of(error: smtplib.SMTPException) -> str:
    match error:
        case smtplib.SMTPAuthenticationError() | smtplib.SMTPNotSupportedError():
            return REFUSED_LOGIN
        case smtplib.SMTPRecipientsRefused() | smtplib.SMTPSenderRefused():
            return REFUSED
        case smtplib.SMTPServerDisconnected():
            return NONSENSE
        case smtplib.SMTPResponseException():
            return f"status-{error.smtp_code}"
        case _:
            return NONSENSE
