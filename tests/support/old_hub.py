"""A hub folder made by the version of before there were migrations, as a file (`tests/golden/hub`)."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select

from device.enrolment.document import Enrolment, read
from device.hub.db.migrations.versions import v0001_as_before as v0001
from device.hub.folder import HubFolder
from device.hub.settings.template import NewSettings
from tests.support.fakes import FakeClock

_FILE = Path(__file__).parents[1] / "golden" / "hub" / "version-1.tar.xz"


@dataclass(frozen=True)
class OldHub:
    """That folder, unpacked.

    Attributes:
        path: of the folder.
        told: what its own version told of it.
        gates: the enrolments of its gates, by name.
        clock: that stands where it stood.
    """

    path: Path
    told: dict[str, Any]
    gates: dict[str, Enrolment]
    clock: FakeClock


def on_postgres(old: OldHub, url: str) -> OldHub:
    """Put all rows of an old hub as they are, in the tables of before there were migrations, on a server at *url*."""
    source, target = create_engine(f"sqlite:///{old.path / 'hub.db'}"), create_engine(url)
    v0001.metadata.create_all(target)
    with source.connect() as there, target.begin() as here:
        for table in v0001.metadata.sorted_tables:
            if rows := [row._asdict() for row in there.execute(select(table))]:
                here.execute(insert(table), rows)
            if (column := table.autoincrement_column) is not None:
                last = select(func.max(column)).scalar_subquery()
                name = func.pg_get_serial_sequence(table.name, column.name)
                here.execute(select(func.setval(name, func.coalesce(last, 0) + 1, False)))  # noqa: FBT003 - not called yet
    source.dispose()
    target.dispose()
    folder = HubFolder(old.path, old.clock)
    settings = NewSettings(sorted(folder.names), folder.retention_days, database=url)
    (old.path / "hub.db").unlink()
    (old.path / "hub.json").unlink()
    (old.path / "hub.yaml").write_text(settings.text(), "utf-8")
    return old


def old_hub(into: Path) -> OldHub:
    """Unpack the folder."""
    with tarfile.open(_FILE) as file:
        if hasattr(tarfile, "data_filter"):  # Debian 12's Python has none, and asks for none
            file.extraction_filter = tarfile.data_filter
        file.extractall(into)
    told: dict[str, Any] = json.loads((into / "told.json").read_text("utf-8"))
    gates: dict[str, Enrolment] = {}
    for device_id, name, *_ in told["gates"]:
        if (enrolled := read(into / f"{device_id}.json")) is not None:
            gates[name] = enrolled
    clock = FakeClock(wall_ms=told["wall_ms"], monotonic_ms=told["monotonic_ms"])
    return OldHub(into / "hub", told, gates, clock)
