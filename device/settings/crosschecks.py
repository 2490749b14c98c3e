"""Checks between keys of the site file: pins used twice, a replay without pictures, cues that could mislead.

These look at the literal tree, not at the checked site, so that they speak even when something else
in the file is wrong. They are silent about anything that is malformed: the schema speaks of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from device.model import Cue, Output, Reason
from device.policy.cues import OUTCOMES, OWN_REASONS, PATTERNS
from device.settings.choices import SyncKind
from device.settings.keys import fields
from device.settings.schema import PolicySection
from device.settings.tree import Located, Path, Scalar, Tree
from device.settings.validate import Finding
from device.settings.values import milliseconds, read_pin
from device.settings.wiring import INPUTS, PinsSection
from device.words import say

_Seen = tuple[tuple[frozenset[Output], int], ...]
_Lit = list[tuple[frozenset[Output], int]]
_SEEN_MS = 80
"""Two lights that differ by less look equally long."""
_LAMPS = frozenset({Output.GREEN, Output.RED, Output.AMBER})
_ONLY_GRANTED = frozenset({Output.GREEN, Output.RELAY})
_FIXED_PULL_UP = frozenset({2, 3})
"""1.8 kOhm on the board, of the header's I2C bus (Raspberry Pi schematics)."""
_MAY_BE_DARK = frozenset({Cue.STARTING, Cue.READY})


def crosschecks(located: Located) -> Iterator[Finding]:
    """Yield what is wrong between the keys of a site file."""
    yield from _pins_used_twice(located)
    yield from _pull_ups_that_stay(located)
    yield from _replay_without_pictures(located)
    yield from _lists_with_repeats(located)
    yield from _policy_in_two_places(located)
    yield from _two_centres_or_none(located)
    yield from _sources_that_cannot_be(located)
    yield from _misleading_cues(located)
    yield from _switch_without_two_ways(located)
    yield from _misleading_answers(located)


def at(tree: Tree, *path: str) -> Tree | None:
    """Return what stands at *path*; ``None`` when there is nothing."""
    for part in path:
        if not isinstance(tree, dict) or part not in tree:
            return None
        tree = tree[part]
    return tree


def _section(located: Located, *path: str) -> dict[str, Tree]:
    found = at(located.tree, *path)
    return found if isinstance(found, dict) else {}


def _pins_used_twice(located: Located) -> Iterator[Finding]:
    users: dict[int, list[Path]] = {}
    for name, written in _section(located, "pins").items():
        if name in fields(PinsSection) and name not in {"driver", "chip"}:
            alone = isinstance(written, Scalar)
            value = written if alone else at(written, "pin")
            number = read_pin(value.text) if isinstance(value, Scalar) else None
            if number is not None:
                users.setdefault(number, []).append(("pins", name) if alone else ("pins", name, "pin"))
    for number, paths in users.items():
        for path in paths:
            others = [
                say("pins.{name} (line {line})", name=p[1], line=located.values[p].line) for p in paths if p != path
            ]
            if others:
                used = say(" and ").join(others)
                yield Finding(path, say("pin {number} is also used by {others}", number=number, others=used))


def _pull_ups_that_stay(located: Located) -> Iterator[Finding]:
    """A button that connects its pin to 3.3 V needs a pull-down, which GPIO 2 and 3 cannot have."""
    for name in INPUTS:
        number, pull_up = at(located.tree, "pins", name, "pin"), at(located.tree, "pins", name, "pull_up")
        fixed = isinstance(number, Scalar) and read_pin(number.text) in _FIXED_PULL_UP
        if fixed and isinstance(pull_up, Scalar) and pull_up.text == "false":
            what = say("this pin has a fixed pull-up; let the button connect it to ground (true), or take another pin")
            yield Finding(("pins", name, "pull_up"), what)


def _replay_without_pictures(located: Located) -> Iterator[Finding]:
    source = at(located.tree, "camera", "source")
    if isinstance(source, Scalar) and source.text == "replay" and at(located.tree, "camera", "replay", "path") is None:
        yield Finding(
            ("camera", "replay", "path"),
            say("missing; camera.source is replay, so name an image, a folder or a .y4m video"),
            at_key=True,
        )


def _lists_with_repeats(located: Located) -> Iterator[Finding]:
    accept = at(located.tree, "policy", "accept")
    yield from repeats(accept, ("policy", "accept"))
    yield from repeats(at(located.tree, "sync", "webhook", "fields"), ("sync", "webhook", "fields"))
    for path, beat in _beats(located):
        yield from repeats(at(beat, "lines"), (*path, "lines"))


def _two_centres_or_none(located: Located) -> Iterator[Finding]:
    kind = at(located.tree, "sync", "kind")
    if not isinstance(kind, Scalar) or kind.text != SyncKind.WEBHOOK:
        return
    if at(located.tree, "sync", "webhook") is None:
        what = say("missing; sync.kind is webhook, so say where and what to send")
        yield Finding(("sync", "webhook"), what, at_key=True)
    if "hub" in located.tree:
        yield Finding(("hub",), say("sync.kind is webhook, so there is no hub; remove this section"), at_key=True)


def _policy_in_two_places(located: Located) -> Iterator[Finding]:
    policy = _section(located, "policy")
    for name in policy if "file" in policy else ():
        if name not in {"file", "from"} and name in fields(PolicySection):
            yield Finding(("policy", name), say("the policy's own file says this; remove it here"), at_key=True)


def _sources_that_cannot_be(located: Located) -> Iterator[Finding]:
    """A policy or trust list comes from one side, and from a hub only where there is one."""
    for section in ("policy", "trust"):
        written = at(located.tree, section)
        source = at(located.tree, section, "from")
        from_hub = isinstance(source, Scalar) and source.text == "hub"
        has_file = at(located.tree, section, "file") is not None
        if from_hub and has_file:
            yield Finding((section, "file"), say("from: hub takes it from the hub; remove one of the two"), at_key=True)
        if from_hub and at(located.tree, "hub") is None:
            yield Finding((section, "from"), say("there is no hub; write a hub section, or from: site"))
        if section == "trust" and isinstance(written, dict) and not from_hub and not has_file:
            yield Finding(("trust", "file"), say("missing; write it, like file: trust.json, or from: hub"), at_key=True)


def repeats(items: Tree | None, path: Path) -> Iterator[Finding]:
    """Yield what stands twice in a list."""
    seen: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, Scalar):
            if item.text in seen and not item.empty:
                yield Finding((*path, index), say("listed twice; remove one"))
            seen.add(item.text)


def _beats(located: Located) -> Iterator[tuple[Path, Tree]]:
    for name, beats in _section(located, "cues").items():
        for index, beat in enumerate(beats if name in set(Cue) and isinstance(beats, list) else []):
            yield ("cues", name, index), beat


def _lines(beat: Tree) -> list[tuple[int, Output]]:
    """Return the lines of a beat with their place in its list."""
    items = at(beat, "lines")
    texts = [item.text if isinstance(item, Scalar) else "" for item in (items if isinstance(items, list) else [])]
    return [(index, Output(text)) for index, text in enumerate(texts) if text in set(Output)]


def _misleading_cues(located: Located) -> Iterator[Finding]:
    """Green and the relay are for granted alone, each cue shows a lamp, and no two look the same."""
    wired = _section(located, "pins")
    for path, beat in _beats(located):
        for index, line in _lines(beat):
            place = (*path, "lines", index)
            if line in _ONLY_GRANTED and path[1] != Cue.GRANTED:
                yield Finding(place, say("only granted may use {line}; people walk in when they see it", line=line))
            elif wired and line not in wired:
                yield Finding(place, say("there is no pins.{line}; add it there or leave {line} out here", line=line))
    yield from _cues_alike(located)


def _cues_alike(located: Located) -> Iterator[Finding]:
    patterns: dict[Cue, _Seen] = {
        cue: tuple((beat.outputs, beat.ms) for beat in pattern.beats) for cue, pattern in PATTERNS.items()
    }
    changed: list[Cue] = []
    for name, beats in _section(located, "cues").items():
        if name not in set(Cue) or not isinstance(beats, list) or not beats:
            continue
        cue = Cue(name)
        lit = {line for beat in beats for _, line in _lines(beat)}
        if cue is Cue.GRANTED and Output.GREEN not in lit:
            yield Finding(("cues", name), say("granted must light green"))
        elif not lit & _LAMPS and cue not in _MAY_BE_DARK:
            yield Finding(("cues", name), say("light at least one lamp; not everybody hears the buzzer"))
        else:
            patterns[cue] = tuple((frozenset(line for _, line in _lines(beat)), _ms(beat)) for beat in beats)
            changed.append(cue)
    wired = frozenset(Output(name) for name in _section(located, "pins") if name in _LAMPS) or _LAMPS
    seen = {cue: _as_seen(pattern, wired) for cue, pattern in patterns.items()}
    for cue in changed:
        for other in Cue:
            both_repeat = PATTERNS[cue].repeats and PATTERNS[other].repeats
            if other is not cue and _alike(seen[cue], seen[other], both_repeat=both_repeat):
                yield Finding(
                    ("cues", cue.value), say("looks the same as {other}; nobody could tell them apart", other=other)
                )


def _as_seen(beats: _Seen, wired: frozenset[Output]) -> _Lit:
    """Return what is seen of a pattern where only these lamps are wired; not everybody hears the buzzer."""
    found: _Lit = []
    for lines, ms in beats:
        lit = lines & wired
        before_ms = found.pop()[1] if found and found[-1][0] == lit else 0
        found.append((lit, before_ms + ms))
    return found


def _alike(one: _Lit, other: _Lit, *, both_repeat: bool) -> bool:
    """Return whether two patterns light the same in the same order, for about the same times.

    Those that repeat have no beginning that could be seen, nor one turn that is told from two.
    """
    if not both_repeat:
        return _close(one, other)
    turn, others = _one_turn(one), _one_turn(other)
    return any(_close(turn[at:] + turn[:at], others) for at in range(len(turn)))


def _close(one: _Lit, other: _Lit) -> bool:
    return [lit for lit, _ in one] == [lit for lit, _ in other] and all(
        abs(ms - others) < _SEEN_MS for (_, ms), (_, others) in zip(one, other, strict=True)
    )


def _one_turn(beats: _Lit) -> _Lit:
    """Join the end of a repeating pattern to its beginning, and leave out what only says it again."""
    if len(beats) > 1 and beats[0][0] == beats[-1][0]:
        beats = [(beats[0][0], beats[0][1] + beats[-1][1]), *beats[1:-1]]
    sizes = (size for size in range(1, len(beats) + 1) if len(beats) % size == 0)
    size = next(size for size in sizes if _close(beats[:size] * (len(beats) // size), beats))
    return beats[:size]


def _ms(beat: Tree) -> int:
    """Return how long a beat lasts; 0 when that is not written right."""
    written = at(beat, "for")
    return int(milliseconds(written.text) or 0) if isinstance(written, Scalar) else 0


def _switch_without_two_ways(located: Located) -> Iterator[Finding]:
    way = at(located.tree, "direction")
    if (
        at(located.tree, "pins", "out_switch") is not None
        and isinstance(way, Scalar)
        and way.text in {"out", "unknown"}
    ):
        yield Finding(("direction",), say("write in: pins.out_switch turns it to out while it is on"))


def _misleading_answers(located: Located) -> Iterator[Finding]:
    """Each reason has one cue, and what is no credential is never shown as refused or referred."""
    answers = at(located.tree, "answers")
    seen: set[str] = set()
    for index, answer in enumerate(answers if isinstance(answers, list) else []):
        reason, cue = at(answer, "reason"), at(answer, "cue")
        if not isinstance(reason, Scalar) or reason.text not in set(OWN_REASONS):
            continue
        if reason.text in seen:
            yield Finding(("answers", index, "reason"), say("listed twice; remove one"))
        seen.add(reason.text)
        judges = OUTCOMES[Reason(reason.text)].outcome is not None
        if not judges and isinstance(cue, Scalar) and cue.text in {Cue.REFERRED, Cue.DENIED}:
            yield Finding(("answers", index, "cue"), say("nobody was judged; write not-ours, unreadable or several"))
