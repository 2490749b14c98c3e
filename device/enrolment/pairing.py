r"""Pairing by code: a gate and a hub that have never met authenticate each other (HMAC proofs of a shared secret).

Both know the 60 secret bits of a code (`device.enrolment.code`), which a person carried from one to the other.
Two requests::

    POST /v1/enrolment/hello   {"contract", "code": public id}
                            →  {"contract", "hub_key", "hub_nonce", "ca"}

    POST /v1/enrolment/proof   {"contract", "code", "gate_key", "gate_nonce", "device", "proof"}
                            →  {"contract", "granted", "proof"}

Keys (Ed25519), nonces and proofs are 32 bytes in base64. ``hub_key`` is the hub's root: what it signs later
(bundles, a revocation) is held against it. Both nonces are the same each time one side speaks of one code: a gate
whose answer got lost asks the very same again, and gets the same answer. ``ca`` is the PEM text of the one certificate
to trust from now on. ``device`` is the gate's present device id, or empty. ``granted`` is a text:
``{"device": ID, "at": MS, "sealing_keys": [{"day", "id", "public"}]}`` as JSON, which is read after its proof held:
the hub's time, and a key for each of the days to come (`device.wire.sealing_keys`).

A proof is HMAC-SHA256 under a key that scrypt (RFC 7914, N = 2^14, r = 8, p = 1: 16 MiB and some 50 ms) makes of the
secret's 12 letters and the salt ``gate/1 enrol`` + code id, over::

    "gate/1 enrol gate\0" or "gate/1 enrol hub\0"   which side speaks: no proof can be sent back as one's own
    4 bytes code id
    32 bytes gate key    32 bytes hub key    32 bytes SHA-256 of the CA certificate (DER)
    32 bytes gate nonce  32 bytes hub nonce
    32 bytes SHA-256 of what else is said: "device" by the gate, "granted" by the hub

**First contact.** At the hello the gate has nothing to check the hub's certificate with, so it takes any and
believes nothing: the answer is a claim. The second request goes over a new connection that is verified with
the CA claimed, host name included, and carries a proof over that CA's fingerprint. Somebody in between who
claimed a CA of their own gets a proof which the hub refuses, and cannot make the hub's. Somebody in between
who passes the true CA on cannot open the second connection. Somebody who keeps such a proof and searches for the
secret at home has 2^60 times scrypt before him, and 15 minutes. Guesses at the hub are paced by address; they do not
use a code up, or anybody who reads an id could keep its gate out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import ssl
from dataclasses import dataclass, field
from typing import Final

from device.crypto.sealing import SealingKey
from device.crypto.signing import SigningKey
from device.enrolment.code import CODE_ID, EnrolCode
from device.errors import WireError
from device.strict_json import NAME, base64_of, document, integer, octets, text
from device.wire import sealing_keys as sealing_days
from device.wire.checkins import CONTRACT, check_contract

HELLO_PATH: Final = "/v1/enrolment/hello"
PROOF_PATH: Final = "/v1/enrolment/proof"
CODE_LIVES_S: Final = 15 * 60
MOST_BYTES: Final = 64 * 1024
QUESTION_MOST_BYTES: Final = 8 * 1024
"""Of what a gate sends: anybody may."""

_KEY_BYTES: Final = 32
_SCRYPT_N: Final = 2**14
_CA_MOST_CHARS: Final = 16 * 1024
_ONE_CERTIFICATE: Final = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*"
)
_DEVICE: Final = re.compile(rf"(?:{NAME.pattern})?")


@dataclass(frozen=True, slots=True)
class ProofKey:
    """What proofs are made with: a code without its letters.

    Attributes:
        code_id: public.
        key: 32 bytes.
    """

    code_id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hello:
    """What the hub claims at first contact.

    Attributes:
        hub_key: its root, 32 bytes.
        hub_nonce: 32 bytes, one a public id.
        ca: PEM text of the certificate authority, as `one_certificate` writes it.
    """

    hub_key: bytes
    hub_nonce: bytes
    ca: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """What a gate says of itself when it asks to be enrolled.

    Attributes:
        code_id: which code it was given.
        gate_key: its public key, 32 bytes.
        gate_nonce: 32 bytes.
        device_id: what it is called already; empty for a new gate.
        proof: that it knows the secret.
    """

    code_id: str
    gate_key: bytes
    gate_nonce: bytes
    device_id: str
    proof: bytes


@dataclass(frozen=True, slots=True)
class Granted:
    """What a gate gets.

    Attributes:
        device_id: its name at the hub, for ever.
        sealing_keys: what check-ins are sealed to, one a day.
        at_ms: the hub's time.
    """

    device_id: str
    sealing_keys: tuple[SealingKey, ...]
    at_ms: int


def proof_key(code: EnrolCode) -> ProofKey:
    """Make the key of a code's proofs; takes some 50 ms and 16 MiB on purpose."""
    salt = b"gate/1 enrol" + code.code_id.encode("ascii")
    key = hashlib.scrypt(code.secret.encode("ascii"), salt=salt, n=_SCRYPT_N, r=8, p=1, dklen=_KEY_BYTES)
    return ProofKey(code.code_id, key)


def gate_nonce(key: SigningKey, code_id: str) -> bytes:
    """Return the nonce of a gate for one code: the same each time, and known to nobody before it is sent."""
    return hashlib.sha256(key.sign(b"gate/1 enrol nonce\0" + code_id.encode("ascii"))).digest()


def gate_proof(key: ProofKey, hello: Hello, applicant: Applicant) -> bytes:
    """Return the gate's proof; ``applicant.proof`` is not looked at."""
    said = applicant.device_id.encode()
    return _proof(key, hello, applicant, role=b"gate/1 enrol gate\0", said=said)


def hub_proof(key: ProofKey, hello: Hello, applicant: Applicant, granted: str) -> bytes:
    """Return the hub's proof, over the exact text of *granted*."""
    return _proof(key, hello, applicant, role=b"gate/1 enrol hub\0", said=granted.encode())


def one_certificate(pem: str) -> str:
    """Return the certificate in *pem*, written anew.

    Two would be a hole: proofs cover one fingerprint, and a second authority would be trusted without any.

    Raises:
        ValueError: it is not one certificate in PEM and nothing else.
    """
    if len(pem) > _CA_MOST_CHARS or not _ONE_CERTIFICATE.fullmatch(pem):
        raise ValueError("must be one certificate in PEM and nothing else")
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pem.strip()))


def _fingerprint(ca: str) -> bytes:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca)).digest()


def same(proof: bytes, expected: bytes) -> bool:
    """Return whether two proofs are the same, in constant time."""
    return hmac.compare_digest(proof, expected)


def _proof(key: ProofKey, hello: Hello, applicant: Applicant, *, role: bytes, said: bytes) -> bytes:
    parts = (applicant.gate_key, hello.hub_key, _fingerprint(hello.ca), applicant.gate_nonce, hello.hub_nonce)
    message = role + key.code_id.encode("ascii") + b"".join(parts) + hashlib.sha256(said).digest()
    return hmac.new(key.key, message, hashlib.sha256).digest()


def encode_question(code_id: str) -> bytes:
    """Write the hello's request."""
    return _encode(code=code_id)


def decode_question(body: bytes) -> str:
    """Read the hello's request: a code's public id. Raises `WireError`."""
    found = _read(body, ("code",))
    return text(found["code"], CODE_ID, "code")


def encode_hello(hello: Hello) -> bytes:
    """Write the hello's answer."""
    return _encode(hub_key=base64_of(hello.hub_key), hub_nonce=base64_of(hello.hub_nonce), ca=hello.ca)


def decode_hello(body: bytes) -> Hello:
    """Read the hello's answer. Raises `WireError`."""
    found = _read(body, ("hub_key", "hub_nonce", "ca"))
    try:
        ca = one_certificate(str(found["ca"]))
    except ValueError as error:
        raise WireError(f"ca: {error}") from None
    return Hello(_key(found["hub_key"], "hub_key"), _key(found["hub_nonce"], "hub_nonce"), ca)


def encode_applicant(applicant: Applicant) -> bytes:
    """Write the proof's request."""
    return _encode(
        code=applicant.code_id,
        gate_key=base64_of(applicant.gate_key),
        gate_nonce=base64_of(applicant.gate_nonce),
        device=applicant.device_id,
        proof=base64_of(applicant.proof),
    )


def decode_applicant(body: bytes) -> Applicant:
    """Read the proof's request. Raises `WireError`."""
    found = _read(body, ("code", "gate_key", "gate_nonce", "device", "proof"))
    return Applicant(
        code_id=text(found["code"], CODE_ID, "code"),
        gate_key=_key(found["gate_key"], "gate_key"),
        gate_nonce=_key(found["gate_nonce"], "gate_nonce"),
        device_id=text(found["device"], _DEVICE, "device"),
        proof=_key(found["proof"], "proof"),
    )


def encode_answer(granted: str, proof: bytes) -> bytes:
    """Write the proof's answer."""
    return _encode(granted=granted, proof=base64_of(proof))


def decode_answer(body: bytes) -> tuple[str, bytes]:
    """Read the proof's answer: the text that was granted, unread, and its proof. Raises `WireError`."""
    found = _read(body, ("granted", "proof"))
    granted = found["granted"]
    if not isinstance(granted, str) or any("\ud800" <= char <= "\udfff" for char in granted):
        raise WireError("granted: must be text")
    return granted, _key(found["proof"], "proof")


def encode_granted(granted: Granted) -> str:
    """Write what is granted."""
    keys = sealing_days.documents_of(granted.sealing_keys)
    return json.dumps({"device": granted.device_id, "at": granted.at_ms, "sealing_keys": keys}, separators=(",", ":"))


def decode_granted(granted: str) -> Granted:
    """Read what is granted, after its proof held. Raises `WireError`."""
    found = document(granted.encode(), MOST_BYTES)
    return Granted(
        device_id=text(found.get("device"), NAME, "granted.device"),
        sealing_keys=sealing_days.keys_from(found.get("sealing_keys")),
        at_ms=integer(found.get("at"), 0, "granted.at"),
    )


def _key(value: object, where: str) -> bytes:
    return octets(value, _KEY_BYTES, _KEY_BYTES, where)


def _encode(**fields: str) -> bytes:
    return json.dumps({"contract": CONTRACT, **fields}, separators=(",", ":")).encode()


def _read(body: bytes, keys: tuple[str, ...]) -> dict[str, object]:
    """Read a message; both sides may say more than these keys, which is passed over."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    for key in keys:
        if key not in found:
            raise WireError(f"{key}: missing")
    return found
