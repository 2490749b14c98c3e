"""Who owns the gate's files: commands beside the service must leave them to the service's own user."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from device.words import say, sentence, why_of


def not_the_owner(folder: Path) -> str:
    """Say how to call the command when *folder* belongs to somebody else; empty when all is well.

    What root writes there, the service could not read.
    """
    try:
        owner = folder.stat().st_uid
    except OSError as error:
        return say("{folder}: {why}; the gate makes it when it first runs", folder=folder, why=why_of(error))
    if owner == os.geteuid():
        return ""
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    what = sentence("{folder} belongs to {name}; run the same again as that user: sudo -u {name} gate-scanner …")
    return say(what, folder=folder, name=name)
