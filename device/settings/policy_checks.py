"""Checks between keys of a policy document; the same habits as `crosschecks`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from device.model import CREDENTIAL_KINDS, CodeKind
from device.policy.rules import ACCEPTED_UNNAMED
from device.settings.crosschecks import at, repeats
from device.settings.tree import Located, Scalar
from device.settings.validate import Finding
from device.words import say

_LISTS: tuple[tuple[str, ...], ...] = (
    ("accept",),
    ("status", "kinds"),
    ("certificates", "signer_countries"),
    ("certificates", "diseases"),
    ("certificates", "one_dose_products"),
    *(("certificates", tier, "vaccination", "products") for tier in ("grant", "refer")),
)
_TIERS = ("grant", "refer")


def policy_checks(located: Located) -> Iterator[Finding]:
    """Yield what is wrong between the keys of a policy document."""
    for path in _LISTS:
        yield from repeats(at(located.tree, *path), path)
    yield from _hours_that_are_none(located)
    yield from _rules_for_nobody(located)
    yield from _limits_that_cross(located)
    yield from _tiers_that_earn_nothing(located)


def _hours_that_are_none(located: Located) -> Iterator[Finding]:
    hours = at(located.tree, "hours")
    for index, opening in enumerate(hours if isinstance(hours, list) else []):
        begins, ends, days = at(opening, "from"), at(opening, "to"), at(opening, "days")
        yield from repeats(days, ("hours", index, "days"))
        if isinstance(begins, Scalar) and begins.text == "24:00":
            yield Finding(("hours", index, "from"), say("write 00:00, on the next day"))
        elif isinstance(begins, Scalar) and isinstance(ends, Scalar) and begins.text == ends.text:
            yield Finding(("hours", index, "to"), say("the same as from; a whole day is from 00:00 to 24:00"))
    if at(located.tree, "closed") is not None and hours is None:
        yield Finding(("closed",), say("says nothing without hours; write hours, or remove the line"), at_key=True)


def _rules_for_nobody(located: Located) -> Iterator[Finding]:
    accept = at(located.tree, "accept")
    if accept is not None and (not isinstance(accept, list) or not accept):
        return
    accepted = {item.text for item in accept if isinstance(item, Scalar)} if accept else set(ACCEPTED_UNNAMED)
    if at(located.tree, "certificates") is not None and CodeKind.HC1 not in accepted:
        yield Finding(("certificates",), say("no certificate gets here; add hc1 to accept"), at_key=True)
    kinds = at(located.tree, "status", "kinds")
    for index, kind in enumerate(kinds if isinstance(kinds, list) else []):
        if isinstance(kind, Scalar) and kind.text in set(CREDENTIAL_KINDS) - accepted:
            what = say("no such code gets here; add it to accept, or remove it here")
            yield Finding(("status", "kinds", index), what)


def _limits_that_cross(located: Located) -> Iterator[Finding]:
    for tier in _TIERS:
        for entry in ("vaccination", "recovery"):
            path: tuple[str, ...] = ("certificates", tier, entry)
            least, most = at(located.tree, *path, "min_days"), at(located.tree, *path, "max_days")
            if isinstance(least, Scalar) and isinstance(most, Scalar) and _number(most) < _number(least):
                yield Finding((*path, "max_days"), say("less than min_days; nobody could meet both"))


def _number(written: Scalar) -> int:
    """Return a whole number; 0 when it is none, which the schema says."""
    return int(written.text) if re.fullmatch(r"[0-9]{1,9}", written.text, re.ASCII) else 0


def _tiers_that_earn_nothing(located: Located) -> Iterator[Finding]:
    for tier in _TIERS:
        if at(located.tree, "certificates", tier) == {}:
            yield Finding(("certificates", tier), say("write vaccination, test or recovery, or remove it"))
        if at(located.tree, "certificates", tier, "test") == {}:
            what = say("write pcr or antigen with a time, like pcr: 72h")
            yield Finding(("certificates", tier, "test"), what)
