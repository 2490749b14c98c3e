"""``gate-scanner check hub.yaml``: a hub's settings, every mistake with its line, and in a few lines what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from device.errors import Complaints
from device.hub.settings.load import check_password_file, file_warnings, inspect_settings
from device.hub.settings.schema import HubSettings, Role
from device.words import say, say_many


def check_settings(path: Path, *, elsewhere: bool) -> list[str]:
    """Check a ``hub.yaml`` and return the lines to print.

    Args:
        path: of the file.
        elsewhere: this is not the hub's machine: the files it names are not looked for.

    Raises `Complaints` with every mistake.
    """
    settings, located = inspect_settings(path)
    if not elsewhere:
        check_password_file(settings, located)
        folder = settings.export.folder
        if folder is not None and not folder.is_dir():
            raise Complaints([located.complaint(("export", "folder"), say("there is no such folder"))])
    warnings = [str(warning) for warning in file_warnings(path)]
    return [*warnings, say("{file}: ok", file=path), *(f"  {line}" for line in _understood(settings))]


def _understood(settings: HubSettings) -> Iterator[str]:
    yield say("hub: {names}; {role}", names=", ".join(settings.names), role=settings.role)
    doors = (f"{'https' if door.tls else 'http'}://{door.address}" for door in settings.listen)
    yield say_many(
        "{count} process listens on {doors}",
        "{count} processes listen on {doors}",
        settings.workers,
        doors=", ".join(doors),
    )
    url = settings.database.url
    if url is None:
        yield say("database: SQLite, in its folder")
    else:
        yield say("database: {url}", url=url.render_as_string(hide_password=True))
    yield say_many(
        "who came can be read for {count} day", "who came can be read for {count} days", settings.retention_days
    )
    if settings.metrics is None:
        yield say("metrics: nowhere")
    else:
        yield say("metrics: http://{address}/metrics", address=settings.metrics)
    if settings.desk is None or settings.role is Role.INGEST:
        yield say("pages for people: nowhere")
    else:
        yield say("pages for people: https://{address}", address=settings.desk)
    if settings.export.folder is not None:
        yield say("each day's coverage goes into {folder}", folder=settings.export.folder)
