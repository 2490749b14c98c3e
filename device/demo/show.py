"""The two demos: scripted visitors, and a person's own photos."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from device.camera import CameraPlan
from device.camera.pictures import Playlist, pictures_in
from device.camera.replay import read_picture
from device.clock import Clock
from device.demo import verification
from device.demo.pin_recorder import PinState
from device.demo.screen import Screen
from device.demo.stage import Program, Stage
from device.demo.video import SIZE, Window, render_video
from device.demo.visitors import Role, script
from device.errors import CameraUnavailable
from device.errors import shown as printable
from device.gate.registrar import Answer
from device.model import Backlog, Credential, Cue, Output, Reason, Unrecognised
from device.monitor.health import percentile
from device.policy import PATTERNS
from device.policy.looks import look_of
from device.words import heard, say, sentence

_PHOTO_SIZE = (1280, 1280)
_RATE = 15
_WIRED = frozenset({Output.GREEN, Output.RED, Output.BUZZER})
"""As the stage's site file has them."""
_AGREES, _DIFFERS = sentence("Everything agrees."), sentence("NOT everything agrees.")
_NOTHING_READ = sentence("Nothing was read. Photograph it from nearer: flat, sharp, with its white border.")
_SHOW_MS, _GAP_MS, _PHOTO_ABSENCE_MS, _PHOTO_UNREADABLE_MS = 1000, 500, 300, 700


def visitors(folder: Path, clock: Clock, screen: Screen, *, seed: int, rounds: int) -> int:
    """Run the demo with scripted visitors; return 0 when everything agrees with the script, else 1."""
    roles = tuple(role for n in range(rounds) for role in script(seed + n))
    video = folder / "visitors.y4m"
    shown = render_video(
        roles, video, seed, lambda done, total: screen.progress(say("drawing the visitors' frames"), done, total)
    )
    headings = _Headings(screen, roles)
    reporter = _Reporter(screen, shown, before=headings.tell)
    with Stage(folder, Program(video, shown[-1][1], SIZE), clock, reporter.answer, reporter.lamps) as stage:
        director = _Director(stage, screen, roles, shown, headings)
        code = stage.play(director.at_frame, reporter.queue)
        director.network_back()
        rows = verification.recorded(stage)
        at_hub, counts = verification.delivered(stage)
        totals = verification.totals(stage, rows, at_hub, counts)
        results = verification.outcomes(stage, roles, shown, rows, at_hub)
        strays = len(stage.answers) - sum(len(result.answers) for result in results)
        tell_results(screen, results)
        return _tell_totals(
            screen, stage, totals, agrees=code == 0 and not strays and not any(r.faults for r in results)
        )


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
    reporter = _Reporter(screen, shown, [path.name for path in paths])
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


class _Headings:
    """Prints who comes, once for each visitor, in their order; on any thread."""

    def __init__(self, screen: Screen, roles: tuple[Role, ...]) -> None:
        self._screen, self._roles = screen, roles
        self._lock = threading.Lock()
        self._told = 0

    def tell(self, index: int) -> None:
        """Print the heading of this visitor, and of those before, unless they stand there."""
        with self._lock:
            for number in range(self._told, index + 1):
                title = self._roles[number].title
                self._screen.event("visitor", f"{number + 1}. {say(title)}", visitor=number, title=title)
            self._told = max(self._told, index + 1)


class _Reporter:
    """Prints answers, lamps and queue as they happen; *before* an answer is told whose it is."""

    def __init__(
        self,
        screen: Screen,
        shown: list[Window],
        names: list[str] | None = None,
        before: Callable[[int], None] = lambda _index: None,
    ) -> None:
        self._screen = screen
        self._shown = shown
        self._names = names
        self._before = before
        self.started = False

    def answer(self, answer: Answer) -> None:
        reading = answer.reading
        visitor = _visitor_at(self._shown, reading.frame_seq) if reading else None
        if visitor is not None:
            self._before(visitor)
        name = self._names[visitor] if self._names and visitor is not None else None
        kind, length = _claimed(answer)
        title = f"{_photo_title(visitor, name)}\n" if name is not None and visitor is not None else ""
        row = say("row {seq}", seq=answer.seq) if answer.seq is not None else say("not recorded")
        lamp = say("lamp after {ms} ms", ms=answer.lamp_ms)
        self._screen.event(
            "answer",
            f"{title}   {kind}, {answer.reason}, {row}, {lamp}\n   -> {look_of(PATTERNS[answer.cue], _WIRED)}",
            visitor=visitor,
            image=name,
            kind=kind,
            length=length,
            engine=reading.engine if reading else "",
            cue=answer.cue,
            reason=answer.reason,
            outcome=answer.decision.outcome if answer.decision else None,
            row=answer.seq,
            lamp_ms=answer.lamp_ms,
        )

    def lamps(self, state: PinState) -> None:
        self._screen.lamps(state.at_ms, state.lit)

    def queue(self, queue: Backlog) -> None:
        self.started = True
        told = say(
            "queue: {waiting} waiting of {recorded} recorded", waiting=queue.undelivered, recorded=queue.recorded
        )
        text = f"   {told}" if queue.recorded else ""
        self._screen.event("queue", text, recorded=queue.recorded, waiting=queue.undelivered, parked=queue.parked)


class _Director:
    """Announces the visitors and takes the network away and back, by the number of the newest frame."""

    def __init__(
        self, stage: Stage, screen: Screen, roles: tuple[Role, ...], shown: list[Window], headings: _Headings
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


def _photo_title(index: int, name: str) -> str:
    return f"{index + 1}. {printable(name, 60)}"


def _stop_unless_read(screen: Screen) -> None:
    """Raise `BrokenPipeError` when nobody reads any more (``| head``)."""
    if screen.gone:
        raise BrokenPipeError


def _visitor_at(shown: list[Window], seq: int) -> int | None:
    return next((n for n, (first, end) in enumerate(shown) if first <= seq < end), None)


def _claimed(answer: Answer) -> tuple[str, int | None]:
    """Return the kind of code, and for what is no credential its length in steps of 64."""
    claim = answer.reading.claim if answer.reading else None
    match claim:
        case Credential():
            return claim.kind.value, None
        case Unrecognised():
            return claim.kind.value, claim.length
    return "button", None


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
        mine = [a for a in answers if a.reading and _visitor_at(shown, a.reading.frame_seq) == index]
        was_read = any(a.reading and a.reading.engine for a in mine)
        read += was_read
        if not mine:
            why = torn.get(path, sentence("no code was seen"))
            text = f"{_photo_title(index, path.name)}\n   {heard(why)}"
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
