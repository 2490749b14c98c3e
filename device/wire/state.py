"""How a gate stands (``POST /v1/state``): the document, and the answer that says which hours are counted.

``tests/golden/wire/state.json`` shows one byte for byte. Whole numbers only, so figures with a fraction are tenths or
thousandths; what a gate does not know is ``null``; words are those of `gate-scanner status`. Totals, nothing about a
person. ``hours`` are absolute values with the hour's name (UTC), in the order of `device.model.Count`, the oldest that
was not acknowledged first, as many as fit: a report that comes twice or is lost changes nothing. They belong to a
``series``: a gate that has lost its counts (another card) begins another, and the centre adds the series up and keeps
the highest of each, so that no number shrinks. ``unplaced`` is what was counted while the time was not known, and
never got an hour::

    {"contract": "gate/1", "taken": ["2026-11-30T05"], "refused": ["2031-01-01T00"]}

A gate sends neither again, until one of *taken* has grown. The answer may carry more fields, which are passed over.

Reading gives an object or raises `WireError`, which never repeats what stood there. Pure functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from device.errors import WireError
from device.model import HOUR_TEXT, MOST_COUNT, Count, HourCounts, hour_of, hour_text
from device.strict_json import MOST_INT, document, exactly, one_of, text
from device.wire import state_records as records
from device.wire.bundle import BundleKind
from device.wire.checkins import CONTRACT, RECEIPT_MOST_BYTES, check_contract
from device.words import say

PATH: Final = "/v1/state"
MOST_BYTES: Final = 2 * 1024
"""Of a report."""
BODY_MOST_BYTES: Final = 4 * 1024
"""What a centre reads of one: a little more than may come, so that it can say what is wrong with it."""
MOST_HOURS: Final = 48
"""In a report, and what a gate keeps."""
LEAST_HOURS: Final = 6
"""So many always fit, whatever else a report holds."""
MOST_TROUBLES: Final = 10
MOST_POLICY_BYTES: Final = 100
"""Of a policy's name as JSON has it."""
WORD: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
SERIES: Final = re.compile(r"[0-9a-f]{16}")
MOST_S: Final = 10**10 - 1
"""300 years."""

_Field = Callable[[object, str], Any]


def encode_state(state: records.GateState, hours: Sequence[HourCounts]) -> bytes:
    """Write a report with as many of *hours* as fit, the first of them first. Never raises.

    `LEAST_HOURS` always do, as long as the rest is within its bounds.
    """
    body = _bytes({"contract": CONTRACT, **asdict(state), "hours": []})
    room = MOST_BYTES - len(body) + 1  # the first has no comma before it
    fitting: list[bytes] = []
    for hour in hours[:MOST_HOURS]:
        written = _bytes([hour_text(hour.hour), *hour.counts])
        room -= len(written) + 1
        if room < 0:
            break
        fitting.append(written)
    return body[:-2] + b",".join(fitting) + b"]}"


def decode_state(body: bytes) -> tuple[records.GateState, tuple[HourCounts, ...]]:
    """Read a report; raises `WireError` when *body* is none."""
    found = document(body, MOST_BYTES)
    check_contract(found)
    said = _object(_STATE)(found, "state")
    del said["contract"]
    hours = said.pop("hours")
    if len({hour.hour for hour in hours}) != len(hours):
        raise WireError("hours: one stands twice")
    return records.GateState(**said), hours


def encode_answer(answer: records.StateAnswer) -> bytes:
    """Write the answer. Never raises."""
    told = {name: [hour_text(hour) for hour in sorted(getattr(answer, name))] for name in ("taken", "refused")}
    return _bytes({"contract": CONTRACT, **told})


def decode_answer(body: bytes) -> records.StateAnswer:
    """Read the answer; raises `WireError` when *body* is none."""
    found = document(body, RECEIPT_MOST_BYTES)
    check_contract(found)
    read = _list(_hour, MOST_HOURS)
    return records.StateAnswer(*(frozenset(read(found.get(name), name)) for name in ("taken", "refused")))


def _bytes(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _whole(most: int, least: int = 0) -> _Field:
    def read(value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            told = say("must be a whole number from {least} to {most}", least=least, most=most)
            raise WireError(f"{where}: {told}")
        return value

    return read


def _truth(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise WireError(f"{where}: must be true or false")
    return value


def _word(shape: re.Pattern[str]) -> _Field:
    return lambda value, where: text(value, shape, where)


def _or_null(read: _Field) -> _Field:
    return lambda value, where: None if value is None else read(value, where)


def _list(read: _Field, most: int) -> _Field:
    def read_all(value: object, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) > most:
            raise WireError(f"{where}: must be a list of at most {most}")
        return tuple(read(one, f"{where}[{index}]") for index, one in enumerate(value))

    return read_all


def _object(fields: Mapping[str, _Field], made: Callable[..., Any] = dict) -> _Field:
    def read(value: object, where: str) -> Any:  # noqa: ANN401 - what *made* makes
        said = exactly(value, tuple(fields), where)
        return made(**{name: field(said[name], f"{where}.{name}") for name, field in fields.items()})

    return read


def _policy_name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or len(_bytes(value)) > MOST_POLICY_BYTES:
        raise WireError(f"{where}: must be at most {MOST_POLICY_BYTES} bytes of text")
    return value


def _hour(value: object, where: str) -> int:
    try:
        return hour_of(text(value, HOUR_TEXT, where))
    except ValueError:
        raise WireError(f"{where}: is no hour of the calendar") from None


def _counts(value: object, where: str) -> HourCounts:
    if not isinstance(value, list) or len(value) != len(Count) + 1:
        raise WireError(f"{where}: must be an hour and {len(Count)} numbers")
    read = _whole(MOST_COUNT)
    return HourCounts(_hour(value[0], where), tuple(read(count, where) for count in value[1:]))


_CAMERA: Final = {
    "source": _word(WORD),
    "alive": _truth,
    "fps_tenths": _or_null(_whole(10_000)),
    "decode_us": _or_null(_whole(60_000_000)),
    "width_permille": _or_null(_whole(1000)),
    "height_permille": _or_null(_whole(1000)),
}
_QUEUE: Final = {"waiting": _whole(MOST_S), "parked": _whole(MOST_S), "oldest_s": _or_null(_whole(MOST_S))}
_CLOCK: Final = {"wall_ms": _whole(MOST_INT, -MOST_INT), "trusted": _truth, "known": _truth, "doubted": _truth}
_POLICY: Final = {"version": _policy_name, "age_s": _whole(MOST_S), "refused": _truth}
_BUNDLE: Final = {
    "kind": lambda value, where: one_of(BundleKind, value, where),
    "version": _or_null(_whole(MOST_INT)),
    "age_s": _or_null(_whole(MOST_S)),
    "old": _truth,
    "refused": _truth,
}
_MACHINE: Final = {
    "temperature_tenths": _or_null(_whole(2000, -1000)),
    "under_voltage": _or_null(_truth),
    "disk_free_mb": _or_null(_whole(MOST_S)),
}
_STATE: Final = {
    "contract": _word(re.compile(re.escape(CONTRACT))),
    "version": _word(VERSION),
    "lamps": _word(WORD),
    "uptime_s": _whole(MOST_S),
    "restarts": _whole(MOST_S),
    "camera": _object(_CAMERA, records.CameraState),
    "queue": _or_null(_object(_QUEUE, records.QueueState)),
    "clock": _object(_CLOCK, records.ClockTrust),
    "policy": _object(_POLICY, records.PolicyState),
    "bundles": _list(_object(_BUNDLE, records.BundleState), len(BundleKind)),
    "machine": _object(_MACHINE, records.MachineState),
    "troubles": _list(_word(WORD), MOST_TROUBLES),
    "series": _word(SERIES),
    "unplaced": _whole(MOST_S),
    "hours": _list(_counts, MOST_HOURS),
}
