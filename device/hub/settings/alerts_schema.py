"""``alerts:`` of ``hub.yaml``: the rules' limits, and where messages go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from device.hub.alerts.rules import Limits
from device.settings import values as v
from device.settings.address import file_path, webhook_url
from device.settings.section import Section, key
from device.settings.values import Rule, wrong
from device.words import Language, say

_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SERVER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")


def mail_address() -> Rule:
    """An address of a person, alone: no name beside it, nothing that could end a header."""

    def read(text: str, _folder: Path) -> str:
        if not _MAIL.fullmatch(text):
            raise wrong(say("write a mail address alone, like guard@example.vn"))
        return text

    return Rule(read, {"type": "string"})


def mail_server() -> Rule:
    """A host name or an address, without a port."""

    def read(text: str, _folder: Path) -> str:
        if not _SERVER.fullmatch(text):
            raise wrong(say("write a host name like mail.example.vn, or an IP address; the port stands apart"), text)
        return text

    return Rule(read, {"type": "string"})


def days_or_off(most: int) -> Rule:
    """Whole days like ``8d``, read as milliseconds, or ``off`` (``None``)."""

    def read(text: str, folder: Path) -> object:
        return None if text == "off" else of_days.read(text, folder)

    of_days = v.days(1, most)
    return Rule(read, {"type": "string", "pattern": "^([1-9][0-9]{0,4}d|off)$"})


class AlertWebhookSection(Section):
    """A server that takes messages as signed JSON; see webhook.md."""

    url: Annotated[str, webhook_url()] = key(
        "Where each message is posted; http:// only to this same machine.",
        example="https://alerts.example.vn/gates",
        secret=True,
    )
    secret_file: Annotated[Path, file_path()] = key(
        "File with the text that signs each message; gate-scanner hub alerts secret DIR makes it.",
        example="alerts.secret",
    )
    ca_file: Annotated[Path, file_path()] | None = key("Certificate of a server with a CA of its own.", None)
    deadline_ms: Annotated[int, v.duration("1s", "30s")] = key("Longest wait for an answer.", "10s", name="deadline")


class AlertMailSection(Section):
    """A mail server, and who gets mail. Always over TLS, unless the server is this same machine."""

    server: Annotated[str, mail_server()] = key("The mail server.", example="mail.example.vn")
    port: Annotated[int, v.number(1, 65_535)] = key("465 begins with TLS, every other by STARTTLS.", 587)
    sender: Annotated[str, mail_address()] = key("From whom.", name="from", example="hub@example.vn", secret=True)
    to: Annotated[tuple[Annotated[str, mail_address()], ...], Field(min_length=1, max_length=20)] = key(
        "To whom.", example="[guard@example.vn]", secret=True
    )
    user: Annotated[str, v.words(200)] | None = key("Who logs in there; without it nobody does.", None, secret=True)
    password_file: Annotated[Path, file_path()] | None = key("File with its password, which others may not read.", None)
    ca_file: Annotated[Path, file_path()] | None = key("Certificate of a server with a CA of its own.", None)
    deadline_ms: Annotated[int, v.duration("1s", "30s")] = key(
        "Longest time that sending one may take.", "20s", name="deadline"
    )


class AlertsSection(Section):
    """What is told to whom when something is wrong. The page of alerts shows it in any case."""

    silent_after_ms: Annotated[int, v.duration("7m", "24h")] = key(
        "So long a gate may not be heard in opening hours; it reports every 5m, a fifth more or less.",
        "20m",
        name="silent_after",
    )
    nothing_scanned_after_ms: Annotated[int, v.duration("30m", "48h")] = key(
        "So much opening time may pass at a place without a scan.", "4h", name="nothing_scanned_after"
    )
    coverage_below: Annotated[int, v.number(0, 100)] = key(
        "Percent of a day's opening hours that should have a scan; 0: not looked at.", 10
    )
    backup_after_ms: Annotated[int | None, days_or_off(400)] = key(
        "So old may the last gate-scanner hub backup be; off: copies are made otherwise.", "8d", name="backup_after"
    )
    digest_from: Annotated[int, v.number(2, 1_000)] = key("From so many at once on, one message tells all.", 5)
    language: Annotated[Language, v.one_of(Language)] = key("Of messages.", "vi")
    webhook: AlertWebhookSection | None = key("A server that takes messages.", None)
    mail: AlertMailSection | None = key("Who gets mail.", None)

    def as_limits(self) -> Limits:
        """Return the limits as the rules take them."""
        return Limits(
            self.silent_after_ms,
            self.nothing_scanned_after_ms,
            self.coverage_below,
            self.backup_after_ms,
            self.digest_from,
        )
