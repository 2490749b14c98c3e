"""Control socket of the running gate: a unix socket in its runtime folder, open to its own user and root.

One line of JSON each way, then the connection ends::

    {"ask": "why", "last": 10}      →  {"answer": [...]}
    {"ask": "what"}                 →  {"error": "..."}

Whoever may connect may read every answer, so no question may be answered with personal content. Who asks, the kernel
says (SO_PEERCRED): a question that moves something hears it. Under ``PrivateUsers`` root is still 0 there, and the
service's own user itself; everybody else is 65534 (systemd.exec(5)).
"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from device.errors import AskerRefused, GateAbsent, GateSilent
from device.words import say

SOCKET = "gate.sock"
MOST_QUESTION_BYTES = 4_096
MOST_ANSWER_BYTES = 1024 * 1024
_QUESTION_S = 1.0
_MOST_PIECES = 16
_ANSWER_S = 5.0

Question = Callable[[Mapping[str, object]], object]
"""Takes the other terms of the question, and as ``asker_uid`` who asks; returns anything JSON can say.

`AskerRefused` is told in its own words.
"""
_CREDENTIALS = struct.Struct("3i")

log = logging.getLogger(__name__)


class ControlSocket:
    """Answers one question at a time, until it is closed; given to a `device.threads.ServiceThread`."""

    def __init__(self, folder: Path, questions: Mapping[str, Question]) -> None:
        """Open the socket.

        Args:
            folder: where it is made; what an earlier gate left there is replaced.
            questions: the name of each question and what answers it; called on this thread.

        Raises OSError when the folder does not let it.
        """
        self._path = folder / SOCKET
        self._questions = questions
        self._closing = threading.Event()
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            os.fchmod(self._socket.fileno(), 0o600)  # before bind, which makes the file with this mode
            _at(folder, self._socket.bind)
            self._socket.listen(4)
        except OSError:
            self._socket.close()
            raise

    def close(self) -> None:
        """Stop answering and remove the socket; any thread, may be called twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        with suppress(OSError):  # `run` has ended, and closed it
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._path.unlink(missing_ok=True)

    def run(self) -> None:
        """Answer until closed; what it raises is a defect."""
        with self._socket:
            while not self._closing.is_set():
                try:
                    connection, _ = self._socket.accept()
                except OSError:
                    if self._closing.is_set():
                        return
                    raise
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # whoever asked is gone, or never asked
            connection.settimeout(_QUESTION_S)
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            _, uid, _ = _CREDENTIALS.unpack(credentials)  # struct ucred: pid, uid, gid (unix(7))
            connection.sendall(self._reply(_line(connection, MOST_QUESTION_BYTES, _MOST_PIECES), uid))

    def _reply(self, asked: bytes, asker_uid: int) -> bytes:
        try:
            terms = json.loads(asked)
            name = terms.pop("ask")
            question = self._questions[name]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            told: object = {"error": f"ask one of {', '.join(self._questions)}"}
        else:
            try:
                told = {"answer": question({**terms, "asker_uid": asker_uid})}
            except AskerRefused as error:
                log.warning("event=question-refused ask=%s uid=%d reason=%r", name, asker_uid, str(error))
                told = {"error": str(error)}
            except Exception as error:  # noqa: BLE001 - a question that fails must not end the gate's answering
                log.error("event=question-failed ask=%s reason=%s", name, type(error).__name__)  # noqa: TRY400 - as above
                told = {"error": "the gate could not answer this"}
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def runtime_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder systemd made for what lives as long as the service; ``None`` without systemd."""
    first = environment.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(first) if first else None


def ask(folder: Path, question: str, **terms: object) -> object:
    """Ask the gate whose socket is in *folder*; raises `GateSilent` when none answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(_ANSWER_S)
        try:
            _at(folder, asking.connect)
            asking.sendall(json.dumps({"ask": question, **terms}).encode() + b"\n")
            told = json.loads(_line(asking, MOST_ANSWER_BYTES))
        except PermissionError:
            raise GateSilent(
                say("{file}: only root and the gate's own user may ask; use sudo", file=folder / SOCKET)
            ) from None
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            raise GateAbsent(
                say("{file}: no gate is running here; why: systemctl status gate-scanner", file=folder / SOCKET)
            ) from None
        except (OSError, ValueError):
            raise GateSilent(say("{file}: the gate does not answer; try again", file=folder / SOCKET)) from None
    if not isinstance(told, dict) or "answer" not in told:
        raise GateSilent(str(told.get("error")) if isinstance(told, dict) else "no answer of a gate")
    return told["answer"]


def _at(folder: Path, use: Callable[[str], object]) -> None:
    """Use the socket's address by way of an open folder: an address may have 107 bytes only."""
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        use(f"/proc/self/fd/{opened}/{SOCKET}")
    finally:
        os.close(opened)


def _line(connection: socket.socket, most_bytes: int, most_pieces: int = MOST_ANSWER_BYTES) -> bytes:
    """Read up to the line end; OSError when it does not come."""
    read = b""
    for _ in range(most_pieces):
        piece = connection.recv(65_536)
        read += piece
        if read.endswith(b"\n"):
            return read
        if not piece or len(read) > most_bytes:
            break
    raise OSError("no whole line")
