"""JSON schema of ``hub.yaml`` for editors: ``python -m device.hub.settings.jsonschema > config/hub.schema.json``."""

from __future__ import annotations

import sys

from device.hub.settings.schema import HubSettings
from device.settings.jsonschema import schema_of


def hub_schema() -> str:
    """Return it as text with a line end."""
    return schema_of(HubSettings, "hub")


if __name__ == "__main__":
    sys.stdout.write(hub_schema())
