"""A credential format as its module declares it: kind, sentence, reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from device.credential.text import Fields
from device.model import CodeKind, Credential


@dataclass(frozen=True, slots=True)
class Format:
    """A credential format made of fields between pipes; the ``FORMAT`` of its module.

    Attributes:
        kind: its line in `CodeKind`.
        says: what it is, as one sentence for people who write a policy.
        read: fields → credential; ``None`` when they are another format, and then it has left no note and no
            detail in them. Pure; never raises on any fields.
    """

    kind: CodeKind
    says: str
    read: Callable[[Fields], Credential | None]
