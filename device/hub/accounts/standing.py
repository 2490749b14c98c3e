"""How an account stands, in a word."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from device.hub.accounts.store import Account
from device.words import sentence


class AccountStanding(StrEnum):
    """How an account stands."""

    GOOD = "good"
    WAITS = "waits"
    EXPIRED = "expired"
    DISABLED = "disabled"


STANDING_WORDS: Final = {
    AccountStanding.GOOD: sentence("can log in"),
    AccountStanding.WAITS: sentence("waits for its one-time link to be used"),
    AccountStanding.EXPIRED: sentence("its one-time link has expired"),
    AccountStanding.DISABLED: sentence("disabled"),
}


def standing_of(account: Account, now_ms: int) -> AccountStanding:
    """Return how an account stands at a time, Unix milliseconds."""
    if account.disabled_ms is not None:
        return AccountStanding.DISABLED
    if account.has_password:
        return AccountStanding.GOOD
    if account.link_until_ms is not None and account.link_until_ms > now_ms:
        return AccountStanding.WAITS
    return AccountStanding.EXPIRED
