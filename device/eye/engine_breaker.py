"""Circuit breaker for decoder engines: one that crashes the eye twice within 60 s is left out for 600 s."""

from __future__ import annotations

from collections.abc import Mapping

WITHIN_S = 60.0
"""Two crashes of one engine within so long are more than one bad picture."""
LEFT_OUT_S = 600.0
"""How long it is then left out: the picture that did it will be gone."""
MOST_LEFT_OUT = 4
"""At the same time; there are fewer engines, but their names are the eye's own words."""


class EngineBreaker:
    """The last crash of each engine, and until when which is left out.

    The last engine in use is never left out: an eye that crashes now and then sees more than one
    that cannot read. Used on the scan thread.
    """

    def __init__(self) -> None:
        self._last_s: dict[str, float] = {}
        self._until_s: dict[str, float] = {}

    def crashed(self, engine: str, now_s: float, in_use: tuple[str, ...]) -> bool:
        """Count one crash.

        Args:
            engine: which one was running.
            now_s: when, monotonic.
            in_use: the engines that passed their self-test in that child; empty when it died before it could tell.

        Returns:
            Whether this engine is left out from now on.
        """
        lately = {name: last_s for name, last_s in self._last_s.items() if now_s - last_s <= WITHIN_S}
        again = engine in lately
        self._last_s = {**lately, engine: now_s}
        if not again or len(self.left_out(now_s)) >= MOST_LEFT_OUT or self._is_last(engine, now_s, in_use):
            return False
        del self._last_s[engine]
        self._until_s[engine] = now_s + LEFT_OUT_S
        return True

    def _is_last(self, engine: str, now_s: float, in_use: tuple[str, ...]) -> bool:
        """Return whether no engine would be left; of a child that told nothing, as far as can be known."""
        return set(in_use) == {engine} if in_use else bool(self.left_out(now_s))

    def left_out(self, now_s: float) -> Mapping[str, float]:
        """Return which engines are left out at this time, and for how many seconds more."""
        self._until_s = {engine: until_s for engine, until_s in self._until_s.items() if until_s > now_s}
        return {engine: until_s - now_s for engine, until_s in self._until_s.items()}
