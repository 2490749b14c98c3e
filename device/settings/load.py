"""Loading a site file or a policy document: `Site` or `Policy`, checked whole, or `Complaints` with every mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from device.errors import Complaint, Complaints
from device.policy.rules import Policy
from device.settings.crosschecks import crosschecks
from device.settings.in_service import in_service
from device.settings.keys import fields
from device.settings.located import MOST_BYTES, decode, read
from device.settings.policy_checks import policy_checks
from device.settings.policy_schema import PolicyDocument
from device.settings.schema import Site
from device.settings.tree import Located
from device.settings.validate import Finding, validated
from device.settings.warnings import warnings
from device.settings.wiring import PinsSection
from device.words import say, why_of

Top = TypeVar("Top", bound=BaseModel)


def load(path: Path) -> Site:
    """Read and check the site file at *path*.

    Raises `Complaints` with every mistake; with one when the file cannot be read or is no YAML at all.
    Reads at most `MOST_BYTES` and a byte.
    """
    return parse(text_in(path), file=str(path), folder=path.parent)


def load_pins(path: Path) -> PinsSection | None:
    """Read the ``pins:`` of a site file whose other parts may be wrong, for lamps that must say so.

    Returns ``None`` when the file cannot be read, or anything about its pins is wrong: no line may be driven then.
    """
    try:
        located = read(text_in(path), str(path))
    except Complaints:
        return None
    site = validated(located, Site, path.parent)
    findings = [*(site if isinstance(site, list) else ()), *crosschecks(located)]
    wrong = [finding.path[:1] for finding in findings]
    if ("pins",) in wrong or any(f"{mistake.key}.".startswith("pins.") for mistake in located.mistakes):
        return None
    return PinsSection.model_validate(located.tree["pins"], context={"folder": path.parent})


def load_policy(path: Path) -> Policy:
    """Read and check the policy document at *path*; raises `Complaints` as `load` does."""
    return parse_policy(text_in(path), file=str(path))


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that is right.

    Attributes:
        found: what it says.
        located: where it says so.
        warnings: what a technician should look at again.
    """

    found: Site | Policy
    located: Located
    warnings: tuple[Complaint, ...] = ()


def inspect(path: Path) -> Inspected:
    """Read and check a file that is a site file or a policy; see `inspect_text`."""
    return inspect_text(text_in(path), str(path), path.parent)


def inspect_text(text: str, file: str, folder: Path) -> Inspected:
    """Check a site file that a gate is to work by, or a policy. What it names is not looked for (`device.app`).

    Args:
        text: the YAML.
        file: what complaints call it.
        folder: where relative paths in it start.

    Raises `Complaints` with every mistake of the file.
    """
    located = read(text, file)
    if _is_policy(located):
        return Inspected(checked(located, PolicyDocument, policy_checks, folder).policy, located)
    if not {key.lower().partition(".")[0] for key in located.tree} & set(fields(Site)):
        raise Complaints([Complaint(file, 1, 1, "file", say("this is no site file: none of its keys is one of those"))])
    site = checked(located, Site, _service_checks, folder)
    return Inspected(site, located, tuple(warnings(located, text)))


def load_for_service(path: Path) -> tuple[Site, Located]:
    """Read and check the site file that a gate is to work by, and where its keys stand; raises as `load` does."""
    located = read(text_in(path), str(path))
    return checked(located, Site, _service_checks, path.parent), located


def parse(text: str, *, file: str = "site.yaml", folder: Path = Path()) -> Site:
    """Check the text of a site file.

    Args:
        text: the YAML.
        file: what complaints call it.
        folder: where relative paths in it start.

    Raises `Complaints` with every mistake.
    """
    return checked(read(text, file), Site, crosschecks, folder)


def parse_policy(text: str, *, file: str = "policy.yaml") -> Policy:
    """Check the text of a policy document; raises `Complaints`, which call it *file*."""
    return checked(read(text, file), PolicyDocument, policy_checks, Path()).policy


def _service_checks(located: Located) -> Iterator[Finding]:
    yield from crosschecks(located)
    yield from in_service(located)


def _is_policy(located: Located) -> bool:
    """Return whether a document is a policy, by its top keys; a site file when they do not say."""
    written = set(located.tree)
    return len(written & set(fields(PolicyDocument))) > len(written & set(fields(Site)))


def text_in(path: Path) -> str:
    """Return the text of a file; raises `Complaints` (one) when there is none."""
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        reason = say("there is no such file")
    except IsADirectoryError:
        reason = say("this is a folder; name the YAML file in it")
    except PermissionError:
        reason = say("not allowed to read it; check its owner and mode")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = say("not a file name") if isinstance(error, ValueError) else why_of(error)
        reason = say("cannot be read: {why}", why=why)
    else:
        return decode(raw, name)
    raise Complaints([Complaint(name, 1, 1, "file", reason)])


def checked(
    located: Located, top: type[Top], between_keys: Callable[[Located], Iterator[Finding]], folder: Path
) -> Top:
    """Check a document that was read.

    Args:
        located: the document.
        top: its schema.
        between_keys: what concerns several keys at once.
        folder: where relative paths in it start.

    Raises `Complaints` with every mistake.
    """
    result = validated(located, top, folder)
    findings = [*(result if isinstance(result, list) else ()), *between_keys(located)]
    complaints = located.mistakes + _placed(findings, located)
    if complaints or isinstance(result, list):
        raise Complaints(complaints)
    return result


def _placed(findings: list[Finding], located: Located) -> list[Complaint]:
    """Give findings their line and column; nothing is said about what an alias stood for."""
    return [
        located.complaint(finding.path, finding.message, at_key=finding.at_key)
        for finding in findings
        if not any(finding.path[: len(alias)] == alias for alias in located.aliases)
    ]
