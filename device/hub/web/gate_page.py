"""The page of one gate: how it stands, what to do, its week, its rules, how it is registered, what can be changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection
from starlette.responses import Response

from device.errors import shown
from device.hub.accounts.reach import sees_gate
from device.hub.db import registry
from device.hub.db.enrolments import open_until
from device.hub.db.gate_changes import Facts, facts_of
from device.hub.db.gate_history import Week, week_of
from device.hub.db.gate_list import Listed, groups_of, one_gate
from device.hub.db.tables import gates
from device.hub.gate_name import MOST_NAME
from device.hub.registry.reported import GatePlace, gate_places_of
from device.hub.registry.vietnamese_order import order_key
from device.hub.standing_words import STATES, advice, trouble_words
from device.hub.web.asking import Ask
from device.hub.web.charts import sparkline
from device.hub.web.gate_pages import may, row_of
from device.hub.web.gate_words import COUNTS, UNKNOWN, lines_of
from device.hub.web.rendering import local_time, page, refusal
from device.model import BUNDLE_NAMES, Count
from device.strict_json import NAME
from device.wire.state_records import BundleState
from device.words import number, say, sentence

MOST_SUGGESTED: Final = 100
"""Places that are suggested; where there are more, none is, and its name, code or id is written."""
_DONE: Final = {
    "name": sentence("The gate has its new name."),
    "place": sentence("The registry says so now; what the gate itself says of its place stands beside it."),
    "group": sentence("The gate is in that group now."),
    "revoke": sentence("The gate is revoked: it is told when it next calls, and stops."),
}
_OF_NO_TROUBLE: Final = frozenset({"silent", "never", "revoked"})


class Shown(NamedTuple):
    """A gate, and what its page needs to know."""

    gate: Listed
    facts: Facts
    week: Week
    named: list[GatePlace]
    open_until_ms: int | None
    groups: list[str]
    suggested: list[registry.PlaceRecord]


def the_gate(ask: Ask, connection: Connection) -> Listed | None:
    """Return the gate that is meant; ``None``: there is none, or it is not for this account, which is told no apart."""
    device_id = str(ask.given["device"])
    if not NAME.fullmatch(device_id):
        return None
    return one_gate(connection, sees_gate(ask.by, gates.c.device_id), ask.desk.store.now_ms(), device_id)


def show_gate(ask: Ask) -> Response:
    """Show the page."""
    return gate_page(ask)


def gate_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    """Return the page of the gate that is meant, with what went wrong, said already."""
    now_ms = ask.desk.store.now_ms()
    with ask.desk.store.reading() as connection:
        found = _looked_up(ask, connection, now_ms)
    if found is None:
        return refusal(ask, 404)
    gate = found.gate
    done = _DONE.get(ask.query.get("done", ""))
    since_ms = max(0, now_ms - (gate.standing.reported_ms or now_ms))
    return page(
        ask,
        "gate.html",
        shown(gate.standing.name, 2 * MOST_NAME),
        status,
        error=error,
        note=say(done) if done and not error else "",
        row=row_of(gate, now_ms),
        gate=gate,
        to_do=_to_do(gate),
        lines=[] if gate.reported is None else list(lines_of(gate.reported, since_ms)),
        week=_week(found.week),
        heads=[say(COUNTS[count]) for count in Count],
        bundles=_bundles(ask, gate),
        registered=_registered(found),
        groups=found.groups,
        suggested=_suggested(found.suggested),
        may_change=may(ask, "POST", "/gates/{device}/name"),
        most=MOST_NAME,
    )


def _looked_up(ask: Ask, connection: Connection, now_ms: int) -> Shown | None:
    gate = the_gate(ask, connection)
    device_id = "" if gate is None else gate.standing.device_id
    facts = facts_of(connection, device_id)
    if gate is None or facts is None:
        return None
    changes = may(ask, "POST", "/gates/{device}/name")
    return Shown(
        gate,
        facts,
        week_of(connection, device_id, now_ms),
        gate_places_of(connection, device_id),
        open_until(connection, gate.standing.name, device_id, now_ms),
        groups_of(connection, sees_gate(ask.by, gates.c.device_id)) if changes else [],
        registry.some_places(connection, MOST_SUGGESTED) if changes else [],
    )


def _to_do(gate: Listed) -> list[tuple[str, str]]:
    """Return each trouble in words, with a line on what to do."""
    state = [gate.state] if gate.state in _OF_NO_TROUBLE else []
    return [(say(STATES[word]), advice(word)) for word in state] + [
        (trouble_words(word), advice(word)) for word in gate.standing.troubles
    ]


def _week(week: Week) -> dict[str, object]:
    """Return what the page draws of a week, and the table beside it."""
    charts = (
        (say("Check-ins that the hub has"), week.delivered),
        (say("Answers to people who showed who they are"), week.answered),
        (say("Codes that could not be read, or are not for this gate"), week.unread),
    )
    return {
        "charts": [(label, sparkline(values, _summary(label, values))) for label, values in charts],
        "days": [
            (day.date, number(day.delivered, ","), [number(count, ",") for count in day.counts])
            for day in reversed(week.days)
        ],
    }


def _summary(label: str, values: Sequence[int]) -> str:
    total, most = number(sum(values), ","), number(max(values, default=0), ",")
    told = sentence("{what}, hour by hour of seven days: {total} in all, at most {most} in an hour")
    return say(told, what=label, total=total, most=most)


def _bundles(ask: Ask, gate: Listed) -> list[tuple[str, str, str, bool]]:
    """Return each kind of bundle that the gate takes: name, version there, how that stands, whether that is well."""
    if gate.reported is None:
        return []
    return [_bundle(ask, gate.standing.device_id, one) for one in gate.reported.bundles]


def _bundle(ask: Ask, device_id: str, one: BundleState) -> tuple[str, str, str, bool]:
    head = ask.desk.bundles.head(one.kind, device_id)
    kind, version = say(BUNDLE_NAMES[one.kind]), UNKNOWN if one.version is None else str(one.version)
    if one.refused:
        return kind, version, say("a newer one was refused there"), False
    if one.version is None:
        return kind, version, say("none is published") if head is None else say("it has none yet"), head is None
    if head is not None and one.version < head.version:
        return kind, version, say("older than the published one, {version}", version=head.version), False
    return kind, version, say("in force, and out of date") if one.old else say("in force"), not one.old


def _registered(found: Shown) -> list[tuple[str, str]]:
    """Return how the gate is registered, as names and words."""
    facts, digest = found.facts, hashlib.sha256(found.facts.public).hexdigest()
    assigned = found.gate.place if found.gate.place_id else say("none that is registered")
    lines = [
        (say("Device id"), found.gate.standing.device_id),
        (say("Registered"), local_time(facts.added_ms)),
        (say("Is to guard"), assigned),
        *((say("Says it guards"), _named(one)) for one in found.named if one.reported),
        (say("Fingerprint of its key"), " ".join(digest[start : start + 8] for start in range(0, 32, 8))),
        (say("Key"), say("withdrawn") if found.gate.standing.revoked else say("good")),
        (say("Seals to keys from"), facts.sealing_day),
    ]
    if found.open_until_ms is not None:
        lines.append((say("A code that enrols it anew is good until"), local_time(found.open_until_ms)))
    return lines


def _named(one: GatePlace) -> str:
    if one.matched is None:
        return say("{place} (unmatched)", place=one.reported or "")
    if one.matched == one.assigned:
        return say("{place} (the same)", place=one.reported or "")
    return say("{place} (another: {id})", place=one.reported or "", id=one.matched)


def _suggested(places: Sequence[registry.PlaceRecord]) -> list[tuple[str, str]]:
    """Return what may be written for each place, and what tells it from others."""
    names = Counter(one.place.name for one in places)
    rows = [
        (one.place.name if names[one.place.name] == 1 else one.place_id, f"{one.place.name}, {one.place.province}")
        for one in places
    ]
    return sorted(rows, key=lambda row: order_key(row[1]))
