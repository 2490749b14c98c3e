"""What a site file must say before a gate works by it: a place and a centre of its own, and a folder that stays.

Examples are right as far as their form goes, and no gate may be called what they are called. The demo, the tests and
the commands that only read a site file do not ask this. Looks at the literal tree, as `crosschecks` does.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from device.enrolment.code import EnrolCode, read_code
from device.errors import shown
from device.settings.address import file_path
from device.settings.crosschecks import at
from device.settings.schema import PlaceSection
from device.settings.tree import Located, Scalar
from device.settings.tree import Path as Key
from device.settings.validate import Finding
from device.words import say, sentence

STATE: Final = "/var/lib/gate-scanner"
"""``StateDirectory`` of the gate's unit: all that it may write to."""
_EXAMPLE_NAMES: Final = tuple(map(str, PlaceSection.model_fields["name"].examples or ()))
_EXAMPLE_DOMAIN: Final = "example.vn"
_EXAMPLE_CODE: Final = read_code("GATE-SCAN-NERE-XAMPN")
_URLS: Final[dict[Key, str]] = {
    ("hub", "url"): sentence("this is still the example's; write that of your hub, or leave the hub section out"),
    ("sync", "webhook", "url"): sentence("this is still the example's; write that of your server"),
}
_FORGETFUL: Final = ("/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm")  # noqa: S108 - named to be refused
_HOMES: Final = ("/home", "/root")
_SYSTEM: Final = ("/boot", "/etc", "/usr", "/bin", "/sbin", "/lib", "/opt")
_NO_DISK: Final = ("/proc", "/sys", "/dev")


def in_service(located: Located) -> Iterator[Finding]:
    """Yield what keeps a gate from working by this file, though every value is written as it should be."""
    yield from _still_the_example(located)
    folder = at(located.tree, "store", "folder")
    if isinstance(folder, Scalar) and not folder.empty:
        volatile = at(located.tree, "store", "volatile_ok")
        said = isinstance(volatile, Scalar) and volatile.text == "true"
        driver = at(located.tree, "pins", "driver")
        desk = isinstance(driver, Scalar) and driver.text == "mock"
        if why := _no_place_for_a_ledger(folder.text, may_forget=said, on_a_desk=desk):
            yield Finding(("store", "folder"), why)


def _still_the_example(located: Located) -> Iterator[Finding]:
    name = at(located.tree, "place", "name")
    if isinstance(name, Scalar) and _plain(name.text) in map(_plain, _EXAMPLE_NAMES):
        yield Finding(("place", "name"), say("this is still the example's; write the registered name of your place"))
    for path, remedy in _URLS.items():
        url = at(located.tree, *map(str, path))
        if isinstance(url, Scalar) and f".{_host(url.text)}".endswith(f".{_EXAMPLE_DOMAIN}"):
            yield Finding(path, say(remedy))
    code = at(located.tree, "hub", "enrol_code")
    if isinstance(code, Scalar) and _code(code.text) == _EXAMPLE_CODE:
        yield Finding(("hub", "enrol_code"), say("this is still the example's; write the code that `hub code` printed"))


def _code(text: str) -> EnrolCode | None:
    try:
        return read_code(text)
    except ValueError:
        return None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _no_place_for_a_ledger(text: str, *, may_forget: bool, on_a_desk: bool) -> str:
    """Say why check-ins cannot be kept in a folder of this name, "" when they can."""
    try:
        file_path().read(text, Path())
    except PydanticCustomError:
        return ""  # the schema speaks of that
    if not text.startswith("/"):
        return say("write it in full, from / on, like {state} (got '{got}')", state=STATE, got=shown(text))
    folder = posixpath.normpath(f"/{text.lstrip('/')}")
    if _is_below(folder, _FORGETFUL):
        # PrivateTmp of the unit empties /tmp and /var/tmp whenever the gate stops
        told = say(
            "a restart empties it, and check-ins are lost; write {state}, or store.volatile_ok: true", state=STATE
        )
        return "" if may_forget else told
    if folder == "/" or _is_below(folder, _NO_DISK):
        return say("no files can be kept there; write a folder on the card, like {state}", state=STATE)
    if _is_below(folder, _SYSTEM) or (not on_a_desk and _is_below(folder, _HOMES)):
        return say("the gate may not write there; write {state}", state=STATE)
    return ""


def _is_below(folder: str, tops: tuple[str, ...]) -> bool:
    return any(folder == top or folder.startswith(f"{top}/") for top in tops)
