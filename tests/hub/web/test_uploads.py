"""Files in forms: what is a form with files, what is not, and that nothing of one stays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from anyio import CapacityLimiter
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from device.errors import FileTooLarge
from device.hub.web.forms import MOST_BYTES
from device.hub.web.uploads import received
from tests.support.browser import multipart

MOST = 1 << 20
KIND = "multipart/form-data; boundary=x"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """Let temporary files be made where the test sees them."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    yield tmp_path
    tempfile.tempdir = before


def request(pieces: list[bytes], kind: str = KIND, length: int | None = None, *, breaks_off: bool = False) -> Request:
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    end: Message = {"type": "http.disconnect"} if breaks_off else {"type": "http.request", "body": b""}
    coming = iter([*messages, end])

    async def receive() -> Message:
        return next(coming)

    length = sum(map(len, pieces)) if length is None else length
    headers = [(b"content-type", kind.encode("latin-1")), (b"content-length", str(length).encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def taken(asked: Request) -> tuple[dict[str, str], dict[str, tuple[str, int, bytes]]]:
    """Return the fields, and of each file its name, size and content."""

    async def run() -> tuple[dict[str, str], dict[str, tuple[str, int, bytes]]]:
        async with received(asked, MOST, CapacityLimiter(1)) as (fields, files):
            return fields, {key: (one.name, one.size, one.path.read_bytes()) for key, one in files.items()}

    return anyio.run(run)


def status(asked: Request) -> int:
    with pytest.raises(HTTPException) as refused:
        taken(asked)
    return refused.value.status_code


def pieces_of(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 64_000, 10_000_000])
def test_fields_and_files_come_whole_however_the_body_is_cut(folder: Path, size: int) -> None:
    content = bytes(range(256)) * (4 if size == 1 else 2_000) + b"\r\n--x-\r\n--"
    kind, body = multipart({"why": "vì “thế”\r\n"}, {"list": ("bảng kê.csv", content)})
    fields, files = taken(request(pieces_of(body, size), kind))
    assert fields == {"why": "vì “thế”\r\n"}
    assert files == {"list": ("bảng kê.csv", len(content), content)}
    assert list(folder.iterdir()) == []


def test_a_field_for_which_no_file_was_chosen_is_none_and_an_empty_file_is_one() -> None:
    kind, body = multipart({}, {"none": ("", b""), "empty": ("a.csv", b"")})
    assert taken(request([body], kind)) == ({}, {"empty": ("a.csv", 0, b"")})


def test_the_name_of_a_file_says_nothing_about_where_it_is_kept(folder: Path) -> None:
    name = "../../etc/passwd"
    kind, body = multipart({}, {"../x": (name, b"1")})
    assert taken(request([body], kind))[1] == {"../x": (name, 1, b"1")}
    kind, body = multipart({}, {"list": ("x" * 5_000, b"1")})
    assert status(request([body], kind)) == 400
    assert list(folder.iterdir()) == []


def test_a_body_that_says_it_is_larger_is_refused_before_anything_of_it_is_read(folder: Path) -> None:
    asked = request([], KIND, 100 << 20, breaks_off=True)  # reading it would fail
    with pytest.raises(FileTooLarge) as refused:
        taken(asked)
    assert refused.value.most_bytes == MOST
    assert list(folder.iterdir()) == []


def part(name: str, value: bytes = b"1", more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


END = b"--x--\r\n"
FILE = '; filename="a"'


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"", "", 415),
        (END, "multipart/form-data", 415),
        (END, "multipart/form-data; boundary=" + "y" * 5_000, 400),
        (b"", KIND, 400),
        (b"nothing", KIND, 400),
        (part("a"), KIND, 400),
        (part("a", more=FILE), KIND, 400),
        (part("a") + part("a") + END, KIND, 400),
        (part("a\x00") + END, KIND, 400),
        (part("a", b"\x00") + END, KIND, 400),
        (part("a", b"\xff") + END, KIND, 400),
        (b"--x\r\n\r\n1\r\n" + END, KIND, 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n" + END, KIND, 400),
        (b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n' + END, KIND, 400),
        (b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\n1\r\n" + END, KIND, 400),
        (b"--x\r\nA: " + b"b" * 100_000 + b"\r\n\r\n1\r\n" + END, KIND, 400),
        (b"".join(part(f"a{number}") for number in range(21)) + END, KIND, 400),
        (b"".join(part(f"a{number}", more=FILE) for number in range(5)) + END, KIND, 400),
        (part("a", b"x" * MOST_BYTES + b"x") + END, KIND, 413),
        (part("a", b"x" * (MOST_BYTES // 2 + 1)) + part("b", b"x" * (MOST_BYTES // 2)) + END, KIND, 413),
    ],
)
def test_what_is_no_form_with_files_is_refused_and_leaves_nothing(
    folder: Path, body: bytes, kind: str, wanted: int
) -> None:
    assert status(request(pieces_of(body, 50_000), kind)) == wanted
    assert list(folder.iterdir()) == []


def test_a_body_that_breaks_off_leaves_nothing(folder: Path) -> None:
    assert status(request([part("a", b"x" * 300_000, FILE)], breaks_off=True)) == 400
    assert list(folder.iterdir()) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([b"--x", b"--", b"\r\n", b"\r", b"\n", b"x", b":", b";", b'"', b"\x00", b"\xff", b"Content-"])
        | st.sampled_from([part("a"), part("b", more=FILE), b"Content-Disposition: form-data; name=c", END])
        | st.binary(max_size=8),
        max_size=20,
    ),
    st.text(max_size=20).map(lambda text: f"multipart/form-data; boundary={text}".encode("ascii", "ignore").decode())
    | st.just(KIND),
)
def test_no_body_raises_anything_but_a_refusal(pieces: list[bytes], kind: str) -> None:
    try:
        taken(request(pieces, kind))
    except HTTPException as refused:
        assert refused.status_code in {400, 413, 415}  # noqa: PT017 - what was raised is the point
