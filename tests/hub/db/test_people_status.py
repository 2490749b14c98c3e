"""What the hub knows of people: read from a file, kept under digests, told to gates that may ask."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from device.cli import main
from device.crypto.signing import SigningKey, signature_headers
from device.enrolment.document import is_revocation
from device.errors import ConfigurationError
from device.hub.api.rate_limit import MOST_A_MINUTE
from device.hub.db.database import HubDatabase
from device.hub.db.people_status import digest, read_people
from device.hub.folder import HubFolder
from device.model import HealthColour, Status
from device.wire import status as question
from tests.support.running_hub import RunningHub

THU, MAU = "051090001234", "051194005678"
SECRET = bytes(32)
WELL = Status(declared=True, health=HealthColour.GREEN, movement_declared=True, doses=2)
LINE = '{"citizen_number": "051090001234", "declared": true, "health": "green", "movement_declared": true, "doses": 2}'


def people(folder: Path, *lines: str) -> Path:
    file = folder / "people.jsonl"
    file.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return file


def signed(hub: RunningHub, body: bytes, key: SigningKey | None = None) -> dict[str, str]:
    """Return the headers of a question that the hub's gate has signed, or *key* in its name."""
    return signature_headers(
        key or hub.gate.key,
        hub.gate.device_id,
        method="POST",
        authority=urlsplit(hub.url).netloc,
        target="/v1/status",
        encoding="identity",
        body=body,
    ) | {"Content-Encoding": "identity", "Connection": "close"}


def ask(hub: RunningHub, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    """Post a question signed by the hub's gate; *headers* replace those that were signed."""
    return requests.post(f"{hub.url}/v1/status", data=body, headers=signed(hub, body) | (headers or {}), timeout=20)


def about(*keys: str) -> bytes:
    return question.encode_question(keys)


def fill(hub: RunningHub, *known: tuple[tuple[str, ...], Status]) -> None:
    secret = hub.folder.make_status_secret()
    hub.store.replace_statuses((tuple(digest(secret, key) for key in keys), status) for keys, status in known)


# -- the file -------------------------------------------------------------------------------------


def test_a_line_is_a_person_with_every_number_and_what_is_known(tmp_path: Path) -> None:
    more = '{"insurance_number": "5120001234", "national_code_id": "1632", "citizen_number": "051194005678"}'
    assert read_people(people(tmp_path, "\N{BYTE ORDER MARK}" + LINE, "", more + "\r")) == [
        ((f"citizen:{THU}",), WELL),
        ((f"citizen:{MAU}", "insurance:5120001234", "national:1632"), Status()),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("051090001234", "write a JSON object"),
        ('{"citizen_number": 51090001234}', "citizen_number: not such a number, in quotes"),
        ('{"citizen_number": "51090001234"}', "citizen_number: not such a number"),
        ('{"insurance_number": "051090001234"}', "insurance_number: not such a number"),
        ('{"health": "green"}', "write one of citizen_number"),
        ('{"citizen_number": "051090001235", "helth": "red"}', "write only citizen_number, declared"),
        ('{"citizen_number": "051090001235", "health": "purple"}', "health"),
        ('{"citizen_number": "051090001235", "declared": "yes"}', "declared: must be true, false or null"),
        ('{"citizen_number": "051090001235", "doses": 100}', "doses: must be at most 99"),
        ('{"citizen_number": "051090001235", "doses": 1, "doses": 2}', "each key once"),
        ('{"citizen_number": "051090001234"}', "speaks of a number of line 1 again"),
        ("[" * 3_000, ""),
        ("\x00", ""),
    ],
)
def test_a_line_that_is_wrong_is_named_by_its_number_and_never_repeated(tmp_path: Path, line: str, told: str) -> None:
    file = people(tmp_path, LINE, "", line)
    with pytest.raises(ConfigurationError) as caught:
        read_people(file)
    said = str(caught.value)
    assert said.startswith(f"{file}:3: ")
    assert told in said
    assert said.endswith("; nothing was changed")
    for secret in ("05109", "51090001234", "purple", "helth"):
        assert secret not in said.removeprefix(str(file))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_people(tmp_path / "none.jsonl")


def test_the_file_that_is_shipped_as_an_example_is_right() -> None:
    shipped = read_people(Path(__file__).parents[3] / "config" / "people.example.jsonl")
    assert [status.health for _, status in shipped] == [HealthColour.GREEN, HealthColour.YELLOW, HealthColour.RED]


# -- the store ------------------------------------------------------------------------------------


def test_an_import_replaces_all_that_was_known(store: HubDatabase) -> None:
    store.replace_statuses([((digest(SECRET, "citizen:1"),), WELL)])
    store.replace_statuses([((digest(SECRET, "citizen:2"), digest(SECRET, "insurance:2")), Status(doses=1))])
    assert store.status([digest(SECRET, "citizen:1")]) == Status()
    assert store.status([digest(SECRET, "citizen:3"), digest(SECRET, "insurance:2")]) == Status(doses=1)


def test_of_two_people_in_one_code_the_better_does_not_speak_for_the_other(store: HubDatabase) -> None:
    ill = Status(declared=False, health=HealthColour.RED, doses=1)
    store.replace_statuses([((digest(SECRET, "citizen:1"),), WELL), ((digest(SECRET, "insurance:2"),), ill)])
    for keys in (("citizen:1", "insurance:2"), ("insurance:2", "citizen:1")):
        found = store.status(digest(SECRET, key) for key in keys)
        assert found == Status(declared=False, health=HealthColour.RED, movement_declared=True, doses=1)


def test_more_people_than_one_statement_takes_are_all_known(store: HubDatabase) -> None:
    store.replace_statuses(((digest(SECRET, f"citizen:{n}"),), Status(doses=n % 5)) for n in range(5_003))
    assert [store.status([digest(SECRET, f"citizen:{n}")]).doses for n in (0, 4_999, 5_002)] == [0, 4, 2]


def test_no_number_lies_in_the_database_and_another_secret_finds_nobody(
    folder: HubFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "status", str(folder.path), str(people(tmp_path, LINE))]) == 0
    assert "1 people" in capsys.readouterr().out
    raw = b"".join(path.read_bytes() for path in folder.path.iterdir() if path.name.startswith("hub.db"))
    assert raw
    assert THU.encode() not in raw
    store = folder.open_store()
    assert store.status([digest(folder.make_status_secret(), f"citizen:{THU}")]) == WELL
    assert store.status([digest(SECRET, f"citizen:{THU}")]) == Status()
    store.close()


def test_the_secret_is_its_owners_only(folder: HubFolder) -> None:
    assert folder.status_secret() is None
    folder.make_status_secret()
    assert (folder.path / "status.key").stat().st_mode & 0o777 == 0o600


# -- the command ----------------------------------------------------------------------------------


def test_a_file_with_a_mistake_changes_nothing_and_ends_with_an_error(
    folder: HubFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["hub", "status", str(folder.path), str(people(tmp_path, LINE))])
    capsys.readouterr()
    assert main(["hub", "status", str(folder.path), str(people(tmp_path, LINE, LINE))]) != 0
    assert "people.jsonl:2: speaks of a number of line 1 again; nothing was changed" in capsys.readouterr().err
    store = folder.open_store()
    assert store.status([digest(folder.make_status_secret(), f"citizen:{THU}")]) == WELL
    store.close()


# -- /v1/status -----------------------------------------------------------------------------------


def test_a_gate_is_told_what_is_known_under_any_of_the_persons_numbers(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}", "insurance:5120001234"), WELL))
    for keys in ((f"citizen:{THU}",), (f"citizen:{MAU}", "insurance:5120001234")):
        response = ask(hub, about(*keys))
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        assert question.decode_status(response.content) == WELL


def test_of_a_stranger_nothing_is_known_with_a_file_or_without(hub: RunningHub) -> None:
    assert question.decode_status(ask(hub, about(f"citizen:{MAU}")).content) == Status()
    fill(hub, ((f"citizen:{THU}",), WELL))
    assert question.decode_status(ask(hub, about(f"citizen:{MAU}")).content) == Status()


def test_a_question_nobody_of_this_hub_has_signed_is_not_answered(hub: RunningHub) -> None:
    body = about(f"citizen:{THU}")
    assert requests.post(hub.url + "/v1/status", data=body, timeout=20).status_code == 401
    assert ask(hub, body, {"Signature": f"gate=:{'A' * 86}==:"}).status_code == 401
    other = hub.folder.add_gate("Cổng B")
    assert ask(hub, body, signed(hub, body, other.key)).status_code == 401


def test_a_question_that_was_changed_on_the_way_is_not_answered(hub: RunningHub) -> None:
    asked, changed = about(f"citizen:{THU}"), about(f"citizen:{MAU}")
    assert ask(hub, changed, signed(hub, asked)).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{}", 422),
        (b'{"contract": "gate/9", "keys": ["citizen:051090001234"]}', 409),
        (b'{"contract": "gate/1", "keys": []}', 422),
        (b'{"contract": "gate/1", "keys": ["citizen:1"]}', 422),
        (b'{"contract": "gate/1", "keys": ["citizen:051090001234"], "also": 1}', 422),
        (b"[" * 1_000, 422),
        (b" " * (question.MOST_BYTES + 1), 413),
    ],
)
def test_a_question_that_breaks_the_contract_is_refused_without_repeating_it(
    hub: RunningHub, body: bytes, status: int
) -> None:
    response = ask(hub, body)
    assert response.status_code == status
    assert "051090001234" not in response.text


def test_the_question_is_a_post_body_and_no_other_method_is_answered(hub: RunningHub) -> None:
    assert requests.get(f"{hub.url}/v1/status", timeout=20).status_code == 405


def test_a_withdrawn_gate_gets_the_roots_word_and_no_answer(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}",), WELL))
    hub.folder.revoke(hub.store, hub.gate.device_id, hub.gate.key.public)
    response = ask(hub, about(f"citizen:{THU}"))
    assert response.status_code == 403
    assert is_revocation(hub.gate, response.content)
    assert "green" not in response.text


def test_a_gate_that_asks_too_often_is_told_when_to_come_again(hub: RunningHub) -> None:
    body = about(f"citizen:{MAU}")
    answers = [ask(hub, body) for _ in range(MOST_A_MINUTE + 1)]
    assert [answer.status_code for answer in answers] == [200] * MOST_A_MINUTE + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_secret_that_is_damaged_is_not_now_and_never_unknown(hub: RunningHub) -> None:
    fill(hub, ((f"citizen:{THU}",), WELL))
    (hub.folder.path / "status.key").write_bytes(b"short")
    assert ask(hub, about(f"citizen:{THU}")).status_code == 503


def test_neither_number_nor_answer_reaches_the_hubs_log(hub: RunningHub, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gate")
    fill(hub, ((f"citizen:{THU}",), WELL))
    ask(hub, about(f"citizen:{THU}"))
    ask(hub, json.dumps({"contract": "gate/1", "keys": [f"citizen:{THU}x"]}).encode())
    assert THU not in caplog.text
