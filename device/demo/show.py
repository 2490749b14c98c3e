"""The two demos: scripted visitors, and a person's own photos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from device.camera import CameraPlan
from device.camera.pictures import Playlist, pictures_in
from device.camera.replay import read_picture
from device.clock import Clock
from device.demo import verification
from device.demo.desk import OpenDesk
from device.demo.reporter import Headings, Reporter, photo_title, visitor_at
from device.demo.screen import Screen
from device.demo.stage import Program, Stage
from device.demo.video import SIZE, Window, render_video
from device.demo.visitors import Role, script
from device.errors import CameraUnavailable
from device.gate.registrar import Answer
from device.model import Cue, Reason
from device.monitor.health import percentile
from device.words import heard, say, sentence

_PHOTO_SIZE = (1280, 1280)
_RATE = 15
_AGREES, _DIFFERS = sentence("Everything agrees."), sentence("NOT everything agrees.")
_NOTHING_READ = sentence("Nothing was read. Photograph it from nearer: flat, sharp, with its white border.")
_SHOW_MS, _GAP_MS, _PHOTO_ABSENCE_MS, _PHOTO_UNREADABLE_MS = 1000, 500, 300, 700


def visitors(  # noqa: PLR0913 - who comes, and what stays
    folder: Path, clock: Clock, screen: Screen, *, seed: int, rounds: int, desk: OpenDesk | None = None
) -> int:
    """Run the demo with scripted visitors; return 0 when everything agrees with the script, else 1.

    With a *desk* the hub and its pages stay afterwards, until Ctrl-C.
    """
    roles = tuple(role for n in range(rounds) for role in script(seed + n))
    video = folder / "visitors.y4m"
    shown = render_video(
        roles, video, seed, lambda done, total: screen.progress(say("drawing the visitors' frames"), done, total)
    )
    headings = Headings(screen, roles)
    reporter = Reporter(screen, shown, before=headings.tell)
    program, with_desk = Program(video, shown[-1][1], SIZE), desk is not None
    with Stage(folder, program, clock, reporter.answer, reporter.lamps, with_desk) as stage:
        if desk is not None:
            desk.furnish(stage)
        director = _Director(stage, screen, roles, shown, headings)
        code = stage.play(director.at_frame, reporter.queue)
        director.network_back()
        rows = verification.recorded(stage)
        at_hub, counts = verification.delivered(stage)
        totals = verification.totals(stage, rows, at_hub, counts)
        results = verification.outcomes(stage, roles, shown, rows, at_hub)
        strays = len(stage.answers) - sum(len(result.answers) for result in results)
        tell_results(screen, results)
        code = _tell_totals(
            screen, stage, totals, agrees=code == 0 and not strays and not any(r.faults for r in results)
        )
        if desk is not None:
            desk.stay(stage)
        return code


def photos(folder: Path, clock: Clock, screen: Screen, images: Path) -> int:
    """Run the demo with a person's own photos; return 0 when one was read, and shown, recorded and delivered agree.

    Raises:
        CameraUnavailable: there are no pictures in *images* that can be read.
    """
    paths = pictures_in(images)
    torn = {path: why for path in paths if (why := _why_no_picture(path))}
    if len(torn) == len(paths):
        why = torn[paths[0]]
        if len(paths) > 1:
            why = say("{why}; nor can any of the other {count} files there", why=why, count=len(paths) - 1)
        raise CameraUnavailable(why)
    plan = CameraPlan("replay", frame_rate=_RATE, show_ms=_SHOW_MS, gap_ms=_GAP_MS)
    playlist = Playlist.of(plan, len(paths))
    step = playlist.show + playlist.gap
    shown: list[Window] = [(n * step, (n + 1) * step) for n in range(len(paths))]
    reporter = Reporter(screen, shown, [path.name for path in paths])
    program = Program(
        images,
        playlist.frames - playlist.gap,  # the last one is held
        _PHOTO_SIZE,
        _SHOW_MS,
        _GAP_MS,
        _PHOTO_ABSENCE_MS,
        _PHOTO_UNREADABLE_MS,
    )
    with Stage(folder, program, clock, reporter.answer, reporter.lamps) as stage:
        code = stage.play(lambda _seq: _stop_unless_read(screen), reporter.queue)
        rows = verification.recorded(stage) if reporter.started else {}
        at_hub, counts = verification.delivered(stage)
        totals = verification.totals(stage, rows, at_hub, counts)
        read = _tell_photos(screen, torn, shown, stage.answers, paths)
        told = say("{read} of {count} photos were read", read=read, count=len(paths))
        screen.event("photos", f"\n{told}", photos=len(paths), read=read)
        return _tell_totals(screen, stage, totals, agrees=code == 0, read=read)


def _why_no_picture(path: Path) -> str:
    """Return why a file cannot be shown to the gate; empty when it can."""
    try:
        read_picture(path, *_PHOTO_SIZE)
    except CameraUnavailable as error:
        return str(error).removeprefix("camera.replay.path: ")
    return ""


class _Director:
    """Announces the visitors and takes the network away and back, by the number of the newest frame."""

    def __init__(
        self, stage: Stage, screen: Screen, roles: tuple[Role, ...], shown: list[Window], headings: Headings
    ) -> None:
        self._stage, self._screen, self._headings = stage, screen, headings
        self._coming = list(zip(range(len(roles)), roles, shown, strict=True))

    def at_frame(self, seq: int) -> None:
        _stop_unless_read(self._screen)
        while self._coming and seq >= self._coming[0][2][0] - 7:  # a little before the carrier is in view
            index, role, _ = self._coming.pop(0)
            if role.network == "away":
                self._stage.hub.stop()
                self._screen.event("network", f"== {say('the network is gone: the gate goes on')}", state="away")
            elif role.network == "back":
                self.network_back()
            self._headings.tell(index)

    def network_back(self) -> None:
        if self._stage.hub.pid is None:
            self._stage.hub.start()
            self._screen.event("network", f"== {say('the network is back: the queue drains')}", state="back")


def _stop_unless_read(screen: Screen) -> None:
    """Raise `BrokenPipeError` when nobody reads any more (``| head``)."""
    if screen.gone:
        raise BrokenPipeError


def tell_results(screen: Screen, results: list[verification.VisitOutcome]) -> None:
    """Tell what happened to each visitor: a table that fits a terminal of 80, below it what differs from the script."""
    rows: list[tuple[str, ...]] = [("", say("visitor"), say("what the gate said"), say("ms"), say("row"), say("hub"))]
    differs = []
    for index, result in enumerate(results):
        role = result.role
        rows.append(
            (
                say("NO") if result.faults else say("ok"),
                f"{index + 1}. {say(role.title)}",
                ", ".join(_said(a.cue, a.reason) for a in result.answers) or say("nothing"),
                ", ".join(str(a.lamp_ms) for a in result.answers),
                ", ".join(str(w.row.seq) for w in result.recorded) or "-",
                ", ".join(map(str, result.delivered)) or "-",
            )
        )
        for fault in result.faults:
            expected = _said(role.cue, role.reason)
            told = say("{number}. expected {expected}: {fault}", number=index + 1, expected=expected, fault=say(fault))
            differs.append(f"{say('NO')}  {told}")
        screen.event(
            "result",
            "",
            visitor=index,
            title=role.title,
            expected=[role.cue, role.reason],
            happened=[[a.cue, a.reason] for a in result.answers],
            rows=[w.row.seq for w in result.recorded],
            delivered=list(result.delivered),
            faults=list(result.faults),
        )
    screen.table("ending", rows)
    if differs:
        screen.event("ending", "\n".join(differs))


def _said(cue: Cue, reason: Reason) -> str:
    return cue.value if cue.value == reason.value else f"{cue.value}: {reason.value}"


def _tell_photos(
    screen: Screen, torn: Mapping[Path, str], shown: list[Window], answers: list[Answer], paths: list[Path]
) -> int:
    """Tell of the photos that nothing was said about; return how many were read."""
    read = 0
    for index, path in enumerate(paths):
        mine = [a for a in answers if a.reading and visitor_at(shown, a.reading.frame_seq) == index]
        was_read = any(a.reading and a.reading.engine for a in mine)
        read += was_read
        if not mine:
            why = torn.get(path, sentence("no code was seen"))
            text = f"{photo_title(index, path.name)}\n   {heard(why)}"
            screen.event("answer", text, image=path.name, kind=None, cue=None, why=why)
    return read


def _tell_totals(
    screen: Screen, stage: Stage, totals: verification.Totals, *, agrees: bool, read: int | None = None
) -> int:
    """Tell the end and return the exit code; *read* is how many photos were read, where photos were shown."""
    lamp_ms = [answer.lamp_ms for answer in stage.answers if answer.reading]
    p50, p99 = percentile(lamp_ms, 50), percentile(lamp_ms, 99)
    times = say("frame to lamp: p50 {p50} ms, p99 {p99} ms over {count} answers", p50=p50, p99=p99, count=len(lamp_ms))
    answers = f"{times}\n" if lamp_ms else ""
    screen.table(
        "ending",
        [
            (say("check-ins"), say("all"), say("passages (repeats left out)")),
            (say("shown"), str(totals.shown), "-"),
            (say("recorded"), str(totals.recorded), str(totals.passages)),
            (say("delivered"), str(totals.delivered), str(totals.passages_delivered)),
        ],
    )
    good = agrees and totals.agree and read != 0
    ending = _NOTHING_READ if read == 0 else _AGREES if good else _DIFFERS
    screen.event(
        "end",
        f"\n{answers}{say(ending)}",
        shown=totals.shown,
        recorded=totals.recorded,
        delivered=totals.delivered,
        passages=totals.passages,
        lamp_ms_p50=p50,
        lamp_ms_p99=p99,
        answers=len(lamp_ms),
        agrees=good,
    )
    return 0 if good else 1
