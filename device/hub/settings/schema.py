"""Schema of ``hub.yaml``: its keys, their defaults (as one writes them) and one sentence each.

`HubSettings` is made by `device.hub.settings.load` only; what concerns two keys at once is looked at there.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy import URL

from device.hub.connections import MOST_ADDRESS_CONNECTIONS, Limits
from device.hub.settings.values import Address, database_url, hub_name, listen_address, time_of_day
from device.settings import values as v
from device.settings.address import file_path, hub_url
from device.settings.section import Section, key

RETENTION_DAYS: Final = 21
MOST_RETENTION_DAYS: Final = 3650
MOST_WORKERS: Final = 64
LISTEN: Final = "127.0.0.1:8400"
METRICS: Final = "127.0.0.1:9464"
DESK: Final = "127.0.0.1:8443"


class Role(StrEnum):
    """What a hub's process does."""

    INGEST = "ingest"
    """Takes what gates send; has no private key but that of its TLS certificate."""
    DESK = "desk"
    """Has the keys: enrols, signs, publishes, unseals, forgets; takes what gates send too."""
    ALL = "all"
    """One hub that does everything."""


class DatabaseSection(Section):
    """Where what arrives is kept."""

    url: Annotated[URL | None, database_url()] = key(
        "sqlite: hub.db in this folder; or PostgreSQL: postgresql+psycopg://gate_hub@db.example.vn/gate_hub, without "
        "a password.",
        "sqlite",
        secret=True,
    )
    password_file: Annotated[Path, file_path()] | None = key(
        "File with PostgreSQL's password, which others may not read.", None
    )


class ListenSection(Section):
    """One address that gates reach the hub at."""

    address: Annotated[Address, listen_address()] = key(
        "Host and port; 0.0.0.0 is every network this machine is in.", example="0.0.0.0:8400"
    )
    tls: Annotated[bool, v.truth()] = key("With the hub's certificate; false only behind a proxy that has one.", "true")


class LimitsSection(Section):
    """How much one may hold, and how long; more where a proxy stands in front."""

    address_connections: Annotated[int, v.number(8, MOST_ADDRESS_CONNECTIONS)] = key(
        "Connections of one address that no gate has signed on yet; more where more gates than this share an address.",
        256,
    )
    gate_connections: Annotated[int, v.number(4, 64)] = key("Connections of one gate, which uses four.", 8)
    connections: Annotated[int, v.number(16, 65_536)] = key(
        "Connections of everybody; never more than file descriptors allow.", 8_192
    )
    head_ms: Annotated[int, v.duration("1s", "5m")] = key(
        "Longest time from a connection to the end of a request's head.", "10s", name="head"
    )
    body_ms: Annotated[int, v.duration("1s", "1h")] = key("From there to the end of its body.", "60s", name="body")
    answer_ms: Annotated[int, v.duration("10s", "24h")] = key(
        "From there to the end of the answer; a list on a thin line takes minutes.", "15m", name="answer"
    )
    idle_ms: Annotated[int, v.duration("1s", "1h")] = key(
        "How long a connection is kept for the next request.", "75s", name="idle"
    )

    def as_limits(self) -> Limits:
        """Return them as the server takes them."""
        return Limits(
            an_address=self.address_connections,
            a_gate=self.gate_connections,
            in_all=self.connections,
            head_s=self.head_ms / 1000,
            body_s=self.body_ms / 1000,
            answer_s=self.answer_ms / 1000,
            idle_s=self.idle_ms / 1000,
        )


class PeopleSection(Section):
    """What people who come have to do with the hub."""

    url: Annotated[str, hub_url()] | None = key(
        "Address of this hub that phones trust; posters lead to it. Without it a poster's code is for apps.",
        None,
        example="https://checkin.example.vn",
    )


class NoticeSection(Section):
    """What sign and notice tell people, where the place itself does not."""

    keeper: Annotated[str, v.words(200, may_be_empty=True)] = key(
        "Who keeps what is recorded; without it the place by its name.", ""
    )
    contact: Annotated[str, v.words(200, may_be_empty=True)] = key(
        "Whom to ask; without it who is responsible for the place.", ""
    )
    purpose: Annotated[str, v.words(300, may_be_empty=True)] = key(
        "Why it is recorded; without it to trace contacts.", ""
    )


class ExportSection(Section):
    """Each day's coverage by place, as CSV in a folder."""

    folder: Annotated[Path, file_path()] | None = key(
        "An existing folder, one file a day; without it nothing is written.", None, example="/srv/coverage"
    )
    time: Annotated[int, time_of_day()] = key(
        "From when on the day before is written, by this machine's clock.", "03:00"
    )


class HubSettings(Section):
    """The whole of ``hub.yaml``, checked."""

    names: Annotated[tuple[Annotated[str, hub_name()], ...], Field(min_length=1, max_length=64)] = key(
        "What gates call the hub; its certificate has the same.", example="[hub.example.vn, 192.168.1.20]"
    )
    retention_days: Annotated[int, v.number(1, MOST_RETENTION_DAYS)] = key(
        "How long who came can be read; then the day's key is destroyed.", RETENTION_DAYS
    )
    database: DatabaseSection = key("Where what arrives is kept.", {})
    listen: Annotated[tuple[ListenSection, ...], Field(min_length=1, max_length=16)] = key(
        "Where gates reach it.", ({"address": LISTEN, "tls": "false"},)
    )
    role: Annotated[Role, v.one_of(Role)] = key(
        "all: one hub that does everything; ingest: takes what gates send, without private keys; desk: has the keys.",
        "all",
    )
    workers: Annotated[int, v.number(1, MOST_WORKERS)] = key(
        "Processes that take what gates send; more than one only with PostgreSQL.", 1
    )
    metrics: Annotated[Address | None, listen_address(off="off")] = key(
        "Where /metrics, /healthz and /readyz answer, in clear; off: nowhere. What gates reach never has them.",
        METRICS,
    )
    desk: Annotated[Address | None, listen_address(off="off")] = key(
        "Where people open the hub's pages, always over TLS; off: nowhere, as always with role: ingest.",
        DESK,
    )
    limits: LimitsSection = key("How much one may hold, and how long.", {})
    people: PeopleSection = key("What people who come have to do with the hub.", {})
    notice: NoticeSection = key("What sign and notice tell people, where the place itself does not.", {})
    export: ExportSection = key("Each day's coverage by place, as CSV in a folder.", {})
