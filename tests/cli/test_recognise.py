from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.cli.recognise import answer, payloads
from device.clock import ClockReading, ClockState
from device.credential import TrustList
from device.policy.rules import ON_ITS_MERITS
from device.trust.trust_list import trust_document
from tests.support.issuer import ISSUED_S, YEAR_S, Issuer

ES = Issuer.es256()
TRUST = TrustList([ES.trusted("v")])
CARD = "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Quảng Ngãi|15042021"
CODES = {
    "051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|": "national-code",
    CARD: "citizen-card",
    "5120000001|4cc3aa|2021|2|-|51–001|-|-|-|51015120000001|-|4|01/01/2027|1a|4|-|$": "insurance-card",
    "051090001234": "citizen-number",
    "https://tokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567": "venue",
    "https://kbyt.khambenh.gov.vn/#tokhai_yte/ketqua?id=1": "local",
    "https://example.org/": "link",
    "00020101021238TESTONLY5303704": "bank",
    "WIFI:S:Quan;;": "wifi",
    "VNEID-TEST-0001-OPAQUE": "vneid",
    "nothing": "unknown",
}


def at(time_s: int) -> ClockReading:
    return ClockReading("0" * 32, 0, time_s * 1000, ClockState.SYNCHRONISED)


def told(payload: bytes, trust: TrustList | None = TRUST, time_s: int = ISSUED_S) -> tuple[object, ...]:
    line = answer(payload, ON_ITS_MERITS, trust, at(time_s))
    return line["kind"], line["verified"], line["outcome"], line["reason"]


def ask(content: bytes, *options: str) -> tuple[int, list[dict[str, object]], str]:
    ended = subprocess.run(
        [sys.executable, "-m", "device", "recognise", *options], input=content, capture_output=True, check=False
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    return ended.returncode, cast("list[dict[str, object]]", lines), ended.stderr.decode()


@pytest.mark.parametrize(("code", "kind"), CODES.items(), ids=CODES.values())
def test_every_kind_of_code_has_its_name(code: str, kind: str) -> None:
    line = answer(code.encode(), ON_ITS_MERITS, None, at(ISSUED_S))
    assert (line["kind"], line["verified"]) == (kind, "not-applicable")


def test_a_certificate_is_told_with_outcome_and_reason() -> None:
    good = ES.issue()
    assert told(good) == ("hc1", "yes", "granted", "recorded")
    assert told(good, None) == ("hc1", "unchecked", "referred", "signature-not-checked")
    assert told(good, TrustList([])) == ("hc1", "no", "referred", "signer-unknown")
    assert told(Issuer.es256(ES.kid).issue()) == ("hc1", "no", "denied", "signature-wrong")
    assert told(ES.issue("t")) == ("hc1", "no", "denied", "signer-not-allowed")
    week_s = 7 * 86_400
    assert told(good, TRUST, ISSUED_S - week_s) == ("hc1", "yes", "granted", "recorded")
    assert told(good, TRUST, ISSUED_S - week_s - 1) == ("hc1", "yes", "denied", "certificate-not-yet-valid")
    assert told(good, TRUST, ISSUED_S + YEAR_S + 1) == ("hc1", "yes", "denied", "certificate-expired")
    assert told(b"HC1:") == ("hc1", "no", None, "certificate-malformed")


def test_the_holder_is_masked_and_nobody_is_null() -> None:
    shown = answer(CARD.encode(), ON_ITS_MERITS, None, at(0))["holder"]
    assert shown == {"name": "N. V. Thử", "birth_year": "1990", "sex": "male", "number": "…234"}
    assert answer(b"nothing", ON_ITS_MERITS, None, at(0))["holder"] is None


def test_a_line_never_holds_the_whole_of_anything() -> None:
    line = json.dumps([answer(payload, ON_ITS_MERITS, TRUST, at(0)) for payload in (CARD.encode(), ES.issue())])
    for whole in ("051090001234", "Nguyễn Văn", "TEST0001", "1990-03-05", "Quảng"):
        assert whole not in line


def test_lines_are_split_on_line_feeds_alone() -> None:
    assert list(payloads(io.BytesIO(b"a \r\n\n\x0b\x0c\x85\xe2\x80\xa8b\nc"), b"\n")) == [
        b"a \r",
        b"",
        b"\x0b\x0c\x85\xe2\x80\xa8b",
        b"c",
    ]


def test_payloads_split_on_nul_may_hold_line_feeds() -> None:
    assert list(payloads(io.BytesIO(b"a\nb\0c\n\0"), b"\0")) == [b"a\nb", b"c\n"]


@given(st.lists(st.binary(max_size=20).map(lambda text: text.replace(b"\n", b"")), max_size=6))
def test_every_payload_that_ends_in_a_line_feed_comes_back(texts: list[bytes]) -> None:
    assert list(payloads(io.BytesIO(b"".join(text + b"\n" for text in texts)), b"\n")) == texts


def test_a_payload_longer_than_any_code_is_cut_and_stays_too_long() -> None:
    long, short = payloads(io.BytesIO(b"0" * 3_000_000 + b"\nshort\n"), b"\n")
    assert (len(long), short) == (4_297, b"short")


def test_the_command_answers_each_line_of_its_input(tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text(trust_document([ES.trusted()]), encoding="utf-8")
    content = b"\n".join((ES.issue(), CARD.encode(), b"", b"\xff\xfe"))
    code, lines, errors = ask(content, "--trust", str(trust), "--at", "2022-01-31T08:00:00+07:00")
    assert (code, errors) == (0, "")
    assert [line["kind"] for line in lines] == ["hc1", "citizen-card", "unknown", "unknown"]
    assert lines[0] == {
        "kind": "hc1",
        "verified": "yes",
        "outcome": "granted",
        "reason": "recorded",
        "holder": {"name": "N. V. Thử", "birth_year": "1990"},
    }


def test_a_trust_list_with_a_mistake_is_refused_with_its_line(tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text("[\n7\n]", encoding="utf-8")
    code, lines, errors = ask(b"x\n", "--trust", str(trust))
    assert (code, lines) == (78, [])
    assert f"{trust}:2:1: [1]: " in errors


POLICY = """
version: two-doses
valid_from: 2021-10-07
kinds: {citizen-card: {no_data: refer}}
certificates: {grant: {vaccination: {doses: 2, min_days: 14}}, otherwise: deny}
"""


def test_a_policy_decides_what_each_code_is_answered(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "trust.json").write_text(trust_document([ES.trusted()]), encoding="utf-8")
    content = b"\n".join((ES.issue(), ES.issue(dn=1), ES.issue(dt="2021-12-19"), CARD.encode()))
    options = ("--policy", str(tmp_path / "policy.yaml"), "--trust", str(tmp_path / "trust.json"))
    code, lines, errors = ask(content, *options, "--at", "2021-12-25")
    assert (code, errors) == (0, "")
    assert [(line["outcome"], line["reason"]) for line in lines] == [
        ("granted", "rules-met"),
        ("denied", "too-few-doses"),
        ("denied", "dose-too-recent"),
        ("referred", "no-data"),
    ]


def test_a_policy_with_a_mistake_is_refused_with_its_line(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY + "colour: green\n", encoding="utf-8")
    code, lines, errors = ask(b"x\n", "--policy", str(policy))
    assert (code, lines) == (78, [])
    assert f"{policy}:6:1: colour: " in errors


def test_a_time_that_is_none_is_a_usage_error() -> None:
    code, _, errors = ask(b"", "--at", "tomorrow")
    assert code == 2
    assert "2026-01-31T08:00:00+07:00" in errors


def test_no_input_gives_no_line() -> None:
    assert ask(b"", "--null") == (0, [], "")
