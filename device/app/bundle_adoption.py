"""Puts what the hub publishes into force: the policy, the trust list, the sealing keys, the lists of people.

Each content is checked as if it came from a file of the site; a broken one is refused with its first mistake, and what
was in force stays so. Lists of people go into memory, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TypeVar

from device.app.destination import webhook_of
from device.credential.hc1.trust_list import TrustList
from device.crypto.sealing import Sealer, SealingKey
from device.enrolment.document import Enrolment
from device.errors import BundleRefused, Complaints, SealingUnavailable, WireError
from device.gate.scan import Gate, busy
from device.policy import Policy
from device.policy.rules import ListRules
from device.settings.choices import Source
from device.settings.load import parse_policy
from device.settings.located import decode
from device.settings.policy_in_force import PolicySource
from device.settings.schema import Site
from device.settings.watched_file import Offered
from device.store.bundle_store import BundleStore
from device.sync.refresh import Adopt, Adopter, Refresher
from device.trust.trust_list import parse_trust
from device.uplink.bundles import BundleClient
from device.wire.bundle import Bundle, BundleKind
from device.wire.people_list import PeopleList
from device.wire.sealing_keys import decode_days

_T = TypeVar("_T")


def refresher_of(  # noqa: PLR0913, PLR0917 - all that a bundle may change
    site: Site,
    enrolled: Enrolment,
    gate: Gate,
    sealer: Sealer,
    policies: PolicySource,
    trust: Offered[TrustList] | None,
    opened: ExitStack,
) -> Refresher | None:
    """Build the refreshing loop and put into force what is kept on the card; ``None`` without a hub. It is not started.

    Args:
        site: says what is taken from the hub.
        enrolled: who asks, and whose root must have signed.
        gate: whose lists of people are replaced.
        sealer: whose keys are renewed.
        policies: takes the policy, where the site leaves it to the hub.
        trust: takes the trust list, the same.
        opened: ends the loop when it is closed.
    """
    hub = site.hub
    if hub is None or webhook_of(site) is not None:
        return None
    clock = gate.clock
    adopters = {BundleKind.SEALING_KEYS: Adopter(_sealing_keys(sealer, enrolled.sealing_keys))}
    if site.policy.source is Source.HUB:
        adopters[BundleKind.POLICY] = Adopter(_policy(policies))
    if trust is not None:
        adopters[BundleKind.TRUST] = Adopter(_trust(trust))
    adopters[BundleKind.WATCH_LIST] = _list(lambda policy: policy.watch_list, partial(_watch, gate), gate)
    adopters[BundleKind.ROSTER] = _list(lambda policy: policy.roster, partial(_expect, gate), gate)
    refresher = Refresher(
        BundleClient(hub.url, enrolled, clock, deadline_s=hub.deadline_ms / 1000, ca_file=hub.ca_file),
        BundleStore(site.store.folder, enrolled.bundle_root, enrolled.device_id),
        adopters,
        clock,
        interval_s=hub.refresh_ms / 1000,
        yield_while=lambda: busy(gate, clock.monotonic_ms()),
    )
    opened.callback(refresher.stop)
    refresher.begin()
    return refresher


def _policy(policies: PolicySource) -> Adopt:
    def adopt(bundle: Bundle, _pause: Callable[[], None]) -> Callable[[], None]:
        policy = _read(lambda: parse_policy(decode(bytes(bundle.content), "policy"), file="policy"))
        return lambda: policies.offer(policy, bundle.head.made_ms)

    return adopt


def _trust(trust: Offered[TrustList]) -> Adopt:
    def adopt(bundle: Bundle, _pause: Callable[[], None]) -> Callable[[], None]:
        found = _read(lambda: parse_trust(decode(bytes(bundle.content), "trust list"), "trust list"))
        return lambda: trust.offer(found, bundle.head.made_ms)

    return adopt


def _sealing_keys(sealer: Sealer, enrolled: tuple[SealingKey, ...]) -> Adopt:
    """Take the hub's keys beside those of the enrolment: that may be newer than what is kept on the card."""

    def adopt(bundle: Bundle, _pause: Callable[[], None]) -> Callable[[], None]:
        keys = _read(lambda: decode_days(bytes(bundle.content)))
        _read(lambda: Sealer(sealer.device_id, keys))  # each key can be sealed to, or none is taken
        return lambda: sealer.renew((*enrolled, *keys))

    return adopt


def _list(rules: Callable[[Policy], ListRules | None], put: Callable[[PeopleList | None], None], gate: Gate) -> Adopter:
    """Take a list of people for as long as the policy in force asks for it."""

    def adopt(bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:
        people = _read(lambda: PeopleList(bundle.content, pause))
        return lambda: put(people)

    return Adopter(adopt, wanted=lambda: rules(gate.policy) is not None, drop=lambda: put(None))


def _watch(gate: Gate, people: PeopleList | None) -> None:
    gate.lists = replace(gate.lists, watch=people)


def _expect(gate: Gate, people: PeopleList | None) -> None:
    gate.lists = replace(gate.lists, roster=people)


def _read(read: Callable[[], _T]) -> _T:
    """Read a content; raises `BundleRefused` with the first thing that is wrong with it."""
    try:
        return read()
    except Complaints as mistakes:
        more = len(mistakes.complaints) - 1
        raise BundleRefused(f"{mistakes.complaints[0]}{f' (and {more} more)' if more else ''}") from None
    except (WireError, SealingUnavailable) as error:
        raise BundleRefused(str(error)) from None
