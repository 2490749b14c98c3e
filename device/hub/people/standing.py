"""How people's phones reach the hub, in sentences: for `gate-scanner check` and the desk's page about the hub."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from device.errors import Complaint, Complaints, ConfigurationError
from device.hub.people.certificate import Certificate, ends_soon, objections, read_certificate
from device.hub.settings.schema import PeopleSection
from device.settings.tree import Located
from device.words import say

PRIVILEGED_PORT: Final = 1_024
"""Ports below are root's, and the hub is not root (config/hub.md says what to do)."""


def standing(people: PeopleSection | None, now_s: float, *, elsewhere: bool = False) -> Iterator[str]:
    """Yield in sentences how phones reach the hub, and what is off because they do not.

    Args:
        people: of the settings; ``None``: there are none.
        now_s: Unix time.
        elsewhere: the certificate is not on this machine: it is not looked at.
    """
    if people is None or people.url is None:
        yield say("no address that phones trust: hub.yaml has no people.url")
        yield _off()
    elif people.listen is None:
        yield say(
            "posters lead to {url}, where this hub does not answer: hub.yaml has no people.listen", url=people.url
        )
        yield _off()
    elif people.behind_proxy is not None:
        address = people.behind_proxy.address
        yield say("{url}, by the proxy at {address}", url=people.url, address=address)
    elif elsewhere or people.files is None:
        yield people.url
    else:
        yield from _with_certificate(people.url, people, now_s)


def check_certificate(people: PeopleSection, located: Located, now_s: float) -> list[str]:
    """Look at the certificate that phones are to trust.

    Returns:
        What is to be looked at again, in sentences.

    Raises:
        Complaints: phones do not take it, or nothing can be served with it.
    """
    if people.files is None:
        return []
    try:
        found = read_certificate(*people.files)
    except ConfigurationError as error:
        key = "key" if str(error).startswith(str(people.files[1])) else "certificate"
        raise Complaints([located.complaint(("people", key), str(error))]) from error
    if wrong := objections(found, people.host, now_s):
        raise Complaints([_complaint(located, told) for told in wrong])
    return [str(_complaint(located, told)) for told in _worth_a_look(people, found, now_s)]


def _complaint(located: Located, told: str) -> Complaint:
    return located.complaint(("people", "certificate"), told)


def _worth_a_look(people: PeopleSection, found: Certificate, now_s: float) -> Iterator[str]:
    if soon := ends_soon(found, now_s):
        yield soon
    if people.listen is not None and people.listen.port < PRIVILEGED_PORT:
        yield say("port {port} is root's, and the hub is not root: see config/hub.md", port=people.listen.port)


def _off() -> str:
    return say(
        "Pages for staff work on this network all the same. Self check-in, pages with a camera and whatever else needs "
        "an address that phones trust stay off."
    )


def _with_certificate(url: str, people: PeopleSection, now_s: float) -> Iterator[str]:
    assert people.files is not None
    try:
        found = read_certificate(*people.files)
    except ConfigurationError as error:
        yield say("{url}: phones cannot open it: {why}", url=url, why=error)
        yield _off()
        return
    if wrong := objections(found, people.host, now_s):
        yield from (say("{url}: phones do not trust its certificate: {why}", url=url, why=told) for told in wrong)
        yield _off()
        return
    yield say("{url}, certificate until {day}", url=url, day=found.last_day)
    if soon := ends_soon(found, now_s):
        yield say("the certificate {why}", why=soon)
