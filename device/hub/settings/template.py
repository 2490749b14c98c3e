"""The ``hub.yaml`` that ``gate-scanner hub init`` writes: what was said, with a comment to every key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.hub.settings.schema import LISTEN, RETENTION_DAYS, Role
from device.hub.settings.values import IN_THE_FOLDER

_TEXT: Final = """\
# The hub's settings. Each key, with its default: config/hub.example.yaml. After a change: gate-scanner check hub.yaml,
# then start the hub anew. Options of `gate-scanner hub run` go before what is written here.

names: {names}   # what gates call it; after a change: gate-scanner hub certificate DIR
retention_days: {retention_days}   # how long who came can be read; then the day's key is destroyed

database:
  url: {database}   # sqlite: hub.db in this folder; or postgresql+psycopg://gate_hub@db.example.vn/gate_hub
  {password_file}   # with PostgreSQL; others may not read it

listen:
  - address: {listen}   # 0.0.0.0 is every network this machine is in
    tls: {tls}   # false only for this machine, or behind a proxy with a certificate

role: {role}   # ingest: takes what gates send, without private keys; desk: has the keys
workers: 1   # processes; more than one only with PostgreSQL
metrics: {metrics}   # /metrics, /healthz and /readyz; off: nowhere
desk: {desk}   # the pages for people, always over TLS; 0.0.0.0:8443 is every network this machine is in; off: nowhere

# people: {{url: https://checkin.example.vn}}   # an address that phones trust; posters lead to it

notice:   # what sign and notice tell people (gate-scanner hub poster)
  keeper: ''   # who keeps what is recorded; without it the place
  contact: ''   # whom to ask; without it who is responsible for the place
  purpose: ''   # why; without it to trace contacts

export:   # each day's coverage by place, as CSV in a folder
  # folder: /srv/coverage   # an existing one, one file a day; without it nothing is written
  time: '03:00'   # from when on the day before is written, by this machine's clock
"""


@dataclass(frozen=True, slots=True)
class NewSettings:
    """What a new hub's settings say.

    Attributes:
        names: what gates call it.
        retention_days: how long what arrived can be read.
        listen: host and port.
        tls: with the hub's certificate.
        metrics: host and port, or ``off``.
        database: ``sqlite``, or a URL of PostgreSQL without a password.
        password_file: with its password.
        role: what it does.
        desk: host and port where people open its pages, or ``off``.
    """

    names: Sequence[str]
    retention_days: int = RETENTION_DAYS
    listen: str = LISTEN
    tls: bool = False
    metrics: str = "off"
    database: str = IN_THE_FOLDER
    password_file: Path | None = None
    role: Role = Role.ALL
    desk: str = "off"

    def text(self) -> str:
        """Return the file."""
        return _TEXT.format(
            names=json.dumps(list(self.names)),
            retention_days=self.retention_days,
            role=self.role,
            listen=json.dumps(self.listen),
            tls=str(self.tls).lower(),
            metrics=_or_off(self.metrics),
            desk=_or_off(self.desk),
            database=json.dumps(self.database) if self.database != IN_THE_FOLDER else IN_THE_FOLDER,
            password_file=(
                f"password_file: {json.dumps(str(self.password_file))}"
                if self.password_file
                else "# password_file: database.password"
            ),
        )


def _or_off(address: str) -> str:
    return address if address == "off" else json.dumps(address)
