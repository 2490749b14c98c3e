"""One request to the desk, as its pages see it, and the desk itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from device.clock import Clock, SystemClock
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.sessions import Session
from device.hub.accounts.store import Accounts
from device.hub.db.database import HubDatabase
from device.hub.paced_log import PacedLog
from device.hub.web.kept_files import KEPT_FILES, KeptFiles
from device.hub.web.limits import Guesses
from device.words import Language

if TYPE_CHECKING:
    from device.hub.folder import HubFolder

SESSION: Final = "__Host-desk"
LANGUAGE: Final = "__Host-language"
_A_YEAR_S: Final = 365 * 86_400


class Desk:
    """What the pages of a hub share.

    Args:
        store: the hub's database.
        folder: of the hub, for what is signed and published.
        log: told of what goes wrong.
        clock: for the limits of tries.

    Attributes:
        names: what gates call the hub.
        retention_days: how long who came can be read.
        settings: of the hub; ``None``: it has no ``hub.yaml``.
        bundles: what gates are offered.
        accounts: those of the database.
        kept: the lists that wait.
        guesses: limits of tries.

    Raises:
        ConfigurationError: the settings in the folder cannot be used.
    """

    def __init__(self, store: HubDatabase, folder: HubFolder, log: PacedLog, clock: Clock | None = None) -> None:
        self.store = store
        self.folder = folder
        self.names = folder.names
        self.retention_days = folder.retention_days
        self.bundles = folder.bundles()
        self.log = log
        self.accounts = Accounts(store, Passwords())
        self.guesses = Guesses(clock or SystemClock())
        self.settings = folder.settings
        self.kept = KeptFiles(folder.path / KEPT_FILES)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form.

    Attributes:
        name: what it is called at the sender's; whatever they like.
        path: where it lies until the request is answered.
        size: of it, bytes.
    """

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One request.

    Attributes:
        desk: whose pages.
        route: its path as the table of rights has it.
        path: its path.
        host: what the browser calls the hub.
        address: of the network it comes from.
        language: what is spoken.
        given: parts of the path that differ, by name.
        query: what stands behind the path.
        form: its fields.
        files: that came with it, by the names of their fields; none but on the routes of `UPLOADS`.
        session: who is logged in; ``None``: nobody.
        by_itself: the page asks for itself, to be as the hub is; nobody has touched anything.
    """

    desk: Desk
    route: str
    path: str
    host: str
    address: str
    language: Language
    given: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    session: Session | None = None
    by_itself: bool = False

    @property
    def by(self) -> Session:
        """Who is logged in, where the route is only for those."""
        assert self.session is not None
        return self.session

    @property
    def actor(self) -> Actor:
        """Who does what is asked for, for the record."""
        return Actor(self.by.name, self.address)


def go_to(path: str) -> Response:
    """Send the browser to another page of the desk, by GET."""
    return RedirectResponse(path, 303)


def with_session(response: Response, token: str) -> Response:
    """Give the browser a session; it ends with the browser, or when the hub ends it."""
    response.set_cookie(SESSION, token, path="/", secure=True, httponly=True, samesite="lax")
    return response


def without_session(response: Response) -> Response:
    """Take the session from the browser."""
    response.delete_cookie(SESSION, path="/", secure=True, httponly=True, samesite="lax")
    return response


def with_language(response: Response, language: Language) -> Response:
    """Let the browser remember a language."""
    response.set_cookie(LANGUAGE, language, max_age=_A_YEAR_S, path="/", secure=True, httponly=True, samesite="lax")
    return response


def spoken_by(cookies: Mapping[str, str]) -> Language:
    """Return the language of a browser: Vietnamese, unless it was switched."""
    return Language.ENGLISH if cookies.get(LANGUAGE) == Language.ENGLISH else Language.VIETNAMESE
