from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device.credential import recognise
from device.gate.presence import Presence, PresenceLimits
from device.model import Claim, CodeKind, Point, Reading, Reason, Sight, Symbol, Unrecognised

CARD = "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Tổ 3|15042021".encode()
NATIONAL = b"051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|"
BARE = b"051090001234"
OTHER_CARD = "051194005678||Trần Thị Mẫu|20111994|Nữ|Thôn Đông|01072022".encode()
THIRD_CARD = "051095004321||Lê Minh Giả|09091995|Nam|Tổ 1|10082024||||".encode()
POSTER = b"https://tokhaiyte.vn/?page=Group.checkin&groupId=0123456789abcdef01234567"
OTHER_POSTER = b"https://tokhaiyte.vn/?page=Group.checkin&groupId=ffffffffffffffffffffffff"
WIFI = b"WIFI:S:Quan;;"
LINK = b"https://example.org/menu"

LIMITS = PresenceLimits(absence_ms=1_000, unreadable_after_ms=1_500, still_after_ms=60_000, still_px=8)
FRAME_MS = 100


class Door:
    """A gate's view: what is held up, frame by frame, and the readings that come of it."""

    def __init__(self, own_venue: str = "") -> None:
        self.asked: list[bytes] = []
        self.presence = Presence(self.recognise, LIMITS, own_venue)
        self.now_ms = 500_000
        self.frames = 0

    def recognise(self, payload: bytes) -> Claim:
        self.asked.append(payload)
        return recognise(payload)

    def frame(
        self,
        *payloads: bytes,
        broken: bool = False,
        lost: str | None = None,
        after_ms: int = FRAME_MS,
        where: dict[bytes, Point] | None = None,
    ) -> Reading | None:
        """One sight; a code wanders with every frame, as in a hand, unless *where* fixes it."""
        self.now_ms += after_ms
        self.frames += 1
        hand = (self.frames * 13 % 200, self.frames * 7 % 100)
        symbols = tuple(Symbol(payload, square(*(where or {}).get(payload, hand)), "zxing") for payload in payloads)
        return self.presence.look(Sight(self.frames, self.now_ms, symbols, broken=broken, lost=lost))

    def hold(
        self, ms: int, *payloads: bytes, broken: bool = False, where: dict[bytes, Point] | None = None
    ) -> list[Reading]:
        """Hold these up for a while; return what was read."""
        looks = [self.frame(*payloads, broken=broken, where=where) for _ in range(ms // FRAME_MS)]
        return [reading for reading in looks if reading is not None]


def square(x: int, y: int) -> tuple[Point, Point, Point, Point]:
    return (x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)


def payloads(readings: list[Reading]) -> list[bytes]:
    return [reading.payload for reading in readings]


def reasons(readings: list[Reading]) -> list[Reason | None]:
    return [reading.claim.reason if isinstance(reading.claim, Unrecognised) else None for reading in readings]


def test_a_card_held_for_three_seconds_is_one_reading_recognised_once() -> None:
    door = Door()
    assert payloads(door.hold(3_000, CARD)) == [CARD]
    assert door.asked == [CARD]


def test_a_reading_says_what_was_read_when_and_by_whom() -> None:
    door = Door()
    assert door.frame(CARD) == Reading(recognise(CARD), CARD, 1, 500_100, "zxing")


def test_a_flickering_decode_stays_one_reading() -> None:
    door = Door()
    readings = []
    for _ in range(10):
        readings += door.hold(200, CARD) + door.hold(300)
    assert payloads(readings) == [CARD]


def test_a_card_that_was_gone_for_the_absence_is_read_again() -> None:
    door = Door()
    door.hold(500, CARD)
    door.hold(LIMITS.absence_ms)
    assert payloads(door.hold(500, CARD)) == [CARD]


def test_dropped_sights_count_by_time_and_not_by_number() -> None:
    door = Door()
    assert door.frame(CARD)
    assert door.frame(CARD, after_ms=LIMITS.absence_ms - 1) is None
    assert door.frame(CARD, after_ms=LIMITS.absence_ms)


def test_lost_sights_are_absence_by_time_and_nothing_else() -> None:
    door = Door()
    door.frame(CARD)
    assert door.frame(lost="camera", after_ms=300) is None
    assert door.frame(CARD, after_ms=300) is None
    assert door.frame(lost="camera", after_ms=LIMITS.absence_ms) is None
    assert door.frame(CARD)


def test_a_lost_sight_with_an_old_time_changes_nothing() -> None:
    door = Door()
    door.frame(CARD)
    assert door.presence.look(Sight(-1, 0, lost="starting")) is None
    assert door.frame(CARD) is None


def test_times_that_fall_back_start_over_instead_of_waiting_for_ever() -> None:
    door = Door()
    door.frame(CARD, after_ms=2**60)
    door.now_ms = 500_000
    assert door.frame(CARD)
    door.hold(LIMITS.absence_ms)
    assert door.frame(CARD)


def test_the_next_visitor_is_answered_while_the_last_ones_card_is_barely_gone() -> None:
    door = Door()
    door.frame(CARD)
    assert payloads(door.hold(300, OTHER_CARD)) == [OTHER_CARD]


def test_two_people_in_one_sight_are_several_once_and_nobody_is_answered() -> None:
    door = Door()
    assert reasons(door.hold(5_000, CARD, OTHER_CARD)) == [Reason.SEVERAL]


def test_who_remains_after_several_is_answered_once_the_other_has_gone() -> None:
    door = Door()
    door.hold(500, CARD, OTHER_CARD)
    assert door.hold(LIMITS.absence_ms - FRAME_MS, CARD) == []
    assert payloads(door.hold(2_000, CARD)) == [CARD]


def test_several_that_flicker_one_at_a_time_are_still_several() -> None:
    door = Door()
    door.hold(300, CARD, OTHER_CARD)
    readings = []
    for _ in range(10):
        readings += door.hold(300, CARD) + door.hold(300, OTHER_CARD)
    assert readings == []


def test_a_third_person_is_not_answered_while_two_are_in_view() -> None:
    door = Door()
    door.hold(300, CARD, OTHER_CARD)
    assert door.hold(300, THIRD_CARD) == []


def test_when_both_leave_and_come_back_they_are_several_again() -> None:
    door = Door()
    door.hold(300, CARD, OTHER_CARD)
    door.hold(LIMITS.absence_ms)
    assert reasons(door.hold(300, CARD, OTHER_CARD)) == [Reason.SEVERAL]


def test_a_second_person_beside_somebody_already_answered_is_several_then_answered() -> None:
    door = Door()
    assert payloads(door.hold(500, CARD)) == [CARD]
    assert reasons(door.hold(500, CARD, OTHER_CARD)) == [Reason.SEVERAL]
    assert payloads(door.hold(2_000, OTHER_CARD)) == [OTHER_CARD]


def test_somebody_already_answered_is_not_answered_again_when_the_other_leaves() -> None:
    door = Door()
    door.hold(500, CARD)
    door.hold(500, CARD, OTHER_CARD)
    assert door.hold(3_000, CARD) == []


def test_two_codes_of_one_person_are_one_reading() -> None:
    door = Door()
    assert payloads(door.hold(3_000, CARD, NATIONAL)) == [NATIONAL]
    assert door.hold(3_000, CARD) == []


def test_a_second_code_of_somebody_already_answered_is_not_answered() -> None:
    door = Door()
    assert payloads(door.hold(300, CARD)) == [CARD]
    assert door.hold(300, CARD, NATIONAL) == []
    assert door.hold(3_000, NATIONAL) == []


def test_two_prints_of_one_code_that_names_nobody_are_one_person() -> None:
    nameless = b"|TRAN THI MAU|1994-**-**|0||"
    assert payloads(Door().hold(1_000, nameless, nameless + b"\n")) == [nameless]


def test_a_bare_number_yields_to_the_card_beside_it() -> None:
    assert payloads(Door().hold(1_000, BARE, CARD)) == [CARD]


def test_the_same_code_twice_in_a_sight_is_one() -> None:
    assert payloads(Door().hold(1_000, CARD, CARD)) == [CARD]


def test_beside_a_credential_nothing_else_is_answered() -> None:
    door = Door()
    assert payloads(door.hold(1_000, WIFI, CARD, POSTER)) == [CARD]
    assert door.hold(3_000, WIFI, POSTER) == []


def test_a_wrong_code_right_after_a_credential_waits_until_that_is_gone() -> None:
    door = Door()
    door.hold(500, CARD)
    assert door.hold(LIMITS.absence_ms - FRAME_MS, WIFI) == []
    assert payloads(door.hold(2_000, WIFI)) == [WIFI]


def test_a_credential_is_answered_at_once_after_a_wrong_code() -> None:
    door = Door()
    assert payloads(door.hold(300, WIFI)) == [WIFI]
    assert payloads(door.hold(300, WIFI, CARD)) == [CARD]


def test_of_several_wrong_codes_the_most_telling_is_answered_once() -> None:
    assert payloads(Door().hold(5_000, LINK, WIFI, POSTER)) == [POSTER]


def test_a_code_that_changes_while_it_is_held_is_answered_once() -> None:
    door = Door()
    readings = [door.frame(f"eyJ0.e30.{number}".encode()) for number in range(100)]
    assert [reading is not None for reading in readings].count(True) == 1


def test_the_gates_own_location_code_is_ignored_given_by_id_or_whole() -> None:
    for own in ("0123456789abcdef01234567", "0123456789ABCDEF01234567", POSTER.decode()):
        door = Door(own)
        assert door.hold(3_000, POSTER) == []
        assert door.presence.ignored == {CodeKind.VENUE: 1}
        assert reasons(door.hold(300, POSTER, OTHER_POSTER)) == [Reason.VENUE_POSTER]


def test_an_own_location_code_of_unknown_form_is_ignored_by_its_whole_payload() -> None:
    door = Door("ma-dia-diem-7")
    assert door.hold(1_000, b"ma-dia-diem-7\n") == []
    assert door.presence.ignored == {CodeKind.UNKNOWN: 1}


def test_a_credential_is_never_taken_for_the_own_location() -> None:
    assert payloads(Door(CARD.decode()).hold(300, CARD)) == [CARD]


def test_without_an_own_location_every_poster_is_a_wrong_code() -> None:
    assert reasons(Door("").hold(300, POSTER)) == [Reason.VENUE_POSTER]


def test_a_code_that_does_not_move_is_ignored_and_counted_after_its_time() -> None:
    door, wall = Door(), {LINK: (50, 60)}
    assert payloads(door.hold(LIMITS.still_after_ms, LINK, where=wall)) == [LINK]
    assert door.presence.ignored == {}
    assert door.hold(1_000, LINK, where=wall) == []
    assert door.presence.ignored == {CodeKind.LINK: 1}
    assert payloads(door.hold(300, LINK, WIFI, where=wall)) == [WIFI]


def test_a_trembling_picture_of_a_poster_is_still_but_a_creeping_one_is_not() -> None:
    trembling, creeping = Door(), Door()
    for step in range(700):
        trembling.frame(LINK, where={LINK: (50 + step % 2 * 8, 60)})
        creeping.frame(LINK, where={LINK: (50 + step // 50, 60)})
    assert trembling.presence.ignored == {CodeKind.LINK: 1}
    assert creeping.presence.ignored == {}


def test_a_poster_that_was_hidden_is_still_the_poster_when_it_comes_back() -> None:
    door, wall = Door(), {LINK: (50, 60)}
    door.hold(61_000, LINK, where=wall)
    door.hold(10_000)
    assert door.hold(1_000, LINK, where=wall) == []
    door.hold(10_000)
    assert payloads(door.hold(300, LINK, where={LINK: (90, 60)})) == [LINK]


def test_a_card_left_lying_does_not_keep_others_out() -> None:
    door, tray = Door(), {CARD: (50, 60)}
    assert payloads(door.hold(61_000, CARD, where=tray)) == [CARD]
    assert payloads(door.hold(1_000, CARD, OTHER_CARD, where=tray)) == [OTHER_CARD]
    assert door.presence.ignored == {CodeKind.CITIZEN_CARD: 1}


def test_a_card_put_back_into_the_same_tray_is_a_new_presentation() -> None:
    door, tray = Door(), {CARD: (50, 60)}
    door.hold(61_000, CARD, where=tray)
    door.hold(LIMITS.absence_ms)
    assert payloads(door.hold(300, CARD, where=tray)) == [CARD]


def test_a_card_that_lay_still_and_is_moved_without_leaving_is_not_read_again() -> None:
    door, tray = Door(), {CARD: (50, 60)}
    door.hold(61_000, CARD, where=tray)
    assert door.hold(3_000, CARD) == []
    assert reasons(door.hold(300, CARD, OTHER_CARD)) == [Reason.SEVERAL]


def test_a_code_seen_too_long_without_being_decoded_is_unreadable_once() -> None:
    door = Door()
    assert door.hold(LIMITS.unreadable_after_ms, broken=True) == []
    assert reasons(door.hold(5_000, broken=True)) == [Reason.UNREADABLE]


def test_a_broken_code_that_flickers_is_one_presentation_and_a_new_one_after_the_absence() -> None:
    door = Door()
    readings = []
    for _ in range(10):
        readings += door.hold(300, broken=True) + door.hold(300)
    assert reasons(readings) == [Reason.UNREADABLE]
    door.hold(LIMITS.absence_ms)
    assert reasons(door.hold(3_000, broken=True)) == [Reason.UNREADABLE]


def test_two_short_glimpses_of_a_broken_code_are_not_unreadable() -> None:
    door = Door()
    assert door.frame(broken=True) is None
    assert door.frame(broken=True, after_ms=LIMITS.unreadable_after_ms + LIMITS.absence_ms) is None


def test_a_code_that_is_read_in_the_end_was_not_unreadable() -> None:
    door = Door()
    door.hold(1_000, broken=True)
    assert payloads(door.hold(300, CARD)) == [CARD]
    assert door.hold(LIMITS.absence_ms + LIMITS.unreadable_after_ms - FRAME_MS, broken=True) == []
    assert reasons(door.hold(3 * FRAME_MS, broken=True)) == [Reason.UNREADABLE]


def test_the_own_poster_in_view_does_not_hide_an_unreadable_code() -> None:
    door = Door("0123456789abcdef01234567")
    assert reasons(door.hold(3_000, POSTER, broken=True)) == [Reason.UNREADABLE]


def test_a_picture_full_of_codes_is_bounded_work() -> None:
    door = Door()
    for sweep in range(20):
        door.frame(*(f"x{sweep}-{number}".encode() for number in range(1_000)))
    assert len(door.asked) == 20 * 16
    assert len(door.presence._tracks) <= 64


def test_what_is_gone_is_forgotten() -> None:
    door = Door()
    door.hold(500, CARD, WIFI)
    door.hold(LIMITS.absence_ms + FRAME_MS)
    assert door.presence._tracks == {}


ALL_CODES = st.sampled_from([CARD, NATIONAL, BARE, OTHER_CARD, POSTER, WIFI, LINK, b"", b"\xff"])
SIGHTS = st.tuples(st.lists(ALL_CODES, max_size=4), st.booleans(), st.booleans(), st.integers(-3_000, 3_000))


@given(st.lists(SIGHTS, max_size=60))
def test_whatever_is_held_up_a_verdict_never_comes_while_two_people_are_in_the_sight(
    shown: list[tuple[list[bytes], bool, bool, int]],
) -> None:
    door = Door("0123456789abcdef01234567")
    for codes, broken, lost, after_ms in shown:
        reading = door.frame(*codes, broken=broken, lost="x" if lost else None, after_ms=after_ms)
        if reading is None:
            continue
        people = {
            "other" if code == OTHER_CARD else "first" for code in codes if code in {CARD, NATIONAL, BARE, OTHER_CARD}
        }
        assert not lost
        assert reading.payload != POSTER
        assert (reading.payload == b"" and not isinstance(reading.claim, Unrecognised)) is False
        if len(people) == 2:
            assert reasons([reading]) == [Reason.SEVERAL]
        elif reading.payload:
            assert reading.payload in codes


def test_an_ignored_code_is_counted_once_however_often_it_is_seen_or_hidden() -> None:
    door, wall = Door("0123456789abcdef01234567"), {POSTER: (50, 60), LINK: (300, 60)}
    for _ in range(3):
        door.hold(61_000, POSTER, LINK, where=wall)
        door.hold(5_000)
    assert door.presence.ignored == {CodeKind.VENUE: 1, CodeKind.LINK: 1}


def test_the_counts_of_ignored_codes_are_given_out_as_a_copy() -> None:
    door = Door("0123456789abcdef01234567")
    door.hold(300, POSTER)
    before = door.presence.ignored
    before.clear()
    assert door.presence.ignored == {CodeKind.VENUE: 1}


def test_beside_a_card_left_lying_two_people_are_still_several() -> None:
    door, tray = Door(), {CARD: (50, 60)}
    door.hold(61_000, CARD, where=tray)
    assert reasons(door.hold(1_000, CARD, OTHER_CARD, THIRD_CARD, where=tray)) == [Reason.SEVERAL]
