"""A hub on loopback with one gate, and signed requests to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from device.crypto.sealing import SealingKey
from device.crypto.signing import signature_headers
from device.enrolment.document import Enrolment
from device.hub.db.database import HubDatabase
from device.hub.folder import HubFolder


@dataclass(frozen=True)
class RunningHub:
    """A hub on loopback with one gate."""

    folder: HubFolder
    url: str
    store: HubDatabase
    gate: Enrolment

    @property
    def key(self) -> SealingKey:
        return self.gate.sealing_keys[-1]

    def get(self, path: str, token: str | None = None) -> requests.Response:
        token = token or self.folder.operator_token().reveal()
        headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        return requests.get(self.url + path, headers=headers, timeout=20)

    def post(
        self,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        gate: Enrolment | None = None,
        path: str = "/v1/checkins",
    ) -> requests.Response:
        """Post a batch signed by *gate*; *headers* replace those that were signed, but the encoding is signed."""
        gate, headers = gate or self.gate, headers or {}
        encoding = headers.get("Content-Encoding", "gzip")
        sent = {"Content-Encoding": encoding, "Connection": "close"}
        sent |= signature_headers(
            gate.key,
            gate.device_id,
            method="POST",
            authority=urlsplit(self.url).netloc,
            target=path,
            encoding=encoding,
            body=body,
        )
        return requests.post(self.url + path, data=body, headers=sent | headers, timeout=20)
