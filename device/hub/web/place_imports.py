"""Many places at once: a list is looked at, shown as what it would change, and carried out when somebody says so.

What is carried out is what was shown: the file waits on the hub (`device.hub.web.kept_files`), and where what is
registered has changed meanwhile nothing is done but to show it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, NamedTuple

from sqlalchemy.exc import IntegrityError
from starlette.responses import Response, StreamingResponse

from device.clock import utc_day
from device.errors import ConfigurationError, shown
from device.hub.accounts import audit
from device.hub.accounts.audit import Deed
from device.hub.db.place_pages import every_place
from device.hub.registry.export import blank_list, export
from device.hub.registry.place import TIME_ZONE
from device.hub.registry.place_list import TITLES, PlaceList, Preview, carry_out, compare, read_places
from device.hub.web.asking import Ask, go_to
from device.hub.web.place_pages import filters_of
from device.hub.web.place_words import LABELS, told_field
from device.hub.web.places_seen import seen_places
from device.hub.web.rendering import message, page, refusal
from device.words import Language, number, say

MOST_BYTES: Final = 24 << 20
"""Of a list; what `device.hub.registry.table_file` reads at most."""
_SHOWN: Final = 100
"""Of each sort of lines; of the others their number is told."""
_KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PIECE_BYTES: Final = 64 * 1024
_MOST_NAME: Final = 100
_EXAMPLES: Final = {
    "code": "HP-0012",
    "name": "Trường THPT Hoa Phượng",
    "kind": "trường học",
    "province": "Hải Phòng",
    "commune": "Hồng Bàng",
    "address": "12 Đinh Tiên Hoàng",
    "responsible": "Nguyễn Văn Thử",
    "phone": "0912 345 678",
    "opening_hours": "T2-T6 7:00-17:00; T7 8:00-12:00",
    "time_zone": TIME_ZONE,
    "legal_basis": "Quyết định số 12/QĐ-UBND",
}


class Change(NamedTuple):
    """A field that a list changes.

    Attributes:
        place: whose, by its name before.
        field: which, said.
        before: what stands there.
        after: what is to stand there.
    """

    place: str
    field: str
    before: str
    after: str


def show_import(ask: Ask) -> Response:
    """Show how to import a list."""
    return _import_page(ask)


def _import_page(ask: Ask, error: str = "", status: int = 200) -> Response:
    titles = TITLES if ask.language is Language.VIETNAMESE else {name: name for name in TITLES}
    columns = [(titles[name], say(LABELS[name]), _EXAMPLES[name]) for name in LABELS]
    return page(ask, "places_import.html", say("Import places"), status, error=error, columns=columns)


def preview_import(ask: Ask) -> Response:
    """Show what a list would change."""
    upload = ask.files.get("file")
    if upload is None:
        return _import_page(ask, say("Choose a file first."), 422)
    name = shown(upload.name, _MOST_NAME) or say("the file")
    with ask.desk.kept.turn() as came:
        if not came:
            return _wait(ask)
        try:
            found = read_places(upload.path, utc_day(ask.desk.store.now_ms()))
        except ConfigurationError as error:
            return _import_page(ask, _of_the_file(str(error), upload.path, name), 422)
        with ask.desk.store.reading() as connection:
            told = compare(connection, found, ask.desk.store.now_ms())
        digest = ""
        if not told.mistakes and (told.added or told.changed):
            try:
                digest = ask.desk.kept.keep(ask.by, upload.path)
            except OSError:
                return refusal(ask, HTTPStatus.INSUFFICIENT_STORAGE)
        return _preview_page(ask, found, told, (name, digest), status=422 if told.mistakes else 200)


def confirm_import(ask: Ask) -> Response:
    """Carry out what was shown, all of it or nothing."""
    kept, digest = ask.desk.kept, ask.form.get("file", "")
    path, name = kept.find(ask.by, digest), shown(ask.form.get("name", ""), _MOST_NAME)
    if path is None:
        gone = say("The file is not here any more: it waits for an hour. Choose it again; nothing was changed.")
        return _import_page(ask, gone, 422)
    with kept.turn() as came:
        if not came:
            return _wait(ask)
        try:
            found = read_places(path, utc_day(ask.desk.store.now_ms()))
        except ConfigurationError as error:
            return _import_page(ask, _of_the_file(str(error), path, name), 422)
        told, is_done = _carry_out(ask, found)
        if not is_done:
            overtaken = say("What is registered has changed meanwhile; nothing was done. Look at it again.")
            return _preview_page(ask, found, told, (name, digest), error=overtaken, status=HTTPStatus.CONFLICT)
        kept.drop(ask.by)
    return go_to(f"/places?added={len(told.added)}&changed={len(told.changed)}&unchanged={told.unchanged}")


def _carry_out(ask: Ask, found: PlaceList) -> tuple[Preview, bool]:
    """Carry out a list if it would do what was shown; return what it would do, and whether it is done."""
    store = ask.desk.store
    try:
        with store.begin() as connection:
            told = compare(connection, found, store.now_ms())
            if told.mistakes or told.digest != ask.form.get("seen", ""):
                return told, False
            carry_out(connection, told)
            about = f"added {len(told.added)}, changed {len(told.changed)}, unchanged {told.unchanged}"
            audit.note(connection, store.now_ms(), ask.actor, Deed.PLACES_IMPORTED, about)
    except IntegrityError:  # somebody registered one of them at this moment
        with store.reading() as connection:
            return compare(connection, found, store.now_ms()), False
    return told, True


def _wait(ask: Ask) -> Response:
    told = say("Another list is being read at this moment; nothing was changed. Try again in a minute.")
    return message(ask, say("This did not work"), told, HTTPStatus.SERVICE_UNAVAILABLE, 60)


def _of_the_file(told: str, path: Path, name: str) -> str:
    """Return a sentence about a temporary file as one about the file that somebody has sent."""
    return told.replace(str(path), name)


def _preview_page(  # noqa: PLR0913 - what it shows
    ask: Ask, found: PlaceList, told: Preview, file: tuple[str, str], *, error: str = "", status: int = 200
) -> Response:
    counts = {"added": len(told.added), "changed": len(told.changed), "unchanged": told.unchanged}
    changes = list(islice(_changes(ask, told), _SHOWN + 1))
    return page(
        ask,
        "places_preview.html",
        say("What {file} would change", file=file[0]),
        status,
        error=error,
        file=file,
        seen=told.digest,
        counts={name: number(count, ",") for name, count in counts.items()},
        does_something=bool(told.added or told.changed),
        mistakes=[(one, say(LABELS[one.column]) if one.column in LABELS else one.column) for one in told.mistakes][
            :_SHOWN
        ],
        more_mistakes=max(0, len(told.mistakes) - _SHOWN),
        added=told.added[:_SHOWN],
        more_added=max(0, len(told.added) - _SHOWN),
        changes=changes[:_SHOWN],
        more_changes=len(changes) > _SHOWN,
        near=list(found.near.items()),
        passed_over=found.columns[:_SHOWN],
    )


def _changes(ask: Ask, told: Preview) -> Iterator[Change]:
    for before, after in told.changed:
        now = asdict(after.place)
        for name, label in LABELS.items():
            if getattr(before.place, name) != now[name]:
                was, will_be = (told_field(ask, one.place, name) for one in (before, after))
                yield Change(before.place.name, say(label), was, will_be)


def blank_file(ask: Ask) -> Response:
    """Return a list without a place, to be filled in."""
    kind = str(ask.given["kind"])
    if kind not in _KINDS:
        return refusal(ask, 404)
    with TemporaryDirectory(prefix="gate-hub-") as folder:
        path = Path(folder) / f"places.{kind}"
        blank_list(path, ask.language)
        return _sent(path, f"places-blank.{kind}")


def export_places(ask: Ask) -> Response:
    """Return the places that the address asks for as a list that an import takes back."""
    kind, store = str(ask.given["kind"]), ask.desk.store
    if kind not in _KINDS:
        return refusal(ask, 404)
    with ask.desk.kept.turn() as came:
        if not came:
            return _wait(ask)
        with store.reading() as connection:
            records = every_place(connection, seen_places(ask), filters_of(ask))
        with TemporaryDirectory(prefix="gate-hub-") as folder:
            path = Path(folder) / f"places.{kind}"
            try:
                export(records, path)
            except OSError:
                return refusal(ask, HTTPStatus.INSUFFICIENT_STORAGE)
            answer = _sent(path, f"places-{utc_day(store.now_ms())}.{kind}")
    with store.begin() as connection:
        audit.note(connection, store.now_ms(), ask.actor, Deed.PLACES_EXPORTED, f"{len(records)} {kind}")
    return answer


def _sent(path: Path, name: str) -> Response:
    """Return the content of a file that is removed meanwhile, piece by piece."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(path.stat().st_size),
    }
    return StreamingResponse(_pieces(path.open("rb")), 200, headers, _KINDS[path.suffix[1:]])


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece
