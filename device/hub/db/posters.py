"""Posters in the database: one in use at each entrance, and those it replaced. In the transaction of the caller."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Select, insert, select, update

from device.hub.db.registry_tables import posters


@dataclass(frozen=True, slots=True)
class Poster:
    """A poster that was made.

    Attributes:
        poster_id: 24 hexadecimal digits; never the place's id, so that another can take its place.
        place_id: of which registered place.
        entrance: where it hangs, as people call it.
        number: 1, 2, 3… of that entrance.
        made_ms: when, Unix milliseconds.
        replaced_ms: since when another one is in use; ``None``: it is the one in use.
    """

    poster_id: str
    place_id: str
    entrance: str
    number: int
    made_ms: int
    replaced_ms: int | None = None


def all_posters(connection: Connection) -> list[Poster]:
    """Return every poster of every place, by entrance, the oldest first."""
    return _found(connection, select(posters))


def posters_of(connection: Connection, place_id: str) -> list[Poster]:
    """Return every poster of a place, as `all_posters`."""
    return _found(connection, select(posters).where(posters.c.place_id == place_id))


def poster_called(connection: Connection, poster_id: str) -> Poster | None:
    """Return a poster by what its code says; ``None``: no poster of this hub."""
    return next(iter(_found(connection, select(posters).where(posters.c.poster_id == poster_id))), None)


def poster_in_use(connection: Connection, place_id: str, entrance: str, now_ms: int, *, anew: bool = False) -> Poster:
    """Return the poster of an entrance; the first one, and with *anew* another one, is made."""
    former = [poster for poster in posters_of(connection, place_id) if poster.entrance == entrance]
    if former and not anew:
        return former[-1]
    here = (posters.c.place_id == place_id) & (posters.c.entrance == entrance) & posters.c.replaced_ms.is_(None)
    connection.execute(update(posters).where(here).values(replaced_ms=now_ms))
    number = former[-1].number + 1 if former else 1
    made = Poster(secrets.token_hex(12), place_id, entrance, number, now_ms)
    connection.execute(insert(posters).values(asdict(made)))
    return made


def _found(connection: Connection, query: Select[tuple[object, ...]]) -> list[Poster]:
    rows = connection.execute(query.order_by(posters.c.entrance, posters.c.number)).mappings()
    return [Poster(**row) for row in rows]
