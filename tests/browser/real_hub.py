"""A hub as it is run: ``gate-scanner hub run`` in a process of its own, for gates and for people over TLS."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.clock import SystemClock
from device.hub.accounts import sessions
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.store import Account, Accounts
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from device.hub.web.asking import LANGUAGE, SESSION
from tests.support.children import surroundings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

LOOPBACK = "127.0.0.1"
PASSWORD = "bốn con trâu đi qua cầu"
HERE = Actor("command line")


class RealHub:
    """A hub in a new folder; it runs within `running`."""

    def __init__(self, path: Path, more: str = "") -> None:
        with socket.create_server((LOOPBACK, 0)) as one, socket.create_server((LOOPBACK, 0)) as other:
            self.port, self.desk_port = one.getsockname()[1], other.getsockname()[1]
        listen, desk = f"{LOOPBACK}:{self.port}", f"{LOOPBACK}:{self.desk_port}"
        settings = NewSettings([LOOPBACK], listen=listen, tls=True, desk=desk)
        self.folder = HubFolder.create(path, SystemClock(), settings=settings)
        self._settings = path / "hub.yaml"
        self._settings.write_text(self._settings.read_text("utf-8") + more, "utf-8")
        self.url, self.desk_url = f"https://{listen}", f"https://{desk}"

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-P", "-m", "device", "hub", "run", str(self.folder.path)]
        with (
            (self.folder.path.parent / "hub.log").open("ab") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=surroundings()) as hub,
        ):
            assert hub.stdout is not None
            try:
                told = [hub.stdout.readline() for _ in range(2)]
                assert told[1].strip().endswith(self.desk_url.encode()), told
                yield
            finally:
                hub.send_signal(signal.SIGTERM)
            assert hub.wait(60) == 0

    @contextmanager
    def store(self) -> Iterator[HubDatabase]:
        """Open its database beside it, as its commands do."""
        with closing(self.folder.open_store()) as store:
            yield store

    def link(self, name: str, role: AccountRole) -> str:
        """Add an account; return the path of its one-time link."""
        with self.store() as store:
            return f"/link/{Accounts(store, Passwords()).add(name, role, HERE)}"

    def account(self, name: str, role: AccountRole) -> Account:
        """Return the account of this name, which is made with its password where there is none."""
        with self.store() as store:
            accounts = Accounts(store, Passwords())
            found = accounts.find(name)
            if found is None:
                assert accounts.set_password(accounts.add(name, role, HERE), PASSWORD, "")
                found = accounts.find(name)
            assert found is not None
            return found

    def session(self, account: Account, *, whole: bool = True) -> str:
        """Begin a session without its form: what the cookie holds. Too many that log in are told to wait."""
        with self.store() as store, store.begin() as connection:
            return sessions.begin(connection, account.account_id, store.now_ms(), whole=whole)

    def opened_by(
        self,
        browser: Browser,
        role: AccountRole | None,
        *,
        whole: bool = True,
        language: str = "vi",
        **options: Any,  # noqa: ANN401 - Playwright's
    ) -> BrowserContext:
        """Return a window of its own in which somebody of this role is logged in; ``None``: nobody is.

        *options* go to Playwright's ``new_context``.
        """
        context = browser.new_context(base_url=self.desk_url, ignore_https_errors=True, **options)
        cookies = {LANGUAGE: language}
        if role is not None:
            cookies[SESSION] = self.session(self.account(f"Lan {role}", role), whole=whole)
        context.add_cookies([{"name": name, "value": value, "url": self.desk_url} for name, value in cookies.items()])
        return context
