"""Bundle adoption: puts into force what the hub publishes: policy, trust list, sealing keys, lists of people.

Each content is checked as if it came from a file of the site; a broken one is refused with its first mistake, and what
was in force stays so. Lists of people go into memory, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from device.app.destination import webhook_of
from device.clock import Clock
from device.credential.hc1.trust_list import TrustList
from device.crypto.sealing import Sealer, SealingKey
from device.enrolment.document import Enrolment
from device.errors import BundleRefused, Complaints, SealingUnavailable, WireError
from device.gate.rules import RulesInForce
from device.gate.traffic import Traffic
from device.policy import Policy
from device.policy.lists import Listing
from device.policy.rules import ListRules
from device.settings.choices import Source
from device.settings.load import parse_policy
from device.settings.located import decode
from device.settings.policy_in_force import PolicySource
from device.settings.schema import HubSection, Site
from device.settings.watched_file import Offered
from device.store.bundle_store import BundleStore
from device.sync.refresh import Adopter, Beside, Refresher
from device.sync.state_reporter import StateDesk
from device.trust.trust_list import parse_trust
from device.uplink.bundles import BundleClient
from device.wire.bundle import Bundle, BundleKind
from device.wire.people_list import PeopleList
from device.wire.sealing_keys import decode_days

_T = TypeVar("_T")


def refresher_of(  # noqa: PLR0913, PLR0917 - all that a bundle may change
    site: Site,
    enrolled: Enrolment,
    clock: Clock,
    traffic: Traffic,
    rules: RulesInForce,
    sealer: Sealer,
    policies: PolicySource,
    trust: Offered[TrustList] | None,
    beside: Callable[[StateDesk], Beside] | None = None,
) -> Refresher | None:
    """Build the refreshing loop and put into force what is kept on the card; ``None`` without a hub. It is not started.

    Args:
        site: says what is taken from the hub.
        enrolled: who asks, and whose root must have signed.
        clock: for every wait.
        traffic: whether a code is in view.
        rules: whose lists of people are replaced, as the policy among them asks for.
        sealer: whose keys are renewed.
        policies: takes the policy, where the site leaves it to the hub.
        trust: takes the trust list, the same.
        beside: makes what else is told to the hub on that thread; ``None``: nothing is.
    """
    hub = hub_of(site)
    if hub is None:
        return None
    adopters: dict[BundleKind, Adopter] = {BundleKind.SEALING_KEYS: _SealingKeys(sealer, enrolled.sealing_keys)}
    if site.policy.source is Source.HUB:
        adopters[BundleKind.POLICY] = _Policy(policies)
    if trust is not None:
        adopters[BundleKind.TRUST] = _Trust(trust)
    adopters[BundleKind.WATCH_LIST] = _People(rules, lambda policy: policy.watch_list, rules.watch)
    adopters[BundleKind.ROSTER] = _People(rules, lambda policy: policy.roster, rules.expect)
    client = BundleClient(hub.url, enrolled, clock, deadline_s=hub.deadline_ms / 1000, ca_file=hub.ca_file)
    refresher = Refresher(
        client,
        BundleStore(site.store.folder, enrolled.bundle_root, enrolled.device_id),
        adopters,
        clock,
        traffic,
        beside=None if beside is None else beside(client),
        interval_s=hub.refresh_ms / 1000,
    )
    refresher.begin()
    return refresher


def hub_of(site: Site) -> HubSection | None:
    """Return the hub that hands out bundles and is told how the gate stands; ``None`` without one."""
    return None if webhook_of(site) is not None else site.hub


@dataclass(frozen=True, slots=True)
class _Policy(Adopter):
    policies: PolicySource

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:  # noqa: ARG002 - it is short
        policy = _read(lambda: parse_policy(decode(bytes(bundle.content), "policy"), file="policy"))
        return lambda: self.policies.offer(policy, bundle.head.made_ms)


@dataclass(frozen=True, slots=True)
class _Trust(Adopter):
    trust: Offered[TrustList]

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:  # noqa: ARG002 - it is short
        found = _read(lambda: parse_trust(decode(bytes(bundle.content), "trust list"), "trust list"))
        return lambda: self.trust.offer(found, bundle.head.made_ms)


@dataclass(frozen=True, slots=True)
class _SealingKeys(Adopter):
    """Takes the hub's keys beside those of the enrolment: that may be newer than what is kept on the card."""

    sealer: Sealer
    enrolled: tuple[SealingKey, ...]

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:  # noqa: ARG002 - it is short
        keys = _read(lambda: decode_days(bytes(bundle.content)))
        _read(lambda: Sealer(self.sealer.device_id, keys))  # each key can be sealed to, or none is taken
        return lambda: self.sealer.renew((*self.enrolled, *keys))


@dataclass(frozen=True, slots=True)
class _People(Adopter):
    """Takes a list of people for as long as the policy in force asks for it."""

    rules: RulesInForce
    asked_by: Callable[[Policy], ListRules | None]
    put: Callable[[Listing | None], None]

    def read(self, bundle: Bundle, pause: Callable[[], None]) -> Callable[[], None]:
        people = _read(lambda: PeopleList(bundle.content, pause))
        return lambda: self.put(people)

    def wanted(self) -> bool:
        return self.asked_by(self.rules.now.policy) is not None

    def drop(self) -> None:
        self.put(None)


def _read(read: Callable[[], _T]) -> _T:
    """Read a content; raises `BundleRefused` with the first thing that is wrong with it."""
    try:
        return read()
    except Complaints as mistakes:
        more = len(mistakes.complaints) - 1
        raise BundleRefused(f"{mistakes.complaints[0]}{f' (and {more} more)' if more else ''}") from None
    except (WireError, SealingUnavailable) as error:
        raise BundleRefused(str(error)) from None
