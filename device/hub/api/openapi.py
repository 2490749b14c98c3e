"""The OpenAPI document of the running application: ``python -m device.hub.api.openapi > config/central-api.yaml``."""

from __future__ import annotations

import sys
from typing import Any, Final

import yaml
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from sqlalchemy import create_engine

from device.clock import SystemClock
from device.crypto.secret import Secret
from device.hub.api.app import create_app
from device.hub.api.schemas import MODELS
from device.hub.believed_clock import BelievedClock
from device.hub.db.database import HubDatabase
from device.hub.keyring.public_identity import PublicIdentity
from device.wire.checkins import CONTRACT

_ABOUT: Final = (
    "What a gate asks of its central server. Anybody may write another one: examples byte for byte are in "
    "tests/golden/wire, the layout of what is signed, sealed and hashed in the docstrings of device/crypto/signing.py, "
    "device/enrolment/pairing.py, device/wire/checkins.py, device/wire/revocation.py, device/wire/time_fields.py, "
    "device/wire/bundle.py, device/crypto/sealing.py, device/crypto/sealed_body.py and device/wire/hash_chain.py. "
    "A gate needs the two enrolment requests and POST /v1/checkins; POST /v1/status only when "
    "a policy asks; POST /v1/state to tell how it stands (a centre without it answers 404); POST /v1/bundles to take "
    "over the hub's policy, lists and keys; POST /v1/time, or the time in a receipt, to know how late it is; the rest "
    "is for the operator."
)
_HEAD: Final = "# Generated: python -m device.hub.api.openapi > config/central-api.yaml\n"


def document() -> dict[str, Any]:
    """Return the document, from the application's own routes."""
    store = HubDatabase(create_engine("sqlite://"), BelievedClock(SystemClock()))
    app = create_app(store, Secret("-" * 16), PublicIdentity(frozenset(), b"", "", tuple))
    found = get_openapi(title="Gate hub", version=CONTRACT, description=_ABOUT, routes=app.routes)
    store.close()
    _, models = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    components = found.setdefault("components", {})
    components["schemas"] = dict(sorted((components.get("schemas", {}) | models["$defs"]).items()))
    components["securitySchemes"] = {"operator": {"type": "http", "scheme": "bearer"}}
    return found


def text() -> str:
    """Return the document as it lies in config/."""
    return _HEAD + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=110)


if __name__ == "__main__":
    sys.stdout.write(text())
