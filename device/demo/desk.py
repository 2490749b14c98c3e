"""What stays after the visitors of ``demo --desk``: the hub with its pages, an account, a place, gates that go on."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Final

from device.app.service import Service
from device.clock import Clock
from device.demo.screen import Screen
from device.demo.stage import Stage, site_text
from device.enrolment.code import read_code
from device.errors import ConfigurationError, UplinkError
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.store import Accounts
from device.hub.db import registry
from device.hub.registry.opening_hours import read_opening_hours, written
from device.hub.registry.place import RegisteredPlace
from device.hub.serve import LOOPBACK
from device.monitor.systemd import SystemdNotifier
from device.settings.load import load
from device.threads import ServiceThread
from device.uplink.enrol import EnrolmentClient, enrol
from device.words import heard, say, why_of

NAME: Final = "demo"
ROLE: Final = AccountRole.TECHNICIAN
"""May do what a new owner wants to try, and logs in without a phone."""
PLACE: Final = RegisteredPlace(
    "Chợ Mẫu",
    "Quảng Ngãi",
    "market",
    commune="Phường Nghĩa Lộ",
    responsible="Ban quản lý chợ",
    opening_hours=written(read_opening_hours("24/7")),
)
"""As the site file of the demo's gate has it."""
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another."""
_AGAIN: Final = "20s"
"""So soon somebody who comes again counts again: visitors come round every half minute."""
_A_WHILE_S: Final = 3600.0


class OpenDesk:
    """The desk of a demo. Main thread.

    Args:
        screen: told where it is.
        clock: of the gates.
        codes: lines that somebody types, each a code that enrols another gate.
    """

    def __init__(self, screen: Screen, clock: Clock, codes: IO[str]) -> None:
        self._screen, self._clock, self._codes = screen, clock, codes
        self._password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        self._gates = 0

    def furnish(self, stage: Stage) -> None:
        """Put into the hub what people find there: an account, and the place that the demo's gate guards."""
        with closing(stage.hub_folder.open_store()) as store:
            accounts = Accounts(store, Passwords())
            accounts.set_password(accounts.add(NAME, ROLE, Actor("demo")), self._password, LOOPBACK)
            now_ms = store.now_ms()
            with store.begin() as connection:
                place = registry.new_place(PLACE, now_ms)
                registry.add_places(connection, [place])
                registry.assign_gate(connection, stage.device_id, place.place_id, now_ms)

    def stay(self, stage: Stage) -> None:
        """Keep the hub up, and visitors coming, until Ctrl-C."""
        try:
            with ExitStack() as doors:
                self._open_door(doors, stage, stage.store)
                self._tell(f"https://{LOOPBACK}:{stage.hub.desk_port}")
                for line in self._lines():
                    self._take_code(doors, stage, line)
                while not self._screen.gone:
                    self._clock.wait(threading.Event(), _A_WHILE_S)
        except KeyboardInterrupt:  # that is how it ends
            return

    def _tell(self, url: str) -> None:
        lines = (
            "",
            say("The hub stays up, and the visitors come again and again. Open in a browser on this machine:"),
            "",
            f"  {url}",
            f"  {say('name')}: {NAME}",
            f"  {say('password')}: {self._password}",
            "",
            say("The browser warns once: the certificate is the hub's own."),
            say("For a gate of your own: make a code for it on the page of the gates, type it here, and press Enter."),
            say("Ctrl-C ends hub and gates; nothing is left behind."),
        )
        self._screen.event("desk", "\n".join(lines), url=url, account=NAME, password=self._password)

    def _lines(self) -> Iterator[str]:
        for line in self._codes:
            if self._screen.gone:
                return
            if line.strip():
                yield line

    def _take_code(self, doors: ExitStack, stage: Stage, line: str) -> None:
        """Enrol another gate as somebody would at a Pi, and let visitors come to it."""
        self._gates += 1
        store = stage.folder / f"gate-{self._gates}"
        store.mkdir(mode=0o700)
        try:
            enrolled = enrol(store, read_code(line), EnrolmentClient(stage.hub.url, self._clock))
        except (ValueError, ConfigurationError, UplinkError, OSError) as error:
            why = why_of(error) if isinstance(error, OSError) else heard(str(error))
            self._screen.event("not-enrolled", say("not enrolled: {why}", why=why), why=why)
            return
        self._open_door(doors, stage, store)
        told = say("{gate} is enrolled; from now on visitors come to it too", gate=enrolled.device_id)
        self._screen.event("enrolled", told, gate=enrolled.device_id)

    def _open_door(self, doors: ExitStack, stage: Stage, store: Path) -> None:
        site = store.with_suffix(".yaml")
        text = site_text(stage.program, store, stage.hub.url, at_end="loop", repeat_window=_AGAIN)
        site.write_text(text, encoding="utf-8")
        door = Door(site, self._clock)
        # What it has open lies in a folder that is removed then: it is waited for, however long that takes.
        doors.enter_context(ServiceThread("door", door, door.close, stop_most_s=None))


class Door:
    """A gate that runs until it is closed or its hub withdraws it. Given to a `device.threads.ServiceThread`."""

    def __init__(self, site: Path, clock: Clock) -> None:
        self._service = Service(load(site), clock, SystemdNotifier({}))
        self._stop = threading.Event()

    def run(self) -> None:
        """Let visitors come."""
        self._service.run(self._stop)

    def close(self) -> None:
        """Let no more come."""
        self._stop.set()
