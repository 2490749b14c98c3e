"""Publishing a policy, a trust list or a people list at the desk: looked at first, with numbers before and after."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from starlette.responses import Response

from device.errors import Complaints, ConfigurationError, shown
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.db.gate_changes import note_publication
from device.hub.publishing.comparison import Change, Numbers, people_numbers, policy_changes, trust_numbers
from device.hub.publishing.people_file import passed_over_lines, read_people_file
from device.hub.publishing.publish import PUBLISHABLE, content_of, content_of_people
from device.hub.publishing.store import VALID_DAYS
from device.hub.web.asking import Ask, Upload, go_to
from device.hub.web.rendering import message, page, refusal
from device.hub.web.rules_pages import rules_page
from device.model import BUNDLE_NAMES
from device.settings.load import parse_policy
from device.settings.policy_lines import begins, lines_of_policy, lists_asked
from device.wire.bundle import PEOPLE_LISTS, BundleKind
from device.words import say

MOST_BYTES: Final = 8 << 20
"""Of a file."""
MOST_NUMBERS: Final = 10_000
"""Of a people list at the desk: more take minutes of every core, and are published by a command."""
MOST_DAYS: Final = 3650
_WRONG: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_BUSY_S: Final = 20


class Looked(NamedTuple):
    """A file that is right: what would be published, and what to tell about it, said already."""

    content: bytes
    lines: list[str]
    warnings: list[str]
    changes: list[Change] | None = None
    numbers: Numbers | None = None


def preview(ask: Ask) -> Response:
    """Look at a file, and show what publishing it would change; nothing is published."""
    (kind, days), upload = _asked(ask), ask.files.get("file")
    if kind is None or days is None or upload is None or not upload.size:
        return rules_page(ask, (_unasked(kind, days),), _WRONG)
    with ask.desk.kept.turn() as came:
        if not came:
            told = say("Somebody else's file is being looked at; try again in a moment.")
            return message(ask, say("This did not work"), told, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY_S)
        try:
            looked = _looked_at(ask, kind, upload)
        except ConfigurationError as error:  # Complaints too
            return rules_page(ask, _told(error, upload), _WRONG)
    try:
        upload.path.write_bytes(_mark(kind) + looked.content)
        digest = ask.desk.kept.keep(ask.by, upload.path)
    except OSError:
        return refusal(ask, HTTPStatus.INSUFFICIENT_STORAGE)
    return _preview_page(ask, kind, days, looked, digest)


def _unasked(kind: BundleKind | None, days: int | None) -> str:
    """Say what is missing in the form."""
    if kind is None:
        return say("Choose what the file is.")
    if days is None:
        return say("Write a number of days from 1 to {most}.", most=MOST_DAYS)
    return say("Choose a file that is not empty.")


def _preview_page(ask: Ask, kind: BundleKind, days: int, looked: Looked, digest: str) -> Response:
    before, name = ask.desk.bundles.head(kind), say(BUNDLE_NAMES[kind])
    own = sum(head.kind is kind and head.device_id is not None for head in ask.desk.bundles.heads())
    return page(
        ask,
        "rules_preview.html",
        say("Publish: {kind}", kind=name),
        kind=kind,
        kind_name=name,
        file_name=ask.files["file"].name,
        looked=looked,
        own=own,
        digest=digest,
        before=0 if before is None else before.version,
        days=days,
    )


def publish(ask: Ask) -> Response:
    """Publish what was looked at."""
    kind, days = _asked(ask)
    content = None if kind is None else _kept(ask, kind)
    if kind is None or days is None or content is None:
        told = say("What was looked at is not there any more, or is older than an hour. Choose the file again.")
        return rules_page(ask, (told,), HTTPStatus.CONFLICT)
    store, bundles = ask.desk.store, ask.desk.bundles
    try:
        with store.begin() as connection:
            _must_be_as_seen(ask, kind)
            head = bundles.publish(kind, content, days)
            bundles.withdraw_own(kind)
            note_publication(connection, head, ask.by.name)
            audit.note(connection, store.now_ms(), ask.actor, Deed.PUBLISHED, f"{kind} {head.version}")
    except ConfigurationError as error:
        return rules_page(ask, tuple(str(error).splitlines()), HTTPStatus.CONFLICT)
    ask.desk.kept.drop(ask.by)
    return go_to("/rules?done")


def _must_be_as_seen(ask: Ask, kind: BundleKind) -> None:
    """Raise `ConfigurationError` where another was published since this one was looked at."""
    head = ask.desk.bundles.head(kind)
    if ask.form.get("before") != str(0 if head is None else head.version):
        told = say("Somebody has published another one meanwhile. Look at it, and choose the file again.")
        raise ConfigurationError(told)


def _mark(kind: BundleKind) -> bytes:
    """Return what stands before a content that waits, so that one kind is not published as another."""
    return f"{kind}\n".encode()


def _kept(ask: Ask, kind: BundleKind) -> bytes | None:
    """Return what this session has looked at; ``None``: something else, or it is not here any more."""
    path = ask.desk.kept.find(ask.by, ask.form.get("file", ""))
    try:
        found = b"" if path is None else path.read_bytes()
    except FileNotFoundError:
        return None
    return found.removeprefix(_mark(kind)) if found.startswith(_mark(kind)) else None


def _asked(ask: Ask) -> tuple[BundleKind | None, int | None]:
    """Return the kind that a form names, and for how many days; ``None`` for what cannot be meant."""
    said, days = ask.form.get("kind", ""), ask.form.get("days", "").strip()
    kind = BundleKind(said) if said in {str(one) for one in PUBLISHABLE} else None
    if not days and kind is not None:
        return kind, VALID_DAYS[kind]
    is_number = days.isascii() and days.isdecimal() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS
    return kind, int(days) if is_number else None


def _looked_at(ask: Ask, kind: BundleKind, upload: Upload) -> Looked:
    """Check a file; raises `ConfigurationError`."""
    bundles = ask.desk.bundles
    if kind in PEOPLE_LISTS:
        return _people(ask, kind, upload.path)
    content, before = content_of(kind, upload.path), bundles.content(kind)
    if kind is BundleKind.TRUST:
        return Looked(content, [], [], numbers=trust_numbers(before, content))
    text = content.decode("utf-8-sig")
    return Looked(
        content, list(lines_of_policy(parse_policy(text))), list(_lacks(ask, text)), policy_changes(before, text)
    )


def _people(ask: Ask, kind: BundleKind, path: Path) -> Looked:
    people = read_people_file(path, MOST_NUMBERS)
    if not people.keys and "empty" not in ask.form:
        told = say("Nobody is in this file. Where that is meant, say so in the form; nothing was changed.")
        raise ConfigurationError(told)
    numbers = people_numbers(ask.desk.bundles.content(kind), people.keys)
    return Looked(
        content_of_people(people.keys), list(passed_over_lines(people)), list(_not_asked(ask, kind)), numbers=numbers
    )


def _lacks(ask: Ask, text: str) -> Iterator[str]:
    """Yield what a person should know before a policy, which was checked, is published."""
    policy = parse_policy(text)
    if policy.valid_from_ms > ask.desk.store.now_ms():
        yield say("Not in force until {time}: gates go on by the rules they have.", time=begins(policy))
    for kind in lists_asked(policy):
        if ask.desk.bundles.head(BundleKind(kind)) is None:
            yield say("It asks for a {kind}, and none is published for all gates.", kind=say(BUNDLE_NAMES[kind]))


def _not_asked(ask: Ask, kind: BundleKind) -> Iterator[str]:
    """Yield what a list still lacks to count."""
    content = ask.desk.bundles.content(BundleKind.POLICY)
    name = say(BUNDLE_NAMES[kind])
    if content is None:
        yield say("Gates do not look at the {kind} yet, for no policy is published here.", kind=name)
        return
    try:
        policy = parse_policy(content.decode("utf-8", "replace"))
    except Complaints:
        return  # of another version of this program
    if kind not in lists_asked(policy):
        key = kind.replace("-", "_")
        yield say("Gates do not look at the {kind}, for the policy that is published has no {key}.", kind=name, key=key)


def _told(error: ConfigurationError, upload: Upload) -> tuple[str, ...]:
    """Return the lines of a mistake, with the file's own name in the place of where it lies here."""
    return tuple(str(error).replace(str(upload.path), shown(upload.name, 80)).splitlines())
