"""The decoder of the eye process: the gate's cascade, in which each engine sets the crash marker before it runs.

An engine that crashes takes the process with it, so whose fault it was has to be written down
beforehand; see `device.eye.engine_marker`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from device.decoder import Cascade
from device.decoder.engines import Engine
from device.decoder.selftest import fit_engines
from device.decoder.tries import chain
from device.errors import DecoderUnfit
from device.eye.engine_marker import NO_ENGINE

if TYPE_CHECKING:
    from device.decoder.engines import EngineResult
    from device.decoder.tries import Try
    from device.model import Luma

Makers = tuple[tuple[str, Callable[[], Engine]], ...]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarkedEngine:
    """An engine that sets the marker while it looks at a picture.

    Attributes:
        engine: what reads.
        set_marker: given the engine's name before, and `NO_ENGINE` after.
    """

    engine: Engine
    set_marker: Callable[[str], None]

    @property
    def name(self) -> str:
        """The engine's own name."""
        return self.engine.name

    def read(self, luma: Luma) -> EngineResult:
        """Read as the engine does."""
        self.set_marker(self.engine.name)
        found = self.engine.read(luma)
        self.set_marker(NO_ENGINE)
        return found


class Decoding:
    """The decoder in use, and which engines are left out of it for how long.

    Args:
        makers: the engines there are, by name, the better one first.
        left_out_s: which are left out, and for how many seconds from *now_s*.
        now_s: the time, monotonic.
        set_marker: see `MarkedEngine`.

    Attributes:
        decoder: the cascade.
        engines: the engines in it, best first.

    Raises:
        DecoderUnfit: no engine can run at all.
    """

    def __init__(
        self, makers: Makers, left_out_s: Mapping[str, float], now_s: float, set_marker: Callable[[str], None]
    ) -> None:
        self._makers = makers
        self._set_marker = set_marker
        self._until_s = {engine: now_s + span_s for engine, span_s in left_out_s.items()}
        try:
            self.decoder, self.engines = self._make()
        except DecoderUnfit:
            if not self._until_s:
                raise
            self._until_s = {}  # never the last one: one that crashes now and then is better than none
            self.decoder, self.engines = self._make()

    def renew(self, now_s: float) -> bool:
        """Take back the engines whose time is over; return whether that changed the decoder."""
        back = [engine for engine, until_s in self._until_s.items() if until_s <= now_s]
        if not back:
            return False
        for engine in back:
            del self._until_s[engine]
        self.decoder, self.engines = self._make()
        return True

    def _make(self) -> tuple[Cascade, tuple[str, ...]]:
        makers = [(name, self._marking(make)) for name, make in self._makers if name not in self._until_s]
        fit, unfit = fit_engines(makers)
        tries = chain(fit)
        marked = replace(tries, first=self._marked(tries.first), more=tuple(map(self._marked, tries.more)))
        skipped = tuple(f"{name} is left out for now: it crashed" for name in sorted(self._until_s))
        for line in unfit + skipped:
            log.warning("event=engine-skipped reason=%r", line)
        return Cascade(marked, unfit + skipped), tuple(fit)

    def _marking(self, make: Callable[[], Engine]) -> Callable[[], Engine]:
        return lambda: MarkedEngine(make(), self._set_marker)

    def _marked(self, one: Try) -> Try:
        """Wrap the engines too that the chain makes for itself."""
        return (
            one
            if isinstance(one.engine, MarkedEngine)
            else replace(one, engine=MarkedEngine(one.engine, self._set_marker))
        )
