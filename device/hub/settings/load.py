"""Loading ``hub.yaml``: `HubSettings`, checked whole, or `Complaints` with every mistake; the database's password."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from device.errors import Complaint, Complaints, ConfigurationError
from device.hub.settings.schema import HubSettings, Role
from device.hub.settings.secret_file import signing_secret, text_in_secret
from device.hub.settings.values import IN_THE_FOLDER, read_address
from device.settings.address import is_this_machine
from device.settings.load import checked, text_in
from device.settings.located import read
from device.settings.tree import Located, Scalar, Tree
from device.settings.validate import Finding
from device.words import say

FILE_NAME: Final = "hub.yaml"


def load_settings(path: Path) -> HubSettings:
    """Read and check the ``hub.yaml`` at *path*; raises `Complaints` with every mistake."""
    return inspect_settings(path)[0]


def inspect_settings(path: Path) -> tuple[HubSettings, Located]:
    """Read and check it, and return where its keys stand too; raises `Complaints` with every mistake."""
    return parse_settings(text_in(path), str(path), path.parent)


def parse_settings(text: str, file: str = FILE_NAME, folder: Path = Path()) -> tuple[HubSettings, Located]:
    """Check the text of a ``hub.yaml``, as `inspect_settings` does.

    Args:
        text: the YAML.
        file: what complaints call it.
        folder: where relative paths in it start.
    """
    located = read(text, file)
    return checked(located, HubSettings, _between_keys, folder), located


def check_password_file(settings: HubSettings, located: Located) -> None:
    """Look for the file of the database's password; raises `Complaints` (one) with its line."""
    try:
        url_with_password(settings)
    except ConfigurationError as error:
        key = ("database", "password_file")
        raise Complaints([located.complaint(key, str(error))]) from error


def check_alert_files(settings: HubSettings, located: Located) -> None:
    """Look for the files that alerts need; raises `Complaints` with the line of each that cannot be used."""
    webhook, mail = settings.alerts.webhook, settings.alerts.mail
    needed: list[tuple[str, str, Path | None, Callable[[Path], object]]] = []
    if webhook is not None:
        needed.append(("webhook", "secret_file", webhook.secret_file, signing_secret))
        needed.append(("webhook", "ca_file", webhook.ca_file, _certificates))
    if mail is not None:
        needed.append(("mail", "password_file", mail.password_file, text_in_secret))
        needed.append(("mail", "ca_file", mail.ca_file, _certificates))
    complaints = []
    for sink, name, path, read_it in needed:
        try:
            if path is not None:
                read_it(path)
        except ConfigurationError as error:
            complaints.append(located.complaint(("alerts", sink, name), str(error)))
    if complaints:
        raise Complaints(complaints)


def _certificates(path: Path) -> None:
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError):
        raise ConfigurationError(say("{path}: holds no certificates in PEM that can be read", path=path)) from None


def file_warnings(path: Path) -> Iterator[Complaint]:
    """Yield what is to be looked at again about where a right ``hub.yaml`` lies."""
    if (path.parent / "hub.json").exists():
        told = say("hub.json lies beside it, from before; it is not read any more: remove it")
        yield Complaint(str(path), 1, 1, "file", told)


def url_with_password(settings: HubSettings) -> URL | None:
    """Return where the database is, with its password; ``None``: SQLite, in the hub's folder.

    Raises `ConfigurationError` when the password's file cannot be used. A URL's text hides the password.
    """
    database = settings.database
    if database.url is None or database.password_file is None:
        return database.url
    return database.url.set(password=text_in_secret(database.password_file))


def _between_keys(located: Located) -> Iterator[Finding]:
    """Yield what is wrong between keys; what is wrong in one of them is told by the schema."""
    database = located.tree.get("database")
    database = database if isinstance(database, dict) else {}
    url = _text(database.get("url")) or IN_THE_FOLDER
    if url == IN_THE_FOLDER:
        workers = _text(located.tree.get("workers"))
        if workers.isdecimal() and int(workers[:9]) > 1:
            yield Finding(("workers",), say("SQLite has one writer: write 1, or a database.url of PostgreSQL"))
        if _text(located.tree.get("role")) == Role.INGEST:
            told = say("an ingest host has no database of its own: write a database.url of PostgreSQL")
            yield Finding(("role",), told)
        if "password_file" in database:
            yield Finding(("database", "password_file"), say("SQLite has no password; remove the line"), at_key=True)
    yield from _about_people(located)
    yield from _listened_to_twice(located)
    yield from _half_a_log_in(located)


def _about_people(located: Located) -> Iterator[Finding]:
    """Yield what keeps people's listener from being one: it needs a name, and a certificate or a proxy that has one."""
    people = located.tree.get("people")
    if not isinstance(people, dict):
        return
    files = [name for name in ("certificate", "key") if name in people]
    if "listen" not in people:
        for name in (*files, *(("behind_proxy",) if "behind_proxy" in people else ())):
            yield Finding(("people", name), say("nothing listens for it: write people.listen too"), at_key=True)
        return
    if "url" not in people:
        told = say("nobody knows what phones call it: write people.url too")
        yield Finding(("people", "listen"), told, at_key=True)
    if "behind_proxy" in people:
        for name in files:
            told = say("a proxy has the certificate: remove this line, or behind_proxy")
            yield Finding(("people", name), told, at_key=True)
        yield from _open_to_all(people)
    elif not files:
        told = say("phones need a certificate: write people.certificate and people.key, or people.behind_proxy")
        yield Finding(("people", "listen"), told, at_key=True)
    elif len(files) == 1:
        other = "key" if files == ["certificate"] else "certificate"
        yield Finding(("people", files[0]), say("write people.{other} too", other=other), at_key=True)


def _open_to_all(people: Mapping[str, Tree]) -> Iterator[Finding]:
    proxy = people["behind_proxy"]
    address = _text(proxy.get("address")) if isinstance(proxy, dict) else ""
    with suppress(ValueError):  # told by the schema
        if is_this_machine(address) and not read_address(_text(people["listen"])).is_for_this_machine:
            told = say("what it says is not encrypted, and the proxy is on this machine: listen on 127.0.0.1")
            yield Finding(("people", "listen"), told)


def _listened_to_twice(located: Located) -> Iterator[Finding]:
    listed = located.tree.get("listen")
    addresses = [
        (("listen", index, "address"), _text(section.get("address")))
        for index, section in enumerate(listed if isinstance(listed, list) else ())
        if isinstance(section, dict)
    ]
    others: list[tuple[tuple[str, ...], str]]
    others = [((name,), _text(located.tree.get(name))) for name in ("metrics", "desk")]
    people = located.tree.get("people")
    others += [(("people", "listen"), _text(people.get("listen")))] if isinstance(people, dict) else []
    seen: set[str] = set()
    for path, text in [*addresses, *((path, text) for path, text in others if text != "off")]:
        if text and text in seen:
            yield Finding(path, say("listened to already; write another address or port"))
        seen.add(text)


def _half_a_log_in(located: Located) -> Iterator[Finding]:
    alerts = located.tree.get("alerts")
    mail = alerts.get("mail") if isinstance(alerts, dict) else None
    for name, other in (("user", "password_file"), ("password_file", "user")):
        if isinstance(mail, dict) and name in mail and other not in mail:
            yield Finding(("alerts", "mail", name), say("write {other} too, or neither", other=other), at_key=True)


def _text(tree: Tree | None) -> str:
    return tree.text if isinstance(tree, Scalar) else ""
