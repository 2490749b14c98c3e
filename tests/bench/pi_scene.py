"""What the emulated Pi is given to see, drawn beforehand: a gate is installed without the demo's generators.

The demo's visitors, then an empty entrance for a while; a health certificate with the list that trusts it; two gates
that are enrolled, one before the visitors and one before the empty entrance; and this checkout's code.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import device
from device.demo.scenes.walk import FRAME_RATE, nobody
from device.demo.video import PAUSE, render_video
from device.demo.visitors import script
from device.enrolment import document as enrolment
from device.eye.pace import SIZES
from tests.support.fake_enrolment import enrolled
from tests.support.issuer import Issuer

if TYPE_CHECKING:
    from device.model import Luma

SIZE: Final = SIZES[0]
"""Of the frames: the largest, and usual, size that a gate asks a camera for."""
EMPTY: Final = 92
"""Frames of an empty entrance in which nothing moves, after the last visitor."""
RATE: Final = 3
"""Frames a second: so few that none is passed over while the dearest is decoded: every run looks at the same ones."""
_SITE: Final = """\
place: {{name: Chợ Mẫu, kind: market, province: Quảng Ngãi, location_qr: 0123456789abcdef0123aaaa}}
camera: {{source: replay, {size}silent_after: 60s, start_deadline: 2m,
  replay: {{path: {folder}/{video}, at_end: {at_end}}}}}
pins: {{driver: mock, green: 17, red: 27, buzzer: 18}}
presence: {{absence: 3s, unreadable_after: 5s}}
store: {{folder: {folder}/stores/{store}, volatile_ok: true}}
log: {{level: error}}
"""


def put_scene(beside: Path, inside: str, rounds: int, progress: Callable[[int, int], None]) -> None:
    """Lay everything into a folder.

    Args:
        beside: the folder, which is there.
        inside: what the machine calls it.
        rounds: how often the demo's visitors come.
        progress: called with how many of how many frames are drawn.
    """
    roles = tuple(role for seed in range(1, rounds + 1) for role in script(seed))
    shown = render_video(roles, beside / "visitors.y4m", 1, progress, SIZE)
    with (beside / "visitors.y4m").open("ab") as video:
        for luma in _nothing_moves(EMPTY):
            video.write(b"FRAME\n" + luma.tobytes())
    scene = {
        "visitors": [(role.title, first, end) for role, (first, end) in zip(roles, shown, strict=True)],
        "there": [(first, end - PAUSE) for first, end in shown],
        "between": [(end - PAUSE, end) for _, end in shown],
        "empty": shown[-1][1],
        "frames": shown[-1][1] + EMPTY,
        "rate": RATE,
    }
    (beside / "scene.json").write_text(json.dumps(scene), encoding="utf-8")
    _put_empty_video(beside)
    put_gates(beside, inside)
    put_certificate(beside)
    code = beside / "code" / "device"
    shutil.copytree(Path(device.__file__).parent, code, ignore=shutil.ignore_patterns("__pycache__", "demo", "hub"))


def put_gates(beside: Path, inside: str) -> None:
    """Lay down two gates that are enrolled; see `put_scene`."""
    size = f"size: {SIZE[0]}x{SIZE[1]}, frame_rate: {RATE}, "
    for store, name, at_end, asked in (("show", "visitors", "hold", size), ("empty", "empty", "loop", "")):
        (beside / "stores" / store).mkdir(parents=True)
        enrolment.write(beside / "stores" / store / "enrolment.json", enrolled("gate-0001"))
        site = _SITE.format(folder=inside, store=store, video=f"{name}.y4m", at_end=at_end, size=asked)
        (beside / f"{store}.yaml").write_text(site, encoding="utf-8")


def _put_empty_video(beside: Path) -> None:
    with (beside / "empty.y4m").open("wb") as video:
        video.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{FRAME_RATE}:1 Cmono\n".encode())
        for luma in _nothing_moves(15):
            video.write(b"FRAME\n" + luma.tobytes())


def _nothing_moves(frames: int) -> Iterator[Luma]:
    """Yield an empty entrance at one moment, each frame with a sensor's noise of its own."""
    for seed in range(frames):
        yield from nobody(1, 5_000 + seed, SIZE)


def put_certificate(beside: Path) -> None:
    """Lay down a health certificate and the list that trusts it."""
    issuer = Issuer.es256()
    trusted = issuer.trusted()
    key = issuer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    start, end = (
        datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for at_s in (trusted.not_before_s, trusted.not_after_s)
    )
    entry = {
        "kid": base64.b64encode(issuer.kid).decode(),
        "alg": "ES256",
        "key": base64.b64encode(key).decode(),
        "use": ["v"],
        "country": "VN",
        "not_before": start,
        "not_after": end,
    }
    (beside / "trust.json").write_text(json.dumps([entry]), encoding="utf-8")
    (beside / "certificate.txt").write_bytes(issuer.issue())
