"""QR decoding of a frame sequence: a quick look at every frame, more tries in turn, few looks while nothing moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from device.decoder import image, region
from device.decoder.engines import ZBAR
from device.decoder.motion import MotionDetector
from device.decoder.tries import View

if TYPE_CHECKING:
    from device.decoder.engines import Corners, EngineResult
    from device.decoder.tries import Chain, Try
    from device.model import Luma, Symbol

STILL_LOOK = 10
"""Of still frames every how many-th is looked at."""
STILL_TRY = 4
"""Of those looks every how many-th has more than the quick one, once every try has had its turn at the picture."""
SELDOM = 4
"""Of the times round the tries every how many-th a `Try.seldom` one takes its turn."""
_MISSES = 12
"""Looks in a row, with the try that last read it, that must miss before a code in an unchanged picture counts
as gone. A hard code is read in some looks only: with 3 misses, 6 of 18 visitors who held one still for 15 s were
answered twice, with 12 none. What left unnoticed is reported for 0.8 s more at 15 frames a second."""
CROWD = 4
"""Codes beyond which a frame is no visitor's: of 295 frames with visitors and photos none had more than 2 broken."""
PAID = 16
"""How many times the comparison with the last frame the tries of a frame may cost on the mean. That costs the same
whatever there is to see, and naive 22 times as much for a plain frame; what a try costs, the picture decides."""
DEAR = 24
"""The same of the quick look, beyond which the frame counts as a crowd; of 185 frames with visitors none took 16."""
MOST_REST = 4
"""Frames at most that are not looked at after a crowd: 0.27 s at 15 frames a second."""


class Cascade:
    """The `device.ports.Decoder` of the gate: frames in order, on one thread.

    Each changed frame gets the quick look, and on a miss one more try: the one that read last, or
    else the next in turn; three when a broken code was seen. Tries are paid for: after dear ones there
    are frames without. A crowd of codes gets one try, never libzbar's, and is paid for whole: frames
    after it are not looked at. The frames after the last change get the same until every try has had
    its turn; then only every tenth is looked at, mostly quickly. On the frames between, and where a look at an
    unchanged picture misses a code just read in it, what was reported last is repeated: a code held
    still is still there.

    Args:
        chain: all ways to look.
        left_out: see the attribute.
        cpu_s: what has been worked so far, in seconds of this thread.

    Attributes:
        moving: whether the last frame given to `decode` had changed.
        left_out: one line for each engine that does not run, and why.
    """

    def __init__(
        self, chain: Chain, left_out: tuple[str, ...] = (), cpu_s: Callable[[], float] = time.thread_time
    ) -> None:
        self.moving = True
        self.left_out = left_out
        self._chain = chain
        self._motion = MotionDetector()
        self._turn = 0
        self._favourite: Try | None = None
        self._seen: tuple[Corners, ...] = ()
        self._still = 0
        self._misses = 0
        self._cpu_s = cpu_s
        self._compared_s = self._owed_s = 0.0
        self._rest = 0
        self._last: tuple[tuple[Symbol, ...], bool] = ((), False)

    def decode(self, luma: Luma) -> tuple[tuple[Symbol, ...], bool]:
        """Decode one plane (H×W uint8); see `device.ports.Decoder.decode`.

        Anything that is not such a plane (no pixels, another type or number of dimensions) shows
        no code. A plane of more than `image.MOST_PIXELS` is shrunk first.
        """
        ready = image.bounded(luma)
        if ready is None:
            self.moving, self._last = True, ((), False)
            return self._last
        plane, factor = ready
        self.moving = self._compared(plane)
        if self._rest and self._owed_s > 0:
            self._rest -= 1
            return self._last
        if self.moving:
            self._still = self._misses = 0
        elif self._owed_s > 0 and not self._last[0]:
            return self._last  # the next try at this picture is not paid for yet
        else:
            self._still += 1
            if not self._due():
                return self._last
        symbols, broken = self._look(plane)
        if factor > 1:
            symbols = image.enlarged_symbols(symbols, factor)
        if symbols or not self._last[0] or self.moving:
            self._misses = 0
        else:
            self._misses += 1
            if self._misses < _MISSES:
                return self._last
            self._forget()
            self._still = self._misses = 0  # every try gets its turn at what is there instead
        self._last = symbols, broken
        return self._last

    def _compared(self, plane: Luma) -> bool:
        """Return whether the frame has changed, and pay off what that comparison is worth."""
        began_s = self._cpu_s()
        moving = self._motion.moving(plane)
        self._compared_s = self._cpu_s() - began_s
        pay_s = PAID * self._compared_s
        self._owed_s = max(-pay_s, self._owed_s - pay_s)
        return moving

    def _due(self) -> bool:
        """Return whether this still frame is looked at."""
        if self._last[0]:
            return self._misses > 0 or self._still % STILL_LOOK == 0
        return self._still <= len(self._chain.more) or self._still % STILL_LOOK == 0

    def _look(self, plane: Luma) -> tuple[tuple[Symbol, ...], bool]:
        found, spent_s = self._timed(self._chain.first, View(plane))
        crowd = len(found.symbols) + len(found.broken) > CROWD or spent_s > DEAR * self._compared_s
        self._rest = MOST_REST if crowd else 0
        if crowd:
            self._owed_s += spent_s
        if found.symbols:
            self._seen = tuple(symbol.corners for symbol in found.symbols)
            return found.symbols, bool(found.broken)
        # Where to look closer: at the broken code, else where a code was read a moment ago.
        view = View(plane, region.around_all(found.broken or self._seen, plane))
        for more in self._next(view, broken=bool(found.broken), crowd=crowd):
            again, spent_s = self._timed(more, view)
            self._owed_s += spent_s
            if again.symbols:
                self._favourite = more
                self._seen = tuple(symbol.corners for symbol in again.symbols)
                return again.symbols, bool(again.broken)
        if self.moving or not self._last[0]:
            self._forget()
        return (), bool(found.broken)

    def _timed(self, one: Try, view: View) -> tuple[EngineResult, float]:
        """Make a try; return what it found, and its processor time in seconds."""
        began_s = self._cpu_s()
        found = one.look(view)
        return found, self._cpu_s() - began_s

    def _forget(self) -> None:
        """Forget where and how a code was read."""
        self._favourite, self._seen = None, ()

    def _next(self, view: View, *, broken: bool, crowd: bool) -> Iterator[Try]:
        """Yield the tries of this frame: the favourite first, then in turn, while they are paid for."""
        favourite, more = self._favourite, self._chain.more
        settled = self._still > len(more) and self._still % (STILL_LOOK * STILL_TRY)
        if settled and not broken and not self._last[0]:
            return
        left = 3 if broken and not crowd else 1

        def worth(one: Try) -> bool:
            return one.worth(view) and not (crowd and one.engine.name == ZBAR)

        if favourite is not None and worth(favourite):
            left -= 1
            yield favourite
        for _ in more:
            if not left or (self._owed_s > 0 and not crowd):
                return
            rounds, place = divmod(self._turn, len(more))
            following = more[place]
            self._turn += 1
            if following.seldom and rounds % SELDOM:
                continue
            if following is not favourite and worth(following):
                left -= 1
                yield following


def read_once(chain: Chain, luma: Luma) -> tuple[Symbol, ...]:
    """Run the whole chain of tries on one plane until one reads something; keeps nothing."""
    ready = image.bounded(luma)
    if ready is None:
        return ()
    plane, factor = ready
    view = View(plane)
    found = chain.first.look(view)
    if not found.symbols:
        view = View(plane, region.around_all(found.broken, plane))
        for more in chain.more:
            if more.worth(view) and (found := more.look(view)).symbols:
                break
    return image.enlarged_symbols(found.symbols, factor)
