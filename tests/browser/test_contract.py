"""Whatever the contract allows, and much that it does not, signed as a gate signs: the hub never answers with a 5xx.

It needs no browser; schemathesis, which makes the requests, is among what only these tests have.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings

from device.crypto.signing import signature_headers
from device.enrolment.document import Enrolment
from device.hub.api.openapi import document
from tests.browser.real_hub import RealHub

if TYPE_CHECKING:
    from schemathesis import Case

pytestmark = pytest.mark.browser
OPERATIONS: Final = sorted(
    (method, path, fits)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    for fits in (True, False)
    if fits or operation.keys() & {"parameters", "requestBody"}  # what asks for nothing is asked in one way only
)
GATES: Final = 40
"""What one gate may ask in a minute is limited; of all these together less is refused for that."""
EXAMPLES: Final = 15
PATIENCE_S: Final = 30.0


class Sender:
    """Sends what schemathesis makes up, as one gate after the other, or as the operator."""

    def __init__(self, hub: RealHub) -> None:
        self._hub = hub
        self._gates: Iterator[Enrolment] = cycle([hub.folder.add_gate(f"Cổng {number}") for number in range(GATES)])
        self._session = requests.Session()
        self._session.verify = str(hub.folder.path / "tls" / "ca.pem")
        self._token = hub.folder.operator_token().reveal()

    def status_of(self, case: Case, *, signed: bool) -> int:
        """Send a request; return how it was answered."""
        request = requests.Request(**case.as_transport_kwargs(base_url=self._hub.url)).prepare()
        if signed and request.method == "GET":
            request.headers["Authorization"] = f"Bearer {self._token}"
        elif signed:
            self._sign(request)
        return self._session.send(request, timeout=PATIENCE_S, allow_redirects=False).status_code

    def _sign(self, request: requests.PreparedRequest) -> None:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        if request.path_url.startswith("/v1/checkins"):
            body = gzip.compress(body)
            request.headers["Content-Encoding"] = "gzip"
        gate = next(self._gates)
        request.prepare_body(body, None)
        request.headers.update(
            signature_headers(
                gate.key,
                gate.device_id,
                method=request.method or "POST",
                authority=urlsplit(self._hub.url).netloc,
                target=request.path_url,
                encoding=request.headers.get("Content-Encoding", ""),
                body=body,
            )
        )


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    hub = RealHub(tmp_path_factory.mktemp("contract") / "hub")
    with hub.running():
        yield Sender(hub)


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "not signed"])
@pytest.mark.parametrize(("method", "path", "fits"), OPERATIONS)
def test_no_request_whether_it_fits_the_contract_or_not_is_too_much_for_the_hub(
    sender: Sender, method: str, path: str, *, fits: bool, signed: bool
) -> None:
    import schemathesis  # noqa: PLC0415 - the usual tests have none

    mode = schemathesis.GenerationMode.POSITIVE if fits else schemathesis.GenerationMode.NEGATIVE
    strategy = schemathesis.openapi.from_dict(document())[path][method.upper()].as_strategy(generation_mode=mode)
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def send(case: Case) -> None:
        status = sender.status_of(case, signed=signed)
        statuses.add(status)
        assert status < 500

    send()
    assert statuses
