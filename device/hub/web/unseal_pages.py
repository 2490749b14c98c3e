"""Opening seals at the desk, for the authority: of one place and one interval, written down before anything is read.

At most `MOST_OPENED` check-ins are opened for one question: with more, none is, and a shorter time must be asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert
from starlette.responses import Response

from device.clock import DAY_MS, utc_text
from device.crypto.sealed_body import Body
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.db import checkin_pages
from device.hub.db.checkin_pages import Seen
from device.hub.db.registry import PlaceRecord
from device.hub.db.supervision_tables import place_unsealings
from device.hub.db.tables import unsealings
from device.hub.registry.opening_times import moment_ms
from device.hub.unsealing import LONGEST_REASON, open_row
from device.hub.web.asking import Ask
from device.hub.web.checkin_pages import DIRECTION_WORDS, Asked, checkins_page, interval_text
from device.hub.web.place_supervision import seen_place
from device.hub.web.rendering import page, refusal
from device.model import Outcome, Person
from device.words import say, sentence

MOST_OPENED: Final = 200
LONGEST_DAYS: Final = 31
_MOST_LETTERS: Final = 300
_OUTCOME_WORDS: Final = {
    Outcome.GRANTED: sentence("let in"),
    Outcome.REFERRED: sentence("sent to somebody"),
    Outcome.DENIED: sentence("turned away"),
}
_PERSON_WORDS: Final = {
    "name": sentence("name"),
    "birth": sentence("born"),
    "sex": sentence("sex"),
    "citizen_number": sentence("citizen number"),
    "old_number": sentence("old card or passport"),
    "insurance_number": sentence("insurance number"),
    "national_code_id": sentence("national code"),
    "phone": sentence("phone"),
    "address": sentence("address"),
}


class Question(NamedTuple):
    """What the authority asks: of which time, Unix milliseconds, why, and on what ground in law."""

    from_ms: int
    until_ms: int
    reason: str
    ground: str


def unseal_place(ask: Ask) -> Response:
    """Write down who asks and why, then show who came to a place in an interval."""
    with ask.desk.store.reading() as connection:
        record = seen_place(ask, connection, ask.form.get("place", ""))
        if record is None:
            return refusal(ask, 404)
        try:
            question = _question(ask, record)
            found = _found(connection, record, question)
        except ValueError as error:
            asked = Asked(place=record.place_id)
            return checkins_page(ask, asked, record, [], 422, error=str(error), typed=_typed(ask))
    _write_down(ask, record, question, found)
    keys = ask.desk.folder.private_keys() if found else {}
    return page(
        ask,
        "unsealed.html",
        say("Who came"),
        place=record,
        from_ms=question.from_ms,
        until_ms=question.until_ms,
        rows=[_line(seen, open_row(keys, seen.row)) for seen in reversed(found)],
    )


def _typed(ask: Ask) -> dict[str, str]:
    return {name: ask.form.get(name, "")[:_MOST_LETTERS] for name in ("from", "until", "reason", "ground")}


def _question(ask: Ask, record: PlaceRecord) -> Question:
    """Read the form; raises `ValueError` in a sentence."""
    said = {name: " ".join(ask.form.get(name, "").split()) for name in ("from", "until", "reason", "ground")}
    for name in ("reason", "ground"):
        if not said[name]:
            raise ValueError(say("Write a reason and the legal ground: nothing is opened without them."))
        if len(said[name]) > _MOST_LETTERS or not said[name].isprintable():
            told = say("Write at most {most} characters, all of which can be seen.", most=_MOST_LETTERS)
            raise ValueError(told)
    try:
        from_ms, until_ms = (_moment(record.place.time_zone, said[name]) for name in ("from", "until"))
    except (ValueError, OverflowError):
        raise ValueError(say("Write both times, like {example}.", example="2026-11-29T07:00")) from None
    if from_ms >= until_ms:
        raise ValueError(say("There is no time between these two."))
    if until_ms - from_ms > LONGEST_DAYS * DAY_MS:
        raise ValueError(say("Ask for {most} days at most.", most=LONGEST_DAYS))
    return Question(from_ms, until_ms, said["reason"], said["ground"])


def _moment(time_zone: str, text: str) -> int:
    at = datetime.fromisoformat(text)
    if at.tzinfo is not None or not 2000 <= at.year < 3000:
        raise ValueError(text)
    return moment_ms(time_zone, at)


def _found(connection: Connection, record: PlaceRecord, question: Question) -> list[Seen]:
    """Return the check-ins that may have been there then; raises `ValueError` when they are too many."""
    spans = checkin_pages.spans_of(connection, None, record.place_id, "")
    if len(spans) == checkin_pages.MOST_LEDGERS:
        raise ValueError(say("Too many gates have guarded this place; ask on the hub: gate-scanner hub checkins"))
    when = question.from_ms, question.until_ms
    rows = checkin_pages.page_of(connection, spans, None, when, MOST_OPENED + 1)
    if len(rows) > MOST_OPENED:
        told = say("More than {most} check-ins: ask for a shorter time. Nothing was opened.", most=MOST_OPENED)
        raise ValueError(told)
    # What later rows have told since narrows when it was.
    rows = [row for row in rows if row.latest_ms >= when[0] and row.earliest_ms < when[1]]
    return checkin_pages.named(connection, rows)


def _write_down(ask: Ask, record: PlaceRecord, question: Question, found: list[Seen]) -> None:
    """Write down durably that somebody is about to read this: in the record, beside the place, and among unsealings."""
    now_ms, asked = ask.desk.store.now_ms(), f"{utc_text(question.from_ms)} – {utc_text(question.until_ms)}"
    about = f"{record.place_id} {asked}: {question.reason} ({question.ground})"
    values = {**question._asdict(), "place_id": record.place_id, "at_ms": now_ms, "who": ask.by.name}
    with ask.desk.store.begin() as connection:
        audit.note(connection, now_ms, ask.actor, Deed.UNSEALED, about)
        connection.execute(insert(place_unsealings).values(**values, checkins=len(found)))
        if found:
            arrivals = [seen.row.arrival for seen in found]
            reason = f"{question.reason}; {question.ground} (place={record.place_id} {asked})"[:LONGEST_REASON]
            bounds = {"first_arrival": min(arrivals), "last_arrival": max(arrivals)}
            connection.execute(insert(unsealings).values(at_ms=now_ms, who=ask.by.name, reason=reason, **bounds))


def _line(seen: Seen, body: Body | None) -> dict[str, Any]:
    row = seen.row
    line: dict[str, Any] = {
        "when": interval_text(row.earliest_ms, row.latest_ms),
        "gate": seen.gate,
        "direction": say(DIRECTION_WORDS[row.row.direction]),
        "answer": "–" if body is None else say(_OUTCOME_WORDS[body.outcome]),
        "person": None,
        "why": say("destroyed with its key") if row.expired else say("its seal does not open"),
    }
    if body is not None:
        line["why"] = say("no code that was read")
        if body.credential is not None:
            line["person"] = _person(body.credential.person)
    return line


def _person(person: Person) -> list[tuple[str, str]]:
    said = ((words, getattr(person, name)) for name, words in _PERSON_WORDS.items())
    return [(say(words), text) for words, text in said if text is not None]
