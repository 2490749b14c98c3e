"""Registering a place and changing what is registered of it; taking it out of use; and whose own it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final, NamedTuple

from sqlalchemy import true
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from device.clock import utc_day
from device.errors import shown
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.accounts.reach import give_place, take_place
from device.hub.accounts.roles import AccountRole
from device.hub.db import registry
from device.hub.db.registry import PlaceRecord
from device.hub.registry.opening_hours import in_language
from device.hub.registry.place import MOST_LETTERS, TIME_ZONE, RegisteredPlace, read_field
from device.hub.registry.units import communes, provinces
from device.hub.web.asking import Ask, go_to
from device.hub.web.place_pages import place_page
from device.hub.web.place_words import LABELS, kinds
from device.hub.web.places_seen import the_place
from device.hub.web.rendering import page, refusal
from device.settings.choices import PlaceKind
from device.words import say, sentence

_OF_AN_OWNER: Final = ("responsible", "phone", "opening_hours", "time_zone")
"""What an owner changes; the rest is for those who register places."""
_NEEDED: Final = frozenset({"name", "province"})
_LISTS: Final = {"province": "provinces", "commune": "communes"}
_HINTS: Final = {
    "opening_hours": sentence("Like {example}; supervision looks at these hours only."),
    "legal_basis": sentence("Why people may be recorded here; the notice says it."),
    "code": sentence("What your authority calls it, if it has one."),
    "phone": sentence("Of who answers for it; sign and notice tell it."),
}
_EXAMPLE: Final = "T2-T6 7:00-17:00; T7 8:00-12:00"


class Field(NamedTuple):
    """A field of the form.

    Attributes:
        name: of `RegisteredPlace`.
        label: said.
        value: what stands there.
        error: why it cannot be taken; empty: it can.
        hint: what to write; empty: nothing is told.
        most: how many letters it takes.
        needed: whether it must be filled in.
        suggested_by: id of the list with suggestions; empty: none.
    """

    name: str
    label: str
    value: str
    error: str
    hint: str
    most: int
    needed: bool
    suggested_by: str


def show_new(ask: Ask) -> Response:
    """Show the form that registers a place."""
    return _form(ask, None, {"time_zone": TIME_ZONE, "kind": PlaceKind.OTHER}, {})


def add_place(ask: Ask) -> Response:
    """Register a place, or show the form again with what is wrong; or only with communes of the province."""
    if "look" in ask.form:
        return _form(ask, None, ask.form, {})
    values, errors = _read(ask.form, tuple(LABELS))
    if errors:
        return _form(ask, None, ask.form, errors, status=422)
    record = registry.new_place(RegisteredPlace(**values), ask.desk.store.now_ms())
    twin = _store(ask, None, record)
    if twin is not None:
        return _form(ask, None, ask.form, {}, twin=twin, status=422)
    return go_to(f"/places/{record.place_id}?done=added")


def show_edit(ask: Ask) -> Response:
    """Show the form that changes a place."""
    record = the_place(ask)
    return refusal(ask, 404) if record is None else _form(ask, record, _said(ask, record), {})


def change_place(ask: Ask) -> Response:
    """Change a place, or show the form again with what is wrong."""
    record = the_place(ask)
    if record is None:
        return refusal(ask, 404)
    if "look" in ask.form:
        return _form(ask, record, {**_said(ask, record), **ask.form}, {})
    if ask.form.get("seen", "") != _seen(record):
        return _overtaken(ask)
    values, errors = _read(ask.form, _names(ask))
    after = record.changed(**values)
    twin = None if errors or after == record else _store(ask, record, after)
    if twin is not None and twin.place_id == record.place_id:
        return _overtaken(ask)
    if errors or twin is not None:
        return _form(ask, record, {**_said(ask, record), **ask.form}, errors, twin=twin, status=422)
    return go_to(f"/places/{record.place_id}?done=changed")


def _overtaken(ask: Ask) -> Response:
    record = the_place(ask)
    return (
        refusal(ask, 404) if record is None else _form(ask, record, _said(ask, record), {}, status=HTTPStatus.CONFLICT)
    )


def archive_place(ask: Ask) -> Response:
    """Take a place out of use."""
    return _turn(ask, Deed.PLACE_ARCHIVED, "archived")


def restore_place(ask: Ask) -> Response:
    """Take a place into use again."""
    return _turn(ask, Deed.PLACE_RESTORED, "restored")


def _turn(ask: Ask, deed: Deed, done: str) -> Response:
    record = the_place(ask)
    if record is None:
        return refusal(ask, 404)
    store = ask.desk.store
    archived_ms = store.now_ms() if deed is Deed.PLACE_ARCHIVED else None
    with store.begin() as connection:
        now = registry.place_called(connection, record.place_id, true())
        if now is not None and (now.archived_ms is None) is not (archived_ms is None):
            registry.change_places(connection, [replace(now, archived_ms=archived_ms)])
            audit.note(connection, store.now_ms(), ask.actor, deed, _about(now))
    return go_to(f"/places/{record.place_id}?done={done}")


def change_owners(ask: Ask) -> Response:
    """Give a place to an account with the role of an owner, or take it from one."""
    record = the_place(ask)
    if record is None:
        return refusal(ask, 404)
    account = ask.desk.accounts.find(ask.form.get("name", ""))
    if account is None or account.role is not AccountRole.OWNER:
        told = say("There is no account of this name whose role is owner of a place. Add one under Accounts.")
        return place_page(ask, record, told, 422)
    gives, store = ask.form.get("what") != "take", ask.desk.store
    with store.begin() as connection:
        change = give_place if gives else take_place
        if change(connection, account.account_id, record.place_id):
            deed = Deed.PLACE_GIVEN if gives else Deed.PLACE_TAKEN
            audit.note(connection, store.now_ms(), ask.actor, deed, f"{_about(record)}: {account.name}")
    return go_to(f"/places/{record.place_id}?done={'given' if gives else 'taken'}")


def _store(ask: Ask, before: PlaceRecord | None, after: PlaceRecord) -> PlaceRecord | None:
    """Store a place, new or changed.

    Returns the place because of which nothing was stored: another that stands in its stead, or itself, changed
    meanwhile. ``None``: it is stored.
    """
    store = ask.desk.store
    try:
        with store.begin() as connection:
            if before is not None:
                now = registry.place_called(connection, before.place_id, true())
                if now is None or now != before:
                    return now or before
            if (twin := registry.find_like(connection, after.place, after.place_id)) is not None:
                return twin
            (registry.add_places if before is None else registry.change_places)(connection, [after])
            deed = Deed.PLACE_ADDED if before is None else Deed.PLACE_CHANGED
            audit.note(connection, store.now_ms(), ask.actor, deed, _about(after))
    except IntegrityError:  # somebody was quicker
        with store.reading() as connection:
            if (twin := registry.find_like(connection, after.place, after.place_id)) is None:
                raise
            return twin
    return None


def _about(record: PlaceRecord) -> str:
    return f"{record.place.name} ({record.place_id})"


def _read(form: Mapping[str, str], names: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of these fields, and a sentence for each that cannot be taken."""
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in names:
        try:
            values[name] = read_field(name, form.get(name, ""))
        except ValueError as error:
            errors[name] = say("{where}: {why}", where=say(LABELS[name]), why=error)
    return values, errors


def _names(ask: Ask) -> tuple[str, ...]:
    return _OF_AN_OWNER if ask.by.role is AccountRole.OWNER else tuple(LABELS)


def _said(ask: Ask, record: PlaceRecord) -> dict[str, str]:
    """Return what is registered, as it stands in a form."""
    said: dict[str, str] = {name: getattr(record.place, name) for name in LABELS}
    return said | {"opening_hours": in_language(record.place.opening_hours, ask.language)}


def _seen(record: PlaceRecord) -> str:
    """Return what tells whether somebody has changed a place since a form was shown."""
    return hashlib.sha256(repr(record).encode("utf-8", "replace")).hexdigest()[:16]


def _form(  # noqa: PLR0913 - what a form shows
    ask: Ask,
    record: PlaceRecord | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    twin: PlaceRecord | None = None,
    status: int = 200,
) -> Response:
    today = utc_day(ask.desk.store.now_ms())
    named: list[str] = []
    if province := values.get("province", ""):
        with ask.desk.store.reading() as connection:
            named = [unit.name for unit in communes(connection, province)]
    error = ""
    if status == HTTPStatus.CONFLICT:
        error = say("Somebody has changed this place meanwhile. This is how it stands now; make your change again.")
    elif errors:
        error = say("Nothing was saved: look at the fields that are marked.")
    return page(
        ask,
        "place_form.html",
        say("Register a place") if record is None else say("Change {name}", name=shown(record.place.name, 200)),
        status,
        error=error,
        twin=twin,
        target="/places/new" if record is None else f"/places/{record.place_id}/edit",
        back="/places" if record is None else f"/places/{record.place_id}",
        seen="" if record is None else _seen(record),
        fields=[_field(name, values.get(name, ""), errors.get(name, "")) for name in _names(ask)],
        kinds=kinds(),
        provinces=[unit.name for unit in provinces(today)],
        communes=named,
        may_look="commune" in _names(ask) and not named,
    )


def _field(name: str, value: str, error: str) -> Field:
    hint = say(_HINTS[name], example=_EXAMPLE) if name in _HINTS else ""
    return Field(name, say(LABELS[name]), value, error, hint, MOST_LETTERS[name], name in _NEEDED, _LISTS.get(name, ""))
