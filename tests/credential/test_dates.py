from __future__ import annotations

import pytest

from device.credential.dates import day_first, year_first


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("05031990", "1990-03-05"),
        ("031990", "1990-03"),
        ("1990", "1990"),
        ("05/03/1990", "1990-03-05"),
        ("5/3/1990", "1990-03-05"),
        ("3/1990", "1990-03"),
        ("29022020", "2020-02-29"),
        ("00031990", "1990-03"),
        ("00001990", "1990"),
    ],
)
def test_dates_with_the_day_first_are_read(written: str, read: str) -> None:
    assert day_first(written) == read


@pytest.mark.parametrize(
    "written",
    ["31021990", "31/02/1990", "29022021", "05131990", "05001990", "050390", "1/2/3/1990", "0503", "", "/", "٠٥٠٣١٩٩٠"],
)
def test_impossible_dates_are_none(written: str) -> None:
    assert day_first(written) is None


@pytest.mark.parametrize("written", ["1990-02-31", "1990-00-05", "1990-3-5", "90-03-05", "19900305", "1994-**-**", ""])
def test_iso_dates_are_strict(written: str) -> None:
    assert year_first(written) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2018-09-09", "2018-09-09"),
        ("2018-09", "2018-09"),
        ("2018", "2018"),
        ("2018-09-00", "2018-09"),
        ("2018-00-00", "2018"),
        ("2018-00", "2018"),
    ],
)
def test_an_iso_date_is_read_as_far_as_it_is_on_record(written: str, read: str) -> None:
    assert year_first(written) == read
