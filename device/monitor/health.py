"""Health metrics of the gate (counters, latencies, frame rate) and the systemd watchdog feed; never a payload."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Mapping
from typing import Final

from device.clock import Clock
from device.model import CodeKind, Cue
from device.ports import ServiceNotifier
from device.words import number, say

_FEED_EVERY_S = 1.0
_RATE_OVER_S = 10.0
_STALE_S = 3.0
_MOST_RATE = 1000.0
"""More than any camera gives; an eye may give its frames whatever numbers it likes."""
SLOW_SHARE: Final = 3
SLOW_AFTER_S: Final = 30.0
"""A camera that for so long gives less than a third of the frames that it was asked for is slow."""
_MOST_ENGINES = 16
OTHER_ENGINES = "others"
"""Where crashes are counted of more engines than there can be: the names are the eye's own words."""

log = logging.getLogger(__name__)


class Health:
    """Collects metrics from every thread and feeds systemd's watchdog while the scan loop turns."""

    def __init__(self, clock: Clock, notifier: ServiceNotifier) -> None:
        self._clock = clock
        self._notifier = notifier
        self._lock = threading.Lock()
        self._fed_s = float("-inf")
        self._started_s = clock.monotonic_s()
        self.ready_ms: int | None = None
        """Milliseconds from the start to READY; ``None`` before."""
        self.frames = 0
        self.frame_seq = -1
        """Number of the newest frame; -1 before the first."""
        self.cues: Counter[Cue] = Counter()
        """Cues shown to visitors."""
        self.codes: Counter[CodeKind] = Counter()
        """Codes that were no credential, by kind."""
        self.eye_episodes: Counter[str] = Counter()
        """Failures of the eye (``lost``), and what was done about them (`device.eye.parent.EyeReports`)."""
        self.engines: tuple[str, ...] = ()
        """The decoder engines that run, best first; empty before the camera has opened."""
        self.engines_left_out: tuple[str, ...] = ()
        """The engines that do not run for now, because they crashed the eye twice within a minute."""
        self.engine_crashes: Counter[str] = Counter()
        """How often the eye died inside an engine, by its name."""
        self.ignored: Mapping[CodeKind, int] = {}
        """Codes passed over as the gate's own poster or as standing still, by kind."""
        self.lamp_ms: deque[int] = deque(maxlen=2000)
        """Milliseconds from the capture of the frame to the lamp, newest last."""
        self.decode_us: deque[int] = deque(maxlen=2000)
        """What the decoder took for each frame, newest last."""
        self._seen: deque[tuple[float, int]] = deque(maxlen=1024)
        self.asked_fps: float | None = None
        """Frames a second that the camera was asked for (`expect_rate`)."""
        self.slow = ""
        """Why the camera is too slow, in words; empty while it is not."""
        self._slow_since_s: float | None = None

    def beat(self, ignored: Mapping[CodeKind, int] | None = None) -> None:
        """Feed the watchdog, at most once a second: the scan loop turns. Nothing else feeds it.

        Args:
            ignored: how many codes presence has passed over until now, by kind; ``None`` while nothing is scanned.
        """
        now_s = self._clock.monotonic_s()
        if now_s - self._fed_s >= _FEED_EVERY_S:
            self._fed_s = now_s
            self._notifier.alive()
            self._judge_rate(now_s)
            if ignored is not None:
                self._note_ignored(dict(ignored))

    def expect_rate(self, asked_fps: float | None) -> None:
        """Note what the camera is asked for, frames a second; ``None``: a replay, which is as slow as it likes."""
        self.asked_fps = asked_fps

    def _judge_rate(self, now_s: float) -> None:
        """Note whether the camera is slow, and log when that changes; without any frame it is lost, not slow."""
        rate = self.frame_rate()
        if self.asked_fps is None or rate == 0 or rate * SLOW_SHARE >= self.asked_fps:
            if self.slow and rate:
                log.info("event=camera-in-time fps=%.1f", rate)
            self.slow, self._slow_since_s = "", None
            return
        if self._slow_since_s is None:
            self._slow_since_s = now_s
        if now_s - self._slow_since_s < SLOW_AFTER_S:
            return
        if not self.slow:
            log.warning("event=camera-slow fps=%.1f asked=%.1f", rate, self.asked_fps)
        self.slow = say(
            "the camera gives {count} frames a second, {asked} were asked",
            count=number(rate, "g"),
            asked=number(self.asked_fps, "g"),
        )

    def _note_ignored(self, counts: Mapping[CodeKind, int]) -> None:
        """Keep the counts of ignored codes, and log each that has grown."""
        for kind, count in counts.items():
            if count != self.ignored.get(kind):
                log.info("event=codes-ignored kind=%s count=%d reason=own-poster-or-not-moving", kind, count)
        with self._lock:
            self.ignored = counts

    def ready(self) -> None:
        """Tell systemd, once, that the gate can answer a visitor or shows that it cannot."""
        if self.ready_ms is None:
            self.ready_ms = round((self._clock.monotonic_s() - self._started_s) * 1000)
            self._notifier.ready()

    def uptime_s(self) -> int:
        """Return for how many seconds this gate has run."""
        return round(self._clock.monotonic_s() - self._started_s)

    def saw(self, frame_seq: int, decode_us: int) -> None:
        """Count one frame, and keep its number."""
        with self._lock:
            if frame_seq <= self.frame_seq:
                self._seen.clear()  # the camera was opened anew and counts from 0
            self.frames += 1
            self.frame_seq = frame_seq
            self._seen.append((self._clock.monotonic_s(), frame_seq))
            self.decode_us.append(decode_us)

    def answered(self, cue: Cue, lamp_ms: int, unrecognised: CodeKind | None) -> None:
        """Count one answer."""
        with self._lock:
            self.cues[cue] += 1
            self.lamp_ms.append(lamp_ms)
            if unrecognised is not None:
                self.codes[unrecognised] += 1

    def frame_rate(self) -> float:
        """Return how many frames a second the camera gave of late; 0 when there was none for 3 s. Any thread."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            seen = [(at_s, seq) for at_s, seq in self._seen if now_s - at_s <= _RATE_OVER_S]
        if len(seen) < 2 or now_s - seen[-1][0] > _STALE_S or seen[-1][0] <= seen[0][0]:
            return 0.0
        return min(_MOST_RATE, round((seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]), 1))

    def eye_failed(self, _reason: str) -> None:
        """Count one failure of the eye."""
        self.eye_step("lost")

    def eye_step(self, step: str) -> None:
        """Count one thing that happened to the eye or was done about it (`device.eye.parent.EyeReports`)."""
        with self._lock:
            self.eye_episodes[step] += 1

    def engine_crashed(self, engine: str) -> None:
        """Count one death of the eye inside an engine."""
        with self._lock:
            known = engine in self.engine_crashes or len(self.engine_crashes) < _MOST_ENGINES
            self.engine_crashes[engine if known else OTHER_ENGINES] += 1

    def engines_are(self, in_use: tuple[str, ...], left_out: tuple[str, ...]) -> None:
        """Keep which engines run, and which are left out because they crashed; log what is not as usual."""
        with self._lock:
            before, self.engines_left_out = self.engines_left_out, left_out
            self.engines = in_use
        if left_out != before:
            log.warning("event=engines-changed in_use=%s left_out=%s", ",".join(in_use), ",".join(left_out) or "-")

    def snapshot(self) -> Mapping[str, object]:
        """Return the figures of this moment."""
        rate = self.frame_rate()
        with self._lock:
            return {
                "uptime_s": self.uptime_s(),
                "frames": self.frames,
                "cues": {cue.value: count for cue, count in self.cues.items()},
                "not_ours": {kind.value: count for kind, count in self.codes.items()},
                "ignored": {kind.value: count for kind, count in self.ignored.items()},
                "fps": rate,
                "eye_episodes": dict(self.eye_episodes),
                "engines": list(self.engines),
                "engines_left_out": list(self.engines_left_out),
                "engine_crashes": dict(self.engine_crashes),
                "lamp_ms_p50": percentile(self.lamp_ms, 50),
                "lamp_ms_p99": percentile(self.lamp_ms, 99),
                "decode_us_p50": percentile(self.decode_us, 50),
            }


def percentile(values: deque[int] | list[int], percent: int) -> int | None:
    """Return the value that *percent* of the values do not exceed (nearest rank); ``None`` of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]
