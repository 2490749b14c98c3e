"""What a new policy or list changes, told before it is published: keys of a policy, entries of a trust list, numbers.

Of a people list only digests are kept, so what is added and removed is told by looking each new number up in the list
that is published now, at a millisecond each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from device.errors import Complaints, WireError, shown
from device.hub.publishing.publish import on_all_cores
from device.settings.located import read
from device.wire.people_list import PeopleList

_MOST_VALUE: Final = 100


class Change(NamedTuple):
    """A key of a policy, with what stood there and what will; ``None``: nothing."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is in a list, before and after.

    Attributes:
        before: entries of what is published; ``None``: nothing is, or nothing that can be read.
        after: entries of the new one.
        added: of those, which are new; ``None``: cannot be told.
        removed: of those before, which are gone; ``None``: cannot be told.
    """

    before: int | None
    after: int
    added: int | None = None
    removed: int | None = None


def policy_changes(before: bytes | None, after: str) -> list[Change]:
    """Return which keys differ between two policies, in the order of the new one, then those that go."""
    old = _leaves_of(before.decode("utf-8", "replace")) if before is not None else {}
    new = _leaves_of(after)
    changed = [Change(key, old.get(key), value) for key, value in new.items() if old.get(key) != value]
    return changed + [Change(key, value, None) for key, value in old.items() if key not in new]


def trust_numbers(before: bytes | None, after: bytes) -> Numbers:
    """Compare two trust lists, of which the new one was checked."""
    new, old = _keys(after) or frozenset(), None if before is None else _keys(before)
    if old is None:
        return Numbers(None, len(new))
    return Numbers(len(old), len(new), len(new - old), len(old - new))


def people_numbers(before: bytes | None, keys: Sequence[str]) -> Numbers:
    """Compare the people list that is published with the numbers of a new one; costly, see above."""
    new = set(keys)
    try:
        old = None if before is None else PeopleList(before)
    except WireError:
        old = None
    if old is None:
        return Numbers(None, len(new))
    stay = sum(on_all_cores(lambda key: old.holds((key,)), list(new))) if len(old) else 0
    return Numbers(len(old), len(new), len(new) - stay, len(old) - stay)


def _leaves_of(text: str) -> dict[str, str]:
    try:
        return dict(_leaves(read(text, "policy.yaml").tree, ""))
    except Complaints:
        return {}  # of another version of this program


def _leaves(found: object, key: str) -> Iterator[tuple[str, str]]:
    """Yield each value that is no mapping, by its dotted key; a list is one value."""
    if isinstance(found, Mapping) and found:
        for name, value in found.items():
            yield from _leaves(value, f"{key}.{name}" if key else str(name))
        return
    yield key, shown(_written(found), _MOST_VALUE)


def _written(found: object) -> str:
    if isinstance(found, Mapping):
        return "{" + ", ".join(f"{name}: {_written(value)}" for name, value in found.items()) + "}"
    if isinstance(found, list | tuple):
        return ", ".join(map(_written, found))
    if isinstance(found, bool):
        return str(found).lower()
    return str(found)


def _keys(content: bytes) -> frozenset[str] | None:
    """Return the entries of a trust list, as two can be compared; ``None``: it cannot be read."""
    try:
        found = json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return frozenset(json.dumps(entry, sort_keys=True) for entry in found) if isinstance(found, list) else None
