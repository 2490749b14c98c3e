"""A gate is enrolled with a code, over real TLS, with everybody in between who would like to be the hub."""

from __future__ import annotations

import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from device.clock import SystemClock
from device.crypto.sealing import Sealer
from device.crypto.signing import SigningKey
from device.enrolment import document as enrolment
from device.enrolment import pairing
from device.enrolment.code import EnrolCode, new_code
from device.enrolment.document import Enrolment
from device.errors import EnrolUnproven, HubNonsense, HubRefused, HubRevoked, HubUnreachable
from device.hub.api.enrolment import MOST_OF_AN_ADDRESS
from device.hub.child_process import HubProcess
from device.hub.db.database import HubDatabase
from device.hub.db.enrolments import Enrolled
from device.hub.folder import HubFolder
from device.hub.keyring.certificates import make_authority, make_server_certificate
from device.model import Receipt
from device.store.ledger import SqliteLedger
from device.store.reading import LedgerReader
from device.strict_json import base64_of
from device.uplink.connection import unverified
from device.uplink.enrol import UNPROVEN_PAUSE, Enroller, EnrolmentClient, enrol
from device.uplink.hub import HubClient
from tests.support.databases import both_databases, hub_folder
from tests.support.fake_outbox import batch_of, chained_rows, check_in
from tests.support.fake_server import LOOPBACK, PATIENCE_S, RawServer, answering, read_request


@dataclass
class Place:
    """A hub over TLS and a gate's empty state folder."""

    hub: HubProcess
    folder: HubFolder
    store: HubDatabase
    gate: Path

    def enrol(self, code: EnrolCode, url: str = "", gate: Path | None = None) -> Enrolment:
        return enrol(gate or self.gate, code, EnrolmentClient(url or self.hub.url, SystemClock(), PATIENCE_S))

    def applicant(self, code: EnrolCode) -> pairing.Applicant:
        key = SigningKey.new()
        applicant = pairing.Applicant(code.code_id, key.public, bytes(32), "", b"")
        hello = self.folder.public_identity().hello(code.code_id)
        return replace(applicant, proof=pairing.gate_proof(pairing.proof_key(code), hello, applicant))

    def post(self, path: str, body: bytes) -> requests.Response:
        ca = self.folder.path.parent / "ca.pem"
        ca.write_text(self.folder.public_identity().ca)
        return requests.post(self.hub.url + path, body, verify=str(ca), headers={"Connection": "close"}, timeout=20)

    def send(self, enrolled: Enrolment, count: int = 2) -> Receipt:
        uplink = HubClient(self.hub.url, enrolled, SystemClock(), deadline_s=PATIENCE_S)
        rows = chained_rows(enrolled.device_id, enrolled.sealing_keys[-1], count)
        try:
            return uplink.deliver(batch_of(enrolled.device_id, rows))
        finally:
            uplink.close()


@pytest.fixture
def place(tmp_path: Path, database_url: str | None) -> Iterator[Place]:
    folder = hub_folder(tmp_path / "hub", SystemClock(), database_url)
    (tmp_path / "gate").mkdir(mode=0o700)
    store = folder.open_store()
    with HubProcess(folder.path, tls=True) as hub:
        yield Place(hub, folder, store, tmp_path / "gate")
    store.close()


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@both_databases
def test_a_code_makes_a_gate_that_the_hub_takes_batches_from(place: Place) -> None:
    enrolled = place.enrol(place.store.new_code("Cổng A"))
    assert place.hub.url.startswith("https://")
    assert files(place.gate) == {"enrolment.json"}
    assert enrolment.read(place.gate / "enrolment.json") == enrolled
    assert enrolled.ca == place.folder.public_identity().ca
    assert place.send(enrolled) == Receipt(2)


def test_a_gate_that_calls_the_hub_by_another_name_is_told_so_and_not_enrolled(tmp_path: Path) -> None:
    """Enrolled it would be answered 421 whatever it asks."""
    folder = HubFolder.create(tmp_path / "hub", SystemClock(), ["hub.example.vn", "localhost"])
    (tmp_path / "gate").mkdir(mode=0o700)
    with closing(folder.open_store()) as store, HubProcess(folder.path) as hub:
        place, code = Place(hub, folder, store, tmp_path / "gate"), store.new_code("Cổng A")
        assert hub.url.startswith(f"http://{LOOPBACK}")
        with pytest.raises(EnrolUnproven, match=r"the hub is not called so: write hub\.url as `hub code` prints it"):
            place.enrol(code)
        applicant = pairing.encode_applicant(place.applicant(code))
        headers = {"Connection": "close"}
        refused = requests.post(hub.url + pairing.PROOF_PATH, applicant, headers=headers, timeout=PATIENCE_S)
        assert refused.status_code == 421
        assert store.gates() == []
        place.enrol(code, hub.url.replace(LOOPBACK, "localhost"))
        assert [gate.name for gate in store.gates()] == ["Cổng A"]


@both_databases
def test_wrong_secrets_enrol_nobody_and_are_told_to_wait_and_the_code_lives(place: Place) -> None:
    code = place.store.new_code("Cổng A")
    for _ in range(5):
        with pytest.raises(EnrolUnproven, match="does not take this code"):
            place.enrol(EnrolCode(code.code_id, new_code().secret))
    with pytest.raises(HubRefused) as caught:
        place.enrol(EnrolCode(code.code_id, new_code().secret))
    assert caught.value.status == 429
    assert files(place.gate) == {"device.key"}
    assert place.store.gates() == []
    elsewhere = place.applicant(code)
    assert isinstance(place.store.enrol(elsewhere, place.folder.public_identity()), Enrolled)


@both_databases
def test_codes_that_live_are_spent_or_never_were_are_answered_with_as_many_bytes_and_alike(place: Place) -> None:
    live, used = place.store.new_code("Cổng A"), place.store.new_code("Cổng B")
    place.enrol(used)
    hellos = [place.post(pairing.HELLO_PATH, pairing.encode_question(c)) for c in (live.code_id, used.code_id, "0000")]
    assert [hello.status_code for hello in hellos] == [200] * 3
    assert len({len(hello.content) for hello in hellos}) == 1
    assert [hello.content for hello in hellos] == [
        place.post(pairing.HELLO_PATH, pairing.encode_question(c)).content for c in (live.code_id, used.code_id, "0000")
    ]
    wrong = [
        place.post(pairing.PROOF_PATH, pairing.encode_applicant(replace(place.applicant(code), proof=bytes(32))))
        for code in (live, used, EnrolCode("0000", live.secret))
    ]
    assert len({(answer.status_code, answer.content) for answer in wrong}) == 1


def test_ids_are_asked_for_at_a_pace_and_the_log_says_so_once(place: Place) -> None:
    answers = [place.post(pairing.HELLO_PATH, pairing.encode_question("0000")) for _ in range(MOST_OF_AN_ADDRESS + 10)]
    assert [answer.status_code for answer in answers] == [200] * MOST_OF_AN_ADDRESS + [429] * 10
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


@both_databases
def test_enrolled_again_a_gate_keeps_device_ledger_and_epoch(place: Place) -> None:
    first = place.enrol(place.store.new_code("Cổng A"))
    with SqliteLedger.open(place.gate, first.device_id, Sealer(first.device_id, first.sealing_keys)) as ledger:
        epoch = ledger.epoch
        ledger.record(check_in(1))
    with pytest.raises(EnrolUnproven, match="--again"):
        place.enrol(place.store.new_code("Cổng B"))
    again = place.enrol(place.store.new_code("Cổng A", first.device_id))
    assert (again.device_id, again.key == first.key) == (first.device_id, False)
    with LedgerReader(place.gate) as reader:
        assert (reader.device_id, reader.epoch, len(list(reader.rows()))) == (first.device_id, epoch, 1)
    with pytest.raises(HubRefused):
        place.send(first)
    assert place.send(again) == Receipt(2)


@both_databases
def test_a_revoked_gate_hears_it_from_the_root_and_comes_back_with_a_new_code(place: Place) -> None:
    first = place.enrol(place.store.new_code("Cổng A"))
    place.folder.revoke(place.store, first.device_id, first.key.public)
    with pytest.raises(HubRevoked) as caught:
        place.send(first)
    enrolment.note_revoked(place.gate, caught.value.statement)
    assert enrolment.is_revoked(place.gate, first)
    again = place.enrol(place.store.new_code("Cổng A", first.device_id))
    assert not enrolment.is_revoked(place.gate, again)
    assert files(place.gate) == {"enrolment.json"}
    assert place.send(again) == Receipt(2)


@both_databases
def test_an_answer_that_got_lost_makes_no_second_gate(place: Place) -> None:
    code = place.store.new_code("Cổng A")
    with (
        Between(place, lambda path, _: None if path == pairing.PROOF_PATH else b"", own=False) as line,
        pytest.raises(HubUnreachable),
    ):
        place.enrol(code, line.url)
    assert files(place.gate) == {"device.key"}
    (gate,) = place.store.gates()
    assert place.enrol(code).device_id == gate.device_id
    assert len(place.store.gates()) == 1


class Between(RawServer):
    """Somebody between a gate and its hub, with a certificate of their own (or, for a bad line, the hub's).

    *change* gets the path and the hub's answer body, and returns what to answer instead: empty for the same,
    ``None`` for nothing at all.
    """

    def __init__(self, place: Place, change: Callable[[str, bytes], bytes | None], *, own: bool = True) -> None:
        self.ca, context = certified()
        if not own:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*place.folder.certificate_files)
        super().__init__(self._pass_on, context)
        self._port = place.hub.port
        self._change = change
        self.requests: list[str] = []

    def _pass_on(self, connection: socket.socket) -> None:
        while request := read_request(connection):
            path = request.split(b" ", 2)[1].decode()
            self.requests.append(path)
            with (
                socket.create_connection((LOOPBACK, self._port), timeout=PATIENCE_S) as line,
                unverified().wrap_socket(line) as hub,
            ):
                hub.sendall(request)
                head, _, body = read_request(hub).partition(b"\r\n\r\n")
            changed = self._change(path, body)
            if changed is None:
                return
            body = changed or body
            lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
            connection.sendall(b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body)


def certified() -> tuple[str, ssl.SSLContext]:
    """Return an authority of somebody's own and what they serve with."""
    ca, ca_key = make_authority()
    certificate, key = make_server_certificate(ca, ca_key, [LOOPBACK])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with as_files(certificate, key) as paths:
        context.load_cert_chain(paths[0], paths[1])
    return ca.decode(), context


@contextmanager
def as_files(*contents: bytes) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(number) for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield paths


def test_somebody_in_between_who_passes_everything_on_gets_no_second_request(place: Place) -> None:
    with Between(place, lambda _path, _body: b"") as thief, pytest.raises(HubNonsense, match="certificate"):
        place.enrol(place.store.new_code("Cổng A"), thief.url)
    assert thief.requests == [pairing.HELLO_PATH]
    assert files(place.gate) == {"device.key"}


@pytest.mark.parametrize("added", ["instead", "before", "after"])
def test_somebody_in_between_cannot_bring_in_an_authority_of_their_own(place: Place, added: str) -> None:
    def change(path: str, body: bytes) -> bytes:
        if path != pairing.HELLO_PATH:
            return b""
        document = json.loads(body)
        document["ca"] = {
            "instead": thief.ca,
            "before": thief.ca + document["ca"],
            "after": document["ca"] + thief.ca,
        }[added]
        return json.dumps(document).encode()

    with Between(place, change) as thief, pytest.raises((EnrolUnproven, HubNonsense)):
        place.enrol(place.store.new_code("Cổng A"), thief.url)
    assert files(place.gate) == {"device.key"}
    assert place.store.gates() == []


@pytest.mark.parametrize("field", ["hub_key", "hub_nonce"])
def test_somebody_in_between_cannot_change_the_greeting(place: Place, field: str) -> None:
    def change(path: str, body: bytes) -> bytes:
        other = base64_of(SigningKey.new().public)
        return json.dumps(json.loads(body) | {field: other}).encode() if path == pairing.HELLO_PATH else b""

    # On the hub's own certificate, as if its private key had been stolen.
    with Between(place, change, own=False) as thief, pytest.raises(EnrolUnproven):
        place.enrol(place.store.new_code("Cổng A"), thief.url)
    assert place.store.gates() == []


@pytest.mark.parametrize("field", ["granted", "proof"])
def test_somebody_in_between_cannot_change_what_is_granted(place: Place, field: str) -> None:
    def change(path: str, body: bytes) -> bytes:
        if path == pairing.HELLO_PATH:
            return b""
        document = json.loads(body)
        granted = json.loads(document["granted"])
        granted["sealing_keys"][0]["public"] = base64_of(bytes([9]) + bytes(31))
        other = {"granted": json.dumps(granted), "proof": base64_of(bytes(32))}
        return json.dumps(document | {field: other[field]}).encode()

    with Between(place, change, own=False) as thief, pytest.raises(HubNonsense, match="does not know this code"):
        place.enrol(place.store.new_code("Cổng A"), thief.url)
    assert files(place.gate) == {"device.key"}


@pytest.mark.parametrize("reflect", [True, False])
def test_a_hub_that_does_not_know_the_secret_enrols_nobody(place: Place, reflect: bool) -> None:  # noqa: FBT001
    code = place.store.new_code("Cổng A")
    ca, context = certified()
    hello = pairing.Hello(SigningKey.new().public, bytes(32), pairing.one_certificate(ca))
    granted = pairing.encode_granted(pairing.Granted("gate-ffffff", place.folder.sealing_keys(), 1_767_225_600_000))

    def script(connection: socket.socket) -> None:
        while request := read_request(connection):
            body = pairing.encode_hello(hello)
            if pairing.PROOF_PATH.encode() in request.partition(b"\r\n")[0]:
                # The best it can do: send the gate's own proof back, or one under a guessed secret.
                applicant = pairing.decode_applicant(request.partition(b"\r\n\r\n")[2])
                guess = pairing.hub_proof(pairing.ProofKey(code.code_id, bytes(32)), hello, applicant, granted)
                body = pairing.encode_answer(granted, applicant.proof if reflect else guess)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            connection.sendall(head + body)

    with RawServer(script, context) as impostor, pytest.raises(HubNonsense, match="does not know this code"):
        place.enrol(code, impostor.url)
    assert files(place.gate) == {"device.key"}


PORTAL: dict[str, tuple[str, bytes]] = {
    "200 OK": ("text/html", b"<html>Welcome to the free Wi-Fi</html>"),
    "204 No Content": ("text/html", b""),
    "302 Found": ("text/html", b"<html>log in</html>"),
    "307 Temporary Redirect": ("text/html", b""),
    "401 Unauthorized": ("application/json", b"{}"),
    "403 Forbidden": ("text/html", b"<html>blocked</html>"),
    "404 Not Found": ("text/html", b"<html></html>"),
    "407 Proxy Authentication Required": ("text/html", b"<html></html>"),
    "409 Conflict": ("application/json", b"{}"),
    "410 Gone": ("application/json", b'{"detail": "no such code"}'),
    "421 Misdirected Request": ("text/html", b""),
    "451 Unavailable For Legal Reasons": ("text/html", b""),
    "500 Internal Server Error": ("text/html", b""),
    "511 Network Authentication Required": ("text/html", b"<html>log in</html>"),
}


class Portal(RawServer):
    """Answers everybody over a certificate of its own until it is opened, then passes each byte on to the hub."""

    def __init__(self, hub_url: str, status: str) -> None:
        kind, body = PORTAL[status]
        head = f"HTTP/1.1 {status}\nContent-Type: {kind}\nContent-Length: {len(body)}\nLocation: http://login.invalid/"
        self._portal = answering(head, body)
        self._hub_port = urlsplit(hub_url).port
        self._context = certified()[1]
        self.opened = False
        super().__init__(self._let_in)

    def _let_in(self, connection: socket.socket) -> None:
        if not self.opened:
            with self._context.wrap_socket(connection, server_side=True) as secured:
                self._portal(secured)
            return
        with socket.create_connection((LOOPBACK, self._hub_port or 0), timeout=PATIENCE_S) as hub:
            self._start(lambda: self._pump(hub, connection))
            self._pump(connection, hub)

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("status", PORTAL)
def test_a_captive_portal_at_the_first_contact_ends_no_enrolment_and_is_told_as_one(
    place: Place, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    code, told = place.store.new_code("Cổng A"), list[str]()
    with Portal(place.hub.url, status) as portal:
        url = f"https://{LOOPBACK}:{portal.port}"

        class Patient(SystemClock):
            """Somebody logs in at the portal in the third pause; no pause takes any time."""

            pauses = 0

            def wait(self, until: threading.Event, timeout_s: float) -> bool:
                self.pauses += 1
                portal.opened = self.pauses == 3
                return until.is_set()

        clock = Patient()
        Enroller(lambda: place.enrol(code, url), clock, told=told.append).run()
    assert clock.pauses == 3
    assert enrolment.read(place.gate / "enrolment.json") is not None
    assert told[-1] == ""
    assert len(told) == 2
    assert ("portal" in told[0]) or status.startswith("500")
    assert caplog.text.count("event=enrolment-waits") == 1
    assert code.secret not in caplog.text


def test_a_gate_waits_for_its_hub_and_is_enrolled_when_it_comes(place: Place) -> None:
    code = place.store.new_code("Cổng A")
    place.hub.stop()

    class Back(SystemClock):
        """The hub comes back in the first pause."""

        def wait(self, until: object, timeout_s: float) -> bool:
            place.hub.start()
            return False

    Enroller(lambda: place.enrol(code), Back()).run()
    assert enrolment.read(place.gate / "enrolment.json") is not None


def test_a_code_no_hub_knows_is_tried_on_slowly_and_the_log_says_once_what_to_compare(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    code = new_code()

    class Ending(SystemClock):
        pauses = 0

        def wait(self, until: threading.Event, timeout_s: float) -> bool:
            self.pauses += 1
            assert timeout_s >= UNPROVEN_PAUSE.total_seconds()
            if self.pauses == 3:
                enroller.close()
            return until.is_set()

    enroller = Enroller(lambda: place.enrol(code), Ending())
    enroller.run()
    assert caplog.text.count("event=enrolment-waits") == 1
    assert "Compare it with the hub's screen" in caplog.text
    assert code.secret not in caplog.text
