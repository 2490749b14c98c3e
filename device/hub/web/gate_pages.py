"""The page of all gates: what needs somebody first, in pages, filtered."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import urlencode

from sqlalchemy import and_
from starlette.responses import Response

from device.hub.accounts.reach import sees_gate
from device.hub.db.gate_list import STATE_ORDER, Cursor, Filters, Listed, counts_by_state, groups_of, holding, page_of
from device.hub.db.tables import gates
from device.hub.registry.place import PLACE_ID
from device.hub.standing_words import STATES, ago, trouble_words
from device.hub.web.asking import Ask
from device.hub.web.gate_words import UNKNOWN, camera_cell, clock_cell, heat_cell, policy_age_cell
from device.hub.web.rendering import page, refusal
from device.hub.web.rights import RIGHTS, Verdict, verdict
from device.model import BUNDLE_NAMES
from device.wire.bundle import BundleKind
from device.words import number, say

_MOST_TEXT: Final = 100
_CURSOR: Final = re.compile(r"([0-9])\.([A-Za-z0-9._-]{1,64})", re.ASCII)


class Row(NamedTuple):
    """A gate as the table shows it; all words are said already."""

    device_id: str
    name: str
    place_id: str
    place: str
    group: str
    state: str
    state_words: str
    heard: str
    scans: str
    unsent: str
    camera: str
    clock: str
    heat: str
    version: str
    policy_age: str
    troubles: str


def may(ask: Ask, method: str, route: str) -> bool:
    """Return whether who is logged in may open a route."""
    return verdict(RIGHTS[method, route], ask.session) is Verdict.MAY


def show_gates(ask: Ask) -> Response:
    """Show a page of the gates that the account sees."""
    after = _cursor(ask.query.get("after", ""))
    if after is _WRONG:
        return refusal(ask, 404)
    filters = _filters(ask)
    now_ms = ask.desk.store.now_ms()
    sees, text = sees_gate(ask.by, gates.c.device_id), _plain(ask.query.get("text", ""))
    with ask.desk.store.reading() as connection:
        which = and_(sees, holding(connection, sees, text)) if text else sees
        found, following = page_of(connection, which, now_ms, filters, after)
        counts = counts_by_state(connection, which, now_ms, filters)
        groups = groups_of(connection, sees)
    states = [(word, say(STATES[word]), counts[word], _link(filters, text, state=word)) for word in STATE_ORDER]
    behind = "" if filters.behind is None else say(BUNDLE_NAMES[filters.behind])
    return page(
        ask,
        "gates.html",
        say("Gates"),
        rows=[row_of(one, now_ms) for one in found],
        states=states,
        everyone=sum(counts.values()),
        filters=filters,
        text=text,
        groups=groups,
        behind=behind,
        place=found[0].place if filters.place and found else filters.place,
        unfiltered=filters == Filters() and not text,
        all_link=_link(filters, text, state=""),
        following="" if following is None else _link(filters, text, after=f"{following.rank}.{following.device_id}"),
        first=_link(filters, text) if after is not None else "",
        may_enrol=may(ask, "GET", "/gates/enrol"),
    )


def row_of(one: Listed, now_ms: int) -> Row:
    """Return a gate as the table shows it."""
    gate, said = one.standing, one.reported
    since_ms = max(0, now_ms - (gate.reported_ms or now_ms))
    return Row(
        gate.device_id,
        gate.name,
        one.place_id,
        one.place,
        one.group,
        one.state,
        say(STATES[one.state]),
        UNKNOWN if gate.heard_ms is None else ago((now_ms - gate.heard_ms) // 1000),
        UNKNOWN if gate.scans is None else number(gate.scans, ","),
        UNKNOWN if gate.waiting is None else number(gate.waiting, ","),
        UNKNOWN if said is None else camera_cell(said.camera),
        UNKNOWN if said is None else clock_cell(said.clock),
        UNKNOWN if said is None else heat_cell(said),
        gate.version or UNKNOWN,
        UNKNOWN if said is None else policy_age_cell(said, since_ms),
        ", ".join(map(trouble_words, gate.troubles)),
    )


def _filters(ask: Ask) -> Filters:
    """Read what is filtered by; what cannot be meant asks for nothing."""
    query = ask.query
    state, place = query.get("state", ""), query.get("place", "")
    filters = Filters(
        state if state in STATE_ORDER else "",
        place if PLACE_ID.fullmatch(place) else "",
        _plain(query.get("group", "")),
    )
    kind = query.get("behind", "")
    heads = ask.desk.bundles.heads() if kind in {str(one) for one in BundleKind} else []
    version = next((head.version for head in heads if head.kind == kind and head.device_id is None), None)
    if version is None:
        return filters
    but = tuple(head.device_id for head in heads if head.kind == kind and head.device_id is not None)
    return replace(filters, behind=BundleKind(kind), version=version, but=but)


def _plain(text: str) -> str:
    return "".join(letter for letter in text[:_MOST_TEXT] if letter.isprintable()).strip()


_WRONG: Final = Cursor(-1, "")


def _cursor(said: str) -> Cursor | None:
    """Read where a page begins; `_WRONG` for what this page never writes."""
    if not said:
        return None
    found = _CURSOR.fullmatch(said)
    return _WRONG if found is None else Cursor(int(found[1]), found[2])


def _link(filters: Filters, text: str, **others: str) -> str:
    """Return the address of these gates with something else asked for."""
    said = {
        "state": filters.state,
        "place": filters.place,
        "group": filters.group,
        "text": text,
        "behind": "" if filters.behind is None else str(filters.behind),
    } | others
    asked = urlencode({name: value for name, value in said.items() if value})
    return f"/gates?{asked}" if asked else "/gates"
