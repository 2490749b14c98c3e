"""What is wrong with the hub itself: its disk, its keys, partitions, backups and its clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from device.clock import DAY_MS
from device.hub.alerts.rules import Found, Key, Limits, Look, Rule
from device.hub.backup_terms import backed_up_ms
from device.hub.db.database import HubDatabase
from device.hub.db.partitions import ALARM_DAYS
from device.hub.folder import HubFolder
from device.hub.metrics.standing import key_days_ahead
from device.words import sentence

LEAST_FREE_BYTES: Final = 1_000_000_000
_BIRTH: Final = "operator.token"
"""The last file that making a hub writes."""
KEY_DAYS: Final = 20
"""Keys are made 30 days ahead; with so few none were made for ten days."""
OWN_WORDS: Final = {
    "disk": sentence("less than 1 GB is free on the hub's disk"),
    "keys": sentence("sealing keys are there for fewer than 20 days to come"),
    "partitions": sentence("the database is prepared for fewer than 7 days to come"),
    "backup": sentence("the last backup is too old, or there was none"),
    "clock": sentence("the hub's clock is in doubt: no key is made or destroyed"),
}
OWN_TO_DO: Final = {
    "disk": sentence("make room: check-ins are refused when it is full"),
    "keys": sentence("on the hub: journalctl -u gate-hub | grep event=maintenance-failed"),
    "partitions": sentence("on the hub: journalctl -u gate-hub | grep -E 'event=(maintenance-failed|partitions)'"),
    "backup": sentence("on the hub: gate-scanner hub backup DIR BACKUP"),
    "clock": sentence("on the hub: gate-scanner hub clock DIR"),
}


def judged_hub(folder: HubFolder, store: HubDatabase, limits: Limits, now_ms: int) -> Look:
    """Look at the hub's own; raises `sqlalchemy.exc.SQLAlchemyError` when the database does not answer."""
    wrong: dict[Key, Found] = {}
    for word, since_ms, detail in _found(folder, store, limits, now_ms):
        wrong[Rule.HUB, word] = Found("", "", "", None, None, since_ms, detail)
    return Look(frozenset({Rule.HUB}), wrong)


def _found(folder: HubFolder, store: HubDatabase, limits: Limits, now_ms: int) -> Iterator[tuple[str, int, str]]:
    with suppress(OSError):
        free = shutil.disk_usage(folder.path).free
        if free < LEAST_FREE_BYTES:
            yield "disk", now_ms, str(free // 1_000_000)
    if store.clock.now().off_ms is not None:
        yield "clock", now_ms, ""
    elif (days := key_days_ahead(folder, now_ms)) < KEY_DAYS:  # while it is in doubt none are made
        yield "keys", now_ms, str(days)
    if (ahead := store.days_ahead()) is not None and ahead < ALARM_DAYS:
        yield "partitions", now_ms, str(ahead)
    if limits.backup_ms is not None:
        with suppress(OSError):
            last_ms = backed_up_ms(folder.path, folder.path / _BIRTH)
            if now_ms - last_ms > limits.backup_ms:
                yield "backup", last_ms, str((now_ms - last_ms) // DAY_MS)
