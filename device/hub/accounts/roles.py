"""What somebody at the desk may be."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from device.words import sentence


class AccountRole(StrEnum):
    """What an account is for."""

    OWNER = "owner"
    """Runs a place, and sees that one."""
    TECHNICIAN = "technician"
    """Hangs gates and looks after them."""
    SAFETY = "safety"
    """Must know who is inside when there is a fire."""
    AUTHORITY = "authority"
    """May ask who was where, with a reason."""
    ADMINISTRATOR = "administrator"
    """Looks after the hub and its accounts."""


ROLE_WORDS: Final = {
    AccountRole.OWNER: sentence("owner of a place"),
    AccountRole.TECHNICIAN: sentence("technician"),
    AccountRole.SAFETY: sentence("safety officer"),
    AccountRole.AUTHORITY: sentence("authority"),
    AccountRole.ADMINISTRATOR: sentence("administrator"),
}
NEEDS_CODE: Final = frozenset({AccountRole.AUTHORITY, AccountRole.ADMINISTRATOR})
"""They log in with a second factor too."""
