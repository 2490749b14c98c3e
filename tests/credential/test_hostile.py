from __future__ import annotations

import pytest

from device.credential import TrustList, recognise, signature_fault, time_fault
from device.model import Credential, Reason, Verification
from tests.bench.trust import reason_of
from tests.support.hostile import Hostile, hostile_certificates, hostile_texts, judged_cases, trust_of
from tests.support.issuer import Issuer

ES, RSA = Issuer.es256(), Issuer.ps256()
TRUST = trust_of(ES, RSA)
ATTACKS = [*hostile_texts(), *hostile_certificates(ES, RSA)]
JUDGED = judged_cases(ES)


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_a_hostile_text_ends_in_its_reason(attack: Hostile) -> None:
    assert reason_of(attack, TRUST) is attack.reason


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_a_hostile_text_is_never_verified_whatever_is_trusted(attack: Hostile) -> None:
    for trust in (None, TrustList([]), TRUST):
        claim = recognise(attack.payload, trust)
        assert not isinstance(claim, Credential) or claim.verified is not Verification.YES


@pytest.mark.parametrize(
    ("text", "trust", "now_s", "reason"), [case[1:] for case in JUDGED], ids=[c[0] for c in JUDGED]
)
def test_a_rightly_signed_certificate_that_does_not_hold_says_why(
    text: bytes, trust: TrustList, now_s: int, reason: Reason
) -> None:
    claim = recognise(text, trust)
    assert isinstance(claim, Credential)
    assert claim.certificate is not None
    assert (signature_fault(claim.certificate) or time_fault(claim.certificate, now_s)) is reason


def test_two_signers_with_one_key_id_are_both_tried() -> None:
    for signer in (ES, RSA):
        assert len(TRUST.under(signer.kid)) == 2
        claim = recognise(signer.issue(), TRUST)
        assert isinstance(claim, Credential)
        assert claim.verified is Verification.YES


def test_the_list_of_attacks_is_whole_and_each_is_there_once() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) > 100
