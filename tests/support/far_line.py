"""A line to a far server: a proxy on loopback that lets every byte travel for half a round trip."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Self

HOST = "127.0.0.1"
_PIECE = 65_536


class FarLine:
    """A proxy to a port of this machine; a context in which it listens on `port`.

    Opening a connection takes a round trip too: what the client says first arrives that much later.

    Args:
        server: the port behind it.
        round_trip_s: there and back.
    """

    def __init__(self, server: int, round_trip_s: float) -> None:
        self._server = server
        self._way_s = round_trip_s / 2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="far-line", daemon=True)
        self.port = 0
        self.connections = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _begin(self) -> None:
        self._listening = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self._listening.close()
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.connections += 1
        server, to_server = await asyncio.open_connection(HOST, self._server)
        try:
            await asyncio.gather(
                self._carry(client, to_server, self._way_s * 3), self._carry(server, to_client, self._way_s)
            )
        finally:
            for end in (to_client, to_server):
                end.close()

    async def _carry(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, first_s: float) -> None:
        """Pass on what comes, in order, each piece when its way is over; the first one takes *first_s*."""
        arrivals: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(arrivals, to))
        way_s = first_s
        with suppress(ConnectionError):
            while piece := await source.read(_PIECE):
                await arrivals.put((self._loop.time() + way_s, piece))
                way_s = self._way_s
        await arrivals.put((self._loop.time() + way_s, b""))
        await arriving

    async def _arrive(self, arrivals: asyncio.Queue[tuple[float, bytes]], to: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                at_s, piece = await arrivals.get()
                await asyncio.sleep(max(0.0, at_s - self._loop.time()))
                if not piece:
                    to.close()
                    return
                to.write(piece)
                await to.drain()
