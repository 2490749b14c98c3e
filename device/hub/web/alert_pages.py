"""The page of alerts: what is wrong now and was lately, who sees to it, and whether messages about it arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection
from starlette.responses import Response

from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.alerts import ledger, waiting
from device.hub.alerts.message import TEST
from device.hub.alerts.reading import PAGE, Alert, acknowledge, count_now, lately_wrong, now_wrong
from device.hub.alerts.sinks import SINK_WORDS, SinkName, why_untold
from device.hub.alerts.wording import to_do, what_of
from device.hub.web.asking import Ask, go_to
from device.hub.web.rendering import page, refusal
from device.hub.web.rights import ADMINISTRATORS, TECHNICIANS
from device.words import say

_FIRST: Final = 5
_REFRESH_S: Final = 5
"""As other pages that show how things stand."""
_MOST_NUMBER: Final = 2**31 - 1


class Row(NamedTuple):
    """One line of a table of alerts: the alert, what is wrong, and what to do about it, in words."""

    alert: Alert
    what: str
    do: str


class AlertsNow(NamedTuple):
    """What the template ``alerts_now.html`` shows: how much is wrong now, and the first lines of it."""

    total: int
    rows: list[Row]


def alerts_now(ask: Ask, connection: Connection) -> AlertsNow:
    """Return what is wrong now, of what who is logged in may see, for ``alerts_now.html``."""
    return AlertsNow(count_now(connection, ask.by), _rows(now_wrong(connection, ask.by, most=_FIRST)))


def show_alerts(ask: Ask) -> Response:
    """Show all of it."""
    before, over = _number(ask, "before"), _number(ask, "over")
    if before == 0 or over == 0:
        return refusal(ask, 404)
    with ask.desk.store.reading() as connection:
        count = count_now(connection, ask.by)
        wrong = now_wrong(connection, ask.by, before, PAGE + 1)
        lately = lately_wrong(connection, ask.by, over, PAGE + 1)
        shows_sinks = ask.by.role in TECHNICIANS
        sinks = waiting.standings(connection, ask.desk.alert_sinks) if shows_sinks else []
    return page(
        ask,
        "alerts.html",
        say("Alerts"),
        refresh_s=_REFRESH_S if before is None and over is None else 0,
        note=say("A test message is on its way. Open this page again in a moment to see whether it arrived.")
        if "tested" in ask.query
        else "",
        count=count,
        now=_rows(wrong[:PAGE]),
        older_now=wrong[PAGE - 1].alert_id if len(wrong) > PAGE else None,
        lately=_rows(lately[:PAGE]),
        older_lately=lately[PAGE - 1].alert_id if len(lately) > PAGE else None,
        is_first=before is None and over is None,
        may_see_to=shows_sinks,
        may_test=ask.by.role in ADMINISTRATORS,
        sinks=[(say(SINK_WORDS[SinkName(one.sink)]), one, why_untold(one.error)) for one in sinks],
    )


def acknowledge_alert(ask: Ask) -> Response:
    """Note that somebody sees to what is wrong."""
    number = ask.given["number"]
    assert isinstance(number, int)
    store = ask.desk.store
    with store.begin() as connection:
        now_ms = store.now_ms()
        found = acknowledge(connection, ask.by, number, now_ms) if number <= _MOST_NUMBER else None
        if found is not None:
            about = f"{found.rule} {found.name or found.subject}"
            audit.note(connection, now_ms, ask.actor, Deed.ALERT_ACKNOWLEDGED, about)
    return refusal(ask, 404) if found is None else go_to("/alerts")


def send_test(ask: Ask) -> Response:
    """Let a test message go to all sinks."""
    store = ask.desk.store
    if not ask.desk.alert_sinks:
        return refusal(ask, 404)
    with store.begin() as connection:
        ledger.alone(connection)
        now_ms = store.now_ms()
        waiting.put(connection, ask.desk.alert_sinks, [TEST], now_ms)
        audit.note(connection, now_ms, ask.actor, Deed.ALERT_TEST_SENT)
    return go_to("/alerts?tested")


def _rows(found: Iterable[Alert]) -> list[Row]:
    return [
        Row(one, what_of(one.rule, one.subject, one.detail), "" if one.ended_ms else to_do(one.rule, one.subject))
        for one in found
    ]


def _number(ask: Ask, name: str) -> int | None:
    """Return a number behind the path; ``None`` where none stands there, 0 where something else does."""
    said = ask.query.get(name)
    if said is None:
        return None
    is_number = said.isascii() and said.isdecimal() and len(said) <= 10 and int(said) <= _MOST_NUMBER
    return int(said) if is_number else 0
