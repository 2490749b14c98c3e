"""Which bundles the centre has, and the question for one of them; both signed like every request.

``POST /v1/bundles`` (the files in ``tests/golden/wire/`` show both byte for byte)::

    {"contract": "gate/1"}

    {"contract": "gate/1", "mark": 16 hex digits, "succession": [BASE64, …],
     "bundles": [{"kind": "policy", "version": 7, "bytes": 1234}, …]}

``mark`` changes whenever the rest does; it also stands in every receipt (`device.wire.checkins`), so that a gate asks
when there is something new and not otherwise. ``bytes`` is the whole download. ``succession`` is what stands before the
content of each bundle that named a successor to the root, the oldest first. A kind the gate does not know is passed
over, and so are more fields.

``POST /v1/bundles/content`` is answered with the bundle itself (`device.wire.bundle`), or 404 when there is no such
version any more::

    {"contract": "gate/1", "kind": "policy", "version": 7}

Reading gives an object or raises `WireError`. Pure functions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from device.errors import WireError
from device.strict_json import base64_of, document, exactly, integer, octets, one_of, text
from device.wire.bundle import CONTENT_MOST_BYTES, HEAD_MOST_BYTES, PREFIX_BYTES, BundleKind
from device.wire.checkins import CONTRACT, RECEIPT_MOST_BYTES, check_contract

PATH: Final = "/v1/bundles"
CONTENT_PATH: Final = "/v1/bundles/content"
MOST_BYTES: Final = 256
"""Of a question."""
MOST_SUCCESSIONS: Final = 16
_MOST_LISTED: Final = 64
_MARK: Final = re.compile(r"[0-9a-f]{16}")
_QUESTION: Final = json.dumps({"contract": CONTRACT}, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Offer:
    """A bundle that can be had.

    Attributes:
        kind: of what.
        version: which.
        size: bytes of the whole.
    """

    kind: BundleKind
    version: int
    size: int

    @property
    def too_large(self) -> bool:
        """Whether no bundle of its kind can be so large."""
        return self.size > PREFIX_BYTES + HEAD_MOST_BYTES + CONTENT_MOST_BYTES[self.kind]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the centre has.

    Attributes:
        offers: by kind.
        succession: what stands before the content of each bundle that named a successor to the root.
        mark: changes when the rest does.
    """

    offers: Mapping[BundleKind, Offer]
    succession: tuple[bytes, ...]
    mark: str


def catalogue_of(offers: Sequence[Offer], succession: Sequence[bytes]) -> Catalogue:
    """Make a catalogue with its mark."""
    named = [[offer.kind.value, offer.version, offer.size] for offer in offers]
    told = json.dumps([named, [base64_of(signed) for signed in succession]], separators=(",", ":"))
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Catalogue({offer.kind: offer for offer in offers}, tuple(succession), mark)


def encode_question() -> bytes:
    """Write the question for the catalogue."""
    return _QUESTION


def decode_question(body: bytes) -> None:
    """Read the question for the catalogue; raises `WireError` when *body* is none."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    exactly(found, ("contract",), "question")


def encode_catalogue(catalogue: Catalogue) -> bytes:
    """Write a catalogue as the contract says."""
    written = {
        "contract": CONTRACT,
        "mark": catalogue.mark,
        "succession": [base64_of(signed) for signed in catalogue.succession],
        "bundles": [
            {"kind": offer.kind.value, "version": offer.version, "bytes": offer.size}
            for offer in catalogue.offers.values()
        ],
    }
    return json.dumps(written, separators=(",", ":")).encode()


def decode_catalogue(body: bytes) -> Catalogue:
    """Read a catalogue; raises `WireError` when *body* is none."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    listed, succession = found.get("bundles"), found.get("succession")
    if not isinstance(listed, list) or len(listed) > _MOST_LISTED:
        raise WireError(f"bundles: must be a list of at most {_MOST_LISTED}")
    if not isinstance(succession, list) or len(succession) > MOST_SUCCESSIONS:
        raise WireError(f"succession: must be a list of at most {MOST_SUCCESSIONS}")
    most_bytes = PREFIX_BYTES + HEAD_MOST_BYTES
    offers = [offer for index, fields in enumerate(listed) if (offer := _offer(fields, f"bundles[{index}]"))]
    if len({offer.kind for offer in offers}) < len(offers):
        raise WireError("bundles: two of one kind")
    return Catalogue(
        {offer.kind: offer for offer in offers},
        tuple(octets(signed, 1, most_bytes, f"succession[{index}]") for index, signed in enumerate(succession)),
        mark_from(found.get("mark")),
    )


def encode_wish(offer: Offer) -> bytes:
    """Write the question for one bundle."""
    written = {"contract": CONTRACT, "kind": offer.kind.value, "version": offer.version}
    return json.dumps(written, separators=(",", ":")).encode()


def decode_wish(body: bytes) -> tuple[BundleKind, int]:
    """Read the question for one bundle; raises `WireError` when *body* is none."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    wish = exactly(found, ("contract", "kind", "version"), "question")
    return one_of(BundleKind, wish["kind"], "kind"), integer(wish["version"], 1, "version")


def mark_from(found: object) -> str:
    """Accept a mark."""
    return text(found, _MARK, "mark")


def _offer(found: object, where: str) -> Offer | None:
    """Read one line; ``None`` for a kind this gate does not know."""
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise WireError(f"{where}: must be an object with a kind")
    if found["kind"] not in set(BundleKind):
        return None
    kind = BundleKind(found["kind"])
    size = integer(found.get("bytes"), PREFIX_BYTES + 2, f"{where}.bytes")
    return Offer(kind, integer(found.get("version"), 1, f"{where}.version"), size)
