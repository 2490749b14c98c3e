"""Sparklines: small, labelled, and nothing of a label gets out of its attribute."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from device.hub.web.charts import sparkline


def test_the_highest_bar_is_as_high_as_the_chart_and_an_empty_hour_has_none() -> None:
    drawn = ET.fromstring(sparkline([0, 5, 10, 0, 1], "hours"))
    days, bars = drawn.findall("path")
    assert re.findall(r"M(\d+) 40V(\d+)", bars.attrib["d"]) == [("3", "20"), ("5", "0"), ("9", "36")]
    assert (days.attrib["d"], drawn.attrib["role"], drawn.attrib["aria-label"]) == ("", "img", "hours")


def test_a_line_stands_where_each_day_begins() -> None:
    days, _ = ET.fromstring(sparkline([1] * 60, "x")).findall("path")
    assert days.attrib["d"] == "M48 0V40M96 0V40"


@pytest.mark.parametrize("values", [[], [0], [0] * 168, [999_999] * 168])
def test_no_week_is_too_empty_or_too_busy(values: list[int]) -> None:
    drawn = sparkline(values, "x")
    ET.fromstring(drawn)
    assert len(drawn) < 5_000


def test_a_label_stays_a_label() -> None:
    drawn = ET.fromstring(sparkline([1], '"><script>x</script>'))
    assert drawn.attrib["aria-label"] == '"><script>x</script>'
