"""Making the code that enrols a gate: what must hold of the hub before, and how gates reach it; commands and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from device.enrolment.code import EnrolCode
from device.hub.db.enrolments import make_code, open_until
from device.hub.run_plan import PORT
from device.settings.address import is_this_machine

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from device.hub.folder import HubFolder


class OfferedCode(NamedTuple):
    """A code that was made.

    Attributes:
        code: to be shown once.
        older_ms: until when an older one of the same gate stays good too, Unix milliseconds; ``None``: there is none.
        now_ms: when it was made.
    """

    code: EnrolCode
    older_ms: int | None
    now_ms: int


def check_whole(folder: HubFolder) -> None:
    """Raise `ConfigurationError` when no gate can be enrolled with a hub that is not whole, or whose clock is wrong."""
    folder.public_identity()
    folder.clock.check()


def offer_code(connection: Connection, name: str, device_id: str | None, now_ms: int) -> OfferedCode:
    """Make a code for a new gate called *name*, or for *device_id* again, within a transaction."""
    older_ms = open_until(connection, name, device_id, now_ms)
    return OfferedCode(make_code(connection, name, device_id, now_ms), older_ms, now_ms)


def gates_url(folder: HubFolder) -> str:
    """Return how gates reach the hub: by a name from outside before an address, and this machine's own last.

    The port is that of ``hub.yaml``; an option of ``hub run`` may have given it another.
    """
    name = min(folder.names, key=lambda name: (is_this_machine(name), name[-1:].isdigit() or ":" in name, name))
    doors = () if folder.settings is None else folder.settings.listen
    port = next((door.address.port for door in doors if door.tls), doors[0].address.port if doors else PORT)
    host = f"[{name}]" if ":" in name else name
    return f"{'http' if is_this_machine(name) else 'https'}://{host}:{port}"
