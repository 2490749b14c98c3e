"""Users of an installed gate: what modes let them read, and what their units show them of the machine.

`check` is run by root, who may read everything, and `adopt` in a unit that may not read what is the service's alone:
neither can find out by trying. What modes do not tell (an access control list, a folder that may not be looked into) is
believed. Units: ``systemd/gate-scanner.service`` and ``systemd/gate-scanner-eye@.service``.
"""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

from device.settings.in_service import STATE
from device.words import say

READ: Final = 4
WRITE_INTO: Final = 3
"""For a folder: make files in it."""
_LOOK_THROUGH: Final = 1
WRITABLE: Final = (STATE, "/run/gate-scanner", "/tmp", "/var/tmp")  # noqa: S108 - PrivateTmp: the gate's own
"""What the gate's unit lets it write to."""
UNSEEN: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")  # noqa: S108
"""What both units hide (ProtectHome, PrivateTmp, InaccessiblePaths)."""
UNSEEN_BY_EYE: Final = (
    *UNSEEN,
    *("/etc/gate-scanner", "/var/lib/gate-scanner", "/run/gate-scanner", "/run/gate-scanner-eye", "/var/lib/gate-hub"),
    *("/boot", "/var/log"),
)
_SYSTEMD: Final = ("/etc/systemd", "/run/systemd", "/usr/lib/systemd")
_CHANGED: Final = re.compile(r"^\s*(ProtectSystem|ProtectHome|PrivateTmp|InaccessiblePaths|User)\s*=", re.MULTILINE)
_OPENED: Final = re.compile(r"^\s*(?:ReadWritePaths|BindPaths|BindReadOnlyPaths)\s*=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Account:
    """One of the users.

    Attributes:
        name: as systemd knows it.
        uid: its number.
        groups: all that it is in.
        unseen: folders that its unit does not show it.
        drop_ins: what people have added to its unit, as text.
        shares: another user must read the same.
    """

    name: str
    uid: int
    groups: frozenset[int]
    unseen: tuple[str, ...] = ()
    drop_ins: str = ""
    shares: bool = False

    def why_not(self, path: Path, wanted: int = READ) -> str:
        """Say why this user cannot have a path that is there, "" when it can.

        Args:
            path: absolute.
            wanted: bits of a mode, `READ` or `WRITE_INTO`.
        """
        hidden = next((top for top in self.unseen if is_below(path, (top,))), None)
        if hidden is not None and not self.is_opened(path):
            return say(
                "{user} does not see what lies in {folder}; put it elsewhere, like in /srv",
                user=self.name,
                folder=hidden,
            )
        real = path.resolve()
        for folder in sorted({*path.parents, *real.parents}):
            if not self._may(folder, _LOOK_THROUGH):
                return say("{user} may not look into {folder}; run: chmod o+x {folder}", user=self.name, folder=folder)
        if self._may(real, wanted):
            return ""
        if wanted == WRITE_INTO:
            return say("{user} may not write there; run: chown {user}: {path}", user=self.name, path=path)
        command = f"chmod a+rX {path}" if self.shares else f"chgrp {self.name} {path} && chmod g+rX {path}"
        return say("{user} may not read {path}; run: {command}", user=self.name, path=path, command=command)

    def is_opened(self, path: Path) -> bool:
        """Return whether somebody has opened a path to the unit, or changed so much of it that nothing is known."""
        named = chain.from_iterable(words.split() for words in _OPENED.findall(self.drop_ins))
        tops = tuple(part for word in named for part in word.strip("\"'").lstrip("+-").split(":"))
        return bool(_CHANGED.search(self.drop_ins)) or is_below(path, tops)

    def _may(self, path: Path, wanted: int) -> bool:
        try:
            found = path.stat()
            if "system.posix_acl_access" in os.listxattr(path):
                return True
        except PermissionError:
            return True
        except OSError:
            found = path.stat()  # a file system without attributes
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid in self.groups else 0
        return self.uid == 0 or found.st_mode >> shift & wanted == wanted


@dataclass(frozen=True, slots=True)
class Installed:
    """The gate that ``setup.sh`` installed here.

    Attributes:
        service: runs the gate.
        eye: runs camera and decoder.
    """

    service: Account
    eye: Account

    @classmethod
    def here(cls) -> Installed | None:
        """Return the gate of this machine; ``None`` where none is installed."""
        service = _account("gate-scanner", "gate-scanner", UNSEEN)
        eye = _account("gate-eye", "gate-scanner-eye@", UNSEEN_BY_EYE)
        return None if service is None or eye is None else cls(service, replace(eye, shares=True))


def is_below(path: Path, tops: tuple[str, ...]) -> bool:
    """Return whether a path is one of *tops* or lies in it, by its name."""
    plain = Path(os.path.normpath(path))
    return any(plain.is_relative_to(top) for top in tops)


def _account(name: str, unit: str, unseen: tuple[str, ...]) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    groups = frozenset(os.getgrouplist(name, found.pw_gid))
    return Account(name, found.pw_uid, groups, unseen, _drop_ins(unit))


def _drop_ins(unit: str) -> str:
    texts = []
    for top in _SYSTEMD:
        for file in sorted(Path(top).glob(f"*/{unit}.service.d/*.conf")):
            try:
                texts.append(file.read_text("utf-8", errors="replace"))
            except OSError:
                continue
    return "\n".join(texts)
