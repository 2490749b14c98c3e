"""The desk of a hub's folder, served over TLS on a thread, beside the gates' listener; and browsers in front of it."""

from __future__ import annotations

import threading
from typing import Self

import pyotp
import uvicorn

from device.clock import SystemClock
from device.hub.accounts.audit import Actor
from device.hub.accounts.roles import NEEDS_CODE, AccountRole
from device.hub.accounts.store import Account
from device.hub.api.app import create_app
from device.hub.app_config import app_config
from device.hub.connections import Limits
from device.hub.folder import HubFolder
from device.hub.paced_log import PacedLog
from device.hub.serve import listen
from device.hub.server import HubServer
from device.hub.web.app import create_desk
from device.hub.web.asking import Desk
from tests.support.browser import Browser
from tests.support.fakes import FakeClock

LOOPBACK = "127.0.0.1"
PASSWORD = "bốn con trâu đi qua cầu"
HERE = Actor("command line")


class DeskThread:
    """A hub with a desk. The hub's clock is a fake one, and so is that of the limits of tries."""

    def __init__(self, folder: HubFolder, clock: FakeClock) -> None:
        self.folder, self.clock = folder, clock
        self.store = folder.open_store()
        log = PacedLog(SystemClock())
        self.desk = Desk(self.store, folder, log, clock)
        self.accounts = self.desk.accounts
        gates = create_app(self.store, folder.operator_token(), folder.public_identity())
        self._gates, self._people = (listen(LOOPBACK, 0)[0] for _ in range(2))
        config = uvicorn.Config(
            gates, lifespan="off", access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=1
        )
        others = {self._people: app_config(create_desk(self.desk), folder.certificate_files, believes_proxy=False)}
        self.server = HubServer(config, Limits(), log, [self._gates], others)
        self._thread = threading.Thread(target=self.server.run, args=([self._gates, self._people],), daemon=True)
        self.port: int = self._people.getsockname()[1]
        self.gates_port: int = self._gates.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._gates.close()
        self._people.close()
        self.store.close()

    def made(self, name: str = "Lan Anh", role: AccountRole = AccountRole.TECHNICIAN) -> Account:
        """Add an account that has its password."""
        assert self.accounts.set_password(self.accounts.add(name, role, HERE), PASSWORD, "")
        account = self.accounts.find(name)
        assert account is not None
        return account

    def browser(self) -> Browser:
        return Browser(self.port)

    def logged_in(self, name: str, role: AccountRole) -> Browser:
        """Log in as the account *name*, made where there is none, with the second factor where the role needs it."""
        if self.accounts.find(name) is None:
            self.made(name, role)
        browser = self.browser()
        seen = browser.post("/log-in", {"name": name, "password": PASSWORD})
        assert (seen.status, seen.location) == (303, "/")
        if role in NEEDS_CODE:
            secret = secret_on(browser.get("/second-factor").text)
            seen = browser.post("/second-factor", {"code": self.code(secret)})
            assert (seen.status, seen.location) == (303, "/")
        return browser

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(self.clock.wall_ms // 1000)


def secret_on(page: str) -> str:
    """Return the secret that a page shows for the app, in groups of four."""
    return page.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
