"""What technicians and administrators do with gates: enrol, rename, move, group, revoke; each noted in the record."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from device.enrolment.pairing import CODE_LIVES_S
from device.errors import ConfigurationError, shown
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.db import registry
from device.hub.db.gate_changes import group_name, is_taken, put_into_group, rename, revoke
from device.hub.db.gate_list import Listed
from device.hub.enrolling import OfferedCode, check_whole, gates_url, offer_code
from device.hub.gate_name import MOST_NAME, new_gate_name
from device.hub.web.asking import Ask, go_to
from device.hub.web.gate_page import gate_page, the_gate
from device.hub.web.pictures import picture_of
from device.hub.web.rendering import page, refusal
from device.words import say

_WRONG = HTTPStatus.UNPROCESSABLE_ENTITY


def show_enrol(ask: Ask) -> Response:
    """Show the form that makes a code for a new gate."""
    return _enrol_page(ask)


def _enrol_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    name = ask.form.get("name", "")
    minutes = CODE_LIVES_S // 60
    values = {"error": error, "name": name, "most": MOST_NAME, "minutes": minutes}
    return page(ask, "gate_enrol.html", say("Enrol a gate"), status, **values)


def enrol(ask: Ask) -> Response:
    """Make a code for a new gate, and show it once."""
    try:
        name = new_gate_name(ask.form.get("name", ""))
        check_whole(ask.desk.folder)
    except ValueError as error:
        return _enrol_page(ask, say("The name {why}.", why=error), _WRONG)
    except ConfigurationError as error:
        return _enrol_page(ask, str(error), HTTPStatus.CONFLICT)
    store = ask.desk.store
    with store.begin() as connection:
        taken = is_taken(connection, name)
        if not taken:
            offered = offer_code(connection, name, None, store.now_ms())
            audit.note(connection, store.now_ms(), ask.actor, Deed.GATE_CODE_MADE, name)
    if taken:
        told = say("There is a gate called {name}; choose another name, or enrol that one anew on its page.", name=name)
        return _enrol_page(ask, told, _WRONG)
    return _code_page(ask, name, offered)


def enrol_anew(ask: Ask) -> Response:
    """Make a code for a gate that is registered, and show it once."""
    store = ask.desk.store
    try:
        check_whole(ask.desk.folder)
    except ConfigurationError as error:
        return gate_page(ask, str(error), HTTPStatus.CONFLICT)
    with store.begin() as connection:
        gate = the_gate(ask, connection)
        if gate is not None:
            name, device_id = gate.standing.name, gate.standing.device_id
            offered = offer_code(connection, name, device_id, store.now_ms())
            audit.note(connection, store.now_ms(), ask.actor, Deed.GATE_CODE_MADE, _called(gate))
    return refusal(ask, 404) if gate is None else _code_page(ask, name, offered)


def _code_page(ask: Ask, name: str, offered: OfferedCode) -> Response:
    code = offered.code.letters
    older_min = None if offered.older_ms is None else math.ceil((offered.older_ms - offered.now_ms) / 60_000)
    return page(
        ask,
        "gate_code.html",
        say("Code for a gate"),
        name=name,
        code=code,
        picture=picture_of(code),
        minutes=CODE_LIVES_S // 60,
        older_min=older_min,
        site=f"hub: {{url: '{gates_url(ask.desk.folder)}'}}",
        command=f"sudo -u gate-scanner gate-scanner enrol {code}",
        without_keyboard=f"enrol_code: {code}",
    )


def rename_gate(ask: Ask) -> Response:
    """Call a gate something else."""

    def change(connection: Connection, gate: Listed) -> str:
        device_id = gate.standing.device_id
        try:
            name = new_gate_name(ask.form.get("name", ""))
        except ValueError as error:
            raise ValueError(say("The name {why}.", why=error)) from None
        if is_taken(connection, name, but=device_id):
            raise ValueError(say("There is another gate called {name}; choose another name.", name=name))
        rename(connection, device_id, name)
        return f"{_called(gate)} → {name}"

    return _changed(ask, "name", Deed.GATE_RENAMED, change)


def move_gate(ask: Ask) -> Response:
    """Let a gate guard another place, or none that is registered."""

    def change(connection: Connection, gate: Listed) -> str:
        word = ask.form.get("place", "").strip()
        place = _the_place(connection, word) if word else None
        place_id = None if place is None else place.place_id
        registry.assign_gate(connection, gate.standing.device_id, place_id, ask.desk.store.now_ms())
        return f"{_called(gate)} → {place.place.name} ({place_id})" if place else f"{_called(gate)} → –"

    return _changed(ask, "place", Deed.GATE_MOVED, change)


def _the_place(connection: Connection, word: str) -> registry.PlaceRecord:
    """Return the one place in use that is meant; raises `ValueError` in a sentence."""
    found = registry.find_places(connection, word)
    if not found:
        told = say("{name}: there is no such place; write the whole name, the code or the id.", name=shown(word))
        raise ValueError(told)
    if len(found) > 1:
        ids = ", ".join(one.place_id for one in found[:10])
        raise ValueError(say("{name}: several places are called so; write one's id: {ids}", name=shown(word), ids=ids))
    if found[0].archived_ms is not None:
        raise ValueError(say("{name}: this place is out of use.", name=shown(word)))
    return found[0]


def group_gate(ask: Ask) -> Response:
    """Put a gate into a group, or into none."""

    def change(connection: Connection, gate: Listed) -> str:
        try:
            group = group_name(ask.form.get("group", ""))
        except ValueError as error:
            raise ValueError(say("The name {why}.", why=error)) from None
        put_into_group(connection, gate.standing.device_id, group)
        return f"{_called(gate)} → {group or '–'}"

    return _changed(ask, "group", Deed.GATE_GROUPED, change)


def show_revoke(ask: Ask) -> Response:
    """Ask whether a gate is to be revoked."""
    with ask.desk.store.reading() as connection:
        gate = the_gate(ask, connection)
    return refusal(ask, 404) if gate is None else page(ask, "gate_revoke.html", say("Revoke a gate"), gate=gate)


def revoke_gate(ask: Ask) -> Response:
    """Withdraw a gate's key."""

    def change(connection: Connection, gate: Listed) -> str:
        if not revoke(connection, gate.standing.device_id, ask.desk.folder.revocation_of):
            raise ValueError(say("The gate is revoked already."))
        return _called(gate)

    return _changed(ask, "revoke", Deed.GATE_REVOKED, change)


def _changed(ask: Ask, done: str, deed: Deed, change: Callable[[Connection, Listed], str]) -> Response:
    """Change a gate and note that in one transaction, and show its page; what is wrong is said there.

    *change* returns what the record says of it, or raises `ValueError` in a sentence.
    """
    store = ask.desk.store
    try:
        with store.begin() as connection:
            gate = the_gate(ask, connection)
            if gate is not None:
                about = change(connection, gate)
                audit.note(connection, store.now_ms(), ask.actor, deed, about)
    except ValueError as error:
        return gate_page(ask, str(error), _WRONG)
    except ConfigurationError as error:
        return gate_page(ask, str(error), HTTPStatus.CONFLICT)
    return refusal(ask, 404) if gate is None else go_to(f"/gates/{gate.standing.device_id}?done={done}")


def _called(gate: Listed) -> str:
    return f"{gate.standing.name} ({gate.standing.device_id})"
