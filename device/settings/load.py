"""The only door to a `Site`: a file or a text, checked whole, or every mistake at once."""

from __future__ import annotations

from pathlib import Path

from device.settings.complaints import Complaint, Complaints
from device.settings.crosschecks import crosschecks
from device.settings.located import MOST_BYTES, decode, read
from device.settings.schema import Site
from device.settings.tree import Located
from device.settings.validate import Finding, validated

__all__ = ["Complaint", "Complaints", "load", "parse"]


def load(path: Path) -> Site:
    """Read and check the site file at *path*.

    Raises `Complaints` with every mistake; with one when the file cannot be read or is no YAML at all.
    Reads at most `MOST_BYTES` and a byte.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        reason = "there is no such file"
    except IsADirectoryError:
        reason = "this is a folder; name the YAML file in it"
    except PermissionError:
        reason = "not allowed to read it; check its owner and mode"
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = f"cannot be read: {getattr(error, 'strerror', None) or 'not a file name'}"
    else:
        return parse(decode(raw, name), file=name, folder=path.parent)
    raise Complaints([Complaint(name, 1, 1, "file", reason)])


def parse(text: str, *, file: str = "site.yaml", folder: Path = Path()) -> Site:
    """Check the text of a site file.

    Args:
        text: the YAML.
        file: what complaints call it.
        folder: where relative paths in it start.

    Raises `Complaints` with every mistake.
    """
    located = read(text, file)
    result = validated(located, Site, folder)
    findings = [*(result if isinstance(result, list) else ()), *crosschecks(located)]
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
