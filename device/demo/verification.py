"""Verification at the end of a demo: rows in SQLite, rows at the hub and recorded pins against the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from device.crypto.sealed_body import Body
from device.crypto.sealing import unseal
from device.demo.stage import Stage
from device.demo.video import Window
from device.demo.visitors import Role
from device.gate.registrar import Answer
from device.model import CodeKind, Cue, Output, SealedRow
from device.store.reading import LedgerReader
from device.words import sentence

_LIT_MS = 1500
"""How long after the frame of an answer its lamps are looked for."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One row read back from the gate's ledger and opened with the hub's key."""

    row: SealedRow
    body: Body

    @property
    def kind(self) -> CodeKind | None:
        """What was shown; ``None`` for a manual check-in."""
        return self.body.credential.kind if self.body.credential else None


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """The result for one scripted visitor.

    Attributes:
        role: what was expected.
        answers: what the gate answered while the visitor was in view.
        recorded: what the ledger says of those answers.
        delivered: the rows of those that the hub has.
        faults: what differs from the script, in words; empty when all agrees.
    """

    role: Role
    answers: tuple[Answer, ...]
    recorded: tuple[Recorded, ...]
    delivered: tuple[int, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The three counts that must agree.

    Attributes:
        shown: answers that only somebody who was recorded gets, as the recorded pins have them.
        recorded: rows read back from SQLite.
        delivered: rows the hub says it has; -1 when its list is not the ledger's.
        passages: recorded rows that are no repeats.
        passages_delivered: the same as the hub counts them.
    """

    shown: int
    recorded: int
    delivered: int
    passages: int
    passages_delivered: int

    @property
    def agree(self) -> bool:
        """Return whether nothing was lost and nothing came twice."""
        return self.shown == self.recorded == self.delivered and self.passages == self.passages_delivered


def recorded(stage: Stage) -> dict[int, Recorded]:
    """Read every row back from the gate's ledger, by sequence number, each proved by the chain."""
    keys = stage.hub_folder.private_keys()
    with LedgerReader(stage.store) as ledger:
        return {
            row.seq: Recorded(row, unseal(keys[row.key_id], ledger.device_id, ledger.epoch, row))
            for row in ledger.rows()
        }


def delivered(stage: Stage) -> tuple[list[int], dict[str, int]]:
    """Ask the hub over HTTP: the sequence numbers it has, as they arrived, and its own counts."""
    found: list[int] = []
    after: int | None = 0
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {stage.hub_folder.operator_token().reveal()}"

        def ask(path: str, **parameters: int) -> Any:  # noqa: ANN401 - whatever JSON the hub sends
            response = session.get(f"{stage.hub.url}/v1/{path}", params=parameters, timeout=10)
            response.raise_for_status()
            return response.json()

        while after is not None:
            page = ask("checkins", after=after, limit=100)
            found += [int(row["seq"]) for row in page["checkins"]]
            after = page["next"]
        return found, ask("count")


def totals(stage: Stage, rows: dict[int, Recorded], at_hub: list[int], counts: dict[str, int]) -> Totals:
    """Count what was shown, recorded and delivered."""
    return Totals(
        shown=sum(_said_recorded(stage, answer) for answer in stage.answers),
        recorded=len(rows),
        delivered=counts["checkins"] if sorted(at_hub) == sorted(rows) else -1,
        passages=sum(found.row.counted for found in rows.values()),
        passages_delivered=counts["counted"],
    )


def outcomes(
    stage: Stage, roles: tuple[Role, ...], shown: list[Window], rows: dict[int, Recorded], at_hub: list[int]
) -> list[VisitOutcome]:
    """Compare what happened to each visitor with the script."""
    found = []
    for role, (first, end) in zip(roles, shown, strict=True):
        answers = tuple(a for a in stage.answers if a.reading and first <= a.reading.frame_seq < end)
        seqs = [a.seq for a in answers if a.seq is not None]
        written = tuple(rows[seq] for seq in seqs if seq in rows)
        there = tuple(seq for seq in at_hub if seq in seqs)
        faults = tuple(_faults(role, answers, written, there, stage))
        found.append(VisitOutcome(role, answers, written, there, faults))
    return found


def _faults(
    role: Role, answers: tuple[Answer, ...], written: tuple[Recorded, ...], there: tuple[int, ...], stage: Stage
) -> list[str]:
    if len(answers) != 1:
        return [sentence("there was not one answer")]
    answer = answers[0]
    faults = []
    if (answer.cue, answer.reason) != (role.cue, role.reason):
        faults.append(sentence("the lamp says otherwise"))
    if _was_lit(stage, answer, Output.GREEN) != (role.cue is Cue.GRANTED):
        faults.append(sentence("the green pin says otherwise"))
    wanted = [] if role.kind is None else [(role.kind, role.reason, role.counted)]
    if [(w.kind, w.body.reason, w.row.counted) for w in written] != wanted:
        faults.append(sentence("the ledger says otherwise"))
    if list(there) != [w.row.seq for w in written]:
        faults.append(sentence("the hub says otherwise"))
    return faults


def _said_recorded(stage: Stage, answer: Answer) -> bool:
    """Return whether cue and recorded pins say GRANTED, REFERRED or DENIED: each stands for a row."""
    lamp = {Cue.GRANTED: Output.GREEN, Cue.REFERRED: Output.RED, Cue.DENIED: Output.RED}.get(answer.cue)
    return lamp is not None and _was_lit(stage, answer, lamp)


def _was_lit(stage: Stage, answer: Answer, lamp: Output) -> bool:
    """Return whether the recorded pins show this lamp lit for this answer."""
    assert stage.pins is not None
    assert answer.reading is not None
    seen_ms = answer.reading.captured_ms
    return any(lamp in state.lit for state in stage.pins.between(seen_ms, seen_ms + _LIT_MS))
