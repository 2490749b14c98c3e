"""Text or file → `Policy`, or every mistake at once, word for word."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import Complaints
from device.model import CREDENTIAL_KINDS, CodeKind, Direction, Outcome
from device.policy import Policy
from device.policy.rules import (
    ANTIGEN,
    PCR,
    Capacity,
    CertificateRules,
    DoseRule,
    EntryRules,
    LabTestRule,
    ListRules,
    OpeningHours,
    RecoveryRule,
    Stance,
    StatusRules,
)
from device.settings.load import inspect, load, load_policy, parse, parse_policy
from device.settings.schema import Site
from device.settings.values import alternatives

GOLDEN = Path(__file__).parents[1] / "golden" / "policy"
LEAST = "version: least-1\nvalid_from: 2021-10-07\n"
NUMBERED = alternatives(kind for kind in CREDENTIAL_KINDS if kind is not CodeKind.HC1)
SITE = "place: {name: Chợ Hoa, province: Huế}\npins: {green: 17, red: 27}\n"


def complained(text: str) -> list[str]:
    with pytest.raises(Complaints) as caught:
        parse_policy(text)
    return [f"{c.line}:{c.column} {c.key}: {c.message}" for c in caught.value.complaints]


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.yaml")))
def test_complaints_about_a_policy_read_word_for_word_as_agreed(name: str) -> None:
    with pytest.raises(Complaints) as caught:
        parse_policy((GOLDEN / f"{name}.yaml").read_text("utf-8"))
    agreed = (GOLDEN / f"{name}.txt").read_text("utf-8").replace("EVERY-KIND-BUT-HC1", NUMBERED)
    told = "".join(f"{complaint}\n" for complaint in caught.value.complaints)
    assert told == agreed.replace("EVERY-KIND", alternatives(CREDENTIAL_KINDS))


def test_the_least_a_policy_needs_refuses_nobody() -> None:
    policy = parse_policy(LEAST)
    begins = datetime(2021, 10, 6, 17, tzinfo=UTC)
    assert policy == Policy(
        "least-1",
        valid_from_ms=round(begins.timestamp() * 1000),
        kinds={kind: Stance(unverified=Outcome.REFERRED) if kind == "hc1" else Stance() for kind in CREDENTIAL_KINDS},
    )
    assert (policy.certificates, policy.hours, policy.capacity) == (None, (), None)


def test_every_key_reaches_the_rule_it_names() -> None:
    policy = parse_policy("""
version: full-1
valid_from: 2021-10-07 08:30
time_zone: "-01:30"
accept: [hc1, citizen-card]
direction: out
repeat_window: 30s
kinds:
  citizen-card: {no_data: deny, unverified: refer, clock_not_trusted: grant}
  citizen-number: {weak_reading: deny}
  hc1: {unverified: deny, clock_not_trusted: deny}
certificates:
  signature_wrong: refer
  out_of_date: grant
  issued_ahead: 36h
  signer_countries: [VN, FR]
  diseases: ["840539006"]
  one_dose_products: [EU/1/20/1525, Sputnik-Light]
  grant:
    vaccination: {doses: 3, min_days: 7, max_days: 200, products: [EU/1/20/1528]}
    recovery: {min_days: 11, max_days: 90}
  refer:
    test: {pcr: 48h, antigen: 90m}
  otherwise: refer
hours:
  - {days: [mon, sun], from: "07:00", to: "24:00"}
  - {from: 22:00, to: 02:00}
closed: grant
capacity: {most: 40, full: refer, resets_at: "04:30"}
""")
    assert policy.certificates == CertificateRules(
        Outcome.REFERRED,
        Outcome.GRANTED,
        36 * 3_600_000,
        frozenset({"VN", "FR"}),
        frozenset({"840539006"}),
        frozenset({"EU/1/20/1525", "Sputnik-Light"}),
        EntryRules(DoseRule(3, 7, 200, frozenset({"EU/1/20/1528"})), None, RecoveryRule(11, 90)),
        EntryRules(test=LabTestRule({PCR: 48 * 3_600_000, ANTIGEN: 90 * 60_000})),
        Outcome.REFERRED,
    )
    assert policy.stance(CodeKind.CITIZEN_CARD) == Stance(Outcome.DENIED, Outcome.REFERRED, Outcome.GRANTED)
    assert policy.stance(CodeKind.HC1) == Stance(unverified=Outcome.DENIED, clock_not_trusted=Outcome.DENIED)
    assert policy.weak_reading is Outcome.DENIED
    assert policy.accept == {CodeKind.HC1, CodeKind.CITIZEN_CARD}
    assert (policy.asked, policy.repeat_window_ms, policy.closed) == (Direction.OUT, 30_000, Outcome.GRANTED)
    assert policy.hours == (
        OpeningHours(frozenset({0, 6}), 420, 1440),
        OpeningHours(frozenset(range(7)), 22 * 60, 120),
    )
    assert policy.capacity == Capacity(40, Outcome.REFERRED, 270)
    assert datetime.fromtimestamp(policy.valid_from_ms / 1000, UTC) == datetime(2021, 10, 7, 10, 0, tzinfo=UTC)


def test_midnight_has_two_names_and_is_one_minute_of_the_day() -> None:
    early, late = (parse_policy(f'{LEAST}capacity: {{most: 9, resets_at: "{time}"}}') for time in ("00:00", "24:00"))
    assert early == late
    assert early.capacity == Capacity(9, resets_at_minute=0)


def test_a_time_zone_has_a_name_where_the_machine_knows_names() -> None:
    if "Asia/Ho_Chi_Minh" not in zoneinfo.available_timezones():
        assert "write an offset like +07:00" in complained(LEAST + "time_zone: Asia/Ho_Chi_Minh")[0]
    else:
        named, fixed = (parse_policy(f"{LEAST}time_zone: {zone}") for zone in ("Asia/Ho_Chi_Minh", "+07:00"))
        assert named.valid_from_ms == fixed.valid_from_ms


@pytest.mark.parametrize("zone", ["+15:00", "7", "+7", "../../etc/passwd", "Etc/../UTC", "/etc/localtime", "utc", "''"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    assert complained(f"{LEAST}time_zone: {zone}")[0].startswith("3:12 time_zone: ")


@pytest.mark.parametrize(
    ("begins", "utc"),
    [
        ("2021-10-07T00:00:00+07:00", "2021-10-06T17:00:00+00:00"),
        ("2021-10-07T00:00Z", "2021-10-07T00:00:00+00:00"),
        ('"2021-10-07 09:00"', "2021-10-07T02:00:00+00:00"),
    ],
)
def test_a_policy_begins_when_it_says_at_the_place_unless_it_names_an_offset(begins: str, utc: str) -> None:
    policy = parse_policy(f"version: v\nvalid_from: {begins}\n")
    assert datetime.fromtimestamp(policy.valid_from_ms / 1000, UTC).isoformat() == utc


@pytest.mark.parametrize("begins", ["2021-13-01", "20211007", "2021-10-07T24:30", "0001-01-01", "9999-12-31", "soon"])
def test_what_is_no_time_is_refused(begins: str) -> None:
    assert complained(f"version: v\nvalid_from: {begins}\n")[0].startswith("2:13 valid_from: write a day like")


def test_the_two_kinds_of_document_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    for text, kind in ((LEAST, Policy), (SITE, Site), (SITE + "direction: in\n", Site), (LEAST + "hours:\n", None)):
        file = tmp_path / "file.yaml"
        file.write_text(text, "utf-8")
        if kind is None:
            with pytest.raises(Complaints, match=r"3:7: hours: empty; write a list"):
                inspect(file)
        else:
            assert isinstance(inspect(file).found, kind)


def test_a_site_names_its_policy_file_or_holds_the_small_form_but_not_both(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(LEAST, "utf-8")
    site = tmp_path / "site.yaml"
    site.write_text(SITE + "policy: {file: policy.yaml}\n", "utf-8")
    file = load(site).policy.file
    assert file == tmp_path / "policy.yaml"
    assert load_policy(file).version == "least-1"
    with pytest.raises(Complaints) as caught:
        parse(SITE + "policy:\n  file: policy.yaml\n  version: x-1\n  nonsense: 1\n")
    assert [f"{c.line} {c.key}: {c.message.partition(';')[0]}" for c in caught.value.complaints] == [
        "5 policy.version: the policy's own file says this",
        "6 policy.nonsense: unknown key",
    ]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("version: 1\n{}[],-#'\"&*!|>%@`\t\\x0éễ"), max_size=200))
def test_any_text_is_a_policy_or_complaints(text: str) -> None:
    for whole in (text, LEAST + text, LEAST + "certificates: " + text):
        with suppress(Complaints):
            assert isinstance(parse_policy(whole), Policy)


def test_the_question_to_the_centre_has_a_deadline_and_refers_at_most_unless_written_otherwise() -> None:
    asked = frozenset({CodeKind.NATIONAL_CODE, CodeKind.INSURANCE_CARD})
    assert parse_policy(LEAST + "status: {kinds: [national-code, insurance-card]}\n").status == StatusRules(asked)
    every = "{kinds: [national-code], deadline: 150ms, may: deny, declaration: deny, yellow: grant, red: refer, "
    found = parse_policy(LEAST + f"status: {every}movement: grant, doses: 2, too_few_doses: deny}}\n").status
    deny, refer, grant = Outcome.DENIED, Outcome.REFERRED, Outcome.GRANTED
    kinds = frozenset({CodeKind.NATIONAL_CODE})
    assert found == StatusRules(kinds, 150, deny, deny, grant, refer, grant, 2, deny)


def test_mistakes_about_the_question_to_the_centre_are_told_by_their_place() -> None:
    wrong = "status: {kinds: [hc1], deadline: 3s, may: grant}\n"
    assert complained(LEAST + wrong) == [
        f"3:18 status.kinds[1]: write {NUMBERED} (got 'hc1')",
        "3:34 status.deadline: write a time from 50ms to 2s (got '3s')",
        "3:43 status.may: write refer or deny (got 'grant')",
    ]
    assert complained(LEAST + "status: {}\n")[0].startswith("3:1 status.kinds: ")
    assert len(complained(LEAST + "status: {kinds: [national-code, national-code]}\n")) == 1


def test_the_lists_of_people_refer_unless_written_otherwise_and_mistakes_name_their_place() -> None:
    assert parse_policy(LEAST).watch_list is parse_policy(LEAST).roster is None
    found = parse_policy(LEAST + "watch_list: {}\nroster: {unlisted: deny, no_list: grant, may: deny}\n")
    assert found.watch_list == ListRules()
    assert found.roster == ListRules(Outcome.DENIED, Outcome.GRANTED, Outcome.DENIED)
    assert complained(LEAST + "watch_list: {listed: block, may: grant}\n") == [
        "3:22 watch_list.listed: write grant, refer or deny (got 'block')",
        "3:34 watch_list.may: write refer or deny (got 'grant')",
    ]


def test_a_policy_from_a_windows_editor_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = "version: one\nvalid_from: 2021-10-07\n"
    for name, raw in (("plain", text.encode()), ("windows", text.replace("\n", "\r\n").encode("utf-8-sig"))):
        (tmp_path / f"{name}.yaml").write_bytes(raw)
    assert load_policy(tmp_path / "windows.yaml") == load_policy(tmp_path / "plain.yaml")
