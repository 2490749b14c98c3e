"""One visitor with one code, from the eye to whoever unseals the check-in, as a process of its own.

Its arguments: the payload, a policy document, an empty folder for the ledger. Prints what each step says as one JSON
object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import device
from device.clock import ClockReading, ClockState
from device.credential import keys_of, recognise
from device.crypto.sealing import Sealer, new_key_pair, unseal
from device.gate.presence import Presence, PresenceLimits
from device.model import CheckIn, Credential, Direction, Sight, Symbol, WebhookField
from device.policy import RECORD_ONLY, Policy, Recent, Situation, decide
from device.settings.load import load_policy
from device.store.ledger import SqliteLedger
from device.store.outbox import SqliteOutbox
from device.uplink.webhook import document_of
from tests.support.fake_outbox import PLACE

DEVICE = "gate-1"
AT = ClockReading("0" * 32, 1_000, 1_767_225_600_000, ClockState.SYNCHRONISED)
CORNERS = ((0, 0), (99, 0), (99, 99), (0, 99))


def shown(payload: bytes) -> Credential:
    """Hold the code up once; return who the gate says it speaks of."""
    sight = Sight(0, AT.monotonic_ms, (Symbol(payload, CORNERS, "zxing"),))
    reading = Presence(recognise, PresenceLimits(), "").look(sight)
    assert reading is not None
    assert isinstance(reading.claim, Credential), reading.claim
    return reading.claim


def judged(credential: Credential, policy: Policy) -> tuple[str, str]:
    decision = decide(credential, Situation(policy, Recent(), Direction.IN, AT))
    return decision.outcome.value, decision.reason.value


def told(credential: Credential, policy: Policy, folder: Path) -> dict[str, object]:
    """Write the check-in down, sealed, and take it out of the ledger again; return what is told of it."""
    key, private = new_key_pair()
    decision = decide(credential, Situation(policy, Recent(), Direction.IN, AT))
    with SqliteLedger.open(folder, DEVICE, Sealer(DEVICE, [key])) as ledger:
        ledger.record(CheckIn(credential, decision, PLACE, Direction.IN, AT))
    with SqliteOutbox(folder) as outbox:
        batch = outbox.next_batch(1, 1_000_000)
    assert batch is not None
    body = unseal(private, DEVICE, batch.epoch, batch.rows[0])
    assert body.credential == credential
    return dict(document_of(batch, batch.rows[0], body, (WebhookField.KIND, WebhookField.NAME, WebhookField.DETAILS)))


if __name__ == "__main__":
    payload, document, folder = sys.argv[1:]
    credential, policy = shown(payload.encode()), load_policy(Path(document))
    said = {
        "program": str(Path(device.__file__).parent),
        "kind": credential.kind.value,
        "unnamed": judged(credential, RECORD_ONLY),
        "named": judged(credential, policy),
        "asked by": keys_of(credential),
        "told": told(credential, policy, Path(folder)),
    }
    sys.stdout.write(json.dumps(said))
