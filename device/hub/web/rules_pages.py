"""The page of rules and lists: what is published, by whom, in force where; and publishing, with a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select
from starlette.responses import Response

from device.errors import Complaints
from device.hub.db.gate_changes import Publication, newest_publications, publisher_of
from device.hub.db.gate_list import has_version, takes
from device.hub.db.gate_state import gate_state
from device.hub.db.tables import gates
from device.hub.publishing.publish import PUBLISHABLE, numbers_in
from device.hub.publishing.store import VALID_DAYS
from device.hub.web.asking import Ask
from device.hub.web.gate_pages import may
from device.hub.web.gate_words import UNKNOWN
from device.hub.web.rendering import local_time, page
from device.model import BUNDLE_NAMES
from device.settings.load import parse_policy
from device.settings.policy_lines import lines_of_policy
from device.wire.bundle import PEOPLE_LISTS, BundleKind, Head
from device.words import number, say, say_many, sentence

_MOST_OWN: Final = 50
"""Lists of single gates that are shown."""
_DONE: Final = sentence("Published. Gates fetch it when they next ask, every few minutes.")
_FILES: Final = {
    BundleKind.POLICY: ".yaml,.yml",
    BundleKind.TRUST: ".json",
    BundleKind.WATCH_LIST: ".xlsx,.csv,.jsonl",
    BundleKind.ROSTER: ".xlsx,.csv,.jsonl",
}


class Published(NamedTuple):
    """What is published for all gates, as the table shows it; all words are said already."""

    kind: str
    name: str
    what: str
    version: str
    made: str
    who: str
    until: str
    is_old: bool
    in_force: int
    takes: int


def show_rules(ask: Ask) -> Response:
    """Show what is published."""
    return rules_page(ask)


def rules_page(ask: Ask, errors: tuple[str, ...] = (), status: int = 200) -> Response:
    """Return the page, with what is wrong with a file, said already."""
    now_ms = ask.desk.store.now_ms()
    heads = ask.desk.bundles.heads()
    for_all = {head.kind: head for head in heads if head.device_id is None}
    own = [head for head in heads if head.device_id is not None]
    with ask.desk.store.reading() as connection:
        counts = _in_force(connection, for_all, own)
        rows = [_published(connection, head, now_ms, counts[kind]) for kind, head in for_all.items()]
        owned = _own(connection, own[:_MOST_OWN])
        history = [_past(one) for one in newest_publications(connection)]
    return page(
        ask,
        "rules.html",
        say("Rules and lists"),
        status,
        errors=errors,
        note=say(_DONE) if "done" in ask.query and not errors else "",
        rows=rows,
        policy=_policy_lines(ask),
        own=owned,
        more_own=max(0, len(own) - _MOST_OWN),
        history=history,
        may_publish=may(ask, "POST", "/rules/preview"),
        kinds=[(str(kind), say(BUNDLE_NAMES[kind]), VALID_DAYS[kind]) for kind in PUBLISHABLE],
        accept=",".join(dict.fromkeys(",".join(_FILES.values()).split(","))),
    )


def size_words(kind: BundleKind, size: int) -> str:
    """Return how much is in a content of so many bytes."""
    if kind in PEOPLE_LISTS:
        return say_many("{count} number", "{count} numbers", numbers_in(size))
    return say("{count} bytes", count=number(size, ","))


def _published(connection: Connection, head: Head, now_ms: int, counts: tuple[int, int]) -> Published:
    who = publisher_of(connection, head.kind, head.version)
    by_itself = say("the hub by itself") if head.kind is BundleKind.SEALING_KEYS else say("a command on the hub")
    return Published(
        str(head.kind),
        say(BUNDLE_NAMES[head.kind]),
        size_words(head.kind, head.size),
        str(head.version),
        local_time(head.made_ms),
        who if who is not None else by_itself,
        local_time(head.valid_until_ms),
        head.valid_until_ms < now_ms,
        *counts,
    )


def _in_force(
    connection: Connection, for_all: Mapping[BundleKind, Head], own: Sequence[Head]
) -> dict[BundleKind, tuple[int, int]]:
    """Return at how many gates each is in force, and how many take it; a gate with a list of its own is in neither."""
    columns: list[ColumnElement[int]] = []
    for kind, head in for_all.items():
        others = [one.device_id for one in own if one.kind is kind]
        wants = and_(takes(kind), gates.c.device_id.not_in(others)) if others else takes(kind)
        columns += [_count(and_(wants, has_version(kind, head.version))), _count(wants)]
    query = (
        select(*columns)
        .select_from(gates)
        .join(gate_state, gate_state.c.device_id == gates.c.device_id)
        .where(gates.c.revocation.is_(None))
    )
    found = [int(count or 0) for count in connection.execute(query).one()] if columns else []
    return {kind: (found[2 * at], found[2 * at + 1]) for at, kind in enumerate(for_all)}


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


def _own(connection: Connection, own: Sequence[Head]) -> list[tuple[str, str, str, str, str, str]]:
    """Return lists of single gates: device id, name, kind, how much, version, whether it is in force there."""
    rows = []
    for head in own:
        query = (
            select(gates.c.name, has_version(head.kind, head.version))
            .select_from(gates)
            .outerjoin(gate_state, gate_state.c.device_id == gates.c.device_id)
            .where(gates.c.device_id == head.device_id)
        )
        found = connection.execute(query).first()
        name, has = (UNKNOWN, False) if found is None else (found[0], bool(found[1]))
        there = say("in force") if has else say("not there yet")
        kind = say(BUNDLE_NAMES[head.kind])
        rows.append((head.device_id or "", name, kind, size_words(head.kind, head.size), str(head.version), there))
    return rows


def _past(one: Publication) -> tuple[str, str, str, str, str]:
    """Return what was published: when, what, version, how much, by whom."""
    kind = BundleKind(one.kind)
    return local_time(one.at_ms), say(BUNDLE_NAMES[kind]), str(one.version), size_words(kind, one.size), one.who


def _policy_lines(ask: Ask) -> list[str]:
    content = ask.desk.bundles.content(BundleKind.POLICY)
    if content is None:
        return []
    try:
        return list(lines_of_policy(parse_policy(content.decode("utf-8", "replace"))))
    except Complaints:
        return []  # of another version of this program
