"""What the code of a poster holds: an address of this hub for people, or the location code that is known in Vietnam."""

from __future__ import annotations

from typing import Final

PATH: Final = "p"
"""Of a poster below the address for people: ``https://checkin.example.vn/p/POSTER``."""


def poster_payload(poster_id: str, people_url: str | None) -> bytes:
    """Return the text of a code: ASCII.

    Args:
        poster_id: 24 hexadecimal digits, as many as a ``groupId`` has.
        people_url: ``people.url`` of the settings; ``None``: people have no address here.
    """
    if people_url is None:
        return f"https://tokhaiyte.vn/?page=Group.checkin&groupId={poster_id}".encode("ascii")
    return f"{people_url.rstrip('/')}/{PATH}/{poster_id}".encode("ascii")
