"""``./setup.sh bench hub-start``: how long a hub takes from its start until it serves, with any number of check-ins.

PostgreSQL is a throw-away server beside it, as the tests use it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from device.clock import SystemClock
from device.hub.folder import HubFolder
from device.hub.serve import LOOPBACK, listen
from tests.bench.hub_child import core_s_of
from tests.bench.hub_rows import fill, new_url
from tests.support.new_hubs import hub_folder
from tests.support.postgres import Cluster

ROWS: Final = 1_000_000
MOST_S: Final = 2.0
STARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Start:
    """How long starts took.

    Attributes:
        database: ``sqlite`` or ``postgresql``.
        rows: check-ins that were stored.
        megabytes: the database, 10^6 bytes.
        starts_s: from the start of each process until it had answered a request.
        cores_s: what each used of a core for it, whatever else the machine did.
    """

    database: str
    rows: int
    megabytes: int
    starts_s: list[float]
    cores_s: list[float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench hub-start`` takes."""
    parser.add_argument("--rows", type=int, default=ROWS, help=f"check-ins that are stored (default {ROWS:,})")
    parser.add_argument("--json", action="store_true", help="one line of JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run it; 0 when each start took less than `MOST_S`."""
    found: list[Start] = []
    with tempfile.TemporaryDirectory() as scratch, closing(Cluster()) as cluster:
        for database in ("sqlite", "postgresql"):
            url = None if database == "sqlite" else new_url(cluster)
            folder = hub_folder(Path(scratch) / database, SystemClock(), url)
            fill(folder, folder.sealing_keys()[0], arguments.rows)
            starts = [_start(folder) for _ in range(STARTS)]
            starts_s, cores_s = ([round(one[which], 2) for one in starts] for which in (0, 1))
            found.append(Start(database, arguments.rows, _megabytes(folder, cluster), starts_s, cores_s))
    if arguments.json:
        print(json.dumps([asdict(start) for start in found]))
    else:
        for start in found:
            took, of_a_core = (", ".join(f"{one:.2f}" for one in each) for each in (start.starts_s, start.cores_s))
            size = f"{start.rows:,} rows, {start.megabytes:,} MB"
            print(f"{start.database:<10} {size}: answers after {took} s ({of_a_core} s of a core)")
    return 0 if all(start_s < MOST_S for start in found for start_s in start.starts_s) else 1


def _start(folder: HubFolder) -> tuple[float, float]:
    """Start the hub, wait until it has answered, and end it; return seconds of the clock and of a core."""
    (listener,) = listen(LOOPBACK, 0)
    port = listener.getsockname()[1]
    listener.close()
    command = [sys.executable, "-P", "-m", "device", "hub", "run", str(folder.path), "--port", str(port)]
    began_s = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as hub:
        assert hub.stdout is not None
        said = hub.stdout.readline()
        with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=60)) as line:
            line.request("GET", "/v1/health")
            status = line.getresponse().status
        took_s, core_s = time.perf_counter() - began_s, core_s_of(hub.pid)
        hub.send_signal(signal.SIGTERM)
        code = hub.wait(60)
    assert said.startswith(b"hub on"), said
    assert (status, code) == (200, 0)
    return took_s, core_s


def _megabytes(folder: HubFolder, cluster: Cluster) -> int:
    url = folder.database_url()
    if url is None:
        return round(folder.database.stat().st_size / 1e6)
    assert url.database is not None
    ((size,),) = cluster.execute("SELECT pg_database_size(current_database())", url.database)
    return round(int(size) / 1e6)
