"""Values that may be left to the gate: ``auto`` in the site file."""

from __future__ import annotations

from pathlib import Path

from device.settings.values import Rule


def auto_or(rule: Rule) -> Rule:
    """``auto``, read as ``None``, or what another rule says."""

    def read(text: str, folder: Path) -> object:
        return None if text == "auto" else rule.read(text, folder)

    return Rule(read, {"anyOf": [rule.shape, {"enum": ["auto"]}]})
