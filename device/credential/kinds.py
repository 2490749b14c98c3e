"""The credential formats by their kinds, one module each: kind ``citizen-card`` is read in ``citizen_card.py``.

The table of kinds is `device.model.CodeKind`. The health certificate (HC1) is read from bytes, not from fields, and
stands apart (`device.credential.hc1`).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from device.credential.format import Format
from device.model import CREDENTIAL_KINDS, CodeKind


def _format_of(kind: CodeKind) -> Format:
    """Return what the module named after *kind* declares; raises `ImportError` or `TypeError` when it does not."""
    declared = import_module(f"{__package__}.{kind.replace('-', '_')}").FORMAT
    if not isinstance(declared, Format) or declared.kind is not kind:
        raise TypeError(f"the module of {kind} declares another FORMAT")
    return declared


FORMATS: Mapping[CodeKind, Format] = MappingProxyType(
    {kind: _format_of(kind) for kind in CREDENTIAL_KINDS if kind is not CodeKind.HC1}
)
"""Every format of fields, in the order of `CodeKind`, which is the order of reading."""
