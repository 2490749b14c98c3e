"""Presence: one presentation is one reading; what stands between sixty frames of a held card and one check-in.

Everything is told by the capture times of sights, never by their number, since sights may be dropped.

* A payload is one presentation until it has been gone for ``absence_ms``; a flickering decode is not gone.
* Credentials of two people in one sight are SEVERAL, once, and nobody is answered until one of them has
  been gone for ``absence_ms``; who remains is then answered. Two codes of one person (joined by
  `same_person_keys`) are no doubt about who stands there: one answer, and a bare number yields to a card.
* Beside a credential nothing else is answered. Of other codes alone the most telling is answered once; a
  code that changes while it is held (a session's) is not answered anew for every change.
* The gate's own location QR, and whatever has not moved for ``still_after_ms``, is ignored and counted.
  A poster that was hidden for a while is still the poster when it comes back to its place; a credential
  that was gone is a new presentation wherever it comes back.
* A code seen but not decoded for ``unreadable_after_ms`` is UNREADABLE, once until it is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from device.credential import recognise as recognise_payload
from device.gate.tracks import Track, box_of, near, several_people
from device.model import CREDENTIAL_KINDS, Claim, CodeKind, Credential, Reading, Reason, Sight, Symbol, Unrecognised

_MOST_SYMBOLS = 16
"""Looked at in one sight; a picture full of codes is no visitor."""

_MOST_TRACKS = 64

_TELLING = (
    CodeKind.VENUE,
    CodeKind.LOCAL,
    CodeKind.VNEID,
    CodeKind.HC1,
    CodeKind.BANK,
    CodeKind.WIFI,
    CodeKind.LINK,
    CodeKind.UNKNOWN,
)
# A bare number says less of its person than any card.
_PREFERRED = (*(kind for kind in CREDENTIAL_KINDS if kind is not CodeKind.CITIZEN_NUMBER), CodeKind.CITIZEN_NUMBER)


@dataclass(frozen=True, slots=True)
class PresenceLimits:
    """When a presentation begins and ends.

    Attributes:
        absence_ms: how long a code must be gone before it counts as shown again.
        unreadable_after_ms: how long a code may be seen without being decoded.
        still_after_ms: how long a code may stand still before it is taken for a poster.
        still_px: movement of any side of the code that counts as standing still.
    """

    absence_ms: int = 1_500
    unreadable_after_ms: int = 1_500
    still_after_ms: int = 60_000
    still_px: int = 8


class Presence:
    """Turns sights into readings. Used on the scan thread; bounded, and forgets payloads that are gone."""

    def __init__(self, recognise: Callable[[bytes], Claim], limits: PresenceLimits, own_venue: str) -> None:
        """Start with nothing in view.

        Args:
            recognise: called once for each payload that appears.
            limits: when presentations begin and end.
            own_venue: the payload of the place's own location QR, or the id in it; empty when unknown.
        """
        self._recognise = recognise
        self._limits = limits
        self._own_payload = own_venue.encode("utf-8", "replace")
        self._own_ids = _venue_ids(own_venue, self._own_payload)
        self._now_ms = 0
        self._tracks: dict[bytes, Track] = {}
        self._several_told = False
        self._broken_since_ms: int | None = None
        self._broken_seen_ms = 0
        self._unreadable_told = False
        self._ignored: Counter[CodeKind] = Counter()

    @property
    def ignored(self) -> dict[CodeKind, int]:
        """How many presentations of each kind were ignored as own poster or as standing still."""
        return dict(self._ignored)

    def look(self, sight: Sight) -> Reading | None:
        """Take in one sight; return the reading it completes, at most one, usually ``None``."""
        self._advance(sight)
        self._drop_gone()
        symbols = () if sight.lost is not None else sight.symbols[:_MOST_SYMBOLS]
        seen = [track for track in self._take_in(symbols) if not track.ignored]
        people = [track for track in seen if isinstance(track.claim, Credential)]
        if people:
            return self._answer_people(sight, people, seen)
        if seen:
            return self._answer_others(sight, seen)
        return self._answer_broken(sight)

    # -- what is in view -------------------------------------------------------------------------

    def _advance(self, sight: Sight) -> None:
        """Follow the capture times; should they ever fall back (a mad eye), start over rather than wait."""
        if sight.lost is None and sight.captured_ms < self._now_ms - self._limits.absence_ms:
            self._tracks.clear()
            self._end_broken()
            self._now_ms = sight.captured_ms
        self._now_ms = max(self._now_ms, sight.captured_ms)

    def _drop_gone(self) -> None:
        """Forget what has been gone long enough; a poster in its place is kept, as long as there is room."""
        gone_ms = self._now_ms - self._limits.absence_ms
        for payload, track in list(self._tracks.items()):
            poster = track.ignored and not isinstance(track.claim, Credential)
            if track.seen_ms <= gone_ms and not poster:
                del self._tracks[payload]
        if not several_people(self._tangled()):
            self._several_told = False
        if self._broken_seen_ms <= gone_ms:
            self._end_broken()

    def _take_in(self, symbols: tuple[Symbol, ...]) -> list[Track]:
        """Begin or continue a track for every payload; return those seen now, each once."""
        seen: dict[bytes, Track] = {}
        for symbol in symbols:
            if symbol.payload not in seen:
                track = self._tracks.pop(symbol.payload, None)
                seen[symbol.payload] = self._begin(symbol) if track is None else self._continue(track, symbol)
        self._tracks.update(seen)  # at the end of the order: the longest unseen is the first to go
        while len(self._tracks) > _MOST_TRACKS:
            del self._tracks[next(iter(self._tracks))]
        return list(seen.values())

    def _begin(self, symbol: Symbol) -> Track:
        track = Track(
            symbol=symbol,
            claim=self._recognise(symbol.payload),
            seen_ms=self._now_ms,
            anchor=box_of(symbol.corners),
            anchored_ms=self._now_ms,
        )
        if self._is_own(track):
            self._ignore(track)
        return track

    def _continue(self, track: Track, symbol: Symbol) -> Track:
        box = box_of(symbol.corners)
        moved = not near(box, track.anchor, self._limits.still_px)
        if track.ignored and moved and not self._is_own(track):  # somebody took it in hand
            if track.seen_ms <= self._now_ms - self._limits.absence_ms:
                return self._begin(symbol)
            track.ignored = False
        if moved:
            track.anchor, track.anchored_ms = box, self._now_ms
        elif not track.ignored and self._now_ms - track.anchored_ms >= self._limits.still_after_ms:
            self._ignore(track)
        track.symbol, track.seen_ms = symbol, self._now_ms
        return track

    def _is_own(self, track: Track) -> bool:
        if not isinstance(track.claim, Unrecognised):
            return False
        own_payload = bool(self._own_payload) and track.symbol.payload.strip() == self._own_payload.strip()
        return own_payload or (track.claim.venue_id is not None and track.claim.venue_id.casefold() in self._own_ids)

    def _ignore(self, track: Track) -> None:
        track.ignored = True
        self._ignored[track.claim.kind] += 1

    def _live_people(self) -> list[Track]:
        """Credentials that are in view, flickering ones too."""
        return [t for t in self._tracks.values() if isinstance(t.claim, Credential) and not t.ignored]

    def _tangled(self) -> list[Track]:
        return [track for track in self._live_people() if track.tangled]

    # -- what is answered ------------------------------------------------------------------------

    def _answer_people(self, sight: Sight, people: list[Track], seen: list[Track]) -> Reading | None:
        self._end_broken()
        if several_people(people):
            for track in people:
                track.tangled = True
        if several_people(self._tangled()):
            for track in people:
                track.tangled = True
            if self._several_told:
                return None
            self._several_told = True
            return _without_code(sight, Reason.SEVERAL)
        # The same person's other code, and whatever else is held up with it, has its answer in this one.
        answered = [track for track in self._live_people() if track.answered]
        waiting = [t for t in people if not t.answered and not any(t.same_person(other) for other in answered)]
        for track in seen:
            track.answered = True
        if not waiting:
            return None
        return _reading(sight, min(waiting, key=lambda track: _PREFERRED.index(track.claim.kind)))

    def _answer_others(self, sight: Sight, others: list[Track]) -> Reading | None:
        self._end_broken()
        if self._live_people():
            return None  # a credential flickers, or has just been answered: others wait until it is gone
        told = {track.claim.kind for track in self._tracks.values() if track.answered and not track.ignored}
        waiting = [track for track in others if not track.answered and track.claim.kind not in told]
        for track in others:
            track.answered = True
        return _reading(sight, min(waiting, key=lambda track: _TELLING.index(track.claim.kind))) if waiting else None

    def _answer_broken(self, sight: Sight) -> Reading | None:
        if not sight.broken or sight.lost is not None:
            return None
        if any(not track.ignored for track in self._tracks.values()):
            return None  # what was just read flickers
        if self._broken_since_ms is None:
            self._broken_since_ms = self._now_ms
        self._broken_seen_ms = self._now_ms
        if self._unreadable_told or self._now_ms - self._broken_since_ms < self._limits.unreadable_after_ms:
            return None
        self._unreadable_told = True
        return _without_code(sight, Reason.UNREADABLE)

    def _end_broken(self) -> None:
        self._broken_since_ms = None
        self._unreadable_told = False


def _venue_ids(own_venue: str, payload: bytes) -> frozenset[str]:
    """Return the ids that mean the own venue, whether it was given as id or as whole payload."""
    claim = recognise_payload(payload)
    inside = claim.venue_id if isinstance(claim, Unrecognised) else None
    return frozenset(name.casefold() for name in (own_venue.strip(), inside) if name)


def _reading(sight: Sight, track: Track) -> Reading:
    symbol = track.symbol
    return Reading(track.claim, symbol.payload, sight.frame_seq, sight.captured_ms, symbol.engine)


def _without_code(sight: Sight, reason: Reason) -> Reading:
    return Reading(Unrecognised(CodeKind.UNKNOWN, reason), b"", sight.frame_seq, sight.captured_ms)
