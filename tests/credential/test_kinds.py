"""The table of kinds and the modules that read them belong together."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from device import credential
from device.credential.format import Format
from device.credential.kinds import FORMATS
from device.model import CREDENTIAL_KINDS, CodeKind


def test_every_kind_but_the_certificate_has_a_format_and_every_format_its_kind() -> None:
    assert {*FORMATS, CodeKind.HC1} == set(CREDENTIAL_KINDS)
    modules = [
        import_module(f"device.credential.{module.name}") for module in pkgutil.iter_modules(credential.__path__)
    ]
    declared = [module.FORMAT for module in modules if isinstance(getattr(module, "FORMAT", None), Format)]
    assert sorted(known.kind for known in declared) == sorted(FORMATS)


def test_a_format_says_what_it_is_in_one_sentence() -> None:
    for known in FORMATS.values():
        assert known.says[0].isupper()
        assert known.says.index(".") == len(known.says) - 1
