"""The record of what was done at the desk: looked through by who, what and about what; and as a file."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from device.clock import utc_text
from device.hub.accounts import audit
from device.hub.accounts.audit import DEED_WORDS, PAGE, Deed, Sought
from device.hub.registry.safe_tables import csv_bytes
from device.hub.web.asking import Ask
from device.hub.web.rendering import local_time, page, refusal
from device.hub.web.supervision_pages import as_file
from device.words import say

MOST_EXPORTED: Final = 50_000
"""The newest; whoever needs older ones looks for fewer."""
_MOST_NUMBER: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_MOST_LETTERS: Final = 100
_COLUMNS: Final = ("number", "at", "who", "what", "about", "from")


def show_audit(ask: Ask) -> Response:
    """Show what was done, the newest first."""
    said, sought = ask.query.get("before", ""), _sought(ask)
    if sought is None or (said and not (_NUMBER.fullmatch(said) and int(said) <= _MOST_NUMBER)):
        return refusal(ask, 404)
    with ask.desk.store.reading() as connection:
        found = audit.page(connection, int(said) if said else None, PAGE + 1, sought)
    rows = [(one, _words_of(one.what)) for one in found[:PAGE]]
    return page(
        ask,
        "audit.html",
        say("Record"),
        rows=rows,
        older=rows[-1][0].audit_id if len(found) > PAGE else None,
        newest=not said,
        sought=sought,
        query=urlencode({name: text for name, text in sought._asdict().items() if text}),
        deeds=sorted(((str(deed), say(words)) for deed, words in DEED_WORDS.items()), key=lambda pair: pair[1]),
    )


def export_audit(ask: Ask) -> Response:
    """Return what was done as CSV, the newest first, at most `MOST_EXPORTED`; that this was done stands in it too."""
    sought = _sought(ask)
    if sought is None:
        return refusal(ask, 404)
    now_ms = ask.desk.store.now_ms()
    with ask.desk.store.begin() as connection:
        audit.note(connection, now_ms, ask.actor, Deed.RECORD_EXPORTED, " ".join(filter(None, sought)))
    with ask.desk.store.reading() as connection:
        found = audit.page(connection, None, MOST_EXPORTED, sought)
    rows = ([str(one.audit_id), utc_text(one.at_ms), one.who, one.what, one.about, one.address] for one in found)
    return as_file(csv_bytes(_COLUMNS, rows), f"record-{local_time(now_ms)[:10]}.csv", "text/csv; charset=utf-8")


def _sought(ask: Ask) -> Sought | None:
    """Return what is looked for; ``None``: in a way in which no page of the desk asks."""
    who, what, about = (ask.query.get(name, "").strip() for name in Sought._fields)
    if any(len(text) > _MOST_LETTERS or "\x00" in text for text in (who, what, about)):
        return None
    return Sought(who, what, about)


def _words_of(what: str) -> str:
    """Return the words of a deed; one that a newer version has written stands as it is."""
    return say(DEED_WORDS[Deed(what)]) if what in {str(deed) for deed in Deed} else what
