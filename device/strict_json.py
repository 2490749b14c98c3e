"""Strict reading of untrusted JSON: each field as it must be, or a `WireError` that names it.

An error never repeats what stood in the field. Pure functions, safe on any thread.
"""

from __future__ import annotations

import binascii
import json
import re
from enum import StrEnum
from typing import Final, TypeVar

from device.errors import WireError
from device.words import say, sentence

MOST_INT: Final = 2**53 - 1
"""What every JSON reader keeps exact."""
MOST_PARTS: Final = 50_000
"""Objects and lists in a document: a thousand in the largest batch, and a place's text may hold as many braces."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A device id or a key id."""
_SIZE: Final = sentence("{where}: must be base64 of {least} to {most} bytes")

_Word = TypeVar("_Word", bound=StrEnum)


def document(body: bytes, most_bytes: int) -> dict[str, object]:
    """Read a JSON object: UTF-8, no field twice, whole numbers only, at most *most_bytes* bytes."""
    if len(body) > most_bytes:
        raise WireError(say("body: larger than {most} bytes", most=most_bytes))
    if body.count(b"[") + body.count(b"{") > MOST_PARTS:  # a kilobyte, compressed, would stop all threads for long
        raise WireError(say("body: more than {most} parts", most=MOST_PARTS))
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_float=_no_number, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        # "from None": a JSON error carries the whole text along.
        raise WireError(say("body: not JSON as the contract has it")) from None
    if not isinstance(found, dict):
        raise WireError(say("{where}: must be an object", where="body"))
    return found


def exactly(found: object, keys: tuple[str, ...], where: str) -> dict[str, object]:
    """Accept an object that has these keys and no other."""
    if not isinstance(found, dict):
        raise WireError(say("{where}: must be an object", where=where))
    if tuple(found) == keys:
        return found
    for key in keys:
        if key not in found:
            raise WireError(say("{where}: missing", where=f"{where}.{key}"))
    if len(found) != len(keys):
        raise WireError(say("{where}: has a field the contract does not know", where=where))
    return found


def integer(value: object, least: int, where: str) -> int:
    """Accept a whole number from *least* to `MOST_INT`."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST_INT:
        told = say("must be a whole number from {least} to {most}", least=least, most=MOST_INT)
        raise WireError(f"{where}: {told}")
    return value


def text(value: object, shape: re.Pattern[str], where: str) -> str:
    """Accept text that has *shape* from end to end."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise WireError(say("{where}: must look like {pattern}", where=where, pattern=shape.pattern))
    return value


def one_of(words: type[_Word], value: object, where: str) -> _Word:
    """Accept one of a few words."""
    try:
        if isinstance(value, str):
            return words(value)
    except ValueError:
        pass
    raise WireError(say("{where}: must be one of {words}", where=where, words=", ".join(words)))


def octets(value: object, least: int, most: int, where: str) -> bytes:
    """Accept base64 (RFC 4648, padded) of *least* to *most* bytes."""
    if not isinstance(value, str) or len(value) > (most + 2) // 3 * 4:
        raise WireError(say(_SIZE, where=where, least=least, most=most))
    try:
        decoded = binascii.a2b_base64(value, strict_mode=True)
    except ValueError:
        raise WireError(say("{where}: must be base64", where=where)) from None
    if not least <= len(decoded) <= most:
        raise WireError(say(_SIZE, where=where, least=least, most=most))
    return decoded


def base64_of(value: bytes) -> str:
    """Write bytes as `octets` reads them."""
    return binascii.b2a_base64(value, newline=False).decode("ascii")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise WireError(say("body: a field stands twice"))
    return found


def _no_number(_: str) -> object:
    raise WireError(say("body: a number that is not whole"))
