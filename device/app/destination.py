"""Destination of the check-ins, as the site file says: the hub, a server that is not ours, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from device.clock import Clock
from device.enrolment.document import Enrolment
from device.errors import ConfigurationError
from device.settings.choices import SyncKind
from device.settings.schema import Site, WebhookSection
from device.uplink import webhook_keys
from device.uplink.hub import HubClient
from device.uplink.webhook import BATCH_ROWS, WebhookUplink
from device.uplink.webhook_keys import KeyFiles, WebhookKeys
from device.words import say, sentence


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a hub is told of a gate's keys, and who is told its time.

    Attributes:
        sealing_day: the day of the key that is sealed with at this moment; ``None`` when it has none.
        told: told the hub's time, Unix ms.
        roots: whose word on time and revocation counts; ``None`` is the root of the enrolment.
    """

    sealing_day: Callable[[], date | None]
    told: Callable[[int], None]
    roots: Callable[[], Sequence[bytes]] | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to send, how much at a time and how often to look.

    Attributes:
        uplink: sends; closing it is the caller's.
        most_rows: of one batch.
        interval_ms: between two looks at an empty queue.
        greet: asks for the time; ``None`` where one cannot.
    """

    uplink: HubClient | WebhookUplink
    most_rows: int
    interval_ms: int
    greet: Callable[[], None] | None = None


def destination_of(site: Site, enrolled: Enrolment, clock: Clock, hearing: Hearing | None = None) -> Destination | None:
    """Build the uplink of a site; ``None`` when the site file names nobody.

    Args:
        site: the checked site file.
        enrolled: who sends.
        clock: for deadlines.
        hearing: what a hub is told and tells; ``None`` for one who only sends a row: the clock's own day, and nobody.

    Raises:
        ConfigurationError: an address, a certificate or a key cannot be used; names the key of the YAML.
    """
    hub, webhook = site.hub, webhook_of(site)
    if webhook is not None:
        keys = keys_of(site, webhook)
        if enrolled.sealing_keys != (keys.key,):
            raise ConfigurationError(
                say("sync.webhook.private_key_file: is not the key this gate seals to; run: gate-scanner webhook init")
            )
        deadline_s, ca_file = webhook.deadline_ms / 1000, webhook.ca_file
        uplink = WebhookUplink(webhook.url, keys, webhook.sent, clock, deadline_s=deadline_s, ca_file=ca_file)
        return Destination(uplink, BATCH_ROWS, webhook.interval_ms)
    if hub is None:
        return None
    deadline_s = hub.deadline_ms / 1000
    speaking = HubClient(
        hub.url,
        enrolled,
        clock,
        deadline_s=deadline_s,
        ca_file=hub.ca_file,
        sealing_day=None if hearing is None else hearing.sealing_day,
        told=None if hearing is None else hearing.told,
        roots=None if hearing is None else hearing.roots,
    )
    return Destination(speaking, hub.batch_rows, hub.interval_ms, speaking.ask_time)


def alone(file: Path, site: Site) -> str:
    """Say that a site file names no hub, and what to add if one is wanted; empty when it names one."""
    if webhook_of(site) is not None:
        return say("{file}: by it the check-ins go to a webhook (sync.kind), so this gate has no hub", file=file)
    told = sentence(
        "{file}: by it this gate works alone. If it shall have a hub, add there: hub: {{url: …}}, as `gate-scanner hub "
        "code` prints it on the hub"
    )
    return "" if site.hub else say(told, file=file)


def webhook_of(site: Site) -> WebhookSection | None:
    """Return the section of a site that reports to a webhook; ``None`` for any other."""
    return site.sync.webhook if site.sync.kind is SyncKind.WEBHOOK else None


def keys_of(site: Site, webhook: WebhookSection) -> WebhookKeys:
    """Read the files of a webhook's keys; raises `ConfigurationError`."""
    return webhook_keys.read(files_of(webhook), site.store.folder)


def files_of(webhook: WebhookSection) -> KeyFiles:
    """Return where a webhook's keys are."""
    return KeyFiles(webhook.private_key_file, webhook.secret_file)
