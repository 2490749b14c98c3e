"""Unsealing stored check-ins: only where the key folder is, and never without an audit record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from device.crypto.sealed_body import Body
from device.crypto.sealing import unseal
from device.errors import WireError, shown
from device.hub.chosen import EVERYTHING, Chosen
from device.hub.db.database import HubDatabase
from device.hub.db.queries import Arrived, Quarantined
from device.hub.folder import HubFolder

LONGEST_REASON: Final = 500
"""Characters of an audit record's reason; a longer one is cut."""

_Row = TypeVar("_Row", Arrived, Quarantined)


def unsealed(
    folder: HubFolder, store: HubDatabase, who: str, reason: str, chosen: Chosen = EVERYTHING
) -> Iterator[tuple[Arrived, Body | None]]:
    """Yield the stored check-ins that are asked for with what is under their seals; no other seal is opened.

    Before anything is opened the audit record is on disk, page by page.

    Args:
        folder: holds the keys.
        store: holds the rows.
        who: the person, as the system knows them.
        reason: why; written down with it, not empty.
        chosen: what is asked for; written down too.

    Returns:
        Pairs in the order of arrival; the body is ``None`` when its key is gone (expired) or does not open it.
    """
    return _unsealed(folder, store, store.checkins, who, reason, chosen)


def unsealed_apart(
    folder: HubFolder, store: HubDatabase, who: str, reason: str, chosen: Chosen = EVERYTHING
) -> Iterator[tuple[Quarantined, Body | None]]:
    """Yield the rows that are kept apart and asked for with what is under its seal, as `unsealed` does.

    The audit record says so before the reason; its numbers are those of the quarantine. A row that was changed on the
    card opens when what was changed is not the sealed body, and not its name.
    """
    return _unsealed(folder, store, store.quarantined, who, reason, chosen, "quarantined: ")


def _unsealed(  # noqa: PLR0913, PLR0917 - what is opened, and what is written down about it
    folder: HubFolder,
    store: HubDatabase,
    page_after: Callable[[int], Sequence[_Row]],
    who: str,
    reason: str,
    chosen: Chosen,
    what: str = "",
) -> Iterator[tuple[_Row, Body | None]]:
    if not reason.strip():
        raise ValueError("unsealing needs a reason")
    who, reason = shown(who, 200), shown(reason, LONGEST_REASON)
    asked = shown(f" ({chosen})" if str(chosen) else "", LONGEST_REASON)
    keys = folder.private_keys()
    after = 0
    while page := page_after(after):
        after = page[-1].arrival
        wanted = [row for row in page if chosen.takes(row)]
        if wanted:
            store.note_unsealing(who, f"{what}{reason}{asked}", wanted[0].arrival, wanted[-1].arrival)
        for row in wanted:
            yield row, open_row(keys, row)


def open_row(keys: dict[str, bytes], arrived: Arrived | Quarantined) -> Body | None:
    """Open one seal, which must stand in the audit record by then; ``None``: its key is gone or does not open it."""
    private = keys.get(arrived.row.key_id)
    if private is None:
        return None
    try:
        return unseal(private, arrived.device_id, arrived.epoch, arrived.row)
    except WireError:
        return None
