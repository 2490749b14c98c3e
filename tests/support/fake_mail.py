"""A mail server on loopback: keeps what it is given, and answers as told."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import ssl
from collections.abc import Mapping
from email.message import EmailMessage

from tests.support.fake_server import RawServer


class MailServer(RawServer):
    """Speaks enough SMTP for one client at a time.

    *says* has answers of its own for a word (``AUTH``, ``RCPT``, ``HELLO`` for the first line …). With *tls* it offers
    STARTTLS; *tls_first* begins with it, as port 465 does.
    """

    def __init__(
        self,
        says: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        *,
        tls_first: bool = False,
    ) -> None:
        super().__init__(self._talk, tls if tls_first else None)
        self._says = says or {}
        self._start_tls = None if tls_first else tls
        self.mails: list[EmailMessage] = []
        self.heard: list[str] = []
        self.secured = 0

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.ExitStack() as held:
            self._hear(connection, held)

    def _hear(self, connection: socket.socket, held: contextlib.ExitStack) -> None:
        line = held.enter_context(connection.makefile("rb"))
        self._say(connection, self._says.get("HELLO", "220 mail.example.vn"))
        while raw := line.readline():
            words = raw.decode("utf-8").strip()
            word = words.partition(" ")[0].upper().partition(":")[0]
            self.heard.append(words)
            if word == "EHLO":
                offers = ["250-mail.example.vn", *(["250-STARTTLS"] if self._start_tls and not self.secured else [])]
                self._say(connection, "\r\n".join([*offers, "250 AUTH PLAIN"]))
            elif word == "STARTTLS" and self._start_tls is not None:
                self._say(connection, "220 go on")
                connection = held.enter_context(self._start_tls.wrap_socket(connection, server_side=True))
                line = held.enter_context(connection.makefile("rb"))
                self.secured += 1
            elif word == "DATA" and word not in self._says:
                self._say(connection, "354 go on")
                body = b""
                while (piece := line.readline()) != b".\r\n":
                    body += piece[1:] if piece.startswith(b"..") else piece
                mail = email.message_from_bytes(body, policy=email.policy.SMTP)
                self.mails.append(mail)
                self._say(connection, "250 taken")
            else:
                usual = {"AUTH": "235 welcome", "QUIT": "221 bye"}.get(word, "250 well")
                self._say(connection, self._says.get(word, usual))

    @staticmethod
    def _say(connection: socket.socket, text: str) -> None:
        connection.sendall(text.encode() + b"\r\n")
