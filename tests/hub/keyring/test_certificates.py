from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from device.hub.keyring.certificates import checked_name, make_authority, make_server_certificate, names_in

NAMES = ("hub.example.vn", "10.0.0.7", "fd00::1")


def chain(ca: bytes, certificate: bytes, name: str, at: datetime) -> list[x509.Certificate]:
    """Verify the certificate as a TLS client at that time does; raises `VerificationError`."""
    try:
        subject: x509.IPAddress | x509.DNSName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    store = Store([x509.load_pem_x509_certificate(ca)])
    verifier = PolicyBuilder().store(store).time(at).build_server_verifier(subject)
    return verifier.verify(x509.load_pem_x509_certificate(certificate), [])


@pytest.mark.parametrize("year", [1971, 2026, 9998])
def test_a_gate_with_any_clock_can_verify_the_hub_by_each_of_its_names(year: int) -> None:
    ca, ca_key = make_authority()
    certificate, _ = make_server_certificate(ca, ca_key, NAMES)
    for name in NAMES:
        assert len(chain(ca, certificate, name, datetime(year, 1, 1, tzinfo=UTC))) == 2


@pytest.mark.parametrize("name", ["example.vn", "a.hub.example.vn", "10.0.0.70"])
def test_another_name_is_not_verified(name: str) -> None:
    ca, ca_key = make_authority()
    certificate, _ = make_server_certificate(ca, ca_key, NAMES)
    with pytest.raises(VerificationError):
        chain(ca, certificate, name, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_certificate_of_another_authority_is_not_verified() -> None:
    certificate, _ = make_server_certificate(*make_authority(), NAMES)
    with pytest.raises(VerificationError):
        chain(make_authority()[0], certificate, NAMES[0], datetime(2026, 1, 1, tzinfo=UTC))


def test_the_servers_certificate_can_sign_no_other_and_serves_only() -> None:
    ca, ca_key = make_authority()
    extensions = x509.load_pem_x509_certificate(make_server_certificate(ca, ca_key, NAMES)[0]).extensions
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usages = list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert usages == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_the_names_of_a_certificate_are_those_it_was_made_for() -> None:
    assert names_in(make_server_certificate(*make_authority(), NAMES)[0]) == set(NAMES)


def test_a_name_is_taken_in_the_form_that_certificates_have() -> None:
    assert [checked_name(name) for name in ("Hub.Example.VN", "10.0.0.7", "[FD00:0::1]")] == list(NAMES)
