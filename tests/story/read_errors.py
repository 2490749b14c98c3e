"""Records while the card gives read errors, as a process of its own in which a test lets reads fail.

Its argument: the state folder. The file is opened anew with every tenth visitor, as after any failed write.
Prints one JSON object: how many were recorded and how many refused.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from device.crypto.sealing import Sealer, new_key_pair
from device.errors import LedgerUnavailable
from device.store.ledger import SqliteLedger
from tests.support.fakes import FakeClock
from tests.support.visitors import visitor

VISITORS = 120

if __name__ == "__main__":
    clock, sealer, recorded = FakeClock(), Sealer("gate-1", [new_key_pair()[0]]), 0
    for tens in range(0, VISITORS, 10):
        with suppress(LedgerUnavailable), SqliteLedger.open(Path(sys.argv[1]), "gate-1", sealer) as ledger:
            for number in range(tens, tens + 10):
                with suppress(LedgerUnavailable):
                    ledger.record(visitor(number, clock))
                    recorded += 1
    sys.stdout.write(json.dumps({"recorded": recorded, "refused": VISITORS - recorded}))
