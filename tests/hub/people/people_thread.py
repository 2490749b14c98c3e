"""The pages for people's phones, served in clear on a thread as behind a proxy, and phones in front of them."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from typing import Self

from device.clock import SystemClock
from device.hub.app_config import app_config
from device.hub.connections import Limits
from device.hub.db import registry
from device.hub.db.database import HubDatabase
from device.hub.db.posters import Poster, poster_in_use
from device.hub.db.registry import PlaceRecord
from device.hub.paced_log import PacedLog
from device.hub.people.app import PeoplePages, create_people
from device.hub.people.serving import only_for_proxy
from device.hub.registry.place import RegisteredPlace
from device.hub.serve import listen
from device.hub.server import HubServer
from device.hub.settings.schema import NoticeSection
from tests.support.fakes import FakeClock

LOOPBACK = "127.0.0.1"
DAYS = 21


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class PeopleThread:
    """Serves the pages of a hub's database. The clock of limits and of kept pages is a fake one."""

    def __init__(
        self,
        store: HubDatabase,
        notice: NoticeSection | None = None,
        *,
        prefix: str = "",
        proxy: str = LOOPBACK,
    ) -> None:
        self.store, self.clock = store, FakeClock()
        log = PacedLog(SystemClock())
        pages = PeoplePages(store, notice or NoticeSection(), DAYS, log, self.clock)
        app = only_for_proxy(create_people(pages, prefix), proxy)
        self._listener = listen(LOOPBACK, 0)[0]
        self._server = HubServer(app_config(app, None, believes_proxy=False), Limits(), log, [self._listener])
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._listener.close()

    def get(self, path: str, method: str = "GET", **headers: str) -> Page:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=30)
        try:
            connection.request(method, path, headers={"Connection": "close", **headers})
            answer = connection.getresponse()
            return Page(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def poster(self, place: RegisteredPlace, entrance: str = "Cổng chính") -> tuple[PlaceRecord, Poster]:
        """Register a place, and make its poster."""
        record = registry.new_place(place, self.store.now_ms())
        with self.store.begin() as connection:
            registry.add_places(connection, [record])
            return record, poster_in_use(connection, record.place_id, entrance, self.store.now_ms())
