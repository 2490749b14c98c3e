"""An evening at a real gate, and the copy of its state folder that a thief carries away.

Scan loop, recognition, trust list, policy, ledger and sealing are the real ones; only camera and lamps are not there.
The copy is taken while the ledger is open, as it would be from a card pulled out of a running gate: with the
write-ahead log, and with pages of rows that were delivered and deleted.
"""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from device.app.site_plans import inline_policy, presence, store_limits
from device.clock import ClockReading, ClockState, JudgedClock
from device.credential import recognise
from device.credential.hc1.trust_list import TrustList
from device.crypto.sealed_body import encode_body
from device.crypto.sealing import Sealer, new_key_pair
from device.crypto.signing import SigningKey
from device.enrolment import document as enrolment
from device.enrolment.document import Enrolment
from device.gate.link_status import LinkStatus
from device.gate.occupancy import Occupancy
from device.gate.registrar import Registrar, Way
from device.gate.rules import Rules, RulesInForce
from device.gate.scan import Gate, scan
from device.gate.traffic import Traffic
from device.model import CheckIn, Claim, Credential, Cue, Receipt, Sight, Symbol
from device.monitor.health import Health
from device.monitor.systemd import SystemdNotifier
from device.policy import Recent, Situation, decide
from device.settings.load import load
from device.settings.schema import Site
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.strict_json import base64_of
from tests.support.fakes import BelievingMark
from tests.support.issuer import Issuer
from tests.support.suspects import Suspect, payloads

_OPENED: Final = ClockReading("5e" * 16, 3_600_000, 1_767_225_600_000, ClockState.SYNCHRONISED)
_CORNERS: Final = ((100, 100), (300, 100), (300, 300), (100, 300))
_DELIVERED: Final = 0.1
_SITE: Final = """\
place: {name: Chợ Thử Nghiệm, kind: market, province: Quảng Ngãi}
camera: {source: replay, replay: {path: .}}
pins: {driver: mock, green: 17, red: 27}
policy:
  version: evening-1
  accept: [national-code, citizen-card, citizen-number, hc1]
store: {folder: state, volatile_ok: true}
"""
"""Insurance cards are denied and bare numbers referred, so that outcomes differ."""


class Lock(StrEnum):
    """How bodies lie on the card."""

    SEALED = "sealed"
    """As the gate does it."""
    UNPADDED = "unpadded"
    """As unreadable, but as long as what is in them: to see that the thief would notice."""
    OPEN = "open"
    """Not sealed at all: the same."""


@dataclass(frozen=True, slots=True)
class Evening:
    """What was stolen, and the truth.

    Attributes:
        loot: the copy of the state folder.
        suspects: everybody who may have come.
        came: whether each of them did.
        check_ins: how many rows were written.
    """

    loot: Path
    suspects: tuple[Suspect, ...]
    came: tuple[bool, ...]
    check_ins: int


def body_of(lock: Lock) -> Callable[[CheckIn], bytes]:
    """Return how a body is laid out before it is sealed: the thief has the software too."""
    return encode_body if lock is Lock.SEALED else _unpadded


def an_evening(
    folder: Path, people: int, seed: int, lock: Lock = Lock.SEALED, *, private_key_too: bool = False
) -> Evening:
    """Let about half of *people* come to a gate in *folder* (empty), and steal its state.

    The same seed gives the same people and the same evening; keys are new. With *private_key_too* somebody has left
    the private key in the folder, which the thief must notice.
    """
    chance = random.Random(seed)
    issuers = (Issuer.es256(), Issuer.es256(b"VN-TEST9"))
    trust = TrustList([issuers[0].trusted()])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.yaml").write_text(_SITE, encoding="utf-8")
    site = load(folder / "site.yaml")
    suspects = tuple(_suspect(payload, site, trust) for payload in payloads(people, seed, chance, issuers))
    came = tuple(chance.random() < 0.5 for _ in suspects)
    queue = [suspect for suspect, there in zip(suspects, came, strict=True) if there]
    chance.shuffle(queue)
    gate_key, (key, private) = SigningKey.new(), new_key_pair()
    state = site.store.folder
    state.mkdir(mode=0o700)
    enrolled = Enrolment("gate-0badcafe", gate_key, "", SigningKey.new().public, (key,))
    enrolment.write(state / enrolment.FILE_NAME, enrolled)
    if private_key_too:
        (state / "forgotten.key").write_text(base64_of(private), encoding="ascii")
    sealer = _SEALERS[lock](enrolled.device_id, enrolled.sealing_keys)
    with SqliteLedger.open(state, enrolled.device_id, sealer, store_limits(site)) as ledger:
        _let_them_in(site, trust, ledger, queue, chance)
        check_ins = _deliver_some(state, round(len(queue) * _DELIVERED))
        shutil.copytree(folder, folder.with_name(f"{folder.name}.stolen"))
    return Evening(folder.with_name(f"{folder.name}.stolen"), suspects, came, check_ins)


def _suspect(payload: bytes, site: Site, trust: TrustList) -> Suspect:
    claim = recognise(payload, trust)
    assert isinstance(claim, Credential)
    decision = decide(claim, Situation(inline_policy(site), Recent(), site.direction, _OPENED))
    return Suspect(payload, CheckIn(claim, decision, site.place, site.direction, _OPENED))


class _DoorClock:
    """Time at the door: it passes when the next visitor comes."""

    def __init__(self) -> None:
        self._passed_ms = 0

    def pass_ms(self, ms: int) -> None:
        self._passed_ms += ms

    def reading(self) -> ClockReading:
        at = _OPENED
        return ClockReading(at.boot_id, at.monotonic_ms + self._passed_ms, at.wall_ms + self._passed_ms, at.state)

    def monotonic_s(self) -> float:
        return self.monotonic_ms() / 1000

    def monotonic_ms(self) -> int:
        return _OPENED.monotonic_ms + self._passed_ms

    def wait(self, until: threading.Event, timeout_s: float) -> bool:
        self.pass_ms(round(timeout_s * 1000))
        return until.is_set()


class _Queue:
    """The eye of the evening: each visitor holds up a code and goes; one in ten comes back within the minute."""

    def __init__(self, queue: list[Suspect], clock: _DoorClock, chance: random.Random) -> None:
        self._queue = queue
        self._clock = clock
        self._chance = chance

    def sights(self, _stop: threading.Event) -> Iterator[Sight]:
        frame = 0
        for suspect in self._queue:
            for _ in range(2 if self._chance.random() < 0.1 else 1):
                self._clock.pass_ms(round(self._chance.expovariate(1 / 20_000)) + 2_000)
                now_ms = self._clock.reading().monotonic_ms
                yield Sight(frame, now_ms, (Symbol(suspect.payload, _CORNERS, "zxing"),))
                self._clock.pass_ms(1_500)
                yield Sight(frame + 1, now_ms + 1_500)
                frame += 2


class _Dark:
    """No lamps: nobody is there to see them."""

    def show(self, cue: Cue) -> None:
        pass

    def rest_on(self, cue: Cue) -> None:
        pass

    def close(self) -> None:
        pass


def _let_them_in(
    site: Site, trust: TrustList, ledger: SqliteLedger, queue: list[Suspect], chance: random.Random
) -> None:
    clock = _DoorClock()

    def claim_of(payload: bytes) -> Claim:
        return recognise(payload, trust)

    way, judged = Way(site.direction, lambda: False), JudgedClock(clock, BelievingMark())
    rules = RulesInForce(Rules(inline_policy(site)))
    scan(
        Gate(
            eye=_Queue(queue, clock, chance),
            presence=presence(site, claim_of),
            registrar=Registrar(rules, Recent(), Occupancy(), ledger, judged, site.place, way),
            indicator=_Dark(),
            clock=clock,
            health=Health(clock, SystemdNotifier({})),
            link=LinkStatus(0),
            traffic=Traffic(clock),
            new_row=threading.Event(),
            pressed=threading.Event(),
            watch=lambda _answer: None,
        ),
        threading.Event(),
    )


def _deliver_some(state: Path, rows: int) -> int:
    """Deliver and delete the first rows, so that their pages lie free; return how many were written in all."""
    with SqliteOutbox(state) as outbox:
        batch = outbox.next_batch(max(1, rows), 1 << 20)
        if batch is not None:
            outbox.settle(batch, Receipt(batch.rows[-1].seq))
        written = outbox.backlog().recorded
        outbox.tidy(0, replace(_OPENED, wall_ms=_OPENED.wall_ms + round(timedelta(days=1) / timedelta(milliseconds=1))))
    return written


def _unpadded(check_in: CheckIn) -> bytes:
    body = encode_body(check_in)
    return body[: 3 + int.from_bytes(body[1:3], "big")]


class _UnpaddedSealer(Sealer):
    """Random bytes as long as the sealed content would be: nobody opens these."""

    def seal(self, check_in: CheckIn, epoch: str, seq: int) -> tuple[str, bytes]:
        key_id, sealed = super().seal(check_in, epoch, seq)
        return key_id, sealed[: len(_unpadded(check_in)) + 48]


class _OpenSealer(Sealer):
    """The content as it is."""

    def seal(self, check_in: CheckIn, epoch: str, seq: int) -> tuple[str, bytes]:
        key_id, _ = super().seal(check_in, epoch, seq)
        return key_id, _unpadded(check_in)


_SEALERS: Final[dict[Lock, type[Sealer]]] = {
    Lock.SEALED: Sealer,
    Lock.UNPADDED: _UnpaddedSealer,
    Lock.OPEN: _OpenSealer,
}
