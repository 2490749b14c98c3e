"""Logging in and out, the second factor, the one-time link that sets a password, and the switch of language."""

from __future__ import annotations

import logging
import re
from typing import Final

from starlette.responses import Response

from device.hub.accounts import audit, codes, sessions
from device.hub.accounts.audit import Deed
from device.hub.accounts.passwords import LEAST_LETTERS
from device.hub.accounts.second_factor import Refused, secret_to_set_up, show_code
from device.hub.web.asking import Ask, go_to, with_language, with_session, without_session
from device.hub.web.pictures import picture_of
from device.hub.web.rendering import message, page
from device.words import Language, say

_OWN_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9/_-]{0,200}", re.ASCII)
log = logging.getLogger(__name__)


def show_log_in(ask: Ask) -> Response:
    """Show the form, or the first page to whom is logged in."""
    if ask.session is not None:
        return go_to("/")
    return _log_in_page(ask)


def _log_in_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    note = say("The password is set. Now log in with it.") if "set" in ask.query else ""
    return page(ask, "log_in.html", say("Log in"), status, error=error, note=note, name=ask.form.get("name", ""))


def log_in(ask: Ask) -> Response:
    """Begin a session, or say that it was wrong: the same for a wrong name as for a wrong password."""
    name, desk = ask.form.get("name", ""), ask.desk
    if wait_s := desk.guesses.wait_s(ask.address, name):
        return _too_often(_log_in_page(ask, _told_to_wait(wait_s), 429), wait_s)
    begun = desk.accounts.log_in(name, ask.form.get("password", ""), ask.address)
    if begun is None:
        if desk.guesses.is_noted():
            desk.accounts.note_failure(name, ask.address)
        elif (left_out := desk.log.left_out("log-in-failed")) is not None:
            log.warning("event=log-in-failed left_out=%d", left_out)
        return _log_in_page(ask, say("The name or the password is wrong."), 403)
    if ask.session is not None:
        with desk.store.begin() as connection:
            sessions.end(connection, ask.session)
    return with_session(go_to("/"), begun[0])


def log_out(ask: Ask) -> Response:
    """End the session."""
    with ask.desk.store.begin() as connection:
        sessions.end(connection, ask.by)
        if ask.by.whole:
            audit.note(connection, ask.desk.store.now_ms(), ask.actor, Deed.LOGGED_OUT)
    return without_session(go_to("/log-in"))


def show_second_factor(ask: Ask) -> Response:
    """Ask for a code; the first time with what the app on the phone reads."""
    return _second_factor_page(ask)


def _second_factor_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    secret = secret_to_set_up(ask.desk.store, ask.by)
    title = say("Code from your phone")
    if secret is None:
        return page(ask, "second_factor.html", title, status, error=error, picture=None, secret="")
    spaced = " ".join(re.findall("....", secret))
    picture = picture_of(codes.app_link(secret, ask.by.name))
    return page(ask, "second_factor.html", title, status, error=error, picture=picture, secret=spaced)


def check_second_factor(ask: Ask) -> Response:
    """Take a code, and begin the whole session."""
    if wait_s := ask.desk.guesses.wait_s(ask.address, ask.by.name, "code"):
        return _too_often(_second_factor_page(ask, _told_to_wait(wait_s), 429), wait_s)
    shown = show_code(ask.desk.store, ask.by, ask.form.get("code", ""), ask.address)
    if shown is Refused.LOCKED:
        told = say("Too many codes were wrong, one after the other. An administrator must reset this account.")
        return _second_factor_page(ask, told, 403)
    if shown is Refused.WRONG:
        told = say("This code is wrong or was used before. Wait for the next one; is the phone's clock right?")
        return _second_factor_page(ask, told, 403)
    return with_session(go_to("/"), shown)


def show_link(ask: Ask) -> Response:
    """Show the form that sets a password."""
    return _link_page(ask)


def _link_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    account = ask.desk.accounts.of_link(str(ask.given["token"]))
    if account is None:
        told = say("This link was used, or is older than a day. Ask whoever sent it for another.")
        return message(ask, say("This link is no longer good"), told, 404)
    return page(ask, "link.html", say("Set your password"), status, error=error, account=account, least=LEAST_LETTERS)


def use_link(ask: Ask) -> Response:
    """Set the password."""
    password = ask.form.get("password", "")
    if password != ask.form.get("again", ""):
        return _link_page(ask, say("The two passwords are not the same."), 422)
    try:
        if ask.desk.accounts.set_password(str(ask.given["token"]), password, ask.address):
            return go_to("/log-in?set")
    except ValueError as error:
        return _link_page(ask, str(error), 422)
    return _link_page(ask)


def switch_language(ask: Ask) -> Response:
    """Remember the language, and show the page again."""
    back = ask.form.get("back", "")
    wanted = Language.ENGLISH if ask.form.get("language") == Language.ENGLISH else Language.VIETNAMESE
    return with_language(go_to(back if _OWN_PATH.fullmatch(back) else "/"), wanted)


def _told_to_wait(wait_s: int) -> str:
    return say("Too many tries. Wait {seconds} seconds.", seconds=wait_s)


def _too_often(answer: Response, wait_s: int) -> Response:
    answer.headers["Retry-After"] = str(wait_s)
    return answer
