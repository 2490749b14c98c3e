"""The page of one's own account: password, other sessions, language."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from device.hub.accounts import audit, sessions
from device.hub.accounts.audit import Deed
from device.hub.accounts.passwords import LEAST_LETTERS
from device.hub.web.asking import Ask, go_to, with_session
from device.hub.web.rendering import page
from device.words import say, sentence

_DONE: Final = {
    "password": sentence("The password is changed. All other sessions have ended."),
    "sessions": sentence("All other sessions have ended."),
}


def show_own(ask: Ask) -> Response:
    """Show the page."""
    return _page(ask)


def _page(ask: Ask, error: str = "", status: int = 200) -> Response:
    done = _DONE.get(ask.query.get("done", ""))
    with ask.desk.store.reading() as connection:
        count = sessions.count(connection, ask.by.account_id, ask.desk.store.now_ms())
    return page(
        ask,
        "account.html",
        say("My account"),
        status,
        error=error,
        note=say(done) if done else "",
        others=count - 1,
        least=LEAST_LETTERS,
    )


def change_password(ask: Ask) -> Response:
    """Change the password; all sessions end, and this browser gets another."""
    if wait_s := ask.desk.guesses.wait_s(ask.address, ask.by.name):
        answer = _page(ask, say("Too many tries. Wait {seconds} seconds.", seconds=wait_s), 429)
        answer.headers["Retry-After"] = str(wait_s)
        return answer
    new = ask.form.get("password", "")
    if new != ask.form.get("again", ""):
        return _page(ask, say("The two passwords are not the same."), 422)
    try:
        token = ask.desk.accounts.change_password(ask.by, ask.form.get("old", ""), new, ask.address)
    except ValueError as error:
        return _page(ask, str(error), 422)
    if token is None:
        return _page(ask, say("The present password is wrong."), 403)
    return with_session(go_to("/account?done=password"), token)


def end_others(ask: Ask) -> Response:
    """End all other sessions of the account."""
    with ask.desk.store.begin() as connection:
        sessions.end_all(connection, ask.by.account_id, but=ask.by.session_hash)
        audit.note(connection, ask.desk.store.now_ms(), ask.actor, Deed.SESSIONS_ENDED)
    return go_to("/account?done=sessions")
