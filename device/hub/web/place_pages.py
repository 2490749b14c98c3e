"""The pages of places: the list of those that somebody sees, and one of them with all that is registered."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection, select
from starlette.responses import Response

from device.clock import utc_day
from device.errors import shown
from device.hub.accounts.reach import owners_of, sees_gate
from device.hub.accounts.roles import AccountRole
from device.hub.db.account_tables import accounts
from device.hub.db.place_pages import Filters, gates_of, page_of
from device.hub.db.posters import posters_of
from device.hub.db.registry import PlaceRecord
from device.hub.db.tables import gates
from device.hub.printing.facts import ENTRANCE
from device.hub.registry.place import PLACE_ID
from device.hub.registry.reported import gate_places_at
from device.hub.registry.units import provinces
from device.hub.web.asking import Ask
from device.hub.web.place_papers import papers_of
from device.hub.web.place_supervision import coverage_values
from device.hub.web.place_words import GATE_STATES, kind_words, kinds, told_fields
from device.hub.web.places_seen import seen_places, the_place
from device.hub.web.rendering import page, refusal
from device.hub.web.rights import RIGHTS, may
from device.words import number, say, say_many, sentence

_MOST_LETTERS: Final = 100
_MOST_REPORTED: Final = 50
_MOST_OWNERS: Final = 200
_FORMS: Final = {"q": "text", "province": "province", "commune": "commune", "kind": "kind"}
"""Names in the address, and those of `Filters`."""
_DONE: Final = {
    "added": sentence("The place is registered. Next: its poster, and a gate that guards it."),
    "changed": sentence("The change is saved."),
    "archived": sentence("The place is out of use; what was recorded there stays."),
    "restored": sentence("The place is in use again."),
    "given": sentence("The account sees this place from now on."),
    "taken": sentence("The account does not see this place any more."),
    "poster": sentence("The poster is ready: print it and hang it. Where it replaces one, take that one down."),
}


def filters_of(ask: Ask) -> Filters:
    """Return what the address asks for; what is no such word asks for nothing."""
    said = {name: " ".join(ask.query.get(form, "")[:_MOST_LETTERS].split()) for form, name in _FORMS.items()}
    if said["kind"] not in {kind for kind, _ in kinds()}:
        said["kind"] = ""
    return Filters(**said, archived=ask.query.get("archived") == "1")


def show_places(ask: Ask) -> Response:
    """Show a page of places."""
    filters, after = filters_of(ask), ask.query.get("after", "")
    if not PLACE_ID.fullmatch(after):
        after = ""
    with ask.desk.store.reading() as connection:
        found, count, behind = page_of(connection, seen_places(ask), filters, after)
    asked = {form: getattr(filters, name) for form, name in _FORMS.items() if getattr(filters, name)}
    asked |= {"archived": "1"} if filters.archived else {}
    return page(
        ask,
        "places.html",
        say("Places"),
        found=[(one, kind_words(one.record.place.kind)) for one in found],
        count=count,
        filters=filters,
        kinds=kinds(),
        provinces=[unit.name for unit in provinces(utc_day(ask.desk.store.now_ms()))],
        first=f"/places?{urlencode(asked)}".rstrip("?") if after else "",
        following=f"?{urlencode(asked | {'after': behind})}" if behind else "",
        asked=f"?{urlencode(asked)}" if asked else "",
        note=_imported(ask),
        may_register=may(ask.session, "POST", "/places/new"),
        may_export=may(ask.session, "GET", "/places/export.{kind}"),
    )


def _imported(ask: Ask) -> str:
    said = {name: ask.query.get(name, "") for name in ("added", "changed", "unchanged")}
    if not all(text.isascii() and text.isdecimal() and len(text) <= 6 for text in said.values()):
        return ""
    counts = {name: number(int(text), ",") for name, text in said.items()}
    return say("{added} registered, {changed} changed, {unchanged} as they were", **counts)


def show_place(ask: Ask) -> Response:
    """Show one place."""
    record = the_place(ask)
    return refusal(ask, 404) if record is None else place_page(ask, record)


def place_page(ask: Ask, record: PlaceRecord, error: str = "", status: int = 200) -> Response:
    """Return the page of a place, with what went wrong."""
    may_give = may(ask.session, "POST", "/places/{place_id}/owners")
    now_ms = ask.desk.store.now_ms()
    with ask.desk.store.reading() as connection:
        guards = gates_of(connection, record.place_id, now_ms)
        reported = gate_places_at(connection, record.place_id, sees_gate(ask.by, gates.c.device_id), _MOST_REPORTED)
        hanging = posters_of(connection, record.place_id)
        coverage = coverage_values(connection, record, now_ms)
        owners = owners_of(connection, record.place_id) if may_give else []
        names = _owner_names(connection) if may_give else []
    done = _DONE.get(ask.query.get("done", ""))
    return page(
        ask,
        "place.html",
        shown(record.place.name, 200),
        status,
        error=error,
        note=say(done) if done else "",
        record=record,
        fields=told_fields(ask, record.place),
        gates=[(gate, say(GATE_STATES[gate.state])) for gate in guards],
        gates_told=say_many(
            "{count} gate is to guard this place.", "{count} gates are to guard this place.", len(guards)
        ),
        gates_have_pages=("GET", "/gates/{device}") in RIGHTS,
        reported=[one for one in reported if one.reported is not None],
        owners=owners,
        owner_names=names,
        may_edit=may(ask.session, "POST", "/places/{place_id}/edit"),
        may_archive=may(ask.session, "POST", "/places/{place_id}/archive"),
        may_give=may_give,
        may_print=may(ask.session, "POST", "/places/{place_id}/posters"),
        entrance=ENTRANCE,
        **coverage,
        **papers_of(ask, record, hanging),
    )


def _owner_names(connection: Connection) -> list[str]:
    """Return names of accounts that a place can be given to, as suggestions."""
    may_log_in = (accounts.c.role == AccountRole.OWNER) & accounts.c.disabled_ms.is_(None)
    query = select(accounts.c.name).where(may_log_in).order_by(accounts.c.folded).limit(_MOST_OWNERS)
    return list(connection.execute(query).scalars())
