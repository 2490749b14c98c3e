"""Unsealing stored check-ins: only where the key folder is, and never without an audit record."""

from __future__ import annotations

from collections.abc import Iterator

from device.crypto.sealed_body import Body
from device.crypto.sealing import unseal
from device.errors import WireError
from device.hub.db.database import HubDatabase
from device.hub.db.queries import Arrived
from device.hub.folder import HubFolder


def unsealed(folder: HubFolder, store: HubDatabase, who: str, reason: str) -> Iterator[tuple[Arrived, Body | None]]:
    """Yield every stored check-in with what is under its seal.

    Before anything is opened the audit record is on disk, page by page.

    Args:
        folder: holds the keys.
        store: holds the rows.
        who: the person, as the system knows them.
        reason: why; written down with it, not empty.

    Returns:
        Pairs in the order of arrival; the body is ``None`` when its key is gone (expired) or does not open it.
    """
    if not reason.strip():
        raise ValueError("unsealing needs a reason")
    keys = folder.private_keys()
    after = 0
    while page := store.checkins(after):
        after = page[-1].arrival
        store.note_unsealing(who, reason, page[0].arrival, after)
        for arrived in page:
            yield arrived, _open(keys, arrived)


def _open(keys: dict[str, bytes], arrived: Arrived) -> Body | None:
    private = keys.get(arrived.row.key_id)
    if private is None:
        return None
    try:
        return unseal(private, arrived.device_id, arrived.epoch, arrived.row)
    except WireError:
        return None
