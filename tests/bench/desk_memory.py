"""``./setup.sh bench desk-memory``: a hub of one venue with its desk, after log-ins and a look at each of its pages."""

from __future__ import annotations

import argparse
import json
import re
import statistics
import tempfile
import time
from collections import deque
from contextlib import closing
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.hub.accounts.audit import Actor
from device.hub.accounts.passwords import Passwords
from device.hub.accounts.roles import AccountRole
from device.hub.accounts.store import Accounts
from device.hub.child_process import HubProcess
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from tests.support.browser import Browser

GOAL_MB: Final = 150.0
LOG_INS: Final = 4
"""Of one account in a minute no more than five are taken."""
_NAME: Final = "Lan Anh"
_PASSWORD: Final = "bốn con trâu đi qua cầu"
_LINK: Final = re.compile(r'<(?:a|link|img|script)\b[^>]*?\b(?:href|src)="(/[^"#]*)')
_MOST_PAGES: Final = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen.

    Attributes:
        started_mb: resident memory (RSS) of the hub when it answers, 10^6 bytes.
        after_mb: the same after all of it.
        pss_mb: its proportional share then.
        pages: how many addresses were looked at.
        first_page_ms: p50 of the first page, each over a new TLS connection.
    """

    started_mb: float
    after_mb: float
    pss_mb: float
    pages: int
    first_page_ms: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench desk-memory`` takes."""
    parser.add_argument("--times", type=int, default=50, help="how often the first page is opened (default 50)")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when the hub takes less than was promised, 1 otherwise."""
    with tempfile.TemporaryDirectory(prefix="gate-scanner-desk-") as folder:
        found = measure(Path(folder) / "hub", arguments.times)
    if arguments.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"a hub with its desk: {found.started_mb:.0f} MB when it answers, {found.after_mb:.0f} MB")
        print(f"(PSS {found.pss_mb:.0f}) after {LOG_INS} log-ins and {found.pages} addresses;")
        print(f"the first page over a new connection: {found.first_page_ms:.1f} ms (p50)")
    return 0 if found.after_mb < GOAL_MB else 1


def measure(path: Path, times: int) -> Figures:
    """Make a hub at *path*, let it run, and use it."""
    clock = SystemClock()
    process = HubProcess(path, clock, tls=True, desk=True)
    settings = NewSettings(["127.0.0.1"], listen=f"127.0.0.1:{process.port}", desk=f"127.0.0.1:{process.desk_port}")
    folder = HubFolder.create(path, clock, settings=settings)
    with closing(folder.open_store()) as store:
        accounts = Accounts(store, Passwords())
        accounts.set_password(accounts.add(_NAME, AccountRole.TECHNICIAN, Actor("bench")), _PASSWORD, "")
    assert process.desk_port is not None
    with process:
        assert process.pid is not None
        _, started_mb = _memory_mb(process.pid)
        for _ in range(LOG_INS):
            browser = Browser(process.desk_port)
            assert browser.post("/log-in", {"name": _NAME, "password": _PASSWORD}).status == 303
        pages = _look_at_all(browser)
        first_page_ms = statistics.median(_taken_ms(browser) for _ in range(times))
        pss_mb, after_mb = _memory_mb(process.pid)
    return Figures(started_mb, after_mb, pss_mb, pages, first_page_ms)


def _look_at_all(browser: Browser) -> int:
    """Follow links from the first page; return how many addresses were looked at."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        for link in map(unescape, _LINK.findall(browser.get(waiting.popleft()).body.decode("utf-8", "replace"))):
            if link not in seen and len(seen) < _MOST_PAGES:
                seen.add(link)
                waiting.append(link)
    return len(seen)


def _taken_ms(browser: Browser) -> float:
    began = time.perf_counter()
    assert browser.get("/").status == 200
    return (time.perf_counter() - began) * 1000


def _memory_mb(pid: int) -> tuple[float, float]:
    """Return PSS and RSS of a process in 10^6 bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return kib["Pss"] * 1024 / 1e6, kib["Rss"] * 1024 / 1e6
