"""Files in forms: each is written to a temporary file, piece by piece and within bounds, and is gone with the answer.

Only who may open a route sends it files: `device.hub.web.app` looks at that before anything of them is read.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from anyio import CapacityLimiter, to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from device.errors import FileTooLarge
from device.hub.web.asking import Upload
from device.hub.web.forms import MOST_BYTES, MOST_FIELDS

MOST_FILE_BYTES: Final = 24 << 20
"""Of a body with files, where its route says nothing else."""
MOST_AT_ONCE: Final = 2
"""Bodies with files that one process takes in at a time; whoever comes then waits for a turn."""
_MULTIPART: Final = b"multipart/form-data"
_PIECE_BYTES: Final = 256 * 1024
_MOST_FILES: Final = 4
_MOST_NAME: Final = 200
# A line of its log for each hostile body would be theirs to write.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@asynccontextmanager
async def received(
    request: Request, most_bytes: int, threads: CapacityLimiter
) -> AsyncIterator[tuple[dict[str, str], dict[str, Upload]]]:
    """Take in a form with files: its fields, and the files as long as the context lasts.

    Args:
        request: nothing of its body was read yet.
        most_bytes: of all files together.
        threads: on one of them the body is looked at and written.

    Raises:
        FileTooLarge: it says itself that it is larger; nothing was read.
        HTTPException: it is no such form, has too many parts, broke off, or the disk is full.
    """
    kind, options = parse_options_header(request.headers.get("Content-Type", ""))
    if kind != _MULTIPART or not options.get(b"boundary"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if int(request.headers.get("Content-Length", "0")) > most_bytes + MOST_BYTES:
        raise FileTooLarge(most_bytes)
    try:
        made = TemporaryDirectory(prefix="gate-hub-")
    except OSError:
        raise HTTPException(HTTPStatus.INSUFFICIENT_STORAGE) from None
    try:
        with made as folder, ExitStack() as opened:
            parts = _Parts(options[b"boundary"], Path(folder), opened)
            waiting = bytearray()
            async for piece in request.stream():
                waiting += piece
                if len(waiting) >= _PIECE_BYTES:
                    await to_thread.run_sync(partial(parts.take, bytes(waiting)), limiter=threads)
                    waiting.clear()
            await to_thread.run_sync(partial(parts.take, bytes(waiting)), limiter=threads)
            opened.close()
            yield parts.found()
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


class _Parts:
    """The parts of a body as they come: short ones are fields, those that have a file's name go to disk."""

    def __init__(self, boundary: bytes, folder: Path, opened: ExitStack) -> None:
        self._folder = folder
        self._opened = opened
        self._fields: dict[str, str] = {}
        self._files: dict[str, Upload] = {}
        self._names: set[str] = set()
        self._header = self._told = b""
        self._disposition = b""
        self._name, self._file_name = "", ""
        self._value = bytearray()
        self._field_bytes = 0
        self._file: IO[bytes] | None = None
        self._whole = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_comes,
                    "on_header_value": self._told_comes,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data_comes,
                    "on_part_end": self._part_ends,
                    "on_end": self._ends,
                },
            )
        except FormParserError:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None

    def take(self, piece: bytes) -> None:
        """Look at the next piece; raises `HTTPException`."""
        try:
            self._parser.write(piece)
        except FormParserError:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        except OSError:
            raise HTTPException(HTTPStatus.INSUFFICIENT_STORAGE) from None

    def found(self) -> tuple[dict[str, str], dict[str, Upload]]:
        """Return fields and files; raises `HTTPException` where the body broke off."""
        if not self._whole:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        return self._fields, self._files

    def _part_begins(self) -> None:
        self._header = self._told = self._disposition = b""
        self._value.clear()

    def _header_comes(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _told_comes(self, data: bytes, start: int, end: int) -> None:
        self._told += data[start:end]

    def _header_ends(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._told
        self._header = self._told = b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        try:
            self._name = options[b"name"].decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        if self._name in self._names or len(self._names) == MOST_FIELDS or "\x00" in self._name:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        self._names.add(self._name)
        if b"filename" in options:
            if len(self._files) == _MOST_FILES:
                raise HTTPException(HTTPStatus.BAD_REQUEST)
            self._file_name = options[b"filename"].decode("utf-8", "replace")[-_MOST_NAME:]
            # The name is the sender's; where it is kept is not.
            self._file = self._opened.enter_context((self._folder / str(len(self._names))).open("wb"))

    def _data_comes(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > MOST_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self._value += data[start:end]

    def _part_ends(self) -> None:
        if self._file is not None:
            size, path = self._file.tell(), Path(self._file.name)
            self._file.close()
            self._file = None
            if size or self._file_name:  # a browser sends neither where no file was chosen
                self._files[self._name] = Upload(self._file_name, path, size)
            return
        try:
            text = self._value.decode("utf-8")
        except UnicodeDecodeError:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        if "\x00" in text:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        self._fields[self._name] = text

    def _ends(self) -> None:
        self._whole = True
