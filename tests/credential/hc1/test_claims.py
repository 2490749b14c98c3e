from __future__ import annotations

import math
from dataclasses import asdict
from datetime import date

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.credential.hc1.claims import Claims, read_claims
from device.errors import CertificateMalformed
from device.model import LabTest, Recovery, Vaccination
from tests.support.issuer import ENTRIES, ISSUED_S, NAME, YEAR_S, certificate, token

WORDS = ("tg", "vp", "mp", "ma", "tt", "tr", "co", "is", "ci")


def read(content: object) -> Claims:
    return read_claims(cbor2.dumps(content))


def refused(content: object) -> bool:
    try:
        read(content)
    except CertificateMalformed:
        return True
    return False


def test_a_vaccination_gives_dose_series_day_and_product() -> None:
    assert read(token(certificate("v"))).entry == Vaccination(
        doses=2,
        series=2,
        given_on=date(2021, 11, 20),
        product="EU/1/20/1528",
        vaccine="1119349007",
        maker="ORG-100030215",
        country="VN",
        target="840539006",
    )


def test_a_test_gives_method_result_and_the_moment_of_the_sample() -> None:
    assert read(token(certificate("t"))).entry == LabTest(
        type="LP6464-4", result="260415000", sampled_at_s=1_639_875_600, country="VN", target="840539006"
    )


def test_a_recovery_gives_its_three_days() -> None:
    assert read(token(certificate("r"))).entry == Recovery(
        date(2021, 9, 1), date(2021, 9, 12), date(2022, 2, 28), country="VN", target="840539006"
    )


def test_the_person_is_named_family_name_first() -> None:
    person = read(token(certificate())).person
    assert (person.name, person.birth) == ("Nguyễn Văn Thử", "1990-03-05")
    assert person.citizen_number is None


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"fnt": "TRAN", "gnt": "THI<MAU"}, "TRAN THI MAU"),
        ({"fn": "Trần", "fnt": "TRAN"}, "Trần"),
        ({"fn": "", "gn": "Mẫu", "fnt": "TRAN"}, "Mẫu"),
        ({"fn": "Tra\u0302\u0300n", "fnt": "TRAN"}, "Trần"),
        ({"fn": "Tr\u202en", "fnt": "TRAN<X"}, "TRAN X"),
        ({"fn": "e" + "\u0301" * 4_000, "fnt": "TRAN"}, "TRAN"),
    ],
    ids=["passport only", "one part", "empty part", "decomposed", "direction override", "piled up"],
)
def test_a_name_no_screen_should_get_is_taken_from_its_passport_form(names: dict[str, str], name: str) -> None:
    assert read(token(certificate() | {"nam": names})).person.name == name


def test_details_keep_what_the_record_needs() -> None:
    details = dict(read(token(certificate("v", dn=3))).details)
    assert details["doses"] == "3/2"
    assert details["expires"] == "2022-12-20T11:33:20Z"
    assert details["certificate-id"] == "URN:UVCI:01:VN:TEST0001"
    assert details["name-in-passport"] == "NGUYEN VAN<THU"


# -- times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "time",
    [math.nan, math.inf, -math.inf, 1e300, -1, -0.5, 2**63, 253_402_300_800, True, "1640000000", None, [], b"\x01"],
)
def test_a_time_that_is_none_is_refused_and_never_means_for_ever(time: object) -> None:
    assert refused(token(certificate(), expires_s=time))
    assert time is None or refused(token(certificate(), issued_s=time))


def test_a_certificate_without_an_expiry_is_refused() -> None:
    content = token(certificate())
    del content[4]
    assert refused(content)


def test_a_time_may_have_fractions_and_they_never_lengthen_it() -> None:
    claims = read(token(certificate(), issued_s=10.9, expires_s=20.9))
    assert (claims.issued_at_s, claims.expires_at_s) == (10, 20)


def test_not_before_and_the_time_of_issue_are_kept_apart() -> None:
    claims = read(token(certificate()) | {5: ISSUED_S + 9})
    assert (claims.issued_at_s, claims.not_before_s) == (ISSUED_S, ISSUED_S + 9)
    assert read(token(certificate())).not_before_s is None
    assert refused(token(certificate()) | {5: float("nan")})


def test_a_certificate_may_leave_out_when_it_was_issued() -> None:
    content = token(certificate())
    del content[6]
    assert read(content).issued_at_s is None


def test_a_tagged_number_is_a_time_too() -> None:
    content = token(certificate(), expires_s=cbor2.CBORTag(1, ISSUED_S + YEAR_S))
    assert read(content).expires_at_s == ISSUED_S + YEAR_S


# -- issuer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issuer", "country"), [("VN", "VN"), ("vn", None), ("Bộ Y tế", None), ("", None), (None, None)]
)
def test_an_issuer_is_a_country_or_not_said(issuer: object, country: str | None) -> None:
    assert read(token(certificate()) | {1: issuer}).issuer == country


# -- shape -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"v": [ENTRIES["v"], ENTRIES["v"]]},
        {"t": [ENTRIES["t"]]},
        {"v": []},
        {"v": None},
        {"v": ENTRIES["v"]},
        {"v": ["text"]},
        {"v": "text"},
        {"nam": None},
        {"nam": {}},
        {"nam": {"fn": "N\x1b[2J"}},
        {"nam": {"fn": 7, "fnt": "NGUYEN"}},
        {"nam": {"fn": [], "fnt": "NGUYEN"}},
        {"nam": {"fnt": "N" * 129}},
        {"nam": {"fnt": "N\x1b[2J"}},
        {"nam": NAME | {"gnt": 7}},
        {"ver": 1},
        *({"dob": dob} for dob in (19900305, "2021-13", "2021-02-31", "1990-3-5", "05.03.1990", "199", "1990-")),
        *({"dob": dob} for dob in ("٢٠٢١", "1990-03-05T01:00:00", "1990-03-05 ", "0000", "\n")),
        *({"dob": dob} for dob in ("1988-00-02", "1988-00-02T00:00:00", "T00:00:00")),
    ],
)
def test_a_certificate_against_the_schema_is_refused(change: dict[str, object]) -> None:
    assert not refused(token(certificate()))
    assert refused(token(certificate() | change))


@pytest.mark.parametrize("content", [None, {}, {1: None}, {"1": certificate()}, [certificate()], 7])
def test_claims_without_a_certificate_are_refused(content: object) -> None:
    assert refused(token(certificate()) | {-260: content})


@pytest.mark.parametrize("content", [b"", 7, [], "text", None])
def test_a_payload_that_is_no_map_is_refused(content: object) -> None:
    assert refused(content)


@pytest.mark.parametrize(("use", "key"), [(use, key) for use, entry in ENTRIES.items() for key in entry if key != "tc"])
@pytest.mark.parametrize("value", [7.5, True, [], {}, b"bytes", "a\x00b", "x" * 129])
def test_a_field_of_another_type_is_refused(use: str, key: str, value: object) -> None:
    harmless = key == "is" and isinstance(value, str)  # nothing is kept of who issued it
    assert refused(token(certificate(use, **{key: value}))) is not harmless


def test_blanks_and_line_ends_around_a_word_are_not_the_word() -> None:
    claims = read(token(certificate("v", mp=" EU/1/20/1528\r\n", co="VN\n")))
    assert claims.entry == read(token(certificate("v"))).entry


@pytest.mark.parametrize(
    ("use", "key", "field"),
    [
        ("v", "dt", "given_on"),
        ("t", "sc", "sampled_at_s"),
        ("r", "fr", "first_positive_on"),
        ("r", "df", "valid_from"),
        ("r", "du", "valid_until"),
    ],
)
@pytest.mark.parametrize("value", [None, ""])
def test_a_date_that_is_missing_is_not_on_record(use: str, key: str, field: str, value: object) -> None:
    whole = asdict(read(token(certificate(use))).entry)
    assert asdict(read(token(certificate(use, **{key: value}))).entry) == whole | {field: None}


@pytest.mark.parametrize(
    ("use", "key"),
    [(use, key) for use, entry in ENTRIES.items() for key in WORDS if key in entry],
)
@pytest.mark.parametrize("value", [None, "", " "])
def test_a_word_that_is_missing_or_empty_is_not_on_record(use: str, key: str, value: object) -> None:
    claims = read(token(certificate(use, **{key: value})))
    attribute = {"tg": "target", "mp": "product", "co": "country", "tt": "type", "tr": "result", "ma": "maker"}.get(key)
    assert attribute is None or getattr(claims.entry, attribute) == ""
    assert "" not in dict(claims.details).values()


@pytest.mark.parametrize("number", [0, None])
def test_a_number_of_doses_that_is_missing_or_0_is_not_on_record(number: object) -> None:
    entry = read(token(certificate("v", dn=number, sd=number))).entry
    assert isinstance(entry, Vaccination)
    assert (entry.doses, entry.series) == (0, 0)


def test_a_whole_number_of_doses_may_be_written_as_a_float() -> None:
    assert read(token(certificate("v", dn=2.0, sd=3.0))).entry == read(token(certificate("v", dn=2, sd=3))).entry


@pytest.mark.parametrize("number", [-1, 100, 2.5, math.nan, math.inf, "2", True])
def test_doses_are_whole_numbers(number: object) -> None:
    assert refused(token(certificate("v", dn=number)))
    assert refused(token(certificate("v", sd=number)))


@pytest.mark.parametrize(
    "day", ["2021-02-29", "2021-13-01", "2021-1-1", "20210101", "2021-W01-1", "0000-01-01", "2021-11"]
)
def test_a_day_that_is_none_is_refused(day: str) -> None:
    assert refused(token(certificate("v", dt=day)))
    assert refused(token(certificate("r", fr=day)))


@pytest.mark.parametrize("time", ["T00:00:00", " 00:00:00", "T23:00:00.000Z", "t00:00:00+0100"])
def test_a_day_may_carry_a_time_as_early_issuers_wrote_it(time: str) -> None:
    entry = read(token(certificate("v", dt=f"2021-11-20{time}") | {"dob": "1990-03-05T00:00:00"})).entry
    assert isinstance(entry, Vaccination)
    assert entry.given_on == date(2021, 11, 20)


@pytest.mark.parametrize(
    ("text", "at_s"),
    [
        ("2021-12-19T01:00:00Z", 1_639_875_600),
        ("2021-12-19T08:00:00+07:00", 1_639_875_600),
        ("2021-12-19T08:00:00+0700", 1_639_875_600),
        ("2021-12-19T08:00:00+07", 1_639_875_600),
        ("2021-12-18T22:30:00-02:30", 1_639_875_600),
        ("2021-12-19T01:00:00.999999999Z", 1_639_875_600),
        ("2021-12-19T01:00:00", 1_639_875_600),
        ("2021-12-19T01:00Z", 1_639_875_600),
        ("2021-12-19T08:00+07:00", 1_639_875_600),
        ("2021-12-19 01:00:00Z", 1_639_875_600),
        ("2021-12-19t01:00:00z", 1_639_875_600),
        ("2021-12-19T01:00:00,5Z", 1_639_875_600),
        ("2021-12-19T08:00:00 +0700", 1_639_875_600),
    ],
)
def test_the_moment_of_a_sample_is_read_in_every_form_of_its_offset(text: str, at_s: int) -> None:
    entry = read(token(certificate("t", sc=text))).entry
    assert isinstance(entry, LabTest)
    assert entry.sampled_at_s == at_s


@pytest.mark.parametrize(
    "text",
    [
        "2021-12-19",
        "2021-12-19T25:00:00Z",
        "2021-02-31T08:00:00Z",
        "2021-12-19T08:00:00+99:00",
        "now",
        "2021-12-19T08Z",
    ],
)
def test_a_moment_that_is_none_is_refused(text: str) -> None:
    assert refused(token(certificate("t", sc=text)))


@pytest.mark.parametrize(
    ("dob", "birth"),
    [
        ("1963-00", "1963"),
        ("1963-00-00", "1963"),
        ("1963-07-00", "1963-07"),
        ("1963-07-00T00:00:00", "1963-07"),
        ("1963-07-09T00:00:00.000Z", "1963-07-09"),
        ("1963-07-09T00:00:00+02:00", "1963-07-09"),
        ("", None),
        (None, None),
    ],
)
def test_a_birth_is_kept_as_far_as_it_is_on_record(dob: object, birth: str | None) -> None:
    assert read(token(certificate() | {"dob": dob})).person.birth == birth


@pytest.mark.parametrize("absent", [None, []])
def test_kinds_written_as_null_or_as_an_empty_list_are_absent(absent: object) -> None:
    assert read(token(certificate("r") | {"v": absent, "t": absent})).use == "r"


def test_a_certificate_without_a_version_is_read() -> None:
    assert read(token(certificate("v") | {"ver": None})).use == "v"


ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-300, 2**40), st.floats(), st.text(max_size=12), st.binary(max_size=8)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["v", "t", "r", "nam", "dob", "ver", "fnt", 1, 4, 6, -260]), inner, max_size=3),
    ),
    max_leaves=6,
)


@given(st.sampled_from(["ver", "nam", "dob", "v", "t", "r"]), ANYTHING)
def test_any_content_of_a_certificate_is_read_or_refused(key: str, value: object) -> None:
    refused(token(certificate() | {key: value}))


@given(st.sampled_from(["v", "t", "r"]), st.data())
def test_any_content_of_an_entry_is_read_or_refused(use: str, draw: st.DataObject) -> None:
    key = draw.draw(st.sampled_from(sorted(ENTRIES[use])))
    refused(token(certificate(use, **{key: draw.draw(ANYTHING)})))


@given(st.sampled_from([1, 4, 5, 6, -260]), ANYTHING)
def test_any_claim_is_read_or_refused(claim: int, value: object) -> None:
    refused(token(certificate()) | {claim: value})
