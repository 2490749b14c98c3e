"""What of a page the keyboard reaches, by Tab alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

_NAME: Final = """one => {
  const group = one.type === 'radio' ? `radio ${one.name}` : null;
  return group ?? `${one.tagName} ${one.name || one.getAttribute('href') || one.textContent.trim()} ` +
    [...document.querySelectorAll(one.tagName)].indexOf(one);
}"""
_WANTED: Final = f"""() => {{
  const name = {_NAME};
  const used = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  return [...document.querySelectorAll(used)]
    .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
    .map(name);
}}"""
_HERE: Final = f"""() => {{
  const name = {_NAME};
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  return [name(one), seen];
}}"""
_MORE: Final = 20
"""What scrolls is stopped at too."""


def to_be_reached(page: Page) -> list[str]:
    """Return what can be used on a page, by name: a group of radio buttons is one, what is folded away is none."""
    found: list[str] = page.evaluate(_WANTED)
    return found


def reached(page: Page, wanted: Collection[str]) -> dict[str, bool]:
    """Press Tab until all that is wanted had the focus; return what had it, and whether that could be seen."""
    seen: dict[str, bool] = {}
    for _ in range(len(wanted) + _MORE):
        if seen.keys() >= set(wanted):
            break
        page.keyboard.press("Tab")
        here = page.evaluate(_HERE)
        if here is not None:
            name, is_seen = here
            seen[name] = is_seen or seen.get(name, False)  # a date has several parts
    return seen
