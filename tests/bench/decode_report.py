"""The figures of ``./setup.sh bench decode``, as a table for people and as plain values for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.bench.decode_measure import Tallies, Tally, Walks
from tests.bench.decode_scenes import DARK_MODE, PHONE

NAIVE, OURS = "naive pyzbar", "ours"


@dataclass(slots=True)
class Figures:
    """Everything one run measured; what was not asked for is empty.

    Attributes:
        seed: of all that is drawn at random.
        kinds: single pictures, by kind.
        sweep: single pictures, by pixels a module.
        moving: frames without a code in which something moves.
        still: the same while nothing moves.
        bare: codes without a quiet zone, also by "any engine".
        hostile: frames made to be dear, by kind.
        dearest: of all their ways, the one that costs most: ours as a share of naive.
        walks: visitors who walk up, by decoder.
        texts: random Vietnamese payloads from perfect pictures, by decoder.
        photos: a folder of photos.
        decodes: how many decodes memory was watched over.
        grown_bytes: by how much it grew.
    """

    seed: int
    kinds: dict[str, Tallies] = field(default_factory=dict)
    sweep: dict[float, Tallies] = field(default_factory=dict)
    moving: Tallies = field(default_factory=dict)
    still: Tallies = field(default_factory=dict)
    bare: Tallies = field(default_factory=dict)
    hostile: dict[str, Tallies] = field(default_factory=dict)
    dearest: float = 0.0
    walks: dict[str, Walks] = field(default_factory=dict)
    texts: Tallies = field(default_factory=dict)
    photos: Tallies = field(default_factory=dict)
    decodes: int = 0
    grown_bytes: int = 0

    def all_kinds(self) -> Tallies:
        """Return the single pictures of all kinds together."""
        total: Tallies = {}
        for tallies in self.kinds.values():
            for name, tally in tallies.items():
                total.setdefault(name, Tally()).add(tally)
        return total

    def curves(self) -> dict[str, dict[float, float]]:
        """Return the read rate against pixels a module, by decoder."""
        return {name: {px: each[name].rate for px, each in self.sweep.items()} for name in (NAIVE, OURS)}

    def dark_mode(self, name: str) -> float | None:
        """Return how much of what a decoder reads upright it reads with light and dark turned round."""
        upright = self.kinds[PHONE][name].read
        return self.kinds[DARK_MODE][name].read / upright if upright else None


def as_json(figures: Figures) -> dict[str, object]:
    """Return the figures as values for JSON: rates from 0 to 1, times as milliseconds and as ratios to naive."""
    return {
        "seed": figures.seed,
        "pictures": {"all": _tallies(figures.all_kinds()), **{k: _tallies(v) for k, v in figures.kinds.items()}},
        "dark_mode_of_upright": {name: figures.dark_mode(name) for name in (NAIVE, OURS)} if figures.kinds else {},
        "without_a_code": {"moving": _tallies(figures.moving), "still": _tallies(figures.still)},
        "without_a_quiet_zone": _tallies(figures.bare),
        "made_to_be_dear": {kind: _tallies(found) for kind, found in figures.hostile.items()},
        "dearest_ratio": round(figures.dearest, 3),
        "approaches": {
            name: {
                "visits": walk.visits,
                "read": walk.read,
                "wrong": walk.wrong,
                "mean_frames_to_read": round(walk.mean_frames, 2),
                "cpu_ms": round(sum(walk.cpu_ms) / max(1, len(walk.cpu_ms)), 3),
            }
            for name, walk in figures.walks.items()
        },
        "texts": _tallies(figures.texts),
        "photos": _tallies(figures.photos),
        "read_rate_by_pixels_a_module": figures.curves(),
        "memory": {"decodes": figures.decodes, "grown_bytes": figures.grown_bytes},
    }


def _tallies(tallies: Tallies) -> dict[str, dict[str, float | None]]:
    return {
        name: {
            "pictures": tally.pictures,
            "read": tally.read,
            "rate": round(tally.rate, 4),
            "wrong": tally.wrong,
            "false": tally.false,
            "cpu_ms": round(tally.mean_ms, 3),
            "cpu_ratio": _ratio(tallies, name),
        }
        for name, tally in tallies.items()
    }


def _ratio(tallies: Tallies, name: str = OURS) -> float | None:
    """Return the time of a decoder as a share of naive's on the same pictures; ``None`` where none was taken."""
    base = tallies[NAIVE].mean_ms if NAIVE in tallies else 0.0
    return round(tallies[name].mean_ms / base, 4) if base and name in tallies else None


def as_table(figures: Figures) -> str:
    """Return a Markdown table; naive and ours side by side."""
    rows = [("", NAIVE, OURS), *_rows(figures)]
    first, second, third = (max(len(row[place]) for row in rows) for place in range(3))
    lines = [f"| {name:{first}} | {naive:>{second}} | {ours:>{third}} |" for name, naive, ours in rows]
    rule = f"|{'-' * (first + 2)}|{'-' * (second + 1)}:|{'-' * (third + 1)}:|"
    return "\n".join([lines[0], rule, *lines[1:]])


Row = tuple[str, str, str]


def _rows(figures: Figures) -> Iterator[Row]:
    if figures.photos:
        count = figures.photos[NAIVE].pictures
        yield _rates(f"read, {count} photos", figures.photos)
        yield _pair("wrong texts, false reads there", figures.photos, lambda t: f"{t.wrong}, {t.false}")
        yield _time("CPU, a photo", figures.photos)
    for kind, tallies in figures.kinds.items():
        yield _rates(f"read, {kind}", tallies)
    everything = figures.all_kinds()
    if everything:
        yield _rates(f"read, all {everything[NAIVE].pictures} pictures", everything)
        yield _pair("wrong texts there", everything, lambda t: str(t.wrong))
        dark = {name: _percent(figures.dark_mode(name)) for name in (NAIVE, OURS)}
        yield ("dark mode, of what is read upright", dark[NAIVE], dark[OURS])
        yield _time("CPU, a picture with a code", everything)
    if figures.moving:
        yield _time("CPU, a frame without a code, moving", figures.moving)
        yield _time("CPU, a frame without a code, still", figures.still)
        false = {name: figures.moving[name].false + figures.still[name].false for name in (NAIVE, OURS)}
        yield ("false reads there", str(false[NAIVE]), str(false[OURS]))
    if figures.bare:
        any_engine = figures.bare["any engine"]
        yield _pair(f"read, {any_engine.pictures} codes without a quiet zone", figures.bare, lambda t: str(t.read))
        yield ("any engine alone", "", str(any_engine.read))
    for kind, tallies in figures.hostile.items():
        yield _time(f"CPU, {kind}", tallies)
    if figures.hostile:
        yield ("the dearest of these, mean of its frames", "1", f"{figures.dearest:.3f}")
    yield from _walk_rows(figures)
    for name, tally in figures.texts.items():
        yield _text_row(name, tally)
    if figures.decodes:
        yield (f"memory growth over {figures.decodes} decodes", "", f"{figures.grown_bytes / 1e6:.2f} MB")


def _walk_rows(figures: Figures) -> Iterator[Row]:
    if not figures.walks:
        return
    naive, ours = figures.walks[NAIVE], figures.walks[OURS]
    yield (f"read, {ours.visits} visitors who walk up", str(naive.read), str(ours.read))
    anybody = set[int]().union(*(walk.who for name, walk in figures.walks.items() if name != OURS))
    both = f"{len(naive.who & anybody)} of {len(anybody)}", f"{len(ours.who & anybody)} of {len(anybody)}"
    yield ("of those that any engine alone reads", *both)
    yield ("wrong texts there", str(naive.wrong), str(ours.wrong))
    yield ("frames to read, mean", f"{naive.mean_frames:.1f}", f"{ours.mean_frames:.1f}")


def _text_row(name: str, tally: Tally) -> Row:
    words = f"{tally.read} of {tally.pictures}, {tally.wrong} wrong"
    label = f"exact Vietnamese texts, {name}"
    return (label, words, "") if name == NAIVE else (label, "", words)


def _pair(label: str, tallies: Tallies, say: Callable[[Tally], str]) -> Row:
    return (label, say(tallies[NAIVE]), say(tallies[OURS]))


def _rates(label: str, tallies: Tallies) -> Row:
    return _pair(label, tallies, lambda tally: _percent(tally.rate))


def _time(label: str, tallies: Tallies) -> Row:
    ratio = _ratio(tallies)
    return (label, "1", "–" if ratio is None else f"{ratio:.3f}")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
