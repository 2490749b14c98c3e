"""Pages for people's phones, from templates: small, without script, in the language that is spoken now."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from device.errors import shown
from device.hub.web.rendering import fingerprint
from device.words import Language, say, say_many

TEMPLATES: Final = Path(__file__).parent / "templates"
STYLE: Final = Path(__file__).parent / "static" / "people.css"
_OTHERS: Final = {
    Language.VIETNAMESE: (Language.ENGLISH, "English"),
    Language.ENGLISH: (Language.VIETNAMESE, "Tiếng Việt"),
}
"""The language to switch to, as it calls itself."""


@lru_cache(1)
def environment() -> Environment:
    """Return Jinja's environment, made once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(say=say, say_many=say_many, style=f"people.css?{fingerprint(STYLE.read_bytes())}")
    made.filters.update(shown=lambda text: shown(text, 600))
    return made


def people_page(language: Language, template: str, title: str, **values: Any) -> bytes:  # noqa: ANN401 - for it
    """Return a page.

    Args:
        language: which is spoken.
        template: its file in ``templates/``.
        title: said already, or a name.
        values: what the template fills in, besides what every page has.
    """
    other, other_name = _OTHERS[language]
    text = environment().get_template(template)
    return text.render(title=title, language=language, other=other, other_name=other_name, **values).encode("utf-8")


def telling(language: Language, status: int, title: str, text: str, retry_s: int = 0) -> Response:
    """Return a page that says one thing; *retry_s*: after how many seconds to try again, 0 when that helps nothing."""
    headers = {"Retry-After": str(retry_s)} if retry_s else None
    return HTMLResponse(people_page(language, "telling.html", title, text=text), status, headers)
