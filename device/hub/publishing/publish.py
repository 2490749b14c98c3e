"""Checking a file before it is published: policy, trust list or people list; a mistake is named by its line.

A people list (`device.hub.publishing.people_file`) is checked whole before the costly part begins: a digest a number
(`device.wire.people_list`), a millisecond each, on all cores. Only digests are kept of it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from device.errors import ConfigurationError
from device.settings.load import load_policy
from device.trust.trust_list import load_trust
from device.wire.bundle import CONTENT_MOST_BYTES, BundleKind
from device.wire.people_list import DIGEST_BYTES, HEAD_BYTES, KEY_BYTES, digest_of, encode_people
from device.words import say, why_of

PUBLISHABLE: Final = (BundleKind.POLICY, BundleKind.TRUST, BundleKind.WATCH_LIST, BundleKind.ROSTER)
"""The hub publishes sealing keys by itself."""

_T = TypeVar("_T")
_AT_ONCE: Final = 4096
"""Numbers given to the cores at a time."""


def content_of(kind: BundleKind, path: Path) -> bytes:
    """Read and check a policy or a trust list, and return the content of the bundle.

    Raises:
        Complaints: it has mistakes, each with its line.
        ConfigurationError: it cannot be read, or is too large.
    """
    if kind is BundleKind.POLICY:
        load_policy(path)
    else:
        load_trust(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(say("{path}: cannot be read ({why})", path=path, why=why_of(error))) from error
    if len(content) > CONTENT_MOST_BYTES[kind]:
        raise ConfigurationError(say("{path}: more than {most} bytes", path=path, most=CONTENT_MOST_BYTES[kind]))
    return content


def content_of_people(keys: list[str]) -> bytes:
    """Return the content of the bundle of a people list, from its numbers (`people_file.PeopleFile.keys`)."""
    list_key = secrets.token_bytes(KEY_BYTES)
    return encode_people(list_key, _digests(list_key, keys))


def numbers_in(size: int) -> int:
    """Return how many numbers a people list has whose content has *size* bytes."""
    return max(0, size - HEAD_BYTES) // DIGEST_BYTES


def on_all_cores(work: Callable[[str], _T], keys: Sequence[str]) -> Iterator[_T]:
    """Yield what *work*, which lets other threads run as scrypt does, makes of each number, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first in range(0, len(keys), _AT_ONCE):
            yield from pool.map(work, keys[first : first + _AT_ONCE])


def _digests(list_key: bytes, keys: Sequence[str]) -> Iterator[int]:
    """Yield what stands for each number."""
    yield from on_all_cores(partial(digest_of, list_key), keys)
