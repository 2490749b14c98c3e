"""Checking a file before it is published: policy, trust list or people list; a mistake is named by its line.

People lists are read from JSON, an object a line as in `device.hub.db.people_status`, or from CSV with a header; either
names ``citizen_number``, ``insurance_number`` and ``national_code_id``, of which each person has at least one::

    {"citizen_number": "051090001234", "insurance_number": "5120001234"}

    citizen_number,insurance_number
    051090001234,5120001234

A people list is checked whole before the costly part begins: a digest a number (`device.wire.people_list`), a
millisecond each, on all cores. Only digests are kept of it.
"""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from device.credential.person import NUMBER_KEY
from device.errors import ConfigurationError, WireError
from device.hub.db.people_status import SORTS
from device.settings.load import load_policy
from device.strict_json import document
from device.trust.trust_list import load_trust
from device.wire.bundle import CONTENT_MOST_BYTES, MOST_ENTRIES, PEOPLE_LISTS, BundleKind
from device.wire.people_list import KEY_BYTES, digest_of, encode_people

PUBLISHABLE: Final = (BundleKind.POLICY, BundleKind.TRUST, BundleKind.WATCH_LIST, BundleKind.ROSTER)
"""The hub publishes sealing keys by itself."""

_LINE_MOST_BYTES: Final = 4096
_AT_ONCE: Final = 4096
"""Numbers given to the cores at a time."""
_BOM: Final = b"\xef\xbb\xbf"


def content_of(kind: BundleKind, path: Path, most_entries: int = MOST_ENTRIES) -> bytes:
    """Read and check a file, and return the content of the bundle.

    Args:
        kind: of `PUBLISHABLE`.
        path: the file.
        most_entries: of a people list.

    Raises:
        Complaints: a policy or a trust list with mistakes, each with its line.
        ConfigurationError: the file cannot be read, is too large, or a line of a people list is wrong; names the
            line, never what stands there.
    """
    if kind in PEOPLE_LISTS:
        return _people(path, most_entries)
    if kind is BundleKind.POLICY:
        load_policy(path)
    else:
        load_trust(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) > CONTENT_MOST_BYTES[kind]:
        raise ConfigurationError(f"{path}: more than {CONTENT_MOST_BYTES[kind]} bytes")
    return content


def _people(path: Path, most_entries: int) -> bytes:
    found: list[str] = []
    try:
        for line, fields in _lines(path):
            found.extend(_keys(path, line, fields))
            if len(found) > most_entries:
                raise ConfigurationError(f"{path}:{line}: more than {most_entries} numbers; nothing was changed")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    list_key = secrets.token_bytes(KEY_BYTES)
    return encode_people(list_key, _digests(list_key, found))


def _digests(list_key: bytes, keys: list[str]) -> Iterator[int]:
    """Yield what stands for each number; scrypt lets other threads run."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for first in range(0, len(keys), _AT_ONCE):
            yield from pool.map(partial(digest_of, list_key), keys[first : first + _AT_ONCE])


def _keys(path: Path, line: int, fields: dict[str, object]) -> Iterator[str]:
    """Yield the numbers of one person."""
    found = False
    for name, sort in SORTS.items():
        value = fields.get(name)
        if value in (None, ""):
            continue
        if not isinstance(value, str) or not NUMBER_KEY.fullmatch(key := f"{sort}:{value}"):
            raise ConfigurationError(f"{path}:{line}: {name}: not such a number, as text; nothing was changed")
        found = True
        yield key
    if not found:
        raise ConfigurationError(f"{path}:{line}: write one of {', '.join(SORTS)}; nothing was changed")


def _lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the number of each line that says something, and its fields."""
    header: list[str] | None = None
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(_LINE_MOST_BYTES + 1), b""), 1):
            line = (raw.removeprefix(_BOM) if number == 1 else raw).strip()
            if not line:
                continue
            try:
                if header is None and not line.startswith(b"{"):
                    header = _header(line)
                    continue
                yield number, _known(document(line, _LINE_MOST_BYTES) if header is None else _cells(line, header))
            except WireError as error:
                raise ConfigurationError(f"{path}:{number}: {error}; nothing was changed") from None


def _known(fields: dict[str, object]) -> dict[str, object]:
    if not fields.keys() <= SORTS.keys():
        raise WireError(f"write only {', '.join(SORTS)}")
    return fields


def _header(line: bytes) -> list[str]:
    names = _split(line)
    if not names or len(set(names)) < len(names) or not set(names) <= SORTS.keys():
        raise WireError(f"begin with a header of some of {', '.join(SORTS)}, or write JSON objects")
    return names


def _cells(line: bytes, header: list[str]) -> dict[str, object]:
    cells = _split(line)
    if len(cells) != len(header):
        raise WireError(f"has {len(cells)} cells, and the header {len(header)}")
    return dict(zip(header, cells, strict=True))


def _split(line: bytes) -> list[str]:
    if len(line) > _LINE_MOST_BYTES:
        raise WireError(f"longer than {_LINE_MOST_BYTES} bytes")
    try:
        return [cell.strip() for cell in next(csv.reader([line.decode("utf-8")], strict=True))]
    except (UnicodeDecodeError, csv.Error, StopIteration):
        raise WireError("no line of CSV") from None
