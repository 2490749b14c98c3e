from __future__ import annotations

import pytest

from device.hub.supervision.standing import PlaceStanding, standing_of

NOW = 500_000
OPEN = list(range(NOW - 100, NOW + 1))


@pytest.mark.parametrize(
    ("last_hour", "opening", "weeks", "told"),
    [
        (None, OPEN, [0, 0, 0, 0, 0], PlaceStanding.NEVER),
        (None, None, [0, 0, 0, 0, 0], PlaceStanding.NEVER),
        (NOW - 9, OPEN, [50, 0, 0, 0, 0], PlaceStanding.STOPPED),  # eight opening hours lie between
        (NOW - 8, OPEN, [50, 0, 0, 0, 0], PlaceStanding.WELL),
        (NOW - 73, None, [50, 0, 0, 0, 0], PlaceStanding.STOPPED),
        (NOW - 72, None, [50, 0, 0, 0, 0], PlaceStanding.WELL),
        (NOW - 160, [NOW - 150, NOW], [50, 0, 0, 0, 0], PlaceStanding.WELL),  # it was closed
        (NOW - 160, [], [50, 0, 0, 0, 0], PlaceStanding.WELL),
        (NOW, OPEN, [49, 100, 100, 100, 100], PlaceStanding.FALLING),
        (NOW, OPEN, [50, 100, 100, 100, 100], PlaceStanding.WELL),
        (NOW, OPEN, [10, 100, 0, 0, 0], PlaceStanding.FALLING),  # it has been there for two weeks
        (NOW, OPEN, [10, 100, 5, 0, 0], PlaceStanding.WELL),
        (NOW, OPEN, [1, 9, 9, 9, 9], PlaceStanding.WELL),  # too few to say
        (NOW, OPEN, [5, 0, 0, 0, 0], PlaceStanding.WELL),
        (NOW - 20, OPEN, [1, 100, 100, 100, 100], PlaceStanding.STOPPED),  # the graver is told
    ],
)
def test_a_place_stands_as_its_hours_and_its_weeks_say(
    last_hour: int | None, opening: list[int] | None, weeks: list[int], told: PlaceStanding
) -> None:
    assert standing_of(last_hour, opening, weeks, NOW) is told


def test_they_are_ordered_by_who_is_to_be_looked_at_first() -> None:
    assert [one.name for one in sorted(PlaceStanding)] == ["NEVER", "STOPPED", "FALLING", "WELL"]
