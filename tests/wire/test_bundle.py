"""Bundles: what is signed is what is read, and nothing is read before that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.crypto.signing import SigningKey
from device.errors import BundleRefused
from device.wire.bundle import (
    CONTENT_MOST_BYTES,
    HEAD_MOST_BYTES,
    MAGIC,
    PREFIX_BYTES,
    BundleKind,
    Head,
    Incoming,
    read_bundle,
    sign_head,
    succeed,
    verify_head,
)
from tests.support.golden_bundles import CONTENT, POLICY, ROOT, ROOTS, SAID, SUCCESSOR

GOLDEN = Path(__file__).parents[1] / "golden" / "bundle"


def signed_by(root: SigningKey, body: bytes, content: bytes = b"") -> bytes:
    """Sign any bytes as a head."""
    return MAGIC + root.sign(b"gate/1 bundle\0" + body) + len(body).to_bytes(2, "big") + body + content


def test_the_golden_bundle_is_written_and_read_byte_for_byte() -> None:
    read = read_bundle(POLICY, ROOTS)
    assert (read.head, bytes(read.content)) == (SAID, CONTENT)
    assert sign_head(SAID, ROOT) + CONTENT == POLICY
    assert read.signed + read.content == POLICY


@pytest.mark.parametrize("size", [1, 7, 73, 74, 75, 400])
def test_a_bundle_is_read_in_pieces_of_any_size(size: int) -> None:
    incoming = Incoming(ROOTS)
    for start in range(0, len(POLICY), size):
        incoming.feed(POLICY[start : start + size])
    assert incoming.whole().content == CONTENT


@given(st.integers(0, len(POLICY) * 8 - 1))
def test_no_bit_of_a_bundle_may_be_another(bit: int) -> None:
    changed = bytearray(POLICY)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BundleRefused):
        read_bundle(bytes(changed), ROOTS)


@given(st.integers(0, len(POLICY) - 1))
def test_a_bundle_cut_short_is_refused(length: int) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(POLICY[:length], ROOTS)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_bundle_or_refused(written: bytes) -> None:
    with pytest.raises(BundleRefused):
        read_bundle(written, ROOTS)


def test_a_bundle_longer_than_its_head_says_is_refused_at_the_first_byte_too_many() -> None:
    incoming = Incoming(ROOTS)
    incoming.feed(POLICY)
    with pytest.raises(BundleRefused, match="longer"):
        incoming.feed(b"x")


def test_another_roots_bundle_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BundleRefused, match="not signed"):
        read_bundle(signed_by(SUCCESSOR, b"{[" * 500), ROOTS)


def test_what_is_not_wanted_is_left_before_any_of_its_content_is_taken() -> None:
    heads: list[Head] = []

    def judge(head: Head) -> None:
        heads.append(head)
        raise BundleRefused("older")

    incoming = Incoming(ROOTS, judge)
    with pytest.raises(BundleRefused, match="older"):
        incoming.feed(POLICY[: -len(CONTENT)])
    assert heads == [SAID]


GOOD = POLICY[PREFIX_BYTES : -len(CONTENT)]
BROKEN: list[Callable[[bytes], bytes]] = [
    lambda head: head.replace(b'"policy"', b'"polish"'),
    lambda head: head.replace(b'"kind":"policy",', b""),
    lambda head: head.replace(b"{", b'{"more":1,'),
    lambda head: head.replace(b'"version":7', b'"version":0'),
    lambda head: head.replace(b'"version":7', b'"version":7.5'),
    lambda head: head.replace(b'"version":7', b'"version":true'),
    lambda head: head.replace(b'"version":7', b'"version":9007199254740992'),
    lambda head: head.replace(b"gate/1", b"gate/2"),
    lambda head: head.replace(b'"bytes":70', b'"bytes":0'),
    lambda head: head.replace(b'"bytes":70', b'"bytes":262145'),
    lambda head: head.replace(b'"device":null', b'"device":"../x"'),
    lambda head: head.replace(b'"made":1767225600000', b'"made":-1'),
    lambda head: head[:-1],
    lambda _: b"[" * HEAD_MOST_BYTES,
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_right_signature_over_a_broken_head_is_refused(broken: Callable[[bytes], bytes]) -> None:
    body = broken(GOOD)
    assert body != GOOD
    with pytest.raises(BundleRefused, match="signed, and broken"):
        verify_head(signed_by(ROOT, body), ROOTS)


def test_a_head_longer_than_any_is_refused_without_waiting_for_it() -> None:
    incoming = Incoming(ROOTS)
    with pytest.raises(BundleRefused, match="not a bundle"):
        incoming.feed(MAGIC + bytes(64) + (HEAD_MOST_BYTES + 1).to_bytes(2, "big"))


@pytest.mark.parametrize("kind", BundleKind)
def test_a_content_as_large_as_its_kind_may_have_is_let_in_and_no_larger(kind: BundleKind) -> None:
    most = CONTENT_MOST_BYTES[kind]
    verify_head(sign_head(replace(SAID, kind=kind, size=most), ROOT), ROOTS)
    with pytest.raises(BundleRefused, match=f"at most {most}"):
        verify_head(sign_head(replace(SAID, kind=kind, size=most + 1), ROOT), ROOTS)


def test_a_root_names_its_successor_and_that_one_the_next() -> None:
    third = SigningKey.new()
    first_word = POLICY[: -len(CONTENT)]
    next_word = sign_head(replace(SAID, successor=third.public), SUCCESSOR)
    assert succeed(ROOT.public, [first_word, next_word]) == (ROOT.public, SUCCESSOR.public, third.public)
    assert succeed(SUCCESSOR.public, [first_word, next_word]) == (SUCCESSOR.public, third.public)


def test_nobody_else_names_a_successor_and_an_old_root_does_not_either() -> None:
    third = SigningKey.new()
    stranger = sign_head(replace(SAID, successor=third.public), SigningKey.new())
    assert succeed(ROOT.public, [stranger, b"", b"\xff" * 300]) == ROOTS
    late = sign_head(replace(SAID, successor=third.public), ROOT)
    assert succeed(ROOT.public, [POLICY[: -len(CONTENT)], late]) == (ROOT.public, SUCCESSOR.public)
    back = sign_head(replace(SAID, successor=ROOT.public), SUCCESSOR)
    assert succeed(ROOT.public, [POLICY[: -len(CONTENT)], back]) == (ROOT.public, SUCCESSOR.public)
