"""Log format: one event a line (``event=name key=value …``), with the syslog priority where journald reads it."""

from __future__ import annotations

import logging
import os
import sys

from device.errors import shown

_PRIORITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}


def start_log(level: str) -> None:
    """Log to standard error from *level* (``debug`` … ``error``) on; in the eye of a gate too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # its lines name URLs at every retry


class _OneLine(logging.Formatter):
    """One line of printable characters, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\n", " ").replace("\r", " ")
        text = shown(text, len(text))
        return f"<{_PRIORITIES.get(record.levelname, 6)}>{text}" if "JOURNAL_STREAM" in os.environ else text
