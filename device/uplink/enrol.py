"""Enrolment client: enrols a gate with a code (`device.enrolment.pairing`), once or again until it works.

Nothing is kept before the hub's proof holds, but the gate's own key: it is made and kept first, so that a
gate whose answer got lost comes again as itself. And nothing is final before it: the first contact takes any
certificate, the second takes the one that the first has named, so a refusal may be that of a captive portal or of
whoever else is in between. It is told as that, and the gate goes on slowly.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.crypto.signing import kept_key
from device.enrolment import document as enrolment
from device.enrolment import pairing
from device.enrolment.code import EnrolCode
from device.enrolment.document import Enrolment
from device.errors import (
    ConfigurationError,
    EnrolRefused,
    EnrolUnproven,
    HubNonsense,
    HubRefused,
    UnknownContract,
    UplinkError,
    WireError,
)
from device.uplink.connection import pinned, unverified
from device.uplink.request import DeadlineClient, certificates
from device.uplink.retry import BackOff, RetryAction, retry_action_of
from device.wire.checkins import CONTRACT
from device.words import say, sentence

UNPROVEN_PAUSE: Final = timedelta(seconds=20)
"""At least, after a refusal that nobody has proved; once a portal opens, a code of 15 minutes must still have time."""
GIVE_UP_S: Final = 20 * 60.0
"""From the first try; no code lives that long."""
_GIVEN_UP: Final = sentence(
    "no hub took this code within 20 minutes, and no code lives longer than 15: make a new one there (gate-scanner hub "
    "code); a restart tries this one again"
)
_OTHER_VERSION: Final = sentence(
    "the hub speaks another version of the contract than this gate ({contract}): upgrade one of the two"
)
_MISNAMED: Final = sentence("the hub is not called so: write hub.url as `hub code` prints it")
_HELLO_REFUSALS: Final = {409: _OTHER_VERSION, 421: _MISNAMED}
_PROOF_REFUSALS: Final = {
    421: _MISNAMED,
    403: sentence(
        "the hub does not take this code: it is used up, expired, mistyped, or another hub's. "
        "Compare it with the hub's screen, or make a new one there (gate-scanner hub code)"
    ),
    409: sentence(
        "this gate is enrolled already, and the code is not for it: "
        "make one that is (gate-scanner hub code DIR NAME --again)"
    ),
}
_LOG_IN_FIRST: Final = 511
"""Network Authentication Required: only a portal says that."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EnrolmentClient:
    """Where and how to ask.

    Attributes:
        url: of the hub.
        clock: for deadlines.
        deadline_s: of each of the two requests.
        ca_file: certificates to trust instead of the ones the hub names.
    """

    url: str
    clock: Clock
    deadline_s: float = 20.0
    ca_file: Path | None = None


def enrol(folder: Path, code: EnrolCode, client: EnrolmentClient) -> Enrolment:
    """Enrol the gate whose state folder is *folder*, and write its enrolment there.

    A gate that is enrolled already gets a new key and keeps its device id, hence its ledger and epoch.

    Raises:
        EnrolRefused: the hub, proven, calls this gate otherwise; the message says what to do.
        EnrolUnproven: this code or this gate is refused, by whom is not proven.
        UplinkError: no answer, or none of the hub's: trying again may help.
        ConfigurationError: the address, a certificate, or what is in the folder cannot be used.
        OSError: the folder cannot be written; nothing changed.
    """
    former = enrolment.read(folder / enrolment.FILE_NAME)
    key = kept_key(folder / enrolment.KEY_FILE)
    theirs = None if client.ca_file is None else certificates(client.ca_file)
    answer = _ask(
        client, theirs or unverified(), pairing.HELLO_PATH, pairing.encode_question(code.code_id), _HELLO_REFUSALS
    )
    try:
        hello = pairing.decode_hello(answer)
        named = pinned(hello.ca)
    except UnknownContract:
        raise EnrolUnproven(_doubted(_OTHER_VERSION)) from None
    except (WireError, ValueError, OSError):  # ssl.SSLError is an OSError
        raise HubNonsense(say("the answer is no greeting of a hub: check hub.url")) from None
    said = "" if former is None else former.device_id
    nonce, proof_key = pairing.gate_nonce(key, code.code_id), pairing.proof_key(code)
    applicant = pairing.Applicant(code.code_id, key.public, nonce, said, b"")
    applicant = replace(applicant, proof=pairing.gate_proof(proof_key, hello, applicant))
    answer = _ask(client, theirs or named, pairing.PROOF_PATH, pairing.encode_applicant(applicant), _PROOF_REFUSALS)
    granted = _proved(proof_key, hello, applicant, answer)
    if said and granted.device_id != said:
        raise EnrolRefused(
            say(
                "the hub calls this gate {device_id}, but its ledger belongs to {said}",
                device_id=granted.device_id,
                said=said,
            )
        )
    enrolled = Enrolment(granted.device_id, key, hello.ca, hello.hub_key, granted.sealing_keys, granted.at_ms)
    enrolment.write(folder / enrolment.FILE_NAME, enrolled)
    for spent in (enrolment.KEY_FILE, enrolment.REVOKED_FILE):
        (folder / spent).unlink(missing_ok=True)
    return enrolled


def _ask(client: EnrolmentClient, trust: ssl.SSLContext, path: str, body: bytes, refusals: Mapping[int, str]) -> bytes:
    server = DeadlineClient(client.url, client.clock, client.deadline_s, trust)
    try:
        return server.post(path, body)
    except HubRefused as refusal:
        if retry_action_of(refusal.status) is RetryAction.WAIT and refusal.status != _LOG_IN_FIRST:
            raise
        said = refusals.get(refusal.status)
        raise EnrolUnproven(
            _doubted(said)
            if said
            else say(
                "answered {status}: something between the gate and the hub answers (a captive portal?), or check "
                "hub.url",
                status=refusal.status,
            )
        ) from None
    finally:
        server.close()


def _doubted(said: str) -> str:
    what = say(said, contract=CONTRACT)
    return say("{what}; or something between the gate and the hub answers (a captive portal?)", what=what)


def _proved(
    key: pairing.ProofKey, hello: pairing.Hello, applicant: pairing.Applicant, answer: bytes
) -> pairing.Granted:
    """Verify the hub's proof over what is granted, and only then read it."""
    try:
        granted, proof = pairing.decode_answer(answer)
        expected = pairing.hub_proof(key, hello, applicant, granted)
        if not pairing.same(proof, expected):
            raise HubNonsense(say("what answered does not know this code: check hub.url, and who is in between"))
        return pairing.decode_granted(granted)
    except WireError:
        raise HubNonsense(say("the answer does not enrol anybody: check hub.url")) from None


class Enroller:
    """Tries to enrol until it is done, refused by the hub itself, closed, or the code must have expired.

    Given to a `device.threads.ServiceThread`.

    Args:
        attempt: enrols once (`enrol` with its arguments).
        clock: for the pauses.
        chance: see `BackOff`.
        told: told why it is not done yet, whenever that is another reason; ``""`` when it is done.
    """

    def __init__(
        self,
        attempt: Callable[[], Enrolment],
        clock: Clock,
        chance: Callable[[], float] = random.random,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._attempt = attempt
        self._clock = clock
        self._told = told
        self._back_off = BackOff(chance)
        self._stop = threading.Event()
        self._reason = ""

    def close(self) -> None:
        """Make no further try; one that runs ends at its deadline."""
        self._stop.set()

    def run(self) -> None:
        """Try until done; what it raises is a defect."""
        give_up_s = self._clock.monotonic_s() + GIVE_UP_S
        while not self._stop.is_set():
            if self._clock.monotonic_s() >= give_up_s:
                self._is_new(_GIVEN_UP)
                log.error("event=enrolment-given-up reason=%r", _GIVEN_UP)
                return
            try:
                enrolled = self._attempt()
            except (EnrolRefused, ConfigurationError) as error:
                self._is_new(str(error))
                log.error("event=enrolment-refused reason=%r", str(error))  # noqa: TRY400 - the reason says all
                return
            except (UplinkError, OSError) as error:
                reason = str(error) if isinstance(error, UplinkError) else error.strerror or "cannot be written"
                if self._is_new(reason):
                    log.warning("event=enrolment-waits reason=%r", reason)
                self._clock.wait(self._stop, self._back_off.next_s(_asked_to_wait(error)))
            else:
                log.info("event=enrolled device=%s", enrolled.device_id)
                self._is_new("")
                return

    def _is_new(self, reason: str) -> bool:
        """Pass the reason on; return whether it is another than before."""
        if reason == self._reason:
            return False
        self._reason = reason
        if self._told is not None:
            self._told(reason)
        return True


def _asked_to_wait(error: Exception) -> timedelta | None:
    if isinstance(error, EnrolUnproven):
        return UNPROVEN_PAUSE
    return error.retry_after if isinstance(error, HubRefused) else None
