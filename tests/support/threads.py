"""Threads of the service in tests: run what a thread does, and see to it that it ends, and ends well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from device.threads import ServiceEnd, ServiceThread, Work
from tests.support.fake_server import PATIENCE_S


@contextmanager
def running(work: Work) -> Iterator[None]:
    """Run *work* on a thread of its own; in the end it is closed, and must have ended without a defect."""
    end = ServiceEnd(threading.Event())
    thread = ServiceThread("test", work, end.fail, PATIENCE_S / 2)
    thread.start()
    try:
        yield
    finally:
        assert thread.stop()
    assert not end.failed
