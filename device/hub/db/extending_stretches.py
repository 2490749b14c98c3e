"""New rows of a ledger: what is stored of each, which stretches are new or change, which clocks lie. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from device.hub.db.intervals import Interval, Point, follows_in_boot, narrowed, slew_ms
from device.hub.db.stretches import NEAR, Bounds, Stretch


@dataclass(slots=True)
class Extension:
    """What new rows come to.

    Attributes:
        stored: what is stored of each.
        known: when the last of them was, without any gate's clock.
        stretches: those that are new or have changed.
        liars: boots whose claims do not count from now on.
    """

    stored: list[Interval]
    known: Interval
    stretches: list[Stretch]
    liars: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Run:
    """Neighbouring points of one boot in a chain, contacts among them."""

    points: list[Point]
    known: list[Interval]
    rows: list[int]  # places in `points` that are new rows
    goes_on: Stretch | None = None
    own: list[Interval] | None = None
    claims: bool = False

    def first_latest_ms(self, claimed: Bounds) -> int:
        """Return the latest moment of its first row, or of the first of the stretch that it goes on with."""
        first = self.points[self.rows[0]].monotonic_ms if self.goes_on is None else self.goes_on.first_monotonic_ms
        return claimed.at(first).latest_ms


def extend(  # noqa: PLR0913, PLR0917 - what there is to know
    seqs: Sequence[int],
    points: Sequence[Point],
    head: Point | None,
    last: Stretch | None,
    contacts: Mapping[str, Sequence[Point]],
    liars: Collection[str],
    before: Callable[[], Sequence[Stretch]],
) -> Extension:
    """Find when new rows were.

    Args:
        seqs: their numbers.
        points: they themselves, in order; ``known`` is what their arrival tells.
        head: the row before them, what is stored of it as its claim; ``None`` when there is none.
        last: the stretch of *head*; ``None`` when it has none.
        contacts: of each of the boots, in order.
        liars: those of the boots whose claims do not count.
        before: gives up to `NEAR` stretches before those rows, *last* included and without those of liars; asked only
            when a claim has to be compared.
    """
    chain = _merged([*([] if head is None else [head]), *points], contacts)
    known = narrowed([point for point, _ in chain])
    first_row = 0 if head is None else 1
    if known is None:
        return _by_arrival(seqs, points)
    runs = _runs(chain, known, first_row)
    if head is not None and last is not None and last.known is not None and runs[0].points[0] is head:
        runs[0].goes_on = last
    lying = {run.points[0].boot_id for run in runs if run.points[0].boot_id in liars}
    found = set[str]()
    for run in runs:
        _claim(run, lying)
        if run.own is None:
            found.add(run.points[0].boot_id)
    found |= _contradicting(runs, found | lying, before)
    return _extension(seqs, runs, lying | found, found)


def _by_arrival(seqs: Sequence[int], points: Sequence[Point]) -> Extension:
    """The hub's own clock has jumped, or a gate's monotonic time is none."""
    stretches = [
        Stretch(seq, point.boot_id, point.monotonic_ms, point.monotonic_ms, None)
        for seq, point in zip(seqs, points, strict=True)
    ]
    kept = [one for one, former in zip(stretches, [None, *stretches], strict=False) if not _same(former, one)]
    return Extension([point.known for point in points], points[-1].known, kept)


def _same(former: Stretch | None, one: Stretch) -> bool:
    return former is not None and former.boot_id == one.boot_id


def _merged(points: Sequence[Point], contacts: Mapping[str, Sequence[Point]]) -> list[tuple[Point, int | None]]:
    """Put the contacts of each boot among its points; a point keeps its place, a contact has none."""
    chain: list[tuple[Point, int | None]] = []
    waiting: list[Point] = []
    left = dict(contacts)
    for index, point in enumerate(points):
        if index == 0 or points[index - 1].boot_id != point.boot_id:
            chain += [(contact, None) for contact in waiting]
            waiting = list(left.pop(point.boot_id, ()))
        while waiting and waiting[0].monotonic_ms <= point.monotonic_ms:
            chain.append((waiting.pop(0), None))
        chain.append((point, index))
    return chain + [(contact, None) for contact in waiting]


def _runs(chain: Sequence[tuple[Point, int | None]], known: Sequence[Interval], first_row: int) -> list[_Run]:
    runs: list[_Run] = []
    former: Point | None = None
    points, of_points, rows = list[Point](), list[Interval](), list[int]()
    for (point, index), interval in zip(chain, known, strict=True):
        if former is None or not follows_in_boot(former, point):
            points, of_points, rows = [], [], []
            runs.append(_Run(points, of_points, rows))
        if index is not None and index >= first_row:
            rows.append(len(points))
        points.append(point)
        of_points.append(interval)
        former = point
    return runs


def _claim(run: _Run, lying: Collection[str]) -> None:
    """Narrow a run by its own claims; ``own`` stays ``None`` when these contradict each other."""
    both: list[Interval] = []
    for (boot_id, _, _, claim), interval in zip(run.points, run.known, strict=True):
        if claim is None or boot_id in lying or not claim.overlaps(interval):
            both.append(interval)
        else:
            both.append(interval.intersection(claim))
            run.claims = True
    run.own = narrowed(run.points, both) if run.claims else run.known


def _contradicting(runs: Sequence[_Run], lying: Collection[str], before: Callable[[], Sequence[Stretch]]) -> set[str]:
    """Return boots to disbelieve: those of which one claims to be over after a later one claims to have begun.

    Each claim is compared with the last `NEAR` before it, so the work of a batch is bounded whatever it says.
    """
    liars = set[str]()
    ends: list[tuple[str, int]] | None = None
    passed_ms = 0  # within boots since the first run, at least
    for run in runs:
        if not run.rows:
            continue
        boot_id, claimed = run.points[0].boot_id, None
        if run.claims and run.own is not None and boot_id not in lying and boot_id not in liars:
            fresh = Bounds.of(run.points, run.own)
            claimed = fresh if run.goes_on is None or run.goes_on.claimed is None else run.goes_on.claimed.best(fresh)
        if ends is None and (run is not runs[-1] or (claimed is not None and _is_earlier(run, claimed))):
            ends = _ends(before(), run.goes_on, lying)
        if ends is None:
            break
        if claimed is not None:
            start_ms = run.first_latest_ms(claimed) - passed_ms
            against = {other for other, end_ms in ends[-NEAR:] if end_ms > start_ms}
            if against:
                liars |= {boot_id, *against}
                ends = [(other, end_ms) for other, end_ms in ends if other not in liars]
        passed_ms += _span_ms(run)
        if claimed is not None and run.own is not None and boot_id not in liars:
            ends.append((boot_id, run.own[run.rows[-1]].earliest_ms - passed_ms))
    return liars


def _is_earlier(run: _Run, claimed: Bounds) -> bool:
    """Return whether a run may begin earlier than what has been compared already."""
    former = None if run.goes_on is None else run.goes_on.claimed
    return former is None or claimed.latest != former.latest


def _span_ms(run: _Run) -> int:
    first = run.points[run.rows[0]].monotonic_ms if run.goes_on is None else run.goes_on.first_monotonic_ms
    passed_ms = run.points[run.rows[-1]].monotonic_ms - first
    return passed_ms - slew_ms(passed_ms)


def _ends(stretches: Sequence[Stretch], goes_on: Stretch | None, lying: Collection[str]) -> list[tuple[str, int]]:
    """Return the boots of stretches that claim something, and the earliest end of each as seen from behind all."""
    ends: list[tuple[str, int]] = []
    passed_ms = 0
    for stretch in reversed(stretches):
        if goes_on is not None and stretch.first_seq == goes_on.first_seq:
            continue
        if stretch.known is None:
            break
        if stretch.claimed is not None and stretch.boot_id not in lying:
            ends.append((stretch.boot_id, stretch.at(stretch.last_monotonic_ms).earliest_ms + passed_ms))
        passed_ms += stretch.least_ms
    return ends[::-1]


def _extension(seqs: Sequence[int], runs: Sequence[_Run], lying: Collection[str], new_liars: set[str]) -> Extension:
    stored: list[Interval] = []
    stretches: list[Stretch] = []
    known = runs[-1].known[-1]
    for run in runs:
        former = run.goes_on
        if not run.rows and former is None:
            continue
        first, final = run.points[run.rows[0] if run.rows else 0], run.points[run.rows[-1] if run.rows else 0]
        believed = run.own is not None and first.boot_id not in lying
        own = run.own if believed and run.own is not None else run.known
        made = Stretch(
            seqs[len(stored)] if former is None else former.first_seq,
            first.boot_id,
            first.monotonic_ms if former is None else former.first_monotonic_ms,
            final.monotonic_ms,
            Bounds.of(run.points, run.known),
            Bounds.of(run.points, own) if believed and run.claims else None,
        )
        if former is not None:
            kept = former.claimed if believed else None
            assert made.known is not None
            assert former.known is not None
            claimed = kept if made.claimed is None else made.claimed if kept is None else kept.best(made.claimed)
            made = replace(made, known=former.known.best(made.known), claimed=claimed)
        stretches.append(made)
        stored += [own[place] for place in run.rows]
        known = run.known[run.rows[-1] if run.rows else 0]
    return Extension(stored, known, stretches, new_liars)
