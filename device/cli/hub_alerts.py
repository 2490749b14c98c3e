"""``gate-scanner hub alerts DIR``: what is wrong by the hub's rules; ``test`` and ``secret`` are for its messages."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from typing import Any, Final

from device.cli.argument_types import a_path
from device.cli.arguments import HUB_EXITS, add_command
from device.cli.table import print_table
from device.clock import SystemClock, utc_text
from device.errors import AlertUntold
from device.hub.alerts import waiting
from device.hub.alerts.making import alerts_of, sink_names, sinks_of
from device.hub.alerts.message import TEST
from device.hub.alerts.reading import Alert, lately_wrong, now_wrong
from device.hub.alerts.sinks import SINK_WORDS, SinkName, why_untold
from device.hub.alerts.waiting import SinkStanding
from device.hub.alerts.wording import local_minute, to_do, what_of
from device.hub.folder import HubFolder
from device.hub.settings.secret_file import make_signing_secret
from device.words import say, say_many, speaking_here

_MOST: Final = 1_000
_LATELY: Final = 200


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type
    """Describe the command's words."""
    line = "list what is wrong; test sends a test message, secret makes what signs those to a webhook"
    added = add_command(commands, "alerts", line, "/var/lib/gate-hub", HUB_EXITS)
    words = {"test": _test, "secret": _secret}
    added.add_argument("what", metavar="WHAT", nargs="?", choices=[*words], help=f"{', '.join(words)}; else the list")
    added.add_argument("folder", metavar="DIR", type=a_path, help="the hub's folder")
    added.add_argument("--json", action="store_true", help="one JSON object: what is wrong, how messages arrive")
    added.add_argument("--all", action="store_true", help="also what is over")
    added.set_defaults(hub_run=lambda arguments: words.get(arguments.what, _list)(arguments))


def _list(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    with closing(folder.open_store()) as store, store.reading() as connection:
        found = now_wrong(connection, None, most=_MOST)
        over = lately_wrong(connection, None, most=_LATELY) if arguments.all else []
        sinks = waiting.standings(connection, sink_names(alerts_of(folder)))
    if arguments.json:
        document = {"alerts": [*map(_document, [*found, *over])], "sinks": [one._asdict() for one in sinks]}
        print(json.dumps(document, ensure_ascii=False))
        return 0
    if not found:
        print(say("nothing is wrong"))
    if found or over:
        head = (say("what"), say("name"), say("place"), say("since"), say("until"), say("seen to by"))
        print_table([head, *map(_cells, [*found, *over])], "<20", "<12", "<12", "<16", "<16", "")
    for rule, subject in dict.fromkeys((one.rule, one.subject if one.rule == "hub" else "") for one in found):
        if do := to_do(rule, subject):
            print(say("{what}: {do}", what=what_of(rule, subject, ""), do=do))
    for one in sinks:
        print(_told(one))
    if not sinks:
        print(say("nobody is told: there is neither webhook nor mail under alerts: in hub.yaml"))
    return 0


def _test(arguments: argparse.Namespace) -> int:
    folder = HubFolder(arguments.folder, SystemClock())
    section, now_ms, failed = alerts_of(folder), SystemClock().reading().wall_ms, False
    sinks = sinks_of(folder)
    for sink in sinks:
        name = say(SINK_WORDS[sink.name])
        try:
            with speaking_here(section.language):
                sink.tell(f"{sink.name}/test/{now_ms}", now_ms, TEST)
            print(say("{sink}: took a test message", sink=name))
        except AlertUntold as error:
            failed = True
            print(say("{sink}: {why}", sink=name, why=why_untold(error.word)))
    if not sinks:
        print(say("nobody is told: there is neither webhook nor mail under alerts: in hub.yaml"))
    return 1 if failed else 0


def _secret(arguments: argparse.Namespace) -> int:
    webhook = alerts_of(HubFolder(arguments.folder, SystemClock())).webhook
    if webhook is None:
        print(say("there is no webhook under alerts: in hub.yaml"))
        return 1
    path = webhook.secret_file
    if make_signing_secret(path):
        print(say("{file}: made", file=path))
    print(say("{file}: give the text in it to the server, which checks each request with it", file=path))
    return 0


def _cells(one: Alert) -> tuple[str, ...]:
    until = "" if one.ended_ms is None else local_minute(one.ended_ms)
    what = what_of(one.rule, one.subject, one.detail)
    place = "" if one.place == one.name else one.place
    return what, one.name, place, local_minute(one.since_ms), until, one.acknowledged_by or ""


def _told(one: SinkStanding) -> str:
    name = say(SINK_WORDS[SinkName(one.sink)])
    if one.error:
        return say_many(
            "{sink}: {count} try failed: {why}", "{sink}: {count} tries failed: {why}", one.tries, sink=name,
            why=why_untold(one.error),
        )  # fmt: skip
    if one.told_ms is None:
        return say("{sink}: nothing was told yet", sink=name)
    return say("{sink}: last told {time}", sink=name, time=local_minute(one.told_ms))


def _document(one: Alert) -> dict[str, object]:
    times = {name: _or_none(getattr(one, f"{name}_ms")) for name in ("began", "since", "ended", "acknowledged")}
    told = {name: getattr(one, name) for name in ("rule", "subject", "name", "place", "province", "detail")}
    return {**told, "place_id": one.place_id, **times, "acknowledged_by": one.acknowledged_by}


def _or_none(at_ms: int | None) -> str | None:
    return None if at_ms is None else utc_text(at_ms)
