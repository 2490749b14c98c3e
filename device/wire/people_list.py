"""People lists (watch list, roster) as costly keyed digests: a million people within 8 MB, one question a millisecond.

The content of a bundle of kind ``watch-list`` or ``roster``::

    bytes 0-7      ``GATELST2``: lists of another make would be read without a complaint, and find nobody
    bytes 8-39     the list's own key, random, new with every version
    then           u64 little-endian, strictly rising: scrypt (RFC 7914, N = 2^9, r = 8, p = 1; the key is the salt) of
                   each number, 8 bytes

A number is what `device.credential.keys_of` makes of it, in UTF-8: ``citizen:051090001234``,
``insurance:…``, ``national:…``. The digests keep plain numbers off the wire and out of memory. Whoever has the whole
list, with a gate's key, say, can try number after number; each try costs him the millisecond and the 512 KiB that a
question costs a gate, so the million numbers of one province, sex and year take a core 15 minutes, not a second. It
slows a search down and does not prevent it: a list is never written to the card, and a version says nothing about
another.

Digests are spread evenly, so their first bits lead to the right sixteen or so at once; a list made to be uneven
costs at most a binary search. Two numbers of 64 bits meet by chance once in some 10¹³ questions to a full list.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import lt
from typing import Final

from device.errors import WireError

MAGIC: Final = b"GATELST2"
KEY_BYTES: Final = 32
HEAD_BYTES: Final = len(MAGIC) + KEY_BYTES
"""Before the digests."""
_SCRYPT_N: Final = 2**9
"""With r = 8: 512 KiB and 0.9 ms on the server of DECISIONS, some ten times as long on the smallest Pi."""
DIGEST_BYTES: Final = 8
"""Of each number."""
_DIGEST_BITS: Final = 64
_AT_ONCE: Final = 16_384
"""Digests looked at between two pauses: about a millisecond, in which no other thread runs."""


class PeopleList:
    """One list, in the bytes in which it came. Reading is safe on any thread.

    Args:
        content: as it stands in its bundle; kept, not copied, so it must not be changed afterwards.
        pause: called every `_AT_ONCE` digests while the list is looked through, so that others get their turn.

    Raises:
        WireError: the content is no list.
    """

    def __init__(self, content: bytes | bytearray, pause: Callable[[], None] | None = None) -> None:
        if not content.startswith(MAGIC):
            raise WireError("the list is of another make than this gate reads: publish it again")
        if len(content) < HEAD_BYTES or len(content) % DIGEST_BYTES:
            raise WireError("the list has another length than a list can have")
        self._key = bytes(content[len(MAGIC) : HEAD_BYTES])
        self._digests = memoryview(content)[HEAD_BYTES:]
        self._count = len(self._digests) // DIGEST_BYTES
        self._shift = _DIGEST_BITS - max(0, self._count.bit_length() - 4)
        self._starts = array("I")
        self._look_through(pause)

    def __len__(self) -> int:
        """Count the numbers in it."""
        return self._count

    def holds(self, keys: Iterable[str]) -> bool:
        """Return whether any of these numbers of one person is in the list."""
        return any(self._holds(digest_of(self._key, key)) for key in keys)

    def _holds(self, digest: int) -> bool:
        bucket = digest >> self._shift
        at, end = self._starts[bucket], self._starts[bucket + 1]
        while at < end:
            middle = (at + end) // 2
            if self._digest(middle) < digest:
                at = middle + 1
            else:
                end = middle
        return at < self._count and self._digest(at) == digest

    def _digest(self, index: int) -> int:
        place = index * DIGEST_BYTES
        return int.from_bytes(self._digests[place : place + DIGEST_BYTES], "little")

    def _look_through(self, pause: Callable[[], None] | None) -> None:
        """Make sure that the digests rise, and note where each bucket starts."""
        last, buckets = -1, 1 << (_DIGEST_BITS - self._shift)
        for first in range(0, self._count, _AT_ONCE):
            part = _numbers(self._digests[first * DIGEST_BYTES : (first + _AT_ONCE) * DIGEST_BYTES])
            if part[0] <= last or not all(map(lt, part, part[1:])):
                raise WireError("the list is not in order")
            last = part[-1]
            for bucket in range(len(self._starts), (last >> self._shift) + 1):
                self._starts.append(first + bisect_left(part, bucket << self._shift))
            if pause is not None:
                pause()
        self._starts.extend([self._count] * (buckets + 1 - len(self._starts)))


def digest_of(list_key: bytes, key: str) -> int:
    """Return what stands for a number in the list with this key: 64 bits, at the price of scrypt; other threads run."""
    number = key.encode("utf-8", "surrogatepass")
    found = hashlib.scrypt(number, salt=list_key, n=_SCRYPT_N, r=8, p=1, dklen=DIGEST_BYTES)
    return int.from_bytes(found, "little")


def encode_people(list_key: bytes, digests: Iterable[int]) -> bytes:
    """Write a list as `PeopleList` reads it; a number that comes twice is in it once.

    Args:
        list_key: 32 random bytes, never used before.
        digests: `digest_of` the numbers under that key, in any order.
    """
    # In an array first: a million numbers in a set would take ten times as much memory.
    found = array("Q", digests)
    numbers = array("Q", (number for number, _ in groupby(sorted(found))))
    if sys.byteorder == "big":
        numbers.byteswap()
    return MAGIC + list_key + numbers.tobytes()


def _numbers(digests: memoryview) -> array[int]:
    numbers = array("Q")
    numbers.frombytes(digests)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
