"""Sinks and the keeper of a hub, from what ``hub.yaml`` says."""

from __future__ import annotations

from device.clock import Clock, SystemClock
from device.hub.alerts.deadline import Visitor
from device.hub.alerts.keeping import AlertKeeper
from device.hub.alerts.mail import MailAddress, MailSink
from device.hub.alerts.sinks import Sender, Sink, SinkName
from device.hub.alerts.webhook import WebhookAddress, WebhookSink
from device.hub.backup_terms import hub_id
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.hub.settings.alerts_schema import AlertMailSection, AlertsSection, AlertWebhookSection
from device.hub.web.address import desk_url


def alerts_of(folder: HubFolder) -> AlertsSection:
    """Return what a hub's settings say of alerts; the defaults in a folder from before there were any."""
    return AlertsSection() if folder.settings is None else folder.settings.alerts


def sink_names(section: AlertsSection) -> list[SinkName]:
    """Return where messages go."""
    there = {SinkName.WEBHOOK: section.webhook, SinkName.MAIL: section.mail}
    return [name for name, sink in there.items() if sink is not None]


def sinks_of(folder: HubFolder) -> list[Sink]:
    """Return where a hub's messages go, each visited by itself; raises `OSError` when it cannot be read whose it is."""
    section, sender = alerts_of(folder), sender_of(folder)
    found: list[Sink] = []
    if section.webhook is not None:
        found.append(WebhookSink(_webhook(section.webhook), sender, Visitor(SystemClock())))
    if section.mail is not None:
        found.append(MailSink(_mail(section.mail), sender, Visitor(SystemClock())))
    return found


def sender_of(folder: HubFolder) -> Sender:
    """Return who tells."""
    url = desk_url(folder.settings)
    called = "hub" if folder.settings is None else folder.settings.names[0]
    return Sender(called, hub_id(folder.path), None if url is None else f"{url}/alerts")


def keeper_of(folder: HubFolder, store: HubDatabase, clock: Clock | None = None) -> AlertKeeper:
    """Return what keeps watch in the process that has the keys; *clock* is for its pauses, not for deadlines."""
    section = alerts_of(folder)
    limits, sinks = section.as_limits(), sinks_of(folder)
    return AlertKeeper(folder, store, limits, sinks, clock or SystemClock(), hub_id(folder.path), section.language)


def _webhook(section: AlertWebhookSection) -> WebhookAddress:
    return WebhookAddress(section.url, section.secret_file, section.ca_file, section.deadline_ms / 1000)


def _mail(section: AlertMailSection) -> MailAddress:
    return MailAddress(
        section.server,
        section.port,
        section.sender,
        section.to,
        section.user,
        section.password_file,
        section.ca_file,
        section.deadline_ms / 1000,
    )
