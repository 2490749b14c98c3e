"""``./setup.sh bench trust``: what it costs to know who this is and whether to believe it."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from device.clock import ClockReading, ClockState
from device.credential import TrustList, recognise, signature_fault
from device.errors import shown
from device.model import Credential, Direction, Reason, Verification
from device.policy import Recent, Situation, decide
from device.policy.rules import (
    PCR,
    Capacity,
    CertificateRules,
    DoseRule,
    EntryRules,
    LabTestRule,
    OpeningHours,
    Policy,
    RecoveryRule,
)
from tests.bench.vectors import VALID, judge_folder
from tests.support.hostile import Hostile, hostile_certificates, hostile_texts, trust_of
from tests.support.issuer import ISSUED_S, Issuer

GOALS_US = {
    "verify_es256_us": 1_000,
    "verify_ps256_us": 1_000,
    "recognise_pipe_us": 50,
    "decide_us": 50,
    "hostile_slowest_us": 1_000,
}
"""Each figure is to stay below this."""

PIPE_FORMATS = tuple(
    text.encode()
    for text in (
        "051090001234|NGUYEN VAN THU|1990-03-05|0|163200000000000001|<1<GD4515120000001<0900000001",
        "051090001234|212345678|Nguyễn Văn Thử|05031990|Nam|Tổ 3, Phường Nghĩa Lộ, Quảng Ngãi|15042021",
        (
            "5120000001|4e677579e1bb856e2056c4836e205468e1bbad|05/03/1990|1|-|51 - 001|01/01/2022|-|05/01/2022"
            "|51015120000001|-|4| 01/01/2027|1a2b3c4d5e6f7081-1202|4|54e1bb896e68205175e1baa36e67204e67c3a369|$"
        ),
        "051090001234",
    )
)


@dataclass(frozen=True, slots=True)
class TrustFigures:
    """What was measured; times are medians in microseconds.

    Attributes:
        verify_es256_us: one HC1 certificate, from text to checked signature, ES256.
        verify_ps256_us: the same with PS256 (RSA 2048).
        recognise_pipe_us: the slowest of the pipe formats.
        decide_us: one decision, of a policy that asks for everything.
        hostile_slowest_us: the slowest hostile text or certificate.
        hostile_slowest: which one that is.
        hostile: how many were tried.
        wrong: those that did not end in the reason they should; good news when empty.
    """

    verify_es256_us: float
    verify_ps256_us: float
    recognise_pipe_us: float
    decide_us: float
    hostile_slowest_us: float
    hostile_slowest: str
    hostile: int
    wrong: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what ``./setup.sh bench trust`` takes."""
    parser.add_argument("--rounds", type=int, default=500, help="how often each thing is done (default 500)")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument(
        "--vectors", type=Path, metavar="DIR", help="judge the published test vectors in this folder, and time nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; 0, or 1 when a hostile text had another answer than it must have, or a vector was let in."""
    if arguments.vectors is not None:
        return _run_vectors(arguments.vectors, as_json=arguments.json)
    figures = measure(max(arguments.rounds, 1))
    if arguments.json:
        print(json.dumps(asdict(figures)))
    else:
        _tell(figures)
    for name in figures.wrong:
        print(f"wrong answer to: {name}", file=sys.stderr)
    return 1 if figures.wrong else 0


def _run_vectors(folder: Path, *, as_json: bool) -> int:
    """Judge a folder of vectors and print the table; 1 when there is none, or one was falsely accepted."""
    judged = judge_folder(folder)
    if not judged:
        print(f"{shown(str(folder), 4_096)}: no vectors here (*.json)", file=sys.stderr)
        return 1
    accepted = [one.name for one in judged if one.false_accept]
    if as_json:
        print(json.dumps([asdict(one) for one in judged]))
        return 1 if accepted else 0
    for expected in sorted({one.expected for one in judged}, key=lambda name: (name != VALID, name)):
        own = [one for one in judged if one.expected == expected]
        word = "valid" if expected == VALID else f"{expected.removeprefix('EXPECTED').lower()} fails"
        print(f"{word}: {sum(one.as_expected for one in own)} of {len(own)} as expected")
    print(f"all: {sum(one.as_expected for one in judged)} of {len(judged)} as expected, {len(accepted)} false accepts")
    for one in judged:
        if not one.as_expected:
            print(shown(f"exception: {one.name}: {one.told}", 4_096))
    return 1 if accepted else 0


def measure(rounds: int) -> TrustFigures:
    """Do everything *rounds* times (hostile texts a tenth of that)."""
    signer, rsa = Issuer.es256(), Issuer.ps256()
    certificates = [_verification_us(issuer, TrustList([issuer.trusted()]), rounds) for issuer in (signer, rsa)]
    cases = [*hostile_texts(), *hostile_certificates(signer, rsa)]
    trust = trust_of(signer, rsa)
    tried = [(_median_us(partial(recognise, case.payload, trust), rounds // 10 + 1), case) for case in cases]
    slowest_us, slowest = max(tried, key=lambda pair: pair[0])
    return TrustFigures(
        verify_es256_us=certificates[0],
        verify_ps256_us=certificates[1],
        recognise_pipe_us=max(_median_us(partial(recognise, text), rounds) for text in PIPE_FORMATS),
        decide_us=_decision_us(signer, trust, rounds),
        hostile_slowest_us=slowest_us,
        hostile_slowest=slowest.name,
        hostile=len(cases),
        wrong=tuple(case.name for case in cases if reason_of(case, trust) is not case.reason),
    )


def reason_of(case: Hostile, trust: TrustList) -> Reason | None:
    """Return the reason the gate gives for it; ``None`` when it would be believed."""
    claim = recognise(case.payload, trust)
    if not isinstance(claim, Credential):
        return claim.reason
    return None if claim.certificate is None else signature_fault(claim.certificate)


def _verification_us(issuer: Issuer, trust: TrustList, rounds: int) -> float:
    text = issuer.issue()
    claim = recognise(text, trust)
    assert isinstance(claim, Credential)
    assert claim.verified is Verification.YES
    return _median_us(partial(recognise, text, trust), rounds)


def _decision_us(issuer: Issuer, trust: TrustList, rounds: int) -> float:
    """Decide on a card and on a certificate, with rules for everything; the slower one."""
    dose, test = DoseRule(doses=2, min_days=14), LabTestRule({PCR: 72 * 3_600_000})
    rules = CertificateRules(
        signer_countries=frozenset({"VN"}),
        grant=EntryRules(vaccination=dose, recovery=RecoveryRule(max_days=180)),
        refer=EntryRules(vaccination=DoseRule(min_days=14), test=test),
    )
    always = OpeningHours(frozenset(range(7)), 0, 1_440)
    policy = Policy("bench", certificates=rules, hours=(always,), capacity=Capacity(100))
    at = ClockReading("0" * 32, 0, ISSUED_S * 1000, ClockState.SYNCHRONISED)
    claims = [
        claim for text in (PIPE_FORMATS[0], issuer.issue()) if isinstance(claim := recognise(text, trust), Credential)
    ]
    situation = Situation(policy, Recent(), Direction.IN, at)
    return max(_median_us(partial(decide, claim, situation), rounds) for claim in claims)


def _median_us(work: Callable[[], object], rounds: int) -> float:
    taken_ns = []
    for _ in range(rounds):
        began_ns = time.perf_counter_ns()
        work()
        taken_ns.append(time.perf_counter_ns() - began_ns)
    return round(statistics.median(taken_ns) / 1_000, 1)


def _tell(figures: TrustFigures) -> None:
    lines = {
        "verify_es256_us": "HC1 certificate verified, ES256, p50",
        "verify_ps256_us": "HC1 certificate verified, PS256, p50",
        "recognise_pipe_us": "pipe format recognised, slowest, p50",
        "decide_us": "decision, p50",
        "hostile_slowest_us": f"hostile text, slowest of {figures.hostile} ({figures.hostile_slowest}), p50",
    }
    for name, line in lines.items():
        measured, goal = getattr(figures, name), GOALS_US[name]
        print(f"{line}: {measured:.1f} us, goal {goal} us: {'ok' if measured < goal else 'MISSED'}")
    print(f"hostile texts that ended in their reason: {figures.hostile - len(figures.wrong)} of {figures.hostile}")
