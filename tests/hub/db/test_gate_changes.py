"""What the desk changes about a gate, within the transaction that notes it."""

from __future__ import annotations

import pytest

from device.hub.db.database import HubDatabase
from device.hub.db.gate_changes import (
    MOST_PUBLICATIONS,
    facts_of,
    group_name,
    is_taken,
    newest_publications,
    note_publication,
    publisher_of,
    rename,
    revoke,
)
from device.wire.bundle import BundleKind, Head
from tests.support.databases import both_databases
from tests.support.many_gates import add_gates

pytestmark = both_databases


def test_a_gate_is_revoked_once_and_with_the_key_that_it_has(store: HubDatabase) -> None:
    one, other = add_gates(store, "A", "B")
    signed: list[tuple[str, bytes]] = []

    def sign(device_id: str, public: bytes) -> bytes:
        signed.append((device_id, public))
        return b"s" * 64

    for expected in (True, False):
        with store.begin() as connection:
            assert revoke(connection, one, sign) is expected
    assert signed == [(one, (1).to_bytes(32, "big"))]
    with store.begin() as connection:
        assert not revoke(connection, "gate-nobody", sign)
    assert [store.key_of(gate) for gate in (one, other)] == [
        ((1).to_bytes(32, "big"), b"s" * 64),
        ((2).to_bytes(32, "big"), None),
    ]


def test_a_name_is_taken_by_a_gate_that_is_called_so_or_has_it_for_its_id(store: HubDatabase) -> None:
    one, _ = add_gates(store, "A", "B")
    with store.begin() as connection:
        assert [is_taken(connection, name) for name in ("A", one, "C")] == [True, True, False]
        assert not is_taken(connection, "A", but=one)
        rename(connection, one, "C")
    with store.reading() as connection:
        assert [is_taken(connection, name) for name in ("A", "C")] == [False, True]
        facts = facts_of(connection, one)
        assert facts is not None
        assert facts.public == (1).to_bytes(32, "big")
        assert facts_of(connection, "gate-nobody") is None


def test_a_group_has_a_name_like_a_gate_or_none() -> None:
    assert [group_name(text) for text in ("", "  ", " Khối  10 ")] == ["", "", "Khối 10"]
    for wrong in ("a\u202eb", "x" * 101):
        with pytest.raises(ValueError, match="letter"):
            group_name(wrong)


def test_who_published_what_is_kept_the_newest_first(store: HubDatabase) -> None:
    with store.begin() as connection:
        for version in range(1, MOST_PUBLICATIONS + 6):
            head = Head(BundleKind.POLICY, version, 1000 * version, 0, 17, b"")
            note_publication(connection, head, f"Lan {version}")
    with store.reading() as connection:
        found = newest_publications(connection)
        assert (len(found), found[0]) == (MOST_PUBLICATIONS, ("policy", 25, 25_000, "Lan 25", 17))
        assert publisher_of(connection, "policy", 3) == "Lan 3"
        assert publisher_of(connection, "roster", 3) is None
