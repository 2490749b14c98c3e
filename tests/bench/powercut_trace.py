"""What a process did to the files of one folder, as strace saw it, in order.

strace (a Debian package, for development only) writes down every system call that can change a file, with
all its bytes. Nothing else has to be prepared: the process under test is the real one. A call that this reader
does not know and that touches one of the files is an error, never passed over.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device.errors import GateScannerError
from tests.support.children import surroundings

PREFIX: Final = "ledger.db"
"""Only files of such names are followed; the index of the log (``-shm``) is not, since it is made anew."""

_CHANGING: Final = (
    "open openat creat close write pwrite64 writev pwritev pwritev2 sendfile copy_file_range splice ftruncate truncate "
    "fallocate fsync fdatasync sync_file_range rename renameat renameat2 link linkat unlink unlinkat symlink symlinkat "
    "mmap dup dup2 dup3 execve"
)
_LINE: Final = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_MOST_SHOWN: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes were written to a file, somewhere in memory first."""

    file: int
    offset: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Truncate:
    """A file got this size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A file (or, ``None``, the folder's names) was synced, or the kernel said that it could not be."""

    file: int | None
    good: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the folder now means this file; ``None``: nothing any more."""

    name: str
    file: int | None


@dataclass(frozen=True, slots=True)
class Rename:
    """A file got another name; what had that name is gone."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Told:
    """The process wrote this line to its standard output."""

    line: str


Step = Write | Truncate | Sync | Name | Rename | Told


def trace(
    command: Sequence[str], folder: Path, log: Path, *, inject: str | None = None, prefix: str = PREFIX
) -> list[Step]:
    """Run *command* to its end and return what it did to the followed files in *folder*.

    Args:
        command: of the process; one thread.
        folder: empty; no link.
        log: where strace may write.
        inject: a fault for strace's ``-e inject=``, like ``fdatasync:error=EIO:when=7``.
        prefix: how the names of the followed files begin; "" follows all.

    Raises:
        GateScannerError: strace is missing or may not trace here, or the process failed.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise GateScannerError("strace is not installed: apt-get install strace, or leave the power cuts out")
    calls = ",".join(f"?{call}" for call in _CHANGING.split())
    words = [strace, "-f", "-qq", "-xx", "-s", str(_MOST_SHOWN), "-o", str(log), "-e", f"trace={calls}"]
    words += ["-e", "signal=none", *(["-e", f"inject={inject}"] if inject else []), "--", *command]
    done = subprocess.run(words, env=surroundings(), capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise GateScannerError(f"the gate under strace ended with {done.returncode}: {said[0]}")
    with log.open(encoding="ascii") as lines:
        return list(_Reader(folder, prefix).read(lines))


class _Reader:
    """Follows descriptors and names through the lines of a trace."""

    def __init__(self, folder: Path, prefix: str = PREFIX) -> None:
        self._folder = os.fsencode(folder)
        self._prefix = prefix.encode()
        self._names: dict[str, int] = {}
        self._open: dict[int, int | None] = {}
        """File by descriptor; ``None`` is the folder itself."""
        self._offset: dict[int, int] = {}
        self._files = 0

    def read(self, lines: Iterator[str] | Sequence[str]) -> Iterator[Step]:
        """Yield what *lines* say."""
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                if "unfinished" in line or "resumed" in line:
                    raise GateScannerError("the traced process has several threads; this model wants one")
                continue
            call, words, result = found.groups()
            if call == "execve":
                self._open.clear()  # all are opened to be closed then
            elif call in {"open", "openat", "creat"}:
                yield from self._opened(words, int(result, 0))
            elif call in {"rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"}:
                if result == "0":
                    yield from self._named(call, words)
            elif call not in {"symlink", "symlinkat", "truncate"}:
                yield from self._called(call, words, int(result, 0))

    def _followed(self, words: str) -> list[str | None]:
        """Return the followed names among the paths in *words*; ``None`` stands for the folder, others are left out."""
        names: list[str | None] = []
        for path in (bytes.fromhex(found[1].replace("\\x", "")) for found in _TEXT.finditer(words)):
            folder, _, name = path.rpartition(b"/")
            if path == self._folder:
                names.append(None)
            elif folder == self._folder and name.startswith(self._prefix) and not name.endswith(b"-shm"):
                names.append(name.decode("ascii"))
        return names

    def _opened(self, words: str, descriptor: int) -> Iterator[Step]:
        names = self._followed(words)
        if descriptor < 0 or not names:
            return
        (name,) = names
        if name is None:
            self._open[descriptor] = None
            return
        if name not in self._names:
            self._files += 1
            self._names[name] = self._files
            yield Name(name, self._files)
        self._open[descriptor] = self._names[name]
        self._offset[descriptor] = 0
        if "O_TRUNC" in words:
            yield Truncate(self._names[name], 0)

    def _named(self, call: str, words: str) -> Iterator[Step]:
        names = self._followed(words)
        if not names:
            return
        first, *rest = names
        if first is None or None in rest or len(rest) != (0 if call.startswith("unlink") else 1):
            raise GateScannerError(f"{call} moves a file into or out of the folder; this model cannot follow")
        if not rest:
            del self._names[first]
            yield Name(first, None)
            return
        second = str(rest[0])
        if call.startswith("link"):
            self._names[second] = self._names[first]
            yield Name(second, self._names[first])
        else:
            self._names[second] = self._names.pop(first)
            yield Rename(first, second)

    def _called(self, call: str, words: str, result: int) -> Iterator[Step]:
        """Read a call on a descriptor."""
        arguments = words.split(", ")
        descriptor = int(arguments[4 if call == "mmap" else 0], 0)
        if call == "write" and descriptor == 1:
            yield from (Told(line) for line in _bytes_of(words)[:result].decode("ascii").splitlines())
        if descriptor not in self._open:
            return
        file = self._open[descriptor]
        if call == "close":
            del self._open[descriptor]
        elif call in {"fsync", "fdatasync"}:
            yield Sync(file, good=result == 0)
        elif file is None or call not in {"write", "pwrite64", "ftruncate", "mmap"}:
            raise GateScannerError(f"{call} is used on a file of the ledger; this model cannot follow")
        elif call == "mmap":
            if "PROT_WRITE" in words and "MAP_SHARED" in words:
                raise GateScannerError("a file of the ledger is written through memory; this model cannot follow")
        elif result >= 0:
            yield self._changed(call, descriptor, file, words, result)

    def _changed(self, call: str, descriptor: int, file: int, words: str, result: int) -> Step:
        last = words.rsplit(", ", 1)[-1]
        if call == "ftruncate":
            return Truncate(file, int(last))
        content = _bytes_of(words)[:result]
        if call == "pwrite64":
            return Write(file, int(last), content)
        self._offset[descriptor] += result
        return Write(file, self._offset[descriptor] - result, content)


def _bytes_of(words: str) -> bytes:
    found = _TEXT.search(words)
    if found is None or found[2]:
        raise GateScannerError("strace left out bytes")
    return bytes.fromhex(found[1].replace("\\x", ""))
