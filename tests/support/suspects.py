"""Everybody who may have come to a gate, invented, with all that a thief may know of them beforehand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import cbor2

from device.demo.scenes.people import citizen_card, insurance_card, invent, national_code
from device.model import CheckIn
from tests.support.issuer import Issuer, certificate, text_of, token

_CARRY = {"national-code": 3, "card": 4, "long-card": 3, "insurance-card": 2, "certificate": 3, "number": 1}


@dataclass(frozen=True, slots=True)
class Suspect:
    """Somebody who may have come, with all that the thief knows of them.

    Attributes:
        payload: of the code they carry.
        check_in: what the gate would have written, were they to come (but for the time).
    """

    payload: bytes
    check_in: CheckIn


def payloads(people: int, seed: int, chance: random.Random, issuers: tuple[Issuer, Issuer]) -> Iterator[bytes]:
    """Draw what each carries: mostly cards, some certificates (a few by a signer nobody trusts), some bare numbers."""
    for number in range(people):
        person = invent(seed * 10_000 + number)
        match chance.choices(list(_CARRY), list(_CARRY.values()))[0]:
            case "national-code":
                yield national_code(person)
            case "card":
                yield citizen_card(person)
            case "long-card":
                yield citizen_card(person, fields=11)
            case "insurance-card":
                yield insurance_card(person, new=chance.random() < 0.5)
            case "certificate":
                family, _, given = person.name.partition(" ")
                named = {"fn": family, "gn": given, "fnt": family.upper(), "gnt": given.upper().replace(" ", "<")}
                said = certificate(chance.choice("vvtr"), ci=f"URN:UVCI:01:VN:{person.national_code_id}")
                said |= {"nam": named, "dob": person.birth.isoformat()}
                issuer = issuers[chance.random() < 0.2]
                yield text_of(issuer.message(cbor2.dumps(token(said))))
            case _:
                yield person.citizen_number.encode("ascii")
