"""Templates: every word is said, every field has a label, and colours can be told apart."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError, nodes

from device.hub.web.rendering import STATIC, TEMPLATES, environment

NAMES = sorted(path.name for path in TEMPLATES.glob("*.html"))
STYLE = (STATIC / "style.css").read_text("utf-8")


class Reader(HTMLParser):
    """Collects what a template says itself, and what it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def read(name: str) -> Reader:
    reader = Reader()
    source = (TEMPLATES / name).read_text("utf-8")
    reader.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL))
    return reader


@pytest.mark.parametrize("name", NAMES)
def test_a_template_has_no_words_but_those_that_it_says(name: str) -> None:
    assert [text for text in read(name).said if re.search(r"\w", text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_words_in_attributes_are_said_too(name: str) -> None:
    for tag, attributes in read(name).tags:
        for attribute in ("aria-label", "title", "alt", "placeholder"):
            assert not attributes.get(attribute), (tag, attribute)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_is_seen_has_a_label(name: str) -> None:
    tags = read(name).tags
    labelled = {attributes["for"] for tag, attributes in tags if tag == "label"}
    fields = {
        attributes.get("id")
        for tag, attributes in tags
        if tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden"
    }
    assert fields == labelled


@pytest.mark.parametrize("name", NAMES)
def test_a_template_has_no_script_and_no_style_of_its_own(name: str) -> None:
    for tag, attributes in read(name).tags:
        assert tag != "style"
        assert tag != "script" or set(attributes) == {"src", "defer"}  # what is in one would be words, see above
        assert [one for one in attributes if one == "style" or one.startswith("on")] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_let_through_unescaped(name: str) -> None:
    tree = environment().parse((TEMPLATES / name).read_text("utf-8"))
    assert [one.name for one in tree.find_all(nodes.Filter) if one.name in {"safe", "forceescape"}] == []
    assert list(tree.find_all(nodes.MarkSafe)) == []


def test_what_nothing_was_given_for_is_a_defect_and_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        environment().get_template("message.html").render(title="x")


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("shade", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "behind", "least"),
    [
        ("text", "back", 4.5),
        ("text", "raised", 4.5),
        ("text", "good-back", 4.5),
        ("dim", "back", 4.5),
        ("dim", "raised", 4.5),
        ("accent", "back", 4.5),
        ("accent", "raised", 4.5),
        ("on-accent", "accent", 4.5),
        ("bad", "bad-back", 4.5),
        ("bad", "back", 4.5),
        ("bad", "raised", 4.5),
        ("focus", "back", 3.0),
        ("focus", "raised", 3.0),
        ("dim", "back", 3.0),
        *(("text", f"heat-{much}", 4.5) for much in ("low", "some", "much", "most")),
    ],
)
def test_colours_have_the_contrast_that_can_be_read(shade: str, text: str, behind: str, least: float) -> None:
    light, dark = STYLE.partition("@media (prefers-color-scheme: dark)")[::2]
    found = colours(light if shade == "light" else dark.partition("* {")[0])
    assert contrast(found[text], found[behind]) >= least
