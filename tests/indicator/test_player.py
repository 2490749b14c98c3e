"""Cues on the lamps: what is lit when, without waiting for anybody."""

from __future__ import annotations

from device.errors import PinUnavailable
from device.indicator.player import LampIndicator, Player
from device.model import Beat, Cue, Output, Pattern
from tests.support.fakes import FakeClock, HeldClock

GREEN, RED, DARK = frozenset({Output.GREEN}), frozenset({Output.RED}), frozenset[Output]()
PATTERNS = dict.fromkeys(Cue, Pattern((Beat(DARK, 1000),), repeats=True)) | {
    Cue.GRANTED: Pattern((Beat(GREEN | {Output.BUZZER}, 100), Beat(GREEN, 400))),
    Cue.DENIED: Pattern((Beat(RED, 300),)),
    Cue.READY: Pattern((Beat(DARK, 900), Beat(RED, 100)), repeats=True),
    Cue.STARTING: Pattern((Beat(RED, 50),)),
}


def film(player: Player, until_ms: int, clock: FakeClock) -> list[tuple[int, frozenset[Output]]]:
    """Every change of the outputs from now on, with its time in ms from now."""
    start, changes = clock.since_boot_ms, []
    while (wait := player.wait_s(clock.monotonic_s())) * 1000 + clock.since_boot_ms - start <= until_ms:
        clock.advance(round(wait * 1000))
        if (on := player.turn(clock.monotonic_s())) is not None:
            changes.append((clock.since_boot_ms - start, on))
    return changes


def test_a_cue_is_played_once_and_then_the_resting_cue_goes_on() -> None:
    clock, player = FakeClock(), Player(PATTERNS)
    player.rest_on(Cue.READY, clock.monotonic_s())
    assert player.show(Cue.GRANTED, clock.monotonic_s()) == GREEN | {Output.BUZZER}
    assert film(player, 2500, clock) == [
        (100, GREEN),
        (500, DARK),
        (1400, RED),
        (1500, DARK),
        (2400, RED),
        (2500, DARK),
    ]


def test_a_new_cue_cuts_off_the_old_one() -> None:
    clock, player = FakeClock(), Player(PATTERNS)
    player.show(Cue.GRANTED, clock.monotonic_s())
    clock.advance(50)
    assert player.show(Cue.DENIED, clock.monotonic_s()) == RED
    assert film(player, 5000, clock) == [(300, DARK)]


def test_changing_the_resting_cue_does_not_cut_off_an_answer() -> None:
    clock, player = FakeClock(), Player(PATTERNS)
    player.rest_on(Cue.READY, clock.monotonic_s())
    player.show(Cue.GRANTED, clock.monotonic_s())
    assert player.rest_on(Cue.STARTING, clock.monotonic_s()) is None
    assert film(player, 600, clock) == [(100, GREEN), (500, RED)]


def test_the_same_resting_cue_again_does_not_begin_it_anew() -> None:
    clock, player = FakeClock(), Player(PATTERNS)
    assert player.rest_on(Cue.READY, clock.monotonic_s()) == DARK
    assert player.rest_on(Cue.READY, clock.monotonic_s()) is None


def test_a_resting_cue_that_does_not_repeat_stays_as_it_is() -> None:
    clock, player = FakeClock(), Player(PATTERNS)
    assert player.rest_on(Cue.STARTING, clock.monotonic_s()) == RED
    assert player.wait_s(clock.monotonic_s()) == 60
    assert player.turn(clock.monotonic_s() + 3600) is None


class Wire:
    """Outputs that remember; may refuse."""

    def __init__(self) -> None:
        self.film: list[frozenset[Output]] = []
        self.closed = 0
        self.broken = False

    def set(self, on: frozenset[Output]) -> None:
        if self.broken:
            raise PinUnavailable("pins: broken")
        self.film.append(on)

    def close(self) -> None:
        self.closed += 1


def test_the_first_beat_is_lit_before_show_returns() -> None:
    wire = Wire()
    lamps = LampIndicator(wire, PATTERNS, HeldClock())
    lamps.show(Cue.GRANTED)
    assert wire.film[-1] == GREEN | {Output.BUZZER}
    lamps.close()


def test_a_lamp_test_does_not_let_the_relay_fall_that_a_visitor_has_held() -> None:
    held = frozenset({Output.GREEN, Output.RELAY})
    clock, wire = HeldClock(), Wire()
    shown = PATTERNS | {Cue.GRANTED: Pattern((Beat(GREEN, 100), Beat(held, 400), Beat(GREEN, 100)))}
    indicator = LampIndicator(wire, shown, clock)
    indicator.show(Cue.GRANTED)
    assert not indicator.play(shown[Cue.DENIED])  # it will be held
    assert wire.film[-1] == GREEN
    player = Player(shown)
    player.show(Cue.GRANTED, 0.0)
    holding = [player.holds_relay, player.turn(0.1) == held, player.holds_relay, player.turn(0.5) == GREEN]
    assert [*holding, player.holds_relay] == [True, True, True, True, False]
    indicator.show(Cue.DENIED)
    assert indicator.play(shown[Cue.GRANTED])


def test_after_closing_nothing_is_lit_any_more() -> None:
    wire = Wire()
    lamps = LampIndicator(wire, PATTERNS, HeldClock())
    lamps.close()
    lamps.close()
    lamps.show(Cue.GRANTED)
    assert wire.closed == 1
    assert wire.film == []


def test_pins_that_fail_are_reported_and_do_not_stop_the_gate() -> None:
    wire = Wire()
    lamps = LampIndicator(wire, PATTERNS, HeldClock())
    states = []
    for broken in (True, False):
        wire.broken = broken
        lamps.show(Cue.DENIED)
        states.append(lamps.failing)
    assert states == [True, False]
    lamps.close()
