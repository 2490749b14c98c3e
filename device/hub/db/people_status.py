"""People's status for gates that ask: imported whole from JSON Lines, looked up by keyed digests (HMAC-SHA256).

The file has a JSON object a line, with at least one number and whatever is known::

    {"citizen_number": "051090001234", "declared": true, "health": "green", "movement_declared": true, "doses": 2}

``insurance_number`` and ``national_code_id`` are the other numbers; what is left out or ``null`` is unknown. An
import replaces all that was known, so that whoever is no longer in the file is forgotten.

Numbers do not lie in the database: a citizen number has so few possible values that a plain hash is searched
in seconds, so they lie as HMAC-SHA256 under a secret in a file of its own. A copy of the database alone
says nothing of anybody.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from device.credential.person import NUMBER_KEY
from device.errors import ConfigurationError, WireError
from device.hub.db.tables import statuses
from device.model import HealthColour, Status
from device.strict_json import document
from device.wire.status import status_of
from device.words import say, say_many, why_of

SORTS: Final = {"citizen_number": "citizen", "insurance_number": "insurance", "national_code_id": "national"}
MOST_TOLD: Final = 20
"""Wrong lines that are told; of the rest the number."""
_KNOWN: Final = frozenset({*SORTS, "declared", "health", "movement_declared", "doses"})
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LINE_MOST_BYTES: Final = 4096
_AT_ONCE: Final = 5_000


def digest(secret: bytes, key: str) -> bytes:
    """Return what stands for a key of `device.wire.status`: 32 bytes."""
    return hmac.digest(secret, key.encode(), hashlib.sha256)


def read_people(path: Path) -> list[tuple[tuple[str, ...], Status]]:
    """Read a file: the keys of each person, and what is known.

    Raises:
        ConfigurationError: a line is wrong, or two speak of one number; names the lines, never what stands there.
    """
    people: list[tuple[tuple[str, ...], Status]] = []
    lines: dict[str, int] = {}
    wrong: list[str] = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number == 1 and line.startswith(_WORKBOOKS):
                    told = say(
                        "{path}: an Excel file; write a JSON object a line (config/people.example.jsonl)", path=path
                    )
                    raise ConfigurationError(nothing_changed(told))
                if not line.strip():
                    continue
                try:
                    keys, status = _person(line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n"))
                    _only_once(keys, number, lines)
                    people.append((keys, status))
                except WireError as error:
                    wrong.append(f"{path}:{number}: {error}")
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    if wrong:
        raise ConfigurationError(told_lines(wrong))
    return people


def told_lines(wrong: list[str]) -> str:
    """Say which lines of a file are wrong, the first of them each, and how many more there are."""
    rest = len(wrong) - MOST_TOLD
    more = [say_many("and {count} line more", "and {count} lines more", count=rest)] if rest > 0 else []
    return nothing_changed("\n".join([*wrong[:MOST_TOLD], *more]))


def nothing_changed(mistakes: str) -> str:
    """Say behind the mistakes of a file that it has changed nothing."""
    return say("{mistakes}; nothing was changed", mistakes=mistakes)


def _only_once(keys: Iterable[str], number: int, lines: dict[str, int]) -> None:
    for key in keys:
        if (before := lines.setdefault(key, number)) != number:
            raise WireError(say("speaks of a number of line {line} again", line=before))


def _person(line: bytes) -> tuple[tuple[str, ...], Status]:
    try:
        found = document(line, _LINE_MOST_BYTES)
    except WireError:
        told = say('write a JSON object, each key once: {{"citizen_number": "…", "declared": true}}')
        raise WireError(told) from None
    if not found.keys() <= _KNOWN:
        raise WireError(say("write only {names}", names=", ".join(sorted(_KNOWN))))
    keys: list[str] = []
    for name, sort in SORTS.items():
        value = found.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not NUMBER_KEY.fullmatch(key := f"{sort}:{value}"):
            raise WireError(say("{name}: not such a number, in quotes", name=name))
        keys.append(key)
    if not keys:
        raise WireError(say("write one of {names}", names=", ".join(SORTS)))
    return tuple(keys), status_of(found)


def replace(connection: Connection, people: Iterable[tuple[tuple[bytes, ...], Status]]) -> None:
    """Make *people* (digests, status) all that is known."""
    connection.execute(delete(statuses))
    rows: list[dict[str, object]] = []
    for digests, status in people:
        known = {
            "declared": status.declared,
            "health": status.health and status.health.value,
            "movement_declared": status.movement_declared,
            "doses": status.doses,
        }
        rows += [{"digest": one, **known} for one in digests]
        if len(rows) >= _AT_ONCE:
            connection.execute(insert(statuses), rows)
            rows = []
    if rows:
        connection.execute(insert(statuses), rows)


def find(connection: Connection, digests: Iterable[bytes]) -> Status:
    """Return what is known under any of *digests*; of each thing the worst, else nothing.

    One person's numbers lead to one line of the file. Where they lead to several, a code was made of two people's
    numbers, and the better one must not speak for the other.
    """
    found = connection.execute(select(statuses).where(statuses.c.digest.in_(list(digests)))).all()
    colours = [HealthColour(row.health) for row in found if row.health is not None]
    return Status(
        declared=_all([row.declared for row in found]),
        health=max(colours, key=list(HealthColour).index, default=None),
        movement_declared=_all([row.movement_declared for row in found]),
        doses=min((row.doses for row in found if row.doses is not None), default=None),
    )


def _all(answers: list[bool | None]) -> bool | None:
    """Return whether all that is said is yes; ``None`` when nothing is."""
    said = [answer for answer in answers if answer is not None]
    return all(said) if said else None
