"""``./setup.sh bench service``: what ``gate-scanner doctor service`` measures on a gate."""

from __future__ import annotations

from device.cli.doctor import run_service as run
from device.cli.doctor import service_arguments as add_arguments

__all__ = ["add_arguments", "run"]
