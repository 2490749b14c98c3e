"""Who may open what: the one table of the desk's routes. What stands not in it is not there."""

from __future__ import annotations

from enum import Enum
from typing import Final

from device.hub.accounts.roles import AccountRole
from device.hub.accounts.sessions import Session


class Anybody(Enum):
    """Who may open a route whatever the role."""

    EVERYBODY = "everybody"
    """Also who is not logged in."""
    HALF = "half"
    """Who showed the password and not yet the second factor."""
    SESSION = "session"
    """Who showed the password."""


Who = Anybody | frozenset[AccountRole]
ALL_ROLES: Final = frozenset(AccountRole)
ADMINISTRATORS: Final = frozenset({AccountRole.ADMINISTRATOR})
AUTHORITY: Final = frozenset({AccountRole.AUTHORITY})
READERS: Final = ADMINISTRATORS | AUTHORITY | {AccountRole.OWNER}
"""Who sees when and where somebody came; an owner of their own places only, nobody who it was."""
TECHNICIANS: Final = ADMINISTRATORS | {AccountRole.TECHNICIAN}
"""Who looks after gates, and registers places, takes them out of use and imports many."""
KEEPERS: Final = TECHNICIANS | {AccountRole.OWNER}
"""Who looks after a place that they see: its contact, its opening hours, what is printed for it."""

RIGHTS: Final[dict[tuple[str, str], Who]] = {
    ("GET", "/log-in"): Anybody.EVERYBODY,
    ("POST", "/log-in"): Anybody.EVERYBODY,
    ("POST", "/log-out"): Anybody.SESSION,
    ("GET", "/second-factor"): Anybody.HALF,
    ("POST", "/second-factor"): Anybody.HALF,
    ("GET", "/link/{token}"): Anybody.EVERYBODY,
    ("POST", "/link/{token}"): Anybody.EVERYBODY,
    ("POST", "/language"): Anybody.EVERYBODY,
    ("GET", "/static/{name}"): Anybody.EVERYBODY,
    ("GET", "/"): ALL_ROLES,
    ("GET", "/about"): ALL_ROLES,
    ("GET", "/account"): ALL_ROLES,
    ("POST", "/account/password"): ALL_ROLES,
    ("POST", "/account/sessions"): ALL_ROLES,
    ("GET", "/accounts"): ADMINISTRATORS,
    ("POST", "/accounts"): ADMINISTRATORS,
    ("POST", "/accounts/{number:number}/reset"): ADMINISTRATORS,
    ("POST", "/accounts/{number:number}/disable"): ADMINISTRATORS,
    ("GET", "/audit"): ADMINISTRATORS,
    ("GET", "/audit.csv"): ADMINISTRATORS,
    ("GET", "/supervision.csv"): ALL_ROLES,
    ("GET", "/supervision.xlsx"): ALL_ROLES,
    ("GET", "/places/{place_id}/supervision"): ALL_ROLES,
    ("GET", "/check-ins"): READERS,
    ("POST", "/check-ins/unseal"): AUTHORITY,
    ("GET", "/gates"): ALL_ROLES,
    ("GET", "/gates/enrol"): TECHNICIANS,
    ("POST", "/gates/enrol"): TECHNICIANS,
    ("GET", "/gates/{device}"): ALL_ROLES,
    ("POST", "/gates/{device}/name"): TECHNICIANS,
    ("POST", "/gates/{device}/place"): TECHNICIANS,
    ("POST", "/gates/{device}/group"): TECHNICIANS,
    ("POST", "/gates/{device}/code"): TECHNICIANS,
    ("GET", "/gates/{device}/revoke"): TECHNICIANS,
    ("POST", "/gates/{device}/revoke"): TECHNICIANS,
    ("GET", "/rules"): TECHNICIANS,
    ("POST", "/rules/preview"): ADMINISTRATORS,
    ("POST", "/rules/publish"): ADMINISTRATORS,
    ("GET", "/places"): ALL_ROLES,
    ("GET", "/places/new"): TECHNICIANS,
    ("POST", "/places/new"): TECHNICIANS,
    ("GET", "/places/import"): TECHNICIANS,
    ("POST", "/places/import"): TECHNICIANS,
    ("POST", "/places/import/confirm"): TECHNICIANS,
    ("GET", "/places/blank.{kind}"): TECHNICIANS,
    ("GET", "/places/export.{kind}"): KEEPERS,
    ("GET", "/places/{place_id}"): ALL_ROLES,
    ("GET", "/places/{place_id}/edit"): KEEPERS,
    ("POST", "/places/{place_id}/edit"): KEEPERS,
    ("POST", "/places/{place_id}/archive"): TECHNICIANS,
    ("POST", "/places/{place_id}/restore"): TECHNICIANS,
    ("POST", "/places/{place_id}/owners"): ADMINISTRATORS,
    ("POST", "/places/{place_id}/posters"): KEEPERS,
    ("GET", "/places/{place_id}/posters/{poster_id}/{paper}.pdf"): KEEPERS,
    ("GET", "/places/{place_id}/posters/{poster_id}/{paper}"): KEEPERS,
    ("GET", "/places/{place_id}/{sheet}/{paper}.pdf"): KEEPERS,
    ("GET", "/alerts"): ALL_ROLES,
    ("POST", "/alerts/{number:number}/acknowledge"): TECHNICIANS,
    ("POST", "/alerts/test"): ADMINISTRATORS,
}


class Verdict(Enum):
    """What becomes of a request."""

    MAY = "may"
    LOG_IN = "log-in"
    """Nobody is logged in."""
    SHOW_CODE = "show-code"
    """The second factor is missing."""
    IS_WHOLE = "is-whole"
    """The second factor was shown already."""
    MAY_NOT = "may-not"
    """The role does not have it."""


def may(session: Session | None, method: str, route: str) -> bool:
    """Return whether a session may open a route of the table."""
    return verdict(RIGHTS[method, route], session) is Verdict.MAY


def verdict(who: Who, session: Session | None) -> Verdict:
    """Judge whether a session may open what *who* may."""
    if who is Anybody.EVERYBODY:
        return Verdict.MAY
    if session is None:
        return Verdict.LOG_IN
    if isinstance(who, Anybody):
        return Verdict.IS_WHOLE if who is Anybody.HALF and session.whole else Verdict.MAY
    if not session.whole:
        return Verdict.SHOW_CODE
    return Verdict.MAY if session.role in who else Verdict.MAY_NOT
