"""The catalogue of bundles that a hub has, and the request for one of them; both signed like every request.

``POST /v1/bundles`` (the files in ``tests/golden/wire/`` show both byte for byte)::

    {"contract": "gate/1"}

    {"contract": "gate/1", "mark": 16 hex digits, "succession": [BASE64, …],
     "bundles": [{"kind": "policy", "version": 7, "bytes": 1234}, …]}

``mark`` is the catalogue's ETag: it changes whenever the rest does. It also stands in every receipt
(`device.wire.checkins`), so that a gate asks when there is something new and not otherwise. ``bytes`` is the whole
download. ``succession`` is what stands before the content of each bundle that named a successor to the root, the oldest
first. A kind the gate does not know is passed over, and so are more fields.

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
_ETAG: Final = re.compile(r"[0-9a-f]{16}")
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
        etag: changes when the rest does; 16 hexadecimal digits.
    """

    offers: Mapping[BundleKind, Offer]
    succession: tuple[bytes, ...]
    etag: str


def catalogue_of(offers: Sequence[Offer], succession: Sequence[bytes]) -> Catalogue:
    """Make a catalogue with its ETag."""
    named = [[offer.kind.value, offer.version, offer.size] for offer in offers]
    told = json.dumps([named, [base64_of(signed) for signed in succession]], separators=(",", ":"))
    etag = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Catalogue({offer.kind: offer for offer in offers}, tuple(succession), etag)


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
        "mark": catalogue.etag,
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
        etag_from(found.get("mark")),
    )


def encode_bundle_request(offer: Offer) -> bytes:
    """Write the request for one bundle."""
    written = {"contract": CONTRACT, "kind": offer.kind.value, "version": offer.version}
    return json.dumps(written, separators=(",", ":")).encode()


def decode_bundle_request(body: bytes) -> tuple[BundleKind, int]:
    """Read the request for one bundle: its kind and version; raises `WireError` when *body* is none."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    asked = exactly(found, ("contract", "kind", "version"), "question")
    return one_of(BundleKind, asked["kind"], "kind"), integer(asked["version"], 1, "version")


def etag_from(found: object) -> str:
    """Accept the ETag of a catalogue."""
    return text(found, _ETAG, "mark")


def _offer(found: object, where: str) -> Offer | None:
    """Read one line; ``None`` for a kind this gate does not know."""
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise WireError(f"{where}: must be an object with a kind")
    if found["kind"] not in set(BundleKind):
        return None
    kind = BundleKind(found["kind"])
    size = integer(found.get("bytes"), PREFIX_BYTES + 2, f"{where}.bytes")
    return Offer(kind, integer(found.get("version"), 1, f"{where}.version"), size)
